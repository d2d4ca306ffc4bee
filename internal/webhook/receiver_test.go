package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/webhook"
)

// With these the trace of a request begins.
var (
	authorized = []string{"authorize"}
	read       = []string{"authorize", "read"}
	verified   = []string{"authorize", "read", "verify"}
	parsed     = []string{"authorize", "read", "verify", "prepare", "parse"}
	claimed    = []string{"authorize", "read", "verify", "prepare", "parse", "begin notes:1"}
	called     = []string{"authorize", "read", "verify", "prepare", "parse", "begin notes:1", "call 1"}
)

func then(steps []string, more ...string) []string {
	return append(append([]string(nil), steps...), more...)
}

func header(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Del(name)
		for _, v := range values {
			r.Header.Add(name, v)
		}
	}
}

// chunked hides the length of the body from the receiver.
func chunked(r *http.Request) { r.ContentLength = -1 }

// Each refusal comes before what follows in the order of work: the trace ends
// where the request does.
func TestOrderOfWork(t *testing.T) {
	t.Parallel()
	good := noteOf("1")
	long := `{"id":"1","text":"` + strings.Repeat("x", 100) + `"}`
	for name, test := range map[string]struct {
		body    string
		changes []func(*http.Request)
		status  int
		want    []string
		outcome string
	}{
		"good":                   {good, nil, 200, then(called, "commit"), "handled"},
		"good without length":    {good, []func(*http.Request){chunked}, 200, then(called, "commit"), "handled"},
		"vendor's media type":    {good, []func(*http.Request){header("Content-Type", "application/vnd.notes+json")}, 200, then(called, "commit"), "handled"},
		"identity":               {good, []func(*http.Request){header("Content-Encoding", "Identity", "")}, 200, then(called, "commit"), "handled"},
		"GET":                    {good, []func(*http.Request){func(r *http.Request) { r.Method = http.MethodGet }}, 405, nil, "refused"},
		"HEAD":                   {"", []func(*http.Request){func(r *http.Request) { r.Method = http.MethodHead }}, 405, nil, "refused"},
		"two secrets":            {good, []func(*http.Request){header("X-Secret", secret, secret)}, 400, nil, "refused"},
		"two signatures":         {good, []func(*http.Request){header("X-Sum", sum([]byte(good)), "0")}, 400, nil, "refused"},
		"gzip":                   {good, []func(*http.Request){header("Content-Encoding", "gzip")}, 415, nil, "refused"},
		"gzip behind identity":   {good, []func(*http.Request){header("Content-Encoding", "identity", "gzip")}, 415, nil, "refused"},
		"gzip behind nothing":    {good, []func(*http.Request){header("Content-Encoding", "", "gzip")}, 415, nil, "refused"},
		"gzip in a list":         {good, []func(*http.Request){header("Content-Encoding", "identity, gzip")}, 415, nil, "refused"},
		"no secret":              {good, []func(*http.Request){header("X-Secret")}, 401, authorized, "refused"},
		"wrong secret":           {good, []func(*http.Request){header("X-Secret", "guess")}, 401, authorized, "refused"},
		"too long":               {long, nil, 413, authorized, "refused"},
		"too long in chunks":     {long, []func(*http.Request){chunked}, 413, read, "unread"},
		"of the greatest length": {good + strings.Repeat(" ", 64-len(good)), nil, 200, then(called, "commit"), "handled"},
		"one byte more":          {good + strings.Repeat(" ", 65-len(good)), []func(*http.Request){chunked}, 413, read, "unread"},
		"truncated":              {good, []func(*http.Request){truncated}, 400, read, "unread"},
		"handshake":              {"", nil, 200, then(read, "handshake"), "handshake"},
		"handshake, wrong":       {"", []func(*http.Request){header("X-Secret", "guess")}, 401, authorized, "refused"},
		"no signature":           {good, []func(*http.Request){header("X-Sum")}, 401, verified, "refused"},
		"signature of another":   {good, []func(*http.Request){header("X-Sum", sum([]byte(noteOf("2"))))}, 401, verified, "refused"},
		"a form":                 {good, []func(*http.Request){header("Content-Type", "application/x-www-form-urlencoded")}, 415, verified, "refused"},
		"no media type":          {good, []func(*http.Request){header("Content-Type")}, 200, then(called, "commit"), "handled"},
		"an empty media type":    {good, []func(*http.Request){header("Content-Type", "")}, 415, verified, "refused"},
		"a broken media type":    {good, []func(*http.Request){header("Content-Type", "application/json; =")}, 415, verified, "refused"},
		"undecodable":            {`{"id":`, nil, 400, parsed, "undecodable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil, func(s *setup) { s.MaxBodyBytes = 64 })
			w := r.send(test.body, append(test.changes, header("X-Echo", "hello"))...)
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			if diff := cmp.Diff(test.want, r.trace.take()); diff != "" {
				t.Errorf("trace (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(wantHeader(test.status, test.want), w.Header()); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			if w.Body.Len() != 0 {
				t.Errorf("a body of %d bytes", w.Body.Len())
			}
			if diff := cmp.Diff([]string{test.outcome}, r.lines.outcomes(t)); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

// wantHeader is the whole header of an answer, which says nothing of why.
func wantHeader(status int, steps []string) http.Header {
	h := http.Header{}
	if status == http.StatusMethodNotAllowed {
		h["Allow"] = []string{"POST"}
	}
	for _, step := range steps {
		if step == "prepare" || step == "handshake" {
			h["X-Echo"] = []string{"hello"}
		}
	}
	return h
}

func truncated(r *http.Request) {
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"id`), iotest.ErrReader(io.ErrUnexpectedEOF)))
}

// A service that has none of what is optional still refuses what is no event.
func TestPlainService(t *testing.T) {
	t.Parallel()
	plain := func(s *setup) {
		s.service.Authorize, s.service.Handshake, s.service.Verify, s.service.Prepare = nil, nil, nil, nil
	}
	for name, test := range map[string]struct {
		body   string
		status int
		want   []string
	}{
		"event": {noteOf("1"), 200, []string{"read", "parse", "begin notes:1", "call 1", "commit"}},
		"empty": {"", 400, []string{"read", "parse"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil, plain)
			if w := r.send(test.body); w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			if diff := cmp.Diff(test.want, r.trace.take()); diff != "" {
				t.Errorf("trace (-want +got):\n%s", diff)
			}
		})
	}
}

// Requests made by hand, as in tests of users, may have no body at all.
func TestNilBody(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	req := request("")
	req.Body = nil
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	if w.Code != http.StatusOK || r.trace.count("handshake") != 1 {
		t.Errorf("status %d after %v, want a handshake", w.Code, r.trace.take())
	}
}

// What the body is read into grows with it, past what is believed of its length.
func TestLargeBody(t *testing.T) {
	t.Parallel()
	var got string
	r := newRig(t, nil, func(s *setup) {
		s.service.Payload = func(n *note) string { got = n.raw; return n.raw }
		s.DeadLetter = takes(nil)
		s.service.Verify = nil
		s.service.Parse = func(body []byte) (*note, error) { got = string(body); return &note{ID: "1"}, nil }
	})
	body := strings.Repeat("0123456789abcdef", 200<<10/16)
	for name, change := range map[string]func(*http.Request){"length": func(*http.Request) {}, "chunked": chunked} {
		if w := r.send(body, change); w.Code != http.StatusOK || got != body {
			t.Errorf("%s: status %d and %d bytes, want 200 and %d", name, w.Code, len(got), len(body))
		}
	}
}

// A sender who says that much is to come is not given as much room, as thousands of
// them may send no more.
func TestRoomForABodyThatDoesNotCome(t *testing.T) {
	t.Parallel()
	const most = 8 << 10
	var room int
	r := newRig(t, nil)
	w := r.send("", func(req *http.Request) {
		req.ContentLength = 1 << 20
		req.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
			room = max(room, len(p))
			return 0, io.ErrUnexpectedEOF
		}))
	})
	if w.Code != http.StatusBadRequest || room == 0 || room > most {
		t.Errorf("status %d and room for %d bytes, want 400 and at most %d", w.Code, room, most)
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// What a service's own functions do, or those of the program that they call,
// never breaks a connection.
func TestPanicBeforeTheFunction(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*setup){
		"authorize": func(s *setup) { s.service.Authorize = func(*http.Request) error { panic("private") } },
		"handshake": func(s *setup) { s.service.Handshake = func(http.Header, *http.Request) int { panic("private") } },
		"verify":    func(s *setup) { s.service.Verify = func(http.Header, []byte) error { panic("private") } },
		"prepare":   func(s *setup) { s.service.Prepare = func(http.Header, *http.Request) { panic("private") } },
		"parse":     func(s *setup) { s.service.Parse = func([]byte) (*note, error) { panic("private") } },
		"body":      func(s *setup) { s.service.Authorize = breakBody },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil, change)
			body := noteOf("1")
			if name == "handshake" {
				body = ""
			}
			if w := r.send(body); w.Code != http.StatusInternalServerError || w.Body.Len() != 0 {
				t.Errorf("status %d with a body of %d bytes, want 500 and none", w.Code, w.Body.Len())
			}
			if r.trace.count("call 1") != 0 {
				t.Error("the function was called")
			}
			if strings.Contains(r.lines.String(), "private") || !strings.Contains(r.lines.String(), "a value of the type string") {
				t.Errorf("logged: %s", r.lines)
			}
		})
	}
}

