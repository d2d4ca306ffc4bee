package whippy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/whippy"
)

const agentID = "f83b1d27-9c4e-4a6d-8e15-7b0a3c5d9e07"

// goldenCall is the call of the golden documents as it is when analysed.
func goldenCall() *whippy.Call {
	const files = "https://media.example/organization_2b6d8f04-3c5e-4a71-9e82-d1f0b7a6c511/calls/"
	return &whippy.Call{
		ID:             "5f0e9d1c-7a34-4a0e-8b55-2f3c1d9ab601",
		DeliveryStatus: "call_completed.user_hangup",
		Direction:      whippy.DirectionOutbound,
		Type:           whippy.MessageTypeCall,
		Mode:           whippy.ModeAI,
		Body: "Agent: Hello, this is Juniper calling for Alder Street Dental. Am I speaking with Mr. Okafor?\n" +
			"User: Speaking.\n" +
			"Agent: You have a check-up on Friday. Two options: keep it, or move it to Monday.\n" +
			"User: Keep it: Friday is fine.\nAnd my daughter would come along.\n" +
			"Agent: Perfect, I have noted both of you.\nUser: \u2603 Thanks, bye!\n",
		From:              "+13125550147",
		To:                "+13125550162",
		CreatedAt:         at("2026-05-04T13:20:11.604230Z"),
		UpdatedAt:         at("2026-05-04T13:20:49.902551Z"),
		ConversationID:    "0b7d3c52-6d1e-4f7c-9a6f-6a1b5f0e7702",
		ContactID:         "e2a46c10-58b3-4d44-8d0f-93c7b1a0c803",
		ChannelID:         "774f1c3b-2c5d-4e90-b1a8-0d2e6f5a9904",
		CampaignID:        "c91d7e65-0f4b-47ce-9b31-5e8a2d6f4105",
		CampaignContactID: "3a5b8d92-e6f1-4c07-a2d9-b4c6e8f01206",
		Metadata: &whippy.Metadata{
			Type:             "phone",
			DurationMs:       new(35260.5),
			PlaceholdersData: map[string]string{"last_name||there": "Okafor", "visit_day": "Friday"},
			Analysis: &whippy.Analysis{
				AgentTaskCompletionRating: whippy.RatingComplete,
				CallCompletionRating:      whippy.RatingPartial,
				CallSuccessful:            new(true),
				CallSummary:               "Mr. Okafor keeps his check-up on Friday and brings his daughter.",
				InVoicemail:               new(false),
				UserSentiment:             whippy.SentimentNeutral,
			},
			AgentID:        agentID,
			AgentVersionID: "18c6e4a2-5b7d-4f39-9d20-6e1f8a3b5c08",
			LLMID:          "4d9f2b61-7e8c-4a15-b3d6-c0e5f7a91809",
			LLMVersionID:   "a6e0c3d8-1f25-4b94-8c7a-9d5b2e4f6010",
		},
		Attachments: []whippy.Attachment{
			{AgentID: agentID, ContentType: "audio/x-wav", URL: files + "b7c9d1e3-2f4a-4658-8b0d-1e3f5a7c9d12/recording.wav"},
			{AgentID: agentID, ContentType: "application/json", URL: files + "6e8a0c2d-4f51-4b73-a5c7-d9e1f3052413/transcript.json"},
			{AgentID: agentID, ContentType: "application/json", URL: files + "90b2d4f6-1a3c-4e5f-8071-9243b5c7d914/analysis.json"},
		},
	}
}

