package auth_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// service is a token endpoint and one other resource, in memory.
type service struct {
	mu      sync.Mutex
	latency time.Duration
	// token answers an exchange, and thing a call with that token. Both are
	// told how often they have been called before.
	token func(n int) (*retry.Answer, error)
	thing func(n int, token string) (*retry.Answer, error)

	tokens, things int
	last           *http.Request
	lastBody       string
	lastTimeout    time.Duration
	badPath        bool
	finished       []retry.Outcome
	retrier        *retry.Retrier
}

func newService() *service {
	s := &service{
		token: func(n int) (*retry.Answer, error) { return tokenAnswer(fmt.Sprint("token-", n), 3600), nil },
		thing: func(int, string) (*retry.Answer, error) { return status(200), nil },
	}
	s.retrier = retry.New(retry.Options{Attempt: s.attempt})
	return s
}

func status(code int) *retry.Answer { return body(code, "") }

func body(code int, text string) *retry.Answer {
	return &retry.Answer{Status: code, Header: http.Header{"Request-Id": {"req-77"}}, Body: []byte(text)}
}

func tokenAnswer(token string, seconds int) *retry.Answer {
	return body(200, fmt.Sprintf(`{"access_token":%q,"token_type":"bearer","expires_in":%d,"scope":"ReadAccounts"}`, token, seconds))
}

func (s *service) attempt(req *http.Request, call *retry.Call) (*retry.Answer, error) {
	if s.latency > 0 {
		select {
		case <-time.After(s.latency):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if call.Op == "Token" {
		s.last, s.lastBody, s.lastTimeout = req, string(call.Body), call.Timeout
		s.tokens++
		return s.token(s.tokens - 1)
	}
	s.things++
	return s.thing(s.things-1, strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "))
}

func (s *service) counts() (tokens, things int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens, s.things
}

func (s *service) Send(ctx context.Context, call retry.Call) retry.Outcome {
	return s.retrier.Do(ctx, call)
}

func (s *service) Endpoint(path ...string) (*url.URL, error) {
	if s.badPath {
		return nil, errors.New("no such path")
	}
	return url.Parse("https://service.test/base/" + strings.Join(path, "/"))
}
func (s *service) Header() http.Header { return http.Header{"User-Agent": {"tests"}} }
func (s *service) Vendor() string      { return "vendor" }

func (s *service) Finish(_ context.Context, call retry.Call, out retry.Outcome, _ time.Time, explain func(*callinsights.Error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finished = append(s.finished, out)
	e := callinsights.Error{
		Vendor: s.Vendor(), Op: call.Op, Method: call.Method, Path: call.URL.EscapedPath(),
		Attempts: out.Attempts, RetryAfter: out.RetryAfter,
	}
	if out.Answer != nil {
		e.StatusCode, e.RequestID = out.Answer.Status, out.Answer.Header.Get("Request-Id")
		if e.StatusCode == http.StatusOK && out.Err == nil {
			return nil
		}
		if e.StatusCode != http.StatusOK {
			explain(&e)
		}
	}
	if out.Err != nil {
		e.Err = out.Err
	}
	return callinsights.NewError(e, nil)
}

func (s *service) do(ctx context.Context, a auth.Authorizer) retry.Outcome {
	return a.Do(ctx, thing(), s)
}

func thing() retry.Call {
	return retry.Call{
		Op: "Thing", Method: http.MethodGet, Header: http.Header{"Accept": {"application/json"}},
		URL: &url.URL{Scheme: "https", Host: "service.test", Path: "/base/thing"},
	}
}

// credentials are made anew for each test, so that a text that holds one has
// it from there.
type credentials struct{ id, secret, assertion string }

func newCredentials() credentials {
	return credentials{id: "client-" + rand.Text(), secret: rand.Text() + "+/%&=", assertion: rand.Text() + "." + rand.Text()}
}

func (c credentials) jwt() auth.JWT {
	return auth.JWT{
		ClientID: c.id, ClientSecret: opaque.NewSecret(c.secret), Assertion: opaque.NewSecret(c.assertion),
		Path: []string{"oauth", "token"},
	}
}

func (c credentials) source() auth.Source { return c.jwt().Source() }

func (c credentials) bearer() auth.Authorizer {
	return auth.Bearer(auth.NewTokens(c.source(), c.jwt().Secrets()...))
}

// absent fails if one of the secrets, in any form in which it is sent, is in
// one of the texts of err.
func absent(t *testing.T, err error, secrets ...string) {
	t.Helper()
	texts := []string{fmt.Sprint(err), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), fmt.Sprintf("%q", err)}
	if e, ok := errors.AsType[*callinsights.Error](err); ok {
		texts = append(texts, fmt.Sprintf("%#v", *e), fmt.Sprintf("%+v", *e), e.LogValue().String(), string(e.Body()))
	}
	for _, text := range texts {
		for _, secret := range secrets {
			for _, form := range []string{secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret))} {
				if strings.Contains(text, form) {
					t.Error("a text of the error holds a credential")
				}
			}
		}
	}
}

func TestCredential(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		value string
		want  string
		fault string
	}{
		"good":                 {value: "k3y-abc", want: "k3y-abc"},
		"from a file":          {value: "k3y-abc\r\n", want: "k3y-abc"},
		"space around":         {value: " \tk3y abc ", want: "k3y abc"},
		"empty":                {fault: "the API key is empty"},
		"space alone":          {value: " \n", fault: "the API key is empty"},
		"two lines":            {value: "k3y\nabc", fault: "the API key holds a newline or another control character; was more than the value copied?"},
		"NUL":                  {value: "k3y\x00abc", fault: "the API key holds a newline or another control character; was more than the value copied?"},
		"as long as it may be": {value: strings.Repeat("k", 4096), want: strings.Repeat("k", 4096)},
		"too long":             {value: strings.Repeat("k", 4097), fault: "the API key is longer than 4 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := auth.Credential("API key", tt.value)
			if tt.fault == "" {
				if err != nil || got.Reveal() != tt.want {
					t.Errorf("Credential = %q, %v, want %q", got.Reveal(), err, tt.want)
				}
				return
			}
			if err == nil || err.Error() != tt.fault || !errors.Is(err, callinsights.ErrInvalidRequest) {
				t.Errorf("err = %v, want %q", err, tt.fault)
			}
		})
	}
}

