package ringsense

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Event is what the service sends to the address of a subscription: an envelope
// around the insights of one recording, or around something else that was
// subscribed to. See
// developers.ringcentral.com/guide/notifications/event-filters/ace-event-filter.
//
// When AI Notes was on during a phone call, there are two events for it: that
// page says that the first is caused by AI Notes and the second by RingSense.
// They are events of their own, with a UUID each and the same Domain and
// SourceRecordID; the second may be expected to hold more. Keep the one with the
// later LastModifiedTime, as events may also be repeated and overtake each other.
type Event struct {
	// UUID names the event, and stays the same when it is sent again. It may be
	// empty.
	UUID string `json:"uuid"`
	// Filter is the event filter that was subscribed to, with the id of the
	// account in place of "~". It is empty for a record that came without an
	// envelope, as are all fields but Insights then.
	Filter string `json:"event"`
	// Timestamp is when the event was made; zero where not sent, and where what
	// was sent cannot be read as a time, which Extra holds then.
	Timestamp time.Time `json:"timestamp"`
	// SubscriptionID is that of the subscription.
	SubscriptionID string `json:"subscriptionId"`
	// OwnerID is the extension that the subscription belongs to. It is not the
	// account, nor the user whose call it was.
	OwnerID string `json:"ownerId"`
	// AccountID is the account that Filter names, "" if it names none. It is
	// taken from there, and not written by MarshalJSON.
	AccountID string `json:"-"`
	// Insights is the body of an event for insights, nil for any other. Its
	// SourceRecordID is empty if the service does not say.
	Insights *RecordingInsights `json:"body"`
	// Body is the exact text of the body of any other event, such as the
	// reminder that a subscription ends soon; nil if it has none, and for
	// insights.
	Body json.RawMessage `json:"-"`
	// Extra holds the members of the envelope that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`

	raw string
}

// ParseEvent decodes the body of a notification. It does not keep payload. How
// long a payload may be is for the caller to say: the transcript is in it.
//
// It takes the envelope of
// developers.ringcentral.com/guide/notifications/event-filters/ace-event-filter,
// and the record alone that the page had in its place before: an object with a
// sourceRecordId and no body. Should such an object hold members of an envelope,
// these are in the Extra of its Insights. An event of a filter that is not for
// insights is no error: its Insights is nil and its Body as it came.
//
// The error matches [ErrInvalidResponse], its cause is a [*DecodeError] that
// says what is wrong and where, and it holds nothing of the payload.
func ParseEvent(payload []byte) (*Event, error) {
	event := new(Event)
	if err := event.parse(string(payload)); err != nil {
		return nil, &Error{Vendor: vendor, Op: "ParseEvent", Err: fmt.Errorf("%w: %w", ErrInvalidResponse, err)}
	}
	return event, nil
}

// RawJSON returns the exact text of the event as it came, "" for one that was made by
// hand. It may have line breaks; json.Marshal writes the event in one line.
func (e *Event) RawJSON() string { return e.raw }

// Type returns what happened to the insights, such as "Create", and Origin what
// made the service send them, such as "Recording". Both are "" where the record
// does not say. They are in no description of the payload and were seen in
// samples and in integrations of the vendor, so do not rely on them; they are
// read from the record's eventType and eventOrigin, which its Extra holds.
func (e *Event) Type() string { return e.word("eventType") }

// Origin is described at [Event.Type].
func (e *Event) Origin() string { return e.word("eventOrigin") }

func (e *Event) word(key string) (word string) {
	if e.Insights == nil || json.Unmarshal(e.Insights.Extra[key], &word) != nil {
		return ""
	}
	return word
}

// parse decodes doc in two passes, as the filter, which says what the body is,
// may come after it.
func (e *Event) parse(doc string) error {
	var filter string
	if err := jsonpull.ParseObject(doc, func(d *jsonpull.Decoder) { filter = scanFilter(d) }); err != nil {
		return err
	}
	*e = Event{}
	switch {
	case filter == "":
		e.Insights = new(RecordingInsights)
		return jsonpull.ParseObject(doc, func(d *jsonpull.Decoder) {
			e.Insights.decode(d)
			e.raw = e.Insights.raw
		})
	case isInsightsFilter(filter):
		e.Insights = new(RecordingInsights)
	}
	e.AccountID = accountOf(filter)
	return jsonpull.ParseObject(doc, e.decode)
}

// scanFilter finds the filter of an event, "" for a record without an envelope.
// It refuses what is neither, and an envelope in which one of the members that
// decide what becomes of the event is repeated, as others may take the first of
// them and this package the last.
func scanFilter(d *jsonpull.Decoder) (filter string) {
	seen := make(map[string]int)
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "uuid", "body", "subscriptionId", "sourceRecordId":
			seen[obj.Key]++
		case "event":
			seen[obj.Key]++
			if kind := d.Kind(); kind == '"' {
				filter = d.String()
			}
		}
	}
	if seen["sourceRecordId"] > 0 && seen["body"] == 0 {
		if seen["sourceRecordId"] > 1 {
			d.Fail(errors.New("the member sourceRecordId is there twice"))
		}
		return ""
	}
	for _, key := range []string{"event", "body", "uuid", "subscriptionId"} {
		if seen[key] > 1 {
			d.Fail(fmt.Errorf("the member %s is there twice", key))
		}
	}
	switch {
	case seen["event"] == 0:
		d.Fail(errors.New(`not an event: it has neither a member "event" nor a "sourceRecordId"`))
	case filter == "":
		d.Fail(errors.New(`not an event: the member "event" is not the text of a filter`))
	case isInsightsFilter(filter) && seen["body"] == 0:
		d.Fail(errors.New(`not an event of insights: it has no member "body"`))
	}
	return filter
}

