package vonageinsights_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldens are documents of the shapes in which sessions were documented or seen.
var goldens = []string{"session.json", "odd.json"}

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join("..", "testdata", "vonageinsights", name))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func decode(t testing.TB, doc []byte) *vonageinsights.Session {
	t.Helper()
	session := new(vonageinsights.Session)
	if err := json.Unmarshal(doc, session); err != nil {
		t.Fatal(err)
	}
	return session
}

// unlike are the fields that a session decodes in a way of its own: utterances
// are objects with a key that says who spoke, and a type may be called entity.
var unlike = []string{"Session.Transcription", "Parameter.Type"}

func TestSessionEqualsPlainDecoding(t *testing.T) {
	t.Parallel()
	doc := testdata(t, "session.json")
	jsontest.Oracle(t, doc, decode(t, doc), "Session.Transcription")
}

func TestSessionRoundTrip(t *testing.T) {
	t.Parallel()
	for _, name := range goldens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jsontest.RoundTrip(t, decode(t, testdata(t, name)))
		})
	}
	t.Run("zero value", func(t *testing.T) {
		t.Parallel()
		jsontest.RoundTrip(t, new(vonageinsights.Session))
	})
}

func TestSessionKeepsTheDocument(t *testing.T) {
	t.Parallel()
	doc := testdata(t, "session.json")
	session := decode(t, doc)
	if diff := cmp.Diff(string(bytes.TrimSpace(doc)), session.RawJSON()); diff != "" {
		t.Errorf("RawJSON (-want +got):\n%s", diff)
	}
	text, err := json.Marshal(session)
	if err != nil {
		t.Fatal(err)
	}
	jsontest.SameDocument(t, doc, text)
}

// TestSessionNormalisations shows what encoding changes, in a golden file.
func TestSessionNormalisations(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(decode(t, testdata(t, "odd.json")))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	const golden = "odd.encoded.json"
	if *update {
		if err := os.WriteFile(filepath.Join("..", "testdata", "vonageinsights", golden), got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(testdata(t, golden)), got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNoFieldForgotten(t *testing.T) {
	t.Parallel()
	jsontest.NoFieldForgotten[vonageinsights.Session](t, "Session.Transcription")
	jsontest.NoFieldForgotten[vonageinsights.AgentInformation](t)
	jsontest.NoFieldForgotten[vonageinsights.ChannelData](t)
	jsontest.NoFieldForgotten[vonageinsights.FlowData](t)
	jsontest.NoFieldForgotten[vonageinsights.Parameter](t)
	jsontest.NoFieldForgotten[vonageinsights.Tag](t)
	jsontest.NoFieldForgotten[vonageinsights.TagCount](t)
	jsontest.NoFieldForgotten[vonageinsights.Step](t)
	jsontest.NoFieldForgotten[vonageinsights.StepRequest](t)
	jsontest.NoFieldForgotten[vonageinsights.StepResponse](t)
	jsontest.NoFieldForgotten[vonageinsights.StepContext](t)
	jsontest.NoFieldForgotten[vonageinsights.StepStatus](t)
	jsontest.RoundTrip(t, &vonageinsights.Utterance{SpeakerKey: "user", Text: "hello"})
	jsontest.RoundTrip(t, &vonageinsights.Utterance{})
}

func TestSessionMutations(t *testing.T) {
	t.Parallel()
	for _, name := range goldens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for doc := range jsontest.Mutations(testdata(t, name), 7, 500) {
				jsontest.Decodes[vonageinsights.Session](t, doc, unlike...)
				if t.Failed() {
					t.Fatalf("with the document\n%s", doc)
				}
			}
		})
	}
}

