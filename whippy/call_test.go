package whippy_test

import (
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/whippy"
)

func TestModels(t *testing.T) {
	t.Parallel()
	t.Run("no field forgotten", func(t *testing.T) {
		t.Parallel()
		jsontest.NoFieldForgotten[whippy.Call](t)
		jsontest.NoFieldForgotten[whippy.Metadata](t)
		jsontest.NoFieldForgotten[whippy.Analysis](t)
		jsontest.NoFieldForgotten[whippy.Attachment](t)
	})
	for _, name := range callNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var event struct {
				Data json.RawMessage `json:"data"`
			}
			if err := json.Unmarshal(golden(t, name), &event); err != nil {
				t.Fatal(err)
			}
			call := jsontest.Decodes[whippy.Call](t, event.Data, "CustomAnalysisData")
			if call == nil {
				t.Fatal("the call is refused")
			}
			if diff := diff(callOf(t, parse(t, string(golden(t, name)))), call); diff != "" {
				t.Errorf("the call on its own differs from that of the event (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("null leaves alone", func(t *testing.T) {
		t.Parallel()
		want := whippy.Attachment{URL: "https://media.example/a"}
		got := want
		if err := json.Unmarshal([]byte("null"), &got); err != nil || got.URL != want.URL {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	})
}

// Whether there is an analysis is for the call to say and not for the event.
func TestAnalysis(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		event whippy.EventType
		data  string
		want  *whippy.Analysis
	}{
		"no metadata":            {whippy.EventCallAnalyzed, `{}`, nil},
		"null metadata":          {whippy.EventCallAnalyzed, `{"metadata":null}`, nil},
		"no analysis":            {whippy.EventCallAnalyzed, `{"metadata":{}}`, nil},
		"null analysis":          {whippy.EventCallAnalyzed, `{"metadata":{"analysis":null}}`, nil},
		"empty analysis":         {whippy.EventCallEnded, `{"metadata":{"analysis":{}}}`, &whippy.Analysis{}},
		"analysis at the start":  {whippy.EventCallStarted, `{"metadata":{"analysis":{"user_sentiment":"Negative"}}}`, &whippy.Analysis{UserSentiment: whippy.SentimentNegative}},
		"last of two":            {whippy.EventCallEnded, `{"metadata":{"analysis":{},"analysis":null}}`, nil},
		"last of two metadata":   {whippy.EventCallEnded, `{"metadata":{"analysis":{}},"metadata":{}}`, nil},
		"unknown is not false":   {whippy.EventCallEnded, `{"metadata":{"analysis":{"call_successful":null,"in_voicemail":""}}}`, &whippy.Analysis{}},
		"false is not unknown":   {whippy.EventCallEnded, `{"metadata":{"analysis":{"call_successful":false,"in_voicemail":0}}}`, &whippy.Analysis{CallSuccessful: new(false), InVoicemail: new(false)}},
		"a rating not known yet": {whippy.EventCallEnded, `{"metadata":{"analysis":{"call_completion_rating":"Superb"}}}`, &whippy.Analysis{CallCompletionRating: "Superb"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := parse(t, `{"data":`+test.data+`,"event":"`+string(test.event)+`"}`)
			if diff := cmp.Diff(test.want, callOf(t, event).Analysis()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			jsontest.RoundTrip(t, event)
		})
	}
}

// Whippy's page calls the custom analysis custom_analysis_dat.
func TestCustomAnalysis(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		members string
		want    string // CustomAnalysisData
		extra   string // what is kept of the other spelling
	}{
		"neither":                         {``, ``, ``},
		"documented":                      {`"custom_analysis_dat":{"a":1}`, `{"a":1}`, ``},
		"expected":                        {`"custom_analysis_data":{"a":1}`, `{"a":1}`, ``},
		"documented and empty":            {`"custom_analysis_dat":{}`, `{}`, ``},
		"expected and null":               {`"custom_analysis_data":null`, `null`, ``},
		"both, expected is empty":         {`"custom_analysis_data":{ },"custom_analysis_dat":{"a":1}`, `{"a":1}`, ``},
		"both, expected is null":          {`"custom_analysis_dat":{"a":1},"custom_analysis_data":null`, `{"a":1}`, ``},
		"both, expected is an empty text": {`"custom_analysis_dat":[1],"custom_analysis_data":""`, `[1]`, ``},
		"both, documented is empty":       {`"custom_analysis_data":{"a":1},"custom_analysis_dat":[]`, `{"a":1}`, ``},
		"both full":                       {`"custom_analysis_dat":{"b":2},"custom_analysis_data":{"a":1}`, `{"a":1}`, `{"b":2}`},
		"both empty":                      {`"custom_analysis_dat":{},"custom_analysis_data":[]`, `[]`, ``},
		"a number":                        {`"custom_analysis_data":10,"custom_analysis_dat":{}`, `10`, ``},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call := parseCall(t, `{"metadata":{"analysis":{`+test.members+`}}}`)
			analysis := call.Analysis()
			if got := string(analysis.CustomAnalysisData); got != test.want {
				t.Errorf("got %s; want %s", got, test.want)
			}
			if got := string(analysis.Extra["custom_analysis_dat"]); got != test.extra {
				t.Errorf("Extra: got %s; want %s", got, test.extra)
			}
			jsontest.RoundTrip(t, call)
		})
	}
}

