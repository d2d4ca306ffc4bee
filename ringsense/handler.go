package ringsense

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/option"
	"github.com/callinsights/callinsights-go/internal/webhook"
)

// The headers of the service's requests.
const (
	validationHeader   = "Validation-Token"
	verificationHeader = "Verification-Token"
)

const (
	// answerTime is how long a request may take. The service waits 3 s, and gives
	// up an address that is late too often.
	answerTime = 2500 * time.Millisecond
	// maxEcho is how long a validation token may be: the whole answer to a
	// handshake must not be longer than 1,024 bytes.
	maxEcho = 512
	// maxKey bounds the key of an event, as a column of a database may.
	maxKey = 200
)

// EventHandler is an [http.Handler] that receives the events of a subscription: it
// answers the service's handshake, checks who sends, and hands each event to a
// function once. It is safe for concurrent use; make it with [NewEventHandler].
type EventHandler struct{ receiver *webhook.Receiver[Event] }

// HandlerOption changes a default of [NewEventHandler], which checks it.
type HandlerOption interface{ apply(*handlerConfig) error }

type handlerConfig struct {
	webhook.Config

	tokens  tokens
	anybody bool
}

type handlerOptionFunc func(*handlerConfig) error

func (f handlerOptionFunc) apply(c *handlerConfig) error { return f(c) }

// WithVerificationToken accepts the requests that carry one of the tokens, the
// VerificationToken of a [SubscriptionRequest]: several while one replaces
// another, or for several subscriptions. A token has 16 to 512 characters of
// printable ASCII without spaces; [NewVerificationToken] makes one. A handshake may
// come without one, not with a wrong one. Every handler needs this option, or
// [WithoutVerification].
func WithVerificationToken(tokens ...string) HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error {
		if len(tokens) == 0 {
			return fault.Invalid("WithVerificationToken: there is no token; NewVerificationToken makes one")
		}
		c.tokens = nil
		for _, token := range tokens {
			// With an empty one, a request without a token would be good.
			if err := checkVerificationToken(token); err != nil {
				return fmt.Errorf("WithVerificationToken: %w", err)
			}
			c.tokens = append(c.tokens, sha256.Sum256([]byte(token)))
		}
		return nil
	})
}

// WithoutVerification accepts requests from anybody who knows the address: for
// tests, for a subscription that has no verification token, and behind a gateway
// that checks it itself. The service signs nothing, so then nothing tells an event
// from a forgery.
func WithoutVerification() HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error {
		c.anybody = true
		return nil
	})
}

// WithDeliveryLog remembers in log which events were handled, instead of in
// memory, where the last 10,000 are kept for 24 hours: for a program that must not
// handle an event again after a restart, or that runs on several machines. Its keys
// are at most 200 characters of ASCII.
//
// A log belongs to one job. The instances of one program share it, and handlers of
// package whippy may too, as its keys begin with the name of the package. A handler
// that queues events and the worker that takes them from the queue need a log each:
// in that of the handler every event in the queue is handled.
func WithDeliveryLog(log DeliveryLog) HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error { return c.SetDeliveryLog(log) })
}

// WithMaxBodyBytes bounds the body of a request: 4 MiB unless set. A larger one is
// answered with 413. The transcript of a call is in the body, so do not be sparing.
// It counts for each connection, of which any number may be open: the body of a
// request with a good token is read whoever else is served.
func WithMaxBodyBytes(n int64) HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error { return c.SetMaxBodyBytes(n) })
}

// WithHandlerTimeout sets how long after its arrival a request is answered at the
// latest: 2.5 s unless set. The context of the function ends then. The service
// waits 3 s.
func WithHandlerTimeout(d time.Duration) HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error { return c.SetTimeout(d) })
}

// WithLease sets for how long an event belongs to the function that handles it, if
// that does not return: a minute unless set, or twice the timeout if that is
// longer. Afterwards the event may be handled again.
func WithLease(d time.Duration) HandlerOption {
	return handlerOptionFunc(func(c *handlerConfig) error { return c.SetLease(d) })
}

