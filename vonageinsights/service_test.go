package vonageinsights_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
)

// pages answers requests with one body after the other, the last one for ever.
type pages struct {
	bodies []string
	seen   []url.Values
}

func (p *pages) RoundTrip(r *http.Request) (*http.Response, error) {
	body := p.bodies[min(len(p.seen), len(p.bodies)-1)]
	p.seen = append(p.seen, r.URL.Query())
	return respond(http.StatusOK, body)(r)
}

// TestSearchOfOddServices: whatever the service does, a search ends, with all
// sessions or with an error.
func TestSearchOfOddServices(t *testing.T) {
	t.Parallel()
	hit := func(id, at string) string { return `{"id":"` + id + `","session_start_time":"2031-05-01T` + at + `"}` }
	a, b, c := hit("a", "08:00:00.000001"), hit("b", "09:00:00"), hit("c", "10:00:00")
	page := func(total int, hits ...string) string {
		return fmt.Sprintf(`{"total":%d,"hits":[%s],"page_size":"2","page_number":"0"}`, total, strings.Join(hits, ","))
	}
	var totals []string
	for n := range 30 {
		totals = append(totals, page(100-n, a))
	}
	swaps := []string{page(9, a), page(9, a)}
	for n := range 20 {
		swaps = append(swaps, page(2, a), page(2, hit([]string{"b", "c"}[n%2], "08:00:00.000002")))
	}
	tests := map[string]struct {
		bodies   []string
		want     []string
		says     string
		requests int
	}{
		"no total":                {[]string{`{"hits":[` + a + `]}`, `{"hits":[` + a + `]}`, `{"hits":[` + a + `]}`, `{"hits":[]}`}, []string{"a"}, "", 6},
		"total of 0":              {[]string{page(0, a), page(0)}, []string{"a"}, "", 2},
		"total after the hits":    {[]string{`{"hits":[` + a + `],"total":"1"}`}, []string{"a"}, "", 1},
		"total of 10,000":         {[]string{page(10_000, a, b), page(10_000, b, c), page(1, c)}, []string{"a", "b", "c"}, "", 3},
		"a total alone":           {[]string{`{"total":9}`}, nil, "no sessions, although the service counts 9 and sent 0 before", 1},
		"a total without hits":    {[]string{`{"total":9,"hits":[]}`}, nil, "no sessions, although the service counts 9 and sent 0 before", 1},
		"a total of null hits":    {[]string{page(9, a, b), `{"total":8,"hits":null}`}, []string{"a", "b"}, "no sessions, although the service counts 8 and sent 0 before", 2},
		"no hits in a crowd":      {[]string{page(9, a), page(9, a), page(9, a), page(9)}, []string{"a"}, "no sessions, although the service counts 9 and sent 1 before", 4},
		"null hits":               {[]string{`{"total":0,"hits":null}`}, nil, "", 1},
		"hits twice":              {[]string{`{"hits":[` + a + `],"hits":[` + b + `]}`}, []string{"a"}, "hits twice", 1},
		"members unknown":         {[]string{`{"took":{"ms":1},"total":1,"hits":[` + a + `]}`}, []string{"a"}, "", 1},
		"the same page for ever":  {[]string{page(9, a, b)}, []string{"a", "b"}, "only sessions of the pages before it", 14},
		"repeats within a page":   {[]string{page(9, a, a, b), page(1, b)}, []string{"a", "b"}, "", 2},
		"one time for ever":       {[]string{page(9, a, hit("b", "08:00:00.000002"))}, []string{"a", "b"}, "only sessions of the pages before it", 14},
		"another total each time": {totals, []string{"a"}, "only sessions of the pages before it", 14},
		"another one each time":   {swaps, []string{"a", "b", "c"}, "other sessions each time that they are read", 16},
		"earlier than asked for":  {[]string{page(9, a, b), page(9, a)}, []string{"a", "b"}, "only sessions of before the time", 2},
		"descending":              {[]string{page(2, b, a)}, []string{"b"}, "not in the order", 1},
		"without an id":           {[]string{page(2, a, `{"session_start_time":"2031-05-01T09:00:00"}`)}, []string{"a"}, "has no id", 1},
		"without a start":         {[]string{page(2, a, `{"id":"b"}`)}, []string{"a"}, "no session_start_time", 1},
		"a null session":          {[]string{page(1, `null`)}, nil, "has no id", 1},
		"a session out of range":  {[]string{page(9, hit("a", "08:00:00"), `{"id":"z","session_start_time":"2032-01-01"}`), page(0)}, []string{"a"}, "", 1},
		"broken session":          {[]string{page(2, a, `{"id":"b","channel_data":{"duration":"x"}}`)}, []string{"a"}, "hits[1].channel_data.duration at offset", 1},
		"cut within a session":    {[]string{`{"total":2,"hits":[` + a + `,{"id":"b"`}, []string{"a"}, "unexpected EOF", 1},
		"cut after a session":     {[]string{`{"total":2,"hits":[` + a}, []string{"a"}, "unexpected EOF", 1},
		"trailing data":           {[]string{page(1, a) + "{}"}, []string{"a"}, "unexpected data", 1},
		"HTML":                    {[]string{"<html>"}, nil, "an HTML page instead of JSON", 1},
		"nothing":                 {[]string{""}, nil, "the answer is empty", 1},
		"another document":        {[]string{`{"message":"hello"}`}, nil, "neither hits nor a total", 1},
		"a list":                  {[]string{`[` + a + `]`}, nil, "want an object", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := &pages{bodies: test.bodies}
			client := onWire(t, service, vonageinsights.WithRetry(vonageinsights.RetryPolicy{MaxAttempts: 1}))
			var got []string
			var last error
			for session, err := range client.Search(t.Context(), wholeMay) {
				if last != nil {
					t.Fatal("something was yielded after the error")
				}
				if last = err; err == nil {
					got = append(got, session.ID)
				} else if session != nil {
					t.Error("got a session with the error")
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			switch {
			case test.says == "" && last != nil:
				t.Error(last)
			case test.says != "" && (!errors.Is(last, vonageinsights.ErrInvalidResponse) || !strings.Contains(last.Error(), test.says)):
				t.Errorf("got the error %v, want an ErrInvalidResponse with %q", last, test.says)
			}
			if len(service.seen) != test.requests {
				t.Errorf("%d requests, want %d: %v", len(service.seen), test.requests, service.seen)
			}
		})
	}
}

func TestSearchPageOfOddServices(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, says string }{
		"HTML":             {"<html>", "an HTML page instead of JSON"},
		"nothing":          {"", "the answer is empty"},
		"cut":              {`{"total":1,"hits":[{"id":"a"}`, "unexpected EOF"},
		"trailing data":    {`{"total":0,"hits":[]}]`, "unexpected data"},
		"another document": {`{}`, "neither hits nor a total"},
		"a broken session": {`{"hits":[{},{"tags_list":[{"count":"many"}]}]}`, "hits[1].tags_list[0].count at offset"},
		"hits of no list":  {`{"total":1,"hits":{"id":"a"}}`, "hits at offset"},
	} {
		client := onWire(t, respond(http.StatusOK, test.body), vonageinsights.WithRetry(vonageinsights.RetryPolicy{MaxAttempts: 1}))
		page, err := client.SearchPage(t.Context(), wholeMay)
		if page != nil || !errors.Is(err, vonageinsights.ErrInvalidResponse) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, %v; want an ErrInvalidResponse with %q", name, page, err, test.says)
		}
	}
	page, err := onWire(t, respond(http.StatusOK, `{"total":3}`)).SearchPage(t.Context(), wholeMay)
	if err != nil || page.Total != 3 || page.Sessions != nil {
		t.Errorf("without hits: got %+v, %v", page, err)
	}
}

