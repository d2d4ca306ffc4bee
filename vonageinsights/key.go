package vonageinsights

import (
	"context"
	"strings"
	"sync"

	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// keyHeader is the header that carries the key, see
// studio.docs.ai.vonage.com/api-integration/authentication.
const keyHeader = "X-Vgai-Key"

// checkKey returns the key without the space around it, if it can be one.
func checkKey(key string) (opaque.Secret, error) {
	secret, err := auth.Credential("API key", key)
	if err != nil {
		return opaque.Secret{}, err
	}
	if strings.ContainsFunc(secret.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return opaque.Secret{}, fault.Invalid("the API key holds a space or a character beyond ASCII; was more than the key copied?")
	}
	return secret, nil
}

// keys gives each call its key, and remembers whether the service has accepted
// the one in use: a later 401 then says that something else may be wrong.
type keys struct {
	key func(context.Context) (opaque.Secret, error)

	mu       sync.Mutex
	current  opaque.Secret
	accepted bool
}

func staticKey(key opaque.Secret) *keys {
	return &keys{key: func(context.Context) (opaque.Secret, error) { return key, nil }}
}

func rotatingKey(fetch func(context.Context) (string, error)) *keys {
	return &keys{key: func(ctx context.Context) (opaque.Secret, error) {
		key, err := fetch(ctx)
		if err != nil {
			return opaque.Secret{}, auth.Failed("the function that gives the API key", err)
		}
		secret, err := checkKey(key)
		if err != nil {
			// A key that is no key is a failure to authenticate, and not one of
			// the request.
			return opaque.Secret{}, fault.New(err.Error(), ErrUnauthorized)
		}
		return secret, nil
	}}
}

// Do sends the call with its key.
func (k *keys) Do(ctx context.Context, call retry.Call, next auth.Sender) retry.Outcome {
	var used opaque.Secret
	out := auth.APIKey(keyHeader, func(ctx context.Context) (opaque.Secret, error) {
		var err error
		used, err = k.key(ctx)
		return used, err
	}).Do(ctx, call, next)
	if out.Answer != nil {
		k.note(used, out.Answer.Status)
	}
	return out
}

func (k *keys) note(used opaque.Secret, status int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if used.Reveal() != k.current.Reveal() {
		k.current, k.accepted = used, false
	}
	if status >= 200 && status < 300 {
		k.accepted = true
	}
}

// proven reports whether the service has accepted the key in use.
func (k *keys) proven() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.accepted
}
