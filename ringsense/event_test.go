package ringsense_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/ringsense"
)

const (
	pbxFilter      = "/ai/ringsense/v1/public/accounts/5500000001/domains/pbx/insights"
	reminderFilter = "/restapi/v1.0/subscription/~?threshold=43200&interval=21600"
)

func parseEvent(t *testing.T, payload string) *ringsense.Event {
	t.Helper()
	event, err := ringsense.ParseEvent([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return event
}

func TestParseEvent(t *testing.T) {
	t.Parallel()
	record := recording(t, "phone_call.json")
	record.Extra = map[string]json.RawMessage{"eventType": json.RawMessage(`"Create"`), "eventOrigin": json.RawMessage(`"Recording"`)}
	tests := map[string]struct {
		document string
		want     *ringsense.Event
	}{
		"insights": {"event.json", &ringsense.Event{
			UUID: "1c7e1f0a-6f0e-4a3c-9d55-0c8a4b7d2e61", Filter: pbxFilter,
			Timestamp:      time.Date(2026, 3, 9, 14, 9, 41, 300e6, time.UTC),
			SubscriptionID: "b2f0c9d4-7a6e-4d51-8c0f-5e3a19d7c802", OwnerID: "4400000009", AccountID: "5500000001",
			Insights: record,
			Extra:    map[string]json.RawMessage{"traceId": json.RawMessage("{\n    \"hop\": [\n      1,\n      2\n    ]\n  }")},
		}},
		"reminder of a subscription": {"event_reminder.json", &ringsense.Event{
			UUID: "77a0d3b1-52c4-4f6e-a1e8-93b0c5d4f217", Filter: reminderFilter,
			Timestamp:      time.Date(2026, 3, 10, 2, 0, 0, 0, time.UTC),
			SubscriptionID: "b2f0c9d4-7a6e-4d51-8c0f-5e3a19d7c802", OwnerID: "4400000009",
			Body: json.RawMessage("{\n    \"id\": \"b2f0c9d4-7a6e-4d51-8c0f-5e3a19d7c802\",\n    \"expiresIn\": 43200\n  }"),
		}},
		"record without an envelope": {"meeting.json", &ringsense.Event{Insights: recording(t, "meeting.json")}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := document(t, test.document)
			got := parseEvent(t, string(doc))
			if diff := cmp.Diff(test.want, got, exportedOnly()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if want := strings.TrimSpace(string(doc)); got.RawJSON() != want {
				t.Errorf("RawJSON (-want +got):\n%s", cmp.Diff(want, got.RawJSON()))
			}
			written, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			jsontest.SameDocument(t, doc, written)
			jsontest.RoundTrip(t, got)
		})
	}
}

func TestEventOfInsightsHasTheTextOfTheRecord(t *testing.T) {
	t.Parallel()
	doc := document(t, "event.json")
	raw := parseEvent(t, string(doc)).Insights.RawJSON()
	if len(raw) < 1000 || !bytes.Contains(doc, []byte(raw)) {
		t.Errorf("got %d bytes, want the body as it came", len(raw))
	}
}

// TestEventsOfAINotes: the two events of one call are two events, and tell that
// they are about the same one.
func TestEventsOfAINotes(t *testing.T) {
	t.Parallel()
	notes := parseEvent(t, `{"uuid":"u-1","event":"`+pbxFilter+`","body":{"domain":"pbx","sourceRecordId":"31","eventType":"Create","eventOrigin":"AiNotes",`+
		`"lastModifiedTime":"2026-03-09T14:03:00Z","insights":{"CallNotes":[{"value":"a"}]}}}`)
	full := parseEvent(t, `{"uuid":"u-2","event":"`+pbxFilter+`","body":{"domain":"pbx","sourceRecordId":"31","eventOrigin":"Recording",`+
		`"lastModifiedTime":"2026-03-09T14:09:00Z","insights":{"CallNotes":[{"value":"a"}],"Transcript":[{"text":"b"}]}}}`)
	if notes.UUID == full.UUID || notes.Insights.SourceRecordID != full.Insights.SourceRecordID {
		t.Errorf("got %v and %v, want two events of one recording", notes.LogValue(), full.LogValue())
	}
	if !full.Insights.LastModifiedTime.After(notes.Insights.LastModifiedTime) {
		t.Error("the second is not the later one")
	}
	got := []string{notes.Type(), notes.Origin(), full.Type(), full.Origin()}
	if diff := cmp.Diff([]string{"Create", "AiNotes", "", "Recording"}, got); diff != "" {
		t.Errorf("types and origins (-want +got):\n%s", diff)
	}
	for name, event := range map[string]*ringsense.Event{
		"no insights":     {Filter: reminderFilter},
		"another kind":    parseEvent(t, `{"sourceRecordId":"31","eventOrigin":["a"],"eventType":7}`),
		"null":            parseEvent(t, `{"sourceRecordId":"31","eventOrigin":null,"eventType":null}`),
		"a made-up event": {},
	} {
		if event.Type() != "" || event.Origin() != "" {
			t.Errorf("%s: got type %q and origin %q, want none", name, event.Type(), event.Origin())
		}
	}
}

// TestAccountOfEvent: the account is in the filter and nowhere else.
func TestAccountOfEvent(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		pbxFilter: "5500000001",
		"/ai/ringsense/v1/public/accounts/~/domains/rcv/insights":                         "",
		"/ai/ringsense/v1/public/accounts/55x1/domains/rcv/insights":                      "",
		"/ai/ringsense/v1/public/accounts/5500000001/domains/ms-teams/insights":           "5500000001",
		"/restapi/v1.0/account/5500000001/telephony/sessions?withRecordings=true":         "5500000001",
		"/restapi/v1.0/account/~/telephony/sessions":                                      "",
		"/ai/other/v2/accounts/5500000001":                                                "5500000001",
		reminderFilter:                                                                    "",
		"/restapi/v1.0/glip/posts?back=/accounts/5500000001/x":                            "",
		"/ai/ringsense/v1/public/accounts//domains/pbx/insights":                          "",
		"/ai/ringsense/v1/public/accounts/5500000001/domains/pbx/insights?x=/accounts/7/": "5500000001",
	}
	for filter, want := range tests {
		event := parseEvent(t, `{"event":"`+filter+`","body":{"sourceRecordId":"31"}}`)
		if event.AccountID != want {
			t.Errorf("%s: got account %q, want %q", filter, event.AccountID, want)
		}
		if isInsights := strings.Contains(filter, "/insights"); isInsights != (event.Insights != nil) || isInsights == (event.Body != nil) {
			t.Errorf("%s: got insights %v and body %q", filter, event.Insights, event.Body)
		}
	}
}

func TestUnknownEvents(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		payload string
		want    *ringsense.Event
	}{
		"body is a list":   {`{"event":"/x","body":[1, 2]}`, &ringsense.Event{Filter: "/x", Body: json.RawMessage(`[1, 2]`)}},
		"body is null":     {`{"event":"/x","body":null}`, &ringsense.Event{Filter: "/x", Body: json.RawMessage(`null`)}},
		"no body":          {`{"event":"/x"}`, &ringsense.Event{Filter: "/x"}},
		"another version":  {`{"event":"/ai/ringsense/v2/public/accounts/7/domains/pbx/insights","body":{}}`, &ringsense.Event{Filter: "/ai/ringsense/v2/public/accounts/7/domains/pbx/insights", AccountID: "7", Body: json.RawMessage(`{}`)}},
		"body comes first": {`{"body":{"sourceRecordId":"31"},"event":"` + pbxFilter + `"}`, &ringsense.Event{Filter: pbxFilter, AccountID: "5500000001", Insights: &ringsense.RecordingInsights{SourceRecordID: "31"}}},
		"byte order mark":  {"\ufeff" + `{"event":"/x"}`, &ringsense.Event{Filter: "/x"}},
		"unknown domain": {
			`{"event":"/ai/ringsense/v1/public/accounts/7/domains/fax/insights","body":{"domain":"fax"}}`,
			&ringsense.Event{Filter: "/ai/ringsense/v1/public/accounts/7/domains/fax/insights", AccountID: "7", Insights: &ringsense.RecordingInsights{Domain: "fax"}},
		},
		"numbers as ids, time without a zone": {
			`{"event":"/x","uuid":7,"ownerId":44,"subscriptionId":9,"timestamp":"2026-03-09T14:02:11"}`,
			&ringsense.Event{Filter: "/x", UUID: "7", OwnerID: "44", SubscriptionID: "9", Timestamp: time.Date(2026, 3, 9, 14, 2, 11, 0, time.UTC)},
		},
		"envelope with a record's id": {
			`{"event":"/x","sourceRecordId":"31","body":1}`,
			&ringsense.Event{Filter: "/x", Body: json.RawMessage(`1`), Extra: map[string]json.RawMessage{"sourceRecordId": json.RawMessage(`"31"`)}},
		},
		"time that is none": {
			`{"event":"/x","timestamp":"Monday"}`,
			&ringsense.Event{Filter: "/x", Extra: map[string]json.RawMessage{"timestamp": json.RawMessage(`"Monday"`)}},
		},
		"time since the epoch, of insights": {
			`{"event":"` + pbxFilter + `","timestamp":1773064931000,"body":{"sourceRecordId":"31"}}`,
			&ringsense.Event{
				Filter: pbxFilter, AccountID: "5500000001", Insights: &ringsense.RecordingInsights{SourceRecordID: "31"},
				Extra: map[string]json.RawMessage{"timestamp": json.RawMessage(`1773064931000`)},
			},
		},
		"time that is none, then one": {
			`{"event":"/x","timestamp":{"at":1},"timestamp":"2026-03-09T14:02:11Z"}`,
			&ringsense.Event{Filter: "/x", Timestamp: time.Date(2026, 3, 9, 14, 2, 11, 0, time.UTC)},
		},
		"time, then none": {
			`{"event":"/x","timestamp":"2026-03-09T14:02:11Z","timestamp":[1]}`,
			&ringsense.Event{Filter: "/x", Extra: map[string]json.RawMessage{"timestamp": json.RawMessage(`[1]`)}},
		},
		"details that cannot be read": {
			`{"event":"` + pbxFilter + `","body":{"sourceRecordId":"31","recordingDurationMs":"00:15","recordingStartTime":1,"creationTime":{},"lastModifiedTime":"Monday"}}`,
			&ringsense.Event{Filter: pbxFilter, AccountID: "5500000001", Insights: &ringsense.RecordingInsights{SourceRecordID: "31", Extra: map[string]json.RawMessage{
				"recordingDurationMs": json.RawMessage(`"00:15"`), "recordingStartTime": json.RawMessage(`1`),
				"creationTime": json.RawMessage(`{}`), "lastModifiedTime": json.RawMessage(`"Monday"`),
			}}},
		},
		"duration that cannot be read, then one": {
			`{"sourceRecordId":"31","recordingDurationMs":"00:15","recordingDurationMs":15000}`,
			&ringsense.Event{Insights: &ringsense.RecordingInsights{SourceRecordID: "31", RecordingDurationMs: 15000}},
		},
		"insights without ids": {
			`{"event":"` + pbxFilter + `","body":{}}`,
			&ringsense.Event{Filter: pbxFilter, AccountID: "5500000001", Insights: &ringsense.RecordingInsights{}},
		},
		"envelope and record in one": {
			`{"uuid":"u","event":"` + pbxFilter + `","subscriptionId":"s","sourceRecordId":"31"}`,
			&ringsense.Event{Insights: &ringsense.RecordingInsights{SourceRecordID: "31", Extra: map[string]json.RawMessage{
				"uuid": json.RawMessage(`"u"`), "event": json.RawMessage(`"` + pbxFilter + `"`), "subscriptionId": json.RawMessage(`"s"`),
			}}},
		},
		"record with a member called event": {
			`{"event":"/x","sourceRecordId":"31"}`,
			&ringsense.Event{Insights: &ringsense.RecordingInsights{SourceRecordID: "31", Extra: map[string]json.RawMessage{"event": json.RawMessage(`"/x"`)}}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := parseEvent(t, test.payload)
			if diff := cmp.Diff(test.want, got, exportedOnly()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			jsontest.RoundTrip(t, got)
		})
	}
}

func TestRefusedEvents(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ payload, want string }{
		"nothing":                      {``, "document at offset 0: the document is empty"},
		"white space":                  {" \n", "document at offset 2: the document is empty"},
		"no JSON":                      {`nope, hidden`, "document at offset 0: invalid JSON: want an object"},
		"HTML":                         {`<html>hidden</html>`, "invalid JSON"},
		"a list":                       {`[{"event":"hidden"}]`, "want an object"},
		"null":                         {`null`, "want an object"},
		"truncated":                    {`{"event":"` + pbxFilter + `","body":{"title":"hid`, "unexpected EOF"},
		"trailing data":                {`{"event":"/x"} {}`, "after the value"},
		"neither":                      {`{"hello":"hidden"}`, `neither a member "event" nor`},
		"no filter":                    {`{"uuid":"hidden","body":{"sourceRecordId":"31"}}`, `neither a member "event" nor`},
		"empty filter":                 {`{"event":"","body":{}}`, "not the text of a filter"},
		"null filter":                  {`{"event":null,"body":{}}`, "not the text of a filter"},
		"filter is a number":           {`{"event":7,"body":{}}`, "not the text of a filter"},
		"insights without a body":      {`{"event":"` + pbxFilter + `"}`, `no member "body"`},
		"insights with a null body":    {`{"event":"` + pbxFilter + `","body":null}`, "found null"},
		"insights with a list as body": {`{"event":"` + pbxFilter + `","body":["hidden"]}`, "body"},
		"time that breaks off":         {`{"event":"/x","timestamp":"hid`, "unexpected EOF"},
		"broken record":                {`{"event":"` + pbxFilter + `","body":{"speakerInfo":"hidden"}}`, "body.speakerInfo"},
		"broken record alone":          {`{"sourceRecordId":"31","speakerInfo":"hidden"}`, "speakerInfo"},
		"two records in one":           {`{"sourceRecordId":"31","sourceRecordId":"32"}`, "sourceRecordId is there twice"},
		"two filters":                  {`{"event":"/x","event":"/y"}`, "event is there twice"},
		"two bodies":                   {`{"event":"/x","body":1,"body":2}`, "body is there twice"},
		"two UUIDs":                    {`{"event":"/x","uuid":"a","uuid":"b"}`, "uuid is there twice"},
		"two subscriptions":            {`{"event":"/x","subscriptionId":"a","subscriptionId":"b"}`, "subscriptionId is there twice"},
		"a repeated key, escaped":      {`{"event":"/x","\u0075uid":"a","uuid":"b"}`, "uuid is there twice"},
		"endless depth":                {`{"event":"/x","body":` + strings.Repeat("[", 10_001), "levels deep"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event, err := ringsense.ParseEvent([]byte(test.payload))
			if event != nil || !errors.Is(err, ringsense.ErrInvalidResponse) {
				t.Fatalf("got %v, %v; want an ErrInvalidResponse", event, err)
			}
			failed, ok := errors.AsType[*ringsense.Error](err)
			if _, isFault := errors.AsType[*ringsense.DecodeError](err); !ok || !isFault || failed.Op != "ParseEvent" || failed.Vendor != "ringsense" {
				t.Errorf("got %#v, want an *Error of ParseEvent with a *DecodeError", err)
			}
			if text := err.Error(); !strings.Contains(text, test.want) || strings.Contains(text, "hid") {
				t.Errorf("got the text %q, want %q in it and nothing of the payload", text, test.want)
			}
			kept := ringsense.Event{UUID: "before"}
			if err := kept.UnmarshalJSON([]byte(test.payload)); name != "null" && (err == nil || kept.UUID != "before") {
				t.Errorf("UnmarshalJSON: got %v and %q, want an error and no change", err, kept.UUID)
			}
		})
	}
}

