package whippy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/option"
	"github.com/callinsights/callinsights-go/internal/webhook"
)

// answerTime is how long a request may take. Whippy does not say how long it
// waits; Retell, whose agents it seems to use, waits 10 s.
const answerTime = 10 * time.Second

// EventHandler is an [http.Handler] that receives the events of Whippy, checks
// them, and hands each to a function once. It is safe for concurrent use; make it
// with [NewEventHandler].
type EventHandler struct{ receiver *webhook.Receiver[Event] }

// HandlerOption changes a default of [NewEventHandler], which checks it.
type HandlerOption interface{ apply(*handlerConfig) error }

type handlerConfig struct {
	webhook.Config

	verifier *Verifier
	anybody  bool
}

type handlerOptionFunc func(*handlerConfig) error

func (f handlerOptionFunc) apply(c *handlerConfig) error { return f(c) }

// WithVerifier accepts the requests that v accepts. Every handler needs it, or
// [WithoutVerification].
func WithVerifier(v *Verifier) HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error {
		if !v.usable() {
			return fault.Invalid("WithVerifier: the verifier was not made by NewVerifier")
		}
		c.verifier = v
		return nil
	})
}

// WithoutVerification accepts requests from anybody who knows the address: for
// tests, and behind a gateway that checks the signature itself.
func WithoutVerification() HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error {
		c.anybody = true
		return nil
	})
}

// WithDeliveryLog remembers in log which events were handled, instead of in
// memory, where the last 10,000 are kept for 24 hours: for a program that must not
// handle an event again after a restart, or that runs on several machines.
//
// A log belongs to one job. The instances of one program share it, and handlers of
// package ringsense may too, as its keys begin with the name of the package. A
// handler that queues events and the worker that takes them from the queue need a
// log each: in that of the handler every event in the queue is handled.
func WithDeliveryLog(log DeliveryLog) HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error { return c.SetDeliveryLog(log) })
}

// WithMaxBodyBytes bounds the body of a request: 4 MiB unless set. A larger one is
// answered with 413. A transcript is in the body, so do not be sparing. It counts
// for each connection: whoever opens a hundred may have a hundred bodies read at
// once, each with a signature that looks like one, before they are refused.
func WithMaxBodyBytes(n int64) HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error { return c.SetMaxBodyBytes(n) })
}

// WithHandlerTimeout sets how long after its arrival a request is answered at the
// latest: 10 s unless set. The context of the function ends then. Whippy does not
// say how long it waits.
func WithHandlerTimeout(d time.Duration) HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error { return c.SetTimeout(d) })
}

// WithLease sets for how long an event belongs to the function that handles it,
// if that does not return: a minute unless set, or twice the timeout if that is
// longer. Afterwards the event may be handled again.
func WithLease(d time.Duration) HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error { return c.SetLease(d) })
}

// WithMaxConcurrent bounds how many events are handled at once, 64 unless set.
// Further requests are answered with 503 and a Retry-After.
func WithMaxConcurrent(n int) HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error { return c.SetMaxConcurrent(n) })
}

// WithDeadLetter gives what no repetition will mend to take: the exact body of a
// request that was verified and cannot be decoded, and an event for which the
// function returned an error marked with [Permanent]; err says why. When take
// returns nil, the request is acknowledged. take must not keep payload. Without
// it, a body that cannot be decoded is answered with 400, and such an error with
// 500 as any other.
//
// What take has taken is not given to it again: the delivery log knows an event by
// its key, and a body that is none as "whippy:undecodable:" and its SHA-256 in hex.
func WithDeadLetter(take func(ctx context.Context, payload []byte, err error) error) HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error { return c.SetDeadLetter(take) })
}

// WithHandlerLogger writes one line to logger for each request: info for one that
// was acknowledged and warn for any other, with the outcome, the status, how long
// it took and the text of an error, that of the function too. A function that
// returns when its request was answered for want of time gets a line more, whose
// outcome begins with "late" and whose status came too late. A panic is logged with
// its stack, one of [EventHandler.Handle] too. Nothing of the request is logged.
// Without it, nothing is.
func WithHandlerLogger(logger *slog.Logger) HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error { return c.SetLogger(logger) })
}

// NewEventHandler returns a handler that calls fn for each event. One of
// [WithVerifier] and [WithoutVerification] is required; of options of one kind, the
// last counts. Its error matches [ErrInvalidRequest] and names what is wrong.
//
// fn is called by several goroutines at once. Its context ends when the request
// has to be answered, not when the sender hangs up. What fn returns is the answer:
// nil is 200, an error or a panic 500, and so Whippy sends the event again. An
// event that was handled before is answered with 200 without calling fn, one that
// is being handled with 503. See "Receiving" in the documentation of the package.
func NewEventHandler(fn func(context.Context, *Event) error, opts ...HandlerOption) (*EventHandler, error) {
	var cfg handlerConfig
	if err := option.Apply(opts, HandlerOption.apply, &cfg); err != nil {
		return nil, refused("NewEventHandler", err)
	}
	if cfg.anybody == (cfg.verifier != nil) {
		return nil, refused("NewEventHandler", fault.Invalid(
			"want one of WithVerifier, which checks who sends, and WithoutVerification, which accepts events from anybody"))
	}
	service := webhook.Service[Event]{
		Name: vendor, Timeout: answerTime, Once: []string{SignatureHeader},
		Parse:   ParseEvent,
		Key:     (*Event).DeliveryKey,
		Payload: (*Event).payload,
	}
	if cfg.verifier != nil {
		service.Authorize, service.Verify = cfg.verifier.authorize, cfg.verifier.Verify
	}
	receiver, err := webhook.New(cfg.Config, service, fn)
	if err != nil {
		return nil, refused("NewEventHandler", err)
	}
	return &EventHandler{receiver}, nil
}

