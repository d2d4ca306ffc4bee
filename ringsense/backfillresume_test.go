package ringsense_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// TestBackfillInterrupted: whatever the place, resuming loses nothing and
// doubles nothing, and Checkpoint covers the item at hand.
func TestBackfillInterrupted(t *testing.T) {
	t.Parallel()
	const n = 60
	late := []int{0, 7, 8, 59}
	var want []string
	for i, id := range numbered(n) {
		if !slices.Contains(late, i) {
			want = append(want, id)
		}
	}
	for seed := range uint64(20) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 1))
			server := callsWithInsights(n, late...)
			client := server.Client()
			q := backfillQuery
			q.PerPage = 1 + random.IntN(20)
			var got []string
			var opts []ringsense.BackfillOption
			for runs := 0; ; runs++ {
				e := client.Backfill(q, opts...)
				steps := 1 + random.IntN(12)
				ids, err := read(t, e, func(n int) bool { return n == steps })
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, ids...)
				p := e.Progress()
				if p.Items != len(got) || p.Skipped != 0 {
					t.Errorf("progress %+v after %d items", p, len(got))
				}
				if len(ids) < steps {
					if p.Pending != len(late) {
						t.Errorf("%d are pending, want %d", p.Pending, len(late))
					}
					break
				}
				if runs > n {
					t.Fatal("no end")
				}
				q.PerPage = 1 + random.IntN(20) // no part of what the query asks for
				opts = []ringsense.BackfillOption{ringsense.ResumeFrom(e.Checkpoint())}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestBackfillCancelled keeps what was reached, also while it asks again.
func TestBackfillCancelled(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(8, 2, 4, 6)
	client := server.Client()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	e := client.Backfill(backfillQuery)
	var got []string
	var last error
	for r, err := range e.All(ctx) {
		if last = err; err != nil {
			continue
		}
		if got = append(got, r.SourceRecordID); len(got) == 5 { // of those that are there
			server.Add(insightsOf("r000004"), insightsOf("r000006"))
		}
		if len(got) == 6 { // the first of those that came late
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("the loop ended with %v, want context.Canceled", last)
	}
	p := e.Progress()
	if p.Items != 6 || p.Pending != 2 {
		t.Errorf("got %+v", p)
	}
	e = client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
	got = append(got, readAll(t, e)...)
	want := []string{"r000000", "r000001", "r000003", "r000005", "r000007", "r000004", "r000006"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p := e.Progress(); p.Items != 7 || p.Pending != 1 {
		t.Errorf("got %+v", p)
	}
}

// TestBackfillEnd: a To that was left open stays what it was at the beginning.
func TestBackfillEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		start := time.Now()
		server.AddCall(recordedCall("a", start.Add(time.Minute), "1"))
		server.Add(insightsOf("1"), insightsOf("2"))
		time.Sleep(time.Hour)
		client := server.Client()
		q := ringsense.CallLogQuery{From: start}
		e := client.Backfill(q)
		time.Sleep(time.Hour)
		server.AddCall(recordedCall("b", start.Add(90*time.Minute), "2"))
		e = client.Backfill(q, ringsense.ResumeFrom(e.Checkpoint()))
		if diff := cmp.Diff([]string{"1"}, readAll(t, e)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if !e.Progress().At.Equal(start.Add(time.Hour)) {
			t.Errorf("ended at %v", e.Progress().At)
		}
	})
}

