package ringsense_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// march is when the calls of these tests begin: before the clock of synctest does.
var march = time.Date(1999, time.March, 1, 9, 0, 0, 0, time.UTC)

// recordedCall is a call whose recordings have the given ids, the first for the
// call itself and the others for legs.
func recordedCall(id string, start time.Time, recordings ...string) *ringsense.CallRecord {
	call := &ringsense.CallRecord{
		ID: id, TelephonySessionID: "s-" + id, StartTime: start, Type: "Voice", Direction: ringsense.DirectionInbound,
		From: &ringsense.CallParty{PhoneNumber: "+12125550101"}, To: &ringsense.CallParty{ExtensionNumber: "101"},
		Extension: &ringsense.CallExtension{ID: ringsensetest.ExtensionID},
	}
	for i, id := range recordings {
		recording := &ringsense.CallLogRecording{ID: id, Type: ringsense.RecordingAutomatic, URI: "https://x.test/" + id}
		if i == 0 {
			call.Recording = recording
		} else {
			call.Legs = append(call.Legs, ringsense.CallLeg{TelephonySessionID: "s-leg-" + id, Recording: recording})
		}
	}
	return call
}

// manyCalls has n calls, one each interval.
func manyCalls(n int, interval time.Duration) *ringsensetest.Server {
	server := ringsensetest.NewServer()
	for i := range n {
		id := fmt.Sprintf("%06d", i)
		server.AddCall(recordedCall("c"+id, march.Add(time.Duration(i)*interval), "r"+id))
	}
	return server
}

func recordingIDs(t *testing.T, client *ringsense.Client, q ringsense.CallLogQuery) []string {
	t.Helper()
	var ids []string
	for r, err := range client.CallRecordings(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.ID)
	}
	return ids
}

func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("r%06d", i)
	}
	return ids
}

// TestCallRecordings: whatever the pages are like, each recording comes once,
// the oldest first.
func TestCallRecordings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		calls    int
		interval time.Duration
		set      func(*ringsensetest.Server)
		perPage  int
		requests int // at most
	}{
		"none":                      {calls: 0, requests: 16},
		"one":                       {calls: 1, requests: 16},
		"a few":                     {calls: 40, interval: 24 * time.Hour, requests: 20},
		"many":                      {calls: 3000, interval: 40 * time.Minute, requests: 30},
		"dense":                     {calls: 2000, interval: time.Second, perPage: 20, requests: 250},
		"at the same moment":        {calls: 50, interval: 0, perPage: 7, requests: 60},
		"small pages":               {calls: 60, interval: time.Hour, perPage: 1, requests: 400},
		"without totals":            {calls: 500, interval: time.Hour, set: func(s *ringsensetest.Server) { s.SetCallLogTotals(false) }, perPage: 10, requests: 160},
		"repeated over pages":       {calls: 500, interval: time.Hour, set: func(s *ringsensetest.Server) { s.RepeatCalls(3) }, perPage: 10, requests: 160},
		"on the edges of the parts": {calls: 100, interval: time.Hour, perPage: 1000, requests: 20},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := manyCalls(test.calls, test.interval)
			if test.set != nil {
				test.set(server)
			}
			q := ringsense.CallLogQuery{From: march, To: march.AddDate(0, 4, 0), PerPage: test.perPage}
			got := recordingIDs(t, server.Client(), q)
			slices.Sort(got[:sameMoment(test.interval, len(got))])
			if diff := cmp.Diff(numbered(test.calls), append([]string{}, got...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := len(server.Requests()); n > test.requests {
				t.Errorf("%d requests, want at most %d", n, test.requests)
			}
		})
	}
}

// sameMoment is how many of n calls share their time.
func sameMoment(interval time.Duration, n int) int {
	if interval == 0 {
		return n
	}
	return 0
}

