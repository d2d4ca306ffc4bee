package transport

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
)

// Config is what the options of every client set. Its zero value stands for
// the defaults; BaseURL has none.
type Config struct {
	// BaseURL is where the service is; its path comes before every request's.
	BaseURL string
	// HTTPClient sends the requests. It is copied, never changed.
	HTTPClient *http.Client
	// Logger gets one line for each call; nil is silent.
	Logger *slog.Logger
	// Observer is called once for each call; nil for nobody.
	Observer func(context.Context, callinsights.Observation)
	// Retry says what is repeated.
	Retry callinsights.RetryPolicy
	// UserAgent goes before the module's own product token.
	UserAgent string
	// AttemptTimeout bounds one attempt; [DefaultAttemptTimeout] if zero.
	AttemptTimeout time.Duration
	// MaxResponseBytes bounds a buffered answer after decompression;
	// [DefaultMaxResponseBytes] if zero.
	MaxResponseBytes int64
}

// The defaults of [Config].
const (
	DefaultAttemptTimeout   = 60 * time.Second
	DefaultMaxResponseBytes = 32 << 20
)

// SetBaseURL is the option WithBaseURL.
func (c *Config) SetBaseURL(base string) error {
	if _, err := parseBaseURL(base); err != nil {
		return fault.Invalid("WithBaseURL: %v", err)
	}
	c.BaseURL = base
	return nil
}

// SetHTTPClient is the option WithHTTPClient.
func (c *Config) SetHTTPClient(client *http.Client) error {
	if client == nil {
		return fault.Invalid("WithHTTPClient: the client is nil; leave the option out for the default")
	}
	c.HTTPClient = client
	return nil
}

// SetLogger is the option WithLogger.
func (c *Config) SetLogger(logger *slog.Logger) error {
	if logger == nil {
		return fault.Invalid("WithLogger: the logger is nil; leave the option out to log nothing")
	}
	c.Logger = logger
	return nil
}

// SetObserver is the option WithObserver.
func (c *Config) SetObserver(observe func(context.Context, callinsights.Observation)) error {
	if observe == nil {
		return fault.Invalid("WithObserver: the function is nil; leave the option out to observe nothing")
	}
	c.Observer = observe
	return nil
}

// SetRetry is the option WithRetry.
func (c *Config) SetRetry(policy callinsights.RetryPolicy) error {
	for _, field := range []struct {
		name  string
		value int64
	}{
		{"MaxAttempts", int64(policy.MaxAttempts)},
		{"MinBackoff", int64(policy.MinBackoff)},
		{"MaxBackoff", int64(policy.MaxBackoff)},
		{"MaxWait", int64(policy.MaxWait)},
	} {
		if field.value < 0 {
			return fault.Invalid("WithRetry: %s is negative; zero is the default", field.name)
		}
	}
	if policy.MaxBackoff > 0 && policy.MinBackoff > policy.MaxBackoff {
		return fault.Invalid("WithRetry: MinBackoff %v is longer than MaxBackoff %v", policy.MinBackoff, policy.MaxBackoff)
	}
	c.Retry = policy
	return nil
}

// SetUserAgent is the option WithUserAgent.
func (c *Config) SetUserAgent(agent string) error {
	agent = strings.TrimSpace(agent)
	if agent == "" {
		return fault.Invalid(`WithUserAgent: the text is empty; use something like "my-app/1.0"`)
	}
	for _, r := range agent {
		if r < ' ' || r > '~' {
			return fault.Invalid("WithUserAgent: the text holds a character that a header cannot carry; use printable ASCII")
		}
	}
	c.UserAgent = agent
	return nil
}

// SetAttemptTimeout is the option WithAttemptTimeout.
func (c *Config) SetAttemptTimeout(d time.Duration) error {
	if d <= 0 {
		return fault.Invalid("WithAttemptTimeout: %v is not a positive duration", d)
	}
	c.AttemptTimeout = d
	return nil
}

// SetMaxResponseBytes is the option WithMaxResponseBytes.
func (c *Config) SetMaxResponseBytes(n int64) error {
	if n <= 0 {
		return fault.Invalid("WithMaxResponseBytes: %d is not a positive number of bytes", n)
	}
	c.MaxResponseBytes = n
	return nil
}
