package whippy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/whippy"
)

func TestEventRoundTrip(t *testing.T) {
	t.Parallel()
	for _, name := range append(callNames, "message.created.json") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := golden(t, name)
			event := parse(t, string(doc))
			jsontest.RoundTrip(t, event)
			jsontest.Oracle(t, doc, event, "Data")
			stored, err := json.Marshal(event)
			if err != nil {
				t.Fatal(err)
			}
			if name != "call.tolerated.json" { // which holds what is normalised
				want := bytes.ReplaceAll(doc, []byte(`custom_analysis_dat"`), []byte(`custom_analysis_data"`))
				jsontest.SameDocument(t, want, stored)
			}
			var again whippy.Event
			if err := json.Unmarshal(stored, &again); err != nil {
				t.Fatal(err)
			}
			if got := again.RawJSON(); got != string(stored) {
				t.Errorf("RawJSON: got %s; want %s", got, stored)
			}
		})
	}
}

// What is normalised when an event is written, as the documentation lists it.
func TestNormalisations(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(parse(t, string(golden(t, "call.tolerated.json"))))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"data":{"id":"90210","delivery_status":"call_completed","direction":"outbound","type":"CALL","mode":"human",` +
		`"body":"User: Riverside Movers, Pat speaking.\r\nContact: Hi Pat.\r\n",` +
		`"translated_body":"{\n      \"es\": \"Hola\"\n    }","language":"en","translation_language":"[\n      \"es\"\n    ]",` +
		`"from":"+13125550110","created_at":"2027-02-03T04:00:00.5+01:00","contact_id":"7","step_id":"true","user_id":"42",` +
		`"metadata":{"type":"phone","duration":61000.25,` +
		`"placeholders_data":{"n":"3","none":"","o":"{\n          \"a\": [\n            1\n          ]\n        }","ok":"true"},` +
		`"analysis":{"call_successful":true,"custom_analysis_data":{"score":9007199254740993},"tone":"warm"},` +
		`"caller_tier":{"gold":true}},"attachments":[{"url":"https://media.example/a/recording.mp3?sig=1/x.wav"},{"url":""},` +
		`{"content_type":"audio/mpeg","url":"https://media.example/x/voice","size":12}],"priority":"high"},` +
		`"api_version":"2027-01-01","event":"call.ended","created_at":"2027-02-03T04:05:06Z","request_id":"31337",` +
		`"trace":{"hop":[1,2]}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEventCannotBeWritten(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		event whippy.Event
		want  string
	}{
		"zero":                 {whippy.Event{}, "without a Type"},
		"no type":              {whippy.Event{Data: &whippy.Call{}}, "without a Type"},
		"no data":              {whippy.Event{Type: "ping"}, "without the Data of its Type"},
		"nil call":             {whippy.Event{Type: whippy.EventCallEnded, Data: (*whippy.Call)(nil)}, "without the Data of its Type"},
		"nil unknown":          {whippy.Event{Type: "ping", Data: (*whippy.Unknown)(nil)}, "without the Data of its Type"},
		"unknown without raw":  {whippy.Event{Type: "ping", Data: &whippy.Unknown{}}, "without the Data of its Type"},
		"a call for a message": {whippy.Event{Type: whippy.EventMessageCreated, Data: &whippy.Call{}}, "without the Data of its Type"},
		"a message for a call": {whippy.Event{Type: whippy.EventCallEnded, Data: &whippy.Message{}}, "without the Data of its Type"},
		"nil message":          {whippy.Event{Type: whippy.EventMessageCreated, Data: (*whippy.Message)(nil)}, "without the Data of its Type"},
		"unknown for a call": {
			whippy.Event{Type: whippy.EventCallEnded, Data: &whippy.Unknown{Raw: json.RawMessage(`{}`)}},
			"without the Data of its Type",
		},
		"raw is not JSON":   {whippy.Event{Type: "ping", Data: &whippy.Unknown{Raw: json.RawMessage(`{`)}}, "data: not valid JSON"},
		"extra is not JSON": {whippy.Event{Type: whippy.EventCallEnded, Data: &whippy.Call{}, Extra: map[string]json.RawMessage{"x": json.RawMessage(`{`)}}, "x: not valid JSON"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := json.Marshal(test.event); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %s, %v; want an error that says %q", got, err, test.want)
			}
		})
	}
}

