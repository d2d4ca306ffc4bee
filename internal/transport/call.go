package transport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// Request is what a method of a client asks for.
type Request struct {
	// Op is the method that was called, such as "RecordingInsights".
	Op string
	// Method is the HTTP method, GET if empty. GET, HEAD, PUT and DELETE are
	// repeated after a failure, the others only if surely not processed.
	Method string
	// Path are the segments after the base URL, not escaped.
	Path []string
	// Query is percent-encoded, without the question mark.
	Query string
	// Header is added to the pipeline's own; usually nil.
	Header http.Header
	// Body and ContentType are both empty for a request without a body.
	Body        []byte
	ContentType string
	// Auth adds a credential of its own instead of the client's; usually nil.
	Auth auth.Authorizer
	// Secrets are what the request holds beside the credential that must not show
	// if the service repeats it; usually none.
	Secrets []opaque.Secret
}

// Call sends r and hands the whole body of a success to decode, which must not
// keep it. Where decode is nil, a success is one whatever its body is. The error
// is a [*callinsights.Error]; an error of decode is its cause.
func (p *Pipeline) Call(ctx context.Context, r Request, decode func(body []byte) error) error {
	if decode == nil {
		return p.do(ctx, r, false, nil)
	}
	return p.do(ctx, r, false, func(answer *retry.Answer) error {
		if err := shapeError(trim(answer.Body)); err != nil {
			return err
		}
		return decode(answer.Body)
	})
}

// Stream sends r and hands the body of a success to decode as it arrives. The
// body is closed when decode returns, which may leave it unread. Only the
// time that reading blocks is bounded. A body that breaks off is an error of
// Read; it is not repeated.
func (p *Pipeline) Stream(ctx context.Context, r Request, decode func(body io.Reader) error) error {
	return p.do(ctx, r, true, func(answer *retry.Answer) error {
		defer func() { _ = answer.Stream.Close() }()
		body := bufio.NewReader(answer.Stream)
		begun, err := start(body)
		if err == nil {
			err = shapeError(begun)
		}
		if err != nil {
			return err
		}
		return decode(body)
	})
}

// Refuse ends a call that a local check refused with err before anything was
// sent. The error matches [callinsights.ErrInvalidRequest]. A nil ctx, which is
// one of the reasons, is not handed on. That the client was not made by NewClient
// goes before all other reasons.
func (p *Pipeline) Refuse(ctx context.Context, op string, err error) error {
	if ctx == nil {
		ctx = context.Background()
	}
	if p.unmade() {
		err = errUnmade
	}
	if !errors.Is(err, callinsights.ErrInvalidRequest) {
		err = fault.New(err.Error(), err, callinsights.ErrInvalidRequest)
	}
	e := &callinsights.Error{Vendor: p.vendor.Name, Op: op, Err: err}
	p.observer.ended(ctx, callinsights.Observation{Vendor: e.Vendor, Op: op, Start: time.Now(), Err: e})
	return e
}

func (p *Pipeline) do(ctx context.Context, r Request, stream bool, use func(*retry.Answer) error) error {
	if ctx == nil || p.unmade() {
		return p.Refuse(ctx, r.Op, fault.Invalid("the context is nil"))
	}
	began := time.Now()
	call, err := p.prepare(r)
	if err != nil {
		return p.Refuse(ctx, r.Op, err)
	}
	call.Stream, call.Discard = stream, use == nil
	send := p.send
	if r.Auth != nil {
		send = p.authorized(r.Auth)
	}
	out := send(ctx, call)
	out.Secrets = append(out.Secrets, r.Secrets...)
	if out.Err == nil && use != nil && isSuccess(out.Answer) {
		out.Err = use(out.Answer)
	}
	err = p.finish(ctx, call, out, began, p.vendor.Explain)
	if out.Answer != nil {
		p.buffers.put(out.Answer.Body) // an error has a copy
	}
	return err
}

