package retry_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// limiter keeps the rules of developers.ringcentral.com/guide/basics/rate-limits:
// so many requests within a sliding minute, and a penalty that every request
// sent during it starts anew.
type limiter struct {
	mu      sync.Mutex
	limit   int
	latency time.Duration
	noRetry bool // leaves Retry-After out
	recent  []time.Time
	penalty time.Time
	sent    int
	refused int
}

const window = time.Minute

func (l *limiter) attempt(*http.Request, *retry.Call) (*retry.Answer, error) {
	time.Sleep(l.latency / 2)
	answer := l.decide()
	time.Sleep(l.latency / 2)
	return answer, nil
}

func (l *limiter) decide() *retry.Answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.sent++
	l.recent = slices.DeleteFunc(l.recent, func(t time.Time) bool { return now.Sub(t) >= window })
	h := http.Header{}
	if now.Before(l.penalty) || len(l.recent) >= l.limit {
		l.refused++
		l.penalty = now.Add(window)
		if !l.noRetry {
			h.Set("Retry-After", "60")
		}
		l.describe(h)
		return &retry.Answer{Status: http.StatusTooManyRequests, Header: h}
	}
	l.recent = append(l.recent, now)
	l.describe(h)
	return &retry.Answer{Status: http.StatusOK, Header: h}
}

func (l *limiter) describe(h http.Header) {
	h.Set("X-Rate-Limit-Group", "light")
	h.Set("X-Rate-Limit-Limit", strconv.Itoa(l.limit))
	h.Set("X-Rate-Limit-Remaining", strconv.Itoa(max(l.limit-len(l.recent), 0)))
	h.Set("X-Rate-Limit-Window", "60")
}

func gated(attempt retry.Attempt, policy callinsights.RetryPolicy) *retry.Retrier {
	return retry.New(retry.Options{Attempt: attempt, Policy: policy, Gate: retry.NewGate(), Random: half})
}

// Callers that repeat on their own keep such a limiter closed: with the
// library alone, 50 of these 300 calls succeed and 1250 are refused.
func TestGateGetsEveryCallThrough(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]*limiter{
		"with everything":     {limit: 50},
		"slow":                {limit: 50, latency: 2 * time.Second},
		"without Retry-After": {limit: 50, noRetry: true},
		"a small limit":       {limit: 15, latency: 100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := gated(l.attempt, callinsights.RetryPolicy{MaxWait: 10 * time.Minute})
				var calls sync.WaitGroup
				var mu sync.Mutex
				succeeded := 0
				start := func() {
					calls.Go(func() {
						out := r.Do(t.Context(), call(retry.Idempotent))
						mu.Lock()
						defer mu.Unlock()
						if out.Err == nil && out.Answer.Status == http.StatusOK {
							succeeded++
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
				if succeeded != 300 || l.refused > 0 {
					t.Errorf("%d of 300 succeeded with %d refused of %d sent", succeeded, l.refused, l.sent)
				}
			})
		})
	}
}

func TestDefaultPolicyRidesOutOnePenalty(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// Somebody else has used up the limit.
		l := &limiter{limit: 50, penalty: time.Now().Add(30 * time.Second)}
		r := gated(l.attempt, callinsights.RetryPolicy{})
		var calls sync.WaitGroup
		for range 40 {
			calls.Go(func() {
				if out := r.Do(t.Context(), call(retry.Idempotent)); out.Err != nil || out.Answer.Status != 200 {
					t.Errorf("outcome = %+v", out)
				}
			})
		}
		calls.Wait()
		if l.refused != 1 {
			t.Errorf("%d requests refused, want the first alone", l.refused)
		}
	})
}

// answer is one with the headers of a group.
func answer(code int, group string, remaining int) *retry.Answer {
	h := http.Header{}
	h.Set("X-Rate-Limit-Group", group)
	h.Set("X-Rate-Limit-Limit", "50")
	h.Set("X-Rate-Limit-Remaining", strconv.Itoa(remaining))
	h.Set("X-Rate-Limit-Window", "60")
	return &retry.Answer{Status: code, Header: h}
}

