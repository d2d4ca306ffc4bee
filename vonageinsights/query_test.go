package vonageinsights_test

import (
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

var (
	may  = time.Date(2031, 5, 1, 0, 0, 0, 0, time.UTC)
	june = time.Date(2031, 6, 1, 0, 0, 0, 0, time.UTC)
)

// wire records the URLs of requests as they are sent, and answers with a page
// without hits.
type wire struct{ urls []string }

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.urls = append(w.urls, r.URL.RequestURI())
	return respond(http.StatusOK, `{"total":0,"hits":[],"page_size":"10","page_number":"0"}`)(r)
}

// onWire returns a client whose requests go to transport.
func onWire(t testing.TB, transport http.RoundTripper, opts ...vonageinsights.Option) *vonageinsights.Client {
	t.Helper()
	client, err := vonageinsights.NewClient("a-key", vonageinsights.EU,
		append([]vonageinsights.Option{vonageinsights.WithHTTPClient(&http.Client{Transport: transport})}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestQueryOnTheWire(t *testing.T) {
	t.Parallel()
	west := time.FixedZone("west", -5*60*60)
	const prefix = "/insights/sessions?from_date=2031-05-01T00%3A00%3A00.000000&to_date=2031-06-01T00%3A00%3A00.000000&page_number=0"
	tests := map[string]struct {
		query vonageinsights.Query
		want  string
	}{
		"range": {vonageinsights.Query{From: may, To: june}, prefix},
		"zone and nanoseconds": {
			vonageinsights.Query{From: time.Date(2031, 4, 30, 20, 0, 0, 999, west), To: time.Date(2031, 5, 1, 8, 9, 43, 377776999, time.UTC)},
			"/insights/sessions?from_date=2031-05-01T01%3A00%3A00.000000&to_date=2031-05-01T08%3A09%3A43.377776&page_number=0",
		},
		"one moment": {
			vonageinsights.Query{From: may, To: may},
			"/insights/sessions?from_date=2031-05-01T00%3A00%3A00.000000&to_date=2031-05-01T00%3A00%3A00.000000&page_number=0",
		},
		"page": {
			vonageinsights.Query{From: may, To: june, PageNumber: 3, PageSize: 10},
			strings.Replace(prefix, "page_number=0", "page_number=3&page_size=10", 1),
		},
		"sorted": {
			vonageinsights.Query{From: may, To: june, SortBy: []field.Order{field.SessionStartTime.Desc(), field.AgentInformationID.Asc()}},
			prefix + "&sort_by=session_start_time%3Adesc%2Cagent_information.id%3Aasc",
		},
		"projected": {
			vonageinsights.Query{From: may, To: june, Fields: []field.Path{field.ID, field.FlowData}},
			prefix + "&project_fields=%5B%22id%22%2C%22flow_data%22%5D",
		},
		"filtered": {
			vonageinsights.Query{From: may, To: june, Filter: vonageinsights.Where(field.TranscriptionClient.Matches("a+b & {c} ünï"))},
			prefix + "&filter_by=%7B%22must%22%3A%5B%7B%22match%22%3A%7B%22transcription.client%22%3A%22a%2Bb%20%26%20%7Bc%7D%20%C3%BCn%C3%AF%22%7D%7D%5D%7D",
		},
		"all at once": {
			vonageinsights.Query{
				From: may, To: june, PageSize: 1, SortBy: []field.Order{field.Status.Asc()}, Fields: []field.Path{field.Status},
				Filter: vonageinsights.Filter{}.Any(field.TagsListCount.Is(2)).Not(field.ID.Is("~-._")),
			},
			prefix + "&page_size=1&sort_by=status%3Aasc&project_fields=%5B%22status%22%5D" +
				"&filter_by=%7B%22must_not%22%3A%5B%7B%22term%22%3A%7B%22id%22%3A%22~-._%22%7D%7D%5D%2C%22should%22%3A%5B%7B%22term%22%3A%7B%22tags_list.count%22%3A2%7D%7D%5D%7D",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := &wire{}
			if _, err := onWire(t, sent).SearchPage(t.Context(), test.query); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{test.want}, sent.urls); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if strings.ContainsAny(sent.urls[0], "+{} \"") {
				t.Errorf("the URL holds what has to be encoded: %s", sent.urls[0])
			}
		})
	}
}

// TestQueryRefused shows that nothing is sent of a query that is wrong, by any
// method that takes one.
func TestQueryRefused(t *testing.T) {
	t.Parallel()
	manyIDs := vonageinsights.Filter{}
	for range 300 {
		manyIDs = manyIDs.Any(field.ID.Is("2f9c1f5e-1d2b-4c3a-9e8f-0123456789ab"))
	}
	tests := map[string]struct {
		query vonageinsights.Query
		says  string
	}{
		"no range":              {vonageinsights.Query{}, "the query has no From"},
		"no end":                {vonageinsights.Query{From: may}, "the query has no To"},
		"no start":              {vonageinsights.Query{To: may}, "the query has no From"},
		"upside down":           {vonageinsights.Query{From: june, To: may}, "the query's From is after its To: 2031-06-01T00:00:00Z is later than 2031-05-01T00:00:00Z"},
		"five-digit year":       {vonageinsights.Query{From: may.AddDate(8000, 0, 0), To: may.AddDate(8000, 0, 0)}, "From is in year 10031"},
		"negative year":         {vonageinsights.Query{From: may.AddDate(-2040, 0, 0), To: may}, "From is in year -9"},
		"end in year 10000":     {vonageinsights.Query{From: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), To: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, "To is in year 10000"},
		"negative page size":    {vonageinsights.Query{From: may, To: june, PageSize: -1}, "PageSize is -1"},
		"empty clause":          {vonageinsights.Query{From: may, To: june, Filter: vonageinsights.Where(field.ID.Is("a"), field.Clause{})}, "the filter's must[1]: the clause is empty"},
		"invalid UTF-8":         {vonageinsights.Query{From: may, To: june, Filter: vonageinsights.Filter{}.Not(field.ID.Is("\xff"))}, "the filter's must_not[0]: the value for field id is not valid UTF-8"},
		"raw clause of no JSON": {vonageinsights.Query{From: may, To: june, Filter: vonageinsights.Filter{}.Any(field.Raw(json.RawMessage(`{"should" []}`)))}, "the filter's should[0]: the raw clause is not valid JSON"},
		"nil field":             {vonageinsights.Query{From: may, To: june, Fields: []field.Path{nil}}, "Fields[0]: the field is nil"},
		"filter too long":       {vonageinsights.Query{From: may, To: june, Filter: manyIDs}, "24334 of them its filter; more than 8192 may not arrive: ask with several shorter filters"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := vonageinsightstest.NewServer()
			client := server.Client()
			_, err := client.SearchPage(t.Context(), test.query)
			checkRefused(t, err, "SearchPage", test.says)
			checkRefusedOnce(t, client.Search(t.Context(), test.query), "Search", test.says)
			if sent := server.Requests(); len(sent) > 0 {
				t.Errorf("%d requests were sent", len(sent))
			}
		})
	}
}

