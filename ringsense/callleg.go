package ringsense

import (
	"encoding/json"
	"log/slog"
	"time"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// CallLeg is a part of a call, such as what followed a transfer. Its fields
// have the meaning of those of [CallRecord]; all of them may be empty.
type CallLeg struct {
	TelephonySessionID string            `json:"telephonySessionId"`
	PartyID            string            `json:"partyId"`
	SIPUUIDInfo        string            `json:"sipUuidInfo"`
	TransferTarget     *CallTransfer     `json:"transferTarget"`
	Transferee         *CallTransfer     `json:"transferee"`
	StartTime          time.Time         `json:"startTime"`
	Duration           int64             `json:"duration"`   // seconds
	DurationMs         int64             `json:"durationMs"` // milliseconds
	Type               string            `json:"type"`
	Direction          Direction         `json:"direction"`
	Action             string            `json:"action"`
	Result             string            `json:"result"`
	Reason             string            `json:"reason"`
	ReasonDescription  string            `json:"reasonDescription"`
	DelegationType     string            `json:"delegationType"`
	Finished           bool              `json:"finished"`
	LegType            string            `json:"legType"`
	Master             bool              `json:"master"` // the main leg
	From               *CallParty        `json:"from"`
	To                 *CallParty        `json:"to"`
	Extension          *CallExtension    `json:"extension"`
	Recording          *CallLogRecording `json:"recording"` // nil if this leg has none of its own
	ShortRecording     bool              `json:"shortRecording"`
	MetadataCategories []string          `json:"metadataCategories"`
	Transport          string            `json:"transport"`
	InternalType       string            `json:"internalType"`
	Billing            *CallBilling      `json:"billing"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (l *CallLeg) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "telephonySessionId":
			l.TelephonySessionID = d.String()
		case "partyId":
			l.PartyID = d.String()
		case "sipUuidInfo":
			l.SIPUUIDInfo = d.String()
		case "transferTarget":
			l.TransferTarget = jsonpull.Pointer(d, (*CallTransfer).decode)
		case "transferee":
			l.Transferee = jsonpull.Pointer(d, (*CallTransfer).decode)
		case "startTime":
			l.StartTime = d.Time()
		case "duration":
			l.Duration = d.Int64()
		case "durationMs":
			l.DurationMs = d.Int64()
		case "type":
			l.Type = d.String()
		case "direction":
			l.Direction = Direction(d.String())
		case "action":
			l.Action = d.String()
		case "result":
			l.Result = d.String()
		case "reason":
			l.Reason = d.String()
		case "reasonDescription":
			l.ReasonDescription = d.String()
		case "delegationType":
			l.DelegationType = d.String()
		case "finished":
			l.Finished = d.Bool()
		case "legType":
			l.LegType = d.String()
		case "master":
			l.Master = d.Bool()
		case "from":
			l.From = jsonpull.Pointer(d, (*CallParty).decode)
		case "to":
			l.To = jsonpull.Pointer(d, (*CallParty).decode)
		case "extension":
			l.Extension = jsonpull.Pointer(d, (*CallExtension).decode)
		case "recording":
			l.Recording = jsonpull.Pointer(d, (*CallLogRecording).decode)
		case "shortRecording":
			l.ShortRecording = d.Bool()
		case "metadataCategories":
			l.MetadataCategories = d.Strings()
		case "transport":
			l.Transport = d.String()
		case "internalType":
			l.InternalType = d.String()
		case "billing":
			l.Billing = jsonpull.Pointer(d, (*CallBilling).decode)
		default:
			l.Extra = obj.Keep(l.Extra)
		}
	}
}

func (l *CallLeg) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.String("telephonySessionId", l.TelephonySessionID)
		w.String("partyId", l.PartyID)
		w.String("sipUuidInfo", l.SIPUUIDInfo)
		writeObject(w, "transferTarget", l.TransferTarget, (*CallTransfer).encode)
		writeObject(w, "transferee", l.Transferee, (*CallTransfer).encode)
		w.Time("startTime", l.StartTime, time.RFC3339Nano)
		w.Int("duration", l.Duration)
		w.Int("durationMs", l.DurationMs)
		w.String("type", l.Type)
		w.String("direction", string(l.Direction))
		w.String("action", l.Action)
		w.String("result", l.Result)
		w.String("reason", l.Reason)
		w.String("reasonDescription", l.ReasonDescription)
		w.String("delegationType", l.DelegationType)
		w.Bool("finished", l.Finished)
		w.String("legType", l.LegType)
		w.Bool("master", l.Master)
		writeObject(w, "from", l.From, (*CallParty).encode)
		writeObject(w, "to", l.To, (*CallParty).encode)
		writeObject(w, "extension", l.Extension, (*CallExtension).encode)
		writeObject(w, "recording", l.Recording, (*CallLogRecording).encode)
		w.Bool("shortRecording", l.ShortRecording)
		w.Strings("metadataCategories", l.MetadataCategories)
		w.String("transport", l.Transport)
		w.String("internalType", l.InternalType)
		writeObject(w, "billing", l.Billing, (*CallBilling).encode)
		w.Extra(l.Extra)
	})
}

// MarshalJSON writes the fields that are not empty, and Extra.
func (l CallLeg) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(l.encode) }

// UnmarshalJSON replaces the leg by the one that data holds.
func (l *CallLeg) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(l, data, (*CallLeg).decode)
}

// LogValue returns the id alone.
func (l CallLeg) LogValue() slog.Value {
	return slog.GroupValue(slog.String("telephony_session_id", l.TelephonySessionID))
}

// CallParty is one side of a call. All fields may be empty.
type CallParty struct {
	// PhoneNumber is in E.164 as a rule, such as "+12125550123".
	PhoneNumber string `json:"phoneNumber"`
	// DialerPhoneNumber is the caller's number as it came, for the From of an
	// inbound call, and DialedPhoneNumber the number as it was dialled, for the
	// To of an outbound one.
	DialerPhoneNumber string `json:"dialerPhoneNumber"`
	DialedPhoneNumber string `json:"dialedPhoneNumber"`
	// Name is that of a user of the account, or of a contact.
	Name string `json:"name"`
	// ExtensionID and ExtensionNumber are those of a user of the account.
	ExtensionID     string `json:"extensionId"`
	ExtensionNumber string `json:"extensionNumber"`
	// Location is a city, if the number tells it.
	Location string `json:"location"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (p *CallParty) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "phoneNumber":
			p.PhoneNumber = d.String()
		case "dialerPhoneNumber":
			p.DialerPhoneNumber = d.String()
		case "dialedPhoneNumber":
			p.DialedPhoneNumber = d.String()
		case "name":
			p.Name = d.String()
		case "extensionId":
			p.ExtensionID = d.String()
		case "extensionNumber":
			p.ExtensionNumber = d.String()
		case "location":
			p.Location = d.String()
		default:
			p.Extra = obj.Keep(p.Extra)
		}
	}
}