// WithMaxConcurrent bounds how many events are handled at once, 64 unless set.
// Further requests are answered with 503 and a Retry-After. The service counts
// that as a failure, as any other answer than 200.
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
// its key, and a body that is none as "ringsense:undecodable:" and its SHA-256 in
// hex.
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
// [WithVerificationToken] and [WithoutVerification] is required; of options of one
// kind, the last counts. Its error matches [ErrInvalidRequest] and names what is
// wrong.
//
// fn is called by several goroutines at once. Its context ends when the request
// has to be answered, not when the sender hangs up. What fn returns is the answer:
// nil is 200, an error or a panic 500. An event that was handled before is answered
// with 200 without calling fn, one that is being handled with 503.
//
// There is little time, no repeat is documented, and an address that fails for some
// minutes is given up: hand the event to something durable and return. See
// "Receiving" in the documentation of the package, and
// developers.ringcentral.com/guide/notifications/webhooks/receiving.
func NewEventHandler(fn func(context.Context, *Event) error, opts ...HandlerOption) (*EventHandler, error) {
	var cfg handlerConfig
	if err := option.Apply(opts, HandlerOption.apply, &cfg); err != nil {
		return nil, refusedHandler(err)
	}
	if cfg.anybody == (cfg.tokens != nil) {
		return nil, refusedHandler(fault.Invalid(
			"want one of WithVerificationToken, which checks who sends, and WithoutVerification, which accepts events from anybody"))
	}
	service := webhook.Service[Event]{
		Name: vendor, Timeout: answerTime, Once: []string{validationHeader, verificationHeader},
		Handshake: shakeHands,
		Prepare:   func(answer http.Header, r *http.Request) { echo(answer, r) },
		Parse:     ParseEvent,
		Key:       (*Event).DeliveryKey,
		Payload:   (*Event).payload,
	}
	if !cfg.anybody {
		service.Authorize = cfg.tokens.authorize
	}
	receiver, err := webhook.New(cfg.Config, service, fn)
	if err != nil {
		return nil, refusedHandler(err)
	}
	return &EventHandler{receiver}, nil
}

func refusedHandler(err error) error { return fmt.Errorf("%s: NewEventHandler: %w", vendor, err) }

// ServeHTTP answers a request of the service, always with an empty body:
//
//	200 a handshake; or the event was handled, now or before, or the dead letter function took it
//	400 the body cannot be decoded, broke off, or is empty without a handshake; or a header is there twice
//	401 the verification token is missing or wrong
//	405 not a POST; 413 too large; 415 not JSON, or compressed
//	408 the body took too long
//	500 the function failed; 503 busy, out of time, or no delivery log
func (h *EventHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.receiver.ServeHTTP(w, r) }

// Handle does for an event that came another way, such as a queue, what ServeHTTP
// does for one of a request, once it is verified: it hands it to the function
// unless that was done, by the same delivery log and under the same key, which is
// [Event.DeliveryKey]. So a worker needs a handler of its own, with a log of its own:
// the one that queued the event has handled it by that, and does nothing more.
//
// It returns nil when the event was handled, now or before, or the dead letter
// function took it; [ErrBusy] while somebody else handles it; an error that matches
// [ErrInvalidRequest] for an event that could not be written, such as nil; one that
// wraps that of the delivery log; or the error of the function. A panic of the
// function is an error that says what it was about, and the logger of
// [WithHandlerLogger] gets its stack. ctx is that of the function, and nothing else
// bounds it.
func (h *EventHandler) Handle(ctx context.Context, e *Event) error {
	const here = vendor + ": EventHandler.Handle: "
	if ctx == nil || e == nil {
		return fault.Invalid(here + "the context or the event is nil")
	}
	if e.raw == "" {
		if _, err := e.MarshalJSON(); err != nil {
			return fault.Invalid(here+"%s", strings.TrimPrefix(err.Error(), vendor+": "))
		}
	}
	return h.receiver.Handle(ctx, e)
}

