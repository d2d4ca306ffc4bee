package whippy

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Event is what Whippy sends to a webhook: an envelope around the data of one
// event. See docs.whippy.ai/docs/introduction.
type Event struct {
	// Data is what the event is about: a [*Call], a [*Message] or an [*Unknown].
	Data Data `json:"data"`
	// APIVersion is "v1" in all samples; older ones lack it.
	APIVersion string `json:"api_version"`
	// Type names the event, such as "call.ended".
	Type EventType `json:"event"`
	// CreatedAt is when the event was made, which is seconds after what it
	// tells of. Zero where Whippy does not send it, as in older samples, and where
	// it cannot be read, in which case Extra holds its text.
	CreatedAt time.Time `json:"created_at"`
	// RequestID names the event, not the call. Whether it stays the same when
	// an event is sent again is not documented.
	RequestID string `json:"request_id"`
	// Extra holds the members of the envelope that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`

	raw string
}

// Data is what an event is about. It is one of [*Call], [*Message] and [*Unknown];
// later versions of this package may have more types, for events that are
// [*Unknown] today, so a type switch needs a default.
type Data interface {
	write(w *jsonpull.Writer, key string)
	id() string
	// text is the exact text, or how the data is written if it was made by hand,
	// and "" if it cannot be written.
	text() string
}

// data returns call as the data of an event of type t, nil if that is something else.
func (t EventType) data(call *Call) Data {
	switch t {
	case EventCallStarted, EventCallEnded, EventCallAnalyzed:
		return call
	case EventMessageCreated, EventMessageUpdated:
		return (*Message)(call)
	default:
		return nil
	}
}

// ParseEvent decodes the body of a webhook request. It does not keep payload.
// How long a payload may be is for the caller to say.
//
// The error matches [ErrInvalidResponse], its cause is a [*DecodeError] that
// says what is wrong and where, and it holds nothing of the payload.
func ParseEvent(payload []byte) (*Event, error) {
	event := new(Event)
	if err := event.parse(string(payload)); err != nil {
		return nil, &callinsights.Error{
			Vendor: vendor, Op: "ParseEvent", Err: fmt.Errorf("%w: %w", ErrInvalidResponse, err),
		}
	}
	return event, nil
}

// RawJSON returns the exact text of the event as it came, "" for one that was made by
// hand. It may have line breaks; json.Marshal writes the event in one line.
func (e *Event) RawJSON() string { return e.raw }

// parse decodes doc into e, which must be empty.
func (e *Event) parse(doc string) error {
	var unfit *callinsights.DecodeError
	if err := jsonpull.ParseObject(doc, func(d *jsonpull.Decoder) { unfit = e.decode(d) }); err != nil {
		return err
	}
	if unfit != nil {
		return unfit
	}
	return nil
}

// decode decodes the envelope. The type of the event usually comes after its data,
// which is therefore taken for a call until then, as a message is one too. It
// returns why the data is none, if the type says that it should be.
//
// A repeated "event" or "data" is refused, because it would be a matter of taste
// which one counts.
func (e *Event) decode(d *jsonpull.Decoder) (unfit *callinsights.DecodeError) {
	mark := d.Mark()
	var data *Call
	var text string // of data
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "data":
			if data != nil {
				d.Fail(errTwice)
			}
			begin := d.Mark()
			data = new(Call)
			unfit = d.TakeOr(func(d *jsonpull.Decoder) { data.decodeObject(d) }, (*jsonpull.Decoder).Skip)
			text = d.From(begin)
		case "api_version":
			e.APIVersion = d.Text()
		case "event":
			e.decodeType(d)
		case "created_at":
			e.CreatedAt = jsonpull.TakeOrKeep(&obj, &e.Extra, d.Time) // an event may not be sent again
		case "request_id":
			e.RequestID = d.String()
		default:
			e.Extra = obj.Keep(e.Extra)
		}
	}
	e.raw = d.From(mark)
	switch {
	case e.Type == "":
		d.Fail(errors.New(`not an event: it has no member "event"`))
	case data == nil:
		d.Fail(errors.New(`not an event: it has no member "data"`))
	}
	if e.Data = e.Type.data(data); e.Data == nil {
		e.Data, unfit = &Unknown{Raw: json.RawMessage(text)}, nil
	}
	return unfit
}

var errTwice = errors.New("the member is there twice")

func (e *Event) decodeType(d *jsonpull.Decoder) {
	if e.Type != "" {
		d.Fail(errTwice)
	}
	if found := d.Kind(); found != '"' && found != 0 {
		d.Fail(errors.New("want the type of the event, a string"))
	}
	if e.Type = EventType(d.String()); e.Type == "" {
		d.Fail(errors.New("the type of the event is empty"))
	}
}

func (e *Event) encode(w *jsonpull.Writer) {
	w.Object(func() {
		e.Data.write(w, "data")
		w.String("api_version", e.APIVersion)
		w.StringAlways("event", string(e.Type))
		w.Time("created_at", e.CreatedAt, time.RFC3339Nano)
		w.StringAlways("request_id", e.RequestID)
		w.Extra(e.Extra)
	})
}

// check reports why e could not be read back.
func (e *Event) check() error {
	if e.Type == "" {
		return errors.New("whippy: an Event without a Type cannot be written")
	}
	if !e.hasItsData() {
		return errors.New("whippy: an Event cannot be written without the Data of its Type: " +
			"a *Call for the events of a call, a *Message for those of a message, an *Unknown with its Raw for others")
	}
	return nil
}

func (e *Event) hasItsData() bool {
	wanted := e.Type.data(nil)
	switch data := e.Data.(type) {
	case *Call:
		_, fits := wanted.(*Call)
		return fits && data != nil
	case *Message:
		_, fits := wanted.(*Message)
		return fits && data != nil
	case *Unknown:
		return wanted == nil && data != nil && len(data.Raw) > 0
	default:
		return false
	}
}

// MarshalJSON writes the event in the form that Whippy sends, see
// "Encoding" in the documentation of the package. An event without a type, or
// whose Data is missing or not of its type, cannot be written.
func (e Event) MarshalJSON() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	return jsonpull.Marshal(e.encode)
}

// UnmarshalJSON reads what [ParseEvent] reads; null changes nothing. It fails
// with a [*DecodeError].
func (e *Event) UnmarshalJSON(data []byte) error {
	if isNull(data) {
		return nil
	}
	var fresh Event
	if err := fresh.parse(string(data)); err != nil {
		return err
	}
	*e = fresh
	return nil
}

// LogValue returns the type of the event and its ids.
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("event", string(e.Type)), slog.String("request_id", e.RequestID)}
	if e.Data != nil {
		if id := e.Data.id(); id != "" {
			attrs = append(attrs, slog.String("data_id", id))
		}
	}
	return slog.GroupValue(attrs...)
}
