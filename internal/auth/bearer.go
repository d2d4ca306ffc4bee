package auth

import (
	"context"
	"errors"
	"net/http"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// Bearer sends an access token. If the service refuses it, the call is sent
// once more with a new one.
func Bearer(tokens *Tokens) Authorizer { return bearer{tokens} }

type bearer struct{ tokens *Tokens }

func (b bearer) Do(ctx context.Context, call retry.Call, next Sender) retry.Outcome {
	token, err := b.tokens.Get(ctx, next)
	if err != nil {
		return b.without(retry.Outcome{}, err)
	}
	out := b.send(ctx, call, next, token)
	if !isRefused(out) {
		return out
	}
	fresh, err := b.tokens.renew(ctx, next, token)
	if err != nil {
		return b.without(out, err)
	}
	if fresh.is(token) {
		return out
	}
	again := b.send(ctx, call, next, fresh)
	again.Attempts += out.Attempts
	again.Secrets = append(again.Secrets, out.Secrets...)
	return again
}

// without is the outcome of a call for which no token was to be had.
func (b bearer) without(out retry.Outcome, err error) retry.Outcome {
	out.Err = err
	if e, ok := errors.AsType[*callinsights.Error](err); ok {
		out.RetryAfter = e.RetryAfter
	}
	return out
}

func (b bearer) send(ctx context.Context, call retry.Call, next Sender, token Token) retry.Outcome {
	value := token.Value.Reveal()
	out := send(ctx, call, next, "Authorization", "Bearer "+value, value)
	out.Secrets = append(out.Secrets, b.tokens.secrets...)
	if out.Answer != nil && out.Answer.Status < 500 && !isRefused(out) {
		b.tokens.accept(token)
	}
	return out
}

func isRefused(out retry.Outcome) bool {
	return out.Answer != nil && out.Answer.Status == http.StatusUnauthorized
}
