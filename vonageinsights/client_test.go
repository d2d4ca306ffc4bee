package vonageinsights_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// respond answers each request with a status and a body.
func respond(status int, body string) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"X-Request-Id": {"req-77"}},
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
		}, nil
	}
}

func TestNewClientRefuses(t *testing.T) {
	t.Parallel()
	const key = "s3cret-key"
	option := func(o vonageinsights.Option) []vonageinsights.Option { return []vonageinsights.Option{o} }
	tests := map[string]struct {
		key    string
		region vonageinsights.Region
		opts   []vonageinsights.Option
		says   string
	}{
		"no key":                 {"", vonageinsights.EU, nil, "the API key is empty"},
		"a blank key":            {" \n", vonageinsights.EU, nil, "the API key is empty"},
		"a key with a newline":   {key + "\n" + key, vonageinsights.EU, nil, "control character"},
		"a key with a space":     {key + " " + key, vonageinsights.EU, nil, "holds a space"},
		"a key beyond ASCII":     {key + "é", vonageinsights.EU, nil, "beyond ASCII"},
		"a huge key":             {strings.Repeat(key, 1000), vonageinsights.EU, nil, "longer than 4 KiB"},
		"no region":              {key, "", nil, "the region is unknown; it is EU or US"},
		"an unknown region":      {key, "ap", nil, "the region is unknown; it is EU or US"},
		"a nil option":           {key, vonageinsights.EU, option(nil), "option 1 is nil"},
		"a nil key function":     {key, vonageinsights.EU, option(vonageinsights.WithAPIKeyFunc(nil)), "WithAPIKeyFunc"},
		"a base URL with a user": {key, vonageinsights.EU, option(vonageinsights.WithBaseURL("https://kim:hunter2@host.test")), "WithBaseURL: the base URL holds a user name or password"},
		"a base URL of no host":  {key, vonageinsights.EU, option(vonageinsights.WithBaseURL("https:///insights")), "WithBaseURL: the base URL has no host"},
		"a base URL of http":     {key, vonageinsights.EU, option(vonageinsights.WithBaseURL("http://host.test")), "must start with https://"},
		"a base URL with space":  {key, vonageinsights.EU, option(vonageinsights.WithBaseURL("https://host.test/a b")), "holds a space"},
		"no http.Client":         {key, vonageinsights.EU, option(vonageinsights.WithHTTPClient(nil)), "WithHTTPClient"},
		"no logger":              {key, vonageinsights.EU, option(vonageinsights.WithLogger(nil)), "WithLogger"},
		"no observer":            {key, vonageinsights.EU, option(vonageinsights.WithObserver(nil)), "WithObserver"},
		"a wrong policy":         {key, vonageinsights.EU, option(vonageinsights.WithRetry(vonageinsights.RetryPolicy{MaxAttempts: -1})), "WithRetry: MaxAttempts"},
		"an empty user agent":    {key, vonageinsights.EU, option(vonageinsights.WithUserAgent("")), "WithUserAgent"},
		"no timeout":             {key, vonageinsights.EU, option(vonageinsights.WithAttemptTimeout(0)), "WithAttemptTimeout"},
		"no bytes":               {key, vonageinsights.EU, option(vonageinsights.WithMaxResponseBytes(0)), "WithMaxResponseBytes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := vonageinsights.NewClient(test.key, test.region, test.opts...)
			if client != nil || !errors.Is(err, vonageinsights.ErrInvalidRequest) {
				t.Fatalf("got %v, %v; want an ErrInvalidRequest", client, err)
			}
			if text := err.Error(); !strings.HasPrefix(text, "vonageinsights: NewClient: ") || !strings.Contains(text, test.says) {
				t.Errorf("got the error %q, want one with %q", text, test.says)
			}
			for _, secret := range []string{key, "hunter2", "kim"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows %q", secret)
				}
			}
		})
	}
}

