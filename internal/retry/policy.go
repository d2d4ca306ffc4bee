package retry

import (
	"net/http"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
)

// Row is the row of the policy table that a call follows.
type Row int

// The rows.
const (
	// Idempotent calls are repeated after every failure that may pass.
	Idempotent Row = iota
	// NotIdempotent calls are repeated only when they were surely not
	// processed: after a 429, and when nothing was sent.
	NotIdempotent
	// TokenRequest is the row of an OAuth token endpoint: at most 3 requests 10
	// seconds apart, and 2 where the service limits the rate.
	// developers.ringcentral.com/guide/authentication asks for this.
	TokenRequest
	// LateFile is the row of a file that is there only some time after its URL
	// is: at most 6 requests, 5, 5, 10, 20 and 40 seconds apart, also after a
	// 404. Programs in public use ask for Vonage's recordings like this.
	LateFile
)

const (
	tokenAttempts        = 3
	tokenLimitedAttempts = 2
	tokenBackoff         = 10 * time.Second
	lateFileAttempts     = 6
	lateFileBackoff      = 5 * time.Second
	// defaultPenalty is what a 429 without Retry-After means.
	defaultPenalty = 30 * time.Second
)

// WithDefaults fills in the fields that the user left zero. One bound that is
// set moves the default of the other out of its way.
func WithDefaults(p callinsights.RetryPolicy) callinsights.RetryPolicy {
	if p.MaxAttempts == 0 {
		p.MaxAttempts = 4
	}
	if p.MaxBackoff == 0 {
		p.MaxBackoff = max(30*time.Second, p.MinBackoff)
	}
	if p.MinBackoff == 0 {
		p.MinBackoff = min(500*time.Millisecond, p.MaxBackoff)
	}
	if p.MaxWait == 0 {
		p.MaxWait = 90 * time.Second
	}
	return p
}

// repeats reports whether an attempt that ended like this is worth another.
func (row Row) repeats(answer *Answer, err error) bool {
	switch {
	case err == nil:
		return row.repeatsStatus(answer.Status)
	case isFinal(err):
		return false
	case isUnsent(err):
		return true
	case row == TokenRequest:
		// A token that was issued and lost would be one session more.
		return answer == nil || answer.Status >= 300
	default:
		return row != NotIdempotent
	}
}

func (row Row) repeatsStatus(status int) bool {
	switch status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return row != NotIdempotent
	case http.StatusNotFound:
		return row == LateFile
	default:
		return false
	}
}

// attempts is how often a call is sent in all; limited says that the last
// answer was a 429.
func (row Row) attempts(most int, limited bool) int {
	switch {
	case row == LateFile && most > 1:
		return lateFileAttempts
	case row != TokenRequest:
		return most
	case limited:
		return min(most, tokenLimitedAttempts)
	default:
		return min(most, tokenAttempts)
	}
}

// Backoff is our own wait after that many attempts: full jitter under a bound
// that doubles.
func (row Row) Backoff(p callinsights.RetryPolicy, attempts int, random func() float64) time.Duration {
	switch row {
	case TokenRequest:
		return tokenBackoff
	case LateFile:
		return lateFileBackoff << max(attempts-2, 0)
	case Idempotent, NotIdempotent:
	}
	bound := p.MinBackoff
	for range attempts - 1 {
		if bound > p.MaxBackoff/2 {
			bound = p.MaxBackoff
			break
		}
		bound *= 2
	}
	return time.Duration(random() * float64(bound))
}