func TestParseEvent(t *testing.T) {
	t.Parallel()
	analyzed := goldenCall()
	ended := goldenCall()
	ended.UpdatedAt = at("2026-05-04T13:20:49.117008Z")
	ended.Metadata.Analysis = nil
	ended.Attachments = ended.Attachments[:2]
	started := goldenCall()
	started.DeliveryStatus = "call_in_progress"
	started.Body = ""
	started.UpdatedAt = started.CreatedAt
	started.Metadata.DurationMs = nil
	started.Metadata.Analysis = nil
	started.Attachments = []whippy.Attachment{}

	tests := map[string]*whippy.Event{
		"call.started.json": {
			Data: started, APIVersion: "v1", Type: whippy.EventCallStarted,
			CreatedAt: at("2026-05-04T13:20:16.031940Z"), RequestID: "1d3f5b79-8ace-4135-a246-8bdf02468a15",
		},
		"call.ended.json": {
			Data: ended, APIVersion: "v1", Type: whippy.EventCallEnded,
			CreatedAt: at("2026-05-04T13:20:53.774120Z"), RequestID: "2e406c8a-9bdf-4246-b357-9ce013579b16",
		},
		"call.analyzed.json": {
			Data: analyzed, APIVersion: "v1", Type: whippy.EventCallAnalyzed,
			CreatedAt: at("2026-05-04T13:20:53.861007Z"), RequestID: "3f517d9b-ace0-4357-8468-adf124680c17",
		},
		"call.tolerated.json": {
			Data: &whippy.Call{
				ID: "90210", DeliveryStatus: "call_completed", Direction: "outbound", Type: "CALL", Mode: "human",
				Body:           "User: Riverside Movers, Pat speaking.\r\nContact: Hi Pat.\r\n",
				TranslatedBody: "{\n      \"es\": \"Hola\"\n    }", Language: "en",
				TranslationLanguage: "[\n      \"es\"\n    ]", From: "+13125550110",
				CreatedAt: at("2027-02-03T04:00:00.5+01:00"), ContactID: "7", StepID: "true", UserID: "42",
				Metadata: &whippy.Metadata{
					Type: "phone", DurationMs: new(61000.25),
					PlaceholdersData: map[string]string{
						"n": "3", "ok": "true", "none": "", "o": "{\n          \"a\": [\n            1\n          ]\n        }",
					},
					Analysis: &whippy.Analysis{
						CallSuccessful:     new(true),
						CustomAnalysisData: json.RawMessage("{\n          \"score\": 9007199254740993\n        }"),
						Extra:              map[string]json.RawMessage{"tone": json.RawMessage(`"warm"`)},
					},
					Extra: map[string]json.RawMessage{"caller_tier": json.RawMessage("{\n        \"gold\": true\n      }")},
				},
				Attachments: []whippy.Attachment{
					{URL: "https://media.example/a/recording.mp3?sig=1/x.wav"},
					{},
					{
						ContentType: "audio/mpeg", URL: "https://media.example/x/voice",
						Extra: map[string]json.RawMessage{"size": json.RawMessage("12")},
					},
				},
				Extra: map[string]json.RawMessage{"priority": json.RawMessage(`"high"`)},
			},
			APIVersion: "2027-01-01", Type: whippy.EventCallEnded, CreatedAt: at("2027-02-03T04:05:06Z"), RequestID: "31337",
			Extra: map[string]json.RawMessage{"trace": json.RawMessage("{\n    \"hop\": [\n      1,\n      2\n    ]\n  }")},
		},
	}
	tests["message.created.json"] = &whippy.Event{
		Data: &whippy.Message{
			ID: "7a1c3e5f-9b0d-4f24-8c6e-0a2b4c6d8e18", DeliveryStatus: "delivered", Direction: whippy.DirectionInbound,
			Body: "See you on Friday.", From: "+13125550162", To: "+13125550147",
			CreatedAt: at("2026-05-04T14:02:00Z"), UpdatedAt: at("2026-05-04T14:02:01Z"),
			ConversationID: goldenCall().ConversationID, ContactID: goldenCall().ContactID, ChannelID: goldenCall().ChannelID,
			Attachments: []whippy.Attachment{},
		},
		Type: whippy.EventMessageCreated, RequestID: "8b2d4f60-0c1e-4a35-9d7f-1b3c5d7e9f19",
	}
	analyzed.Metadata.Analysis.CustomAnalysisData = json.RawMessage(
		"{\n                    \"companions\": 1,\n                    \"moved\": false\n                }")
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := whippy.ParseEvent(golden(t, name))
			if err != nil {
				t.Fatal(err)
			}
			if diff := diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseEventOfUnknownType(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		event whippy.EventType
		data  string
	}{
		"contact":           {whippy.EventContactCreated, `{"id":"m-1","body":null}`},
		"newer call event":  {"call.transferred", `{"id":"c-1"}`},
		"other case":        {"CALL.ENDED", `{"id":"c-1"}`},
		"data is a list":    {"audit.batch", `[1, {"a": 2}]`},
		"data is a text":    {"ping", `"hello"`},
		"data is null":      {"ping", `null`},
		"not a known shape": {"x", `{"id":[],"metadata":7}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := parse(t, `{"data": `+test.data+` ,"event":"`+string(test.event)+`"}`)
			if event.Type != test.event {
				t.Errorf("got type %q; want %q", event.Type, test.event)
			}
			if diff := cmp.Diff(whippy.Data(&whippy.Unknown{Raw: json.RawMessage(test.data)}), event.Data); diff != "" {
				t.Errorf("data (-want +got):\n%s", diff)
			}
			jsontest.RoundTrip(t, event)
		})
	}
}

func TestRawJSON(t *testing.T) {
	t.Parallel()
	const data = `{ "id" : "c-1", "new": [1.50] }`
	const doc = `{"event":"call.ended", "data":` + data + `,"x":"\u00e9"}`
	payload := []byte("\ufeff\n " + doc + "\r\n")
	event, err := whippy.ParseEvent(payload)
	if err != nil {
		t.Fatal(err)
	}
	for i := range payload {
		payload[i] = 'x'
	}
	if got := event.RawJSON(); got != doc {
		t.Errorf("event: got %q; want %q", got, doc)
	}
	call := callOf(t, event)
	if got := call.RawJSON(); got != data {
		t.Errorf("call: got %q; want %q", got, data)
	}
	if got := string(call.Extra["new"]) + string(event.Extra["x"]); got != `[1.50]"\u00e9"` {
		t.Errorf("got %s after the payload was overwritten", got)
	}
	if got := new(whippy.Event).RawJSON() + new(whippy.Call).RawJSON() + new(whippy.Message).RawJSON(); got != "" {
		t.Errorf("made by hand: got %q; want nothing", got)
	}
}

func TestParseEventRefuses(t *testing.T) {
	t.Parallel()
	ended := string(golden(t, "call.ended.json"))
	tests := map[string]struct {
		payload string
		want    string // what the text says after the name of the function
		cause   error
	}{
		"nothing":            {"", "document at offset 0: the document is empty", io.ErrUnexpectedEOF},
		"white space":        {" \n", "document at offset 2: the document is empty", io.ErrUnexpectedEOF},
		"byte order mark":    {"\ufeff", "document at offset 3: the document is empty", io.ErrUnexpectedEOF},
		"no JSON":            {"nope", "document at offset 0: invalid JSON: want an object", nil},
		"HTML":               {"<!doctype html><title>502</title>", "document at offset 0: invalid JSON", nil},
		"null":               {"null", "document at offset 0: want an object, found null", nil},
		"a list":             {"[" + ended + "]", "document at offset 0: want an object, found a list", nil},
		"an empty object":    {"{}", `document at offset 2: not an event: it has no member "event"`, nil},
		"no event":           {`{"data":{}}`, `not an event: it has no member "event"`, nil},
		"no data":            {`{"event":"call.ended"}`, `not an event: it has no member "data"`, nil},
		"other case of keys": {`{"Event":"call.ended","Data":{}}`, `it has no member "event"`, nil},
		"event is null":      {`{"event":null,"data":{}}`, "event at offset 9: want the type of the event, a string", nil},
		"event is a number":  {`{"event":7,"data":{}}`, "event at offset 9: want the type of the event, a string", nil},
		"event is empty":     {`{"event":"","data":{}}`, "the type of the event is empty", nil},
		"event twice": {
			`{"event":"call.ended","data":{"id":"a"},"event":"call.started"}`,
			"event at offset 48: the member is there twice", nil,
		},
		"event twice, once escaped": {
			`{"event":"call.ended","data":{},"\u0065vent":"ping"}`, "the member is there twice", nil,
		},
		"data twice": {
			`{"data":{"id":"a"},"event":"call.ended","data":{"id":"b"}}`,
			"data at offset 47: the member is there twice", nil,
		},
		"data of a call is null":    {`{"data":null,"event":"call.ended"}`, "data at offset 8: want an object, found null", nil},
		"data of a message is null": {`{"data":null,"event":"message.updated"}`, "data at offset 8: want an object, found null", nil},
		"data of a call is a list":  {`{"data":[],"event":"call.ended"}`, "data at offset 8: want an object, found a list", nil},
		"trailing comma": {
			strings.Replace(ended, "\"\n}", "\",\n}", 1), "invalid JSON: want a key", nil,
		},
		"trailing data":    {ended + "{}", "unexpected data after the value", nil},
		"two documents":    {ended + ended, "unexpected data after the value", nil},
		"truncated":        {ended[:len(ended)/2], "data at offset 1293", io.ErrUnexpectedEOF},
		"last byte lost":   {strings.TrimSuffix(ended, "}\n"), "at offset 2585", io.ErrUnexpectedEOF},
		"a bad id":         {`{"data":{"id":{"a":1}},"event":"call.ended"}`, "data.id at offset 14: want a string, found an object", nil},
		"a bad attachment": {`{"data":{"attachments":["u",5]},"event":"call.ended"}`, "data.attachments[1] at offset 28: want an object, found a number", nil},
		"a bad metadata":   {`{"data":{"metadata":"x"},"event":"call.ended"}`, "data.metadata at offset 20: want an object, found a string", nil},
		"a bad analysis":   {`{"data":{"metadata":{"analysis":[1]}},"event":"call.ended"}`, "data.metadata.analysis at offset 32: want an object", nil},
		"bad placeholders": {`{"data":{"metadata":{"placeholders_data":1}},"event":"call.ended"}`, "data.metadata.placeholders_data at offset 41: want an object", nil},
		"bad UTF-16 escape": {
			`{"data":{"body":"\uD8zz"},"event":"call.ended"}`, "data at offset 17: invalid JSON", nil,
		},
		"nested too deep": {
			`{"event":"ping","data":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`,
			"nested more than 128 levels deep", nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event, err := whippy.ParseEvent([]byte(test.payload))
			if event != nil || err == nil {
				t.Fatalf("got %v, %v; want an error", event, err)
			}
			if !errors.Is(err, whippy.ErrInvalidResponse) {
				t.Errorf("%v does not match ErrInvalidResponse", err)
			}
			if test.cause != nil && !errors.Is(err, test.cause) {
				t.Errorf("%v does not match %v", err, test.cause)
			}
			if e, ok := errors.AsType[*whippy.Error](err); !ok || e.Vendor != "whippy" || e.Op != "ParseEvent" {
				t.Errorf("got %#v; want an *Error of ParseEvent", err)
			}
			if fault, ok := errors.AsType[*whippy.DecodeError](err); !ok || fault.Offset > int64(len(test.payload)) {
				t.Errorf("got fault %v; want a place inside of the payload", fault)
			}
			text := err.Error()
			if !strings.HasPrefix(text, "whippy: ParseEvent: ") || !strings.Contains(text, test.want) {
				t.Errorf("got %q; want whippy: ParseEvent: ... %s", text, test.want)
			}
		})
	}
}

// An event is not sent again for a detail that cannot be read: what names nothing
// is zero, and its text is kept.
func TestUnreadableDetails(t *testing.T) {
	t.Parallel()
	raw := func(key, value string) map[string]json.RawMessage {
		return map[string]json.RawMessage{key: json.RawMessage(value)}
	}
	call := func(c *whippy.Call) *whippy.Event { return &whippy.Event{Type: whippy.EventCallEnded, Data: c} }
	metadata := func(m *whippy.Metadata) *whippy.Event { return call(&whippy.Call{Metadata: m}) }
	for name, test := range map[string]struct {
		payload string
		want    *whippy.Event
	}{
		"time of the event": {
			`{"data":{},"event":"call.ended","created_at":"yesterday"}`,
			&whippy.Event{Type: whippy.EventCallEnded, Data: &whippy.Call{}, Extra: raw("created_at", `"yesterday"`)},
		},
		"time of the event, then a good one": {
			`{"data":{},"event":"call.ended","created_at":[1],"created_at":"2026-05-04T13:20:16Z"}`,
			&whippy.Event{Type: whippy.EventCallEnded, Data: &whippy.Call{}, CreatedAt: at("2026-05-04T13:20:16Z")},
		},
		"API version":           {`{"data":{},"event":"call.ended","api_version":{"v":2}}`, &whippy.Event{Type: whippy.EventCallEnded, Data: &whippy.Call{}, APIVersion: `{"v":2}`}},
		"begin of the call":     {`{"data":{"created_at":1782979200},"event":"call.ended"}`, call(&whippy.Call{Extra: raw("created_at", "1782979200")})},
		"update of the call":    {`{"data":{"updated_at":"5 pm"},"event":"call.ended"}`, call(&whippy.Call{Extra: raw("updated_at", `"5 pm"`)})},
		"direction":             {`{"data":{"direction":{"a":1}},"event":"call.ended"}`, call(&whippy.Call{Direction: `{"a":1}`})},
		"numbers":               {`{"data":{"from":["1"],"to":{}},"event":"call.ended"}`, call(&whippy.Call{From: `["1"]`, To: "{}"})},
		"duration":              {`{"data":{"metadata":{"duration":"00:15"}},"event":"call.ended"}`, metadata(&whippy.Metadata{Extra: raw("duration", `"00:15"`)})},
		"duration, then none":   {`{"data":{"metadata":{"duration":"00:15","duration":null}},"event":"call.ended"}`, metadata(&whippy.Metadata{})},
		"success":               {`{"data":{"metadata":{"analysis":{"call_successful":"yes"}}},"event":"call.ended"}`, metadata(&whippy.Metadata{Analysis: &whippy.Analysis{Extra: raw("call_successful", `"yes"`)}})},
		"success, then another": {`{"data":{"metadata":{"analysis":{"call_successful":true,"call_successful":7}}},"event":"call.ended"}`, metadata(&whippy.Metadata{Analysis: &whippy.Analysis{Extra: raw("call_successful", "7")}})},
		"voicemail":             {`{"data":{"metadata":{"analysis":{"in_voicemail":[]}}},"event":"call.ended"}`, metadata(&whippy.Metadata{Analysis: &whippy.Analysis{Extra: raw("in_voicemail", "[]")}})},
		"sentiment":             {`{"data":{"metadata":{"analysis":{"user_sentiment":["calm"]}}},"event":"call.ended"}`, metadata(&whippy.Metadata{Analysis: &whippy.Analysis{UserSentiment: `["calm"]`}})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := parse(t, test.payload)
			if diff := diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			stored, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			if diff := diff(test.want, parse(t, string(stored))); diff != "" {
				t.Errorf("read back from %s (-want +got):\n%s", stored, diff)
			}
		})
	}
}

// The text of an error must not hold what a sender wrote.
func TestErrorsQuoteNothing(t *testing.T) {
	t.Parallel()
	const secret = "+13125550199"
	for name, payload := range map[string]string{
		"value":         `{"data":{"metadata":"` + secret + `"},"event":"call.ended"}`,
		"key":           `{"data":{"metadata":{"placeholders_data":{"` + secret + `":"\x"}}},"event":"call.ended"}`,
		"name as key":   `{"data":{"metadata":{"placeholders_data":{"Noor":{"Okafor":["\x"]}}}},"event":"call.ended"}`,
		"type":          `{"data":{"created_at":"x"},"event":"` + secret + `","event":"a"}`,
		"trailing data": `{"data":{},"event":"call.ended"}` + secret,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := whippy.ParseEvent([]byte(payload))
			if err == nil {
				t.Fatal("got no error")
			}
			var log bytes.Buffer
			slog.New(slog.NewJSONHandler(&log, nil)).Error("x", slog.Any("err", err))
			quoted := func(text string) bool { return strings.Contains(err.Error()+log.String(), text) }
			if quoted(secret) || quoted("Noor") || quoted("Okafor") {
				t.Errorf("the error quotes the payload: %v, %s", err, log.String())
			}
		})
	}
}

// TestNoFieldOfEventForgotten: an event is written and read as its fields say.
func TestNoFieldOfEventForgotten(t *testing.T) {
	t.Parallel()
	type plain whippy.Event // as encoding/json writes it
	event := jsontest.Filled[whippy.Event]()
	event.Data = &whippy.Unknown{Raw: json.RawMessage(`{"id":"c-1"}`)}
	want, err := json.Marshal((*plain)(event))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	jsontest.SameDocument(t, want, got)
	var read whippy.Event
	if err := json.Unmarshal(want, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(event, &read, cmpopts.IgnoreUnexported(whippy.Event{})); diff != "" {
		t.Errorf("an event changes when it is encoded and decoded (-want +got):\n%s", diff)
	}
}
