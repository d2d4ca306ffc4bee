package ringsense_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
)

func TestRecordingFields(t *testing.T) {
	t.Parallel()
	r := recording(t, "phone_call.json")
	at := time.Date(2026, time.March, 9, 14, 2, 11, 250e6, time.UTC)
	if !r.RecordingStartTime.Equal(at) {
		t.Errorf("got start %v, want %v", r.RecordingStartTime, at)
	}
	if got, want := r.Duration(), 61480*time.Millisecond; got != want {
		t.Errorf("got duration %v, want %v", got, want)
	}
	if r.Domain != ringsense.DomainPBX || r.CallDirection != ringsense.DirectionOutbound {
		t.Errorf("got %q, %q", r.Domain, r.CallDirection)
	}
	if got := r.Insights.Summary[1]; got.Start != 1 || got.End != 2 {
		t.Errorf("got %+v, want the second summary from 1 to 2", got)
	}
	if got := r.Insights.Sentiment[0].Value; got != ringsense.SentimentPositive {
		t.Errorf("got sentiment %q", got)
	}
	if got := r.Insights.BulletedSummary[0].Section; got != "Problem" {
		t.Errorf("got section %q", got)
	}
}

// TestUnknownMembers: what this version does not know is kept where it stood.
func TestUnknownMembers(t *testing.T) {
	t.Parallel()
	r := recording(t, "contact_centre_call.json")
	type extra = map[string]json.RawMessage
	got := []extra{r.Extra, r.SpeakerInfo[1].Extra, r.Insights.Extra, r.Insights.Transcript[0].Extra}
	want := []extra{
		{"eventType": json.RawMessage(`"Create"`), "eventOrigin": json.RawMessage(`"Recording"`)},
		{"consent": json.RawMessage(`true`)},
		{"AICoach": json.RawMessage(`{"tips": ["Offer a test ride"]}`)},
		{"confidence": json.RawMessage(`0.93`)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Extra (-want +got):\n%s", diff)
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		document string
		want     []ringsense.Turn
	}{
		{"phone_call.json", []ringsense.Turn{
			{
				SpeakerID: "p-b40c7d21e98fz192d0e6a11z3f0000-1", Speaker: "Amara Okafor", Role: ringsense.RoleAgent,
				Text: "Good afternoon, this is Amara from Harbour Bikes.", Start: 0.8, End: 4.9,
			},
			{
				SpeakerID: "p-b40c7d21e98fz192d0e6a11z3f0000-1", Speaker: "Amara Okafor", Role: ringsense.RoleAgent,
				Text: "You called about the cargo bike that pulls to the left.", Start: 5.2, End: 9.35,
			},
			{
				SpeakerID: "p-b40c7d21e98fz192d0e6a11z3f0000-2", Speaker: "Piet Lindqvist", Role: ringsense.RoleCustomer,
				Text: "Yes, since the service last week. It's the \"front\" wheel, I think \u2013 it rubs.", Start: 9.8, End: 14,
			},
			{
				SpeakerID: "p-b40c7d21e98fz192d0e6a11z3f0000-1", Speaker: "Amara Okafor", Role: ringsense.RoleAgent,
				Text: "Then bring it in on Thursday, we'll true the wheel while you wait.", Start: 55.75, End: 60.1,
			},
		}},
		{"meeting.json", []ringsense.Turn{
			{
				SpeakerID: "4400000001", Speaker: "Amara Okafor", Role: ringsense.RoleAgent,
				Text: "Shall we start with the tandems?", Start: 3, End: 5.5,
			},
			{SpeakerID: "guest-1", Start: 6, End: 6.25}, // neither in the account nor outside of it
		}},
	}
	for _, tt := range tests {
		t.Run(tt.document, func(t *testing.T) {
			t.Parallel()
			turns := recording(t, tt.document).Turns()
			if diff := cmp.Diff(tt.want, slices.Collect(turns)); diff != "" {
				t.Errorf("turns (-want +got):\n%s", diff)
			}
			for first := range turns {
				if diff := cmp.Diff(tt.want[0], first); diff != "" {
					t.Errorf("first turn of a second round (-want +got):\n%s", diff)
				}
				break
			}
		})
	}
}

func TestTurnsOfUnknownSpeakers(t *testing.T) {
	t.Parallel()
	r := &ringsense.RecordingInsights{
		SpeakerInfo: []ringsense.Speaker{
			{SpeakerID: "", Name: "Nobody", AccountID: "1"},
			{SpeakerID: "1", ExtensionID: "2"},
			{SpeakerID: "1", Name: "Repeated"},
		},
		Insights: ringsense.Insights{Transcript: []ringsense.Utterance{{Text: "a"}, {SpeakerID: "9", Text: "b"}, {SpeakerID: "1", Text: "c"}}},
	}
	want := []ringsense.Turn{{Text: "a"}, {SpeakerID: "9", Text: "b"}, {SpeakerID: "1", Role: ringsense.RoleAgent, Text: "c"}}
	if diff := cmp.Diff(want, slices.Collect(r.Turns())); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
}

func TestSpeaker(t *testing.T) {
	t.Parallel()
	r := recording(t, "contact_centre_call.json")
	got, ok := r.Speaker("7701942")
	if !ok || got.Name != "Dario Fenn" || got.PhoneNumber != "+12125550144" || got.External() {
		t.Errorf("got %+v, %v", got, ok)
	}
	got, ok = r.Speaker("c9d40f7e-1f2f-4d8b-8a86-6a5a2f1f6b0c")
	if !ok || !got.External() || !got.AccountNull {
		t.Errorf("got %+v, %v, want an outsider", got, ok)
	}
	for _, id := range []string{"", "770194"} {
		if got, ok := r.Speaker(id); ok {
			t.Errorf("got %+v for the id %q, want none", got, id)
		}
	}
}

// TestSpeakerAccount: a null account is an outsider, a missing one is unknown.
func TestSpeakerAccount(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		external bool
		out      string
	}{
		{"null account", `{"speakerId":"1","accountId":null,"extensionId":null}`, true, `{"speakerId":"1","accountId":null}`},
		{"missing account", `{"speakerId":"1"}`, false, `{"speakerId":"1"}`},
		{"empty account", `{"speakerId":"1","accountId":""}`, false, `{"speakerId":"1"}`},
		{"account", `{"speakerId":"1","accountId":"7"}`, false, `{"speakerId":"1","accountId":"7"}`},
		{"account as a number", `{"speakerId":1,"accountId":7}`, false, `{"speakerId":"1","accountId":"7"}`},
		{"null, then an account", `{"speakerId":"1","accountId":null,"accountId":"7"}`, false, `{"speakerId":"1","accountId":"7"}`},
		{"an account, then null", `{"speakerId":"1","accountId":"7","accountId":null}`, true, `{"speakerId":"1","accountId":null}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s ringsense.Speaker
			if err := json.Unmarshal([]byte(tt.in), &s); err != nil {
				t.Fatal(err)
			}
			if s.External() != tt.external {
				t.Errorf("got External() = %v, want %v", s.External(), tt.external)
			}
			out, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.out, string(out)); diff != "" {
				t.Errorf("encoded (-want +got):\n%s", diff)
			}
		})
	}
	made := ringsense.Speaker{AccountID: "7", AccountNull: true}
	if made.External() {
		t.Error("a speaker with an account is an outsider")
	}
}

// TestTolerances: documents that are not quite as described.
func TestTolerances(t *testing.T) {
	t.Parallel()
	insights := func(i ringsense.Insights) ringsense.RecordingInsights {
		return ringsense.RecordingInsights{Insights: i}
	}
	tests := []struct {
		name, doc string
		want      ringsense.RecordingInsights
	}{
		{"domains for domain", `{"domains":"pbx"}`, ringsense.RecordingInsights{Domain: "pbx"}},
		{"domains of another kind", `{"domain":"pbx","domains":["rcv"]}`, ringsense.RecordingInsights{
			Domain: "pbx", Extra: map[string]json.RawMessage{"domains": json.RawMessage(`["rcv"]`)},
		}},
		{"a domain not known", `{"domain":"fax"}`, ringsense.RecordingInsights{Domain: "fax"}},
		{"HighLights", `{"insights":{"HighLights":[{"value":"a"}]}}`, insights(ringsense.Insights{Highlights: []ringsense.Insight{{Value: "a"}}})},
		{"Highlights", `{"insights":{"Highlights":[{"value":"a"}]}}`, insights(ringsense.Insights{Highlights: []ringsense.Insight{{Value: "a"}}})},
		{"object in place of a list", `{"insights":{"AIScore":{"value":"8"}}}`, insights(ringsense.Insights{AIScore: []ringsense.Insight{{Value: "8"}}})},
		{"number as a value", `{"insights":{"AIScore":[{"value":8}]}}`, insights(ringsense.Insights{AIScore: []ringsense.Insight{{Value: "8"}}})},
		{"object as a value", `{"insights":{"QnA":[{"value":{"q":"a"}}]}}`, insights(ringsense.Insights{QnA: []ringsense.Insight{{Value: `{"q":"a"}`}}})},
		{"null insights", `{"insights":null}`, ringsense.RecordingInsights{}},
		{"null kinds", `{"insights":{"Transcript":null,"Summary":null}}`, ringsense.RecordingInsights{}},
		{"empty kinds", `{"insights":{"Transcript":[],"Summary":[]}}`, insights(ringsense.Insights{Transcript: []ringsense.Utterance{}, Summary: []ringsense.Insight{}})},
		{"null in a list", `{"insights":{"Summary":[null]}}`, insights(ringsense.Insights{Summary: []ringsense.Insight{{}}})},
		{"nothing but nulls", `{"title":null,"recordingDurationMs":null,"creationTime":null,"speakerInfo":null}`, ringsense.RecordingInsights{}},
		{"numbers as ids", `{"sourceRecordId":31,"ownerExtensionId":44}`, ringsense.RecordingInsights{SourceRecordID: "31", OwnerExtensionID: "44"}},
		{"text as a number", `{"recordingDurationMs":"1500"}`, ringsense.RecordingInsights{RecordingDurationMs: 1500}},
		{"time without a zone", `{"creationTime":"2026-03-09T14:02:11"}`, ringsense.RecordingInsights{CreationTime: time.Date(2026, 3, 9, 14, 2, 11, 0, time.UTC)}},
		{"empty object", `{}`, ringsense.RecordingInsights{}},
		{"byte order mark", "\ufeff{\"title\":\"a\"}", ringsense.RecordingInsights{Title: "a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got ringsense.RecordingInsights
			if err := got.UnmarshalJSON([]byte(tt.doc)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, exportedOnly()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func exportedOnly() cmp.Option {
	return cmp.FilterPath(func(p cmp.Path) bool {
		field, ok := p.Last().(cmp.StructField)
		return ok && field.Name() == "raw"
	}, cmp.Ignore())
}

func TestRefusedDocuments(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, doc, path string }{
		{"nothing", ``, ""},
		{"a list", `[]`, ""},
		{"truncated", `{"title":"a"`, "title"},
		{"trailing data", `{} {}`, ""},
		{"text as insights", `{"insights":"a"}`, "insights"},
		{"text as a kind", `{"insights":{"Summary":"secret"}}`, "insights.Summary"},
		{"text as speakers", `{"speakerInfo":"secret"}`, "speakerInfo"},
		{"text as an offset", `{"insights":{"Transcript":[{},{"start":"secret"}]}}`, "insights.Transcript[1].start"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := ringsense.RecordingInsights{Title: "before"}
			err := r.UnmarshalJSON([]byte(tt.doc))
			fault, ok := errors.AsType[*ringsense.DecodeError](err)
			if !ok {
				t.Fatalf("got %v, want a DecodeError", err)
			}
			if fault.Path != tt.path {
				t.Errorf("got path %q, want %q", fault.Path, tt.path)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error quotes the document: %v", err)
			}
			if r.Title != "before" {
				t.Error("the value changed")
			}
		})
	}
}

// TestUnmarshal: null changes nothing, anything else replaces everything, and
// the buffer of encoding/json is not held on to.
func TestUnmarshal(t *testing.T) {
	t.Parallel()
	r := ringsense.RecordingInsights{Title: "before", Domain: "pbx"}
	if err := r.UnmarshalJSON([]byte(" null ")); err != nil || r.Title != "before" {
		t.Errorf("null: got %q, %v", r.Title, err)
	}
	data := []byte(` {"title":"after"} `)
	if err := r.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	copy(data, bytes.Repeat([]byte("x"), len(data)))
	if r.Title != "after" || r.Domain != "" || r.RawJSON() != `{"title":"after"}` {
		t.Errorf("got %+v, %q", r, r.RawJSON())
	}
}

func TestMadeByHand(t *testing.T) {
	t.Parallel()
	r := ringsense.RecordingInsights{SourceRecordID: "31"}
	if r.RawJSON() != "" {
		t.Errorf("got RawJSON %q, want none", r.RawJSON())
	}
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"title":"","domain":"","sourceRecordId":"31","sourceSessionId":"","ownerExtensionId":"","recordingDurationMs":0,"insights":{}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.Insights.Transcript = []ringsense.Utterance{{End: ringsense.Seconds(math.Inf(1))}}
	if _, err := json.Marshal(r); err == nil || !strings.Contains(err.Error(), "end") {
		t.Errorf("got %v, want an error that names the member", err)
	}
}

// TestLogValues: nobody logs a conversation by accident, by value or pointer.
func TestLogValues(t *testing.T) {
	t.Parallel()
	r := recording(t, "phone_call.json")
	s := &ringsense.SessionInsights{Records: []*ringsense.RecordingInsights{r}, Paging: ringsense.Paging{TotalElements: 3}}
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	logger.Info("pointers", slog.Any("r", r), slog.Any("s", s))
	logger.Info("values", slog.Any("r", *r), slog.Any("s", *s))
	logger.Info("parts", slog.Any("speaker", r.SpeakerInfo[0]), slog.Any("utterance", r.Insights.Transcript[0]),
		slog.Any("insight", &r.Insights.NextSteps[0]))
	const line = ` r.domain=pbx r.source_record_id=3100000000017 r.source_session_id=s-b40c7d21e98fz192d0e6a11z3f0000` +
		` r.speakers=2 r.insights.transcript=4 r.insights.summary=2 r.insights.highlights=1 r.insights.next_steps=1` +
		` r.insights.bulleted_summary=2 r.insights.ai_score=1 r.insights.call_notes=1 r.insights.sentiment=1` +
		` s.records=1 s.total_elements=3` + "\n"
	const id = "p-b40c7d21e98fz192d0e6a11z3f0000-"
	want := "level=INFO msg=pointers" + line + "level=INFO msg=values" + line +
		"level=INFO msg=parts speaker.speaker_id=" + id + "1 speaker.extension_id=4400000001" +
		" utterance.speaker_id=" + id + "1 insight.speaker_id=" + id + "2\n"
	if diff := cmp.Diff(want, log.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScore(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value string
		want  float64
		ok    bool
	}{
		{"8", 8, true},
		{" 7.5 ", 7.5, true},
		{"-1", -1, true},
		{"", 0, false},
		{"high", 0, false},
		{"8/10", 0, false},
		{"NaN", 0, false},
		{"Inf", 0, false},
		{"1e999", 0, false},
	} {
		got, ok := (&ringsense.Insight{Value: tt.value}).Score()
		if got != tt.want || ok != tt.ok {
			t.Errorf("%q: got %v, %v, want %v, %v", tt.value, got, ok, tt.want, tt.ok)
		}
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value string
		want  []string
	}{
		{"", nil},
		{"\n \n", nil},
		{"one", []string{"one"}},
		{"one\ntwo\n", []string{"one", "two"}},
		{" one \r\n\r\ntwo", []string{"one", "two"}},
	} {
		if diff := cmp.Diff(tt.want, (&ringsense.Insight{Value: tt.value}).Lines()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.value, diff)
		}
	}
}

func TestSessionEncoding(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		s    ringsense.SessionInsights
		want string
	}{
		{
			"empty",
			ringsense.SessionInsights{},
			`{"paging":{"perPage":0,"pageStart":0,"pageEnd":0,"totalElements":0}}`,
		},
		{
			"nil recording",
			ringsense.SessionInsights{Records: []*ringsense.RecordingInsights{nil}},
			`{"records":[{"title":"","domain":"","sourceRecordId":"","sourceSessionId":"","ownerExtensionId":"",` +
				`"recordingDurationMs":0,"insights":{}}],"paging":{"perPage":0,"pageStart":0,"pageEnd":0,"totalElements":0}}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(tt.s)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