// TestCallRecordingsRequests shows what is sent.
func TestCallRecordingsRequests(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		q     ringsense.CallLogQuery
		path  string
		query map[string]string
	}{
		"account": {
			q: ringsense.CallLogQuery{}, path: "/restapi/v1.0/account/~/call-log",
			query: map[string]string{"perPage": "1000"},
		},
		"own extension": {
			q: ringsense.CallLogQuery{ExtensionID: "~", PerPage: 5}, path: "/restapi/v1.0/account/~/extension/~/call-log",
			query: map[string]string{"perPage": "5"},
		},
		"filters": {
			q: ringsense.CallLogQuery{
				ExtensionID: "1000000101", PhoneNumber: "+12125550101", Direction: ringsense.DirectionInbound,
				RecordingType: ringsense.RecordingOnDemand, TelephonySessionID: "s-a b&c",
			},
			path: "/restapi/v1.0/account/~/extension/1000000101/call-log",
			query: map[string]string{
				"perPage": "1000", "phoneNumber": "12125550101", "direction": "Inbound", "recordingType": "OnDemand",
				"telephonySessionId": "s-a b&c",
			},
		},
		"short number": {
			q: ringsense.CallLogQuery{ExtensionNumber: "101"}, path: "/restapi/v1.0/account/~/call-log",
			query: map[string]string{"perPage": "1000", "extensionNumber": "101"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			test.q.From, test.q.To = march, march.Add(30*time.Minute)
			recordingIDs(t, server.Client(), test.q)
			requests := server.Requests()
			last := requests[len(requests)-1]
			got := map[string]string{}
			for name, values := range last.Query {
				got[name] = strings.Join(values, ",")
			}
			want := map[string]string{
				"recordingType": "All", "view": "Detailed", "page": "1",
				"dateFrom": "1999-03-01T09:00:00.000Z", "dateTo": "1999-03-01T09:30:00.000Z",
			}
			maps.Copy(want, test.query)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("query (-want +got):\n%s", diff)
			}
			if last.Op != "CallRecordings" || last.Path != test.path || last.Method != http.MethodGet || len(requests) != 2 {
				t.Errorf("got %s %s %s of %d requests", last.Op, last.Method, last.Path, len(requests))
			}
		})
	}
}