func (p *CallParty) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.String("phoneNumber", p.PhoneNumber)
		w.String("dialerPhoneNumber", p.DialerPhoneNumber)
		w.String("dialedPhoneNumber", p.DialedPhoneNumber)
		w.String("name", p.Name)
		w.String("extensionId", p.ExtensionID)
		w.String("extensionNumber", p.ExtensionNumber)
		w.String("location", p.Location)
		w.Extra(p.Extra)
	})
}

// MarshalJSON writes the fields that are not empty, and Extra.
func (p CallParty) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(p.encode) }

// UnmarshalJSON replaces the party by the one that data holds.
func (p *CallParty) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(p, data, (*CallParty).decode)
}

// LogValue returns the id of the extension alone.
func (p CallParty) LogValue() slog.Value {
	return slog.GroupValue(slog.String("extension_id", p.ExtensionID))
}

// CallExtension is the extension that a call or a leg belongs to.
type CallExtension struct {
	ID  string `json:"id"`
	URI string `json:"uri"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (e *CallExtension) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "id":
			e.ID = d.String()
		case "uri":
			e.URI = d.String()
		default:
			e.Extra = obj.Keep(e.Extra)
		}
	}
}

func (e *CallExtension) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.String("id", e.ID)
		w.String("uri", e.URI)
		w.Extra(e.Extra)
	})
}

// MarshalJSON writes the fields that are not empty, and Extra.
func (e CallExtension) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(e.encode) }

// UnmarshalJSON replaces the extension by the one that data holds.
func (e *CallExtension) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(e, data, (*CallExtension).decode)
}

// LogValue returns the id alone.
func (e CallExtension) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", e.ID))
}

// CallLogRecording is what the call log says about a recording.
type CallLogRecording struct {
	// ID is what [Client.RecordingInsights] takes.
	ID string `json:"id"`
	// URI is the address of the recording's data, and ContentURI that of its
	// sound, on another host, which wants the same access token.
	URI        string        `json:"uri"`
	Type       RecordingType `json:"type"`
	ContentURI string        `json:"contentUri"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (r *CallLogRecording) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "id":
			r.ID = d.String()
		case "uri":
			r.URI = d.String()
		case "type":
			r.Type = RecordingType(d.String())
		case "contentUri":
			r.ContentURI = d.String()
		default:
			r.Extra = obj.Keep(r.Extra)
		}
	}
}

func (r *CallLogRecording) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("id", r.ID)
		w.StringAlways("uri", r.URI)
		w.StringAlways("type", string(r.Type))
		w.StringAlways("contentUri", r.ContentURI)
		w.Extra(r.Extra)
	})
}

// MarshalJSON writes the fields and Extra.
func (r CallLogRecording) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(r.encode) }

// UnmarshalJSON replaces the recording by the one that data holds.
func (r *CallLogRecording) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(r, data, (*CallLogRecording).decode)
}

// LogValue returns the id and the type.
func (r CallLogRecording) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", r.ID), slog.String("type", string(r.Type)))
}

// CallBilling is what a call cost a minute, in the account's currency.
type CallBilling struct {
	// CostIncluded is covered by the account's plan, and CostPurchased is not.
	CostIncluded  float64 `json:"costIncluded"`
	CostPurchased float64 `json:"costPurchased"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (b *CallBilling) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "costIncluded":
			b.CostIncluded = d.Float64()
		case "costPurchased":
			b.CostPurchased = d.Float64()
		default:
			b.Extra = obj.Keep(b.Extra)
		}
	}
}

func (b *CallBilling) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.Float("costIncluded", b.CostIncluded)
		w.Float("costPurchased", b.CostPurchased)
		w.Extra(b.Extra)
	})
}

// MarshalJSON writes the fields that are not 0, and Extra.
func (b CallBilling) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(b.encode) }

// UnmarshalJSON replaces the cost by the one that data holds.
func (b *CallBilling) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(b, data, (*CallBilling).decode)
}

// LogValue returns the costs.
func (b CallBilling) LogValue() slog.Value {
	return slog.GroupValue(slog.Float64("cost_included", b.CostIncluded), slog.Float64("cost_purchased", b.CostPurchased))
}
