package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/webhook"
)

// note is the event of the service that these tests receive.
type note struct {
	ID  string `json:"id"`
	raw string
}

const (
	timeout = 10 * time.Second
	secret  = "open-sesame"
)

// trace is what happened, in its order.
type trace struct {
	mu    sync.Mutex
	steps []string
}

func (tr *trace) add(step string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.steps = append(tr.steps, step)
}

// take returns the steps and forgets them.
func (tr *trace) take() []string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	steps := tr.steps
	tr.steps = nil
	return steps
}

func (tr *trace) count(step string) int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	n := 0
	for _, s := range tr.steps {
		if s == step {
			n++
		}
	}
	return n
}

var errBroken = errors.New("the note is broken")

// service has everything that a sender may: a secret in a header, a handshake, a
// signature, an echo.
func (tr *trace) service() webhook.Service[note] {
	return webhook.Service[note]{
		Name: "notes", Timeout: timeout, Once: []string{"X-Secret", "X-Sum"},
		Authorize: func(r *http.Request) error {
			tr.add("authorize")
			if r.Header.Get("X-Secret") != secret {
				return errors.New("the secret is wrong")
			}
			return nil
		},
		Handshake: func(answer http.Header, r *http.Request) int {
			tr.add("handshake")
			answer.Set("X-Echo", r.Header.Get("X-Echo"))
			return http.StatusOK
		},
		Verify: func(header http.Header, body []byte) error {
			tr.add("verify")
			if header.Get("X-Sum") != sum(body) {
				return errors.New("the sum does not match")
			}
			return nil
		},
		Prepare: func(answer http.Header, r *http.Request) {
			tr.add("prepare")
			answer.Set("X-Echo", r.Header.Get("X-Echo"))
		},
		Parse: func(body []byte) (*note, error) {
			tr.add("parse")
			n := &note{raw: string(body)}
			if json.Unmarshal(body, n) != nil || n.ID == "" {
				return nil, errBroken
			}
			return n, nil
		},
		Key:     func(n *note) string { return "notes:" + n.ID },
		Payload: func(n *note) string { return n.raw },
	}
}

func sum(body []byte) string { return strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 16) }

// spy is a delivery log that traces what is asked of it, and does what the test
// sets instead of what its log does.
type spy struct {
	callinsights.DeliveryLog

	trace   *trace
	begin   func(ctx context.Context, lease time.Duration) (callinsights.Claim, error)
	commit  func(ctx context.Context) error
	release func(ctx context.Context) error
}

func (s *spy) Begin(ctx context.Context, key string, lease time.Duration) (callinsights.Claim, error) {
	s.trace.add("begin " + key)
	if s.begin != nil {
		return s.begin(ctx, lease)
	}
	return s.DeliveryLog.Begin(ctx, key, lease)
}

func (s *spy) Commit(ctx context.Context, key, token string) error {
	s.trace.add("commit")
	if s.commit != nil {
		return s.commit(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err // as a database says
	}
	return s.DeliveryLog.Commit(ctx, key, token)
}

func (s *spy) Release(ctx context.Context, key, token string) error {
	s.trace.add("release")
	if s.release != nil {
		return s.release(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.DeliveryLog.Release(ctx, key, token)
}

// rig is a receiver with all that it is made of in reach.
type rig struct {
	*webhook.Receiver[note]

	trace *trace
	log   *spy
	lines *lines
}

// setup is what a test changes before the receiver is made.
type setup struct {
	webhook.Config

	service webhook.Service[note]
	log     *spy
}

// newRig makes a receiver whose function is handle, or one that returns nil.
func newRig(t *testing.T, handle func(context.Context, *note) error, changes ...func(*setup)) *rig {
	t.Helper()
	tr, out := &trace{}, &lines{}
	s := &setup{service: tr.service(), log: &spy{DeliveryLog: callinsights.NewMemoryDeliveryLog(0, 0), trace: tr}}
	s.Log, s.Logger = s.log, slog.New(slog.NewJSONHandler(out, nil))
	for _, change := range changes {
		change(s)
	}
	receiver, err := webhook.New(s.Config, s.service, func(ctx context.Context, n *note) error {
		tr.add("call " + n.ID)
		if handle == nil {
			return nil
		}
		return handle(ctx, n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return &rig{Receiver: receiver, trace: tr, log: s.log, lines: out}
}

// send serves a request with that body, good unless it is changed.
func (r *rig) send(body string, changes ...func(*http.Request)) *httptest.ResponseRecorder {
	req := request(body)
	for _, change := range changes {
		change(req)
	}
	req.Body = &tracedBody{req.Body, r.trace, sync.Once{}}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

func request(body string) *http.Request {
	req := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader(body))
	req.Header.Set("X-Secret", secret)
	req.Header.Set("X-Sum", sum([]byte(body)))
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	return req
}

// noteOf is the body of the note with that id.
func noteOf(id string) string { return `{"id":"` + id + `"}` }

// tracedBody says when it is read.
type tracedBody struct {
	io.ReadCloser

	trace *trace
	once  sync.Once
}

func (b *tracedBody) Read(p []byte) (int, error) {
	b.once.Do(func() { b.trace.add("read") })
	return b.ReadCloser.Read(p)
}

// lines is what a logger wrote.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// outcomes are those of the lines, in their order.
func (l *lines) outcomes(t *testing.T) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(l.String()) {
		var record struct {
			Outcome string `json:"outcome"`
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		all = append(all, record.Outcome)
	}
	return all
}
