package whippy

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

	most int64
}

type optionFunc func(*config) error

func (f optionFunc) apply(c *config) error { return f(c) }

// WithHTTPClient sends the requests through client, for a proxy, certificates or
// instrumentation of your own. The client is copied, never changed. Its cookies and
// redirect policy are not used, and its Timeout bounds a single attempt.
func WithHTTPClient(client *http.Client) Option {
	return optionFunc(func(c *config) error { return c.SetHTTPClient(client) })
}

// WithLogger writes one line for each call to logger: info for a success and warn
// for a failure, without URLs, bodies and texts of the host. Without it, nothing
// is logged.
func WithLogger(logger *slog.Logger) Option {
	return optionFunc(func(c *config) error { return c.SetLogger(logger) })
}

// WithObserver calls observe once for each call that ended, for metrics and
// traces. It may be called by several goroutines at once, and the call returns
// only when observe has.
func WithObserver(observe func(context.Context, Observation)) Option {
	return optionFunc(func(c *config) error { return c.SetObserver(observe) })
}

// WithRetry replaces the default [RetryPolicy]; RetryPolicy{MaxAttempts: 1} turns
// repeats off.
func WithRetry(policy RetryPolicy) Option {
	return optionFunc(func(c *config) error { return c.SetRetry(policy) })
}

// WithUserAgent names your program, such as "my-app/1.0", before the name of this
// module in the User-Agent header.
func WithUserAgent(agent string) Option {
	return optionFunc(func(c *config) error { return c.SetUserAgent(agent) })
}

// WithAttemptTimeout bounds each attempt of a call, 60 s unless set; only the time
// spent waiting for the host counts. The context of a call bounds the whole of it.
func WithAttemptTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) error { return c.SetAttemptTimeout(d) })
}

// WithMaxAttachmentBytes bounds a file: 512 MiB unless set. A larger one fails with
// [ErrInvalidResponse] before more than n bytes are written, and before anything is
// if the host says how large it is.
func WithMaxAttachmentBytes(n int64) Option {
	return optionFunc(func(c *config) error {
		if n <= 0 {
			return fault.Invalid("WithMaxAttachmentBytes: %d is not a positive number of bytes", n)
		}
		c.most = n
		return nil
	})
}
