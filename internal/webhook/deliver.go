package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
)

// How events end, for the log.
const (
	outcomeRefused   = "refused"
	outcomeUnread    = "unread"
	outcomeHandshake = "handshake"
	outcomeHandled   = "handled"
	outcomeDuplicate = "duplicate"
	outcomeDead      = "dead letter"
	outcomeBusy      = "busy"
	outcomeOverload  = "overloaded"
	outcomeTimeout   = "timeout"
	outcomeFailed    = "failed"
	outcomeNoLog     = "no delivery log"
	outcomeBroken    = "undecodable"
)

// settleTime is how long the delivery log may take to note how an event ended,
// also if the time for the event itself is over.
const settleTime = 5 * time.Second

// overloadWait is what senders are told when too many events are at hand.
const overloadWait = time.Second

// deliver hands the event in a verified body to the function, unless that was
// done before, and waits for it until ctx ends.
func (r *Receiver[E]) deliver(ctx context.Context, body []byte) answer {
	event, err := r.service.Parse(body)
	if err != nil && r.cfg.DeadLetter == nil {
		return answer{status: http.StatusBadRequest, outcome: outcomeBroken, err: err}
	}
	select {
	case r.slots <- struct{}{}:
	default:
		return answer{status: http.StatusServiceUnavailable, retryAfter: overloadWait, outcome: outcomeOverload}
	}
	work := func() answer { return r.once(ctx, event) }
	if err != nil {
		work = func() answer { return r.bury(ctx, body, err) }
	}
	ended := make(chan answer, 1)
	r.running.begin()
	// In a goroutine of its own, as a function that outlives its time goes on.
	go func() {
		a := failed(errExited)
		defer func() { ended <- a }() // last: whoever has an answer finds the slot free
		defer r.running.end()
		defer func() { <-r.slots }()
		a = safely(work)
	}()
	select {
	case a := <-ended:
		return a
	case <-ctx.Done():
		return answer{status: http.StatusServiceUnavailable, retryAfter: r.cfg.Timeout, outcome: outcomeTimeout}
	}
}

// once claims the event and calls the function if nobody has.
func (r *Receiver[E]) once(ctx context.Context, event *E) answer {
	key := r.service.Key(event)
	claim, err := r.begin(ctx, key)
	switch {
	case err != nil:
		return answer{status: http.StatusServiceUnavailable, retryAfter: overloadWait, outcome: outcomeNoLog, err: err}
	case claim.State == callinsights.ClaimDone:
		return answer{status: http.StatusOK, outcome: outcomeDuplicate}
	case claim.State == callinsights.ClaimBusy:
		return answer{status: http.StatusServiceUnavailable, retryAfter: max(claim.RetryAfter, overloadWait), outcome: outcomeBusy}
	}
	err = errExited // unless call returns
	defer func() { r.settle(ctx, key, claim.Token, err == nil) }()
	dead, err := r.call(ctx, event)
	switch {
	case err != nil:
		return failed(err)
	case dead:
		return answer{status: http.StatusOK, outcome: outcomeDead}
	default:
		return answer{status: http.StatusOK, outcome: outcomeHandled}
	}
}

// errExited stands for a function that neither returned nor panicked.
var errExited = errors.New("the function ended its goroutine with runtime.Goexit")

func failed(err error) answer {
	return answer{status: http.StatusInternalServerError, outcome: outcomeFailed, err: err}
}

// begin asks the log, and refuses an answer that is none.
func (r *Receiver[E]) begin(ctx context.Context, key string) (callinsights.Claim, error) {
	var claim callinsights.Claim
	err := guard(func() (err error) {
		claim, err = r.cfg.Log.Begin(ctx, key, r.cfg.Lease)
		return err
	})
	if err != nil {
		return claim, fmt.Errorf("the delivery log: %w", err)
	}
	switch claim.State {
	case callinsights.ClaimNew, callinsights.ClaimBusy, callinsights.ClaimDone:
		return claim, nil
	default:
		return claim, fmt.Errorf("the delivery log returned %v, which is no state", claim.State)
	}
}

// call runs the function, and gives what no repetition will mend to the dead
// letter function. dead reports that this has taken it.
func (r *Receiver[E]) call(ctx context.Context, event *E) (dead bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err // the log took all the time that there was
	}
	err = r.handle(ctx, event)
	if err == nil || !isPermanent(err) || r.cfg.DeadLetter == nil {
		return false, err
	}
	if err := r.cfg.DeadLetter(ctx, []byte(r.service.Payload(event)), err); err != nil {
		return false, fmt.Errorf("the dead letter function: %w", err)
	}
	return true, nil
}

// bury gives a body that cannot be decoded to the dead letter function.
func (r *Receiver[E]) bury(ctx context.Context, body []byte, cause error) answer {
	if err := r.cfg.DeadLetter(ctx, body, cause); err != nil {
		return failed(fmt.Errorf("the dead letter function: %w", err))
	}
	return answer{status: http.StatusOK, outcome: outcomeDead, err: cause}
}

// settle tells the log how an event ended. An event that was handled stays
// handled if the log fails: its claim then ends with the lease.
func (r *Receiver[E]) settle(ctx context.Context, key, token string, handled bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	note, what := r.cfg.Log.Release, "Release"
	if handled {
		note, what = r.cfg.Log.Commit, "Commit"
	}
	if err := guard(func() error { return note(ctx, key, token) }); err != nil {
		r.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "webhook",
			slog.String("vendor", r.service.Name), slog.String("outcome", what+" failed"), slog.String("error", err.Error()))
	}
}

// Handle does for an event that came another way what ServeHTTP does for one of
// a request. It returns nil when the event was handled, now or before, or when
// the dead letter function took it.
func (r *Receiver[E]) Handle(ctx context.Context, event *E) error {
	if event == nil {
		return Invalid("the event is nil")
	}
	r.running.begin()
	defer r.running.end()
	a := safely(func() answer { return r.once(ctx, event) })
	switch {
	case a.err != nil:
		return a.err
	case a.outcome == outcomeBusy:
		return callinsights.ErrBusy
	default:
		return nil
	}
}

// Drain waits until no function runs any more, or until ctx ends.
func (r *Receiver[E]) Drain(ctx context.Context) error { return r.running.wait(ctx) }

// isPermanent reports whether err was marked with callinsights.Permanent.
func isPermanent(err error) bool {
	mark, ok := errors.AsType[interface {
		error
		Permanent() bool
	}](err)
	return ok && mark.Permanent()
}

// safely turns a panic of f into an answer.
func safely(f func() answer) (a answer) {
	err := guard(func() error {
		a = f()
		return nil
	})
	if err != nil {
		return failed(err)
	}
	return a
}

// guard turns a panic of f into an error.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{describe(v), debug.Stack()}
		}
	}()
	return f()
}

// panicError is a panic in a function of the program's.
type panicError struct {
	text  string
	stack []byte // without values
}

func (e *panicError) Error() string { return "a panic: " + e.text }

// describe says what a panic was about, but not with which value, as that may be
// part of an event.
func describe(v any) string {
	if fault, ok := v.(runtime.Error); ok {
		return fault.Error()
	}
	return fmt.Sprintf("a value of the type %T", v)
}