// TestMemoryOfTinyElements: a body of very many tiny elements is refused before
// it fills the memory. It runs alone, as it measures what is allocated.
func TestMemoryOfTinyElements(t *testing.T) { //nolint:paralleltest // see above
	for name, element := range map[string]string{
		"sessions":            `{}`,
		"utterances":          `{"transcription":[` + strings.Repeat(`"",`, 1<<20-1) + `""]}`,
		"speakers of one":     `{"transcription":[{` + strings.Repeat(`"":1,`, 3<<20/5) + `"":1}]}`,
		"parameters":          `{"params_list":[` + strings.Repeat(`{},`, 1<<20-1) + `{}]}`,
		"steps":               `{"flow_path":[` + strings.Repeat(`{},`, 1<<20-1) + `{}]}`,
		"members of no known": `{` + strings.Repeat(`"a":1,`, 1<<19) + `"b":[` + strings.Repeat(`{},`, 1<<19) + `{}]}`,
	} {
		body := `{"hits":[` + element
		body += strings.Repeat(","+element, max(0, 3<<20-len(body))/(len(element)+1)) + `]}`
		client := onWire(t, respond(http.StatusOK, body), vonageinsights.WithRetry(vonageinsights.RetryPolicy{MaxAttempts: 1}))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := client.SearchPage(t.Context(), wholeMay)
		runtime.ReadMemStats(&after)
		if err != nil && !errors.Is(err, vonageinsights.ErrInvalidResponse) {
			t.Errorf("%s: got %v, want nil or an ErrInvalidResponse", name, err)
		}
		if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 64 {
			t.Errorf("%s: a body of %d MiB allocated %d MiB, want 64 at most", name, len(body)>>20, got)
		}
	}
}

// FuzzSearch: whatever the service sends, a search ends, with sessions that have
// an id or with an error.
func FuzzSearch(f *testing.F) {
	f.Add(testdata(f, "page.json"))
	f.Add([]byte(`{"hits":[{"id":"a"},null],"total":1e1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		client := onWire(t, respond(http.StatusOK, string(body)), vonageinsights.WithRetry(vonageinsights.RetryPolicy{MaxAttempts: 1}))
		page, err := client.SearchPage(t.Context(), wholeMay)
		if err != nil && !errors.Is(err, vonageinsights.ErrInvalidResponse) {
			t.Errorf("got %v, want an ErrInvalidResponse", err)
		}
		streamed := 0
		for session, err := range client.Search(t.Context(), wholeMay) {
			if err != nil {
				break
			}
			if streamed++; page != nil && session.ID == "" {
				t.Error("got a session without an id")
			}
			if streamed > 1000 {
				break
			}
		}
		if page == nil {
			return
		}
		for _, session := range page.Sessions {
			if session == nil {
				t.Fatal("got a nil session")
			}
		}
	})
}
