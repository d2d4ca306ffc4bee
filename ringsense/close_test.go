package ringsense_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// TestClose revokes the token that the client made, once, as the app.
func TestClose(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := server.Client()
	if err := client.Close(t.Context()); err != nil || len(server.Requests()) != 0 {
		t.Errorf("got %v after %d requests, want nothing to do before a login", err, len(server.Requests()))
	}
	for range 2 { // the second time with another login
		if _, err := client.RecordingInsights(t.Context(), callID); err != nil {
			t.Fatal(err)
		}
		for range 2 { // of which the second has nothing to do
			if err := client.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	var ops []string
	for _, r := range server.Requests() {
		ops = append(ops, r.Op)
		if r.Op != "Close" {
			continue
		}
		if r.Method != http.MethodPost || r.Path != "/restapi/oauth/revoke" || string(r.Body) != "token=REMOVED" ||
			r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.Header.Get("Authorization") == "" {
			t.Errorf("got %s %s with %s", r.Method, r.Path, r.Body)
		}
	}
	if got, want := strings.Join(ops, " "), "Token RecordingInsights Close Token RecordingInsights Close"; got != want {
		t.Errorf("got the requests %s, want %s", got, want)
	}
}

// TestCloseEndsTheToken at the service: whoever still has it is refused.
func TestCloseEndsTheToken(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	var token string
	spy := roundTripper(func(req *http.Request) (*http.Response, error) {
		if bearer, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); ok {
			token = bearer
		}
		return inMemoryTransport(server).RoundTrip(req)
	})
	client := server.Client(ringsense.WithHTTPClient(&http.Client{Transport: spy}))
	if _, err := client.RecordingInsights(t.Context(), callID); err != nil {
		t.Fatal(err)
	}
	if err := client.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	late, err := ringsense.NewClient(ringsense.OAuth2(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})), inMemory(server)...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := late.RecordingInsights(t.Context(), callID); !errors.Is(err, ringsense.ErrUnauthorized) {
		t.Errorf("got %v, want ErrUnauthorized", err)
	}
}

// TestCloseFails: the error is returned, and the next Close tries again.
func TestCloseFails(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := server.Client()
	if _, err := client.RecordingInsights(t.Context(), callID); err != nil {
		t.Fatal(err)
	}
	server.Fail(ringsensetest.Fault{Op: "Close", Status: http.StatusServiceUnavailable, Body: "who is " + ringsensetest.ClientSecret})
	err := client.Close(t.Context())
	failed, ok := errors.AsType[*ringsense.Error](err)
	if !ok || !errors.Is(err, ringsense.ErrUnavailable) || failed.Op != "Close" || failed.Path != "/restapi/oauth/revoke" || failed.Attempts != 1 {
		t.Errorf("got %v, want ErrUnavailable after one attempt", err)
	}
	if strings.Contains(err.Error(), ringsensetest.ClientSecret) {
		t.Errorf("the text %q shows a credential", err)
	}
	if _, err := client.RecordingInsights(t.Context(), callID); err != nil {
		t.Errorf("got %v, want the login to live on", err)
	}
	if err := client.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if logins, closes := count(server, "Token"), count(server, "Close"); logins != 1 || closes != 2 {
		t.Errorf("got %d logins and %d revocations, want 1 and 2", logins, closes)
	}
}

// TestCloseOfOAuth2: the tokens of somebody else's source are not revoked.
func TestCloseOfOAuth2(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	source := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: server.IssueToken()})
	client, err := ringsense.NewClient(ringsense.OAuth2(source), inMemory(server)...)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := client.RecordingInsights(t.Context(), callID); err != nil {
			t.Fatal(err)
		}
		if err := client.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := count(server, "Close"); got != 0 {
		t.Errorf("got %d revocations, want none", got)
	}
}

// TestCloseWaitsForALogin that is under way, as its token would live on.
func TestCloseWaitsForALogin(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		patience time.Duration
		closes   int
		is       error
	}{
		"as long as it takes": {patience: time.Minute, closes: 1},
		"until ctx ends":      {patience: time.Second, is: context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := newServer(t)
				server.Fail(ringsensetest.Fault{Op: "Token", Delay: 5 * time.Second})
				client := server.Client()
				caller, leave := context.WithTimeout(t.Context(), time.Millisecond)
				defer leave()
				if _, err := client.RecordingInsights(caller, callID); !errors.Is(err, context.DeadlineExceeded) {
					t.Fatalf("got %v, want the caller gone", err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), tt.patience)
				defer cancel()
				err := client.Close(ctx)
				failed, isError := errors.AsType[*ringsense.Error](err)
				if !errors.Is(err, tt.is) || tt.is != nil && (!isError || failed.Op != "Close" || errors.Is(err, ringsense.ErrUnavailable)) {
					t.Errorf("got %v, want %v", err, tt.is)
				}
				time.Sleep(time.Minute)
				if got := count(server, "Close"); got != tt.closes {
					t.Errorf("got %d revocations, want %d", got, tt.closes)
				}
			})
		})
	}
}

// TestCloseOfAnExpiredToken has nothing to revoke.
func TestCloseOfAnExpiredToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t)
		client := server.Client()
		if _, err := client.RecordingInsights(t.Context(), callID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if err := client.Close(t.Context()); err != nil || count(server, "Close") != 0 {
			t.Errorf("got %v and %d revocations, want none", err, count(server, "Close"))
		}
	})
}

func TestCloseWithoutContext(t *testing.T) {
	t.Parallel()
	err := newServer(t).Client().Close(nil) //nolint:staticcheck // what a careless program does
	checkRefused(t, err, "the context is nil")
}
