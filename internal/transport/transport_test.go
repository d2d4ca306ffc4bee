package transport_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/faultserver"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// memory is a service in memory: an http.RoundTripper that notes what it gets.
type memory struct {
	mu    sync.Mutex
	reply func(n int, req *http.Request) (*http.Response, error)
	got   []*http.Request
}

func (m *memory) RoundTrip(req *http.Request) (*http.Response, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.got = append(m.got, req)
	return m.reply(len(m.got), req)
}

func replies(code int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return &http.Response{
		StatusCode: code, Header: h, ProtoMajor: 1, ProtoMinor: 1,
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
	}
}

// always answers every request in the same way.
func always(code int, body string, header ...string) *memory {
	return &memory{reply: func(int, *http.Request) (*http.Response, error) { return replies(code, body, header...), nil }}
}

func failing(err error) *memory {
	return &memory{reply: func(int, *http.Request) (*http.Response, error) { return nil, err }}
}

const base = "https://service.test/base"

// pipeline returns one that sends to rt.
func pipeline(t *testing.T, rt http.RoundTripper, v transport.Vendor, change ...func(*transport.Config)) *transport.Pipeline {
	t.Helper()
	cfg := transport.Config{BaseURL: base, HTTPClient: &http.Client{Transport: rt}}
	for _, f := range change {
		f(&cfg)
	}
	if v.Name == "" {
		v.Name = "vendor"
	}
	p, err := transport.New(cfg, v)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func get(segments ...string) transport.Request {
	return transport.Request{Op: "Thing", Path: segments}
}

// ignore takes any document.
func ignore([]byte) error { return nil }

func asError(t *testing.T, err error) *callinsights.Error {
	t.Helper()
	e, ok := errors.AsType[*callinsights.Error](err)
	if !ok {
		t.Fatalf("err = %v, want a *callinsights.Error", err)
	}
	return e
}

func hidesSecrets(t *testing.T, err error, secrets ...string) {
	t.Helper()
	if shows(err, secrets...) {
		t.Error("a text of the error holds a secret")
	}
}

// shows reports whether a text of an error, or of what it wraps, holds a secret.
func shows(err error, secrets ...string) bool {
	texts := append(causes(err), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err))
	if e, ok := errors.AsType[*callinsights.Error](err); ok {
		text, _ := json.Marshal(e) //nolint:musttag // what a user's program may do
		texts = append(texts, fmt.Sprintf("%#v %+v", *e, *e), e.LogValue().String(), string(text))
	}
	all := strings.Join(texts, "\n")
	return slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(all, secret) })
}

// causes are the texts of an error and of all that it wraps, one or several.
func causes(err error) []string {
	if err == nil {
		return nil
	}
	texts := []string{err.Error()}
	switch e := err.(type) { //nolint:errorlint // one layer at a time
	case interface{ Unwrap() error }:
		texts = append(texts, causes(e.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, cause := range e.Unwrap() {
			texts = append(texts, causes(cause)...)
		}
	}
	return texts
}

// silent is an error whose own text shows nothing of its causes.
type silent struct{ causes []error }

func (silent) Error() string { return "failed" }

func (silent) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "failed") }

func (s silent) Unwrap() []error { return s.causes }

// TestShows: a secret is found wherever it is, in either form of wrapping.
func TestShows(t *testing.T) {
	t.Parallel()
	plain, bad := errors.New("plain"), errors.New("a s3cr3t")
	for name, tt := range map[string]struct {
		err  error
		want bool
	}{
		"none":             {nil, false},
		"itself":           {bad, true},
		"good":             {&callinsights.Error{Err: silent{[]error{plain}}}, false},
		"of an Error":      {&callinsights.Error{Message: "a s3cr3t"}, true},
		"one of several":   {&callinsights.Error{Err: silent{[]error{plain, bad}}}, true},
		"below several":    {&callinsights.Error{Err: silent{[]error{plain, silent{[]error{bad}}}}}, true},
		"wrapped, several": {fmt.Errorf("outer: %w", silent{[]error{plain, bad}}), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := shows(tt.err, "another", "s3cr3t"); got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}

func keyAuth(key string) auth.Authorizer {
	return auth.APIKey("X-Key", func(context.Context) (opaque.Secret, error) { return opaque.NewSecret(key), nil })
}

// wire is a service on real HTTP in memory, which works in a bubble of synctest,
// and the transport that leads to it.
type wire struct {
	*faultserver.Server

	transport *http.Transport
}

func newWire(t *testing.T, serve faultserver.Handler) *wire {
	t.Helper()
	server := faultserver.New(serve)
	w := &wire{server, server.Transport()}
	t.Cleanup(func() {
		w.transport.CloseIdleConnections()
		w.Wait()
	})
	return w
}

// overWire sends to w. The base URL is one of loopback, where http is allowed.
func overWire(t *testing.T, w *wire, change ...func(*transport.Config)) *transport.Pipeline {
	t.Helper()
	at := func(cfg *transport.Config) { cfg.BaseURL = "http://localhost:8080" }
	return pipeline(t, w.transport, transport.Vendor{}, append([]func(*transport.Config){at}, change...)...)
}

func secret() string { return "sentinel-" + rand.Text() }
