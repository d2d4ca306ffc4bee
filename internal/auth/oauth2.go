package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
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
// A source that fails is unavailable; one that is refused, or gives a token of
// no use, is unauthorized.
func OAuth2(src oauth2.TokenSource) Source {
	return func(_ context.Context, next Sender) (Token, error) {
		token, err := src.Token()
		if err != nil {
			return Token{}, sourceError(next.Vendor(), err)
		}
		if err := checkSourced(token); err != nil {
			err = fault.New("the token source is of no use: "+err.Error(), callinsights.ErrUnauthorized)
			return Token{}, &callinsights.Error{Vendor: next.Vendor(), Op: opToken, Err: err}
		}
		scope, _ := token.Extra("scope").(string)
		return Token{Value: opaque.NewSecret(token.AccessToken), Expiry: token.Expiry, Scope: scope}, nil
	}
}

func checkSourced(token *oauth2.Token) error {
	if token == nil {
		return errors.New("it returned no token")
	}
	return errors.Join(checkToken(token.AccessToken), checkType(token.Type()))
}

func sourceError(vendor string, err error) *callinsights.Error {
	e := callinsights.Error{Vendor: vendor, Op: opToken}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		e.Err = Failed("the token source", err)
		return &e
	}
	e.Code, _ = errorCode(refused.Body)
	if refused.Response != nil {
		e.StatusCode = refused.Response.StatusCode
		e.RetryAfter, _ = retry.RetryAfter(refused.Response.Header, time.Now())
	}
	if e.StatusCode == 0 || e.StatusCode == http.StatusBadRequest {
		e.Err = fault.New("the grant of the token source was refused", callinsights.ErrUnauthorized)
	}
	return &e
}

// Failed is err of code of the user's that gives credentials, such as "the token
// source", without its text. It matches [callinsights.ErrUnavailable] and no other kind,
// and none if it is that of a context.
func Failed(who string, err error) error {
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			return fault.New(who+" failed: "+ended.Error(), fault.Foreign(err))
		}
	}
	text := fmt.Sprintf("%s failed with a %T, whose text is not shown", who, err)
	return fault.New(text, fault.Foreign(err), callinsights.ErrUnavailable)
}
