package auth

import (
	"context"
	"net/http"

	"github.com/callinsights/callinsights-go/internal/retry"
)

// Bearer sends an access token. If the service refuses it, the call is sent
// once more with a new one.
func Bearer(tokens *Tokens) Authorizer { return bearer{tokens} }

type bearer struct{ tokens *Tokens }

func (b bearer) Do(ctx context.Context, call retry.Call, next Sender) retry.Outcome {
	token, err := b.tokens.Get(ctx, next)
	if err != nil {
		return retry.Outcome{Err: err}
	}
	out := b.send(ctx, call, next, token)
	if !isRefused(out) {
		return out
	}
	fresh, err := b.tokens.renew(ctx, next, token)
	if err != nil {
		out.Err = err
		return out
	}
	if fresh.is(token) {
		return out
	}
	again := b.send(ctx, call, next, fresh)
	again.Attempts += out.Attempts
	again.Secrets = append(again.Secrets, out.Secrets...)
	return again
}

func (b bearer) send(ctx context.Context, call retry.Call, next Sender, token Token) retry.Outcome {
	value := token.Value.Reveal()
	out := send(ctx, call, next, "Authorization", "Bearer "+value, value)
	if out.Answer != nil && out.Answer.Status < 500 && !isRefused(out) {
		b.tokens.accept(token)
	}
	return out
}

func isRefused(out retry.Outcome) bool {
	return out.Answer != nil && out.Answer.Status == http.StatusUnauthorized
}
