package callinsights_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/faultserver"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/whippy"
)

// rig is both clients before a service in memory, with everything about them
// watched. Their credentials are made anew for each rig, so that a text that
// holds one has it from there.
type rig struct {
	server    *faultserver.Server
	transport *http.Transport
	ringsense *ringsense.Client
	vonage    *vonageinsights.Client
	whippy    *whippy.Client
	auth      ringsense.Auth
	base      string

	mu      sync.Mutex
	secrets []string
	seen    []callinsights.Observation
	log     bytes.Buffer

	// Of the innermost http.RoundTripper:
	sent  []string // paths
	open  atomic.Int64
	hosts map[string]bool
	// leaks are what went with a request for a file that is for the service alone.
	leaks []string
}

// sentinel is a credential that nothing else looks like. Its odd characters
// look different wherever something escapes them.
func (r *rig) sentinel() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := rand.Text()
	r.secrets = append(r.secrets, s)
	return s + "+/="
}

// newRig is to be called within the bubble of its test.
func newRig(t *testing.T, base string, options ...any) *rig {
	t.Helper()
	r := &rig{server: faultserver.New(nil), hosts: map[string]bool{}, base: base}
	r.server.Set(r.proper, faultserver.Network{})
	r.transport = r.server.Transport()
	client := &http.Client{Transport: r}
	logger := slog.New(both{
		slog.NewTextHandler(lockedWriter{r}, &slog.HandlerOptions{Level: slog.LevelDebug}),
		slog.NewJSONHandler(lockedWriter{r}, &slog.HandlerOptions{Level: slog.LevelDebug}),
	})
	rs := []ringsense.Option{
		ringsense.WithBaseURL(base), ringsense.WithHTTPClient(client), ringsense.WithLogger(logger), ringsense.WithObserver(r.observe),
	}
	vo := []vonageinsights.Option{
		vonageinsights.WithBaseURL(base), vonageinsights.WithHTTPClient(client), vonageinsights.WithLogger(logger), vonageinsights.WithObserver(r.observe),
	}
	wo := []whippy.Option{
		whippy.WithHTTPClient(client), whippy.WithLogger(logger), whippy.WithObserver(r.observe), whippy.WithMaxAttachmentBytes(4 << 20),
	}
	for _, option := range options {
		switch o := option.(type) {
		case callinsights.RetryPolicy:
			rs, vo, wo = append(rs, ringsense.WithRetry(o)), append(vo, vonageinsights.WithRetry(o)), append(wo, whippy.WithRetry(o))
		case maxBytes:
			rs, vo = append(rs, ringsense.WithMaxResponseBytes(int64(o))), append(vo, vonageinsights.WithMaxResponseBytes(int64(o)))
		case *faultserver.Authority:
			r.transport.TLSClientConfig = &tls.Config{RootCAs: o.Pool, MinVersion: tls.VersionTLS12}
			r.server.Set(r.proper, o.Network())
		}
	}
	r.auth = ringsense.JWT(r.sentinel(), r.sentinel(), r.sentinel())
	var err error
	if r.ringsense, err = ringsense.NewClient(r.auth, rs...); err != nil {
		t.Fatal(err)
	}
	if r.vonage, err = vonageinsights.NewClient(r.sentinel(), vonageinsights.EU, vo...); err != nil {
		t.Fatal(err)
	}
	if r.whippy, err = whippy.NewClient(wo...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		synctest.Wait() // a connection is idle a moment after its last body
		r.transport.CloseIdleConnections()
		r.server.Wait()
	})
	return r
}

type maxBytes int64

// proper answers every request as a service in order does.
func (r *rig) proper(x *faultserver.Exchange) bool {
	return x.Reply(http.StatusOK, r.fill(properAnswer(x.Request.Method, x.Request.URL.Path)))
}

// fill puts a new token where one belongs.
func (r *rig) fill(body string) string {
	if !strings.Contains(body, tokenPlace) {
		return body
	}
	return strings.ReplaceAll(body, tokenPlace, r.sentinel())
}

// befall makes the requests of an operation meet a fault from now on.
func (r *rig) befall(o operation, fault faultserver.Fault) {
	if !fault.Idle {
		r.transport.CloseIdleConnections()
	}
	play := fault.Handler(r.fill(o.good))
	r.server.Set(func(x *faultserver.Exchange) bool {
		if strings.HasSuffix(x.Request.URL.Path, o.path) {
			return play(x)
		}
		return r.proper(x)
	}, fault.Network)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent, r.seen = nil, nil
}

// RoundTrip is innermost, where a user's own transport would be.
func (r *rig) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.sent = append(r.sent, req.URL.Path)
	host := req.URL.Scheme + "://" + req.URL.Host
	r.hosts[host] = true
	elsewhere := host != r.base
	if elsewhere || strings.HasSuffix(req.URL.Path, soundPath) || strings.HasSuffix(req.URL.Path, attachmentPath) {
		for _, name := range []string{"X-Vgai-Key", "Authorization", "Cookie", "Referer"} {
			if req.Header.Get(name) != "" {
				r.leaks = append(r.leaks, name)
			}
		}
	}
	r.mu.Unlock()
	if elsewhere {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("ID3 from elsewhere"))}, nil
	}
	resp, err := r.transport.RoundTrip(req)
	if err == nil {
		r.open.Add(1)
		resp.Body = &watchedBody{ReadCloser: resp.Body, open: &r.open}
	}
	return resp, err
}

type watchedBody struct {
	io.ReadCloser

	open *atomic.Int64
	once sync.Once
}

func (b *watchedBody) Close() error {
	b.once.Do(func() { b.open.Add(-1) })
	return b.ReadCloser.Close()
}

func (r *rig) observe(_ context.Context, seen callinsights.Observation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, seen)
}

// sentTo counts the requests whose path ends so.
func (r *rig) sentTo(path string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, sent := range r.sent {
		if strings.HasSuffix(sent, path) {
			n++
		}
	}
	return n
}

// observed are the calls of an operation that have ended.
func (r *rig) observed(op string) []callinsights.Observation {
	r.mu.Lock()
	defer r.mu.Unlock()
	var seen []callinsights.Observation
	for _, o := range r.seen {
		if o.Op == op {
			seen = append(seen, o)
		}
	}
	return seen
}

type lockedWriter struct{ r *rig }

func (w lockedWriter) Write(p []byte) (int, error) {
	w.r.mu.Lock()
	defer w.r.mu.Unlock()
	return w.r.log.Write(p)
}

// both logs in two forms.
type both [2]slog.Handler

func (b both) Enabled(context.Context, slog.Level) bool { return true }

func (b both) Handle(ctx context.Context, record slog.Record) error {
	for _, h := range b {
		if err := h.Handle(ctx, record); err != nil {
			return err
		}
	}
	return nil
}

func (b both) WithAttrs(attrs []slog.Attr) slog.Handler {
	return both{b[0].WithAttrs(attrs), b[1].WithAttrs(attrs)}
}

func (b both) WithGroup(name string) slog.Handler {
	return both{b[0].WithGroup(name), b[1].WithGroup(name)}
}
