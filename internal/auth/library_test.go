package auth_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// What golang.org/x/oauth2 does unless it is told otherwise, and what this
// package does instead. Each comment begins with the library; those of the other
// tests do where it matters.

// The library's package for JWTs signs one of its own, and leaves out the
// authentication of the app; its Exchange adds an empty field code.
func TestStoredJWTIsPresentedAsItIs(t *testing.T) {
	t.Parallel()
	c, s := newCredentials(), newService()
	if _, err := c.source()(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(s.lastBody)
	if err != nil || form.Get("assertion") != c.assertion || form.Has("code") || form.Has("client_id") || form.Has("client_secret") || form.Has("scope") {
		t.Error("the form is not the grant type and the assertion alone")
	}
}

// The library, unless told how, finds out where a server wants the credentials of
// the app by trying both: a refusal takes two requests, of which the second has
// the secret in its body.
func TestRefusedAppIsAskedOnce(t *testing.T) {
	t.Parallel()
	c, s := newCredentials(), newService()
	s.token = func(int) (*retry.Answer, error) { return body(401, `{"error":"invalid_client"}`), nil }
	_, err := c.source()(t.Context(), s)
	if !errors.Is(err, callinsights.ErrUnauthorized) || s.tokens != 1 || strings.Contains(s.lastBody, url.QueryEscape(c.secret)) {
		t.Errorf("err = %v after %d requests, want one without the secret in its body", err, s.tokens)
	}
}

// The library escapes the parts of HTTP Basic like those of a form, as the
// standard says; the client that makes the other requests must do the same.
func TestOddCredentialsInBasic(t *testing.T) {
	t.Parallel()
	s := newService()
	jwt := auth.JWT{ClientID: "an app/ü", ClientSecret: opaque.NewSecret("s:e%c r+et"), Assertion: opaque.NewSecret("a.b.c")}
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("an+app%2F%C3%BC:s%3Ae%25c+r%2Bet"))
	token, err := jwt.Source()(t.Context(), s)
	if err != nil || s.last.Header.Get("Authorization") != want {
		t.Errorf("the login has another credential; err = %v", err)
	}
	var sent string
	s.retrier = retry.New(retry.Options{Attempt: func(req *http.Request, _ *retry.Call) (*retry.Answer, error) {
		sent = req.Header.Get("Authorization")
		return status(200), nil
	}})
	s.do(t.Context(), jwt.Revocation(token))
	if sent != want {
		t.Error("the end of the login has another credential")
	}
}

// The library's source keeps the context that it was made with: when that ends,
// no token is ever renewed again.
func TestContextOfTheFirstCallerEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newService(), newCredentials().bearer()
		s.latency = time.Second
		first, leave := context.WithTimeout(t.Context(), time.Millisecond)
		defer leave()
		if out := s.do(first, a); !errors.Is(out.Err, context.DeadlineExceeded) {
			t.Errorf("outcome = %+v, want the caller gone", out)
		}
		for range 3 {
			allGood(t, everybody(t, 1, s, a))
			time.Sleep(time.Hour)
		}
		if s.tokens != 3 {
			t.Errorf("%d exchanges, want 3", s.tokens)
		}
	})
}

// The library uses http.DefaultClient, which waits for an endpoint for ever.
func TestEndpointThatNeverAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.retrier = retry.New(retry.Options{Attempt: func(_ *http.Request, call *retry.Call) (*retry.Answer, error) {
			time.Sleep(call.Timeout) // as the pipeline bounds an attempt
			return nil, errors.New("no progress")
		}})
		start := time.Now()
		out := s.do(t.Context(), newCredentials().bearer())
		if took := time.Since(start); !errors.Is(out.Err, callinsights.ErrUnavailable) || took != 110*time.Second {
			t.Errorf("err = %v after %v, want it after 3 attempts of 30 s, 10 s apart", out.Err, took)
		}
	})
}

// The library takes a lifetime of 0, and none at all, for no end; and one of 10 s
// for over at once, so that each call fetches a token.
func TestOddLifetimes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer string
		want   int // exchanges in two hours of a call a minute
	}{
		"none":   {answer: `{"access_token":"%s"}`, want: 3},
		"zero":   {answer: `{"access_token":"%s","expires_in":0}`, want: 3},
		"a text": {answer: `{"access_token":"%s","expires_in":"3600"}`, want: 3},
		"short":  {answer: `{"access_token":"%s","expires_in":100}`, want: 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, a := newService(), newCredentials().bearer()
				s.token = func(n int) (*retry.Answer, error) {
					return body(200, strings.ReplaceAll(tt.answer, "%s", fmt.Sprint("token-", n))), nil
				}
				for range 120 {
					allGood(t, everybody(t, 3, s, a))
					time.Sleep(time.Minute)
				}
				if s.tokens != tt.want {
					t.Errorf("%d exchanges, want %d", s.tokens, tt.want)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		s, a := newService(), newCredentials().bearer()
		s.token = func(n int) (*retry.Answer, error) { return tokenAnswer(fmt.Sprint("token-", n), 10), nil }
		for range 90 {
			allGood(t, everybody(t, 3, s, a))
			time.Sleep(100 * time.Millisecond)
		}
		if s.tokens != 1 {
			t.Errorf("%d exchanges within 9 s of a token of 10 s, want 1", s.tokens)
		}
	})
}

// The library leaves refresh tokens out of this grant, so the JWT is presented
// again, and it never repeats a fetch that failed.
func TestJWTIsPresentedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := newCredentials(), newService()
		a := c.bearer()
		fetch := s.token
		s.token = func(n int) (*retry.Answer, error) {
			if n%2 == 0 {
				return status(503), nil
			}
			return fetch(n)
		}
		for range 3 {
			allGood(t, everybody(t, 1, s, a))
			if form, err := url.ParseQuery(s.lastBody); err != nil || form.Get("assertion") != c.assertion || form.Has("refresh_token") {
				t.Error("the exchange does not present the JWT")
			}
			time.Sleep(time.Hour)
		}
		if s.tokens != 6 {
			t.Errorf("%d requests, want two for each of 3 tokens", s.tokens)
		}
	})
}

// The library's tokens show themselves under every verb, in JSON and in slog, and
// so does its configuration.
func TestTokensOfASourceAreNotPrinted(t *testing.T) {
	t.Parallel()
	c := newCredentials()
	tokens := auth.NewTokens(auth.OAuth2(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: c.secret + " "})))
	if _, err := tokens.Get(t.Context(), newService()); err == nil {
		t.Error("a token that no header can carry is taken")
	} else {
		absent(t, err, c.secret)
	}
	tokens = auth.NewTokens(auth.OAuth2(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: c.assertion})))
	token, err := tokens.Get(t.Context(), newService())
	if err != nil || token.Value.Reveal() != c.assertion {
		t.Fatalf("err = %v", err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if strings.Contains(fmt.Sprintf(verb, token)+fmt.Sprintf(verb, tokens), c.assertion) {
			t.Errorf("%s shows the token", verb)
		}
	}
}
