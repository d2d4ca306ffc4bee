package ringsense_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// TestCallLogAnswers: what cannot be a page, or leads nowhere, is an error and
// not the end of the log.
func TestCallLogAnswers(t *testing.T) {
	t.Parallel()
	next := func(uri string) string {
		data, _ := json.Marshal(uri)
		return `{"records":[],"navigation":{"nextPage":{"uri":` + string(data) + `}}}`
	}
	tests := map[string]struct{ body, want string }{
		"empty object":            {`{}`, "no page of a call log"},
		"an error with 200":       {`{"errorCode":"CMN-101"}`, "no page of a call log"},
		"list":                    {`[]`, "object"},
		"HTML":                    {`<html>`, "HTML"},
		"nothing":                 {``, "empty"},
		"truncated":               {`{"records":[{"id":"1"}`, "EOF"},
		"trailing data":           {`{"records":[]}{}`, "after the value"},
		"records twice":           {`{"records":[],"records":[]}`, "twice"},
		"record of another shape": {`{"records":[7]}`, "records[0]"},
		"wrong time":              {`{"records":[{"startTime":"soon"}]}`, "records[0].startTime"},
		"wrong id":                {`{"records":[{},{"id":{}}]}`, "records[1].id"},
		"wrong session":           {`{"records":[{"telephonySessionId":["a"]}]}`, "records[0].telephonySessionId"},
		"wrong recording":         {`{"records":[{"recording":"evil"}]}`, "records[0].recording"},
		"wrong id of a recording": {`{"records":[{"duration":"evil","recording":{"id":[]}}]}`, "records[0].recording.id"},
		"wrong legs":              {`{"records":[{"legs":{"a":1}}]}`, "records[0].legs"},
		"wrong leg":               {`{"records":[{"legs":[{},7]}]}`, "records[0].legs[1]"},
		"wrong session of a leg":  {`{"records":[{"legs":[{"telephonySessionId":{"a":1}}]}]}`, "records[0].legs[0].telephonySessionId"},
		"odd, then no JSON":       {`{"records":[{"duration":"evil","recording":{"id":"1"},}]}`, "want a key"},
		"next page unreadable":    {next("https://evil.test/%zz?page=2"), "does not lead on"},
		"next page is this one":   {next("https://ringcentral.test/?page=1"), "does not lead on"},
		"next page has no number": {next("https://ringcentral.test/"), "does not lead on"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			server.Fail(ringsensetest.Fault{
				Op: "CallRecordings", N: -1, Status: http.StatusOK, Body: test.body, Header: http.Header{"Content-Length": {strconv.Itoa(len(test.body))}},
			})
			client := server.Client(ringsense.WithRetry(ringsense.RetryPolicy{MaxAttempts: 1}))
			err := soleError(t, client.CallRecordings(t.Context(), ringsense.CallLogQuery{From: march}))
			if !errors.Is(err, ringsense.ErrInvalidResponse) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an invalid response that says %q", err, test.want)
			}
			if strings.Contains(err.Error(), "evil") {
				t.Errorf("%v quotes the answer", err)
			}
		})
	}
}

