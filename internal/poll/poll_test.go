package poll_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/poll"
)

var errNotYet = errors.New("not yet")

// everyMinute lets everything pass that is not yet, or a failure of the service.
func everyMinute() poll.Poll {
	return poll.Poll{
		Vendor: "vendor", Op: "Wait",
		Interval: func(int) time.Duration { return time.Minute },
		Passes: func(seen error, _ int) bool {
			return errors.Is(seen, errNotYet) || errors.Is(seen, callinsights.ErrUnavailable) || errors.Is(seen, callinsights.ErrNotFound)
		},
	}
}

func TestUntilItIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked []time.Time
		var intervals []int
		p := everyMinute()
		p.Interval = func(n int) time.Duration {
			intervals = append(intervals, n)
			return time.Duration(n) * time.Minute
		}
		err := p.Until(t.Context(), func() error {
			if asked = append(asked, time.Now()); len(asked) == 4 {
				return nil
			}
			return errNotYet
		})
		if err != nil || len(asked) != 4 || len(intervals) != 3 {
			t.Fatalf("%v after %d requests with the intervals %v", err, len(asked), intervals)
		}
		for i := range 3 {
			longest := time.Duration(i+1) * time.Minute
			if gap := asked[i+1].Sub(asked[i]); gap > longest || gap < longest*8/10 {
				t.Errorf("request %d came after %v, want %v or up to a fifth less", i+2, gap, longest)
			}
		}
	})
}

func TestUntil(t *testing.T) {
	t.Parallel()
	unavailable := &callinsights.Error{Vendor: "vendor", Op: "Get", StatusCode: 503}
	busy := &callinsights.Error{Vendor: "vendor", Op: "Get", StatusCode: 503, RetryAfter: 10 * time.Minute}
	noAnswer := &callinsights.Error{Vendor: "vendor", Op: "Get", Attempts: 1, Err: errors.New("refused")}
	absent := &callinsights.Error{Vendor: "vendor", Op: "Get", StatusCode: 404, Err: errors.New("perhaps deleted")}
	final := errors.New("for ever")
	for name, tt := range map[string]struct {
		seen  error
		wait  time.Duration
		is    []error
		isNot []error
		text  string
		asked int
	}{
		"not yet": {
			seen: errNotYet, wait: 90 * time.Second, is: []error{errNotYet, context.DeadlineExceeded},
			text: "vendor: Wait: not yet; the wait is over: context deadline exceeded", asked: 3, // the last one 10 s before the end
		},
		"just enough time": {seen: errNotYet, wait: 20 * time.Second, is: []error{errNotYet, context.DeadlineExceeded}, asked: 2},
		"little time":      {seen: errNotYet, wait: 15 * time.Second, is: []error{errNotYet, context.DeadlineExceeded}, asked: 1},
		"a failure": {
			seen: unavailable, wait: 30 * time.Second, is: []error{callinsights.ErrUnavailable, context.DeadlineExceeded},
			text: "vendor: Get: 503 Service Unavailable: the wait is over", asked: 2,
		},
		"no answer": {seen: noAnswer, wait: 30 * time.Second, is: []error{callinsights.ErrUnavailable, context.DeadlineExceeded}, text: "refused; the wait is over", asked: 2},
		"not found": {seen: absent, wait: 30 * time.Second, is: []error{callinsights.ErrNotFound, context.DeadlineExceeded}, text: "perhaps deleted", asked: 2},
		"asked to wait": {
			seen: busy, wait: 9 * time.Minute, is: []error{callinsights.ErrUnavailable, context.DeadlineExceeded}, asked: 1,
		},
		"asked to wait to the end": {
			seen: busy, wait: 10 * time.Minute, is: []error{callinsights.ErrUnavailable, context.DeadlineExceeded}, asked: 1,
		},
		"final":             {seen: final, wait: time.Hour, is: []error{final}, isNot: []error{context.DeadlineExceeded}, text: "for ever", asked: 1},
		"an error of ctx":   {seen: context.DeadlineExceeded, wait: 30 * time.Second, is: []error{context.DeadlineExceeded}, text: "the service has not answered", asked: 2},
		"over at the start": {seen: errNotYet, wait: -time.Second, is: []error{context.DeadlineExceeded}, asked: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), tt.wait)
				defer cancel()
				asked := 0
				err := everyMinute().Until(ctx, func() error { asked++; return tt.seen })
				if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
					t.Error("it ended before its context")
				}
				for _, kind := range tt.is {
					if !errors.Is(err, kind) {
						t.Errorf("err = %v, want %v", err, kind)
					}
				}
				for _, kind := range tt.isNot {
					if errors.Is(err, kind) {
						t.Errorf("err = %v, want no %v", err, kind)
					}
				}
				if !strings.Contains(err.Error(), tt.text) || asked != tt.asked {
					t.Errorf("err = %v after %d requests, want %q after %d", err, asked, tt.text, tt.asked)
				}
			})
		})
	}
}

func TestUntilIsCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer time.AfterFunc(10*time.Second, cancel).Stop()
		start := time.Now()
		err := everyMinute().Until(ctx, func() error { return errNotYet })
		if !errors.Is(err, context.Canceled) || !errors.Is(err, errNotYet) || time.Since(start) != 10*time.Second {
			t.Errorf("err = %v after %v", err, time.Since(start))
		}
	})
}

func TestAskedToWait(t *testing.T) {
	t.Parallel()
	login := &callinsights.Error{RetryAfter: 7 * time.Second}
	for name, tt := range map[string]struct {
		err  error
		want time.Duration
	}{
		"nothing":    {nil, 0},
		"no *Error":  {errNotYet, 0},
		"the call":   {&callinsights.Error{RetryAfter: 9 * time.Second, Err: login}, 9 * time.Second},
		"its login":  {&callinsights.Error{RetryAfter: time.Second, Err: login}, 7 * time.Second},
		"not a word": {&callinsights.Error{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := poll.AskedToWait(tt.err); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
