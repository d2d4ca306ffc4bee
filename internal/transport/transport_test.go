package transport_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/auth"
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
	texts := []string{fmt.Sprint(err), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)}
	if e, ok := errors.AsType[*callinsights.Error](err); ok {
		texts = append(texts, fmt.Sprintf("%#v %+v", *e, *e), e.LogValue().String())
		for cause := e.Err; cause != nil; cause = errors.Unwrap(cause) {
			texts = append(texts, cause.Error())
		}
		text, _ := json.Marshal(e) //nolint:musttag // what a user's program may do
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Error("a text of the error holds a secret")
			}
		}
	}
}

func keyAuth(key string) auth.Authorizer {
	return auth.APIKey("X-Key", func(context.Context) (opaque.Secret, error) { return opaque.NewSecret(key), nil })
}

// wire is a service on real HTTP over pipes, which works in a bubble of
// synctest. serve is given each request, on the connection that it came over,
// and reports whether the connection stays open.
type wire struct {
	serve func(n int, req *http.Request, conn net.Conn) bool

	mu              sync.Mutex
	requests, conns int
	servers         sync.WaitGroup
	transport       *http.Transport
}

func newWire(t *testing.T, serve func(n int, req *http.Request, conn net.Conn) bool) *wire {
	t.Helper()
	w := &wire{serve: serve}
	w.transport = &http.Transport{DialContext: w.dial, MaxIdleConnsPerHost: 64, MaxResponseHeaderBytes: 64 << 10}
	t.Cleanup(func() {
		w.transport.CloseIdleConnections()
		w.servers.Wait()
	})
	return w
}

func (w *wire) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	w.mu.Lock()
	w.conns++
	w.mu.Unlock()
	w.servers.Go(func() {
		defer func() { _ = server.Close() }()
		in := bufio.NewReader(server)
		for {
			req, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			body, _ := io.ReadAll(req.Body)
			req.Body = io.NopCloser(bytes.NewReader(body))
			w.mu.Lock()
			w.requests++
			n := w.requests
			w.mu.Unlock()
			if !w.serve(n, req, server) {
				return
			}
		}
	})
	return client, nil
}

func (w *wire) counts() (requests, conns int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests, w.conns
}

// overWire sends to w. The base URL is one of loopback, where http is allowed.
func overWire(t *testing.T, w *wire, change ...func(*transport.Config)) *transport.Pipeline {
	t.Helper()
	at := func(cfg *transport.Config) { cfg.BaseURL = "http://localhost:8080" }
	return pipeline(t, w.transport, transport.Vendor{}, append([]func(*transport.Config){at}, change...)...)
}

func write(conn net.Conn, text string) { _, _ = io.WriteString(conn, text) }

func secret() string { return "sentinel-" + rand.Text() }