// TestCallRecordingsOfLegs: a call that was transferred has several recordings,
// and the same one may be listed by the call, its legs and another call.
func TestCallRecordingsOfLegs(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	transferred := recordedCall("a", march, "1", "2", "1")
	legsOnly := recordedCall("b", march.Add(time.Minute), "unused", "3")
	legsOnly.Recording = nil
	again := recordedCall("c", march.Add(2*time.Hour), "2")
	unrecorded := recordedCall("d", march.Add(3*time.Hour))
	server.AddCall(transferred, legsOnly, again, unrecorded)
	if err := server.AddCallJSON([]byte(`{"id":"e","startTime":"1999-03-01T14:00:00Z","recording":{"type":"Automatic"}}`)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for r, err := range server.Client().CallRecordings(t.Context(), ringsense.CallLogQuery{From: march}) {
		if err != nil {
			t.Fatal(err)
		}
		if leg := r.Leg != nil; leg != (r.ID != "1") || r.Call.RawJSON() == "" || r.Type != ringsense.RecordingAutomatic {
			t.Errorf("got %+v", r)
		}
		got = append(got, r.ID+" "+r.TelephonySessionID+" "+r.Call.ID+" "+r.URI)
	}
	want := []string{"1 s-a a https://x.test/1", "2 s-leg-2 a https://x.test/2", "3 s-leg-3 b https://x.test/3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// exclusive is a service for which the ends of a range do not count, and which
// compares whole seconds.
type exclusive struct{ next http.RoundTripper }

func (e exclusive) RoundTrip(r *http.Request) (*http.Response, error) {
	query := r.URL.Query()
	for name, shift := range map[string]time.Duration{"dateFrom": time.Millisecond, "dateTo": -time.Millisecond} {
		if at, err := time.Parse(time.RFC3339, query.Get(name)); err == nil {
			query.Set(name, at.Truncate(time.Second).Add(shift).Format(time.RFC3339Nano))
		}
	}
	r = r.Clone(r.Context())
	r.URL.RawQuery = query.Encode()
	return e.next.RoundTrip(r)
}

// TestCallRecordingsExclusive: whether the ends of a range count is not
// documented, so no call between two parts of the log may depend on it.
func TestCallRecordingsExclusive(t *testing.T) {
	t.Parallel()
	const n = 30_000 // one a half second, so that some begin at each of the ends
	server := ringsensetest.NewServer()
	for i := range n {
		id := fmt.Sprintf("%06d", i)
		server.AddCall(recordedCall("c"+id, march.Add(time.Duration(i+2)*500*time.Millisecond), "r"+id))
	}
	client := server.Client(ringsense.WithHTTPClient(&http.Client{Transport: exclusive{inMemoryTransport(server)}}))
	got := recordingIDs(t, client, ringsense.CallLogQuery{From: march, To: march.Add(9 * time.Hour)})
	if diff := cmp.Diff(numbered(n), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCallRecordingsAgain: each loop begins anew, and leaving one ends it.
func TestCallRecordingsAgain(t *testing.T) {
	t.Parallel()
	server := manyCalls(30, time.Hour)
	recordings := server.Client().CallRecordings(t.Context(), ringsense.CallLogQuery{From: march, To: march.AddDate(0, 0, 2), PerPage: 5})
	for range 2 {
		var got []string
		for r, err := range recordings {
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, r.ID); len(got) == 3 {
				break
			}
		}
		if diff := cmp.Diff(numbered(3), got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if n := len(server.Requests()); n > 9 {
		t.Errorf("%d requests for three recordings", n)
	}
}

// TestCallRecordingsFrozenEnd: without To the range ends when the loop begins.
func TestCallRecordingsFrozenEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		start := time.Now()
		server.AddCall(recordedCall("a", start, "1"))
		time.Sleep(time.Hour)
		var got []string
		for r, err := range server.Client().CallRecordings(t.Context(), ringsense.CallLogQuery{From: start}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r.ID)
			time.Sleep(time.Hour)
			server.AddCall(recordedCall("b", time.Now(), "2"))
		}
		if diff := cmp.Diff([]string{"1"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		requests := server.Requests()
		if got, want := requests[len(requests)-1].Query.Get("dateTo"), "2000-01-01T01:00:00.000Z"; got != want {
			t.Errorf("got dateTo %s, want %s", got, want)
		}
	})
}

func TestCallLogQueryRefusals(t *testing.T) {
	t.Parallel()
	now := time.Now()
	tests := map[string]struct {
		q    ringsense.CallLogQuery
		want string
	}{
		"no start":              {ringsense.CallLogQuery{To: march}, "From is zero"},
		"before the year 1":     {ringsense.CallLogQuery{From: time.Time{}.Add(-time.Hour)}, "before the year 1"},
		"range in the future":   {ringsense.CallLogQuery{From: now.Add(time.Hour), To: now.Add(2 * time.Hour)}, "From is in the future"},
		"end in the future":     {ringsense.CallLogQuery{From: march, To: now.Add(time.Hour)}, "To is in the future"},
		"upside down":           {ringsense.CallLogQuery{From: march, To: march.Add(-time.Second)}, "upside down"},
		"empty range":           {ringsense.CallLogQuery{From: march, To: march}, "empty"},
		"negative page size":    {ringsense.CallLogQuery{From: march, PerPage: -1}, "PerPage is -1"},
		"page too large":        {ringsense.CallLogQuery{From: march, PerPage: 1001}, "PerPage is 1001"},
		"hostile extension":     {ringsense.CallLogQuery{From: march, ExtensionID: "../1"}, "ExtensionID"},
		"two extensions":        {ringsense.CallLogQuery{From: march, ExtensionID: "~", ExtensionNumber: "101"}, "ExtensionNumber"},
		"number and extension":  {ringsense.CallLogQuery{From: march, PhoneNumber: "+12125550101", ExtensionNumber: "101"}, "together"},
		"extension is an empty": {ringsense.CallLogQuery{From: march, ExtensionID: " "}, "ExtensionID"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			client := server.Client()
			steps := 0
			for r, err := range client.CallRecordings(t.Context(), test.q) {
				steps++
				checkRefusal(t, err, "CallRecordings", test.want)
				if r != nil {
					t.Errorf("got %+v beside an error", r)
				}
			}
			export := client.Backfill(test.q)
			for _, err := range export.All(t.Context()) {
				steps++
				checkRefusal(t, err, "Backfill", test.want)
			}
			if steps != 2 || export.Checkpoint() != "" {
				t.Errorf("got %d steps and the checkpoint %q", steps, export.Checkpoint())
			}
			if sent := server.Requests(); len(sent) > 0 {
				t.Errorf("%d requests were sent", len(sent))
			}
		})
	}
}

func checkRefusal(t *testing.T, err error, op, want string) {
	t.Helper()
	e, ok := errors.AsType[*ringsense.Error](err)
	if !ok || e.Op != op || !errors.Is(err, ringsense.ErrInvalidRequest) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an invalid request of %s that says %q", err, op, want)
	}
	if strings.Contains(err.Error(), "555") {
		t.Errorf("%v quotes the query", err)
	}
}

// TestCallRecordingsWithoutPermission: the account's log is never replaced by
// the user's own, which would look complete.
func TestCallRecordingsWithoutPermission(t *testing.T) {
	t.Parallel()
	server := manyCalls(3, time.Hour)
	server.SetCompanyCallLog(false)
	client := server.Client()
	for _, err := range client.CallRecordings(t.Context(), ringsense.CallLogQuery{From: march}) {
		if !errors.Is(err, ringsense.ErrPermissionMissing) || !errors.Is(err, ringsense.ErrForbidden) ||
			!strings.Contains(err.Error(), "FullCompanyCallLog") || !strings.Contains(err.Error(), "CMN-408") ||
			strings.Contains(err.Error(), "Access Insights") {
			t.Errorf("got %v", err)
		}
	}
	requests := server.Requests()
	if len(requests) != 2 || requests[1].Path != "/restapi/v1.0/account/~/call-log" {
		t.Errorf("got %d requests, want the login and one", len(requests))
	}
	own := recordingIDs(t, client, ringsense.CallLogQuery{From: march, To: march.AddDate(0, 0, 1), ExtensionID: "~"})
	if diff := cmp.Diff(numbered(3), own); diff != "" {
		t.Errorf("own log (-want +got):\n%s", diff)
	}
}

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
		"next page elsewhere":     {next("https://evil.test/restapi/v1.0/account/~/call-log?page=2"), "not one of this service"},
		"next page in the clear":  {next("http://ringcentral.test/?page=2"), "not one of this service"},
		"next page unreadable":    {next("https://ringcentral.test/%zz?page=2"), "not one of this service"},
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
			steps := 0
			for _, err := range client.CallRecordings(t.Context(), ringsense.CallLogQuery{From: march}) {
				steps++
				if !errors.Is(err, ringsense.ErrInvalidResponse) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want an invalid response that says %q", err, test.want)
				}
				if strings.Contains(err.Error(), "evil") {
					t.Errorf("%v quotes the answer", err)
				}
			}
			if steps != 1 {
				t.Errorf("got %d steps, want one error", steps)
			}
		})
	}
}

