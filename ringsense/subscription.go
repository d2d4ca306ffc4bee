package ringsense

import (
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// SubscriptionStatus says whether a subscription works.
type SubscriptionStatus string

// The statuses of a subscription. Others may be added by the service.
const (
	SubscriptionActive      SubscriptionStatus = "Active"
	SubscriptionBlacklisted SubscriptionStatus = "Blacklisted" // the address failed for too long; nothing is sent any longer
)

// Subscription is a subscription to events, as described on
// developers.ringcentral.com/guide/notifications/webhooks/creating-webhooks and
// in the vendor's API description.
type Subscription struct {
	// URI is the address of the subscription at the service, and ID what the
	// methods of [Client] take.
	URI string `json:"uri"`
	ID  string `json:"id"`
	// EventFilters are those that events are sent for. The service may write
	// the account's id where the request had "~".
	EventFilters []string `json:"eventFilters"`
	// DisabledFilters are those that the service has switched off, empty as a
	// rule.
	DisabledFilters []DisabledFilter `json:"disabledFilters"`
	// ExpirationTime is when the subscription ends unless it is renewed, and
	// ExpiresIn in how many seconds.
	ExpirationTime time.Time `json:"expirationTime"`
	ExpiresIn      int64     `json:"expiresIn"`
	// Status is SubscriptionActive as a rule.
	Status SubscriptionStatus `json:"status"`
	// CreationTime is when the subscription was made.
	CreationTime time.Time `json:"creationTime"`
	// DeliveryMode says where events are sent.
	DeliveryMode DeliveryMode `json:"deliveryMode"`
	// BlacklistedData says since when and why nothing is sent; nil unless Status
	// is SubscriptionBlacklisted.
	BlacklistedData *BlacklistedData `json:"blacklistedData"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`

	raw string
}

// RawJSON returns the exact text that the value was decoded from, with its line
// breaks, "" for a value made by hand.
func (s *Subscription) RawJSON() string { return s.raw }

// works reports whether events are sent.
func (s *Subscription) works() bool { return s.Status == SubscriptionActive || s.Status == "" }

func (s *Subscription) decode(d *jsonpull.Decoder) {
	mark := d.Mark()
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "uri":
			s.URI = d.String()
		case "id":
			s.ID = d.String()
		case "eventFilters":
			s.EventFilters = d.Strings()
		case "disabledFilters":
			s.DisabledFilters = jsonpull.List(d, (*DisabledFilter).decode)
		case "expirationTime":
			s.ExpirationTime = d.Time()
		case "expiresIn":
			s.ExpiresIn = d.Int64()
		case "status":
			s.Status = SubscriptionStatus(d.String())
		case "creationTime":
			s.CreationTime = d.Time()
		case "deliveryMode":
			s.DeliveryMode = DeliveryMode{}
			s.DeliveryMode.decode(d)
		case "blacklistedData":
			s.BlacklistedData = jsonpull.Pointer(d, (*BlacklistedData).decode)
		default:
			s.Extra = obj.Keep(s.Extra)
		}
	}
	s.raw = d.From(mark)
}

func (s *Subscription) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("uri", s.URI)
		w.StringAlways("id", s.ID)
		w.Strings("eventFilters", s.EventFilters)
		jsonpull.WriteList(w, "disabledFilters", s.DisabledFilters, (*DisabledFilter).encode)
		w.Time("expirationTime", s.ExpirationTime, time.RFC3339Nano)
		w.Int("expiresIn", s.ExpiresIn)
		w.StringAlways("status", string(s.Status))
		w.Time("creationTime", s.CreationTime, time.RFC3339Nano)
		w.Key("deliveryMode")
		s.DeliveryMode.encode(w)
		writeObject(w, "blacklistedData", s.BlacklistedData, (*BlacklistedData).encode)
		w.Extra(s.Extra)
	})
}

// MarshalJSON writes the subscription as the service does; see the package
// documentation for the differences.
func (s Subscription) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(s.encode) }

// UnmarshalJSON reads what the service sends; null changes nothing.
func (s *Subscription) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(s, data, (*Subscription).decode)
}