func TestUnmarshalEvent(t *testing.T) {
	t.Parallel()
	event := ringsense.Event{UUID: "before", OwnerID: "44"}
	if err := json.Unmarshal([]byte(`null`), &event); err != nil || event.UUID != "before" {
		t.Errorf("null: got %q, %v; want no change", event.UUID, err)
	}
	data := []byte(`{"event":"/x","uuid":"after"}`)
	if err := event.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	copy(data, bytes.Repeat([]byte("x"), len(data)))
	if event.UUID != "after" || event.OwnerID != "" || event.RawJSON() != `{"event":"/x","uuid":"after"}` {
		t.Errorf("got %+v", event)
	}
}

func TestEventsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	record := &ringsense.RecordingInsights{SourceRecordID: "31"}
	tests := map[string]struct {
		event ringsense.Event
		want  string
	}{
		"nothing":                     {ringsense.Event{}, "without a Filter and without Insights"},
		"no filter but a UUID":        {ringsense.Event{UUID: "u", Insights: record}, "record alone"},
		"no filter but a time":        {ringsense.Event{Timestamp: time.Unix(1, 0), Insights: record}, "record alone"},
		"no filter but a body":        {ringsense.Event{Body: json.RawMessage(`1`), Insights: record}, "record alone"},
		"no filter but more":          {ringsense.Event{Extra: map[string]json.RawMessage{"a": json.RawMessage(`1`)}, Insights: record}, "record alone"},
		"record that is no record":    {ringsense.Event{Insights: &ringsense.RecordingInsights{Extra: map[string]json.RawMessage{"body": json.RawMessage(`1`)}}}, "body"},
		"filter without its insights": {ringsense.Event{Filter: pbxFilter}, "exactly if"},
		"insights of another filter":  {ringsense.Event{Filter: "/x", Insights: record}, "exactly if"},
		"both":                        {ringsense.Event{Filter: pbxFilter, Insights: record, Body: json.RawMessage(`{}`)}, "both"},
		"body that is no JSON":        {ringsense.Event{Filter: "/x", Body: json.RawMessage(`{`)}, "body"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := json.Marshal(test.event); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %s, %v; want an error with %q", got, err, test.want)
			}
		})
	}
}