func TestRegionsAndHosts(t *testing.T) {
	t.Parallel()
	for region, host := range map[vonageinsights.Region]string{
		vonageinsights.EU: "studio-api-eu.ai.vonage.com",
		vonageinsights.US: "studio-api-us.ai.vonage.com",
		"US":              "studio-api-us.ai.vonage.com",
	} {
		var got *http.Request
		client, err := vonageinsights.NewClient(" a-key\n", region,
			vonageinsights.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				got = r
				return respond(http.StatusOK, `{"id":"s"}`)(r)
			})}),
			vonageinsights.WithUserAgent("my-app/1.0"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.FindSession(t.Context(), "s"); err != nil {
			t.Fatal(err)
		}
		if got.URL.String() != "https://"+host+"/insights/sessions/search/s" {
			t.Errorf("%s: the request went to %s", region, got.URL)
		}
		if key := got.Header["X-Vgai-Key"]; !slices.Equal(key, []string{"a-key"}) {
			t.Errorf("%s: got the key %q", region, key)
		}
		if agent := got.Header.Get("User-Agent"); !strings.HasPrefix(agent, "my-app/1.0 callinsights-go/") {
			t.Errorf("%s: got the user agent %q", region, agent)
		}
	}
}

func TestClientShowsNoKey(t *testing.T) {
	t.Parallel()
	const key = "s3cret-key-of-mine"
	client, err := vonageinsights.NewClient(key, vonageinsights.EU)
	if err != nil {
		t.Fatal(err)
	}
	wrapped := struct{ client *vonageinsights.Client }{client}
	var out bytes.Buffer
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		fmt.Fprintf(&out, format+"\n", client)
		fmt.Fprintf(&out, format+"\n", *client)
		fmt.Fprintf(&out, format+"\n", wrapped)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("client", slog.Any("client", client), slog.Any("wrapped", wrapped))
	if strings.Contains(out.String(), key) {
		t.Errorf("the key is in %s", out.String())
	}
	if !strings.Contains(out.String(), "vonageinsights client of https://studio-api-eu.ai.vonage.com\n") {
		t.Errorf("the base URL is not in %s", out.String())
	}
}

// start is when the session of newServer began.
var start = time.Date(2031, 5, 1, 9, 30, 15, 250125000, time.UTC)

const sessionID = "2f9c1f5e-1d2b-4c3a-9e8f-0123456789ab"

// newServer returns a fake with one session.
func newServer(t testing.TB) *vonageinsightstest.Server {
	t.Helper()
	server := vonageinsightstest.NewServer()
	if err := server.AddJSON(testdata(t, "session.json")); err != nil {
		t.Fatal(err)
	}
	return server
}

func TestAPIKeyFunc(t *testing.T) {
	t.Parallel()
	errVault := errors.New("the vault is closed")
	tests := map[string]struct {
		key  string
		err  error
		kind error
		says string
	}{
		"fails":         {"", errVault, errVault, "the function that gives the API key failed"},
		"cancelled":     {"", context.Canceled, context.Canceled, "canceled"},
		"empty":         {"", nil, vonageinsights.ErrUnauthorized, "the API key is empty"},
		"with a space":  {"a key", nil, vonageinsights.ErrUnauthorized, "holds a space"},
		"with controls": {"a\nkey", nil, vonageinsights.ErrUnauthorized, "control character"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			client := server.Client(vonageinsights.WithAPIKeyFunc(func(context.Context) (string, error) { return test.key, test.err }))
			_, err := client.FindSession(t.Context(), sessionID)
			if !errors.Is(err, test.kind) || errors.Is(err, vonageinsights.ErrInvalidRequest) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want a %v with %q", err, test.kind, test.says)
			}
			// A context that ends says nothing of the function.
			if unavailable := errors.Is(err, vonageinsights.ErrUnavailable); unavailable != errors.Is(test.err, errVault) {
				t.Errorf("%v is ErrUnavailable: %v", err, unavailable)
			}
			if test.key != "" && strings.Contains(err.Error(), test.key) {
				t.Errorf("the error shows the key: %v", err)
			}
			if sent := server.Requests(); len(sent) > 0 {
				t.Errorf("%d requests were sent", len(sent))
			}
		})
	}
	t.Run("alone", func(t *testing.T) {
		t.Parallel()
		client, err := vonageinsights.NewClient("", vonageinsights.US, vonageinsights.WithAPIKeyFunc(func(context.Context) (string, error) { return "k", nil }),
			vonageinsights.WithHTTPClient(&http.Client{Transport: respond(http.StatusOK, `{"id":"s"}`)}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.FindSession(t.Context(), "s"); err != nil {
			t.Error(err)
		}
	})
}

// TestRetries: what passes is repeated, for all calls, and Retry-After is kept.
func TestRetries(t *testing.T) {
	t.Parallel()
	calls := map[string]func(context.Context, *vonageinsights.Client) error{
		"Session": func(ctx context.Context, c *vonageinsights.Client) error {
			_, err := c.Session(ctx, sessionID, start)
			return err
		},
		"FindSession": func(ctx context.Context, c *vonageinsights.Client) error {
			_, err := c.FindSession(ctx, sessionID)
			return err
		},
		"DeleteSession": func(ctx context.Context, c *vonageinsights.Client) error {
			return c.DeleteSession(ctx, sessionID, start)
		},
		"Search": func(ctx context.Context, c *vonageinsights.Client) error {
			_, err := c.SearchPage(ctx, vonageinsights.Query{From: may, To: june})
			return err
		},
	}
	for op, call := range calls {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := newServer(t)
				server.Fail(vonageinsightstest.Fault{Op: op, Status: 503})
				server.Fail(vonageinsightstest.Fault{Op: op, Status: 429, Header: http.Header{"Retry-After": {"20"}}})
				began := time.Now()
				if err := call(t.Context(), server.Client()); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(began); waited < 20*time.Second {
					t.Errorf("waited %v, want what the service asked for", waited)
				}
				if sent := len(server.Requests()); sent != 3 {
					t.Errorf("%d requests, want 3", sent)
				}
			})
		})
	}
}

