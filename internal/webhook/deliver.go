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
	"sync/atomic"
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

// delivery is what a request brought, on its way to a function of the program.
type delivery[E any] struct {
	*Receiver[E]

	event   *E
	payload []byte // what no event could be made of
	cause   error  // why not
	key     string
	claimed bool
	token   string // of the claim
	arrived time.Time

	// ctx is that of the function. It ends with its time, or when done is called
	// because the function has ended, which is how the request learns of either.
	ctx  context.Context
	done context.CancelFunc
	// settled is set by who decides which answer the request gets: the function
	// that has ended, or the request whose time is over.
	settled atomic.Bool
	answer  answer // of the function
}

// deliver hands the event in a verified body to the function, unless that was
// done before, and waits for it until its time is over.
func (r *Receiver[E]) deliver(ctx context.Context, body []byte, arrived time.Time) answer {
	d := &delivery[E]{Receiver: r, arrived: arrived}
	d.event, d.cause = r.service.Parse(body)
	if d.cause != nil && r.cfg.DeadLetter == nil {
		return answer{status: http.StatusBadRequest, outcome: outcomeBroken, err: d.cause}
	}
	if d.cause == nil {
		d.key = r.service.Key(d.event) // at once, while what it is made of has just been read
	} else {
		d.payload, d.key = bytes.Clone(body), r.undecodable(body)
	}
	if !r.running.beginRequest(r.cfg.MaxConcurrent) {
		return answer{status: http.StatusServiceUnavailable, retryAfter: overloadWait, outcome: outcomeOverload}
	}
	if r.logIsQuick() && !d.claim(ctx) { // an event that was handled needs no goroutine
		r.running.leave()
		r.running.end()
		return d.answer
	}
	// What the function does is not cut off when the sender hangs up.
	d.ctx, d.done = context.WithDeadline(context.WithoutCancel(ctx), arrived.Add(r.cfg.Timeout)) //nolint:gosec // end calls done
	// In a goroutine of its own, as a function that outlives its time goes on.
	go d.run()
	<-d.ctx.Done()
	if d.settled.CompareAndSwap(false, true) {
		return answer{status: http.StatusServiceUnavailable, retryAfter: r.cfg.Timeout, outcome: outcomeTimeout}
	}
	return d.answer
}

// undecodable names a body that is no event.
func (r *Receiver[E]) undecodable(body []byte) string {
	sum := sha256.Sum256(body)
	return r.service.Name + ":undecodable:" + hex.EncodeToString(sum[:])
}

// run does the work of a request in a goroutine of its own. That begins with a stack
// of 2 KiB, and moves when it needs more: what is called on the way to the function
// takes little.
func (d *delivery[E]) run() {
	defer d.end()
	d.once()
}

// end hands the answer over, or logs one that comes too late.
func (d *delivery[E]) end() {
	d.running.leave() // first: whoever has an answer finds room for another request, however long a line takes
	defer d.running.end()
	defer d.done() // also if the logger ends the goroutine
	if !d.settled.CompareAndSwap(false, true) {
		d.answer.outcome = outcomeLate + d.answer.outcome
		d.log(d.ctx, d.answer, d.arrived)
	}
}

// once does the work if the claim is there, or can be had.
func (d *delivery[E]) once() {
	d.answer = failed(errExited) // unless the log and the function return
	if !d.claimed && !d.claim(d.ctx) {
		return
	}
	defer d.settle()
	if err := d.ctx.Err(); err != nil {
		d.answer = failed(err) // the log took all the time that there was
		return
	}
	if err := guard(d.work); err != nil {
		d.answer = failed(err)
	}
}

// claim claims what the key names, or answers why that is not to be had.
func (d *delivery[E]) claim(ctx context.Context) bool {
	claim, err := d.begin(ctx)
	switch {
	case err != nil:
		d.answer = answer{status: http.StatusServiceUnavailable, retryAfter: overloadWait, outcome: outcomeNoLog, err: err}
	case claim.State == callinsights.ClaimDone:
		d.answer = answer{status: http.StatusOK, outcome: outcomeDuplicate}
	case claim.State == callinsights.ClaimBusy:
		d.answer = answer{status: http.StatusServiceUnavailable, retryAfter: max(claim.RetryAfter, overloadWait), outcome: outcomeBusy}
	default:
		d.claimed, d.token = true, claim.Token
	}
	return d.claimed
}

// logIsQuick reports whether the delivery log never waits for anything.
func (r *Receiver[E]) logIsQuick() bool {
	_, inMemory := r.cfg.Log.(*callinsights.MemoryDeliveryLog)
	return inMemory
}

// errExited stands for a function that neither returned nor panicked.
var errExited = errors.New("the function ended its goroutine with runtime.Goexit")

func failed(err error) answer {
	return answer{status: http.StatusInternalServerError, outcome: outcomeFailed, err: err}
}

// begin asks the log, and refuses an answer that is none.
func (d *delivery[E]) begin(ctx context.Context) (callinsights.Claim, error) {
	var claim callinsights.Claim
	err := guard(func() (err error) {
		claim, err = d.cfg.Log.Begin(ctx, d.key, d.cfg.Lease)
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

// work calls the function, or gives the dead letter function what it is to have.
func (d *delivery[E]) work() error {
	if d.cause != nil {
		return d.bury(d.payload, d.cause)
	}
	err := d.handle(d.ctx, d.event)
	switch {
	case err == nil:
		d.answer = answer{status: http.StatusOK, outcome: outcomeHandled}
		return nil
	case d.cfg.DeadLetter != nil && callinsights.IsPermanent(err):
		return d.bury([]byte(d.service.Payload(d.event)), err)
	default:
		return err
	}
}

// bury gives what no repetition will mend to the dead letter function.
func (d *delivery[E]) bury(payload []byte, cause error) error {
	if err := guard(func() error { return d.cfg.DeadLetter(d.ctx, payload, cause) }); err != nil {
		return fmt.Errorf("the dead letter function: %w", err)
	}
	d.answer = answer{status: http.StatusOK, outcome: outcomeDead, err: cause}
	return nil
}

// settle tells the log how an event ended. An event that was handled stays
// handled if the log fails: its claim then ends with the lease.
func (d *delivery[E]) settle() {
	ctx := d.ctx
	if !d.logIsQuick() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), settleTime)
		defer cancel()
	}
	note, what := callinsights.DeliveryLog.Release, "Release"
	if d.answer.status == http.StatusOK {
		note, what = callinsights.DeliveryLog.Commit, "Commit"
	}
	if err := guard(func() error { return note(d.cfg.Log, ctx, d.key, d.token) }); err != nil {
		d.logUnsettled(ctx, what, err)
	}
}

func (d *delivery[E]) logUnsettled(ctx context.Context, what string, err error) {
	d.write(ctx, slog.LevelWarn, func() []slog.Attr {
		return []slog.Attr{
			slog.String("vendor", d.service.Name), slog.String("outcome", what+" failed"), slog.String("error", err.Error()),
		}
	})
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
	d := delivery[E]{Receiver: r, event: event, ctx: ctx, arrived: time.Now()}
	a := safely(func() answer {
		d.key = r.service.Key(event)
		d.once()
		return d.answer
	})
	if _, crashed := errors.AsType[*panicError](a.err); crashed {
		r.log(ctx, a, d.arrived)
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

// guard turns a panic of f into an error, and an error of f that panics when it is
// looked into: one that is a nil pointer, for example.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{describe(v), debug.Stack()}
		}
	}()
	if err = f(); err != nil {
		_ = err.Error()
		_, _ = errors.AsType[*panicError](err)
	}
	return err
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
