package ringsense_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// TestJWTRequest: the login is the documented one, and its credentials go
// nowhere else.
func TestJWTRequest(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	if _, err := server.Client().RecordingInsights(t.Context(), callID); err != nil {
		t.Fatal(err)
	}
	login := server.Requests()[0]
	if login.Method != http.MethodPost || login.Path != "/restapi/oauth/token" {
		t.Errorf("got %s %s", login.Method, login.Path)
	}
	form, err := url.ParseQuery(string(login.Body))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := form.Get("grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer"; got != want {
		t.Errorf("got the grant %q, want %q", got, want)
	}
	if !form.Has("assertion") || login.Header.Get("Authorization") == "" || len(login.Query) != 0 {
		t.Errorf("got the form %v and the query %v", form, login.Query)
	}
}

func TestJWTFromEnv(t *testing.T) { //nolint:paralleltest // sets the environment
	set := func(id, secret, jwt string) {
		t.Setenv("RC_APP_CLIENT_ID", id)
		t.Setenv("RC_APP_CLIENT_SECRET", secret)
		t.Setenv("RC_USER_JWT", jwt)
	}
	set(ringsensetest.ClientID, ringsensetest.ClientSecret, ringsensetest.UserJWT+"\n")
	auth, err := ringsense.JWTFromEnv()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ringsense.NewClient(auth); err != nil {
		t.Errorf("the client is refused: %v", err)
	}
	set("", "hidden", " ")
	_, err = ringsense.JWTFromEnv()
	checkRefused(t, err, "RC_APP_CLIENT_ID, RC_USER_JWT")
	if strings.Contains(err.Error(), "RC_APP_CLIENT_SECRET") {
		t.Errorf("the text %q names a variable that is set", err)
	}
}

// TestWrongCredentials: the service's refusal of the login is told apart from
// one of the call, and the call is not sent.
func TestWrongCredentials(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name              string
		id, secret, token string
		code              string
	}{
		{"client id", "hidden", ringsensetest.ClientSecret, ringsensetest.UserJWT, "OAU-146"},
		{"client secret", ringsensetest.ClientID, "hidden", ringsensetest.UserJWT, "OAU-146"},
		{"assertion", ringsensetest.ClientID, ringsensetest.ClientSecret, "hidden", "OAU-129"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			client, err := ringsense.NewClient(ringsense.JWT(tt.id, tt.secret, tt.token), inMemory(server)...)
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.RecordingInsights(t.Context(), callID)
			if !errors.Is(err, ringsense.ErrUnauthorized) {
				t.Fatalf("got %v, want ErrUnauthorized", err)
			}
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("the error shows a credential: %v", err)
			}
			failed, _ := errors.AsType[*ringsense.Error](err)
			if failed.Op != "RecordingInsights" || failed.Attempts != 0 {
				t.Errorf("got %+v, want the call, not sent", failed)
			}
			login, ok := errors.AsType[*ringsense.Error](failed.Err)
			if !ok || login.Op != "Token" || login.Path != "/restapi/oauth/token" || login.StatusCode != http.StatusBadRequest || login.Code != tt.code {
				t.Errorf("got the cause %+v, want the login", login)
			}
			if requests := server.Requests(); len(requests) != 1 || requests[0].Op != "Token" {
				t.Errorf("got %d requests, want one login", len(requests))
			}
		})
	}
}

// TestTokenIsKept and renewed ahead of its end, without a refused call.
func TestTokenIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t)
		client := server.Client()
		for _, step := range []struct {
			after  time.Duration
			logins int
		}{{0, 1}, {50 * time.Minute, 1}, {9*time.Minute + 30*time.Second, 2}, {time.Minute, 2}} {
			time.Sleep(step.after)
			if _, err := client.RecordingInsights(t.Context(), callID); err != nil {
				t.Fatal(err)
			}
			if got := count(server, "Token"); got != step.logins {
				t.Errorf("after %v more: got %d logins, want %d", step.after, got, step.logins)
			}
		}
		if got := count(server, "RecordingInsights"); got != 4 {
			t.Errorf("got %d requests, want 4", got)
		}
	})
}

