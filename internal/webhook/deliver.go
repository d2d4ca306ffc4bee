package webhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
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
	outcomeLate      = "late " // and one of the others
)

// settleTime is how long the delivery log may take to note how an event ended,
// also if the time for the event itself is over.
const settleTime = 5 * time.Second

// overloadWait is what senders are told when too many events are at hand.
const overloadWait = time.Second

// deliver hands the event in a verified body to the function, unless that was
// done before, and waits for it until ctx ends.
func (r *Receiver[E]) deliver(ctx context.Context, body []byte, arrived time.Time) answer {
	event, err := r.service.Parse(body)
	if err != nil && r.cfg.DeadLetter == nil {
		return answer{status: http.StatusBadRequest, outcome: outcomeBroken, err: err}
	}
	var work func() answer
	if err == nil {
		work = r.event(ctx, event)
	} else {
		work = r.burial(ctx, bytes.Clone(body), err)
	}
	select {
	case r.slots <- struct{}{}:
	default:
		return answer{status: http.StatusServiceUnavailable, retryAfter: overloadWait, outcome: outcomeOverload}
	}
	ended := make(chan answer)
	r.running.begin()
	// In a goroutine of its own, as a function that outlives its time goes on.
	go func() {
		a := failed(errExited)
		defer r.running.end()
		defer func() {
			select {
			case ended <- a:
			case <-ctx.Done():
				a.outcome = outcomeLate + a.outcome
				r.log(ctx, a, arrived)
			}
		}()
		defer func() { <-r.slots }() // first: whoever has an answer finds the slot free
		a = safely(work)
	}()
	select {
	case a := <-ended:
		return a
	case <-ctx.Done():
		return answer{status: http.StatusServiceUnavailable, retryAfter: r.cfg.Timeout, outcome: outcomeTimeout}
	}
}

// event calls the function for an event, once. The key is made at once, while what
// it is made of has just been read.
func (r *Receiver[E]) event(ctx context.Context, event *E) func() answer {
	key := r.service.Key(event)
	return func() answer {
		return r.once(ctx, key, func() answer { return r.call(ctx, event) })
	}
}

// burial gives a body that cannot be decoded to the dead letter function, once.
func (r *Receiver[E]) burial(ctx context.Context, body []byte, cause error) func() answer {
	sum := sha256.Sum256(body)
	key := r.service.Name + ":undecodable:" + hex.EncodeToString(sum[:])
	return func() answer {
		return r.once(ctx, key, func() answer { return r.bury(ctx, body, cause) })
	}
}

// once claims what the key names and does the work if nobody has.
func (r *Receiver[E]) once(ctx context.Context, key string, work func() answer) answer {
	claim, err := r.begin(ctx, key)
	switch {
	case err != nil:
		return answer{status: http.StatusServiceUnavailable, retryAfter: overloadWait, outcome: outcomeNoLog, err: err}
	case claim.State == callinsights.ClaimDone:
		return answer{status: http.StatusOK, outcome: outcomeDuplicate}
	case claim.State == callinsights.ClaimBusy:
		return answer{status: http.StatusServiceUnavailable, retryAfter: max(claim.RetryAfter, overloadWait), outcome: outcomeBusy}
	}
	a := failed(errExited) // unless work returns
	defer func() { r.settle(ctx, key, claim.Token, a.status == http.StatusOK) }()
	if err := ctx.Err(); err != nil {
		a = failed(err) // the log took all the time that there was
	} else {
		a = work()
	}
	return a
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

// call runs the function.
func (r *Receiver[E]) call(ctx context.Context, event *E) answer {
	err := r.handle(ctx, event)
	switch {
	case err == nil:
		return answer{status: http.StatusOK, outcome: outcomeHandled}
	case r.cfg.DeadLetter != nil && callinsights.IsPermanent(err):
		return r.bury(ctx, []byte(r.service.Payload(event)), err)
	default:
		return failed(err)
	}
}

// bury gives what no repetition will mend to the dead letter function.
func (r *Receiver[E]) bury(ctx context.Context, payload []byte, cause error) answer {
	if err := r.cfg.DeadLetter(ctx, payload, cause); err != nil {
		return failed(fmt.Errorf("the dead letter function: %w", err))
	}
	return answer{status: http.StatusOK, outcome: outcomeDead, err: cause}
}

// settle tells the log how an event ended. An event that was handled stays
// handled if the log fails: its claim then ends with the lease.
func (r *Receiver[E]) settle(ctx context.Context, key, token string, handled bool) {
	if _, inMemory := r.cfg.Log.(*callinsights.MemoryDeliveryLog); !inMemory { // which never waits
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), settleTime)
		defer cancel()
	}
	note, what := callinsights.DeliveryLog.Release, "Release"
	if handled {
		note, what = callinsights.DeliveryLog.Commit, "Commit"
	}
	if err := guard(func() error { return note(r.cfg.Log, ctx, key, token) }); err != nil {
		r.write(ctx, slog.LevelWarn,
			slog.String("vendor", r.service.Name), slog.String("outcome", what+" failed"), slog.String("error", err.Error()))
	}
}

// Handle does for an event that came another way what ServeHTTP does for one of
// a request. It returns nil when the event was handled, now or before, or when
// the dead letter function took it. An error is for the caller to log, but for
// the place of a panic, of which its text says nothing.
func (r *Receiver[E]) Handle(ctx context.Context, event *E) error {
	if event == nil {
		return fault.Invalid("the event is nil")
	}
	r.running.begin()
	defer r.running.end()
	arrived := time.Now()
	a := safely(func() answer { return r.event(ctx, event)() })
	if _, crashed := errors.AsType[*panicError](a.err); crashed {
		r.log(ctx, a, arrived)
	}
	switch {
	case a.status == http.StatusOK:
		return nil
	case a.outcome == outcomeBusy:
		return callinsights.ErrBusy
	default:
		return a.err
	}
}

// Drain waits until no function runs any more, or until ctx ends.
func (r *Receiver[E]) Drain(ctx context.Context) error { return r.running.wait(ctx) }

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
