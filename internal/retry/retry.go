package retry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/opaque"
)

// Call is a request that may be sent more than once.
type Call struct {
	// Op names what is called; the rate gate learns by it.
	Op string
	// Row says which failures are repeated.
	Row Row
	// Method, URL, Header and Body are those of the request. None of them is
	// changed.
	Method string
	URL    *url.URL
	Header http.Header
	Body   []byte
	// Credential goes into the header besides.
	Credential Credential
	// Stream leaves the body of a success unread.
	Stream bool
	// Discard takes a success for one whatever its body is.
	Discard bool
	// Timeout bounds one attempt; the client's own if zero.
	Timeout time.Duration
}

// Credential is a line of a header, none if it is empty.
type Credential struct{ Name, Value string }

// header returns the header of one attempt, which others may write to.
func (c *Call) header() http.Header {
	h := c.Header.Clone()
	if c.Credential.Name != "" {
		h.Set(c.Credential.Name, c.Credential.Value)
	}
	return h
}

// Answer is what came back on one attempt.
type Answer struct {
	Status int
	Header http.Header
	// Body is the whole body of a buffered success, or the first 64 KiB of
	// anything else.
	Body []byte
	// Stream is the body of a streamed success instead. The receiver closes it.
	Stream io.ReadCloser
}

// Outcome is how a call ended.
type Outcome struct {
	// Answer is the last one that arrived, nil if none did. It is kept
	// whatever the reason for giving up was.
	Answer *Answer
	// Err says why there is no answer, why it cannot be used or why there was
	// no further attempt; nil if the answer speaks for itself.
	Err error
	// Attempts counts the requests sent.
	Attempts int
	// RetryAfter is how long the service asked to wait, 0 if it did not.
	RetryAfter time.Duration
	// RateLimit is what the last answer said of the rate limit.
	RateLimit callinsights.RateLimit
	// Secrets are the credentials that went out with the request; they must
	// not show in what is made of the answer.
	Secrets []opaque.Secret
}

// Attempt sends call once, as req. There may be an answer and an error, which
// then says why the answer cannot be used. See [Final] and [Unsent] for what
// the error may say about itself.
type Attempt func(req *http.Request, call *Call) (*Answer, error)

// Options are what a [Retrier] is made of.
type Options struct {
	// Jar keeps cookies, nil for none.
	Jar http.CookieJar
	// Attempt sends a request once.
	Attempt Attempt
	// Policy is the user's.
	Policy callinsights.RetryPolicy
	// Gate is nil where the service has no rate limit groups.
	Gate *Gate
	// Random draws from [0, 1) for the jitter; nil for the default.
	Random func() float64
}

// Retrier runs the calls of one client. It is safe for concurrent use.
type Retrier struct {
	jar     http.CookieJar
	attempt Attempt
	policy  callinsights.RetryPolicy
	gate    *Gate
	random  func() float64
	budget  budget
}

// New returns a Retrier.
func New(o Options) *Retrier {
	r := &Retrier{
		jar:     o.Jar,
		attempt: o.Attempt,
		policy:  WithDefaults(o.Policy),
		gate:    o.Gate,
		random:  o.Random,
		budget:  budget{tokens: budgetSize},
	}
	if r.random == nil {
		r.random = rand.Float64
	}
	return r
}

// Budget is what the calls of the client may still spend on repeats.
func (r *Retrier) Budget() int { return r.budget.left() }

// Do runs call to its end.
func (r *Retrier) Do(ctx context.Context, call Call) Outcome {
	req, err := http.NewRequestWithContext(ctx, call.Method, "", nil)
	if err != nil {
		return Outcome{Err: Final(err)}
	}
	req.URL = call.URL
	req.Header = call.header()

	run := &run{Retrier: r, ctx: ctx, call: call}
	// The library's client is made for one call: the functions that it asks
	// know the call, which its own signatures would not tell them. The loop is
	// ended by check alone, and what it returns is in run.out already.
	run.client = http.Client{Transport: run, Jar: r.jar}
	run.loop.HTTPClient = &run.client
	run.loop.RetryMax = math.MaxInt
	run.loop.CheckRetry = run.check
	run.loop.Backoff = run.backoff
	run.loop.ErrorHandler = retryablehttp.PassthroughErrorHandler
	run.loop.PrepareRetry = run.prepare
	_, _ = run.loop.Do(&retryablehttp.Request{Request: req}) //nolint:bodyclose // RoundTrip makes it without a body
	if run.waiting {
		run.giveUp(ctx.Err())
	}
	if run.out.succeeded() {
		r.budget.refund()
	}
	return run.out
}

func (o *Outcome) succeeded() bool {
	return o.Err == nil && o.Answer != nil && o.Answer.Status >= 200 && o.Answer.Status < 300
}

// run is one call under way.
type run struct {
	*Retrier
	ctx    context.Context
	call   Call
	client http.Client
	loop   retryablehttp.Client
	out    Outcome
	// answer is that of the last attempt, nil if it brought none.
	answer *Answer
	// wait is that before the next attempt, and waiting says that it goes on.
	wait    time.Duration
	waiting bool
}