// isInsightsFilter reports whether a filter is
// /ai/ringsense/v1/public/accounts/{account}/domains/{domain}/insights.
func isInsightsFilter(filter string) bool {
	path, _, _ := strings.Cut(filter, "?")
	rest, ok := strings.CutPrefix(path, "/ai/ringsense/v1/public/accounts/")
	parts := strings.SplitN(rest, "/", 5) // of a text that may be as long as the body
	return ok && len(parts) == 4 && parts[1] == "domains" && parts[3] == "insights"
}

// accountOf returns the digits after /accounts/, or /account/ as the addresses
// of telephony have it.
func accountOf(filter string) string {
	path, _, _ := strings.Cut(filter, "?")
	_, rest, ok := strings.Cut(path, "/accounts/")
	if !ok {
		_, rest, _ = strings.Cut(path, "/account/")
	}
	id, _, _ := strings.Cut(rest, "/")
	if strings.Trim(id, "0123456789") != "" {
		return ""
	}
	return id
}

func (e *Event) decode(d *jsonpull.Decoder) {
	mark := d.Mark()
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "uuid":
			e.UUID = d.String()
		case "event":
			e.Filter = d.String()
		case "timestamp":
			e.Timestamp = jsonpull.TakeOrKeep(&obj, &e.Extra, d.Time) // an event is not sent again
		case "subscriptionId":
			e.SubscriptionID = d.String()
		case "ownerId":
			e.OwnerID = d.String()
		case "body":
			e.decodeBody(d)
		default:
			e.Extra = obj.Keep(e.Extra)
		}
	}
	e.raw = d.From(mark)
}

func (e *Event) decodeBody(d *jsonpull.Decoder) {
	switch {
	case e.Insights == nil:
		e.Body = d.RawMessage()
	case d.Kind() == 'n':
		d.Fail(errors.New("want an object, found null"))
	default:
		e.Insights.decode(d)
	}
}

func (e *Event) encode(w *jsonpull.Writer) {
	if e.Filter == "" {
		e.Insights.encode(w)
		return
	}
	w.Object(func() {
		w.StringAlways("uuid", e.UUID)
		w.StringAlways("event", e.Filter)
		w.Time("timestamp", e.Timestamp, time.RFC3339Nano)
		w.StringAlways("subscriptionId", e.SubscriptionID)
		w.StringAlways("ownerId", e.OwnerID)
		switch {
		case e.Insights != nil:
			w.Key("body")
			e.Insights.encode(w)
		case len(e.Body) > 0:
			w.Raw("body", e.Body)
		}
		w.Extra(e.Extra)
	})
}

// check reports why e could not be read back.
func (e *Event) check() error {
	switch {
	case e.Filter == "":
		return e.checkRecord()
	case isInsightsFilter(e.Filter) != (e.Insights != nil):
		return errors.New("ringsense: an Event cannot be written unless it has Insights exactly if its Filter is one for insights")
	case e.Insights != nil && len(e.Body) > 0:
		return errors.New("ringsense: an Event with both Insights and a Body cannot be written")
	}
	return nil
}

// checkRecord is check for a record without an envelope.
func (e *Event) checkRecord() error {
	hasEnvelope := cmp.Or(e.UUID, e.SubscriptionID, e.OwnerID) != "" || !e.Timestamp.IsZero() || len(e.Extra) > 0 || len(e.Body) > 0
	switch {
	case e.Insights == nil:
		return errors.New("ringsense: an Event without a Filter and without Insights cannot be written")
	case hasEnvelope:
		return errors.New("ringsense: an Event without a Filter is a record alone and cannot be written with other fields than Insights")
	case e.Insights.Extra["body"] != nil:
		return errors.New("ringsense: a record alone cannot be written with a member \"body\", which makes it an Event without a Filter")
	}
	return nil
}

// MarshalJSON writes the event as the service sends it; a record that came
// without an envelope is written without one. An event whose Filter does not go
// with what it holds cannot be written.
func (e Event) MarshalJSON() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	return jsonpull.Marshal(e.encode)
}

// UnmarshalJSON reads what [ParseEvent] reads; null changes nothing. The fault
// is a [*DecodeError].
func (e *Event) UnmarshalJSON(data []byte) error {
	if string(bytes.TrimSpace(data)) == "null" {
		return nil
	}
	var fresh Event
	if err := fresh.parse(string(data)); err != nil {
		return err
	}
	*e = fresh
	return nil
}

// LogValue returns the ids, and what the insights log.
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("uuid", e.UUID),
		slog.String("filter", e.Filter),
		slog.String("subscription_id", e.SubscriptionID),
	}
	if e.Insights != nil {
		attrs = append(attrs, slog.Any("insights", e.Insights.LogValue()))
	}
	return slog.GroupValue(attrs...)
}
