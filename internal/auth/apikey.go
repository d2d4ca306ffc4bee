package auth

import (
	"context"
	"fmt"
	"strings"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// APIKey sends what key returns in a header. key is called once for each call,
// so that a key can be replaced while the program runs. A refusal is final.
func APIKey(header string, key func(context.Context) (opaque.Secret, error)) Authorizer {
	return apiKey{header, key}
}

type apiKey struct {
	header string
	key    func(context.Context) (opaque.Secret, error)
}

func (a apiKey) Do(ctx context.Context, call retry.Call, next Sender) retry.Outcome {
	key, err := a.key(ctx)
	if err != nil {
		return retry.Outcome{Err: fmt.Errorf("there is no API key: %w%.0w", err, callinsights.ErrUnauthorized)}
	}
	value := strings.TrimSpace(key.Reveal())
	if fault := credentialFault(value); fault != "" {
		return retry.Outcome{Err: fmt.Errorf("the API key %s%.0w", fault, callinsights.ErrUnauthorized)}
	}
	return send(ctx, call, next, a.header, value, value)
}

// send sends call with a header of that value, which holds the secret.
func send(ctx context.Context, call retry.Call, next Sender, header, value, secret string) retry.Outcome {
	call.Header = call.Header.Clone()
	call.Header.Set(header, value)
	out := next.Send(ctx, call)
	out.Secrets = append(out.Secrets, opaque.NewSecret(secret))
	return out
}
