package auth

import (
	"context"
	"net/url"

	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// Revocation makes a call to the endpoint that ends the session of token: the
// app authenticates with HTTP Basic, and the token is a field of a form.
func (j JWT) Revocation(token Token) Authorizer { return revocation{j, token.Value} }

type revocation struct {
	app   JWT
	token opaque.Secret
}

func (r revocation) Do(ctx context.Context, call retry.Call, next Sender) retry.Outcome {
	call.Timeout = tokenTimeout
	call.Body = []byte(url.Values{"token": {r.token.Reveal()}}.Encode())
	call.Header = call.Header.Clone()
	call.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	call.Header.Set("Authorization", "Basic "+r.app.basic())
	out := next.Send(ctx, call)
	out.Secrets = append(append(out.Secrets, r.app.Secrets()...), r.token)
	return out
}
