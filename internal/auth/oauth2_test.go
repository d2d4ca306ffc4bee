package auth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/retry"
)

type sourceFunc func() (*oauth2.Token, error)

func (f sourceFunc) Token() (*oauth2.Token, error) { return f() }

func sourced(f sourceFunc) auth.Authorizer { return auth.Bearer(auth.NewTokens(auth.OAuth2(f))) }

func TestOAuth2(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		token *oauth2.Token
		fault string
	}{
		"good":      {token: &oauth2.Token{AccessToken: "abc"}},
		"typed":     {token: &oauth2.Token{AccessToken: "abc", TokenType: "BEARER"}},
		"none":      {fault: "it returned no token"},
		"empty":     {token: &oauth2.Token{}, fault: "no access token"},
		"unusable":  {token: &oauth2.Token{AccessToken: "a\r\nb"}, fault: "characters"},
		"MAC token": {token: &oauth2.Token{AccessToken: "abc", TokenType: "mac"}, fault: "not a bearer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			revoking(s, "abc")
			out := s.do(t.Context(), sourced(func() (*oauth2.Token, error) { return tt.token, nil }))
			if tt.fault == "" {
				allGood(t, []retry.Outcome{out})
				return
			}
			cause := out.Err
			for errors.Unwrap(cause) != nil {
				cause = errors.Unwrap(cause)
			}
			if cause == nil || !strings.Contains(cause.Error(), tt.fault) || !errors.Is(cause, callinsights.ErrUnauthorized) || s.things != 0 {
				t.Errorf("cause = %v after %d calls, want %q", cause, s.things, tt.fault)
			}
		})
	}
}

func TestOAuth2Errors(t *testing.T) {
	t.Parallel()
	secret := rand.Text()
	retrieve := func(code int, body string) *oauth2.RetrieveError {
		return &oauth2.RetrieveError{
			Response: &http.Response{StatusCode: code, Header: http.Header{"Retry-After": {"9"}}}, Body: []byte(body),
		}
	}
	ours := errors.New("no login: " + secret)
	for name, tt := range map[string]struct {
		err  error
		is   error
		code string
	}{
		"the caller's own":  {err: ours, is: ours},
		"of which kind":     {err: ours, is: callinsights.ErrUnavailable},
		"a context's":       {err: fmt.Errorf("%s: %w", secret, context.DeadlineExceeded), is: context.DeadlineExceeded},
		"refused grant":     {err: retrieve(400, `{"error":"invalid_grant","error_description":"`+secret+`"}`), is: callinsights.ErrUnauthorized, code: "invalid_grant"},
		"no status":         {err: &oauth2.RetrieveError{Body: []byte(secret)}, is: callinsights.ErrUnauthorized},
		"refused client":    {err: retrieve(401, secret), is: callinsights.ErrUnauthorized},
		"failing":           {err: retrieve(502, secret), is: callinsights.ErrUnavailable},
		"limited":           {err: retrieve(429, secret), is: callinsights.ErrRateLimited},
		"broken connection": {err: io.ErrUnexpectedEOF, is: io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			out := s.do(t.Context(), sourced(func() (*oauth2.Token, error) { return nil, tt.err }))
			e, ok := errors.AsType[*callinsights.Error](out.Err)
			if !ok || !errors.Is(e, tt.is) || e.Op != "Token" || e.Vendor != "vendor" || e.Code != tt.code || s.things != 0 {
				t.Errorf("err = %v, want a failed Token that is %v", out.Err, tt.is)
			}
			absent(t, out.Err, secret)
			if errors.Is(out.Err, context.DeadlineExceeded) && errors.Is(out.Err, callinsights.ErrUnavailable) {
				t.Errorf("%v is both of a context and ErrUnavailable", out.Err)
			}
			if found, ok := errors.AsType[*oauth2.RetrieveError](out.Err); ok {
				t.Errorf("the chain still holds a %T", found)
			}
			if e.StatusCode != 0 && e.RetryAfter != 9*time.Second {
				t.Errorf("RetryAfter = %v", e.RetryAfter)
			}
		})
	}
}

func TestOAuth2TheSameTokenAgainIsFinal(t *testing.T) {
	t.Parallel()
	s := newService()
	revoking(s)
	asked := 0
	out := s.do(t.Context(), sourced(func() (*oauth2.Token, error) {
		asked++
		return &oauth2.Token{AccessToken: "abc"}, nil
	}))
	if out.Answer.Status != 401 || out.Attempts != 1 || asked != 2 {
		t.Errorf("outcome = %+v after asking %d times, want one 401 and two", out, asked)
	}
}

func TestOAuth2AnotherTokenIsTried(t *testing.T) {
	t.Parallel()
	s := newService()
	revoking(s, "second")
	tokens := []string{"first", "second"}
	out := s.do(t.Context(), sourced(func() (*oauth2.Token, error) {
		next := tokens[0]
		tokens = tokens[1:]
		return &oauth2.Token{AccessToken: next}, nil
	}))
	if out.Err != nil || out.Answer.Status != 200 || out.Attempts != 2 {
		t.Errorf("outcome = %+v", out)
	}
}

func TestOAuth2Expiry(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		lifetime time.Duration // none if 0
		used     time.Duration
	}{
		"none said":    {used: time.Hour - time.Minute},
		"soon":         {lifetime: 20 * time.Second, used: 18 * time.Second},
		"long ago":     {lifetime: -time.Hour, used: 0},
		"just now":     {lifetime: -time.Nanosecond, used: 0},
		"in two hours": {lifetime: 2 * time.Hour, used: 2*time.Hour - time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, asked := newService(), 0
				a := sourced(func() (*oauth2.Token, error) {
					asked++
					token := &oauth2.Token{AccessToken: "abc"}
					if tt.lifetime != 0 {
						token.Expiry = time.Now().Add(tt.lifetime)
					}
					return token, nil
				})
				s.do(t.Context(), a)
				if tt.used > 0 {
					time.Sleep(tt.used - 1)
					s.do(t.Context(), a)
					if asked != 1 {
						t.Errorf("asked %d times, want once", asked)
					}
				}
				time.Sleep(time.Nanosecond)
				s.do(t.Context(), a)
				if asked != 2 {
					t.Errorf("asked %d times, want twice", asked)
				}
			})
		})
	}
}

// A source may block for as long as it likes; its callers do not.
func TestOAuth2SourceThatBlocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		free := make(chan struct{})
		a := sourced(func() (*oauth2.Token, error) {
			<-free
			return &oauth2.Token{AccessToken: "abc"}, nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if out := s.do(ctx, a); !errors.Is(out.Err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("err = %v after %v", out.Err, time.Since(start))
		}
		close(free)
		allGood(t, everybody(t, 3, s, a))
	})
}