// Drain waits until no function runs any more, or until ctx ends, whose error it
// returns then. Call it after [http.Server.Shutdown], which does not know of
// functions that outlive their request.
func (h *EventHandler) Drain(ctx context.Context) error { return h.receiver.Drain(ctx) }

// tokens are the hashes of verification tokens: hashes are of one length, so that
// comparing them takes the same time whatever was sent.
type tokens [][sha256.Size]byte

// authorize passes a request whose token is one of them. A handshake may lack it,
// as not every page of the vendor shows it there and there is nothing to be told
// but what was sent.
func (t tokens) authorize(r *http.Request) error {
	unverified := len(r.Header.Values(verificationHeader)) == 0
	if unverified && r.ContentLength == 0 && r.Header.Get(validationHeader) != "" {
		return nil
	}
	sent := sha256.Sum256([]byte(r.Header.Get(verificationHeader)))
	good := 0
	for _, token := range t {
		good |= subtle.ConstantTimeCompare(sent[:], token[:])
	}
	switch {
	case good != 0:
		return nil
	case unverified:
		return errors.New("the request has no verification token, such as that of a subscription that was made without one")
	default:
		return errors.New("the verification token is none of those that the handler knows")
	}
}

// shakeHands answers a request without a body: that of a new subscription, which
// wants its validation token back and the media type though nothing is sent. See
// developers.ringcentral.com/guide/notifications/webhooks/creating-webhooks.
func shakeHands(answer http.Header, r *http.Request) int {
	if !echo(answer, r) {
		return http.StatusBadRequest
	}
	answer.Set("Content-Type", "application/json")
	return http.StatusOK
}

// echo sends the validation token back, if there is one that can do no harm. One
// page of the vendor shows it on every event.
func echo(answer http.Header, r *http.Request) bool {
	token := r.Header.Get(validationHeader)
	if token == "" || len(token) > maxEcho || strings.ContainsFunc(token, isUnsafe) {
		return false
	}
	answer.Set(validationHeader, token)
	answer.Set("X-Content-Type-Options", "nosniff") // nothing is to be guessed of what repeats a stranger's text
	return true
}

func isUnsafe(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("._~+/=-", r)
}

// DeliveryKey names the event in a [DeliveryLog]: by its UUID; a record without an
// envelope by its domain, id and modification time; and any other event by its
// exact text. So two records alone with the same modification time are one, even
// if the later one holds more.
//
// A function that stores what it makes of an event together with this key, in one
// transaction, has handled it exactly once: a log that asks the same table needs no
// Commit of its own. It is at most 200 characters of ASCII.
func (e *Event) DeliveryKey() string {
	switch {
	case e.UUID != "":
		return boundedKey("event", e.UUID)
	case e.Filter == "" && e.Insights != nil && e.Insights.SourceRecordID != "" && !e.Insights.LastModifiedTime.IsZero():
		r := e.Insights
		return boundedKey("record", string(r.Domain), r.SourceRecordID, r.LastModifiedTime.UTC().Format(time.RFC3339Nano))
	default:
		return boundedKey("text", hashOf(e.payload()))
	}
}

// boundedKey takes the hash of a key that is too long, that a database may not
// take, or that other parts would give too.
func boundedKey(parts ...string) string {
	key, last := strings.Join(parts, ":"), len(parts)-1
	ambiguous := strings.Count(strings.Join(parts[:last], ":"), ":") != last-1
	if ambiguous || len(key) > maxKey-len(vendor)-1 || strings.ContainsFunc(key, isOdd) {
		key = parts[0] + ":" + hashOf(fmt.Sprintf("%q", parts))
	}
	return vendor + ":" + key
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// payload returns the exact text of the event, or how it is written if it was made
// by hand.
func (e *Event) payload() string {
	if e.raw != "" {
		return e.raw
	}
	made, _ := e.MarshalJSON() // Handle has tried
	return string(made)
}
