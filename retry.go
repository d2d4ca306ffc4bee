package callinsights

import (
	"context"
	"errors"
	"time"
)

// RetryPolicy says how a client repeats a call that failed in passing. The
// zero value is the default; a field left zero has its default. What is
// repeated, and when, is described in the documentation of each package.
//
// Beside the policy, each client has a budget for repeats, so that a service in
// trouble is not sent several times the load: about 100 of them, to which every
// successful call adds a fifth of one. When it is used up, a call that fails is
// not repeated, and its error says so.
type RetryPolicy struct {
	// MaxAttempts is how often a request is sent in all; 4 unless set. 1 turns
	// retries off.
	MaxAttempts int
	// MinBackoff and MaxBackoff bound the waits of our own between attempts,
	// which double and are drawn at random from zero to that bound (full
	// jitter); 0.5 s and 30 s unless set.
	MinBackoff, MaxBackoff time.Duration
	// MaxWait is the longest that a server may make us wait with a Retry-After
	// header; 90 s unless set. If it asks for more, the call ends at once and
	// its error says for how much.
	MaxWait time.Duration
}

// isContextError reports whether err comes from a caller that gave up.
func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