func FuzzSession(f *testing.F) {
	for _, name := range goldens {
		f.Add(testdata(f, name))
	}
	f.Add([]byte(`{"transcription":["a",{},null,{"user":{"x":1}}],"tags":[],"params":{"a":1},"parameters":{"a":{"b":2}}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		session := jsontest.Decodes[vonageinsights.Session](t, doc, unlike...)
		if session == nil {
			return
		}
		session.Tags()
		session.Params()
		session.Parameters()
		session.AgentID()
		session.End()
		for range session.Turns() { // must not panic
		}
	})
}

func TestSessionTolerates(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, 5, 1, 9, 30, 15, 0, time.UTC)
	type session = vonageinsights.Session
	utterances := func(pairs ...string) *session {
		s := &session{Transcription: []vonageinsights.Utterance{}}
		for pair := range slices.Chunk(pairs, 2) {
			s.Transcription = append(s.Transcription, vonageinsights.Utterance{SpeakerKey: pair[0], Text: pair[1]})
		}
		return s
	}
	parameter := func(p vonageinsights.Parameter) *session {
		return &session{ParamsList: []vonageinsights.Parameter{p}}
	}
	step := func(s vonageinsights.Step) *session { return &session{FlowPath: []vonageinsights.Step{s}} }
	tests := map[string]struct {
		doc  string
		want *session
	}{
		"nothing at all":                    {`{}`, &session{}},
		"null everywhere":                   {`{"id":null,"source":null,"session_start_time":null,"agent_information":null,"channel_data":null,"transcription":null,"tags_list":null,"params_list":null,"flow_data":null,"flow_path":null,"request_ids":null,"tags":null,"params":null,"parameters":null}`, &session{}},
		"null elements":                     {`{"request_ids":[null],"flow_path":[null],"transcription":[null]}`, &session{RequestIDs: []string{""}, FlowPath: []vonageinsights.Step{{}}, Transcription: []vonageinsights.Utterance{{}}}},
		"numbers as phone numbers":          {`{"source":9190014044002502,"destination":12015550188}`, &session{Source: "9190014044002502", Destination: "12015550188"}},
		"number as id":                      {`{"id":7,"account_id":12345678901234567890}`, &session{ID: "7", AccountID: "12345678901234567890"}},
		"time without fraction":             {`{"session_start_time":"2031-05-01T09:30:15"}`, &session{SessionStartTime: at}},
		"time with one digit":               {`{"session_start_time":"2031-05-01T09:30:15.5"}`, &session{SessionStartTime: at.Add(time.Second / 2)}},
		"time with nanoseconds":             {`{"session_start_time":"2031-05-01T09:30:15.000000001"}`, &session{SessionStartTime: at.Add(1)}},
		"time with Z":                       {`{"session_end_time":"2031-05-01T09:30:15Z"}`, &session{SessionEndTime: at}},
		"time with an offset":               {`{"session_start_time":"2031-05-01T11:30:15+02:00"}`, &session{SessionStartTime: at}},
		"date alone":                        {`{"session_start_time":"2031-05-01"}`, &session{SessionStartTime: at.Truncate(24 * time.Hour)}},
		"user":                              {`{"transcription":[{"user":"a"}]}`, utterances("user", "a")},
		"client":                            {`{"transcription":[{"client":"a"}]}`, utterances("client", "a")},
		"agent's version":                   {`{"transcription":[{"64c0":"a"},{"agent":"b"}]}`, utterances("64c0", "a", "agent", "b")},
		"several members":                   {`{"transcription":[{"x":"1"},{"user":"a","y":"b","user":"c"},{},{"z":"2"}]}`, utterances("x", "1", "user", "a", "y", "b", "user", "c", "", "", "z", "2")},
		"several members at the end":        {`{"transcription":[{"user":"a","y":"b"}]}`, utterances("user", "a", "y", "b")},
		"null text":                         {`{"transcription":[{"user":null}]}`, utterances("user", "")},
		"text that is none":                 {`{"transcription":[{"user":7},{"a":true},{"b":{"c": 1}},{"d":[1]}]}`, utterances("user", "7", "a", "true", "b", `{"c": 1}`, "d", "[1]")},
		"bare text":                         {`{"transcription":["a"]}`, utterances("", "a")},
		"transcription that is no list":     {`{"transcription":{"user":"a","x":"b"}}`, utterances("user", "a", "x", "b")},
		"empty transcription":               {`{"transcription":[]}`, utterances()},
		"parameter with type":               {`{"params_list":[{"name":"n","type":"t"}]}`, parameter(vonageinsights.Parameter{Name: "n", Type: "t"})},
		"parameter with entity":             {`{"params_list":[{"name":"n","entity":"e"}]}`, parameter(vonageinsights.Parameter{Name: "n", Type: "e"})},
		"parameter with both":               {`{"params_list":[{"type":"t","entity":"e"}]}`, parameter(vonageinsights.Parameter{Type: "t"})},
		"parameter with both, entity first": {`{"params_list":[{"entity":"e","type":"t"}]}`, parameter(vonageinsights.Parameter{Type: "t"})},
		"parameter with type null":          {`{"params_list":[{"entity":"e","type":null}]}`, parameter(vonageinsights.Parameter{Type: "e"})},
		"value that is a number":            {`{"params_list":[{"value":3.50,"value_text":4}]}`, parameter(vonageinsights.Parameter{Value: "3.50", ValueText: "4"})},
		"value that is a bool":              {`{"params_list":[{"value":false}]}`, parameter(vonageinsights.Parameter{Value: "false"})},
		"value that is an object":           {`{"params_list":[{"value":{"a": 1}}]}`, parameter(vonageinsights.Parameter{Value: `{"a": 1}`})},
		"completed as a text":               {`{"params_list":[{"completed":"true"}]}`, parameter(vonageinsights.Parameter{Completed: true})},
		"completed as a number":             {`{"params_list":[{"completed":1}]}`, parameter(vonageinsights.Parameter{Completed: true})},
		"altered parameter": {
			`{"flow_path":[{"context":{"altered_parameters":[{"alteration_source":"injected","audio_duration":"12","entity":"e"}]}}]}`,
			step(vonageinsights.Step{Context: vonageinsights.StepContext{AlteredParameters: []vonageinsights.Parameter{
				{AlterationSource: vonageinsights.AlterationInjected, AudioDuration: 12, Type: "e"},
			}}}),
		},
		"injected parameter":        {`{"flow_data":{"injected_parameters":[{"name":"n","value":1}]}}`, &session{FlowData: vonageinsights.FlowData{InjectedParameters: []vonageinsights.Parameter{{Name: "n", Value: "1"}}}}},
		"status code 0":             {`{"channel_data":{"status_code":0}}`, &session{ChannelData: vonageinsights.ChannelData{StatusCode: new(0)}}},
		"status code null":          {`{"channel_data":{"status_code":null}}`, &session{}},
		"status code as a text":     {`{"channel_data":{"status_code":"100"}}`, &session{ChannelData: vonageinsights.ChannelData{StatusCode: new(100)}}},
		"recording not yet there":   {`{"channel_data":{"audio_url":null}}`, &session{}},
		"recording empty":           {`{"channel_data":{"audio_url":""}}`, &session{ChannelData: vonageinsights.ChannelData{AudioURL: new("")}}},
		"duration as a text":        {`{"channel_data":{"duration":"27000"}}`, &session{ChannelData: vonageinsights.ChannelData{DurationMs: 27000}}},
		"duration as a float":       {`{"channel_data":{"duration":27000.0}}`, &session{ChannelData: vonageinsights.ChannelData{DurationMs: 27000}}},
		"call status of its own":    {`{"channel_data":{"call_status":"ringing"}}`, &session{ChannelData: vonageinsights.ChannelData{CallStatus: "ringing"}}},
		"count as a text":           {`{"tags_list":[{"tag":"a","count":"2"}]}`, &session{TagsList: []vonageinsights.TagCount{{Tag: "a", Count: 2}}}},
		"headers that are JSON":     {`{"flow_path":[{"request":{"headers":{"A":"b"}}}]}`, step(vonageinsights.Step{Request: vonageinsights.StepRequest{Headers: `{"A":"b"}`}})},
		"payloads that are JSON":    {`{"flow_path":[{"request":{"payload":[1]},"response":{"payload":{"a":1},"code":"204"}}]}`, step(vonageinsights.Step{Request: vonageinsights.StepRequest{Payload: "[1]"}, Response: vonageinsights.StepResponse{Code: 204, Payload: `{"a":1}`}})},
		"message that is JSON":      {`{"flow_path":[{"context":{"status":{"message":{"a":1}}}}]}`, step(vonageinsights.Step{Context: vonageinsights.StepContext{Status: vonageinsights.StepStatus{Message: `{"a":1}`}}})},
		"output null":               {`{"flow_path":[{"context":{"output":null}}]}`, step(vonageinsights.Step{Context: vonageinsights.StepContext{Output: json.RawMessage("null")}})},
		"output of any kind":        {`{"flow_path":[{"context":{"output":[{"a":1}]}}]}`, step(vonageinsights.Step{Context: vonageinsights.StepContext{Output: json.RawMessage(`[{"a":1}]`)}})},
		"verb and type of its own":  {`{"flow_path":[{"type":"dance","request":{"verb":"UPDATE"}}]}`, step(vonageinsights.Step{Type: "dance", Request: vonageinsights.StepRequest{Verb: "UPDATE"}})},
		"node_id and request twice": {`{"flow_path":[{"node_id":"n","request_id":"r"},{"node_id":"n","request_id":"r"}]}`, &session{FlowPath: []vonageinsights.Step{{NodeID: "n", RequestID: "r"}, {NodeID: "n", RequestID: "r"}}}},
		"unknown members": {
			`{"new":1,"agent_information":{"new":2},"channel_data":{"new":3},"flow_data":{"new":4}}`,
			&session{
				Extra:            map[string]json.RawMessage{"new": json.RawMessage("1")},
				AgentInformation: vonageinsights.AgentInformation{Extra: map[string]json.RawMessage{"new": json.RawMessage("2")}},
				ChannelData:      vonageinsights.ChannelData{Extra: map[string]json.RawMessage{"new": json.RawMessage("3")}},
				FlowData:         vonageinsights.FlowData{Extra: map[string]json.RawMessage{"new": json.RawMessage("4")}},
			},
		},
		"byte order mark": {"\ufeff{\"id\":\"s\"}", &session{ID: "s"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got session
			if err := got.UnmarshalJSON([]byte(test.doc)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, &got, cmpopts.IgnoreUnexported(session{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			jsontest.RoundTrip(t, &got)
		})
	}
}

func TestSessionRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ doc, path, says string }{
		"a list":              {`[]`, "", "want an object, found a list"},
		"a text as an object": {`{"channel_data":"x"}`, "channel_data", "want an object, found a string"},
		"a bad time":          {`{"session_start_time":"yesterday"}`, "session_start_time", "want a time"},
		"a bad number":        {`{"channel_data":{"duration":"long"}}`, "channel_data.duration", "want a whole number"},
		"a place in a list":   {`{"flow_path":[{},{"response":{"code":{}}}]}`, "flow_path[1].response.code", "want a whole number, found an object"},
		"a cut document":      {`{"id":"a","sta`, "", "unexpected EOF"},
		"trailing data":       {`{"id":"a"}{}`, "", "unexpected data"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := vonageinsights.Session{ID: "before"}
			err := got.UnmarshalJSON([]byte(test.doc))
			fault, ok := errors.AsType[*vonageinsights.DecodeError](err)
			if !ok || fault.Path != test.path || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got the error %v, want one at %q with %q", err, test.path, test.says)
			}
			if got.ID != "before" {
				t.Error("the session was changed")
			}
		})
	}
}

