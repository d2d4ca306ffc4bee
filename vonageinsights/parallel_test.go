package vonageinsights_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fakekit"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// dense returns a fake with so many sessions at random moments of May, each of
// whose answers takes 50 ms.
func dense(n int) *vonageinsightstest.Server {
	return spread(n, func(at time.Time) time.Time { return at })
}

// noons has many of them at noon to the millisecond.
func noons(n int) *vonageinsightstest.Server {
	return spread(n, func(at time.Time) time.Time {
		if at.Nanosecond()%2 == 0 && at.Day()%10 == 0 {
			at = at.Truncate(24 * time.Hour).Add(12 * time.Hour)
		}
		return at
	})
}

// officeHours has them on weekdays from 9 to 17.
func officeHours(n int) *vonageinsightstest.Server {
	return spread(n, func(at time.Time) time.Time {
		day := at.Truncate(24 * time.Hour)
		at = day.Add(9*time.Hour + at.Sub(day)/3)
		if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			at = at.AddDate(0, 0, -3)
		}
		return at
	})
}

func spread(n int, place func(at time.Time) time.Time) *vonageinsightstest.Server {
	r := rand.New(rand.NewPCG(3, 3))
	server := vonageinsightstest.NewServer()
	for i := range n {
		at := place(may.Add(time.Duration(r.Int64N(int64(june.Sub(may))))))
		server.Add(&vonageinsights.Session{ID: fmt.Sprintf("s%06d", i), SessionStartTime: at})
	}
	server.Fail(vonageinsightstest.Fault{N: -1, Delay: 50 * time.Millisecond})
	return server
}

// took reads an export to its end and returns how long that takes, and how many
// sessions there were. each is done for each of them.
func took(t *testing.T, read *callinsights.Export[vonageinsights.Session], each func(n int)) (time.Duration, int) {
	t.Helper()
	began, n := time.Now(), 0
	for _, err := range read.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; each != nil {
			each(n)
		}
	}
	return time.Since(began), n
}

// TestParallelIsFaster, without asking for much that it does not need.
func TestParallelIsFaster(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		server func(n int) *vonageinsightstest.Server
		clamp  int
		times  time.Duration
		more   float64 // requests
	}{
		"at random":        {dense, 0, 5, 1.4},
		"in clamped pages": {dense, 50, 5, 1.5},
		"at office hours":  {officeHours, 0, 3, 2.2},
		"many at noon":     {noons, 0, 4, 1.5},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const sessions = 15_000
				server := test.server(sessions)
				server.SetMaxPageSize(test.clamp)
				alone, n := took(t, server.Client().Export(wholeMay), nil)
				requests := len(server.Requests())
				parallel, m := took(t, server.Client().Export(wholeMay, vonageinsights.Parallel(8)), nil)
				if n != m || n < sessions*9/10 {
					t.Errorf("got %d and %d sessions", n, m)
				}
				if parallel > alone/test.times {
					t.Errorf("8 at a time take %v, one %v; want to be %d times as fast", parallel, alone, test.times)
				}
				if more := len(server.Requests()) - requests; float64(more) > test.more*float64(requests) {
					t.Errorf("%d requests, one at a time %d; want %v times as many at most", more, requests, test.more)
				}
			})
		})
	}
}

// TestPrefetchIsFaster: pages are asked for while the caller works on the ones
// before, and no other ones than without.
func TestPrefetchIsFaster(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := dense(4000)
		work := func(n int) {
			if n%100 == 0 {
				time.Sleep(50 * time.Millisecond)
			}
		}
		alone, _ := took(t, server.Client().Export(wholeMay), work)
		before := server.Requests()
		ahead, n := took(t, server.Client().Export(wholeMay, vonageinsights.Prefetch(1)), work)
		if n != 4000 || ahead > alone*6/10 {
			t.Errorf("%d sessions in %v, in %v without; want 4000 in little more than half of the time", n, ahead, alone)
		}
		after := server.Requests()[len(before):]
		if len(before) != len(after) {
			t.Fatalf("%d requests, %d without", len(after), len(before))
		}
		for i := range before {
			if diff := cmp.Diff(before[i].Query, after[i].Query); diff != "" {
				t.Errorf("request %d (-without +with):\n%s", i, diff)
			}
		}
	})
}

// ways are those in which an export can read.
func ways() map[string][]vonageinsights.ExportOption {
	return map[string][]vonageinsights.ExportOption{
		"one at a time":         nil,
		"one ahead":             {vonageinsights.Prefetch(1)},
		"in parallel":           {vonageinsights.Parallel(4)},
		"parallel and prefetch": {vonageinsights.Parallel(2), vonageinsights.Prefetch(6)},
	}
}

// TestExportDeliversBeforeThePageIsThere: a page that comes slowly is no reason
// to wait for its first session.
func TestExportDeliversBeforeThePageIsThere(t *testing.T) {
	t.Parallel()
	for name, opts := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := filled(0, time.Hour, 2*time.Hour)
				server.Fail(vonageinsightstest.Fault{N: -1, Delay: 30 * time.Second, DelayAfter: 150})
				began := time.Now()
				for session, err := range server.Client().Export(wholeMay, opts...).All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if late := time.Since(began) > 0; late != (session.ID != "s000") {
						t.Errorf("%s after %v", session.ID, time.Since(began))
					}
				}
			})
		})
	}
}