func TestObserverAndLogger(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	var log bytes.Buffer
	var seen []vonageinsights.Observation
	client := server.Client(
		vonageinsights.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		vonageinsights.WithObserver(func(_ context.Context, o vonageinsights.Observation) { seen = append(seen, o) }),
		vonageinsights.WithAttemptTimeout(time.Minute),
		vonageinsights.WithMaxResponseBytes(1<<20),
	)
	if _, err := client.Session(t.Context(), sessionID, start); err != nil {
		t.Fatal(err)
	}
	_ = client.DeleteSession(t.Context(), "", start)
	if len(seen) != 2 || seen[0].Op != "Session" || seen[0].StatusCode != http.StatusOK || seen[0].Err != nil || !errors.Is(seen[1].Err, vonageinsights.ErrInvalidRequest) {
		t.Errorf("observed %+v", seen)
	}
	for _, secret := range []string{vonageinsightstest.APIKey, "session_start_time", "Zoë"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(log.String(), "op=Session") {
		t.Errorf("the log lacks the call: %s", log.String())
	}
}

func TestTooLargeAnswer(t *testing.T) {
	t.Parallel()
	client := newServer(t).Client(vonageinsights.WithMaxResponseBytes(100))
	if _, err := client.FindSession(t.Context(), sessionID); !errors.Is(err, vonageinsights.ErrInvalidResponse) {
		t.Errorf("got %v, want ErrInvalidResponse", err)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := server.Client()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := client.Session(t.Context(), sessionID, start); err != nil {
				t.Error(err)
			}
			if _, err := client.Session(t.Context(), "nobody", start); !errors.Is(err, vonageinsights.ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
		})
	}
	wg.Wait()
}

func TestSessionsFromThePageAreIndependent(t *testing.T) {
	t.Parallel()
	page, err := onWire(t, respond(http.StatusOK, string(testdata(t, "page.json")))).SearchPage(t.Context(), vonageinsights.Query{From: may, To: june})
	if err != nil {
		t.Fatal(err)
	}
	if page.Total != 2 || page.PageSize != 10 || page.PageNumber != 0 || len(page.Sessions) != 2 {
		t.Fatalf("got %+v", page)
	}
	var doc struct {
		Hits []json.RawMessage `json:"hits"`
	}
	if err := json.Unmarshal(testdata(t, "page.json"), &doc); err != nil {
		t.Fatal(err)
	}
	for i, hit := range doc.Hits {
		if diff := cmp.Diff(string(hit), page.Sessions[i].RawJSON()); diff != "" {
			t.Errorf("RawJSON of hits[%d] (-want +got):\n%s", i, diff)
		}
	}
}