func TestUnmarshalReplacesOrLeavesAlone(t *testing.T) {
	t.Parallel()
	const old = `{"data":{"id":"c-1","from":"+13125550101"},"event":"call.ended","request_id":"r-1"}`
	tests := map[string]struct {
		doc  string
		want string // what the event is afterwards, written
		fail bool
	}{
		"null":  {"null", old, false},
		"fault": {`{"data":{"id":"c-2","metadata":"x"},"event":"call.ended"}`, old, true},
		"other": {
			`{"event":"ping","data":[1]}`, `{"data":[1],"event":"ping","request_id":""}`, false,
		},
		"same type": {
			`{"event":"call.ended","data":{"id":"c-2"}}`, `{"data":{"id":"c-2"},"event":"call.ended","request_id":""}`, false,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := parse(t, old)
			err := json.Unmarshal([]byte(test.doc), event)
			if _, isDecodeError := errors.AsType[*callinsights.DecodeError](err); isDecodeError != test.fail {
				t.Errorf("got error %v; want one: %v", err, test.fail)
			}
			got, err := json.Marshal(event)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLogValues(t *testing.T) {
	t.Parallel()
	event := parse(t, string(golden(t, "call.analyzed.json")))
	call := callOf(t, event)
	tests := map[string]struct {
		value any
		want  string
	}{
		"event": {
			event, `{"event":"call.analyzed","request_id":"3f517d9b-ace0-4357-8468-adf124680c17",` +
				`"data_id":"5f0e9d1c-7a34-4a0e-8b55-2f3c1d9ab601"}`,
		},
		"event by value":         {whippy.Event{Type: "ping", RequestID: "r-1"}, `{"event":"ping","request_id":"r-1"}`},
		"event without its call": {whippy.Event{Type: "ping", Data: (*whippy.Call)(nil)}, `{"event":"ping","request_id":""}`},
		"event of unknown type":  {whippy.Event{Type: "ping", Data: &whippy.Unknown{}}, `{"event":"ping","request_id":""}`},
		"call": {
			call, `{"id":"5f0e9d1c-7a34-4a0e-8b55-2f3c1d9ab601","conversation_id":"0b7d3c52-6d1e-4f7c-9a6f-6a1b5f0e7702",` +
				`"body_bytes":322,"attachments":3,"analyzed":true}`,
		},
		"call by value": {whippy.Call{ID: "c-1"}, `{"id":"c-1","conversation_id":"","body_bytes":0,"attachments":0,"analyzed":false}`},
		"message": {
			&whippy.Message{ID: "m-1", ConversationID: "v-1", Type: "sms", Body: "four", Attachments: []whippy.Attachment{{URL: "u"}}},
			`{"id":"m-1","conversation_id":"v-1","type":"sms","body_bytes":4,"attachments":1}`,
		},
		"event of a message": {
			whippy.Event{Type: "message.created", RequestID: "r-1", Data: &whippy.Message{ID: "m-1"}},
			`{"event":"message.created","request_id":"r-1","data_id":"m-1"}`,
		},
		"placeholder": {whippy.Placeholder{Variable: "last_name", Default: "sir", Value: "Quill"}, `{"variable":"last_name"}`},
		"metadata":    {*call.Metadata, `{"agent_id":"` + agentID + `","placeholders":2,"analyzed":true}`},
		"analysis":    {call.Metadata.Analysis, `{"summary_bytes":64,"custom_bytes":91}`},
		"attachment":  {call.Attachments[0], `{"agent_id":"` + agentID + `"}`},
		"unknown":     {&whippy.Unknown{Raw: json.RawMessage(`{"a":1}`)}, `{"bytes":7}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			slog.New(slog.NewJSONHandler(&log, nil)).Info("x", slog.Any("v", test.value))
			_, got, _ := strings.Cut(strings.TrimSpace(log.String()), `"v":`)
			if diff := cmp.Diff(test.want+"}", got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
