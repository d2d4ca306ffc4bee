// Package auth adds the credential to a call: a [Bearer] token, which [Tokens]
// fetches, shares and renews, or an [APIKey]. It stands outside of the retry
// stage, so that a refused credential is asked for once and not once for each
// attempt.
package auth

import (
	"context"
	"net/http"
	"net/url"

	"github.com/callinsights/callinsights-go/internal/retry"
)

// Sender is the rest of the pipeline as this stage sees it.
type Sender interface {
	// Send runs a call through the retry stage.
	Send(ctx context.Context, call retry.Call) retry.Outcome
	// Endpoint is the URL of a path below the configured base URL.
	Endpoint(path ...string) (*url.URL, error)
	// Header is what every request of the client carries; the caller's to change.
	Header() http.Header
	// Vendor is the name that errors carry.
	Vendor() string
	// RequestID is what the service calls the request of an answer.
	RequestID(answer http.Header) string
}

// Authorizer sends a call with its credential. The call always goes to the
// configured origin, as the pipeline makes its URL.
type Authorizer interface {
	Do(ctx context.Context, call retry.Call, next Sender) retry.Outcome
}
