package auth

import (
	"context"
	"strings"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// APIKey sends what key returns in a header. key is called once for each call,
// so that a key can be replaced while the program runs; its error is the call's,
// as it is. A refusal is final.
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
		return retry.Outcome{Err: err}
	}
	value := strings.TrimSpace(key.Reveal())
	if why := credentialFault(value); why != "" {
		return retry.Outcome{Err: fault.New("the API key "+why, callinsights.ErrUnauthorized)}
	}
	return send(ctx, call, next, a.header, value, value)
}

// send sends call with a header of that value, which holds the secret.
func send(ctx context.Context, call retry.Call, next Sender, header, value, secret string) retry.Outcome {
	call.Credential = retry.Credential{Name: header, Value: value}
	out := next.Send(ctx, call)
	out.Secrets = append(out.Secrets, opaque.NewSecret(secret))
	return out
}