// TestCallLogTolerance: pages that differ from the documentation and can be read.
func TestCallLogTolerance(t *testing.T) {
	t.Parallel()
	const record = `{"id":"a","startTime":"1999-03-01T09:10:00Z","recording":{"id":4}}`
	found := []string{"4"}
	tests := map[string]struct {
		body string
		want []string
	}{
		"null records":             {`{"records":null}`, nil},
		"null record":              {`{"records":[null,` + record + `]}`, found},
		"null navigation":          {`{"records":[` + record + `],"navigation":null,"paging":null}`, found},
		"null next page":           {`{"records":[` + record + `],"navigation":{"nextPage":null,"firstPage":{"uri":7}}}`, found},
		"no next page":             {`{"navigation":{"nextPage":{"uri":""}},"uri":"x","records":[` + record + `]}`, found},
		"id that is a number":      {`{"records":[` + record + `]}`, found},
		"more pages than there is": {`{"records":[` + record + `],"paging":{"totalPages":9}}`, found},
		"no time":                  {`{"records":[{"recording":{"id":4}}]}`, found},
		"time outside":             {`{"records":[{"startTime":"1990-01-01T00:00:00Z","recording":{"id":4}}]}`, found},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			server.Fail(ringsensetest.Fault{Op: "CallRecordings", N: -1, Status: http.StatusOK, Body: test.body})
			got := recordingIDs(t, server.Client(), ringsense.CallLogQuery{From: march, To: march.Add(30 * time.Minute)})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestOddCalls: a call with a member of another kind than documented hides
// neither its recordings nor other calls, and says so.
func TestOddCalls(t *testing.T) {
	t.Parallel()
	const start = `"startTime":"1999-03-01T09:10:00Z"`
	tests := map[string]struct {
		call string // of the recordings 2 and 3
		path string
	}{
		"text as a length":        {`{"id":"b","duration":"long",` + start + `,"recording":{"id":"2"},"legs":[{"recording":{"id":"3"}}]}`, "duration"},
		"list as a party":         {`{"id":"b",` + start + `,"recording":{"id":"2"},"from":["x"],"legs":[{"recording":{"id":"3"}}]}`, "from"},
		"word as a price":         {`{"id":"b",` + start + `,"billing":{"costIncluded":"free"},"recording":{"id":2},"legs":[{"recording":{"id":3}}]}`, "billing.costIncluded"},
		"object as an address":    {`{"id":"b",` + start + `,"recording":{"id":"2","uri":{}},"legs":[null,{"recording":{"id":"3"}}]}`, "recording.uri"},
		"time of a leg":           {`{"id":"b",` + start + `,"recording":{"id":"2"},"legs":[{},{"startTime":"soon","recording":{"id":"3"}}]}`, "legs[1].startTime"},
		"several, the first last": {`{"legs":[{"recording":{"type":[],"id":"3"}}],"recording":{"id":"2"},"deleted":"maybe",` + start + `,"id":"b"}`, "legs[0].recording.type"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			server.Add(insightsOf("1"), insightsOf("2"), insightsOf("3"), insightsOf("4"))
			before := `{"id":"a","startTime":"1999-03-01T09:05:00Z","duration":7,"recording":{"id":"1"}}`
			after := `{"id":"c","startTime":"1999-03-01T09:15:00Z","duration":7,"recording":{"id":"4"}}`
			server.Fail(ringsensetest.Fault{
				Op: "CallRecordings", N: -1, Status: http.StatusOK, Body: `{"records":[` + after + `,` + test.call + `,` + before + `]}`,
			})
			client := server.Client()
			q := ringsense.CallLogQuery{From: march, To: march.Add(30 * time.Minute)}
			var got []string
			for r, err := range client.CallRecordings(t.Context(), q) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, r.Call.ID+r.ID)
				if odd := r.Call.ID == "b"; odd != (r.Fault != nil) || !odd && r.Call.Duration != 7 {
					t.Errorf("%s: fault %v, call %+v", r.ID, r.Fault, r.Call)
				}
				if r.Fault != nil && (r.Fault.Path != test.path || r.Call.RawJSON() != test.call ||
					r.Call.StartTime.IsZero() || r.Leg != nil != (r.ID == "3")) {
					t.Errorf("fault %v, want one at %s; call %+v with the text %s", r.Fault, test.path, r.Call, r.Call.RawJSON())
				}
			}
			if diff := cmp.Diff([]string{"a1", "b2", "b3", "c4"}, got); diff != "" {
				t.Errorf("recordings (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"1", "2", "3", "4"}, readAll(t, client.Backfill(q))); diff != "" {
				t.Errorf("backfill (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNextPageAddress: the number of the next page is all that is taken from its
// address, whose host is that of the service behind a proxy, or whatever it says.
func TestNextPageAddress(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{ringsense.DefaultBaseURL + "/x?page=4", "http://evil.test:8080/?page=4", "/restapi?page=4"} {
		server := ringsensetest.NewServer()
		server.Fail(ringsensetest.Fault{
			Op: "CallRecordings", Status: http.StatusOK, Body: `{"records":[],"navigation":{"nextPage":{"uri":"` + uri + `"}}}`,
		})
		recordingIDs(t, server.Client(), ringsense.CallLogQuery{From: march, To: march.Add(time.Minute)})
		requests := server.Requests()
		last := requests[len(requests)-1]
		if len(requests) != 3 || last.Query.Get("page") != "4" || last.Path != "/restapi/v1.0/account/~/call-log" {
			t.Errorf("%s: got %d requests, the last for page %s of %s", uri, len(requests), last.Query.Get("page"), last.Path)
		}
	}
}

// TestEmptyPages: pages that are empty and go on for ever are no log.
func TestEmptyPages(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pages string // with a call or empty, or the last one; that before the end for ever
		want  error
	}{
		"some":              {"...|", nil},
		"one after another": {"cccc.c...|", nil},
		"for ever":          {"c.", ringsense.ErrInvalidResponse},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			client := server.Client(ringsense.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				number, err := strconv.Atoi(r.URL.Query().Get("page"))
				if err != nil { // the login
					return inMemoryTransport(server).RoundTrip(r)
				}
				records := map[byte]string{'c': `{"id":"a"}`}[test.pages[min(number, len(test.pages))-1]]
				navigation := `{"nextPage":{"uri":"?page=` + strconv.Itoa(number+1) + `"}}`
				if number == len(test.pages) && strings.HasSuffix(test.pages, "|") {
					navigation = `{}`
				}
				return everyPage(`{"records":[` + records + `],"navigation":` + navigation + `}`)(r)
			})}))
			var last error
			for _, err := range client.CallRecordings(t.Context(), ringsense.CallLogQuery{From: march, To: march.Add(time.Minute)}) {
				last = err
			}
			if !errors.Is(last, test.want) || test.want != nil && !strings.Contains(last.Error(), "page after page is empty") {
				t.Errorf("got %v, want %v", last, test.want)
			}
		})
	}
}

