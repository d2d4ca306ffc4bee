package vonageinsights_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
)

func TestSessionTurns(t *testing.T) {
	t.Parallel()
	session := decode(t, []byte(`{
		"agent_information":{"name":"Front desk","version_id":"v1"},
		"transcription":[{"v1":"Hello"},{"v1":"Anybody?"},{"user":"Hi"},{"CLIENT":"Me again"},{"agent":"Yes"},"hm"]
	}`))
	want := []vonageinsights.Turn{
		{SpeakerID: "v1", Speaker: "Front desk", Role: vonageinsights.RoleAgent, Text: "Hello"},
		{SpeakerID: "v1", Speaker: "Front desk", Role: vonageinsights.RoleAgent, Text: "Anybody?"},
		{SpeakerID: "user", Role: vonageinsights.RoleCustomer, Text: "Hi"},
		{SpeakerID: "CLIENT", Role: vonageinsights.RoleCustomer, Text: "Me again"},
		{SpeakerID: "agent", Speaker: "Front desk", Role: vonageinsights.RoleAgent, Text: "Yes"},
		{Text: "hm"},
	}
	if diff := cmp.Diff(want, slices.Collect(session.Turns())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for turn := range session.Turns() {
		if turn.Text != "Hello" {
			t.Errorf("got %q after the first turn was enough", turn.Text)
		}
		break
	}
}

func TestSessionParameter(t *testing.T) {
	t.Parallel()
	session := decode(t, []byte(`{
		"params":{"a":{"completed":true,"value":"from params"},"flat":"f","odd":{"x":1},"sure":{"value":null,"completed":"maybe"}},
		"parameters":{"a":"from parameters","b":"from parameters","USER.RECORD_ID":"0042","n":7,"w":{"value":"wrapped"}},
		"params_list":[{"name":"a","value":"from the list"},{"name":"b","value":"from the list"},{"name":"c","value":"from the list"}]
	}`))
	tests := map[string]struct {
		want string
		ok   bool
	}{
		"a": {"from params", true}, "b": {"from parameters", true}, "c": {"from the list", true},
		"USER.RECORD_ID": {"0042", true}, "n": {"7", true}, "w": {"wrapped", true},
		"flat": {"f", true}, "odd": {`{"x":1}`, true}, "sure": {"", true}, "d": {"", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := session.Parameter(name); got != test.want || ok != test.ok {
				t.Errorf("got %q, %t; want %q, %t", got, ok, test.want, test.ok)
			}
		})
	}
	wantParams := map[string]vonageinsights.Param{
		"a": {Value: "from params", Completed: true}, "flat": {Value: "f"}, "odd": {Value: `{"x":1}`}, "sure": {},
	}
	if diff := cmp.Diff(wantParams, session.Params()); diff != "" {
		t.Errorf("Params (-want +got):\n%s", diff)
	}
	wantParameters := map[string]string{
		"a": "from parameters", "b": "from parameters", "USER.RECORD_ID": "0042", "n": "7", "w": "wrapped",
	}
	if diff := cmp.Diff(wantParameters, session.Parameters()); diff != "" {
		t.Errorf("Parameters (-want +got):\n%s", diff)
	}
}