// LogValue returns the id, the status, the expiry and counts, but not the
// address, which may hold a secret.
func (s Subscription) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", s.ID),
		slog.String("status", string(s.Status)),
		slog.Time("expiration_time", s.ExpirationTime),
		slog.Int("event_filters", len(s.EventFilters)),
		slog.Int("disabled_filters", len(s.DisabledFilters)),
	)
}

// DisabledFilter is an event filter that the service has switched off.
type DisabledFilter struct {
	// Filter is the filter.
	Filter string `json:"filter"`
	// Reason is a code, such as CMN-401 for a scope that the app lacks.
	Reason string `json:"reason"`
	// Message is the service's text. It may be empty.
	Message string `json:"message"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (f *DisabledFilter) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "filter":
			f.Filter = d.String()
		case "reason":
			f.Reason = d.String()
		case "message":
			f.Message = d.String()
		default:
			f.Extra = obj.Keep(f.Extra)
		}
	}
}

func (f *DisabledFilter) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("filter", f.Filter)
		w.StringAlways("reason", f.Reason)
		w.String("message", f.Message)
		w.Extra(f.Extra)
	})
}

// MarshalJSON writes the filter as the service does.
func (f DisabledFilter) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(f.encode) }

// UnmarshalJSON reads what the service sends; null changes nothing.
func (f *DisabledFilter) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(f, data, (*DisabledFilter).decode)
}

// LogValue returns the filter without its query, and the reason.
func (f DisabledFilter) LogValue() slog.Value {
	filter, _, _ := strings.Cut(f.Filter, "?")
	return slog.GroupValue(slog.String("filter", filter), slog.String("reason", f.Reason))
}

// DeliveryMode says where events are sent, and how.
type DeliveryMode struct {
	// TransportType is "WebHook" for the subscriptions of this package.
	TransportType string `json:"transportType"`
	// Address is where events are sent. A secret may be part of it.
	Address string `json:"address"`
	// Encryption says whether the events are encrypted, which those of a
	// webhook are not.
	Encryption bool `json:"encryption"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (m *DeliveryMode) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "transportType":
			m.TransportType = d.String()
		case "address":
			m.Address = d.String()
		case "encryption":
			m.Encryption = d.Bool()
		default:
			m.Extra = obj.Keep(m.Extra)
		}
	}
}

func (m *DeliveryMode) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("transportType", m.TransportType)
		w.StringAlways("address", m.Address)
		w.BoolAlways("encryption", m.Encryption)
		w.Extra(m.Extra)
	})
}

// MarshalJSON writes the mode as the service does.
func (m DeliveryMode) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(m.encode) }

// UnmarshalJSON reads what the service sends; null changes nothing.
func (m *DeliveryMode) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(m, data, (*DeliveryMode).decode)
}

// LogValue returns the type, but not the address, which may hold a secret.
func (m DeliveryMode) LogValue() slog.Value {
	return slog.GroupValue(slog.String("transport_type", m.TransportType))
}

// BlacklistedData says since when and why a subscription is blacklisted.
type BlacklistedData struct {
	// BlacklistedAt is when the service gave the address up.
	BlacklistedAt time.Time `json:"blacklistedAt"`
	// Reason is the service's text. It may be empty.
	Reason string `json:"reason"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (b *BlacklistedData) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "blacklistedAt":
			b.BlacklistedAt = d.Time()
		case "reason":
			b.Reason = d.String()
		default:
			b.Extra = obj.Keep(b.Extra)
		}
	}
}

func (b *BlacklistedData) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.Time("blacklistedAt", b.BlacklistedAt, time.RFC3339Nano)
		w.String("reason", b.Reason)
		w.Extra(b.Extra)
	})
}

// MarshalJSON writes the data as the service does.
func (b BlacklistedData) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(b.encode) }

// UnmarshalJSON reads what the service sends; null changes nothing.
func (b *BlacklistedData) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(b, data, (*BlacklistedData).decode)
}

// LogValue returns the time, but not the text, which may quote the address.
func (b BlacklistedData) LogValue() slog.Value {
	return slog.GroupValue(slog.Time("blacklisted_at", b.BlacklistedAt))
}
