package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// OAuth2 takes the tokens of a user's own source. Its Token method takes no
// context and may block; a caller who waits for it still gives up when his
// context ends.
//
// The texts of its errors are not repeated, as they may quote credentials or
// the answer of a token endpoint. [errors.Is] and [errors.As] find them, but
// for an *oauth2.RetrieveError, of which the status and a known code are kept.
func OAuth2(src oauth2.TokenSource) Source {
	return func(_ context.Context, next Sender) (Token, error) {
		token, err := src.Token()
		if err == nil {
			err = checkSourced(token)
		}
		if err != nil {
			return Token{}, sourceError(next.Vendor(), err)
		}
		return Token{Value: opaque.NewSecret(token.AccessToken), Expiry: token.Expiry}, nil
	}
}

func checkSourced(token *oauth2.Token) error {
	if token == nil {
		return errors.New("it returned no token")
	}
	return errors.Join(checkToken(token.AccessToken), checkType(token.Type()))
}

func sourceError(vendor string, err error) *callinsights.Error {
	e := callinsights.Error{Vendor: vendor, Op: "Token", Err: &sourceFailedError{err}}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return &e
	}
	e.Err = nil
	e.Code = errorCode(refused.Body)
	if refused.Response != nil {
		e.StatusCode = refused.Response.StatusCode
		e.RetryAfter, _ = retry.RetryAfter(refused.Response.Header, time.Now())
	}
	if e.StatusCode == 0 || e.StatusCode == http.StatusBadRequest {
		e.Err = fmt.Errorf("the grant of the token source was refused%.0w", callinsights.ErrUnauthorized)
	}
	return &e
}

// sourceFailedError is an error of the user's source without its text.
type sourceFailedError struct{ err error }

func (e *sourceFailedError) Error() string {
	return fmt.Sprintf("the token source failed with a %T, whose text is not shown", e.err)
}

func (e *sourceFailedError) Unwrap() error { return e.err }