func breakBody(r *http.Request) error {
	r.Body = panicReader{}
	return nil
}

type panicReader struct{ io.ReadCloser }

func (panicReader) Read([]byte) (int, error) { panic("private") }

// One line for each request, without a word of the sender's.
func TestLogHoldsNothingPrivate(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, func(s *setup) { s.MaxBodyBytes = 1 << 10 })
	mark := func(req *http.Request) {
		req.URL.RawQuery = "token=private"
		req.Header.Set("X-Echo", "private")
		req.Header.Set("User-Agent", "private")
		req.RemoteAddr, req.Host = "private:1", "private"
	}
	body := `{"id":"1","text":"private"}`
	r.send(body, mark)
	r.send(body, mark)
	r.send(body, mark, header("X-Secret", "private"))
	r.send(body, mark, header("X-Sum", "private"))
	r.send(body, mark, header("Content-Type", "private/private"))
	r.send(body, mark, func(req *http.Request) { req.Method = "PRIVATE" })
	r.send("private", mark)
	r.send("private"+strings.Repeat("x", 1<<10), mark, chunked)
	r.send("", mark)
	want := []string{"handled", "duplicate", "refused", "refused", "refused", "refused", "undecodable", "unread", "handshake"}
	if diff := cmp.Diff(want, r.lines.outcomes(t)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	for line := range strings.Lines(strings.ToLower(r.lines.String())) {
		if strings.Contains(line, "private") || strings.Contains(line, secret) {
			t.Errorf("logged: %s", line)
		}
		if !strings.Contains(line, `"vendor":"notes"`) || !strings.Contains(line, `"duration":`) {
			t.Errorf("the line says too little: %s", line)
		}
	}
}

