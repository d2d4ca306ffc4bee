package vonageinsights

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// Option changes a default of [NewClient], which checks it.
type Option interface{ apply(*config) error }

type config struct {
	transport.Config

	keyFunc func(context.Context) (string, error)
	plain   bool
}

type optionFunc func(*config) error

func (f optionFunc) apply(c *config) error { return f(c) }

// WithAPIKeyFunc asks key for the API key before each call, with the context of
// the call, instead of using the one that was given to [NewClient], which may
// then be empty: for keys that are replaced while the program runs. key may be
// called by several goroutines at once and is called before each request of a
// search, so it should keep what it fetched. If it fails, so does the call,
// with its error as the cause, whose text is not repeated: the error matches
// [ErrUnavailable], or that of the context if the function ran out of time, and
// [ErrUnauthorized] for a key that cannot be one.
func WithAPIKeyFunc(key func(context.Context) (string, error)) Option {
	return optionFunc(func(c *config) error {
		if key == nil {
			return fault.Invalid("WithAPIKeyFunc: the function is nil")
		}
		c.keyFunc = key
		return nil
	})
}

// WithPlainSessionPath makes [Client.Session] ask for
// /insights/sessions/{id} instead of the documented
// /insights/sessions/{id}/parameters. Public code uses both; take this one if
// the documented one gives you less than whole sessions.
func WithPlainSessionPath() Option {
	return optionFunc(func(c *config) error {
		c.plain = true
		return nil
	})
}

// WithBaseURL sends all requests to base instead of the region's host, which is
// https://studio-api-eu.ai.vonage.com for [EU]: for a proxy of your own, or for
// a test. It must begin with https://; http:// is for loopback addresses only.
// The path of base, usually none, comes before that of every request.
func WithBaseURL(base string) Option {
	return optionFunc(func(c *config) error { return c.SetBaseURL(base) })
}

// WithHTTPClient sends the requests through client, for a proxy, certificates
// or instrumentation of your own. The client is copied, never changed. Its
// redirect policy is not used, as redirects are never followed but for those of
// recordings, which get no cookies either; its Timeout bounds a single attempt.
func WithHTTPClient(client *http.Client) Option {
	return optionFunc(func(c *config) error { return c.SetHTTPClient(client) })
}

// WithLogger writes one line for each call to logger: info for a success and
// warn for a failure, without credentials, query strings, bodies and texts of
// the service. Without it, nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return optionFunc(func(c *config) error { return c.SetLogger(logger) })
}

// WithObserver calls observe once for each call that ended, for metrics and
// traces; for a search that is once for each page. It may be called by several
// goroutines at once, and the call returns only when observe has.
func WithObserver(observe func(context.Context, Observation)) Option {
	return optionFunc(func(c *config) error { return c.SetObserver(observe) })
}

// WithRetry replaces the default [RetryPolicy].
func WithRetry(policy RetryPolicy) Option {
	return optionFunc(func(c *config) error { return c.SetRetry(policy) })
}

// WithUserAgent names your program, such as "my-app/1.0", before the name of
// this module in the User-Agent header.
func WithUserAgent(agent string) Option {
	return optionFunc(func(c *config) error { return c.SetUserAgent(agent) })
}

// WithAttemptTimeout bounds each attempt of a call, 60 s unless set; the context
// of a call bounds the whole of it. Where sessions are streamed, as
// [Client.Search] does, and for recordings, only the time spent waiting for the
// service counts.
func WithAttemptTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) error { return c.SetAttemptTimeout(d) })
}

// WithMaxResponseBytes bounds an answer, after decompression: 32 MiB unless
// set. Where sessions are streamed, as [Client.Search] does, it bounds each of
// them. A larger answer fails with [ErrInvalidResponse]. Recordings have a limit
// of their own, [MaxRecordingBytes].
func WithMaxResponseBytes(n int64) Option {
	return optionFunc(func(c *config) error { return c.SetMaxResponseBytes(n) })
}
