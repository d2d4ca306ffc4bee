package ringsense_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

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
func exclusive(next http.RoundTripper) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		query := r.URL.Query()
		for name, shift := range map[string]time.Duration{"dateFrom": time.Millisecond, "dateTo": -time.Millisecond} {
			if at, err := time.Parse(time.RFC3339, query.Get(name)); err == nil {
				query.Set(name, at.Truncate(time.Second).Add(shift).Format(time.RFC3339Nano))
			}
		}
		r = r.Clone(r.Context())
		r.URL.RawQuery = query.Encode()
		return next.RoundTrip(r)
	}
}

// TestCallRecordingsExclusive: whether the ends of a range count is not
// documented, so no call between two parts of the log may depend on it.
func TestCallRecordingsExclusive(t *testing.T) {
	t.Parallel()
	const n = 8_000 // one a half second, so that some begin at each of the ends
	server := ringsensetest.NewServer()
	for i := range n {
		id := fmt.Sprintf("%06d", i)
		server.AddCall(recordedCall("c"+id, march.Add(time.Duration(i+2)*500*time.Millisecond), "r"+id))
	}
	client := server.Client(ringsense.WithHTTPClient(&http.Client{Transport: exclusive(inMemoryTransport(server))}))
	got := recordingIDs(t, client, ringsense.CallLogQuery{From: march, To: march.Add(2 * time.Hour)})
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
	err := soleError(t, client.CallRecordings(nil, ringsense.CallLogQuery{From: march})) //nolint:staticcheck // what a caller may do wrong
	checkLocal(t, err, "CallRecordings", "context is nil")
}

// callsThatGo is a service from whose log a call goes after each first page.
func callsThatGo(server *ringsensetest.Server, gone ...*ringsense.CallRecord) ringsense.Option {
	return ringsense.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		answer, err := inMemoryTransport(server).RoundTrip(r)
		if r.URL.Query().Get("page") == "1" && len(gone) > 0 {
			server.AddCall(gone[0]) // which has no recording any more
			gone = gone[1:]
		}
		return answer, err
	})})
}

// TestCallRecordingsWhileCallsGo: a recording that is deleted while the log is
// read hides no other.
func TestCallRecordingsWhileCallsGo(t *testing.T) {
	t.Parallel()
	const n = 40
	server := manyCalls(n, time.Minute+time.Second)
	var gone []*ringsense.CallRecord
	want := numbered(n)
	for i := n - 1; i >= n-4; i-- {
		gone = append(gone, recordedCall("c"+want[i][1:], march.Add(time.Duration(i)*(time.Minute+time.Second))))
	}
	got := recordingIDs(t, server.Client(callsThatGo(server, gone...)), ringsense.CallLogQuery{From: march, To: march.Add(time.Hour), PerPage: 5})
	if diff := cmp.Diff(want[:n-4], got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCallRecordingsAfterQuiet: a piece of the log is a page, also where many
// calls follow a year without any, so that the first one comes soon.
func TestCallRecordingsAfterQuiet(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	busy := march.AddDate(1, 0, 0)
	for i := range 3000 {
		id := fmt.Sprintf("%06d", i)
		server.AddCall(recordedCall("c"+id, busy.Add(time.Duration(i)*10*time.Second), "r"+id))
	}
	found := 0
	for _, err := range server.Client().CallRecordings(t.Context(), ringsense.CallLogQuery{From: march, To: busy.AddDate(0, 1, 0), PerPage: 100}) {
		if err != nil {
			t.Fatal(err)
		}
		if found++; found == 1 && count(server, "CallRecordings") > 50 {
			t.Errorf("%d requests until the first call", count(server, "CallRecordings"))
		}
	}
	if n := count(server, "CallRecordings"); found != 3000 || n > 90 {
		t.Errorf("got %d recordings with %d requests", found, n)
	}
	for _, r := range server.Requests() {
		if page := r.Query.Get("page"); page != "" && page != "1" {
			t.Errorf("page %s was asked for", page)
		}
	}
}

// TestCallRecordingsFewRequests: however many calls there are a day, at most twice
// as many requests are sent as there are pages, but for the first ones.
func TestCallRecordingsFewRequests(t *testing.T) {
	t.Parallel()
	for _, perDay := range []int{100, 500, 700, 1000, 1300, 2500, 4000} {
		server := manyCalls(2*perDay, 24*time.Hour/time.Duration(perDay))
		q := ringsense.CallLogQuery{From: march, To: march.AddDate(0, 0, 2), PerPage: 100}
		if diff := cmp.Diff(numbered(2*perDay), recordingIDs(t, server.Client(), q)); diff != "" {
			t.Errorf("%d a day (-want +got):\n%s", perDay, diff)
		}
		if n, pages := count(server, "CallRecordings"), 2*perDay/q.PerPage; n > 2*pages+6 {
			t.Errorf("%d a day: %d requests for %d pages", perDay, n, pages)
		}
	}
}

// TestCallRecordingsOfLongCalls: a call is listed after its end by its
// beginning. Ranges that end a day ago, or overlap by a day, miss none.
func TestCallRecordingsOfLongCalls(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, shift := range map[string]struct{ from, to time.Duration }{
		"a day ago":          {0, -day},
		"overlapping by one": {-day, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				client := server.Client()
				last := time.Now().Add(-2 * day)
				for i := range 40 { // one each three hours, of up to 20 hours
					time.AfterFunc(time.Duration(i)*3*time.Hour, func() {
						began := time.Now()
						id := fmt.Sprintf("%06d", i)
						time.AfterFunc(time.Duration(i%21)*time.Hour, func() { server.AddCall(recordedCall("c"+id, began, "r"+id)) })
					})
				}
				seen := map[string]bool{}
				for range 40 {
					time.Sleep(5 * time.Hour)
					to := time.Now().Add(shift.to)
					for _, id := range recordingIDs(t, client, ringsense.CallLogQuery{From: last.Add(shift.from), To: to}) {
						seen[id] = true
					}
					last = to
				}
				if diff := cmp.Diff(numbered(40), slices.Sorted(maps.Keys(seen))); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}
