// Package poll asks a service again and again for what it does not have yet.
package poll

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
)

// Poll is how a method waits.
type Poll struct {
	// Vendor and Op name the method in errors.
	Vendor, Op string
	// Interval is how long the wait after the nth request is, from 1.
	Interval func(n int) time.Duration
	// Passes reports whether what the nth request saw is worth another one.
	Passes func(seen error, n int) bool
}

// lastPoll is how long before the end of the context the last request is.
const lastPoll = 10 * time.Second

var errNotAnswered = errors.New("the service has not answered")

// Until calls ask, which says what it saw if that is not what is waited for,
// until it returns nil. An error that does not pass is returned as it is. The
// error at the end of ctx, and not before it, says what was seen last; it matches
// that of ctx, and the kind of what was seen.
func (p Poll) Until(ctx context.Context, ask func() error) error {
	seen := errNotAnswered
	for n := 1; ; n++ {
		err := ask()
		switch {
		case err == nil:
			return nil
		case p.Passes(err, n):
			seen = err
		case !isContextError(err):
			return err
		}
		if ended := pause(ctx, p.Interval(n), AskedToWait(err)); ended != nil {
			return p.neverCame(seen, ended)
		}
	}
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// AskedToWait is how long the service asked to wait, by the answer to the call
// or to the login that it needed; 0 if it did not.
func AskedToWait(err error) (wait time.Duration) {
	for {
		e, ok := errors.AsType[*callinsights.Error](err)
		if !ok {
			return wait
		}
		wait, err = max(wait, e.RetryAfter), e.Err
	}
}

// pause waits until the next request, which is up to a fifth earlier than
// interval says, so that programs that began together do not ask together, but
// not before the service wants it. It returns why there is none, if so.
func pause(ctx context.Context, interval, atLeast time.Duration) error {
	jitter := 0.8 + 0.2*rand.Float64() //nolint:gosec // not a secret
	wait := max(time.Duration(float64(interval)*jitter), atLeast)
	if deadline, ok := ctx.Deadline(); ok {
		if left := time.Until(deadline); wait >= left {
			wait = left - lastPoll
			if wait < max(lastPoll, atLeast) {
				<-ctx.Done() // there is no further request
				return ctx.Err()
			}
		}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// neverCame is the error of a wait that ended so, after the service was seen in
// that state.
func (p Poll) neverCame(seen, ended error) error {
	e := &callinsights.Error{Vendor: p.Vendor, Op: p.Op}
	cause := seen
	if last, ok := errors.AsType[*callinsights.Error](seen); ok {
		failed := *last
		e, cause = &failed, last.Err
	}
	over := fmt.Errorf("the wait is over: %w", ended)
	switch {
	case cause == nil:
		e.Err = over
	case errors.Is(seen, callinsights.ErrUnavailable):
		// A failure without an answer is known by its lack of a status, which
		// says nothing once the cause is that of the context.
		e.Err = fault.New(cause.Error()+"; "+over.Error(), cause, over, callinsights.ErrUnavailable)
	default:
		e.Err = fmt.Errorf("%w; %w", cause, over)
	}
	return e
}
