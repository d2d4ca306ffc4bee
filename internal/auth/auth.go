// Package auth adds the credential to a call: a [Bearer] token, which [Tokens]
// fetches, shares and renews, or an [APIKey]. It stands outside of the retry
// stage, so that a refused credential is asked for once and not once for each
// attempt.
package auth

import (
	"context"
	"net/http"
	"net/url"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
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
	// Finish ends a call of this stage's own, such as a login, that began then:
	// it returns the error of one that failed, of whose answer explain tells
	// more, and tells the observer.
	Finish(ctx context.Context, call retry.Call, out retry.Outcome, began time.Time, explain func(*callinsights.Error)) error
}

// Authorizer sends a call with its credential. The call always goes to the
// configured origin, as the pipeline makes its URL.
type Authorizer interface {
	Do(ctx context.Context, call retry.Call, next Sender) retry.Outcome
}