// finish tells the observer how a call ended, and returns its error.
func (p *Pipeline) finish(ctx context.Context, call retry.Call, out retry.Outcome, began time.Time, explain explainFunc) error {
	var err error
	if out.Err != nil || !isSuccess(out.Answer) {
		err = p.failure(call, out, explain)
	}
	if !p.observer.deaf() {
		p.observer.ended(ctx, p.observation(call, out, began, err))
	}
	return err
}

// explainFunc is the type of [Vendor.Explain].
type explainFunc = func(e *callinsights.Error, body []byte)

func isSuccess(answer *retry.Answer) bool {
	return answer != nil && answer.Status >= 200 && answer.Status < 300
}

func (p *Pipeline) prepare(r Request) (retry.Call, error) {
	u, err := join(p.base, r.Path)
	if err != nil {
		return retry.Call{}, err
	}
	if err := checkQuery(r.Query); err != nil {
		return retry.Call{}, err
	}
	u.RawQuery = r.Query
	call := retry.Call{
		Op: r.Op, Row: retry.NotIdempotent,
		Method: r.Method, URL: u, Header: p.header, Body: r.Body,
	}
	switch call.Method {
	case "":
		call.Method, call.Row = http.MethodGet, retry.Idempotent
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete:
		call.Row = retry.Idempotent
	}
	if len(r.Header) > 0 || r.ContentType != "" {
		call.Header = p.header.Clone()
	}
	for name, values := range r.Header {
		call.Header[http.CanonicalHeaderKey(name)] = values
	}
	if r.ContentType != "" {
		call.Header.Set("Content-Type", r.ContentType)
	}
	return call, nil
}

var (
	errEmpty = errors.New("the answer is empty")
	errHTML  = errors.New("an HTML page instead of JSON; is the base URL right?")
)

// shapeError refuses a body that starts like no document of an API.
func shapeError(body []byte) error {
	switch {
	case len(body) == 0:
		return errEmpty
	case body[0] == '<':
		return errHTML
	default:
		return nil
	}
}

// start returns as much of the body as it takes to see how it starts, without
// taking it away.
func start(body *bufio.Reader) ([]byte, error) {
	for n := len(byteOrderMark); ; n++ {
		text, err := body.Peek(n)
		if begun := trim(text); len(begun) > 0 || errors.Is(err, io.EOF) {
			return begun, nil
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			return text, nil // so much space: the decoder may judge it
		}
		if err != nil {
			return nil, err
		}
	}
}

// failure is the error of a call that ended like this.
func (p *Pipeline) failure(call retry.Call, out retry.Outcome, explain explainFunc) error {
	e := callinsights.Error{
		Vendor: p.vendor.Name, Op: call.Op,
		Method: call.Method, Path: call.URL.EscapedPath(),
		RetryAfter: out.RetryAfter, Attempts: out.Attempts,
	}
	var body []byte
	if answer := out.Answer; answer != nil {
		e.StatusCode = answer.Status
		e.RequestID = p.requestID(answer.Header, out.Secrets...)
		body = append(body, answer.Body[:min(len(answer.Body), maxErrorBody)]...)
		if !isSuccess(answer) {
			if explain != nil {
				explain(&e, body)
			}
			e.Err = both(e.Err, goneEarlier(e))
		}
	}
	e.Err = both(e.Err, out.Err)
	tidy(&e, call.URL.RawQuery, out.Secrets)
	return callinsights.NewError(e, body)
}

// goneEarlier is why a repeated DELETE may have found nothing.
func goneEarlier(e callinsights.Error) error {
	gone := e.StatusCode == http.StatusNotFound || e.StatusCode == http.StatusGone
	if gone && e.Method == http.MethodDelete && e.Attempts > 1 {
		return errors.New("an earlier attempt of this call may have deleted it")
	}
	return nil
}

// both joins two causes in one line; either may be nil.
func both(first, second error) error {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	default:
		return fmt.Errorf("%w; %w", first, second)
	}
}