func plain(code int, header ...string) *retry.Answer {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &retry.Answer{Status: code, Header: h}
}

const maxWait = 90 * time.Second

// enter waits for a pass and reports when it came.
func enter(t *testing.T, g *retry.Gate, op string) *retry.Pass {
	t.Helper()
	pass, err := g.Enter(t.Context(), op, maxWait)
	if err != nil {
		t.Fatalf("Enter(%q): %v", op, err)
	}
	return pass
}

// waiters starts n callers of op and returns how many of them have a pass
// whenever it is asked.
func waiters(t *testing.T, g *retry.Gate, op string, n int) func() []*retry.Pass {
	t.Helper()
	var mu sync.Mutex
	var passes []*retry.Pass
	for range n {
		go func() {
			pass, err := g.Enter(t.Context(), op, maxWait)
			if t.Context().Err() != nil {
				return // the test is over
			}
			if err != nil {
				t.Errorf("Enter(%q): %v", op, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			passes = append(passes, pass)
		}()
	}
	return func() []*retry.Pass {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(passes)
	}
}

// The answers reach one caller after the other; then ten wait for a pass.
func TestGateLearns(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answers []*retry.Answer
		op      string // of those that wait; "Thing" if empty
		want    int
	}{
		"nothing known: one goes ahead":           {want: 1},
		"what remains is shared out":              {answers: []*retry.Answer{answer(200, "light", 4)}, want: 4},
		"more than enough":                        {answers: []*retry.Answer{answer(200, "light", 49)}, want: 10},
		"an error counts as well":                 {answers: []*retry.Answer{answer(404, "light", 3)}, want: 3},
		"nothing remains":                         {answers: []*retry.Answer{answer(200, "light", 0)}, want: 0},
		"a penalty":                               {answers: []*retry.Answer{answer(429, "light", 7)}, want: 0},
		"another group":                           {answers: []*retry.Answer{answer(429, "light", 7)}, op: "Other", want: 1},
		"a penalty without a group is all calls'": {answers: []*retry.Answer{answer(200, "light", 9), plain(429)}, op: "Other", want: 0},
		"no headers: open":                        {answers: []*retry.Answer{plain(200)}, want: 10},
		"no headers on a refusal: open":           {answers: []*retry.Answer{plain(401)}, want: 10},
		"no headers on a failure: not yet":        {answers: []*retry.Answer{plain(502)}, want: 1},
		"no answer: the role passes on":           {answers: []*retry.Answer{nil}, want: 1},
		"a group that is not counted":             {answers: []*retry.Answer{plain(200, "X-Rate-Limit-Group", "light")}, want: 10},
		"counted again":                           {answers: []*retry.Answer{plain(200, "X-Rate-Limit-Group", "light"), answer(200, "Light", 2)}, want: 2},
		"one answer without headers":              {answers: []*retry.Answer{answer(200, "light", 5), plain(200), answer(200, "light", 6)}, want: 6},
		"open, and then counted":                  {answers: []*retry.Answer{plain(200), answer(200, "light", 6)}, want: 6},
		"open stays open":                         {answers: []*retry.Answer{plain(200), plain(200)}, want: 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := retry.NewGate()
				for _, a := range tt.answers {
					enter(t, g, "Thing").Leave(a)
				}
				op := tt.op
				if op == "" {
					op = "Thing"
				}
				if passed := len(waiters(t, g, op, 10)()); passed != tt.want {
					t.Errorf("%d of 10 passed, want %d", passed, tt.want)
				}
			})
		})
	}
}