// What was acknowledged is an info, and what was not a warning.
func TestLogLevels(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body    string
		change  func(*http.Request)
		outcome string
		level   string
	}{
		"handled":     {noteOf("1"), chunked, "handled", "INFO"},
		"handshake":   {"", chunked, "handshake", "INFO"},
		"refused":     {noteOf("1"), header("X-Secret"), "refused", "WARN"},
		"undecodable": {"{", chunked, "undecodable", "WARN"},
		"failed":      {noteOf("bad"), chunked, "failed", "WARN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, func(_ context.Context, n *note) error {
				if n.ID == "bad" {
					return errFailed
				}
				return nil
			})
			r.send(test.body, test.change)
			var line struct {
				Level   string `json:"level"`
				Outcome string `json:"outcome"`
			}
			if err := json.Unmarshal([]byte(r.lines.String()), &line); err != nil {
				t.Fatal(err)
			}
			if line.Level != test.level || line.Outcome != test.outcome {
				t.Errorf("logged %+v, want %s at %s", line, test.outcome, test.level)
			}
		})
	}
}

// Of two refusals with one status, the log tells which it was.
func TestLogReasons(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*http.Request)
		status int
		reason string
	}{
		"two secrets": {header("X-Secret", secret, secret), 400, "the header X-Secret is there twice"},
		"gzip":        {header("Content-Encoding", "gzip"), 415, "the body is compressed"},
		"a form":      {header("Content-Type", "application/x-www-form-urlencoded"), 415, "the body is not JSON by its Content-Type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.send(noteOf("1"), test.change)
			var line struct {
				Status int    `json:"status"`
				Error  string `json:"error"`
			}
			if err := json.Unmarshal([]byte(r.lines.String()), &line); err != nil {
				t.Fatal(err)
			}
			if line.Status != test.status || line.Error != test.reason {
				t.Errorf("logged %+v, want %d and %q", line, test.status, test.reason)
			}
		})
	}
}

// Whatever arrives gets an answer of those that are documented, and the function
// is called only for what is a note with the right secret and sum.
func FuzzReceiver(f *testing.F) {
	for _, seed := range []struct{ method, secret, sum, encoding, kind, body string }{
		{"POST", secret, sum([]byte(noteOf("1"))), "", "application/json", noteOf("1")},
		{"POST", secret, "", "", "", ""},
		{"PUT", "guess", "0", "gzip", "text/plain", "{"},
	} {
		f.Add(seed.method, seed.secret, seed.sum, seed.encoding, seed.kind, []byte(seed.body))
	}
	answers := []int{200, 400, 401, 405, 413, 415}
	f.Fuzz(func(t *testing.T, method, given, mac, encoding, kind string, body []byte) {
		r := newRig(t, nil, func(s *setup) { s.MaxBodyBytes = 128 })
		req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		req.Method = method
		for name, value := range map[string]string{"X-Secret": given, "X-Sum": mac, "Content-Encoding": encoding, "Content-Type": kind} {
			req.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if !slices.Contains(answers, w.Code) || w.Body.Len() != 0 {
			t.Errorf("status %d with a body of %d bytes", w.Code, w.Body.Len())
		}
		_, err := (&trace{}).service().Parse(body)
		good := method == http.MethodPost && given == secret && mac == sum(body) && err == nil && len(body) <= 128
		ran := slices.ContainsFunc(r.trace.take(), func(step string) bool { return strings.HasPrefix(step, "call") })
		if ran && !good || ran != (w.Code == http.StatusOK && len(body) > 0) {
			t.Errorf("ran %t, good %t, status %d", ran, good, w.Code)
		}
	})
}

var _ http.Handler = (*webhook.Receiver[note])(nil)