// TestRevokedToken is renewed once, and the call goes out again.
func TestRevokedToken(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := server.Client()
	for range 2 {
		if _, err := client.RecordingInsights(t.Context(), callID); err != nil {
			t.Fatal(err)
		}
		server.ExpireTokens()
	}
	if logins, calls := count(server, "Token"), count(server, "RecordingInsights"); logins != 2 || calls != 3 {
		t.Errorf("got %d logins and %d requests, want 2 and 3", logins, calls)
	}
}

// TestRefusedToken: a fresh token that is refused too ends the call.
func TestRefusedToken(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.Fail(ringsensetest.Fault{
		Op: "RecordingInsights", N: -1, Status: http.StatusUnauthorized,
		Body: `{"errorCode":"TokenInvalid","message":"Token not found","errors":[{"errorCode":"OAU-213","message":"Token not found"}]}`,
	})
	_, err := server.Client().RecordingInsights(t.Context(), callID)
	failed, ok := errors.AsType[*ringsense.Error](err)
	if !ok || !errors.Is(err, ringsense.ErrUnauthorized) || failed.Code != "OAU-213" {
		t.Fatalf("got %v, want ErrUnauthorized with OAU-213", err)
	}
	if !strings.Contains(err.Error(), "parallel logins") {
		t.Errorf("the text %q does not say what to check", err)
	}
	if logins, calls := count(server, "Token"), count(server, "RecordingInsights"); logins != 2 || calls != 2 {
		t.Errorf("got %d logins and %d requests, want 2 and 2", logins, calls)
	}
}

// TestOneLoginForAll callers that wait for it.
func TestOneLoginForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t)
		server.Fail(ringsensetest.Fault{Op: "Token", Delay: time.Second})
		client := server.Client()
		var wait sync.WaitGroup
		for range 100 {
			wait.Go(func() {
				if _, err := client.RecordingInsights(t.Context(), callID); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if got := count(server, "Token"); got != 1 {
			t.Errorf("got %d logins, want 1", got)
		}
	})
}

type tokenSource func() (*oauth2.Token, error)

func (s tokenSource) Token() (*oauth2.Token, error) { return s() }

func TestOAuth2(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client, err := ringsense.NewClient(ringsense.OAuth2(tokenSource(func() (*oauth2.Token, error) {
		return &oauth2.Token{AccessToken: server.IssueToken(), TokenType: "bearer", Expiry: time.Now().Add(time.Hour)}, nil
	})), inMemory(server)...)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time with a new token
		if _, err := client.RecordingInsights(t.Context(), callID); err != nil {
			t.Fatal(err)
		}
		server.ExpireTokens()
	}
	if got := count(server, "Token"); got != 0 {
		t.Errorf("got %d logins, want none", got)
	}
}

// TestOAuth2SameTokenAgain: the call is not repeated with a refused token.
func TestOAuth2SameTokenAgain(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client, err := ringsense.NewClient(ringsense.OAuth2(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "hidden"})), inMemory(server)...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.RecordingInsights(t.Context(), callID)
	if !errors.Is(err, ringsense.ErrUnauthorized) || strings.Contains(err.Error(), "hidden") {
		t.Errorf("got %v, want ErrUnauthorized", err)
	}
	if got := count(server, "RecordingInsights"); got != 1 {
		t.Errorf("got %d requests, want 1", got)
	}
}

// TestOAuth2SourceFails: the call fails as unavailable with the error of the
// source, whose text does not show, and nothing is sent.
func TestOAuth2SourceFails(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	errSource := errors.New("hidden")
	broken := tokenSource(func() (*oauth2.Token, error) { return nil, errSource })
	client, err := ringsense.NewClient(ringsense.OAuth2(broken), inMemory(server)...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.RecordingInsights(t.Context(), callID)
	failed, ok := errors.AsType[*ringsense.Error](err)
	if !ok || failed.Op != "RecordingInsights" || failed.Attempts != 0 {
		t.Fatalf("got %+v, want an *Error of a call that was not sent", failed)
	}
	if login, ok := errors.AsType[*ringsense.Error](failed.Err); !ok || login.Op != "Token" {
		t.Errorf("got the cause %+v, want the login", login)
	}
	checkKinds(t, err, []error{ringsense.ErrUnavailable, errSource}, []error{ringsense.ErrUnauthorized})
	if strings.Contains(err.Error(), "hidden") {
		t.Error("the text of the source's error shows")
	}
	if got := len(server.Requests()); got != 0 {
		t.Errorf("got %d requests, want none", got)
	}
}