// The service may have counted before it saw what was under way.
func TestGateCountsRequestsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := retry.NewGate()
		enter(t, g, "Thing").Leave(answer(200, "light", 10))
		first, second := enter(t, g, "Thing"), enter(t, g, "Thing")
		second.Leave(answer(200, "light", 3)) // may not know of the first
		first.Leave(answer(200, "light", 4))  // may not know of the second
		if got := len(waiters(t, g, "Thing", 10)()); got != 3 {
			t.Errorf("%d passed, want 3", got)
		}
	})
}

// The bound that is left after requests that overlap may be none although
// something remains. With nobody under way, one goes ahead to see.
func TestGateDoesNotStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := retry.NewGate()
		enter(t, g, "Thing").Leave(answer(200, "light", 3))
		under := []*retry.Pass{enter(t, g, "Thing"), enter(t, g, "Thing"), enter(t, g, "Thing")}
		for _, pass := range under {
			pass.Leave(answer(200, "light", 1))
		}
		passes := waiters(t, g, "Thing", 10)
		if got := len(passes()); got != 1 {
			t.Fatalf("%d passed, want 1", got)
		}
		for range 9 {
			all := passes()
			all[len(all)-1].Leave(answer(200, "light", 1))
		}
		if got := len(passes()); got != 10 {
			t.Errorf("%d passed one by one, want all 10", got)
		}
	})
}

func TestGateRoleOfTheFirst(t *testing.T) {
	t.Parallel()
	t.Run("passes on when the call fails", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g := retry.NewGate()
			passes := waiters(t, g, "Thing", 5)
			passes()[0].Leave(nil)
			if got := len(passes()); got != 2 {
				t.Fatalf("%d have had a pass, want the second caller too", got)
			}
			passes()[1].Leave(answer(200, "light", 9))
			if got := len(passes()); got != 5 {
				t.Errorf("%d have had a pass, want all", got)
			}
		})
	})
	t.Run("is not waited for without end", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g := retry.NewGate()
			passes := waiters(t, g, "Thing", 5)
			passes()
			time.Sleep(maxWait)
			if got := len(passes()); got != 2 {
				t.Errorf("%d have a pass after %v, want one more", got, maxWait)
			}
			passes()[0].Leave(answer(200, "light", 20))
			if got := len(passes()); got != 5 {
				t.Errorf("%d have a pass after the first answer, want all", got)
			}
			for _, pass := range passes()[1:] {
				pass.Leave(nil)
			}
			if got := len(waiters(t, g, "Thing", 30)()); got != 16 {
				t.Errorf("%d passed, want the 20 without the 4 that are done", got)
			}
		})
	})
	// A service that hangs must not get all callers at once when the patience
	// of them ends.
	t.Run("passes to one at a time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g := retry.NewGate()
			passed, refused := 0, 0
			var mu sync.Mutex
			start := time.Now()
			for range 200 {
				go func() {
					pass, err := g.Enter(t.Context(), "Thing", maxWait)
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						passed++
						time.AfterFunc(time.Hour, func() { pass.Leave(nil) })
						return
					}
					refused++
					limited, ok := errors.AsType[*retry.LimitedError](err)
					if !ok || !errors.Is(err, callinsights.ErrRateLimited) || time.Since(start) != 2*maxWait ||
						limited.Error() != "not sent: the calls that are to tell the rate limit get no answer" {
						t.Errorf("err = %v after %v", err, time.Since(start))
					}
				}()
			}
			for _, want := range []struct{ passed, refused int }{{1, 0}, {2, 0}, {3, 197}} {
				synctest.Wait()
				mu.Lock()
				if passed != want.passed || refused != want.refused {
					t.Errorf("%d passed and %d were refused after %v, want %v", passed, refused, time.Since(start), want)
				}
				mu.Unlock()
				time.Sleep(maxWait)
			}
			time.Sleep(time.Hour)
		})
	})
}