// TestExportReadsNoFurtherThanItMay: what is in memory is bounded, however long
// the caller takes.
func TestExportReadsNoFurtherThanItMay(t *testing.T) {
	t.Parallel()
	want := map[string]int{"one at a time": 1, "one ahead": 2, "in parallel": 12, "parallel and prefetch": 8}
	for name, opts := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := dense(4000)
				for _, err := range server.Client().Export(wholeMay, opts...).All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Hour)
					if n := len(server.Requests()); n != want[name] {
						t.Errorf("%d requests while the first session is dealt with, want %d", n, want[name])
					}
					break
				}
			})
		})
	}
}

// TestExportStopsAtOnce: neither a request nor a goroutine is left when the loop
// is left, which the bubble would report.
func TestExportStopsAtOnce(t *testing.T) {
	t.Parallel()
	for name, opts := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := dense(4000)
				began, n := time.Time{}, 0
				for _, err := range server.Client().Export(wholeMay, opts...).All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if n++; n == 130 {
						began = time.Now()
						break
					}
				}
				if late := time.Since(began); late > 0 {
					t.Errorf("the loop ended after %v", late)
				}
			})
		})
	}
}

// TestExportLeavesNoRequestBehind: the loop ends after the requests under way.
func TestExportLeavesNoRequestBehind(t *testing.T) {
	t.Parallel()
	for name, opts := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := dense(1000)
				var inside atomic.Int64
				client := server.Client(vonageinsights.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					inside.Add(1)
					defer inside.Add(-1)
					return fakekit.Transport{Handler: server}.RoundTrip(r)
				})}))
				n := 0
				for _, err := range client.Export(wholeMay, opts...).All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if n++; n > 250 {
						break
					}
				}
				if left := inside.Load(); left > 0 {
					t.Errorf("%d requests are still under way", left)
				}
			})
		})
	}
}

func TestExportStopsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, opts := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				read := dense(4000).Client().Export(wholeMay, opts...)
				n, began := 0, time.Time{}
				var last error
				for session, err := range read.All(ctx) {
					if n++; n == 100 {
						time.Sleep(time.Hour) // more is there already
						began = time.Now()
						cancel()
					}
					if last = err; (session == nil) != (err != nil) {
						t.Errorf("got %v and %v", session, err)
					}
				}
				if e, ok := errors.AsType[*vonageinsights.Error](last); n != 101 || !errors.Is(last, context.Canceled) || !ok || e.Op != "Export" {
					t.Errorf("got %d values, the last with %v; want 100 sessions, then context.Canceled", n, last)
				}
				if late := time.Since(began); late > 0 {
					t.Errorf("the loop ended after %v", late)
				}
				if items := read.Progress().Items; items != 100 {
					t.Errorf("%d items, want 100", items)
				}
			})
		})
	}
}

// TestExportErrorsKeepTheirPlace: what comes before an error is delivered, and
// nothing after it.
func TestExportErrorsKeepTheirPlace(t *testing.T) {
	t.Parallel()
	for name, opts := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := dense(4000)
				limit := may.AddDate(0, 0, 20)
				client := through(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if from := r.URL.Query().Get("from_date"); from > limit.Format("2006-01-02T15:04:05") {
						w.WriteHeader(http.StatusForbidden)
						return
					}
					server.ServeHTTP(w, r)
				}))
				want := len(ids(t, server.Client(), vonageinsights.Query{From: may, To: limit}))
				n := 0
				var last error
				for session, err := range client.Export(wholeMay, opts...).All(t.Context()) {
					if last = err; session != nil {
						n++
					}
				}
				if !errors.Is(last, vonageinsights.ErrForbidden) || n < want {
					t.Errorf("%d sessions, then %v; want at least %d, then a 403", n, last, want)
				}
			})
		})
	}
}

func TestExportBreaksOffForGood(t *testing.T) {
	t.Parallel()
	for name, opts := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := filled(0, time.Hour, 2*time.Hour)
				server.Fail(vonageinsightstest.Fault{Op: "Search", N: -1, CutAfter: 20})
				n := 0
				var last error
				for session, err := range server.Client().Export(wholeMay, opts...).All(t.Context()) {
					if last = err; session != nil {
						n++
					}
				}
				if n != 0 || !errors.Is(last, io.ErrUnexpectedEOF) || !strings.Contains(last.Error(), "Export") {
					t.Errorf("%d sessions, then %v; want the break", n, last)
				}
			})
		})
	}
}

func TestExportWithoutAContext(t *testing.T) {
	t.Parallel()
	for name, opts := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for session, err := range filled(0).Client().Export(wholeMay, opts...).All(nil) { //nolint:staticcheck // the mistake that is tested
				if session != nil {
					t.Error("got a session")
				}
				checkRefused(t, err, "Export", "the context is nil")
			}
		})
	}
}