// prepare takes back what the cookie jar added to the header for the attempt
// before, as it adds to it anew.
func (r *run) prepare(req *http.Request) error {
	req.Header = r.call.header()
	return nil
}

// RoundTrip sends one attempt once the rate gate lets it pass. http.Client,
// which calls it, takes either an answer or an error and acts on redirects, so
// it is told no more than it needs for the cookies.
func (r *run) RoundTrip(req *http.Request) (*http.Response, error) {
	r.waiting = false
	pass, err := r.gate.Enter(r.ctx, r.call.Op, r.policy.MaxWait)
	if err != nil {
		return nil, r.refused(err)
	}
	r.begin()
	r.record(r.send(pass, req))
	if r.out.Err != nil {
		return nil, r.out.Err
	}
	told := &http.Response{StatusCode: r.answer.Status, Body: http.NoBody, Request: req}
	if cookies := r.answer.Header["Set-Cookie"]; cookies != nil {
		told.Header = http.Header{"Set-Cookie": cookies}
	}
	return told, nil
}

// send gives the pass back whatever happens, also where a transport of the
// caller's panics and he recovers. A transport may write to the URL, so it gets
// one of its own.
func (r *run) send(pass *Pass, req *http.Request) (answer *Answer, err error) {
	defer func() { pass.Leave(answer) }()
	req = req.WithContext(req.Context())
	req.URL = new(*r.call.URL)
	return r.attempt(req, &r.call)
}

// begin forgets what the attempt before said, except for its refusal, which
// is worth keeping if nothing better comes.
func (r *run) begin() {
	r.out.Attempts++
	r.out.RetryAfter = 0
	r.out.RateLimit = callinsights.RateLimit{}
	if r.out.Answer != nil && r.out.Answer.Status < 300 {
		r.out.Answer = nil
	}
}

func (r *run) record(answer *Answer, err error) {
	r.answer = answer
	r.out.Err = err
	if ended := ended(r.ctx); err != nil && ended != nil {
		r.out.Err = Final(ended)
	}
	if answer != nil {
		r.out.Answer = answer
		r.out.RetryAfter, _ = RetryAfter(answer.Header, time.Now())
		r.out.RateLimit, _ = ParseRateLimit(answer.Header)
	}
}

// refused records that the gate lets nothing pass.
func (r *run) refused(err error) error {
	if limited, ok := errors.AsType[*LimitedError](err); ok {
		r.out.RetryAfter = limited.RetryAfter
	}
	r.out.Err = Final(err)
	return r.out.Err
}

// check decides whether there is another attempt and how long the wait is. The
// answer that it is given is not the whole one; see RoundTrip.
func (r *run) check(_ context.Context, _ *http.Response, err error) (bool, error) {
	if r.out.Attempts == 0 && r.out.Err == nil {
		// net/http refused the request itself. Around its reason is an error that
		// quotes the URL with its query.
		if around, ok := errors.AsType[*url.Error](err); ok {
			err = around.Err
		}
		r.out.Err = err
		return false, nil
	}
	if !r.call.Row.repeats(r.answer, r.out.Err) {
		return false, nil
	}
	limited := r.out.Err == nil && r.answer.Status == http.StatusTooManyRequests
	if limited {
		r.out.RetryAfter = r.penalty()
	}
	if r.out.Attempts >= r.call.Row.attempts(r.policy.MaxAttempts, limited) || r.out.RetryAfter > r.policy.MaxWait {
		return false, nil
	}
	r.wait = max(r.out.RetryAfter, r.call.Row.Backoff(r.policy, r.out.Attempts, r.random))
	if deadline, ok := r.ctx.Deadline(); ok && r.wait >= time.Until(deadline) {
		r.giveUp(errDeadline())
		return false, nil
	}
	// A 429 says when the service can bear the repeat, so it costs nothing.
	if !limited && !r.budget.spend() {
		r.giveUp(errBudget)
		return false, nil
	}
	return true, nil
}

// penalty is how long a 429 keeps this call from being sent.
func (r *run) penalty() time.Duration {
	penalty := max(r.out.RetryAfter, r.gate.Blocked(r.call.Op))
	if penalty == 0 && r.call.Row == TokenRequest {
		return defaultPenalty
	}
	return penalty
}

func (r *run) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	r.waiting = true
	return r.wait
}

// giveUp adds to the outcome why there is no further attempt.
func (r *run) giveUp(why error) {
	if r.out.Err == nil {
		r.out.Err = why
		return
	}
	r.out.Err = fmt.Errorf("%w; not tried again: %w", r.out.Err, why)
}

var errBudget = errors.New("too many calls of this client are failing to repeat each of them")

func errDeadline() error {
	return fault.New("the next attempt would come after the caller's deadline: context deadline exceeded", context.DeadlineExceeded)
}

// ended returns the error of a context that has ended. A connection may notice
// that the deadline has passed before the context does.
func ended(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}