func checkRefused(t *testing.T, err error, op, says string) {
	t.Helper()
	if !errors.Is(err, vonageinsights.ErrInvalidRequest) || !strings.Contains(err.Error(), says) {
		t.Errorf("%s: got the error %v, want an ErrInvalidRequest with %q", op, err, says)
		return
	}
	e, ok := errors.AsType[*vonageinsights.Error](err)
	if !ok || e.Vendor != "vonageinsights" || e.Op != op || e.Attempts != 0 || e.StatusCode != 0 {
		t.Errorf("%s: got the error %#v", op, e)
	}
}

// checkRefusedOnce wants a loop to get that error, and nothing else.
func checkRefusedOnce(t *testing.T, sessions iter.Seq2[*vonageinsights.Session, error], op, says string) {
	t.Helper()
	n := 0
	for session, err := range sessions {
		if n++; session != nil {
			t.Errorf("%s: got a session", op)
		}
		checkRefused(t, err, op, says)
	}
	if n != 1 {
		t.Errorf("%s: got %d values, want one error", op, n)
	}
}

// TestSearchPageRefusesLongRanges, which Search and Export take.
func TestSearchPageRefusesLongRanges(t *testing.T) {
	t.Parallel()
	server := vonageinsightstest.NewServer()
	for to, says := range map[time.Time]string{
		may.AddDate(0, 0, 60): "the query reaches over 60 days; ",
		may.AddDate(1, 0, 0):  "over 366 days; the service searches less than 60 days (MaxRange) at once, and SearchPage asks it once: use Search or Export",
	} {
		_, err := server.Client().SearchPage(t.Context(), vonageinsights.Query{From: may, To: to})
		checkRefused(t, err, "SearchPage", says)
	}
	if sent := server.Requests(); len(sent) > 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
}

func TestSearchPageRefusesNegativePages(t *testing.T) {
	t.Parallel()
	server := vonageinsightstest.NewServer()
	_, err := server.Client().SearchPage(t.Context(), vonageinsights.Query{From: may, To: june, PageNumber: -1})
	checkRefused(t, err, "SearchPage", "PageNumber is -1; pages count from 0")
	_, err = server.Client().SearchPage(t.Context(), vonageinsights.Query{From: may, To: june, SortBy: []field.Order{field.ID.Asc(), {}}})
	checkRefused(t, err, "SearchPage", "SortBy[1]: the name of the field is empty")
	if sent := server.Requests(); len(sent) > 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
}