func TestUnmarshalNullChangesNothing(t *testing.T) {
	t.Parallel()
	session := vonageinsights.Session{ID: "s"}
	if err := json.Unmarshal([]byte("null"), &session); err != nil || session.ID != "s" {
		t.Errorf("got %q, %v; want the session as it was", session.ID, err)
	}
}

func TestUnmarshalCopiesItsInput(t *testing.T) {
	t.Parallel()
	doc := []byte(`{"id":"s-1"}`)
	var session vonageinsights.Session
	if err := session.UnmarshalJSON(doc); err != nil {
		t.Fatal(err)
	}
	clear(doc)
	if session.ID != "s-1" || session.RawJSON() != `{"id":"s-1"}` {
		t.Errorf("got %q from %q", session.ID, session.RawJSON())
	}
}

func TestUtteranceJSON(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		doc  string
		want vonageinsights.Utterance
		says string
	}{
		"one member":      {`{"user":"a"}`, vonageinsights.Utterance{SpeakerKey: "user", Text: "a"}, ""},
		"no member":       {`{}`, vonageinsights.Utterance{}, ""},
		"several members": {`{"user":"a","x":"b"}`, vonageinsights.Utterance{}, "found several"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got vonageinsights.Utterance
			err := json.Unmarshal([]byte(test.doc), &got)
			if test.says != "" {
				if err == nil || !strings.Contains(err.Error(), test.says) {
					t.Errorf("got the error %v, want one with %q", err, test.says)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

func TestSessionThatCannotBeEncoded(t *testing.T) {
	t.Parallel()
	session := vonageinsights.Session{SessionStartTime: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}
	if _, err := json.Marshal(session); err == nil || !strings.Contains(err.Error(), "year 10000") {
		t.Errorf("got the error %v, want one that names the year", err)
	}
}