func TestDecodeCustomAnalysis(t *testing.T) {
	t.Parallel()
	type answers struct {
		Slot string `json:"slot"`
	}
	call := parseCall(t, `{"metadata":{"analysis":{"custom_analysis_dat":{"slot":"Monday"}}}}`)
	var got answers
	if err := call.Analysis().DecodeCustomAnalysis(&got); err != nil || got.Slot != "Monday" {
		t.Errorf("got %+v, %v", got, err)
	}
	kept := answers{"as it was"}
	if err := new(whippy.Analysis).DecodeCustomAnalysis(&kept); err != nil || kept.Slot != "as it was" {
		t.Errorf("nothing to decode: got %+v, %v", kept, err)
	}
	err := call.Analysis().DecodeCustomAnalysis(new([]int))
	const want = "whippy: Analysis.DecodeCustomAnalysis: the value at offset "
	if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "Monday") {
		t.Errorf("got %v; want %s...", err, want)
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		data string
		want time.Duration
		ok   bool
	}{
		"no metadata":        {`{}`, 0, false},
		"missing":            {`{"metadata":{}}`, 0, false},
		"null":               {`{"metadata":{"duration":null}}`, 0, false},
		"empty string":       {`{"metadata":{"duration":""}}`, 0, false},
		"milliseconds":       {`{"metadata":{"duration":15848}}`, 15848 * time.Millisecond, true},
		"zero":               {`{"metadata":{"duration":0}}`, 0, true},
		"fraction":           {`{"metadata":{"duration":0.5}}`, 500 * time.Microsecond, true},
		"exponent":           {`{"metadata":{"duration":1.5e3}}`, 1500 * time.Millisecond, true},
		"number in a string": {`{"metadata":{"duration":" 1200 "}}`, 1200 * time.Millisecond, true},
		"beyond all measure": {`{"metadata":{"duration":1e300}}`, math.MaxInt64, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call := parseCall(t, test.data)
			if got, ok := call.Duration(); got != test.want || ok != test.ok {
				t.Errorf("got %v, %v; want %v, %v", got, ok, test.want, test.ok)
			}
			jsontest.RoundTrip(t, call)
		})
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ value, want string }{
		"string":          {`"u-1"`, "u-1"},
		"number":          {`42`, "42"},
		"beyond 2^53":     {`9007199254740993`, "9007199254740993"},
		"beyond 64 bits":  {`123456789012345678901234567890`, "123456789012345678901234567890"},
		"null":            {`null`, ""},
		"empty":           {`""`, ""},
		"escaped":         {`"\u0041\/1"`, "A/1"},
		"not valid UTF-8": {"\"a\xffb\"", "a\ufffdb"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call := parseCall(t, strings.ReplaceAll(`{"id":$,"user_id":$,"step_id":$,"sequence_id":$,"step_contact_id":$,`+
				`"channel_id":$,"campaign_id":$,"metadata":{"agent_id":$,"llm_id":$}}`, "$", test.value))
			want := &whippy.Call{
				ID: test.want, UserID: test.want, StepID: test.want, SequenceID: test.want, StepContactID: test.want,
				ChannelID: test.want, CampaignID: test.want, Metadata: &whippy.Metadata{AgentID: test.want, LLMID: test.want},
			}
			if diff := diff(want, call); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			jsontest.RoundTrip(t, call)
		})
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ value, want string }{
		"microseconds and zone": {`"2026-05-04T13:20:11.604230Z"`, "2026-05-04T13:20:11.60423Z"},
		"seconds and zone":      {`"2026-05-04T13:20:11Z"`, "2026-05-04T13:20:11Z"},
		"no zone":               {`"2026-05-04T13:20:11"`, "2026-05-04T13:20:11Z"},
		"another zone":          {`"2026-05-04T13:20:11+02:00"`, "2026-05-04T13:20:11+02:00"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := parse(t, strings.ReplaceAll(`{"data":{"created_at":$,"updated_at":$},"event":"call.ended","created_at":$}`, "$", test.value))
			want := &whippy.Event{
				Type: whippy.EventCallEnded, CreatedAt: at(test.want),
				Data: &whippy.Call{CreatedAt: at(test.want), UpdatedAt: at(test.want)},
			}
			if diff := diff(want, event); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			jsontest.RoundTrip(t, event)
		})
	}
	for name, value := range map[string]string{"null": `null`, "empty": `""`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := parse(t, `{"data":{"updated_at":`+value+`},"event":"call.ended","created_at":`+value+`}`)
			if at := callOf(t, event).UpdatedAt; !at.IsZero() || !event.CreatedAt.IsZero() {
				t.Errorf("got %v and %v; want no times", at, event.CreatedAt)
			}
		})
	}
}

