package transport_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// With a token that is refused once, through all stages.
func TestBearerThroughThePipeline(t *testing.T) {
	t.Parallel()
	id, clientSecret, assertion := secret(), secret(), secret()
	tokens := []string{secret(), secret()}
	exchanges := 0
	var log bytes.Buffer
	m := &memory{reply: func(_ int, req *http.Request) (*http.Response, error) {
		switch {
		case req.URL.Path == "/base/oauth/token":
			exchanges++
			return replies(200, fmt.Sprintf(`{"access_token":%q,"expires_in":3600}`, tokens[exchanges-1])), nil
		case req.Header.Get("Authorization") == "Bearer "+tokens[0]:
			return replies(401, "who is "+tokens[0]), nil
		default:
			return replies(403, "not for "+tokens[1]+" or "+tokens[0]), nil
		}
	}}
	jwt := auth.JWT{ClientID: id, ClientSecret: opaque.NewSecret(clientSecret), Assertion: opaque.NewSecret(assertion), Path: []string{"oauth", "token"}}
	p := pipeline(t, m, transport.Vendor{
		Auth: auth.Bearer(auth.NewTokens(jwt.Source())), RateLimitGroups: true, RequestIDHeaders: []string{"X-Request-Id"},
		Explain: func(e *callinsights.Error, body []byte) { e.Message = string(body) },
	}, func(c *transport.Config) {
		c.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	err := p.Call(t.Context(), get("thing"), ignore)
	e := asError(t, err)
	if e.StatusCode != http.StatusForbidden || e.Attempts != 2 || exchanges != 2 || e.Message != "not for REDACTED or REDACTED" {
		t.Errorf("err = %v after %d exchanges", err, exchanges)
	}
	secrets := append(tokens, clientSecret, assertion)
	hidesSecrets(t, err, secrets...)
	holder := struct{ p *transport.Pipeline }{p}
	printed := log.String() + fmt.Sprintf("%v %+v %#v %s", p, p, p, p) + fmt.Sprintf("%v %+v %#v", holder, holder, holder)
	for _, hidden := range secrets {
		if strings.Contains(printed, hidden) {
			t.Error("a log line or a printed pipeline holds a credential")
		}
	}
	if agent := m.got[0].Header.Get("User-Agent"); !strings.HasPrefix(agent, "callinsights-go/") {
		t.Errorf("the token request's User-Agent is %q", agent)
	}
}

func TestRefusedGrantThroughThePipeline(t *testing.T) {
	t.Parallel()
	m := always(400, `{"error":"invalid_grant"}`, "X-Request-Id", "r-5")
	jwt := auth.JWT{ClientID: "app", Path: []string{"oauth", "token"}}
	err := pipeline(t, m, transport.Vendor{Auth: auth.Bearer(auth.NewTokens(jwt.Source())), RequestIDHeaders: []string{"X-Request-Id"}}).
		Call(t.Context(), get("thing"), ignore)
	const want = "vendor: Thing: GET /base/thing: vendor: Token: POST /base/oauth/token: 400 invalid_grant: the JWT was refused; " +
		"is it for this app and this environment, complete, and neither expired nor revoked? (request id r-5)"
	if err.Error() != want || !errors.Is(err, callinsights.ErrUnauthorized) || errors.Is(err, callinsights.ErrInvalidRequest) {
		t.Errorf("text (-want +got):\n%s", cmp.Diff(want, err.Error()))
	}
	if e := asError(t, err); e.Attempts != 0 || e.StatusCode != 0 || len(m.got) != 1 {
		t.Errorf("error = %#v after %d requests", e, len(m.got))
	}
}

// A service may repeat what logged the client in, in the answer to any call.
func TestTheLoginIsNotRepeated(t *testing.T) {
	t.Parallel()
	appSecret, assertion := secret(), secret()
	jwt := auth.JWT{
		ClientID: "app", ClientSecret: opaque.NewSecret(appSecret), Assertion: opaque.NewSecret(assertion),
		Path: []string{"oauth", "token"},
	}
	basic := base64.StdEncoding.EncodeToString([]byte("app:" + appSecret))
	m := &memory{reply: func(_ int, req *http.Request) (*http.Response, error) {
		if strings.HasSuffix(req.URL.Path, "/oauth/token") {
			return replies(200, `{"access_token":"abc-token"}`), nil
		}
		return replies(400, appSecret+", "+assertion+", "+basic), nil
	}}
	p := pipeline(t, m, transport.Vendor{
		Auth:    auth.Bearer(auth.NewTokens(jwt.Source(), jwt.Secrets()...)),
		Explain: func(e *callinsights.Error, body []byte) { e.Message = string(body) },
	})
	err := p.Call(t.Context(), get("thing"), ignore)
	hidesSecrets(t, err, appSecret, assertion, basic)
	if e := asError(t, err); e.Message != strings.Join([]string{"REDACTED", "REDACTED", "REDACTED"}, ", ") {
		t.Errorf("a message of %d bytes", len(e.Message))
	}
}

// The library's client follows a 307 from the token endpoint to any host,
// sends the assertion there, and takes the token that it finds.
func TestTokenEndpointThatRedirects(t *testing.T) {
	t.Parallel()
	assertion := secret()
	m := always(http.StatusTemporaryRedirect, "", "Location", "https://evil.test/token")
	jwt := auth.JWT{ClientID: "app", Assertion: opaque.NewSecret(assertion), Path: []string{"oauth", "token"}}
	err := pipeline(t, m, transport.Vendor{Auth: auth.Bearer(auth.NewTokens(jwt.Source()))}).Call(t.Context(), get("thing"), ignore)
	if len(m.got) != 1 || m.got[0].URL.Host != "service.test" || !errors.Is(err, callinsights.ErrInvalidResponse) {
		t.Errorf("err = %v after %d requests, want one", err, len(m.got))
	}
	hidesSecrets(t, err, assertion)
}
