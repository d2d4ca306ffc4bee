package callinsights_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/faultserver"
)

// limiter keeps the rules of developers.ringcentral.com/guide/basics/rate-limits:
// 50 requests of the group light within a sliding minute, and a penalty of a
// minute that every request sent during it starts anew.
type limiter struct {
	*rig

	mu      sync.Mutex
	latency time.Duration
	silent  bool // leaves Retry-After out
	recent  []time.Time
	penalty time.Time
	refused int
	served  int
}

func newLimiter(t *testing.T, options ...any) *limiter {
	t.Helper()
	l := &limiter{rig: newRig(t, "http://localhost:8080", options...)}
	l.server.Set(l.serve, faultserver.Network{})
	return l
}

func (l *limiter) serve(x *faultserver.Exchange) bool {
	time.Sleep(l.latency)
	if x.Request.URL.Path == tokenPath {
		return l.proper(x)
	}
	status, headers := l.decide()
	if status != http.StatusOK {
		return x.Reply(status, `{"errorCode":"CMN-301"}`, headers...)
	}
	return x.Reply(status, properAnswer(x.Request.Method, x.Request.URL.Path), headers...)
}

func (l *limiter) decide() (status int, headers []string) {
	const limit, window = 50, time.Minute
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.recent = slices.DeleteFunc(l.recent, func(at time.Time) bool { return now.Sub(at) >= window })
	status = http.StatusOK
	if now.Before(l.penalty) || len(l.recent) >= limit {
		l.refused++
		l.penalty = now.Add(window)
		status = http.StatusTooManyRequests
		if !l.silent {
			headers = append(headers, "Retry-After: 60")
		}
	} else {
		l.served++
		l.recent = append(l.recent, now)
	}
	return status, append(headers,
		"X-Rate-Limit-Group: light", "X-Rate-Limit-Limit: "+strconv.Itoa(limit), "X-Rate-Limit-Window: 60",
		"X-Rate-Limit-Remaining: "+strconv.Itoa(limit-len(l.recent)))
}

// A burst of 60 calls, and then 12 a minute for twenty minutes. With the library
// alone, each call repeats on its own and so keeps the penalty alive: 50 of the
// 300 succeed and 1250 requests are refused.
func TestEveryCallPassesTheLimiter(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*limiter){
		"with everything":      func(*limiter) {},
		"slow":                 func(l *limiter) { l.latency = 300 * time.Millisecond },
		"without Retry-After":  func(l *limiter) { l.silent = true },
		"used up by others":    func(l *limiter) { l.penalty = time.Now().Add(20 * time.Second) },
		"nearly used up":       func(l *limiter) { l.recent = slices.Repeat([]time.Time{time.Now()}, 45) },
		"used up, and is slow": func(l *limiter) { l.penalty, l.latency = time.Now().Add(50*time.Second), time.Second },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLimiter(t)
				prepare(l)
				var calls sync.WaitGroup
				start := func() {
					calls.Go(func() {
						if err := readRecording(t.Context(), l.rig); err != nil {
							t.Error(err)
						}
					})
				}
				for range 60 {
					start()
				}
				for range 240 {
					time.Sleep(5 * time.Second)
					start()
				}
				calls.Wait()
				if l.served != 300 || l.refused > 1 {
					t.Errorf("%d of 300 served and %d refused, want all and at most one", l.served, l.refused)
				}
			})
		})
	}
}

// Two clients of one login do not know of each other; one client that is shared
// keeps the limit for all of its users.
func TestOneClientIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(t)
		var users sync.WaitGroup
		for i := range 10 {
			users.Go(func() {
				for range 12 {
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
					var err error
					if i%2 == 0 {
						err = readRecording(ctx, l.rig)
					} else {
						_, err = l.ringsense.SessionInsights(ctx, "s-31")
					}
					cancel()
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		users.Wait()
		if l.served != 120 || l.refused > 0 {
			t.Errorf("%d of 120 served, %d refused", l.served, l.refused)
		}
	})
}

// A wait that is longer than the caller's deadline, or than the policy allows,
// is refused at once, with how long it would be.
func TestWaitThatIsTooLong(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		policy   callinsights.RetryPolicy
		deadline time.Duration
		want     []error
	}{
		"than the deadline":      {deadline: 20 * time.Second, want: []error{callinsights.ErrRateLimited, context.DeadlineExceeded}},
		"than the policy allows": {policy: callinsights.RetryPolicy{MaxWait: 20 * time.Second}, deadline: time.Hour, want: []error{callinsights.ErrRateLimited}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLimiter(t, tt.policy)
				for range 50 {
					if err := readRecording(t.Context(), l.rig); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(15 * time.Second)
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				start := time.Now()
				err := readRecording(ctx, l.rig)
				if took := time.Since(start); took != 0 {
					t.Errorf("took %v, want it at once", took)
				}
				checkKinds(t, err, tt.want)
				if e, ok := errors.AsType[*callinsights.Error](err); !ok || e.RetryAfter != 45*time.Second || e.Attempts != 0 {
					t.Errorf("err = %+v, want one that says 45 s, and nothing sent", err)
				}
				if l.refused > 0 {
					t.Errorf("%d requests refused", l.refused)
				}
			})
		})
	}
}