// TestCallLogTolerance: pages that differ from the documentation and can be read.
func TestCallLogTolerance(t *testing.T) {
	t.Parallel()
	const record = `{"id":"a","startTime":"1999-03-01T09:10:00Z","recording":{"id":4}}`
	tests := map[string]string{
		"null records":             `{"records":null}`,
		"null record":              `{"records":[null,` + record + `]}`,
		"null navigation":          `{"records":[` + record + `],"navigation":null,"paging":null}`,
		"null next page":           `{"records":[` + record + `],"navigation":{"nextPage":null,"firstPage":{"uri":7}}}`,
		"no next page":             `{"navigation":{"nextPage":{"uri":""}},"uri":"x","records":[` + record + `]}`,
		"id that is a number":      `{"records":[` + record + `]}`,
		"more pages than there is": `{"records":[` + record + `],"paging":{"totalPages":9}}`,
		"no time":                  `{"records":[{"recording":{"id":4}}]}`,
		"time outside":             `{"records":[{"startTime":"1990-01-01T00:00:00Z","recording":{"id":4}}]}`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			server.Fail(ringsensetest.Fault{Op: "CallRecordings", N: -1, Status: http.StatusOK, Body: body})
			got := recordingIDs(t, server.Client(), ringsense.CallLogQuery{From: march, To: march.Add(30 * time.Minute)})
			want := []string{"4"}
			if name == "null records" {
				want = nil
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestNextPageByProxy: behind a proxy the service names itself.
func TestNextPageByProxy(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{ringsense.DefaultBaseURL + "/x?page=4", "HTTPS://Ringcentral.Test/x?page=4", "/restapi?page=4"} {
		server := ringsensetest.NewServer()
		server.Fail(ringsensetest.Fault{
			Op: "CallRecordings", Status: http.StatusOK, Body: `{"records":[],"navigation":{"nextPage":{"uri":"` + uri + `"}}}`,
		})
		recordingIDs(t, server.Client(), ringsense.CallLogQuery{From: march, To: march.Add(time.Minute)})
		requests := server.Requests()
		if last := requests[len(requests)-1]; len(requests) != 3 || last.Query.Get("page") != "4" {
			t.Errorf("%s: got %d requests, the last for page %s", uri, len(requests), last.Query.Get("page"))
		}
	}
}

// TestCallRecordingsBreakOff: an error in the middle is the last thing yielded.
func TestCallRecordingsBreakOff(t *testing.T) {
	t.Parallel()
	server := manyCalls(20, time.Hour)
	client := server.Client()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	found, failures := 0, 0
	for r, err := range client.CallRecordings(ctx, ringsense.CallLogQuery{From: march, PerPage: 2}) {
		if err != nil {
			failures++
			if !errors.Is(err, context.Canceled) || r != nil {
				t.Errorf("got %v, %v", r, err)
			}
			continue
		}
		if found++; found == 4 {
			cancel()
		}
	}
	if failures != 1 || found > 8 {
		t.Errorf("got %d recordings and %d errors", found, failures)
	}
	for _, err := range client.CallRecordings(nil, ringsense.CallLogQuery{From: march}) { //nolint:staticcheck // what a caller may do wrong
		if !errors.Is(err, ringsense.ErrInvalidRequest) {
			t.Errorf("nil context: got %v", err)
		}
	}
}

// everyPage answers every request with one body.
type everyPage string

func (p everyPage) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: r, ContentLength: int64(len(p)),
		Body: io.NopCloser(strings.NewReader(string(p))),
	}, nil
}

// FuzzCallLogPage: a page is refused, or its recordings come once each.
func FuzzCallLogPage(f *testing.F) {
	f.Add(`{"records":[` + string(document(f, callDocument)) + `],"navigation":{}}`)
	f.Add(`{"records":[null,{"legs":[{"recording":{"id":1}},{"recording":{"id":1}}]}],"navigation":{"nextPage":{"uri":"?page=2"}}}`)
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
