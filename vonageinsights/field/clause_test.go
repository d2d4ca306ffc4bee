package field_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights/field"
)

func TestClauseAppendText(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("east", 2*60*60)
	tests := map[string]struct {
		clause field.Clause
		want   string
	}{
		"string":                    {field.ID.Is("s-1"), `{"term":{"id":"s-1"}}`},
		"digits stay a string":      {field.AgentInformationID.Is("0042"), `{"term":{"agent_information.id":"0042"}}`},
		"empty string":              {field.Source.Is(""), `{"term":{"source":""}}`},
		"number":                    {field.ChannelDataDuration.Is(27000), `{"term":{"channel_data.duration":27000}}`},
		"negative number":           {field.TagsListCount.Is(-1), `{"term":{"tags_list.count":-1}}`},
		"largest number":            {field.TagsListCount.Is(1<<63 - 1), `{"term":{"tags_list.count":9223372036854775807}}`},
		"true":                      {field.FlowPathSynchronized.Is(true), `{"term":{"flow_path.synchronized":true}}`},
		"false":                     {field.FlowPathSynchronized.Is(false), `{"term":{"flow_path.synchronized":false}}`},
		"time in UTC":               {field.SessionStartTime.Is(time.Date(2031, 5, 2, 1, 30, 0, 123456789, east)), `{"term":{"session_start_time":"2031-05-01T23:30:00.123456"}}`},
		"year zero":                 {field.SessionEndTime.Is(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)), `{"term":{"session_end_time":"0000-01-01T00:00:00.000000"}}`},
		"year 9999":                 {field.SessionEndTime.Is(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)), `{"term":{"session_end_time":"9999-12-31T23:59:59.000000"}}`},
		"text":                      {field.TranscriptionClient.Matches("my refund!"), `{"match":{"transcription.client":"my refund!"}}`},
		"text in another script":    {field.TranscriptionClient.Matches("возврат"), `{"match":{"transcription.client":"возврат"}}`},
		"quotes and control":        {field.Source.Is("a\"b\\c\n\x01"), `{"term":{"source":"a\"b\\c\u000a\u0001"}}`},
		"angle brackets stay":       {field.Source.Is("<&>"), `{"term":{"source":"<&>"}}`},
		"parameter":                 {field.Parameter("USER.RECORD_ID").Is("7"), `{"term":{"parameters.USER.RECORD_ID":"7"}}`},
		"parameter with a quote":    {field.Parameter(`a"b`).Is("7"), `{"term":{"parameters.a\"b":"7"}}`},
		"tag":                       {field.Tag("vip").Is(2), `{"term":{"tags.vip":2}}`},
		"field of the user's":       {field.Bool("some.flag").Is(true), `{"term":{"some.flag":true}}`},
		"raw is made compact":       {field.Raw(json.RawMessage(" {\"range\": {\"n\": {\"gte\": 3}}}\n")), `{"range":{"n":{"gte":3}}}`},
		"raw keeps large numbers":   {field.Raw(json.RawMessage(`{"term":{"n":12345678901234567890}}`)), `{"term":{"n":12345678901234567890}}`},
		"raw keeps its white space": {field.Raw(json.RawMessage(`{"match":{"a":"b  c"}}`)), `{"match":{"a":"b  c"}}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.clause.AppendText([]byte("before "))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("before "+test.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !json.Valid(got[len("before "):]) {
				t.Error("not valid JSON")
			}
		})
	}
}

func TestClauseRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		clause field.Clause
		want   string
	}{
		"zero value":            {field.Clause{}, "the clause is empty"},
		"empty name":            {field.String("").Is("x"), "the name of the field is empty"},
		"invalid name":          {field.Number("a\xff").Is(1), "not valid UTF-8"},
		"control in name":       {field.Bool("a\x00b").Is(true), "control character"},
		"parameter unnamed":     {field.Parameter("").Is("x"), "a part of it is missing"},
		"leading dot":           {field.String(".id").Is("x"), "a part of it is missing"},
		"invalid value":         {field.Source.Is("a\xffb"), "the value for field source is not valid UTF-8"},
		"invalid text":          {field.TranscriptionClient.Matches("a\xff"), "the value for field transcription.client is not valid UTF-8"},
		"empty text":            {field.TranscriptionClient.Matches(""), "the text for field transcription.client has no word"},
		"text of signs alone":   {field.TranscriptionClient.Matches(" ...!"), "has no word"},
		"five-digit year":       {field.SessionStartTime.Is(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)), "is in year 10000"},
		"negative year":         {field.SessionStartTime.Is(time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)), "is in year -1"},
		"raw empty":             {field.Raw(nil), "the raw clause is not valid JSON"},
		"raw cut":               {field.Raw(json.RawMessage(`{"term":{`)), "the raw clause is not valid JSON"},
		"raw with more":         {field.Raw(json.RawMessage(`{}{}`)), "the raw clause is not valid JSON"},
		"raw of invalid UTF-8":  {field.Raw(json.RawMessage("{\"a\":\"\xff\"}")), "the raw clause is not valid JSON"},
		"raw list":              {field.Raw(json.RawMessage(`[{"term":{}}]`)), "the raw clause is not a JSON object"},
		"raw null":              {field.Raw(json.RawMessage(`null`)), "the raw clause is not a JSON object"},
		"raw without its colon": {field.Raw(json.RawMessage(`{"should" []}`)), "the raw clause is not valid JSON"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.clause.AppendText([]byte("kept"))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got the error %v, want one with %q", err, test.want)
			}
			if !strings.HasPrefix(string(got), "kept") {
				t.Errorf("the buffer was lost: %q", got)
			}
		})
	}
}

func TestRawIsCopied(t *testing.T) {
	t.Parallel()
	query := json.RawMessage(`{"term":{"id":"1"}}`)
	clause := field.Raw(query)
	query[2] = 'X'
	got, err := clause.AppendText(nil)
	if err != nil || string(got) != `{"term":{"id":"1"}}` {
		t.Errorf("got %s, %v; want the clause as it was made", got, err)
	}
}

func TestOrderAppendText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		order   field.Order
		want    string
		refusal string
	}{
		"string ascending":  {field.ID.Asc(), "id:asc", ""},
		"string descending": {field.Status.Desc(), "status:desc", ""},
		"number ascending":  {field.ChannelDataStatusCode.Asc(), "channel_data.status_code:asc", ""},
		"number descending": {field.ChannelDataDuration.Desc(), "channel_data.duration:desc", ""},
		"time ascending":    {field.SessionStartTime.Asc(), "session_start_time:asc", ""},
		"time descending":   {field.SessionStartTime.Desc(), "session_start_time:desc", ""},
		"zero value":        {field.Order{}, "", "the name of the field is empty"},
		"comma":             {field.Parameter("a,id").Asc(), "", "comma or a colon"},
		"colon":             {field.Parameter("a:desc").Asc(), "", "comma or a colon"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.order.AppendText(nil)
			if test.refusal != "" {
				if err == nil || !strings.Contains(err.Error(), test.refusal) {
					t.Errorf("got the error %v, want one with %q", err, test.refusal)
				}
				return
			}
			if err != nil || string(got) != test.want {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestAppendPath(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path    field.Path
		want    string
		refusal string
	}{
		"string":     {field.ID, `"id"`, ""},
		"number":     {field.ChannelDataDuration, `"channel_data.duration"`, ""},
		"bool":       {field.ParamsListCompleted, `"params_list.completed"`, ""},
		"time":       {field.SessionStartTime, `"session_start_time"`, ""},
		"text":       {field.TranscriptionClient, `"transcription.client"`, ""},
		"object":     {field.FlowData, `"flow_data"`, ""},
		"with quote": {field.Parameter(`a"b`), `"parameters.a\"b"`, ""},
		"nil":        {nil, "", "the field is nil"},
		"empty":      {field.Object(""), "", "the name of the field is empty"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := field.AppendPath(nil, test.path)
			if test.refusal != "" {
				if err == nil || !strings.Contains(err.Error(), test.refusal) {
					t.Errorf("got the error %v, want one with %q", err, test.refusal)
				}
				return
			}
			if err != nil || string(got) != test.want {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

// FuzzClause checks that whatever a user's text is, what is sent says exactly
// that, or nothing is sent.
func FuzzClause(f *testing.F) {
	f.Add("id", "s-1", `{"term":{"id":"1"}}`)
	f.Add(`a"},"b`, `"}}]}`, `{}}`)
	f.Add("a\xff", "\u2028\x00\\", `[]`)
	f.Fuzz(func(t *testing.T, path, value, raw string) {
		if text, err := field.String(path).Is(value).AppendText(nil); err == nil {
			var got map[string]map[string]string
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			want := map[string]map[string]string{"term": {path: value}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
		if text, err := field.Raw(json.RawMessage(raw)).AppendText(nil); err == nil && !json.Valid(text) {
			t.Errorf("the raw clause %q became %q", raw, text)
		}
		if text, err := field.String(path).Asc().AppendText(nil); err == nil && string(text) != path+":asc" {
			t.Errorf("the order by %q became %q", path, text)
		}
	})
}