// TestBackfillClockBehind: a machine whose clock is behind may go on with an
// export whose end is now by the clock of another one.
func TestBackfillClockBehind(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(3)
	q := ringsense.CallLogQuery{From: march}
	checkpoint := server.Client().Backfill(q).Checkpoint()
	synctest.Test(t, func(t *testing.T) { // whose clock is at the year 2000
		server := callsWithInsights(3)
		if diff := cmp.Diff(numbered(3), readAll(t, server.Client().Backfill(q, ringsense.ResumeFrom(checkpoint)))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestBackfillFailsWhileLookingBack: a resumed export reads some of the log
// again, and when that fails its place is still the one it came from.
func TestBackfillFailsWhileLookingBack(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(30)
	client := server.Client()
	e := client.Backfill(backfillQuery)
	got, err := read(t, e, func(n int) bool { return n == 20 })
	if err != nil {
		t.Fatal(err)
	}
	server.Fail(ringsensetest.Fault{Op: "CallRecordings"}) // one page as it is, and then
	server.Fail(ringsensetest.Fault{Op: "CallRecordings", Status: http.StatusForbidden, Body: `{"errorCode":"CMN-408"}`})
	e = client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
	if ids, err := read(t, e, nil); !errors.Is(err, ringsense.ErrPermissionMissing) || len(ids) > 0 {
		t.Fatalf("got %v, %v", ids, err)
	}
	got = append(got, readAll(t, client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint())))...)
	if diff := cmp.Diff(numbered(30), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// saying is a service that writes something else in the place of a text.
func saying(next http.RoundTripper, text, instead string) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		answer, err := next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		changed := strings.ReplaceAll(string(body), text, instead)
		answer.Body, answer.ContentLength = io.NopCloser(strings.NewReader(changed)), int64(len(changed))
		return answer, err
	}
}

// TestBackfillWithoutTime: calls that do not tell when they began, or cannot
// have begun then, come once, wherever the export is interrupted and whatever the
// pages are like.
func TestBackfillWithoutTime(t *testing.T) {
	t.Parallel()
	const n = 60
	start := func(i int) time.Time { return march.Add(time.Duration(i) * 23 * time.Minute) }
	tests := map[string]struct {
		odd     []int
		instead string
	}{
		"no time":      {[]int{0, 20, 21, 40, n - 1}, `"startTime":null`},
		"an older one": {[]int{7, 30}, `"startTime":"1990-01-01T00:00:00Z"`},
		"one to come":  {[]int{7, 30}, `"startTime":"2090-01-01T00:00:00Z"`},
		"most of them": {[]int{1, 2, 3, 5, 6, 10, 11, 12, 13, 14, 15, 16, 30, 31, 32, 50, 51, 57}, `"startTime":null`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			for i, id := range numbered(n) {
				server.AddCall(recordedCall("c"+id, start(i), id))
				server.Add(insightsOf(id))
			}
			server.AddCall(recordedCall("again", start(24), "r000020")) // lists that of another call too
			next := inMemoryTransport(server)
			for _, i := range test.odd {
				next = saying(next, `"startTime":"`+start(i).Format(time.RFC3339)+`"`, test.instead)
			}
			client := server.Client(ringsense.WithHTTPClient(&http.Client{Transport: next}))
			for stop := 1; stop < n; stop++ {
				for _, perPage := range []int{8, 40} {
					q := backfillQuery
					q.PerPage = perPage
					e := client.Backfill(q)
					got, err := read(t, e, func(n int) bool { return n == stop })
					if err != nil {
						t.Fatal(err)
					}
					q.PerPage = 48 - perPage
					e = client.Backfill(q, ringsense.ResumeFrom(e.Checkpoint()))
					got = append(got, readAll(t, e)...)
					slices.Sort(got)
					if diff := cmp.Diff(numbered(n), got); diff != "" {
						t.Fatalf("stopped after %d with pages of %d (-want +got):\n%s", stop, perPage, diff)
					}
					if size := len(e.Checkpoint()); size > 600 {
						t.Errorf("%d bytes are stored at the end", size)
					}
				}
			}
		})
	}
}

// TestBackfillSharedWithoutTime: a recording comes once that is listed by a call
// and, as much as a day later, by one that does not tell its time.
func TestBackfillSharedWithoutTime(t *testing.T) {
	t.Parallel()
	const n = 30
	server := ringsensetest.NewServer()
	untimed := march.Add(23 * time.Hour)
	server.AddCall(recordedCall("a", march.Add(time.Minute), "shared"), recordedCall("b", untimed, "shared"))
	server.Add(insightsOf("shared"))
	for i, id := range numbered(n) {
		server.AddCall(recordedCall("c"+id, march.Add(time.Duration(i+1)*time.Hour+7*time.Minute), id))
		server.Add(insightsOf(id))
	}
	transport := saying(inMemoryTransport(server), `"startTime":"`+untimed.Format(time.RFC3339)+`"`, `"startTime":null`)
	client := server.Client(ringsense.WithHTTPClient(&http.Client{Transport: transport}))
	q := backfillQuery
	q.PerPage = 8
	for stop := 1; stop <= n; stop++ {
		e := client.Backfill(q)
		got, err := read(t, e, func(n int) bool { return n == stop })
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, readAll(t, client.Backfill(q, ringsense.ResumeFrom(e.Checkpoint())))...)
		if diff := cmp.Diff(append([]string{"shared"}, numbered(n)...), got); diff != "" {
			t.Errorf("stopped after %d (-want +got):\n%s", stop, diff)
		}
	}
}

