package ringsense

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// Option changes a default of [NewClient], which checks it.
type Option interface{ apply(*config) error }

type config struct {
	transport.Config

	account string
}

type optionFunc func(*config) error

func (f optionFunc) apply(c *config) error { return f(c) }

// WithBaseURL sends all requests, those for tokens too, to base instead of
// [DefaultBaseURL]: for the hosts of partners, such as
// https://platform.ringcentral.biz, for a proxy of your own, or for a test. It
// must begin with https://; http:// is for loopback addresses only. The path of
// base, usually none, comes before that of every request.
func WithBaseURL(base string) Option {
	return optionFunc(func(c *config) error { return c.SetBaseURL(base) })
}

// WithHTTPClient sends the requests through client, for a proxy, certificates
// or instrumentation of your own. The client is copied, never changed. Its
// redirect policy is not used, as redirects are never followed, and its Timeout
// bounds a single attempt.
func WithHTTPClient(client *http.Client) Option {
	return optionFunc(func(c *config) error { return c.SetHTTPClient(client) })
}

// WithLogger writes one line to logger for each call, and one for each login, "Token":
// info for a success and warn for a failure, without credentials, query strings, bodies
// and texts of the service. Without it, nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return optionFunc(func(c *config) error { return c.SetLogger(logger) })
}

// WithObserver calls observe once for each call that ended, for metrics and
// traces, and once for each login, whose Op is "Token". It is called from the
// goroutine of the call, with its context; for a login, which is for all calls,
// from another goroutine and with a context that holds nothing. So it may be
// called by several goroutines at once.
func WithObserver(observe func(context.Context, Observation)) Option {
	return optionFunc(func(c *config) error { return c.SetObserver(observe) })
}

// WithRetry sets how calls that failed in passing are repeated;
// RetryPolicy{MaxAttempts: 1} turns that off.
func WithRetry(policy RetryPolicy) Option {
	return optionFunc(func(c *config) error { return c.SetRetry(policy) })
}

// WithUserAgent names your program to the service, as in "my-app/1.0". This
// module's own name is added.
func WithUserAgent(agent string) Option {
	return optionFunc(func(c *config) error { return c.SetUserAgent(agent) })
}

// WithAttemptTimeout bounds a single attempt of a call, 60 s unless set. To
// bound a call with all its attempts and waits, use its context.
func WithAttemptTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) error { return c.SetAttemptTimeout(d) })
}

// WithMaxResponseBytes bounds the size of an answer after decompression, 32 MiB
// unless set. A longer one is an [ErrInvalidResponse].
func WithMaxResponseBytes(n int64) Option {
	return optionFunc(func(c *config) error { return c.SetMaxResponseBytes(n) })
}

// WithAccount reads the insights, the call log and the permissions of the account
// with the given id instead of "~", the one that the login belongs to. It has no
// part in subscriptions, whose filters name their account.
func WithAccount(id string) Option {
	return optionFunc(func(c *config) error {
		if id == "" || id != "~" && strings.Trim(id, accountChars) != "" {
			return fault.Invalid(`WithAccount: an account is "~", or an id of letters, digits and hyphens`)
		}
		c.account = id
		return nil
	})
}

const accountChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