// The numbers that the documentation of both packages names, with the default
// policy.
func TestLongestCalls(t *testing.T) {
	t.Parallel()
	const late = time.Minute - time.Millisecond
	slowly := func(wait time.Duration) func(*faultserver.Exchange) bool {
		return func(x *faultserver.Exchange) bool {
			time.Sleep(wait)
			return x.Reply(http.StatusServiceUnavailable, "{}", "Retry-After: 90")
		}
	}
	for name, tt := range map[string]struct {
		path        string
		serve       func(*faultserver.Exchange) bool
		least, most time.Duration
	}{
		"fails at once":        {path: recordingPath, serve: func(x *faultserver.Exchange) bool { return x.Reply(http.StatusInternalServerError, "") }, most: 3500 * time.Millisecond},
		"does not answer":      {path: recordingPath, serve: func(x *faultserver.Exchange) bool { x.Silence(); return false }, least: 4 * time.Minute, most: 4*time.Minute + 3500*time.Millisecond},
		"asks for 90 s":        {path: recordingPath, serve: slowly(late), least: 8 * time.Minute, most: 510 * time.Second},
		"asks a login for it":  {path: tokenPath, serve: slowly(late / 2), least: 4 * time.Minute, most: 270 * time.Second},
		"a login is not given": {path: tokenPath, serve: func(x *faultserver.Exchange) bool { return x.Reply(http.StatusInternalServerError, "") }, least: 20 * time.Second, most: 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "http://localhost:8080")
				r.server.Set(func(x *faultserver.Exchange) bool {
					if strings.HasSuffix(x.Request.URL.Path, tt.path) {
						return tt.serve(x)
					}
					return r.proper(x)
				}, faultserver.Network{})
				start := time.Now()
				err := readRecording(t.Context(), r)
				checkKinds(t, err, []error{callinsights.ErrUnavailable})
				if took := time.Since(start); took < tt.least || took > tt.most {
					t.Errorf("took %v, want %v to %v", took, tt.least, tt.most)
				}
			})
		})
	}
}

// An observer gets enough for metrics and traces, also of a success and of the
// login, from both packages.
func TestObserver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(t)
		l.latency = 2 * time.Second
		start := time.Now()
		if err := readRecording(t.Context(), l.rig); err != nil {
			t.Fatal(err)
		}
		l.server.Set(func(x *faultserver.Exchange) bool {
			if strings.HasSuffix(x.Request.URL.Path, recordingPath) {
				return x.Reply(http.StatusForbidden, `{"errors":[{"errorCode":"CMN-401"}]}`, "RCRequestId: req-9")
			}
			return x.Reply(http.StatusOK, properAnswer(x.Request.Method, x.Request.URL.Path), "X-Request-Id: req-10")
		}, faultserver.Network{})
		failure := readRecording(t.Context(), l.rig)
		if err := findSession(t.Context(), l.rig); err != nil {
			t.Fatal(err)
		}
		const path = "/ai/ringsense/v1/public/accounts/~/domains/pbx" + recordingPath
		want := []callinsights.Observation{
			{Vendor: "ringsense", Op: "Token", Method: "POST", Path: tokenPath, Start: start, Duration: 2 * time.Second, Attempts: 1, StatusCode: 200},
			{
				Vendor: "ringsense", Op: "RecordingInsights", Method: "GET", Path: path, Start: start, Duration: 4 * time.Second, Attempts: 1, StatusCode: 200,
				RateLimit: callinsights.RateLimit{Group: "light", Limit: 50, Remaining: 49, Window: time.Minute},
			},
			{Vendor: "ringsense", Op: "RecordingInsights", Method: "GET", Path: path, Start: start.Add(4 * time.Second), Attempts: 1, StatusCode: 403, RequestID: "req-9"},
			{Vendor: "vonageinsights", Op: "FindSession", Method: "GET", Path: "/insights/sessions/search/s-1", Start: start.Add(4 * time.Second), Attempts: 1, StatusCode: 200, RequestID: "req-10"},
		}
		got := slices.Clone(l.seen)
		for i := range got {
			if wanted := map[bool]error{true: failure}[got[i].StatusCode == http.StatusForbidden]; got[i].Err != wanted { //nolint:errorlint // the very same
				t.Errorf("%s: observed %v, want %v", got[i].Op, got[i].Err, wanted)
			}
			got[i].Err = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("observed (-want +got):\n%s", diff)
		}
	})
}