func TestLongestRangeIsSent(t *testing.T) {
	t.Parallel()
	sent := &wire{}
	query := vonageinsights.Query{From: may, To: may.Add(vonageinsights.MaxRange + 999)}
	if _, err := onWire(t, sent).SearchPage(t.Context(), query); err != nil {
		t.Fatal(err)
	}
	if want := "to_date=2031-06-29T23%3A59%3A59.999999"; len(sent.urls) != 1 || !strings.Contains(sent.urls[0], want) {
		t.Errorf("got %q, want one URL with %s", sent.urls, want)
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	west := time.FixedZone("west", -5*60*60)
	tests := map[string]struct{ from, to, first, last time.Time }{
		"one day": {
			may.Add(9 * time.Hour), may.Add(time.Minute),
			may, time.Date(2031, 5, 1, 23, 59, 59, 999999000, time.UTC),
		},
		"60 days": {
			may, may.AddDate(0, 0, 59),
			may, may.Add(vonageinsights.MaxRange),
		},
		"day in UTC": {
			time.Date(2031, 4, 30, 22, 0, 0, 0, west), time.Date(2031, 4, 30, 22, 0, 0, 0, west),
			may, time.Date(2031, 5, 1, 23, 59, 59, 999999000, time.UTC),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, last := vonageinsights.Days(test.from, test.to)
			if !first.Equal(test.first) || !last.Equal(test.last) {
				t.Errorf("got %v to %v, want %v to %v", first, last, test.first, test.last)
			}
		})
	}
}

// TestFiltersShareNoMemory derives filters from one, by methods and by append,
// and shows that each is what it was made as.
func TestFiltersShareNoMemory(t *testing.T) {
	t.Parallel()
	clauses := make([]field.Clause, 1, 10)
	clauses[0] = field.ID.Is("base")
	base := vonageinsights.Where(clauses...).Not(clauses...).Any(clauses...)
	clauses[0] = field.ID.Is("changed")

	left := base.Not(field.ID.Is("left")).Any(field.ID.Is("left"))
	right := base.Not(field.ID.Is("right")).Any(field.ID.Is("right"))
	one, two := base, base
	one.Must = append(one.Must, field.ID.Is("one"))
	two.Must = append(two.Must, field.ID.Is("two"))
	left.Must[0] = field.ID.Is("overwritten")
	right.MustNot[0] = field.ID.Is("overwritten")

	for name, test := range map[string]struct {
		filter vonageinsights.Filter
		want   string
	}{
		"base":  {base, `{"must":["base"],"must_not":["base"],"should":["base"]}`},
		"left":  {left, `{"must":["overwritten"],"must_not":["base","left"],"should":["base","left"]}`},
		"right": {right, `{"must":["base"],"must_not":["overwritten","right"],"should":["base","right"]}`},
		"one":   {one, `{"must":["base","one"],"must_not":["base"],"should":["base"]}`},
		"two":   {two, `{"must":["base","two"],"must_not":["base"],"should":["base"]}`},
	} {
		text := sentFilter(t, test.filter)
		text = strings.NewReplacer(`{"term":{"id":`, "", "}},", ",", "}}]", "]").Replace(text)
		if diff := cmp.Diff(test.want, text); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// sentFilter returns filter_by as it is sent.
func sentFilter(t testing.TB, filter vonageinsights.Filter) string {
	t.Helper()
	sent := &wire{}
	if _, err := onWire(t, sent).SearchPage(t.Context(), vonageinsights.Query{From: may, To: june, Filter: filter}); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(sent.urls[0])
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("filter_by")
}

func TestEmptyFilterIsNotSent(t *testing.T) {
	t.Parallel()
	if got := sentFilter(t, vonageinsights.Where().Not().Any()); got != "" {
		t.Errorf("got filter_by %s, want none", got)
	}
}

// FuzzFilter checks that what arrives of a filter is what was asked for, and
// that the URL is well-formed whatever is in it.
func FuzzFilter(f *testing.F) {
	f.Add("1234567", "shut up", "invalid")
	f.Add("{}", "a&b=c#d", "+%2B %")
	f.Fuzz(func(t *testing.T, id, words, tag string) {
		filter := vonageinsights.Where(field.AgentInformationID.Is(id), field.TranscriptionClient.Matches(words)).
			Not(field.FlowDataCollectedTagsTag.Is(tag))
		sent := &wire{}
		_, err := onWire(t, sent).SearchPage(t.Context(), vonageinsights.Query{From: may, To: june, Filter: filter})
		if err != nil {
			if !errors.Is(err, vonageinsights.ErrInvalidRequest) || len(sent.urls) > 0 {
				t.Errorf("got %v after %d requests", err, len(sent.urls))
			}
			return
		}
		u, err := url.Parse(sent.urls[0])
		if err != nil {
			t.Fatal(err)
		}
		var got any
		if err := json.Unmarshal([]byte(u.Query().Get("filter_by")), &got); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"must": []any{
				map[string]any{"term": map[string]any{"agent_information.id": id}},
				map[string]any{"match": map[string]any{"transcription.client": words}},
			},
			"must_not": []any{map[string]any{"term": map[string]any{"flow_data.collected_tags.tag": tag}}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
