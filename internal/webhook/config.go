package webhook

import (
	"context"
	"log/slog"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
)

// Config is what the options of every handler set. Its zero value stands for
// the defaults.
type Config struct {
	// Log remembers what was handled; a log in memory if nil.
	Log callinsights.DeliveryLog
	// MaxBodyBytes bounds a body; [DefaultMaxBodyBytes] if zero.
	MaxBodyBytes int64
	// Timeout is how long after its arrival a request is answered; that of the
	// service if zero.
	Timeout time.Duration
	// Lease is how long an event is claimed; [DefaultLease] if zero, or twice
	// the timeout if that is longer.
	Lease time.Duration
	// MaxConcurrent bounds the functions that run at once;
	// [DefaultMaxConcurrent] if zero.
	MaxConcurrent int
	// DeadLetter takes what no repetition will mend; nil for nobody.
	DeadLetter func(ctx context.Context, payload []byte, err error) error
	// Logger gets one line for each request; nil is silent.
	Logger *slog.Logger
}

// The defaults of [Config].
const (
	DefaultMaxBodyBytes  = 4 << 20
	DefaultLease         = time.Minute
	DefaultMaxConcurrent = 64
)

// SetDeliveryLog is the option WithDeliveryLog.
func (c *Config) SetDeliveryLog(log callinsights.DeliveryLog) error {
	if log == nil {
		return fault.Invalid("WithDeliveryLog: the log is nil; leave the option out for one in memory")
	}
	c.Log = log
	return nil
}

// SetMaxBodyBytes is the option WithMaxBodyBytes.
func (c *Config) SetMaxBodyBytes(n int64) error {
	if n <= 0 {
		return fault.Invalid("WithMaxBodyBytes: %d is not a positive number of bytes", n)
	}
	c.MaxBodyBytes = n
	return nil
}

// SetTimeout is the option WithHandlerTimeout.
func (c *Config) SetTimeout(d time.Duration) error {
	if d <= 0 {
		return fault.Invalid("WithHandlerTimeout: %v is not a positive duration", d)
	}
	c.Timeout = d
	return nil
}

// SetLease is the option WithLease.
func (c *Config) SetLease(d time.Duration) error {
	if d <= 0 {
		return fault.Invalid("WithLease: %v is not a positive duration", d)
	}
	c.Lease = d
	return nil
}

// SetMaxConcurrent is the option WithMaxConcurrent.
func (c *Config) SetMaxConcurrent(n int) error {
	if n <= 0 {
		return fault.Invalid("WithMaxConcurrent: %d is not a positive number", n)
	}
	c.MaxConcurrent = n
	return nil
}

// SetDeadLetter is the option WithDeadLetter.
func (c *Config) SetDeadLetter(take func(ctx context.Context, payload []byte, err error) error) error {
	if take == nil {
		return fault.Invalid("WithDeadLetter: the function is nil; leave the option out for none")
	}
	c.DeadLetter = take
	return nil
}

// SetLogger is the option WithHandlerLogger.
func (c *Config) SetLogger(logger *slog.Logger) error {
	if logger == nil {
		return fault.Invalid("WithHandlerLogger: the logger is nil; leave the option out to log nothing")
	}
	c.Logger = logger
	return nil
}

// complete fills the defaults in.
func (c *Config) complete(timeout time.Duration) error {
	if c.Timeout == 0 {
		c.Timeout = timeout
	}
	if c.Lease == 0 {
		c.Lease = max(DefaultLease, 2*c.Timeout)
	}
	if c.Lease < c.Timeout {
		return fault.Invalid("WithLease: %v is shorter than the handler's timeout of %v, so an event could be handled twice at once", c.Lease, c.Timeout)
	}
	if c.MaxBodyBytes == 0 {
		c.MaxBodyBytes = DefaultMaxBodyBytes
	}
	if c.MaxConcurrent == 0 {
		c.MaxConcurrent = DefaultMaxConcurrent
	}
	if c.Log == nil {
		c.Log = callinsights.NewMemoryDeliveryLog(0, 0)
	}
	return nil
}