// A program that recovers from a panic in its own transport must not find its
// next call waiting for the answer to that request.
func TestGateAfterARecoveredPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		r := gated(func(*http.Request, *retry.Call) (*retry.Answer, error) {
			if sent++; sent == 1 {
				panic("in the caller's transport")
			}
			return answer(200, "light", 9), nil
		}, callinsights.RetryPolicy{})
		func() {
			defer func() { _ = recover() }()
			r.Do(t.Context(), call(retry.Idempotent))
		}()
		start := time.Now()
		if out := r.Do(t.Context(), call(retry.Idempotent)); out.Err != nil || sent != 2 || time.Since(start) != 0 {
			t.Errorf("outcome = %+v after %v, want an answer at once", out, time.Since(start))
		}
	})
}

func TestGatePenalties(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answers []*retry.Answer
		want    time.Duration
	}{
		"Retry-After":                          {answers: []*retry.Answer{plain(429, "X-Rate-Limit-Group", "light", "Retry-After", "45")}, want: 45 * time.Second},
		"the window, without":                  {answers: []*retry.Answer{answer(429, "light", 0)}, want: 60 * time.Second},
		"half a minute, if the window is less": {answers: []*retry.Answer{plain(429, "X-Rate-Limit-Group", "light", "X-Rate-Limit-Window", "5")}, want: 30 * time.Second},
		"a date":                               {answers: []*retry.Answer{plain(429, "X-Rate-Limit-Group", "light", "Retry-After", "Sat, 01 Jan 2000 00:00:50 GMT")}, want: 50 * time.Second},
		"garbage is none":                      {answers: []*retry.Answer{plain(429, "X-Rate-Limit-Group", "light", "Retry-After", "x")}, want: 60 * time.Second},
		"without a group":                      {answers: []*retry.Answer{plain(429, "Retry-After", "5")}, want: 5 * time.Second},
		"without anything":                     {answers: []*retry.Answer{plain(429)}, want: 60 * time.Second},
		"a number that makes no sense":         {answers: []*retry.Answer{plain(429, "Retry-After", "99999999999")}, want: 24 * time.Hour},
		"the longest counts":                   {answers: []*retry.Answer{plain(429, "Retry-After", "50"), plain(429, "Retry-After", "5")}, want: 50 * time.Second},
		"nothing remains":                      {answers: []*retry.Answer{answer(200, "light", 0)}, want: 60 * time.Second},
		"something remains":                    {answers: []*retry.Answer{answer(200, "light", 1)}, want: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := retry.NewGate()
				var passes []*retry.Pass
				for range tt.answers {
					// All are sent before the first is answered.
					pass, err := g.Enter(t.Context(), fmt.Sprint("op", len(passes)), maxWait)
					if err != nil {
						t.Fatal(err)
					}
					passes = append(passes, pass)
				}
				for i, pass := range passes {
					pass.Leave(tt.answers[i])
				}
				if got := g.Blocked("op0"); got != tt.want {
					t.Errorf("Blocked = %v, want %v", got, tt.want)
				}
				start := time.Now()
				pass, err := g.Enter(t.Context(), "op0", 24*time.Hour)
				if err != nil {
					t.Fatal(err)
				}
				pass.Leave(nil)
				if got := time.Since(start); got != tt.want {
					t.Errorf("waited %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestGateRefusesLongWaits(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		deadline, maxWait time.Duration
		is                []error
		isNot             error
	}{
		"longer than the deadline": {deadline: 10 * time.Second, maxWait: maxWait, is: []error{callinsights.ErrRateLimited, context.DeadlineExceeded}},
		"longer than allowed":      {deadline: time.Hour, maxWait: 20 * time.Second, is: []error{callinsights.ErrRateLimited}, isNot: context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := retry.NewGate()
				enter(t, g, "Thing").Leave(plain(429, "X-Rate-Limit-Group", "light", "Retry-After", "45"))
				time.Sleep(5 * time.Second)
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				start := time.Now()
				_, err := g.Enter(ctx, "Thing", tt.maxWait)
				if took := time.Since(start); took != 0 {
					t.Errorf("took %v, want at once", took)
				}
				limited, ok := errors.AsType[*retry.LimitedError](err)
				if !ok || limited.RetryAfter != 40*time.Second || limited.Error() == "" {
					t.Fatalf("err = %v, want one that says 40 s", err)
				}
				for _, target := range tt.is {
					if !errors.Is(err, target) {
						t.Errorf("%v is not %v", err, target)
					}
				}
				if tt.isNot != nil && errors.Is(err, tt.isNot) {
					t.Errorf("%v is %v", err, tt.isNot)
				}
			})
		})
	}
}