// everyPage answers every request with one body.
func everyPage(body string) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{}, Request: r, ContentLength: int64(len(body)),
			Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	}
}

// FuzzCallLogPage: a page is refused, or its recordings come once each.
func FuzzCallLogPage(f *testing.F) {
	f.Add(`{"records":[` + string(document(f, callDocument)) + `],"navigation":{}}`)
	f.Add(`{"records":[null,{"legs":[{"recording":{"id":1}},{"recording":{"id":1}}]}],"navigation":{"nextPage":{"uri":"?page=2"}}}`)
	f.Add(`{"records":[{"duration":"x","recording":{"id":"1","uri":{}},"legs":[{"from":7,"recording":{"id":"2"}}]}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		client, err := ringsense.NewClient(ringsense.OAuth2(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"})),
			ringsense.WithRetry(ringsense.RetryPolicy{MaxAttempts: 1}), ringsense.WithHTTPClient(&http.Client{Transport: everyPage(body)}))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for r, err := range client.CallRecordings(t.Context(), ringsense.CallLogQuery{From: march, To: march.Add(time.Minute)}) {
			if err != nil {
				if !errors.Is(err, ringsense.ErrInvalidResponse) {
					t.Errorf("got %v", err)
				}
				return
			}
			if r.ID == "" || seen[r.ID] || !json.Valid([]byte(r.Call.RawJSON())) {
				t.Errorf("got %q, seen before: %v", r.ID, seen[r.ID])
			}
			seen[r.ID] = true
			var again ringsense.CallRecording
			if data, err := json.Marshal(r); err != nil || json.Unmarshal(data, &again) != nil || again.ID != r.ID {
				t.Errorf("%q does not survive as JSON: %v", r.ID, err)
			}
		}
	})
}
