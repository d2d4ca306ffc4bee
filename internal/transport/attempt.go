package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/retry"
)

const (
	maxHeaderBytes = 64 << 10
	idlePerHost    = 128
	// A page of sessions is read in pieces of this size, with as many system calls.
	readBuffer = 32 << 10
)

// httpClient returns a copy of the caller's client, or one of our own whose
// transport keeps more connections than the default one, which opens a new
// one for nearly every request of a busy program. own is that transport.
func httpClient(callers *http.Client) (client http.Client, own *http.Transport) {
	if callers != nil {
		client = *callers
	}
	if client.Transport == nil {
		client.Transport = http.DefaultTransport
		if standard, ok := http.DefaultTransport.(*http.Transport); ok {
			own = standard.Clone()
			own.MaxIdleConns = 2 * idlePerHost
			own.MaxIdleConnsPerHost = idlePerHost
			own.MaxResponseHeaderBytes = maxHeaderBytes
			own.ReadBufferSize = readBuffer
			client.Transport = own
		}
	}
	return client, own
}

// attempter sends a request once.
type attempter struct {
	// transport is called directly: nothing may close its idle connections,
	// which serve other callers, and nothing may follow a redirect.
	transport http.RoundTripper
	// base is nil where requests may go anywhere, as nothing goes with them.
	base    *url.URL
	timeout time.Duration
	maxBody int64
	buffers *buffers
}

func newAttempter(client http.Client, base *url.URL, cfg Config) *attempter {
	a := &attempter{
		transport: client.Transport,
		base:      base,
		timeout:   DefaultAttemptTimeout,
		maxBody:   DefaultMaxResponseBytes,
		buffers:   new(buffers),
	}
	if cfg.AttemptTimeout > 0 {
		a.timeout = cfg.AttemptTimeout
	}
	if client.Timeout > 0 {
		a.timeout = min(a.timeout, client.Timeout)
	}
	if cfg.MaxResponseBytes > 0 {
		a.maxBody = cfg.MaxResponseBytes
	}
	return a
}

// TimeoutError says that one attempt took too long. It is no context's error,
// as the caller's deadline has not passed.
type TimeoutError struct{ After time.Duration }

// Error says how long the attempt took.
func (e *TimeoutError) Error() string { return "no progress within " + e.After.String() }

// Timeout is true; it makes a net.Error of e, as Temporary does.
func (*TimeoutError) Timeout() bool { return true }

// Temporary is true.
func (*TimeoutError) Temporary() bool { return true }

// Is matches [callinsights.ErrUnavailable].
func (*TimeoutError) Is(target error) bool { return target == callinsights.ErrUnavailable }

// send is the [retry.Attempt] of the pipeline.
func (a *attempter) send(req *http.Request, call *retry.Call) (*retry.Answer, error) {
	if a.base != nil && !sameOrigin(req.URL, a.base) {
		return nil, retry.Final(errors.New("not sent: the request is for another origin than the base URL"))
	}
	limit := a.timeout
	if call.Timeout > 0 {
		limit = min(limit, call.Timeout)
	}
	watch := newWatchdog(req.Context(), limit)
	resp, sent, err := a.roundTrip(watch.ctx, req, call.Body)
	if err != nil {
		watch.stop()
		if err = watch.explain(err); !sent {
			err = retry.Unsent(err)
		}
		return nil, err
	}
	answer, err := a.read(resp, call, watch)
	if answer.Stream == nil {
		_ = resp.Body.Close()
		watch.stop()
	}
	return answer, err
}

// connection notes whether a transport has asked for one, and got it.
type connection struct {
	asked, got atomic.Bool
	trace      httptrace.ClientTrace
}

// traced returns ctx with the hooks that take the notes.
func (c *connection) traced(ctx context.Context) context.Context {
	c.trace.GetConn = func(string) { c.asked.Store(true) }
	c.trace.GotConn = func(httptrace.GotConnInfo) { c.got.Store(true) }
	return httptrace.WithClientTrace(ctx, &c.trace)
}

// roundTrip returns what came back. sent is false if the transport is known to
// have had no connection to send anything on.
func (a *attempter) roundTrip(ctx context.Context, req *http.Request, body []byte) (_ *http.Response, sent bool, _ error) {
	conn := new(connection)
	req = req.WithContext(conn.traced(ctx))
	if len(body) > 0 {
		req.ContentLength = int64(len(body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		req.Body, _ = req.GetBody()
	}
	resp, err := a.transport.RoundTrip(req)
	switch {
	case err != nil:
		return nil, conn.got.Load() || !conn.asked.Load(), networkError(err)
	case resp == nil:
		return nil, true, errors.New("the http.RoundTripper returned neither an answer nor an error")
	case resp.Body == nil:
		resp.Body = http.NoBody
	}
	return resp, true, nil
}

// read makes an answer of resp. Whatever is wrong with it, the status and the
// headers are worth keeping.
func (a *attempter) read(resp *http.Response, call *retry.Call, watch *watchdog) (*retry.Answer, error) {
	answer := &retry.Answer{Status: resp.StatusCode, Header: resp.Header}
	if resp.StatusCode < 200 || resp.StatusCode >= 300 {
		answer.Body = readError(resp.Body)
		return answer, statusError(resp)
	}
	if call.Discard {
		_ = readError(resp.Body)
		return answer, nil
	}
	if err := encodingError(resp); err != nil {
		return answer, retry.Final(err)
	}
	if call.Stream {
		watch.pause()
		answer.Stream = &stream{body: resp.Body, watch: watch, left: resp.ContentLength}
		return answer, nil
	}
	body, err := readBody(resp, a.maxBody, a.buffers)
	answer.Body = body
	if err != nil {
		return answer, watch.explain(err)
	}
	return answer, nil
}

// statusError is nil for the answers that speak for themselves.
func statusError(resp *http.Response) error {
	switch code := resp.StatusCode; {
	case code < 200 || code > 599:
		return retry.Final(fmt.Errorf("%d is not a status of HTTP", code))
	case code < 400:
		return retry.Final(redirectError(resp))
	default:
		return nil
	}
}

func redirectError(resp *http.Response) error {
	location, err := url.Parse(resp.Header.Get("Location"))
	const maxHost = 255 // of a name that exists
	if err != nil || location.Host == "" || len(location.Host) > maxHost {
		return errors.New("a redirect, which is never followed")
	}
	return fmt.Errorf("a redirect to %s, which is never followed; is the base URL right?", oneLine(location.Host))
}

// watchdog cancels an attempt that takes too long.
type watchdog struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	limit  time.Duration
}

func newWatchdog(parent context.Context, limit time.Duration) *watchdog {
	w := &watchdog{limit: limit}
	w.ctx, w.cancel = context.WithCancelCause(parent)
	w.timer = time.AfterFunc(limit, func() { w.cancel(&TimeoutError{limit}) })
	return w
}

func (w *watchdog) pause()  { w.timer.Stop() }
func (w *watchdog) resume() { w.timer.Reset(w.limit) }

func (w *watchdog) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// explain returns the timeout that brought err about, and err if none did.
func (w *watchdog) explain(err error) error {
	if timeout, ok := errors.AsType[*TimeoutError](context.Cause(w.ctx)); ok {
		return timeout
	}
	return err
}
