package whippytest_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestPayloads(t *testing.T) {
	t.Parallel()
	tests := map[string]func(...whippytest.Edit) []byte{
		"call.started":  whippytest.CallStarted,
		"call.ended":    whippytest.CallEnded,
		"call.analyzed": whippytest.CallAnalyzed,
	}
	for name, build := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := build()
			path := filepath.Join("..", "..", "testdata", "whippy", "made", name+".json")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			event := parse(t, got)
			if string(event.Type) != name || len(event.Extra) != 0 || len(callOf(t, event).Extra) != 0 {
				t.Errorf("got %+v; want nothing but what package whippy knows", event)
			}
		})
	}
}

// The payloads have exactly the members that docs.whippy.ai/docs/calls shows.
func TestMembers(t *testing.T) {
	t.Parallel()
	var event map[string]json.RawMessage
	decode(t, whippytest.CallAnalyzed(), &event)
	checkMembers(t, event, "api_version created_at data event request_id")

	var call map[string]json.RawMessage
	decode(t, event["data"], &call)
	checkMembers(t, call, "attachments body campaign_contact_id campaign_id channel_id contact_id conversation_id "+
		"created_at delivery_status direction from id language metadata mode sequence_id step_contact_id step_id to "+
		"translated_body translation_language type updated_at user_id")

	var metadata map[string]json.RawMessage
	decode(t, call["metadata"], &metadata)
	checkMembers(t, metadata, "agent_id agent_version_id analysis duration llm_id llm_version_id placeholders_data type")

	var analysis map[string]json.RawMessage
	decode(t, metadata["analysis"], &analysis)
	checkMembers(t, analysis, "agent_task_completion_rating call_completion_rating call_successful call_summary "+
		"custom_analysis_dat in_voicemail user_sentiment")

	var attachments []map[string]json.RawMessage
	decode(t, call["attachments"], &attachments)
	for _, attachment := range attachments {
		checkMembers(t, attachment, "agent_id content_type url")
	}
}