func TestAPIKey(t *testing.T) {
	t.Parallel()
	lost := errors.New("the vault is locked")
	for name, tt := range map[string]struct {
		key      string
		err      error
		status   int
		wantSent string
		wantErr  string
	}{
		"sent":               {key: "secret-key-1", status: 200, wantSent: "secret-key-1"},
		"newline at its end": {key: "secret-key-1\n", status: 200, wantSent: "secret-key-1"},
		"refused once":       {key: "secret-key-1", status: 401, wantSent: "secret-key-1"},
		"none to be had":     {err: lost, wantErr: "the vault is locked"},
		"empty":              {wantErr: "the API key is empty"},
		"unusable":           {key: "secret\nkey", wantErr: "the API key holds a newline or another control character; was more than the value copied?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent []string
			s := newService()
			s.retrier = retry.New(retry.Options{Attempt: func(req *http.Request, _ *retry.Call) (*retry.Answer, error) {
				sent = append(sent, req.Header.Get("X-Key"))
				return status(tt.status), nil
			}})
			c := thing()
			out := auth.APIKey("X-Key", func(context.Context) (opaque.Secret, error) {
				return opaque.NewSecret(tt.key), tt.err
			}).Do(t.Context(), c, s)
			if c.Header.Get("X-Key") != "" {
				t.Error("the caller's header was changed")
			}
			if tt.wantErr != "" {
				if len(sent) != 0 || out.Err == nil || out.Err.Error() != tt.wantErr || errors.Is(out.Err, callinsights.ErrUnauthorized) != (tt.err == nil) || tt.err != nil && !errors.Is(out.Err, tt.err) {
					t.Errorf("sent %d, error %v, want nothing and %q", len(sent), out.Err, tt.wantErr)
				}
				return
			}
			if len(sent) != 1 || sent[0] != tt.wantSent || out.Answer.Status != tt.status {
				t.Errorf("sent %q, status %d", sent, out.Answer.Status)
			}
			if len(out.Secrets) != 1 || out.Secrets[0].Reveal() != tt.wantSent {
				t.Error("the outcome does not name the key as a secret")
			}
		})
	}
}
