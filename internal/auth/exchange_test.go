package auth_test

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

func TestTokenRequest(t *testing.T) {
	t.Parallel()
	c, s := newCredentials(), newService()
	token, err := c.source()(t.Context(), s)
	if err != nil || token.Value.Reveal() != "token-0" {
		t.Fatalf("token %q, %v", token.Value.Reveal(), err)
	}
	form, err := url.ParseQuery(s.lastBody)
	if err != nil {
		t.Fatal("the body is not a form")
	}
	basic := base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(c.id) + ":" + url.QueryEscape(c.secret)))
	got := map[string]any{
		"method": s.last.Method, "url": s.last.URL.String(), "grant": form.Get("grant_type"), "fields": len(form),
		"type": s.last.Header.Get("Content-Type"), "agent": s.last.Header.Get("User-Agent"),
		"assertion": form.Get("assertion") == c.assertion, "basic": s.last.Header.Get("Authorization") == "Basic "+basic,
		"timeout": s.lastTimeout,
	}
	want := map[string]any{
		"method": "POST", "url": "https://service.test/base/oauth/token",
		"grant": "urn:ietf:params:oauth:grant-type:jwt-bearer", "fields": 2,
		"type": "application/x-www-form-urlencoded", "agent": "tests", "assertion": true, "basic": true,
		"timeout": 30 * time.Second,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("token request (-want +got):\n%s", diff)
	}
}

func TestTokenAnswers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body     string
		lifetime time.Duration
		fault    string // a part of the cause
	}{
		"as documented":         {body: `{"access_token":"abc","token_type":"bearer","expires_in":7199,"scope":"A B","refresh_token":"r"}`, lifetime: 7199 * time.Second},
		"another spelling":      {body: `{"token_type":"Bearer","access_token":"abc","expires_in":60}`, lifetime: time.Minute},
		"no type":               {body: `{"access_token":"abc","expires_in":60}`, lifetime: time.Minute},
		"a fraction":            {body: `{"access_token":"abc","expires_in":3600.5}`, lifetime: 3600500 * time.Millisecond},
		"an exponent":           {body: `{"access_token":"abc","expires_in":1e3}`, lifetime: 1000 * time.Second},
		"a text":                {body: `{"access_token":"abc","expires_in":"120"}`, lifetime: 2 * time.Minute},
		"no lifetime":           {body: `{"access_token":"abc"}`, lifetime: time.Hour},
		"null lifetime":         {body: `{"access_token":"abc","expires_in":null}`, lifetime: time.Hour},
		"zero lifetime":         {body: `{"access_token":"abc","expires_in":0}`, lifetime: time.Hour},
		"negative lifetime":     {body: `{"access_token":"abc","expires_in":-5}`, lifetime: time.Hour},
		"lifetime is no number": {body: `{"access_token":"abc","expires_in":"NaN"}`, lifetime: time.Hour},
		"less than a second":    {body: `{"access_token":"abc","expires_in":0.01}`, lifetime: time.Second},
		"for ever":              {body: `{"access_token":"abc","expires_in":1e300}`, lifetime: 365 * 24 * time.Hour},
		"other keys twice":      {body: `{"access_token":"abc","scope":"a","scope":"b","expires_in":60}`, lifetime: time.Minute},

		"a byte order mark": {body: "\ufeff" + `{"access_token":"abc","expires_in":60}`, lifetime: time.Minute},

		"two of them":      {body: "\ufeff\ufeff{}", fault: "not JSON"},
		"empty":            {body: ``, fault: "not JSON"},
		"HTML":             {body: `<html>`, fault: "not JSON"},
		"cut":              {body: `{"access_token":"abc`, fault: "not JSON"},
		"trailing data":    {body: `{"access_token":"abc"}{}`, fault: "not JSON"},
		"a form":           {body: `access_token=abc`, fault: "not JSON"},
		"null":             {body: `null`, fault: "not an object"},
		"an array":         {body: `["access_token","abc"]`, fault: "not an object"},
		"no token":         {body: `{"expires_in":60}`, fault: "no access token"},
		"empty token":      {body: `{"access_token":""}`, fault: "no access token"},
		"null token":       {body: `{"access_token":null}`, fault: "no access token"},
		"a number":         {body: `{"access_token":5}`, fault: "no access token"},
		"another case":     {body: `{"Access_Token":"abc"}`, fault: "no access token"},
		"twice":            {body: `{"access_token":"abc","access_token":"def"}`, fault: "access_token twice"},
		"a newline":        {body: `{"access_token":"a\nbc"}`, fault: "characters"},
		"a space":          {body: `{"access_token":"a bc"}`, fault: "characters"},
		"not ASCII":        {body: `{"access_token":"ä"}`, fault: "characters"},
		"too long":         {body: `{"access_token":"` + strings.Repeat("a", 8193) + `"}`, fault: "8 KiB"},
		"MAC":              {body: `{"access_token":"abc","token_type":"mac"}`, fault: "not a bearer"},
		"type is a number": {body: `{"access_token":"abc","token_type":1}`, fault: "not a text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService()
				s.token = func(int) (*retry.Answer, error) { return body(200, tt.body), nil }
				token, err := newCredentials().source()(t.Context(), s)
				if tt.fault == "" {
					if err != nil || token.Value.Reveal() != "abc" || time.Until(token.Expiry) != tt.lifetime {
						t.Errorf("token %q for %v, %v, want %v", token.Value.Reveal(), time.Until(token.Expiry), err, tt.lifetime)
					}
					return
				}
				e, ok := errors.AsType[*callinsights.Error](err)
				if !ok || !errors.Is(err, callinsights.ErrInvalidResponse) || !strings.Contains(e.Err.Error(), tt.fault) {
					t.Errorf("err = %v, want an invalid response with %q", err, tt.fault)
				}
				if s.tokens != 1 {
					t.Errorf("%d requests, want 1: a token that was issued counts as a session", s.tokens)
				}
			})
		})
	}
}