// TestBackfillShared: a recording that calls within a day of each other list
// comes once, also if the export was interrupted between them.
func TestBackfillShared(t *testing.T) {
	t.Parallel()
	for _, apart := range []time.Duration{0, time.Hour, 9 * time.Hour, 23 * time.Hour} {
		server := ringsensetest.NewServer()
		server.AddCall(recordedCall("a", march, "1"), recordedCall("b", march.Add(30*time.Minute), "2"), recordedCall("c", march.Add(apart), "1"))
		server.Add(insightsOf("1"), insightsOf("2"))
		client := server.Client()
		for stop := 1; stop <= 2; stop++ {
			e := client.Backfill(backfillQuery)
			got, err := read(t, e, func(n int) bool { return n == stop })
			if err != nil {
				t.Fatal(err)
			}
			e = client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
			got = append(got, readAll(t, e)...)
			if diff := cmp.Diff([]string{"1", "2"}, got); diff != "" {
				t.Errorf("%v apart, stopped after %d (-want +got):\n%s", apart, stop, diff)
			}
		}
	}
}

// TestBackfillRounded: where a resumed export begins to read, the service may
// list calls that began a little before.
func TestBackfillRounded(t *testing.T) {
	t.Parallel()
	const n = 48
	server := ringsensetest.NewServer()
	for i, id := range numbered(n) { // a day apart but for a quarter of a second
		start := march.Add(time.Duration(i)*time.Hour + 250*time.Millisecond + time.Duration(i/24)*250*time.Millisecond)
		server.AddCall(recordedCall("c"+id, start, id))
		server.Add(insightsOf(id))
	}
	client := server.Client(ringsense.WithHTTPClient(&http.Client{Transport: exclusive(inMemoryTransport(server))}))
	for stop := 20; stop < n; stop += 4 {
		e := client.Backfill(backfillQuery)
		got, err := read(t, e, func(n int) bool { return n == stop })
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, readAll(t, client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint())))...)
		if diff := cmp.Diff(numbered(n), got); diff != "" {
			t.Fatalf("stopped after %d (-want +got):\n%s", stop, diff)
		}
	}
}

// TestBackfillLooksBackOnce: what an export that is resumed reads again is one
// piece of the log.
func TestBackfillLooksBackOnce(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(60)
	client := server.Client()
	q := ringsense.CallLogQuery{From: march, To: march.Add(60 * time.Hour)}
	e := client.Backfill(q)
	if _, err := read(t, e, func(n int) bool { return n == 50 }); err != nil {
		t.Fatal(err)
	}
	before := count(server, "CallRecordings")
	got := readAll(t, client.Backfill(q, ringsense.ResumeFrom(e.Checkpoint())))
	if pages := count(server, "CallRecordings") - before; len(got) != 10 || pages != 2 {
		t.Errorf("got %d recordings with %d pages, want 10 with 2", len(got), pages)
	}
}