func TestEventLogValue(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	event := parseEvent(t, string(document(t, "event.json")))
	logger.Info("got", slog.Any("event", event), slog.Any("reminder", ringsense.Event{UUID: "u-2", Filter: "/x", Body: json.RawMessage(`"hidden"`)}))
	for _, want := range []string{
		"event.uuid=1c7e1f0a-6f0e-4a3c-9d55-0c8a4b7d2e61", "event.filter=" + pbxFilter,
		"event.subscription_id=b2f0c9d4-7a6e-4d51-8c0f-5e3a19d7c802", "event.insights.source_record_id=3100000000017", "reminder.uuid=u-2",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, &log)
		}
	}
	if strings.Contains(log.String(), "Amara") || strings.Contains(log.String(), "hidden") {
		t.Errorf("the log shows what was said:\n%s", &log)
	}
}

func TestNoFieldOfEventForgotten(t *testing.T) {
	t.Parallel()
	jsontest.NoFieldForgotten[ringsense.Event](t, "Insights")
}

func TestMutatedEvents(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"event.json", "event_reminder.json", "meeting.json"} {
		for doc := range jsontest.Mutations(document(t, name), 1, 300) {
			if checkEvent(t, doc); t.Failed() {
				t.Fatalf("with the document %q", doc)
			}
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, seed := range []string{
		`{"uuid":"u","event":"` + pbxFilter + `","timestamp":"2026-03-09T14:09:41.3Z","subscriptionId":"s","ownerId":"4","body":{"sourceRecordId":"31"}}`,
		`{"event":"` + reminderFilter + `","body":{"expiresIn":43200},"x":1}`,
		`{"sourceRecordId":"31","insights":{"Summary":[{"value":"a"}]}}`,
		`{"body":null,"event":"` + pbxFilter + `","event":""}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(checkEvent)
}

// checkEvent checks what must hold for any payload.
func checkEvent(t *testing.T, payload []byte) {
	t.Helper()
	text := bytes.TrimPrefix(payload, []byte("\ufeff"))
	event, err := ringsense.ParseEvent(payload)
	if err != nil {
		if !errors.Is(err, ringsense.ErrInvalidResponse) || event != nil {
			t.Errorf("got %v, %v; want an error that matches ErrInvalidResponse", event, err)
		}
		if isForeignEvent(payload) && !errors.Is(err, jsonpull.ErrLimit) {
			t.Errorf("the event is refused: %v", err)
		}
		return
	}
	if !json.Valid(text) {
		t.Fatal("accepted what is not JSON")
	}
	if want := string(bytes.TrimSpace(text)); event.RawJSON() != want {
		t.Errorf("RawJSON: got %q, want %q", event.RawJSON(), want)
	}
	switch {
	case event.Filter == "" && event.Insights == nil:
		t.Error("an event without a filter and without insights")
	case event.Insights == nil:
		jsontest.Oracle(t, payload, event, "Insights")
	case event.Filter != "":
		jsontest.Oracle(t, payload, event, aliased(payload)...)
	}
	_ = event.Type()
	jsontest.RoundTrip(t, event)
}

// isForeignEvent reports whether payload is an envelope of which only the
// filter, another one than for insights, decides.
func isForeignEvent(payload []byte) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(payload, &members) != nil || len(members) != 1 || bytes.Count(payload, []byte(":")) != 1 {
		return false
	}
	var filter string
	return json.Unmarshal(members["event"], &filter) == nil && filter != "" && !strings.Contains(filter, "insights")
}