// The library puts the raw answer into the error, which may repeat the
// request with everything in it.
func TestTokenErrors(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status     int
		header     http.Header
		body       string
		err        error
		wantCode   string
		wantIs     error
		wantHint   string
		wantTokens int
		retryAfter time.Duration
	}{
		"invalid_grant":       {status: 400, body: `{"error":"invalid_grant","error_description":"%s"}`, wantCode: "invalid_grant", wantIs: callinsights.ErrUnauthorized, wantHint: "the JWT was refused", wantTokens: 1},
		"invalid_client":      {status: 401, body: `{"error":"invalid_client"}`, wantCode: "invalid_client", wantIs: callinsights.ErrUnauthorized, wantHint: "the app was refused", wantTokens: 1},
		"unauthorized_client": {status: 400, body: `{"error":"unauthorized_client"}`, wantCode: "unauthorized_client", wantIs: callinsights.ErrUnauthorized, wantHint: "may not use this grant", wantTokens: 1},
		"RingCentral's code": {
			status: 400, body: `{"error":"invalid_grant","errors":[{"errorCode":"OAU-146","message":"%s"}]}`,
			wantCode: "OAU-146", wantIs: callinsights.ErrUnauthorized, wantHint: "the JWT was refused", wantTokens: 1,
		},
		"a code that is none": {status: 400, body: `{"error":"%s","errors":[{"errorCode":"OAU-%s"}]}`, wantIs: callinsights.ErrUnauthorized, wantHint: "check the client id", wantTokens: 1},
		"no JSON":             {status: 401, body: `%s`, wantIs: callinsights.ErrUnauthorized, wantHint: "check the client id", wantTokens: 1},
		"forbidden":           {status: 403, body: `{"error":"access_denied"}`, wantCode: "access_denied", wantIs: callinsights.ErrForbidden, wantTokens: 1},
		"failing":             {status: 500, body: `%s`, wantIs: callinsights.ErrUnavailable, wantTokens: 3},
		"limited":             {status: 429, header: http.Header{"Retry-After": {"20"}}, wantIs: callinsights.ErrRateLimited, wantTokens: 2, retryAfter: 20 * time.Second},
		"limited for long":    {status: 429, header: http.Header{"Retry-After": {"300"}}, wantIs: callinsights.ErrRateLimited, wantTokens: 1, retryAfter: 300 * time.Second},
		"no connection":       {err: io.EOF, wantIs: callinsights.ErrUnavailable, wantTokens: 3},
		"a redirect":          {status: 307, err: retry.Final(errors.New("a redirect")), wantIs: callinsights.ErrInvalidResponse, wantTokens: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, s := newCredentials(), newService()
				s.token = func(int) (*retry.Answer, error) {
					if tt.status == 0 {
						return nil, tt.err
					}
					echo := c.secret + c.assertion + c.id
					a := body(tt.status, strings.ReplaceAll(tt.body, "%s", strings.ReplaceAll(echo, `"`, "")))
					maps.Copy(a.Header, tt.header)
					return a, tt.err
				}
				_, err := c.source()(t.Context(), s)
				absent(t, err, c.id, c.secret, c.assertion)
				e, ok := errors.AsType[*callinsights.Error](err)
				if !ok || !errors.Is(err, tt.wantIs) {
					t.Fatalf("err = %v, want a %v", err, tt.wantIs)
				}
				// What the call for which the token was meant tells of the wait.
				if out := s.do(t.Context(), c.bearer()); out.RetryAfter != tt.retryAfter {
					t.Errorf("RetryAfter = %v of the call itself, want %v", out.RetryAfter, tt.retryAfter)
				}
				s.tokens /= 2
				if !strings.Contains(err.Error(), tt.wantHint) {
					t.Errorf("err = %v, want the hint %q", err, tt.wantHint)
				}
				got := fmt.Sprint(e.Vendor, " ", e.Op, " ", e.Method, " ", e.Path, " ", e.StatusCode, " ", e.Code, " ", e.Attempts, " ", e.RetryAfter)
				want := fmt.Sprint("vendor Token POST /base/oauth/token ", tt.status, " ", tt.wantCode, " ", tt.wantTokens, " ", tt.retryAfter)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if tt.status != 0 && e.RequestID != "req-77" {
					t.Errorf("request id %q", e.RequestID)
				}
				if s.tokens != tt.wantTokens {
					t.Errorf("%d requests, want %d", s.tokens, tt.wantTokens)
				}
			})
		})
	}
}

