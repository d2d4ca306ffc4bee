package vonageinsightstest_test

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// page is the answer to a search.
type page struct {
	Total int `json:"total"`
	Hits  []struct {
		ID string `json:"id"`
	} `json:"hits"`
	Size   string `json:"page_size"`
	Number string `json:"page_number"`
}

func decodePage(t *testing.T, body string) page {
	t.Helper()
	var p page
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// search returns the ids of the sessions that began in spring 2026, or in the
// range that the parameters, names and values in turns, set.
func search(t *testing.T, server *vonageinsightstest.Server, parameters ...string) []string {
	t.Helper()
	spring := []string{"from_date", "2026-03-01", "to_date", "2026-04-30", "page_size", "100"}
	answer, body := call{target: root + "?" + encoded(append(spring, parameters...)...)}.send(t, server)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("got %s %s", answer.Status, body)
	}
	page := decodePage(t, body)
	if page.Total < len(page.Hits) {
		t.Errorf("got the total %d of %d hits", page.Total, len(page.Hits))
	}
	ids := make([]string, 0, len(page.Hits))
	for _, hit := range page.Hits {
		ids = append(ids, hit.ID)
	}
	return ids
}

// The sessions that filters and sorting are tried on.
var calls = []string{
	`{"id":"gas","session_start_time":"2026-03-01T09:00:00","session_end_time":"2026-03-01T09:01:00","status":"ended",
	"source":"12025550101","destination":12025550199,"request_ids":["r1","r2"],
	"agent_information":{"id":"1234567","name":"Desk"},"channel_data":{"duration":60000,"status_code":0,"audio_url":null},
	"transcription":[{"68fa":"What is the matter?"},{"user":"It's the GAS, hurry up!"},{"user":"Élan 24"}],
	"tags":{"topic":{"gas":1,"urgent":2},"topic":{"valve":3}},
	"tags_list":[{"tag":"gas","category":"topic","count":1},{"tag":"urgent","category":"mood","count":9}],
	"parameters":{"USER.ID":"7","code":"old"},"params":{"code":{"completed":true,"value":"new"}},
	"flow_data":{"collected_tags":[{"tag":"gas","category":"topic"},{"tag":"urgent","category":"mood"}]},
	"flow_path":[{"type":"start","synchronized":true,"context":{"user_input":"Gas please","status":{"code":200}}},
	{"type":"speak","synchronized":false,"context":{"user_input":"","status":{"code":503}}}]}`,
	`{"id":"oil","session_start_time":"2026-03-02T09:00:00.000001","status":"in_progress","source":"12025550102",
	"agent_information":{"id":"1234568","name":"desk"},"channel_data":{"duration":90000,"status_code":200},
	"transcription":[{"client":"shut the door"},{"68fa":"up or down?"}],
	"params_list":[{"name":"code","value":"listed"},{"name":"count","value":9007199254740993}],
	"tags_list":[{"tag":"urgent","count":2},{"tag":"uncounted"}],"flow_data":{"collected_tags":[{"tag":"urgent"}]}}`,
	`{"id":"air","session_start_time":"2026-03-03T09:00:00","status":"ended","request_ids":["r2"],
	"channel_data":{"duration":7000.0},"parameters":["odd"],"params":{"code":"odd"},"tags":{"flat":4,"a":{"b":{"c":5}}},"tags_list":"odd"}`,
}