func TestSessionTags(t *testing.T) {
	t.Parallel()
	type counts = map[string]map[string]int
	tests := map[string]struct {
		doc  string
		want counts
	}{
		"by category":         {`{"tags":{"c":{"a":1,"b":2}}}`, counts{"c": {"a": 1, "b": 2}}},
		"category repeated":   {`{"tags":{"one":{"cat":1},"two":{"dog":2},"two":{"dog":2,"rat":3}}}`, counts{"one": {"cat": 1}, "two": {"dog": 2, "rat": 3}}},
		"count as a text":     {`{"tags":{"c":{"a":"4"}}}`, counts{"c": {"a": 4}}},
		"no counts":           {`{"tags":{"c":{"a":"many","b":1.5,"d":99999999999999999999,"e":null}}}`, counts{"c": {"a": 0, "b": 0, "d": 0, "e": 0}}},
		"category of nothing": {`{"tags":{"c":null,"d":[]}}`, counts{"c": {}, "d": {}}},
		"an empty list":       {`{"tags":[]}`, counts{}},
		"only the list":       {`{"tags_list":[{"tag":"a","category":"c","count":3},{"tag":"b","category":"c","count":1}]}`, counts{"c": {"a": 3, "b": 1}}},
		"nothing":             {`{}`, counts{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			session := decode(t, []byte(test.doc))
			if diff := cmp.Diff(test.want, session.Tags()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			text, err := json.Marshal(session)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, decode(t, text).Tags()); diff != "" {
				t.Errorf("after encoding (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSessionAgentID(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ doc, want string }{
		"documented":         {`{"agent_information":{"id":"a"}}`, "a"},
		"both":               {`{"agent_information":{"id":"a"},"agent_id":"b"}`, "a"},
		"as in the examples": {`{"agent_id":"b"}`, "b"},
		"a number":           {`{"agent_id":7}`, "7"},
		"an object":          {`{"agent_id":{"x":1}}`, ""},
		"none":               {`{}`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := decode(t, []byte(test.doc)).AgentID(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestSessionNexmoAPIKey(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{"": false, "N/A": false, "n/a": false, "0badc0de": true} {
		session := vonageinsights.Session{APIKey: key}
		if got, ok := session.NexmoAPIKey(); ok != want || ok && got != key {
			t.Errorf("%q: got %q, %t", key, got, ok)
		}
	}
}

func TestSessionDurationAndEnd(t *testing.T) {
	t.Parallel()
	start := time.Date(2031, 5, 1, 9, 0, 0, 0, time.UTC)
	end := start.Add(time.Minute)
	tests := map[string]struct {
		session  vonageinsights.Session
		duration time.Duration
		end      time.Time
		computed bool
	}{
		"nothing":    {vonageinsights.Session{}, 0, time.Time{}, false},
		"sent":       {vonageinsights.Session{SessionStartTime: start, SessionEndTime: end, ChannelData: vonageinsights.ChannelData{DurationMs: 1}}, time.Millisecond, end, false},
		"computed":   {vonageinsights.Session{SessionStartTime: start, ChannelData: vonageinsights.ChannelData{DurationMs: 1500}}, 1500 * time.Millisecond, start.Add(1500 * time.Millisecond), true},
		"no start":   {vonageinsights.Session{ChannelData: vonageinsights.ChannelData{DurationMs: 1500}}, 1500 * time.Millisecond, time.Time{}, false},
		"running":    {vonageinsights.Session{SessionStartTime: start}, 0, time.Time{}, false},
		"far beyond": {vonageinsights.Session{ChannelData: vonageinsights.ChannelData{DurationMs: math.MaxInt64}}, 9223372036854 * time.Millisecond, time.Time{}, false},
		"far below":  {vonageinsights.Session{ChannelData: vonageinsights.ChannelData{DurationMs: math.MinInt64}}, -9223372036854 * time.Millisecond, time.Time{}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.session.Duration(); got != test.duration {
				t.Errorf("Duration: got %v, want %v", got, test.duration)
			}
			if got, computed := test.session.End(); !got.Equal(test.end) || computed != test.computed {
				t.Errorf("End: got %v, %t; want %v, %t", got, computed, test.end, test.computed)
			}
		})
	}
}

func TestStepJSONInTexts(t *testing.T) {
	t.Parallel()
	session := decode(t, testdata(t, "session.json"))
	webhook, end := &session.FlowPath[1], &session.FlowPath[2]
	headers, ok := webhook.Request.HeaderFields()
	if diff := cmp.Diff(map[string]string{"Content-Type": "application/json"}, headers); diff != "" || !ok {
		t.Errorf("HeaderFields: %t (-want +got):\n%s", ok, diff)
	}
	for name, test := range map[string]struct {
		read func() (json.RawMessage, bool)
		want string
	}{
		"request":           {webhook.Request.PayloadJSON, `{"order": 7, "lines": [1, 2]}`},
		"response":          {webhook.Response.PayloadJSON, `{"accepted": true}`},
		"message":           {webhook.Context.Status.MessageJSON, `{"accepted": true}`},
		"request, empty":    {end.Request.PayloadJSON, ""},
		"response, empty":   {end.Response.PayloadJSON, ""},
		"message, empty":    {end.Context.Status.MessageJSON, ""},
		"message, no JSON":  {(&vonageinsights.StepStatus{Message: "OK"}).MessageJSON, ""},
		"payload, two JSON": {(&vonageinsights.StepRequest{Payload: "{}{}"}).PayloadJSON, ""},
	} {
		if got, ok := test.read(); string(got) != test.want || ok != (test.want != "") {
			t.Errorf("%s: got %q, %t; want %q", name, got, ok, test.want)
		}
	}
	for _, text := range []string{"", "[]", "x", `{"a":"b"}}`, " "} {
		if got, ok := (&vonageinsights.StepRequest{Headers: text}).HeaderFields(); ok || len(got) > 0 {
			t.Errorf("headers %q: got %v, %t; want none", text, got, ok)
		}
	}
}

func TestChannelIs(t *testing.T) {
	t.Parallel()
	if !vonageinsights.Channel("WhatsApp").Is(vonageinsights.ChannelWhatsApp) || vonageinsights.ChannelVoice.Is(vonageinsights.ChannelHTTP) {
		t.Error("channels differ but for upper and lower case, or do not differ")
	}
}

func TestSessionLogsNoConversation(t *testing.T) {
	t.Parallel()
	session := decode(t, testdata(t, "session.json"))
	for _, value := range []any{session, *session} {
		var out bytes.Buffer
		slog.New(slog.NewTextHandler(&out, nil)).Info("got", slog.Any("session", value))
		for _, word := range []string{"money", "Zoë", "12015550123", "refund", "Front desk"} {
			if strings.Contains(out.String(), word) {
				t.Errorf("the log holds %q", word)
			}
		}
		for _, word := range []string{session.ID, "64c0ffee00000000000000b1", "utterances=5", "steps=3", "status=ended"} {
			if !strings.Contains(out.String(), word) {
				t.Errorf("the log lacks %q: %s", word, out.String())
			}
		}
	}
}

// TestPartsLogNoConversation: what a session is made of is as discreet as the
// session.
func TestPartsLogNoConversation(t *testing.T) {
	t.Parallel()
	session := decode(t, testdata(t, "session.json"))
	step := session.FlowPath[1]
	for name, test := range map[string]struct {
		value any
		want  string
	}{
		"Utterance":        {session.Transcription[1], "speaker_key=user"},
		"Parameter":        {session.ParamsList[0], "name=name"},
		"Param":            {session.Params()["name"], "completed=true"},
		"Tag":              {session.FlowData.CollectedTags[0], "category=cafe0000000000000000000000000001"},
		"TagCount":         {session.TagsList[1], "count=2"},
		"Step":             {step, "type=webhook"},
		"StepRequest":      {step.Request, "verb=POST"},
		"StepResponse":     {step.Response, "code=201"},
		"StepContext":      {step.Context, "altered_parameters=1"},
		"StepStatus":       {step.Context.Status, "code=201"},
		"AgentInformation": {session.AgentInformation, "version_id=64c0ffee00000000000000b2"},
		"ChannelData":      {session.ChannelData, "duration=46.75s"},
		"FlowData":         {session.FlowData, "collected_tags=4"},
	} {
		var out bytes.Buffer
		slog.New(slog.NewTextHandler(&out, nil)).Info("got", slog.Any("part", test.value))
		if !strings.Contains(out.String(), "part."+test.want) {
			t.Errorf("%s: the log lacks %s: %s", name, test.want, out.String())
		}
		for _, word := range []string{"money", "Quill", "refund", "polite", "accepted", "order", "shop.example", ".mp3", "Front desk"} {
			if strings.Contains(out.String(), word) {
				t.Errorf("%s: the log holds %q", name, word)
			}
		}
	}
}
