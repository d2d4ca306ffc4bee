package ringsense_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

func fakeLogin() ringsense.Auth {
	return ringsense.JWT(ringsensetest.ClientID, ringsensetest.ClientSecret, ringsensetest.UserJWT)
}

// TestNewClientRefuses: what is wrong is named, credentials are not.
func TestNewClientRefuses(t *testing.T) {
	t.Parallel()
	good := fakeLogin()
	tests := []struct {
		name string
		auth ringsense.Auth
		opt  ringsense.Option
		want string
	}{
		{"no login", ringsense.Auth{}, nil, "JWT, JWTFromEnv or OAuth2"},
		{"no client id", ringsense.JWT("", "hidden", "hidden"), nil, "client id"},
		{"no client secret", ringsense.JWT("id", " \n", "hidden"), nil, "client secret"},
		{"no assertion", ringsense.JWT("id", "hidden", ""), nil, "JWT"},
		{"assertion of two lines", ringsense.JWT("id", "hidden", "hidden\nagain"), nil, "JWT"},
		{"no token source", ringsense.OAuth2(nil), nil, "OAuth2: the token source is nil"},
		{"base URL without a host", good, ringsense.WithBaseURL("https://"), "WithBaseURL"},
		{"base URL with user info", good, ringsense.WithBaseURL("https://u:hidden@platform.example.com"), "WithBaseURL"},
		{"base URL without TLS", good, ringsense.WithBaseURL("http://platform.example.com"), "WithBaseURL"},
		{"base URL with a query", good, ringsense.WithBaseURL("https://platform.example.com?k=hidden"), "WithBaseURL"},
		{"empty base URL", good, ringsense.WithBaseURL(""), "WithBaseURL"},
		{"nil HTTP client", good, ringsense.WithHTTPClient(nil), "WithHTTPClient"},
		{"nil logger", good, ringsense.WithLogger(nil), "WithLogger"},
		{"nil observer", good, ringsense.WithObserver(nil), "WithObserver"},
		{"negative attempts", good, ringsense.WithRetry(ringsense.RetryPolicy{MaxAttempts: -1}), "WithRetry"},
		{"empty user agent", good, ringsense.WithUserAgent(""), "WithUserAgent"},
		{"no attempt timeout", good, ringsense.WithAttemptTimeout(0), "WithAttemptTimeout"},
		{"no response bytes", good, ringsense.WithMaxResponseBytes(-1), "WithMaxResponseBytes"},
		{"empty account", good, ringsense.WithAccount(""), "WithAccount"},
		{"account with a slash", good, ringsense.WithAccount("1/../2"), "WithAccount"},
		{"escaped account", good, ringsense.WithAccount("%7E"), "WithAccount"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var opts []ringsense.Option
			if tt.opt != nil {
				opts = append(opts, tt.opt)
			}
			client, err := ringsense.NewClient(tt.auth, opts...)
			checkRefused(t, err, tt.want)
			if client != nil {
				t.Error("got a client beside the error")
			}
		})
	}
	t.Run("nil option", func(t *testing.T) {
		t.Parallel()
		_, err := ringsense.NewClient(good, ringsense.WithAccount("~"), nil)
		checkRefused(t, err, "option 2 is nil")
	})
}

func TestNewClientMakesNoCall(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	server.Client()
	if n := len(server.Requests()); n != 0 {
		t.Errorf("got %d requests", n)
	}
}

// TestClientShowsNoCredentials under any verb, in JSON and in logs.
func TestClientShowsNoCredentials(t *testing.T) {
	t.Parallel()
	auth := ringsense.JWT("hidden-id", "hidden-secret", "hidden-assertion")
	client, err := ringsense.NewClient(auth, ringsense.WithBaseURL(" https://platform.ringcentral.biz/ "))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	holder := struct {
		auth   ringsense.Auth
		client *ringsense.Client
	}{auth, client}
	for _, v := range []any{auth, &auth, client, holder, &holder} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewJSONHandler(&out, nil)).Info("value", slog.Any("v", v))
		if text, err := json.Marshal(v); err == nil {
			out.Write(text)
		}
	}
	if strings.Contains(out.String(), "hidden") {
		t.Errorf("a credential shows in %s", out.String())
	}
	if got, want := client.String(), "ringsense client of https://platform.ringcentral.biz"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := client.LogValue().String(), "[vendor=ringsense base_url=https://platform.ringcentral.biz]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestOptionsReachTheWire uses every option at once.
func TestOptionsReachTheWire(t *testing.T) {
	t.Parallel()
	fake := ringsensetest.NewServer()
	fake.Add(recording(t, "phone_call.json"))
	web := httptest.NewServer(http.StripPrefix("/base", fake))
	t.Cleanup(web.Close)

	var log bytes.Buffer
	var seen []ringsense.Observation
	client, err := ringsense.NewClient(fakeLogin(),
		ringsense.WithBaseURL(web.URL+"/base/"),
		ringsense.WithHTTPClient(web.Client()),
		ringsense.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		ringsense.WithObserver(func(_ context.Context, o ringsense.Observation) { seen = append(seen, o) }),
		ringsense.WithRetry(ringsense.RetryPolicy{MaxAttempts: 2, MinBackoff: time.Nanosecond, MaxBackoff: time.Nanosecond}),
		ringsense.WithUserAgent("shop/3.1"),
		ringsense.WithAttemptTimeout(time.Minute),
		ringsense.WithMaxResponseBytes(1<<20),
		ringsense.WithAccount(ringsensetest.AccountID),
	)
	if err != nil {
		t.Fatal(err)
	}
	fake.Fail(ringsensetest.Fault{Op: "RecordingInsights", Status: http.StatusBadGateway})
	if _, err := client.RecordingInsights(t.Context(), "3100000000017"); err != nil {
		t.Fatal(err)
	}
	requests := fake.Requests()
	last := requests[len(requests)-1]
	if want := "/ai/ringsense/v1/public/accounts/1000000001/domains/pbx/records/3100000000017/insights"; last.Path != want {
		t.Errorf("got path %q, want %q", last.Path, want)
	}
	for _, header := range []string{"User-Agent", "X-User-Agent"} {
		if got := last.Header.Get(header); !strings.HasPrefix(got, "shop/3.1 ") || !strings.Contains(got, "callinsights-go/") {
			t.Errorf("got %s %q", header, got)
		}
	}
	want := []ringsense.Observation{
		{Vendor: "ringsense", Op: "Token", Method: "POST", Path: "/base/restapi/oauth/token", Attempts: 1, StatusCode: 200, RequestID: "fake-request-1"},
		{Vendor: "ringsense", Op: "RecordingInsights", Method: "GET", Path: "/base" + last.Path, Attempts: 2, StatusCode: 200, RequestID: "fake-request-3"},
	}
	for i := range seen {
		seen[i].Start, seen[i].Duration = time.Time{}, 0
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
	lines := strings.Split(log.String(), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "op=Token ") || !strings.Contains(lines[1], "op=RecordingInsights ") {
		t.Errorf("got the log %q, want a line for the login and one for the call", lines)
	}
}

func TestResponseTooLarge(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	server.Add(recording(t, "phone_call.json"))
	client := server.Client(ringsense.WithMaxResponseBytes(1000))
	_, err := client.RecordingInsights(t.Context(), "3100000000017")
	if !errors.Is(err, ringsense.ErrInvalidResponse) {
		t.Errorf("got %v, want ErrInvalidResponse", err)
	}
}