func TestAPIVersion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ member, want string }{
		"missing":    {``, ""},
		"documented": {`,"api_version":"v1"`, "v1"},
		"another":    {`,"api_version":"v7-beta"`, "v7-beta"},
		"a number":   {`,"api_version":2`, "2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := parse(t, `{"data":{},"event":"call.ended"`+test.member+`}`).APIVersion; got != test.want {
				t.Errorf("got %q; want %q", got, test.want)
			}
		})
	}
}

func TestPlaceholder(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		data     string
		variable string
		want     whippy.Placeholder
		ok       bool
	}{
		"no metadata":      {`{}`, "name", whippy.Placeholder{}, false},
		"none":             {`{"metadata":{"placeholders_data":null}}`, "name", whippy.Placeholder{}, false},
		"another":          {`{"metadata":{"placeholders_data":{"names":"x"}}}`, "name", whippy.Placeholder{}, false},
		"with a default":   {`{"metadata":{"placeholders_data":{"name||friend":"Ada"}}}`, "name", whippy.Placeholder{Variable: "name", Default: "friend", Value: "Ada"}, true},
		"without one":      {`{"metadata":{"placeholders_data":{"name":"Ada"}}}`, "name", whippy.Placeholder{Variable: "name", Value: "Ada"}, true},
		"spaces":           {`{"metadata":{"placeholders_data":{" name || dear friend ":"Ada"}}}`, "name", whippy.Placeholder{Variable: "name", Default: "dear friend", Value: "Ada"}, true},
		"bars in default":  {`{"metadata":{"placeholders_data":{"name||a||b":"Ada"}}}`, "name", whippy.Placeholder{Variable: "name", Default: "a||b", Value: "Ada"}, true},
		"empty value":      {`{"metadata":{"placeholders_data":{"name||friend":""}}}`, "name", whippy.Placeholder{Variable: "name", Default: "friend"}, true},
		"a number":         {`{"metadata":{"placeholders_data":{"age":41}}}`, "age", whippy.Placeholder{Variable: "age", Value: "41"}, true},
		"several defaults": {`{"metadata":{"placeholders_data":{"name||b":"2","name||a":"1"}}}`, "name", whippy.Placeholder{Variable: "name", Default: "a", Value: "1"}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := parseCall(t, test.data).Placeholder(test.variable)
			if diff := cmp.Diff(test.want, got); diff != "" || ok != test.ok {
				t.Errorf("got ok = %v; want %v (-want +got):\n%s", ok, test.ok, diff)
			}
		})
	}
}

// A small body of many tiny values must not fill the memory. Not parallel,
// because it counts what is allocated.
func TestMemoryIsBounded(t *testing.T) { //nolint:paralleltest // see above
	fill := func(element string) string { return strings.Repeat(element+",", (3<<20)/(len(element)+1)) + element }
	var members strings.Builder
	for i := range 300_000 {
		members.WriteString(`"` + string(rune('a'+i%26)) + time.Duration(i).String() + `":0,`)
	}
	const limit = "decodes to more memory than a document of this size may take"
	tests := map[string]struct {
		doc  string
		says string // why it is refused, if it is
	}{
		"attachments":  {`{"data":{"attachments":[` + fill(`{}`) + `]},"event":"call.ended"}`, limit},
		"placeholders": {`{"data":{"metadata":{"placeholders_data":{` + members.String() + `"z":0}}},"event":"call.ended"}`, ""},
		"extra":        {`{"data":{` + members.String() + `"z":0},"event":"call.ended"}`, ""},
		"unknown":      {`{"data":[` + fill(`{}`) + `],"event":"ping"}`, ""},
	}
	for name, test := range tests { //nolint:paralleltest // see above
		t.Run(name, func(t *testing.T) {
			payload := []byte(test.doc)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := whippy.ParseEvent(payload)
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
				t.Errorf("%d bytes allocated for a body of %d", grown, len(payload))
			}
			switch {
			case test.says == "" && err != nil:
				t.Error(err)
			case test.says != "" && (!errors.Is(err, whippy.ErrInvalidResponse) || !strings.Contains(err.Error(), test.says)):
				t.Errorf("got %v; want an ErrInvalidResponse with %q", err, test.says)
			}
		})
	}
}
