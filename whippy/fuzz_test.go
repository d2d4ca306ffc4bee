package whippy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

func FuzzParseEvent(f *testing.F) {
	// Short ones, as the fuzzer makes more of them; the whole documents are in
	// TestMutatedEvents.
	for _, seed := range []string{
		`{"data":{"id":"c-1","created_at":"2026-05-04T13:20:11.60423Z","from":null},"event":"call.started","request_id":"r"}`,
		`{"event":"call.ended","data":{"id":1,"body":"Agent: Hi.\nUser: \u00e9\n","user_id":42,"x":[1.5e3]},"api_version":2}`,
		`{"data":{"metadata":{"duration":"5.5","placeholders_data":{"a||b":true,"c":{}},"y":0}},"event":"call.ended"}`,
		`{"data":{"metadata":{"analysis":{"custom_analysis_dat":{"a":1},"custom_analysis_data":{},"call_successful":1}}},"event":"call.analyzed"}`,
		`{"data":{"attachments":["https://x/recording.wav",null,{"url":"u","z":""}],"language":{"a":1}},"event":"call.ended"}`,
		`{"event":"message.updated","data":{"id":"m","type":"sms","body":"Hi","user_id":4,"updated_at":"2026-05-04T13:20:11","metadata":null}}`,
		`{"event":"lead.new","data":{"contact":{"id":"c"}}}`,
		`{"event":"ping","data":null,"created_at":"2026-05-04T13:20:11","extra":{}}`,
		"\ufeff" + `{"event":"ping","data":1,"event":"ping"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(checkEvent)
}

func FuzzTranscript(f *testing.F) {
	f.Add("ai", goldenCall().Body)
	f.Add("human", "User: Hi.\r\nContact:Hello: you\n\n\nmore\n")
	f.Add("", "\n(ringing)\nAGENT:\nZoë: x\x00")
	f.Fuzz(func(t *testing.T, mode, body string) {
		checkTurns(t, &whippy.Call{Mode: whippy.Mode(mode), Body: body})
	})
}

func TestMutatedEvents(t *testing.T) {
	t.Parallel()
	for _, name := range append(callNames, "message.created.json") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for doc := range jsontest.Mutations(golden(t, name), 1, 400) {
				if checkEvent(t, doc); t.Failed() {
					t.Fatalf("with the document %q", doc)
				}
			}
		})
	}
}

// A payload of every type is an event of which nothing is lost.
func TestSamples(t *testing.T) {
	t.Parallel()
	for _, kind := range eventTypes {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			payload := whippytest.Sample(kind)
			checkEvent(t, payload)
			if event := parse(t, string(payload)); event.Type != kind || len(event.Extra) > 0 {
				t.Errorf("got %+v", event)
			}
		})
	}
}

// checkEvent checks what must hold for any payload: it is accepted if and only
// if it is an event, with the values that encoding/json finds in it, and
// nothing of it is lost when it is written.
func checkEvent(t *testing.T, payload []byte) {
	t.Helper()
	event, err := whippy.ParseEvent(payload)
	kind, data, ok := readEnvelope(payload)
	if err != nil {
		if !errors.Is(err, whippy.ErrInvalidResponse) || event != nil {
			t.Errorf("got %v, %v; want an error that matches ErrInvalidResponse", event, err)
		}
		if ok && isStrict(t, payload, kind, data) && !errors.Is(err, jsonpull.ErrLimit) {
			t.Errorf("the event is refused: %v", err)
		}
		return
	}
	if !ok {
		t.Fatal("accepted what is no event")
	}
	if string(event.Type) != kind {
		t.Errorf("got type %q; want %q", event.Type, kind)
	}
	if want := bytes.TrimSpace(bytes.TrimPrefix(payload, []byte("\ufeff"))); event.RawJSON() != string(want) {
		t.Errorf("RawJSON: got %q; want %q", event.RawJSON(), want)
	}
	jsontest.Oracle(t, payload, event, "Data")
	switch got := event.Data.(type) {
	case *whippy.Call:
		if call := jsontest.Decodes[whippy.Call](t, data, "CustomAnalysisData"); call == nil {
			t.Error("the call is refused outside of its event")
		}
		checkTurns(t, got)
	case *whippy.Message:
		if message := jsontest.Decodes[whippy.Message](t, data, "CustomAnalysisData"); message == nil {
			t.Error("the message is refused outside of its event")
		}
	case *whippy.Unknown:
		if !bytes.Equal(got.Raw, data) {
			t.Errorf("got %q; want %q", got.Raw, data)
		}
	}
	if inYearsOfJSON(event.CreatedAt) && haveYearsOfJSON(event.Data) {
		jsontest.RoundTrip(t, event)
	}
}

// readEnvelope reads with encoding/json what decides whether payload is an
// event: it must be an object with one type, not empty, and one piece of data.
func readEnvelope(payload []byte) (kind string, data json.RawMessage, ok bool) {
	doc := bytes.TrimPrefix(payload, []byte("\ufeff"))
	if !json.Valid(doc) {
		return "", nil, false
	}
	dec := json.NewDecoder(bytes.NewReader(doc))
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return "", nil, false
	}
	var types, datas int
	for dec.More() {
		key, err := dec.Token()
		var value json.RawMessage
		if err != nil || dec.Decode(&value) != nil {
			return "", nil, false
		}
		switch key {
		case "event":
			types++
			_ = json.Unmarshal(value, &kind) // what is no string leaves it empty
		case "data":
			datas++
			data = value
		}
	}
	return kind, data, types == 1 && datas == 1 && kind != ""
}

// isStrict reports whether an event has to be accepted: encoding/json decodes
// the members of its envelope, and its data if that is a call's.
func isStrict(t *testing.T, payload []byte, kind string, data json.RawMessage) bool {
	t.Helper()
	var envelope struct {
		APIVersion string    `json:"api_version"`
		CreatedAt  time.Time `json:"created_at"`
		RequestID  string    `json:"request_id"`
	}
	if json.Unmarshal(payload, &envelope) != nil {
		return false
	}
	switch whippy.EventType(kind) {
	case whippy.EventCallStarted, whippy.EventCallEnded, whippy.EventCallAnalyzed,
		whippy.EventMessageCreated, whippy.EventMessageUpdated:
		return string(data) != "null" && jsontest.Decodes[whippy.Call](t, data, "CustomAnalysisData") != nil
	default:
		return true
	}
}

func haveYearsOfJSON(data whippy.Data) bool {
	switch d := data.(type) {
	case *whippy.Call:
		return inYearsOfJSON(d.CreatedAt) && inYearsOfJSON(d.UpdatedAt)
	case *whippy.Message:
		return inYearsOfJSON(d.CreatedAt) && inYearsOfJSON(d.UpdatedAt)
	default:
		return true
	}
}

// inYearsOfJSON reports whether at can be written in any zone.
func inYearsOfJSON(at time.Time) bool {
	year := at.UTC().Year()
	return year >= 1 && year <= 9998
}
