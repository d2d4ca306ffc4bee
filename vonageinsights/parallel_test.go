package vonageinsights_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
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

// bursts has all of every other day within one second.
func bursts(n int) *vonageinsightstest.Server {
	return spread(n, func(at time.Time) time.Time {
		return at.Truncate(48 * time.Hour).Add(time.Hour + time.Duration(at.Nanosecond()))
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

// TestParallelIsFaster, without asking for much that it does not need. What is wanted
// leaves room, as it depends on who comes first.
func TestParallelIsFaster(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		server func(n int) *vonageinsightstest.Server
		clamp  int
		times  float64
		more   float64 // requests
	}{
		"at random":        {dense, 0, 5, 1.4},
		"in clamped pages": {dense, 50, 5, 1.5},
		"at office hours":  {officeHours, 0, 2, 2.5},
		"many at noon":     {noons, 0, 4, 1.7},
		"in bursts":        {bursts, 0, 1.5, 4},
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
				if test.times*parallel.Seconds() > alone.Seconds() {
					t.Errorf("8 at a time take %v, one %v; want to be %v times as fast", parallel, alone, test.times)
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
				began, n := time.Now(), 0
				for session, err := range server.Client().Export(wholeMay, opts...).All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					n++
					if late := time.Since(began) > 0; late != (session.ID != "s000") {
						t.Errorf("%s after %v", session.ID, time.Since(began))
					}
				}
				if n != 3 {
					t.Errorf("got %d sessions, want 3", n)
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
				requests := 0
				for _, err := range server.Client().Export(wholeMay, opts...).All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Hour)
					requests = len(server.Requests())
					break
				}
				if requests != want[name] {
					t.Errorf("%d requests while the first session is dealt with, want %d", requests, want[name])
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
				if left := inside.Load(); n != 251 || left > 0 {
					t.Errorf("%d requests are still under way after %d sessions, want none after 251", left, n)
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

// TestExportStopsWithItsContextInMidPage: also where all of the page is there.
func TestExportStopsWithItsContextInMidPage(t *testing.T) {
	t.Parallel()
	hours := make([]time.Duration, 200)
	for i := range hours {
		hours[i] = time.Duration(i) * time.Hour
	}
	for name, opts := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := httptest.NewRecorder()
			filled(hours...).ServeHTTP(body, pageRequest(t))
			client := onWire(t, respond(http.StatusOK, body.Body.String()))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			n := 0
			var last error
			for _, err := range client.Export(wholeMay, opts...).All(ctx) {
				if n++; n == 20 {
					cancel()
				}
				last = err
			}
			if n != 21 || !errors.Is(last, context.Canceled) || errors.Is(last, vonageinsights.ErrInvalidResponse) {
				t.Errorf("got %d values, the last with %v; want 20 sessions, then context.Canceled", n, last)
			}
		})
	}
}

// pageRequest asks a fake for all of May.
func pageRequest(t *testing.T) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/insights/sessions?from_date=2031-05-01&to_date=2031-05-31&page_size=1000", nil)
	r.Header.Set("X-Vgai-Key", vonageinsightstest.APIKey)
	return r
}

// TestExportOfARoundTripperThatEndsItsGoroutine: the loop does not wait for it
// for ever.
func TestExportOfARoundTripperThatEndsItsGoroutine(t *testing.T) {
	t.Parallel()
	for name, opts := range ways() {
		if opts == nil {
			continue // it is that of the loop
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := onWire(t, roundTrip(func(*http.Request) (*http.Response, error) {
					runtime.Goexit()
					return nil, nil
				}))
				n := 0
				for session, err := range client.Export(wholeMay, opts...).All(t.Context()) {
					if e, ok := errors.AsType[*vonageinsights.Error](err); session != nil || !ok || e.Op != "Export" || !strings.Contains(err.Error(), "runtime.Goexit") {
						t.Errorf("got %v and %v", session, err)
					}
					n++
				}
				if n != 1 {
					t.Errorf("%d values, want one error", n)
				}
			})
		})
	}
}

// TestParallelBeginsAllAtOnce: no reader waits for the page of another one, in a
// range shorter than a request may have too.
func TestParallelBeginsAllAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := dense(4000)
		time.AfterFunc(10*time.Millisecond, func() {
			if n := len(server.Requests()); n != 6 {
				t.Errorf("%d requests before the first answer, want 6", n)
			}
		})
		if _, n := took(t, server.Client().Export(wholeMay, vonageinsights.Parallel(6)), nil); n != 4000 {
			t.Errorf("%d sessions, want 4000", n)
		}
	})
}

// TestExportErrorsKeepTheirPlace: where a single request fails, all that comes
// before what it asked for is delivered, and nothing of that or after it.
func TestExportErrorsKeepTheirPlace(t *testing.T) {
	t.Parallel()
	for name, opts := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := dense(4000)
				all := ids(t, server.Client(), wholeMay)
				limit := may.AddDate(0, 0, 20).Format("2006-01-02T15:04:05")
				var once sync.Once
				var failed time.Time
				client := through(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if from := r.URL.Query().Get("from_date"); from > limit {
						once.Do(func() {
							failed, _ = time.Parse("2006-01-02T15:04:05.999999", from)
							w.WriteHeader(http.StatusForbidden)
						})
						if failed.Format("2006-01-02T15:04:05.000000") == from {
							return
						}
					}
					server.ServeHTTP(w, r)
				}))
				got := []string{}
				var last error
				for session, err := range client.Export(wholeMay, opts...).All(t.Context()) {
					if last = err; session != nil {
						got = append(got, session.ID)
					}
				}
				if !errors.Is(last, vonageinsights.ErrForbidden) || failed.IsZero() {
					t.Errorf("%d sessions, then %v; want a 403", len(got), last)
				}
				// The request may have begun at the last session of the page before.
				before := ids(t, server.Client(), vonageinsights.Query{From: may, To: failed})
				if len(got) < len(before) || len(got) > len(before)+1 {
					t.Errorf("%d sessions, and %d before what failed", len(got), len(before))
				}
				if diff := cmp.Diff(all[:min(len(got), len(all))], got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
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
			read := filled(0).Client().Export(wholeMay, opts...)
			checkRefusedOnce(t, read.All(nil), "Export", "the context is nil") //nolint:staticcheck // the mistake that is tested
		})
	}
}