func TestRevocation(t *testing.T) {
	t.Parallel()
	c := newCredentials()
	token := rand.Text() + "+&="
	var sent retry.Call
	s := newService()
	s.retrier = retry.New(retry.Options{Attempt: func(_ *http.Request, call *retry.Call) (*retry.Answer, error) {
		sent = *call
		return status(200), nil
	}})
	asked := thing()
	out := auth.JWT{ClientID: c.id, ClientSecret: opaque.NewSecret(c.secret), Assertion: opaque.NewSecret(c.assertion)}.
		Revocation(auth.Token{Value: opaque.NewSecret(token)}).Do(t.Context(), asked, s)
	basic := base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(c.id) + ":" + url.QueryEscape(c.secret)))
	want := http.Header{
		"Accept": {"application/json"}, "Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {"Basic " + basic},
	}
	if !cmp.Equal(want, sent.Header) || string(sent.Body) != "token="+url.QueryEscape(token) || sent.Timeout != 30*time.Second {
		t.Error("the request is not the one that ends a session")
	}
	if len(asked.Header) != 1 {
		t.Error("the caller's header was changed")
	}
	var secrets []string
	for _, hidden := range out.Secrets {
		secrets = append(secrets, hidden.Reveal())
	}
	if !cmp.Equal([]string{c.secret, c.assertion, basic, token}, secrets) {
		t.Errorf("the outcome names %d secrets, or others than it holds", len(secrets))
	}
}

func TestTokenEndpointCannotBeMade(t *testing.T) {
	t.Parallel()
	s := newService()
	s.badPath = true
	if _, err := newCredentials().source()(t.Context(), s); err == nil || s.tokens != 0 {
		t.Errorf("err = %v after %d requests", err, s.tokens)
	}
}

// %v, %+v and %#v of what holds the credentials show none of them, also from
// an unexported field of somebody else's struct.
func TestCredentialsAreNotPrinted(t *testing.T) {
	t.Parallel()
	c, s := newCredentials(), newService()
	token := rand.Text()
	s.token = func(int) (*retry.Answer, error) { return tokenAnswer(token, 60), nil }
	tokens := auth.NewTokens(c.source())
	if _, err := tokens.Get(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	holder := struct {
		tokens *auth.Tokens
		bearer auth.Authorizer
		jwt    auth.JWT
	}{tokens, auth.Bearer(tokens), auth.JWT{ClientSecret: opaque.NewSecret(c.secret), Assertion: opaque.NewSecret(c.assertion)}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		text := fmt.Sprintf(verb, holder) + fmt.Sprintf(verb, tokens)
		for _, secret := range []string{token, c.secret, c.assertion} {
			if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s shows a credential", verb)
			}
		}
	}
}