func checkMembers(t *testing.T, object map[string]json.RawMessage, want string) {
	t.Helper()
	keys := make(map[string]bool, len(object))
	for key := range object {
		keys[key] = true
	}
	wanted := make(map[string]bool)
	for key := range strings.FieldsSeq(want) {
		wanted[key] = true
	}
	if diff := cmp.Diff(wanted, keys); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCallEvents(t *testing.T) {
	t.Parallel()
	ids := make(map[string]bool)
	requests := make(map[string]bool)
	for n := -1; n <= 120; n++ {
		var last *whippy.Call
		for i, payload := range whippytest.CallEvents(n) {
			event := parse(t, payload)
			call := callOf(t, event)
			if want := [...]whippy.EventType{"call.started", "call.ended", "call.analyzed"}[i]; event.Type != want {
				t.Errorf("call %d: got event %s as number %d; want %s", n, event.Type, i, want)
			}
			if requests[event.RequestID] {
				t.Errorf("call %d: request id %s is there twice", n, event.RequestID)
			}
			requests[event.RequestID] = true
			if !event.CreatedAt.After(call.UpdatedAt) {
				t.Errorf("call %d: %s is older than what it tells of", n, event.Type)
			}
			if last != nil && (call.ID != last.ID || !call.CreatedAt.Equal(last.CreatedAt) || !call.UpdatedAt.After(last.UpdatedAt) ||
				len(call.Attachments) <= len(last.Attachments) || call.ConversationID != last.ConversationID) {
				t.Errorf("call %d: %s does not follow on what came before", n, event.Type)
			}
			if length, ok := call.Duration(); ok && length > call.UpdatedAt.Sub(call.CreatedAt) {
				t.Errorf("call %d: it took %v and was over after %v", n, length, call.UpdatedAt.Sub(call.CreatedAt))
			}
			last = call
		}
		if ids[last.ID] {
			t.Errorf("call %d: id %s is there twice", n, last.ID)
		}
		ids[last.ID] = true
	}
	if diff := cmp.Diff(whippytest.CallEvents(1), [][]byte{
		whippytest.CallStarted(), whippytest.CallEnded(), whippytest.CallAnalyzed(),
	}); diff != "" {
		t.Errorf("the events of call 1 (-want +got):\n%s", diff)
	}
}

func TestEdits(t *testing.T) {
	t.Parallel()
	full := whippy.Call{
		ID: "c-1", DeliveryStatus: "call_completed.user_hangup", Direction: "OUTBOUND", Type: "call", Mode: "human",
		Body: "User: a < b & c\nContact: \u00e9\n", TranslatedBody: "t", Language: "en", TranslationLanguage: "es",
		From: "+13125550111", To: "+13125550122",
		CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)), UpdatedAt: time.Date(2026, 1, 2, 4, 0, 0, 1000, time.UTC),
		ConversationID: "v", ContactID: "w", ChannelID: "x", CampaignID: "y", CampaignContactID: "z",
		SequenceID: "s", StepContactID: "sc", StepID: "st", UserID: "42",
		Metadata: &whippy.Metadata{
			Type: "phone", DurationMs: new(0.0), PlaceholdersData: map[string]string{"a||b": "c"}, AgentID: "ag",
			Analysis: &whippy.Analysis{CustomAnalysisData: json.RawMessage(`[1]`), Extra: raw("tone", `"warm"`)},
			Extra:    raw("m", `1`),
		},
		Attachments: []whippy.Attachment{{URL: "u", Extra: raw("size", `9`)}},
		Extra:       raw("priority", `{"p":1}`),
	}
	tests := map[string]struct {
		edits []whippytest.Edit
		want  func(*whippy.Event)
	}{
		"none": {nil, func(*whippy.Event) {}},
		"everything": {
			[]whippytest.Edit{func(e *whippy.Event, c *whippy.Call) {
				*c = full
				e.APIVersion, e.RequestID, e.Extra = "v9", "r", raw("x", `null`)
				e.CreatedAt = time.Time{}
			}},
			func(e *whippy.Event) {
				e.Data = &full
				e.APIVersion, e.RequestID, e.Extra = "v9", "r", raw("x", `null`)
				e.CreatedAt = time.Time{}
			},
		},
		"in their order": {
			[]whippytest.Edit{
				func(e *whippy.Event, _ *whippy.Call) { e.RequestID = "first" },
				func(e *whippy.Event, _ *whippy.Call) { e.RequestID += ", second" },
			},
			func(e *whippy.Event) { e.RequestID = "first, second" },
		},
		"no metadata and a user's name": {
			[]whippytest.Edit{func(_ *whippy.Event, c *whippy.Call) { c.Metadata, c.UserID, c.Attachments = nil, "007", nil }},
			func(e *whippy.Event) {
				call := callOf(t, e)
				call.Metadata, call.UserID, call.Attachments = nil, "007", []whippy.Attachment{}
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := parse(t, whippytest.CallEnded())
			test.want(want)
			got := parse(t, whippytest.CallEnded(test.edits...))
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(whippy.Event{}, whippy.Call{}), cmpopts.EquateApproxTime(0)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("user id is a number", func(t *testing.T) {
		t.Parallel()
		payload := whippytest.CallEnded(func(_ *whippy.Event, c *whippy.Call) { c.UserID = "42" })
		if !bytes.Contains(payload, []byte(`"user_id":42,`)) {
			t.Errorf("got %s", payload)
		}
	})
	t.Run("characters of HTML stay", func(t *testing.T) {
		t.Parallel()
		payload := whippytest.CallEnded(func(_ *whippy.Event, c *whippy.Call) { c.Body = "a<b&c" })
		if !bytes.Contains(payload, []byte(`"body":"a<b&c"`)) {
			t.Errorf("got %s", payload)
		}
	})
}

func TestPayload(t *testing.T) {
	t.Parallel()
	event := &whippy.Event{
		Type: whippy.EventLeadNew, RequestID: "r-1", APIVersion: "v1",
		Data: &whippy.Unknown{Raw: json.RawMessage(`{"contact":{"name":"Ida Moss"}}`)},
	}
	got := whippytest.Payload(event)
	jsontest.SameDocument(t, []byte(
		`{"data":{"contact":{"name":"Ida Moss"}},"api_version":"v1","event":"lead.new","created_at":null,"request_id":"r-1"}`), got)
	if parsed := parse(t, got); parsed.Type != whippy.EventLeadNew {
		t.Errorf("got event %s", parsed.Type)
	}
}

func TestPayloadPanics(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		event whippy.Event
		want  string
	}{
		"no data":     {whippy.Event{Type: "ping"}, "whippytest: an event without Data"},
		"nil call":    {whippy.Event{Type: "call.ended", Data: (*whippy.Call)(nil)}, "whippytest: an event without Data"},
		"nil message": {whippy.Event{Type: "message.created", Data: (*whippy.Message)(nil)}, "whippytest: an event without Data"},
		"nil unknown": {whippy.Event{Type: "ping", Data: (*whippy.Unknown)(nil)}, "whippytest: an event without Data"},
		"broken raw":  {whippy.Event{Type: "ping", Data: &whippy.Unknown{Raw: json.RawMessage(`{`)}}, "whippytest: json: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if text, ok := recover().(string); !ok || !strings.HasPrefix(text, test.want) {
					t.Errorf("got panic %q; want %s...", text, test.want)
				}
			}()
			t.Errorf("got %s; want a panic", whippytest.Payload(&test.event))
		})
	}
}

func parse(t *testing.T, payload []byte) *whippy.Event {
	t.Helper()
	event, err := whippy.ParseEvent(payload)
	if err != nil {
		t.Fatal(err)
	}
	return event
}

func callOf(t *testing.T, event *whippy.Event) *whippy.Call {
	t.Helper()
	call, ok := event.Data.(*whippy.Call)
	if !ok {
		t.Fatalf("got data of type %T; want a *whippy.Call", event.Data)
	}
	return call
}

func decode(t *testing.T, doc []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(doc, v); err != nil {
		t.Fatal(err)
	}
}

func raw(key, value string) map[string]json.RawMessage {
	return map[string]json.RawMessage{key: json.RawMessage(value)}
}