// ServeHTTP answers a request of Whippy, always with an empty body:
//
//	200 the event was handled, now or before, or the dead letter function took it
//	400 the body cannot be decoded or broke off, or there are two signatures
//	401 the signature is missing or wrong
//	405 not a POST; 413 too large; 415 not JSON, or compressed
//	408 the body took too long
//	500 the function failed; 503 busy, out of time, or no delivery log: send it again
func (h *EventHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.receiver.ServeHTTP(w, r) }

// Handle does for an event that came another way, such as a queue, what ServeHTTP
// does for one of a request, once it is verified: it hands it to the function
// unless that was done, by the same delivery log and under the same key. So a worker
// needs a handler of its own, with a log of its own: the one that queued the event
// has handled it by that, and does nothing more. See the example of package
// ringsense.
//
// The key is [Event.DeliveryKey], which is made of the exact text of the data:
// queue the body of the request, or [Event.RawJSON]. An event that was stored by
// encoding/json has another key, as it is written in another form.
//
// It returns nil when the event was handled, now or before, or the dead letter
// function took it; [ErrBusy] while somebody else handles it; an error that matches
// [ErrInvalidRequest] for an event that could not be written, such as nil; one that
// wraps that of the delivery log; or the error of the function. A panic of the
// function is an error that says what it was about, and the logger of
// [WithHandlerLogger] gets its stack. ctx is that of the function, and nothing else
// bounds it.
func (h *EventHandler) Handle(ctx context.Context, e *Event) error {
	if ctx == nil || e == nil {
		return refused("EventHandler.Handle", fault.Invalid("the context or the event is nil"))
	}
	if err := e.checkHandled(); err != nil {
		return refused("EventHandler.Handle", fault.Invalid("%s", strings.TrimPrefix(err.Error(), vendor+": ")))
	}
	return h.receiver.Handle(ctx, e)
}

// Drain waits until no function runs any more, or until ctx ends, whose error it
// returns then. Call it after [http.Server.Shutdown], which does not know of
// functions that outlive their request.
func (h *EventHandler) Drain(ctx context.Context) error { return h.receiver.Drain(ctx) }

// checkHandled reports why e, which may be made by hand, has no key or payload.
func (e *Event) checkHandled() error {
	if err := e.check(); err != nil || e.raw != "" && e.Data.text() != "" {
		return err
	}
	_, err := e.MarshalJSON()
	return err
}

// DeliveryKey names the event in a [DeliveryLog]: by a hash of its type and the
// exact text of its data, so by what it tells and not by its RequestID, as Whippy
// does not say whether that is the same when the event comes again.
//
// A call and a message hold when they changed, so that no two of their states have
// one text. Of other data this is not known: a contact that is blocked, let in and
// blocked again may look as it did at first. There CreatedAt of the event counts
// too, where it is sent. That Whippy sends an event again with the same one is
// likely and not documented; if it does not, such an event is handled twice.
//
// A function that stores what it makes of an event together with this key, in one
// transaction, has handled it exactly once: a log that asks the same table needs
// no Commit of its own. It is ASCII, and always of the same length.
func (e *Event) DeliveryKey() string {
	text := keyTexts.Get().(*bytes.Buffer) //nolint:errcheck,forcetypeassert // it holds nothing else
	defer func() {
		if text.Cap() <= maxKept {
			keyTexts.Put(text)
		}
	}()
	text.Reset()
	_, _ = text.WriteString(string(e.Type) + "\x00")
	if _, unknown := e.Data.(*Unknown); unknown {
		_, _ = text.WriteString(e.made() + "\x00")
	}
	if e.Data != nil {
		_, _ = text.WriteString(e.Data.text())
	}
	sum := sha256.Sum256(text.Bytes())
	key := make([]byte, 0, len(vendor)+1+hex.EncodedLen(len(sum)))
	return string(hex.AppendEncode(append(key, vendor+":"...), sum[:]))
}

// maxKept is how large a text may be whose memory is kept for the next one.
const maxKept = 64 << 10

//nolint:gochecknoglobals // a pool is shared by all
var keyTexts = sync.Pool{New: func() any { return new(bytes.Buffer) }} // what keys are hashes of

// made says when the event was made, also if that cannot be read as a time.
func (e *Event) made() string {
	if e.CreatedAt.IsZero() {
		return string(e.Extra["created_at"])
	}
	return e.CreatedAt.UTC().Format(time.RFC3339Nano)
}

// payload returns the exact text of the event, or how it is written if it was made
// by hand.
func (e *Event) payload() string {
	if e.raw != "" {
		return e.raw
	}
	made, _ := e.MarshalJSON() // checkHandled has tried
	return string(made)
}