func TestGateHonoursContexts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := retry.NewGate()
		first := enter(t, g, "Thing")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if _, err := g.Enter(ctx, "Thing", maxWait); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("err = %v after %v, want the deadline's after 3 s", err, time.Since(start))
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := g.Enter(gone, "Thing", maxWait); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v, want that of the context", err)
		}
		first.Leave(answer(200, "light", 9))
		enter(t, g, "Thing").Leave(nil)
	})
}

// A server may name a new group on every answer.
func TestGateForgetsEndlessGroups(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := retry.NewGate()
		for i := range 1000 {
			enter(t, g, "Thing").Leave(answer(200, "group"+strconv.Itoa(i), 9))
		}
		if got := len(waiters(t, g, "Thing", 10)()); got != 10 {
			t.Errorf("%d passed, want all of them", got)
		}
	})
}

func TestNoGate(t *testing.T) {
	t.Parallel()
	var g *retry.Gate
	pass, err := g.Enter(t.Context(), "Thing", maxWait)
	if err != nil {
		t.Fatal(err)
	}
	pass.Leave(plain(429))
	if got := g.Blocked("Thing"); got != 0 {
		t.Errorf("Blocked = %v", got)
	}
}

// What the gate refuses is an outcome with the last answer and its wait.
func TestRefusalByTheGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		r := gated(func(*http.Request, *retry.Call) (*retry.Answer, error) {
			sent++
			return plain(429, "X-Rate-Limit-Group", "light", "Retry-After", "300"), nil
		}, callinsights.RetryPolicy{})
		first := r.Do(t.Context(), call(retry.Idempotent))
		if first.Err != nil || first.Answer.Status != 429 || first.RetryAfter != 300*time.Second {
			t.Errorf("first outcome = %+v, want the 429 at once", first)
		}
		time.Sleep(time.Minute)
		second := r.Do(t.Context(), call(retry.Idempotent))
		if !errors.Is(second.Err, callinsights.ErrRateLimited) || second.Attempts != 0 || second.RetryAfter != 240*time.Second {
			t.Errorf("second outcome = %+v, want ErrRateLimited and nothing sent", second)
		}
		if sent != 1 {
			t.Errorf("%d requests sent, want 1", sent)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if out := r.Do(ctx, call(retry.Idempotent)); !errors.Is(out.Err, context.Canceled) || out.Attempts != 0 {
			t.Errorf("outcome = %+v, want the context's error", out)
		}
	})
}

// A penalty without Retry-After lasts for the window: the call that met it
// waits as long as the others do.
func TestPenaltyWithoutRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answers := []*retry.Answer{answer(429, "light", 0), answer(200, "light", 49)}
		start := time.Now()
		var sent []time.Duration
		r := gated(func(*http.Request, *retry.Call) (*retry.Answer, error) {
			sent = append(sent, time.Since(start))
			return answers[len(sent)-1], nil
		}, callinsights.RetryPolicy{})
		if out := r.Do(t.Context(), call(retry.Idempotent)); out.Err != nil || out.Answer.Status != 200 {
			t.Errorf("outcome = %+v", out)
		}
		if diff := cmp.Diff([]time.Duration{0, time.Minute}, sent); diff != "" {
			t.Errorf("sent at (-want +got):\n%s", diff)
		}
	})
}