func TestFilter(t *testing.T) {
	t.Parallel()
	must := func(clauses string) string { return `{"must":[` + clauses + `]}` }
	tests := map[string]struct{ filter, want string }{
		"none":                                  {``, "gas oil air"},
		"empty":                                 {`{}`, "gas oil air"},
		"empty lists":                           {`{"must":[],"must_not":[],"should":[]}`, "gas oil air"},
		"term":                                  {must(`{"term":{"agent_information.id":"1234567"}}`), "gas"},
		"term is exact":                         {must(`{"term":{"agent_information.id":"123456"}}`), ""},
		"term looks at case":                    {must(`{"term":{"agent_information.name":"Desk"}}`), "gas"},
		"term looks at all":                     {must(`{"term":{"flow_path.context.user_input":"Gas"}}`), ""},
		"a string is no number":                 {must(`{"term":{"channel_data.duration":"60000"}}`), ""},
		"a number is no string":                 {must(`{"term":{"agent_information.id":1234567}}`), ""},
		"number":                                {must(`{"term":{"channel_data.duration":60000}}`), "gas"},
		"number written otherwise":              {must(`{"term":{"channel_data.duration":7e3}}`), "air"},
		"number of zero":                        {must(`{"term":{"channel_data.status_code":0}}`), "gas"},
		"number of many digits":                 {must(`{"term":{"parameters.count":9007199254740993}}`), "oil"},
		"almost that number":                    {must(`{"term":{"parameters.count":9007199254740992}}`), ""},
		"a phone number is a string":            {must(`{"term":{"destination":"12025550199"}}`), "gas"},
		"boolean":                               {must(`{"term":{"flow_path.synchronized":true}}`), "gas"},
		"the other boolean":                     {must(`{"term":{"flow_path.synchronized":false}}`), "gas"},
		"a boolean is no string":                {must(`{"term":{"flow_path.synchronized":"true"}}`), ""},
		"list of strings":                       {must(`{"term":{"request_ids":"r2"}}`), "gas air"},
		"list of objects":                       {must(`{"term":{"flow_path.context.status.code":503}}`), "gas"},
		"different members of a list":           {must(`{"term":{"flow_path.type":"start"}},{"term":{"flow_path.context.status.code":503}}`), "gas"},
		"name and value of different ones":      {must(`{"term":{"params_list.name":"code"}},{"term":{"params_list.value":9007199254740993}}`), "oil"},
		"an object":                             {must(`{"term":{"agent_information":"1234567"}}`), ""},
		"null in the document":                  {must(`{"term":{"channel_data.audio_url":"null"}}`), ""},
		"unknown field":                         {must(`{"term":{"agent_id":"1234567"}}`), ""},
		"unknown field that must not":           {`{"must_not":[{"term":{"agent_id":"1234567"}}]}`, "gas oil air"},
		"start as a moment":                     {must(`{"term":{"session_start_time":"2026-03-01T09:00:00.000000"}}`), "gas"},
		"start as a day":                        {must(`{"term":{"session_start_time":"2026-03-02"}}`), "oil"},
		"start a microsecond early":             {must(`{"term":{"session_start_time":"2026-03-02T09:00:00"}}`), ""},
		"end as a day":                          {must(`{"term":{"session_end_time":"2026-03-01"}}`), "gas"},
		"start as a number":                     {must(`{"term":{"session_start_time":2026}}`), ""},
		"three tags":                            {must(`{"term":{"flow_data.collected_tags.tag":"gas"}},{"term":{"flow_data.collected_tags.tag":"urgent"}}`), "gas"},
		"count of a tag":                        {must(`{"term":{"tags.urgent":2}}`), "gas oil"},
		"count of a tag and its list":           {must(`{"term":{"tags.urgent":9}}`), ""},
		"tag without a count":                   {must(`{"term":{"tags.uncounted":0}}`), ""},
		"count of a tag in a repeated category": {must(`{"term":{"tags.valve":3}},{"term":{"tags.gas":1}}`), "gas"},
		"count of a tag of a category":          {must(`{"term":{"tags.topic.urgent":2}}`), "gas"},
		"count of a tag without one":            {must(`{"term":{"tags.flat":4}}`), "air"},
		"no count of a tag":                     {must(`{"term":{"tags.b":5}}`), ""},
		"parameter":                             {must(`{"term":{"parameters.code":"new"}}`), "gas"},
		"last value of a parameter":             {must(`{"term":{"parameters.code":"old"}}`), ""},
		"parameter of the list":                 {must(`{"term":{"parameters.code":"listed"}}`), "oil"},
		"parameter with a dot":                  {must(`{"term":{"parameters.USER.ID":"7"}}`), "gas"},
		"params is not searched":                {must(`{"term":{"params.code":"new"}}`), ""},

		"match":                           {must(`{"match":{"transcription.client":"gas"}}`), "gas"},
		"match of one word":               {must(`{"match":{"transcription.client":"shut up"}}`), "gas oil"},
		"match of words between marks":    {must(`{"match":{"transcription.client":"it-s/shut"}}`), "gas oil"},
		"match needs a word":              {must(`{"match":{"transcription.client":"shu u"}}`), ""},
		"match of no words":               {must(`{"match":{"transcription.client":"?!"}}`), ""},
		"match without regard to case":    {must(`{"match":{"transcription.client":"ÉLAN"}}`), "gas"},
		"match of a number in a text":     {must(`{"match":{"transcription.client":"24"}}`), "gas"},
		"match is of the caller alone":    {must(`{"match":{"transcription.client":"matter down"}}`), ""},
		"match of the caller's key":       {must(`{"match":{"transcription.user":"hurry"}}`), "gas"},
		"match of the agent's key":        {must(`{"match":{"transcription.68fa":"down"}}`), "oil"},
		"match of another text":           {must(`{"match":{"flow_path.context.user_input":"gas"}}`), "gas"},
		"match does not work on an id":    {must(`{"match":{"status":"ended"}}`), ""},
		"match does not work on a tag":    {must(`{"match":{"tags_list.tag":"gas"}}`), ""},
		"match on a parameter":            {must(`{"match":{"parameters.code":"new"}}`), ""},
		"match on a time":                 {must(`{"match":{"session_start_time":"2026-03-01"}}`), ""},
		"term does not work on the words": {must(`{"term":{"transcription.client":"shut the door"}}`), ""},

		"must all":               {must(`{"term":{"status":"ended"}},{"term":{"request_ids":"r1"}}`), "gas"},
		"must not":               {`{"must_not":[{"term":{"request_ids":"r1"}},{"term":{"source":"12025550102"}}]}`, "air"},
		"should":                 {`{"should":[{"term":{"id":"air"}},{"term":{"id":"oil"}},{"term":{"id":"none"}}]}`, "oil air"},
		"should none":            {`{"should":[{"term":{"id":"none"}}]}`, ""},
		"should beside must":     {`{"must":[{"term":{"status":"ended"}}],"should":[{"term":{"request_ids":"r1"}}]}`, "gas"},
		"all three":              {`{"must":[{"term":{"status":"ended"}}],"should":[{"term":{"request_ids":"r2"}}],"must_not":[{"term":{"id":"gas"}}]}`, "air"},
		"must not beside should": {`{"should":[{"term":{"id":"gas"}}],"must_not":[{"term":{"id":"gas"}}]}`, ""},
		"spaces and line breaks": {" {\n\"must\" : [ {\"term\" : {\"id\" : \"gas\"} } ] } ", "gas"},
		"escaped characters":     {must(`{"term":{"\u0069d":"g\u0061s"}}`), "gas"},
	}
	server := newServer(t, calls...)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(strings.Fields(tt.want), search(t, server, "filter_by", tt.filter)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRange(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ from, to, want string }{
		"both ends are included":         {"2026-03-01T09:00:00", "2026-03-03T09:00:00.000000", "gas oil air"},
		"a microsecond after the first":  {"2026-03-01T09:00:00.000001", "2026-03-03T09:00:00", "oil air"},
		"a microsecond before the last":  {"2026-03-01T09:00:00", "2026-03-03T08:59:59.999999", "gas oil"},
		"one moment":                     {"2026-03-02T09:00:00.000001", "2026-03-02T09:00:00.000001", "oil"},
		"parts of a microsecond":         {"2026-03-02T09:00:00.0000019", "2026-03-02T09:00:00.000001999", "oil"},
		"one day":                        {"2026-03-02", "2026-03-02", "oil"},
		"two days":                       {"2026-03-02", "2026-03-03", "oil air"},
		"a day as the start is midnight": {"2026-03-02", "2026-03-02T09:00:00", ""},
		"a day as the end of a time":     {"2026-03-02T09:00:00", "2026-03-02", "oil"},
		"60 days":                        {"2026-03-02", "2026-05-01", "oil air"},
		"60 days of times":               {"2026-01-01T09:00:00", "2026-03-02T09:00:00", "gas"},
		"another year":                   {"2025-03-01", "2025-03-03", ""},
	}
	server := newServer(t, calls...)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(strings.Fields(tt.want), search(t, server, "from_date", tt.from, "to_date", tt.to)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ by, want string }{
		"not at all":                  {"", "gas oil air"},
		"by start":                    {"session_start_time:asc", "gas oil air"},
		"by start, latest first":      {"session_start_time:desc", "air oil gas"},
		"by id":                       {"id:asc", "air gas oil"},
		"by a number":                 {"channel_data.duration:asc", "air gas oil"},
		"by a number, longest first":  {"channel_data.duration:desc", "oil gas air"},
		"without a value last":        {"agent_information.name:asc", "gas oil air"},
		"also descending":             {"agent_information.name:desc", "oil gas air"},
		"by two":                      {"status:asc,session_start_time:desc", "air gas oil"},
		"by two, the second id":       {"status:desc,id:asc", "oil air gas"},
		"ties in the order of adding": {"status:asc", "gas air oil"},
		"ties descending likewise":    {"status:desc", "oil gas air"},
		"ties of what nobody has":     {"api_key:desc", "gas oil air"},
		"the smallest of a list":      {"request_ids:asc,id:asc", "gas air oil"},
		"the largest of a list":       {"request_ids:desc,id:asc", "air gas oil"},
		"by what a document has":      {"flow_path.context.status.code:asc", "gas oil air"},
		"by a parameter":              {"parameters.code:asc", "oil gas air"},
		"by different kinds":          {"parameters.count:asc", "oil gas air"},
	}
	server := newServer(t, calls...)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(strings.Fields(tt.want), search(t, server, "sort_by", tt.by)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSortKeepsOrder of sessions that are alike, however many there are.
func TestSortKeepsOrder(t *testing.T) {
	t.Parallel()
	server := vonageinsightstest.NewServer()
	var want [3][]string
	for i := range 90 {
		id, status := strconv.Itoa(i*37%90), i*i%3
		want[status] = append(want[status], id)
		document := `{"id":"` + id + `","session_start_time":"2026-03-01","status":"` + strconv.Itoa(status) + `"}`
		if err := server.AddJSON([]byte(document)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(slices.Concat(want[:]...), search(t, server, "sort_by", "status:asc,session_start_time:desc")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestProjection(t *testing.T) {
	t.Parallel()
	const document = `{ "id":"p" ,"session_start_time":"2026-03-01T09:00:00","a":{"b":[ 1, {"c":null} ],"b2":"<x>"},` +
		`"list":[{"c":1,"d":2},7,{"d":3},{"c":4,"d":{"e":[]}}],"USER.ID":{"x":1.50}}`
	tests := map[string]struct{ fields, want string }{
		"all":                             {``, document},
		"all of an empty list":            {`[]`, document},
		"one":                             {`["id"]`, `{"id":"p"}`},
		"two, in the document's order":    {`["session_start_time","id"]`, `{"id":"p","session_start_time":"2026-03-01T09:00:00"}`},
		"an object":                       {`["a"]`, `{"a":{"b":[ 1, {"c":null} ],"b2":"<x>"}}`},
		"a member of an object":           {`["a.b2"]`, `{"a":{"b2":"<x>"}}`},
		"no longer names":                 {`["a.b"]`, `{"a":{"b":[ 1, {"c":null} ]}}`},
		"an object and its member":        {`["a.b2","a"]`, `{"a":{"b":[ 1, {"c":null} ],"b2":"<x>"}}`},
		"members of a list":               {`["list.c"]`, `{"list":[{"c":1},{"c":4}]}`},
		"members of members of a list":    {`["list.d.e","a.b.c"]`, `{"a":{"b":[{"c":null}]},"list":[{"d":{"e":[]}}]}`},
		"the beginning of such a name":    {`["USER"]`, `{"USER.ID":{"x":1.50}}`},
		"names with a dot":                {`["USER.ID.x"]`, `{"USER.ID":{"x":1.50}}`},
		"unknown":                         {`["nobody","a.nobody","list.nobody"]`, `{}`},
		"below a scalar":                  {`["id.x"]`, `{}`},
		"spaces in the list of the names": {` [ "id" ] `, `{"id":"p"}`},
	}
	server := newServer(t, document)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, body := call{target: root + "?" + encoded("from_date", "2026-03-01", "to_date", "2026-03-01", "project_fields", tt.fields)}.send(t, server)
			want := `{"total":1,"hits":[` + tt.want + `],"page_size":"10","page_number":"0"}`
			if diff := cmp.Diff(want, body); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	var documents []string
	for letter := 'a'; letter <= 'l'; letter++ {
		documents = append(documents, `{"id":"`+string(letter)+`","session_start_time":"2026-03-01"}`)
	}
	largest := strconv.Itoa(math.MaxInt)
	tests := map[string]struct {
		query            string
		limit            int
		wantHits         string
		wantSize, wantNo string
	}{
		"by default":               {"", 0, "abcdefghij", "10", "0"},
		"the second":               {"&page_number=1", 0, "kl", "10", "1"},
		"past the end":             {"&page_number=2", 0, "", "10", "2"},
		"of another size":          {"&page_number=1&page_size=5", 0, "fghij", "5", "1"},
		"the last, not full":       {"&page_number=2&page_size=5", 0, "kl", "5", "2"},
		"full to the end":          {"&page_number=2&page_size=4", 0, "ijkl", "4", "2"},
		"just past the end":        {"&page_number=3&page_size=4", 0, "", "4", "3"},
		"of any size":              {"&page_size=" + largest, 5, "abcde", largest, "0"},
		"far past the end":         {"&page_number=999", 0, "", "10", "999"},
		"come back as they were":   {"&page_number=01&page_size=010", 0, "kl", "010", "01"},
		"empty values are none":    {"&page_number=&page_size=", 0, "abcdefghij", "10", "0"},
		"smaller than asked":       {"&page_number=1&page_size=5", 3, "def", "5", "1"},
		"smaller than by default":  {"", 3, "abc", "10", "0"},
		"not larger than asked":    {"&page_size=2", 3, "ab", "2", "0"},
		"without a limit any more": {"&page_size=12", -1, "abcdefghijkl", "12", "0"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, documents...)
			server.SetMaxPageSize(3)
			server.SetMaxPageSize(tt.limit)
			_, body := call{target: root + "?from_date=2026-03-01&to_date=2026-03-01" + tt.query}.send(t, server)
			got := decodePage(t, body)
			var hits strings.Builder
			for _, hit := range got.Hits {
				hits.WriteString(hit.ID)
			}
			if got.Total != len(documents) || hits.String() != tt.wantHits || got.Size != tt.wantSize || got.Number != tt.wantNo {
				t.Errorf("got %s, want %q and %q, %q", body, tt.wantHits, tt.wantSize, tt.wantNo)
			}
		})
	}
}

// TestHitsAreUntouched: byte for byte, between commas.
func TestHitsAreUntouched(t *testing.T) {
	t.Parallel()
	_, body := call{target: root + "?from_date=2026-03-01&to_date=2026-03-02"}.send(t, newServer(t, lamp, chair))
	want := `{"total":2,"hits":[` + lamp + `,` + chair + `],"page_size":"10","page_number":"0"}`
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestBareBraces makes a result empty, whatever else is wrong.
func TestBareBraces(t *testing.T) {
	t.Parallel()
	server := newServer(t, calls...)
	for name, query := range map[string]string{
		"a filter that matches": `from_date=2026-03-01&to_date=2026-03-03&page_size=5&filter_by={"must":[]}`,
		"one brace":             `from_date=2026-03-01&to_date=2026-03-03&page_size=5&filter_by=%7B}`,
		"no dates":              `page_size=5&filter_by={}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, body := call{target: root + "?" + query}.send(t, server)
			if want := `{"total":0,"hits":[],"page_size":"5","page_number":"0"}`; answer.StatusCode != http.StatusOK || body != want {
				t.Errorf("got %s %s, want %s", answer.Status, body, want)
			}
		})
	}
}

func TestInvalidSearch(t *testing.T) {
	t.Parallel()
	const filter, sort, fields = "filter_by", "sort_by", "project_fields"
	tests := map[string]struct{ parameter, value, want string }{
		"no from":                     {"from_date", "", "from_date"},
		"no to":                       {"to_date", "", "to_date"},
		"from with a zone":            {"from_date", "2026-03-01T00:00:00Z", "from_date"},
		"to with an offset":           {"to_date", "2026-03-01T00:00:00+01:00", "to_date"},
		"from with words":             {"from_date", "yesterday", "from_date"},
		"no such day":                 {"to_date", "2026-02-30", "to_date"},
		"more than 60 days":           {"to_date", "2026-05-01", "60 days"},
		"60 days and a microsecond":   {"to_date", "2026-04-30T00:00:00.000001", "60 days"},
		"upside down":                 {"to_date", "2026-02-28", "after"},
		"negative number":             {"page_number", "-1", "page_number"},
		"number in words":             {"page_number", "one", "page_number"},
		"number with a fraction":      {"page_number", "1.0", "page_number"},
		"number that does not fit":    {"page_number", "9223372036854775808", "page_number"},
		"size zero":                   {"page_size", "0", "page_size"},
		"negative size":               {"page_size", "-5", "page_size"},
		"size in words":               {"page_size", "ten", "page_size"},
		"filter that is no JSON":      {filter, `{"should" [{"term":{"id":"hidden"}}]}`, "JSON object"},
		"filter with something more":  {filter, `{} {}`, "JSON object"},
		"filter that is a list":       {filter, `[{"term":{"id":"hidden"}}]`, "JSON object"},
		"filter that is null":         {filter, `null`, "JSON object"},
		"unknown key":                 {filter, `{"filter":[{"term":{"id":"hidden"}}]}`, "other than must"},
		"unknown key beside must":     {filter, `{"must":[],"minimum_should_match":[]}`, "other than must"},
		"outer bool":                  {filter, `{"bool":{"must":[{"term":{"id":"hidden"}}]}}`, "JSON object"},
		"key in capitals":             {filter, `{"Must":[]}`, "other than must"},
		"clause without a list":       {filter, `{"must":{"term":{"id":"hidden"}}}`, "JSON object"},
		"null for a list":             {filter, `{"must_not":null}`, "must_not is not a list"},
		"clause that is a string":     {filter, `{"must":["hidden"]}`, "JSON object"},
		"clause that is null":         {filter, `{"must":[null]}`, "must: a clause has one key"},
		"empty clause":                {filter, `{"must":[{}]}`, "must: a clause has one key"},
		"two operators":               {filter, `{"should":[{"term":{"id":"a"},"match":{"id":"a"}}]}`, "should: a clause has one key"},
		"other operator":              {filter, `{"must":[{"prefix":{"id":"hidden"}}]}`, "only term and match"},
		"no field":                    {filter, `{"must":[{"term":{}}]}`, "one field"},
		"two fields":                  {filter, `{"must":[{"term":{"id":"hidden","status":"ended"}}]}`, "one field"},
		"condition that is no object": {filter, `{"must":[{"term":"hidden"}]}`, "JSON object"},
		"term of null":                {filter, `{"must":[{"term":{"id":null}}]}`, "value of a term"},
		"term of a list":              {filter, `{"must":[{"term":{"id":["hidden"]}}]}`, "value of a term"},
		"term of an object":           {filter, `{"must":[{"term":{"id":{"value":"hidden"}}}]}`, "value of a term"},
		"term of no time":             {filter, `{"must":[{"term":{"session_start_time":"hidden"}}]}`, "term on a time"},
		"term of a time with a zone":  {filter, `{"must":[{"term":{"session_end_time":"2026-03-01T00:00:00Z"}}]}`, "term on a time"},
		"match of a number":           {filter, `{"must":[{"match":{"transcription.client":7}}]}`, "value of a match"},
		"sort without a direction":    {sort, "id", "sort_by"},
		"sort with another direction": {sort, "id:down", "sort_by"},
		"sort in capitals":            {sort, "id:ASC", "sort_by"},
		"sort with an equals sign":    {sort, `"id=desc"`, "sort_by"},
		"sort with an empty key":      {sort, "id:asc,", "sort_by"},
		"sort with quotes":            {sort, `"id:asc"`, "sort_by"},
		"sort with spaces":            {sort, "id:asc, status:asc", "cannot be sorted"},
		"sort by an object":           {sort, "agent_information:asc", "cannot be sorted"},
		"sort by the transcription":   {sort, "transcription.client:asc", "cannot be sorted"},
		"sort by an unknown field":    {sort, "id:asc,hidden:asc", "cannot be sorted"},
		"sort by nothing":             {sort, ":asc", "cannot be sorted"},
		"fields that are no JSON":     {fields, `hidden,id`, "project_fields"},
		"fields with something more":  {fields, `["id"]]`, "project_fields"},
		"fields in an object":         {fields, `{"id":true}`, "project_fields"},
		"fields that are null":        {fields, `null`, "project_fields"},
		"fields that are no strings":  {fields, `["id",7]`, "project_fields"},
	}
	server := newServer(t, calls...)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			query := encoded("from_date", "2026-03-01", "to_date", "2026-03-31", tt.parameter, tt.value)
			answer, body := call{target: root + "?" + query}.send(t, server)
			checkRefusal(t, answer, body, 401, tt.want)
			if strings.Contains(body, "hidden") {
				t.Errorf("the answer repeats the parameter: %s", body)
			}
		})
	}
}
