package transport_test

import (
	"bytes"
	stdcmp "cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/faultserver"
	"github.com/callinsights/callinsights-go/internal/retry"
	"github.com/callinsights/callinsights-go/internal/transport"
)

const fileURL = "https://files.test/calls/31.mp3"

func downloader(rt http.RoundTripper, change ...func(*transport.Config)) *transport.Downloader {
	cfg := transport.Config{HTTPClient: &http.Client{Transport: rt}}
	for _, f := range change {
		f(&cfg)
	}
	return transport.NewDownloader(cfg, transport.Vendor{Name: "vendor", Auth: keyAuth("abcdef"), RequestIDHeaders: []string{"X-Request-Id"}})
}

func file(url string) transport.File { return transport.File{Op: "Download", URL: url} }

func observed(seen *[]callinsights.Observation) func(*transport.Config) {
	return func(c *transport.Config) {
		c.Observer = func(_ context.Context, o callinsights.Observation) { *seen = append(*seen, o) }
	}
}

// What is sent is the URL and who asks: no credential, no cookie, no Referer.
func TestDownloadRequest(t *testing.T) {
	t.Parallel()
	jar, _ := cookiejar.New(nil)
	at, _ := url.Parse(fileURL)
	jar.SetCookies(at, []*http.Cookie{{Name: "session", Value: "1"}})
	m := &memory{reply: func(n int, _ *http.Request) (*http.Response, error) {
		if n == 1 {
			return replies(302, "", "Location", "https://other.test/31.mp3", "Set-Cookie", "a=b"), nil
		}
		return replies(200, "ID3 sound", "Content-Type", "audio/mpeg"), nil
	}}
	var seen []callinsights.Observation
	d := downloader(m, observed(&seen), func(c *transport.Config) { c.HTTPClient.Jar = jar })
	var got strings.Builder
	n, err := d.Download(t.Context(), file(fileURL+"?token=personal"), &got)
	if err != nil || n != 9 || got.String() != "ID3 sound" {
		t.Fatalf("%d bytes %q, %v", n, got.String(), err)
	}
	want := http.Header{
		"Accept": {"*/*"}, "Accept-Encoding": {"identity"},
		"User-Agent": {fmt.Sprintf("callinsights-go/devel (%s; %s)", runtime.Version(), runtime.GOOS)},
	}
	for i, host := range []string{"files.test", "other.test"} {
		if diff := cmp.Diff(want, m.got[i].Header); diff != "" {
			t.Errorf("header to %s (-want +got):\n%s", host, diff)
		}
		if m.got[i].URL.Host != host || m.got[i].Host != "" && m.got[i].Host != host {
			t.Errorf("request %d went to %s", i, m.got[i].URL.Host)
		}
	}
	if len(seen) != 1 || seen[0].Op != "Download" || seen[0].Method != http.MethodGet || seen[0].Path != "" || seen[0].StatusCode != http.StatusOK || seen[0].Attempts != 1 {
		t.Errorf("observed %+v", seen)
	}
	if text := fmt.Sprintf("%v %+v %#v", d, d, d); !strings.HasPrefix(text, "vendor pipeline") {
		t.Errorf("it prints as %s", text)
	}
}

func TestDownloadRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		url  string
		text string
	}{
		"empty":        {"", "is empty"},
		"in clear":     {"http://files.test/31.mp3?token=personal", "must start with https://"},
		"another":      {"ftp://files.test/personal", "does not start with https://"},
		"a path":       {"calls/personal.mp3", "does not start with https://"},
		"a user":       {"https://user:personal@files.test/31.mp3", "user name or password"},
		"no host":      {"https:///personal", "has no host"},
		"opaque":       {"https:personal", "has no host"},
		"a space":      {"https://files.test/31 .mp3?token=personal", "holds a space"},
		"a line break": {"https://files.test/31\n.mp3?token=personal", "holds a space or a control character"},
		"a port":       {"https://files.test:99999/personal", "the port of the URL"},
		"no URL":       {"https://%zz/personal", "is not a URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := always(200, "sound")
			n, err := downloader(m).Download(t.Context(), file(tt.url), io.Discard)
			if n != 0 || !errors.Is(err, callinsights.ErrInvalidRequest) || !strings.Contains(err.Error(), tt.text) || len(m.got) != 0 {
				t.Errorf("%d, %v; want an ErrInvalidRequest with %q and nothing sent", n, err, tt.text)
			}
			hidesSecrets(t, err, "personal")
		})
	}
	d := downloader(always(200, "sound"))
	if _, err := d.Download(t.Context(), file(fileURL), nil); !errors.Is(err, callinsights.ErrInvalidRequest) || !strings.Contains(err.Error(), "writer is nil") {
		t.Errorf("without a writer: %v", err)
	}
	if _, err := d.Download(nil, file(fileURL), io.Discard); !errors.Is(err, callinsights.ErrInvalidRequest) || !strings.Contains(err.Error(), "context is nil") { //nolint:staticcheck // that is the test
		t.Errorf("without a context: %v", err)
	}
}

// brokenOff is an answer whose body ends in err after text; the length is not known.
func brokenOff(text string, err error) *http.Response {
	r := replies(200, "")
	r.ContentLength = -1
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(text), iotest.ErrReader(err)))
	return r
}

func TestDownload(t *testing.T) {
	t.Parallel()
	chunked := func(text string) *http.Response { r := replies(200, text); r.ContentLength = -1; return r }
	short := replies(200, "sound")
	short.ContentLength = 9
	void := replies(200, "")
	void.ContentLength = 9
	// As transports of the user's may do it.
	named := brokenOff("sound", io.EOF)
	named.Header.Set("Content-Length", "9")
	around := brokenOff("sound", fmt.Errorf("upstream closed: %w", io.EOF))
	aroundNothing := brokenOff("", fmt.Errorf("upstream closed: %w", io.EOF))
	for name, tt := range map[string]struct {
		replies  []*http.Response // the last one for ever
		limit    int64
		row      retry.Row
		want     string
		is       error
		text     string
		attempts int
	}{
		"whole":                    {replies: []*http.Response{replies(200, "sound")}, want: "sound", attempts: 1},
		"of unknown length":        {replies: []*http.Response{chunked("sound")}, want: "sound", attempts: 1},
		"as large as allowed":      {replies: []*http.Response{replies(200, "sound", "Content-Length", "5")}, limit: 5, want: "sound", attempts: 1},
		"too large, as it says":    {replies: []*http.Response{replies(200, "sound", "Content-Length", "5")}, limit: 4, is: callinsights.ErrInvalidResponse, text: "larger than 4 bytes", attempts: 1},
		"too large, as it shows":   {replies: []*http.Response{chunked("sound")}, limit: 4, want: "soun", is: callinsights.ErrInvalidResponse, text: "larger than 4 bytes, after 4 bytes were written", attempts: 1},
		"breaks off at the limit":  {replies: []*http.Response{brokenOff("soun", io.ErrUnexpectedEOF)}, limit: 4, want: "soun", is: io.ErrUnexpectedEOF, text: "broke off", attempts: 1},
		"breaks off":               {replies: []*http.Response{brokenOff("sou", io.ErrUnexpectedEOF)}, want: "sou", is: io.ErrUnexpectedEOF, text: "broke off: unexpected EOF, after 3 bytes were written", attempts: 1},
		"shorter than it says":     {replies: []*http.Response{short}, want: "sound", is: io.ErrUnexpectedEOF, text: "after 5 bytes", attempts: 1},
		"breaks off at once":       {replies: []*http.Response{brokenOff("", io.ErrUnexpectedEOF), replies(200, "sound")}, want: "sound", attempts: 2},
		"nothing of what it says":  {replies: []*http.Response{void, replies(200, "sound")}, want: "sound", attempts: 2},
		"shorter, by its header":   {replies: []*http.Response{named}, want: "sound", is: io.ErrUnexpectedEOF, text: "broke off: unexpected EOF, after 5 bytes", attempts: 1},
		"ends with a failure":      {replies: []*http.Response{around}, want: "sound", is: callinsights.ErrInvalidResponse, text: "broke off", attempts: 1},
		"begins with a failure":    {replies: []*http.Response{aroundNothing, replies(200, "sound")}, want: "sound", attempts: 2},
		"503 once":                 {replies: []*http.Response{replies(503, "no"), replies(200, "sound")}, want: "sound", attempts: 2},
		"429 for ever":             {replies: []*http.Response{replies(429, "no")}, is: callinsights.ErrRateLimited, attempts: 4},
		"425 for ever":             {replies: []*http.Response{replies(425, "no")}, is: callinsights.ErrUnavailable, attempts: 4},
		"404":                      {replies: []*http.Response{replies(404, "no")}, is: callinsights.ErrNotFound, text: "GET: 404 Not Found: explained by files.test", attempts: 1},
		"404 of a late file":       {replies: []*http.Response{replies(404, "no"), replies(404, "no"), replies(200, "sound")}, row: retry.LateFile, want: "sound", attempts: 3},
		"401":                      {replies: []*http.Response{replies(401, "no")}, is: callinsights.ErrUnauthorized, attempts: 1},
		"empty":                    {replies: []*http.Response{replies(200, "")}, is: callinsights.ErrInvalidResponse, text: "empty", attempts: 1},
		"204":                      {replies: []*http.Response{replies(204, "")}, is: callinsights.ErrInvalidResponse, text: "not with the whole file", attempts: 1},
		"206":                      {replies: []*http.Response{replies(206, "so")}, is: callinsights.ErrInvalidResponse, text: "not with the whole file", attempts: 1},
		"a page":                   {replies: []*http.Response{replies(200, "Sign in", "Content-Type", " Text/HTML; charset=utf-8")}, is: callinsights.ErrInvalidResponse, text: "an HTML page instead of the file; perhaps a login", attempts: 1},
		"a page of no type":        {replies: []*http.Response{replies(200, "\n<!doctype html><p>Sign in")}, is: callinsights.ErrInvalidResponse, text: "an HTML page", attempts: 1},
		"gzip":                     {replies: []*http.Response{replies(200, "sound", "Content-Encoding", "gzip")}, is: callinsights.ErrInvalidResponse, text: "Content-Encoding", attempts: 1},
		"identity":                 {replies: []*http.Response{replies(200, "sound", "Content-Encoding", "identity")}, want: "sound", attempts: 1},
		"a length that is none":    {replies: []*http.Response{replies(200, "sound", "Content-Length", "many")}, want: "sound", attempts: 1},
		"a status that is no HTTP": {replies: []*http.Response{replies(999, "sound")}, is: callinsights.ErrInvalidResponse, text: "not a status", attempts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := &memory{reply: func(n int, _ *http.Request) (*http.Response, error) {
					next := *tt.replies[min(n, len(tt.replies))-1]
					return &next, nil
				}}
				var seen []callinsights.Observation
				f := file(fileURL + "?token=personal")
				f.MaxBytes, f.Row, f.PageHint = tt.limit, tt.row, "perhaps a login"
				f.Explain = func(e *callinsights.Error, host string) { e.Err = errors.New("explained by " + host) }
				var got strings.Builder
				n, err := downloader(m, observed(&seen)).Download(t.Context(), f, &got)
				if got.String() != tt.want || n != int64(len(tt.want)) {
					t.Errorf("%d bytes %q, want %q", n, got.String(), tt.want)
				}
				if !errors.Is(err, tt.is) || err != nil && !strings.Contains(err.Error(), tt.text) {
					t.Errorf("err = %v, want %v with %q", err, tt.is, tt.text)
				}
				if len(m.got) != tt.attempts || len(seen) != 1 || seen[0].Attempts != tt.attempts || !errors.Is(seen[0].Err, tt.is) {
					t.Errorf("%d requests, want %d; observed %+v", len(m.got), tt.attempts, seen)
				}
				hidesSecrets(t, err, "personal", "calls/31")
			})
		})
	}
}

func TestDownloadRedirects(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		from  string
		to    map[string]string // where a URL redirects to
		code  int
		went  int
		fails bool
	}{
		"to another host":       {from: "https://a.test/1", to: map[string]string{"https://a.test/1": "https://b.test/2"}, went: 2},
		"to a path":             {from: "https://a.test/1", to: map[string]string{"https://a.test/1": "/2"}, went: 2},
		"without a scheme":      {from: "https://a.test/1", to: map[string]string{"https://a.test/1": "//b.test/2"}, went: 2},
		"permanently":           {from: "https://a.test/1", to: map[string]string{"https://a.test/1": "https://b.test/2"}, code: 308, went: 2},
		"on loopback":           {from: "http://localhost:1/1", to: map[string]string{"http://localhost:1/1": "http://127.0.0.1:2/2"}, went: 2},
		"from loopback to TLS":  {from: "http://localhost:1/1", to: map[string]string{"http://localhost:1/1": "https://b.test/2"}, went: 2},
		"in clear":              {from: "https://a.test/1", to: map[string]string{"https://a.test/1": "http://a.test/1"}, went: 1, fails: true},
		"in clear, on loopback": {from: "https://a.test/1", to: map[string]string{"https://a.test/1": "http://localhost/1"}, went: 1, fails: true},
		"with a user":           {from: "https://a.test/1", to: map[string]string{"https://a.test/1": "https://u:p@a.test/1"}, went: 1, fails: true},
		"to another protocol":   {from: "https://a.test/1", to: map[string]string{"https://a.test/1": "file:///etc/passwd"}, went: 1, fails: true},
		"to nowhere":            {from: "https://a.test/1", to: map[string]string{"https://a.test/1": ""}, went: 1, fails: true},
		"to no URL":             {from: "https://a.test/1", to: map[string]string{"https://a.test/1": "https://%zz"}, went: 1, fails: true},
		"to lines":              {from: "https://a.test/1", to: map[string]string{"https://a.test/1": "/\r\nX: 1"}, went: 1, fails: true},
		"of another kind":       {from: "https://a.test/1", to: map[string]string{"https://a.test/1": "https://b.test/2"}, code: 305, went: 1, fails: true},
		"not modified":          {from: "https://a.test/1", to: map[string]string{"https://a.test/1": "https://b.test/2"}, code: 304, went: 1, fails: true},
		"in a circle":           {from: "https://a.test/1", to: map[string]string{"https://a.test/1": "/2", "https://a.test/2": "/1"}, went: 11, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &memory{reply: func(_ int, req *http.Request) (*http.Response, error) {
				location, found := tt.to[req.URL.String()]
				if !found {
					return replies(200, "sound"), nil
				}
				r := replies(stdcmp.Or(tt.code, 302), "", "Location", location)
				r.Body = nil
				return r, nil
			}}
			n, err := downloader(m).Download(t.Context(), file(tt.from), io.Discard)
			if len(m.got) != tt.went {
				t.Errorf("%d requests, want %d", len(m.got), tt.went)
			}
			if !tt.fails {
				if n != 5 || err != nil {
					t.Errorf("%d, %v", n, err)
				}
				return
			}
			if n != 0 || !errors.Is(err, callinsights.ErrInvalidResponse) || asError(t, err).StatusCode/100 != 3 || !strings.Contains(err.Error(), "not followed") {
				t.Errorf("%d, %v; want an ErrInvalidResponse with the status of the redirect", n, err)
			}
		})
	}
}

// writer takes so many bytes and then fails.
type writer struct {
	takes int
	err   error
}

func (w *writer) Write(p []byte) (int, error) {
	n := min(len(p), w.takes)
	w.takes -= n
	if n < len(p) {
		return n, w.err
	}
	return n, nil
}

// What the caller's writer does wrong is no fault of the service.
func TestDownloadToABadWriter(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left")
	for name, tt := range map[string]struct {
		to io.Writer
		n  int64
		is error
	}{
		"fails":              {&writer{3, full}, 3, full},
		"fails with a word":  {&writer{0, io.EOF}, 0, io.EOF},
		"takes less":         {&writer{2, nil}, 2, io.ErrShortWrite},
		"counts wrong":       {writes(func(p []byte) (int, error) { return len(p) + 9, full }), 5, full},
		"counts below zero":  {writes(func([]byte) (int, error) { return -1, full }), 0, full},
		"a pipe that closed": {closedPipe(), 0, io.ErrClosedPipe},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen []callinsights.Observation
			m := always(200, "sound")
			n, err := downloader(m, observed(&seen)).Download(t.Context(), file(fileURL), tt.to)
			if n != tt.n || err != tt.is { //nolint:errorlint // as it is
				t.Errorf("%d, %v; want %d and the writer's own error %v", n, err, tt.n, tt.is)
			}
			if len(m.got) != 1 || len(seen) != 1 || seen[0].Err != tt.is || seen[0].StatusCode != http.StatusOK { //nolint:errorlint // as it is
				t.Errorf("%d requests, observed %+v", len(m.got), seen)
			}
		})
	}
}

type writes func([]byte) (int, error)

func (f writes) Write(p []byte) (int, error) { return f(p) }

func closedPipe() io.Writer {
	r, w := io.Pipe()
	_ = r.Close()
	return w
}

// Real HTTP, in virtual time.
func TestDownloadTakesTime(t *testing.T) {
	t.Parallel()
	piece := func(i int) string { return fmt.Sprintln("piece", i) }
	for name, tt := range map[string]struct {
		serve  func(n int, conn io.Writer)
		pause  time.Duration // of the writer
		cancel time.Duration
		want   string
		is     error
		text   string
		took   time.Duration
	}{
		"a slow host": {
			serve: func(_ int, c io.Writer) {
				for i := range 3 {
					_, _ = io.WriteString(c, piece(i))
					time.Sleep(50 * time.Second)
				}
			}, want: piece(0) + piece(1) + piece(2), took: 150 * time.Second,
		},
		"a slow writer": {
			serve: func(_ int, c io.Writer) {
				for i := range 2 {
					_, _ = io.WriteString(c, piece(i))
					time.Sleep(time.Second)
				}
			}, pause: time.Hour, want: piece(0) + piece(1), took: 2 * time.Hour,
		},
		"a stall": {
			serve: func(_ int, c io.Writer) { _, _ = io.WriteString(c, piece(0)); time.Sleep(time.Hour) },
			want:  piece(0), is: callinsights.ErrUnavailable, text: "no progress within 1m0s, after 8 bytes", took: time.Minute,
		},
		"cancelled": {
			serve: func(_ int, c io.Writer) { _, _ = io.WriteString(c, piece(0)); time.Sleep(time.Hour) }, cancel: 9 * time.Second,
			want: piece(0), is: context.Canceled, text: "after 8 bytes", took: 9 * time.Second,
		},
		"a stall before it begins": {
			serve: func(n int, c io.Writer) {
				if n == 1 {
					time.Sleep(time.Hour)
				}
				_, _ = io.WriteString(c, piece(n))
			}, want: piece(2), took: 65 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.cancel > 0 {
					defer time.AfterFunc(tt.cancel, cancel).Stop()
				}
				w := newWire(t, handling(func(n int, c io.Writer) { tt.serve(n, c) }))
				f := file("http://localhost:8080/31.mp3")
				f.Row = retry.LateFile
				var got bytes.Buffer
				start := time.Now()
				_, err := downloader(w.transport).Download(ctx, f, writes(func(p []byte) (int, error) {
					time.Sleep(tt.pause)
					return got.Write(p)
				}))
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if got.String() != tt.want || !errors.Is(err, tt.is) || err != nil && !strings.Contains(err.Error(), tt.text) {
					t.Errorf("%q, %v; want %q and %v with %q", got.String(), err, tt.want, tt.is, tt.text)
				}
				time.Sleep(time.Hour) // of the server
			})
		})
	}
}

// The token, the URL and the path show nowhere, whatever repeats them.
func TestDownloadHidesTheURL(t *testing.T) {
	t.Parallel()
	token := secret() + "+/="
	whole := "https://files.test/calls/personal-31.mp3?a=1&token=" + url.QueryEscape(token) + "#" + secret()
	hidden := []string{token[:len(token)-3], "personal-31", whole}
	echo := []string{"X-Request-Id", token + " of " + whole + " " + url.QueryEscape(token), "Location", "https://elsewhere.test/?was=" + whole}
	for name, rt := range map[string]http.RoundTripper{
		"404":                 always(404, whole, echo...),
		"500":                 always(500, whole, echo...),
		"a redirect":          always(305, whole, echo...),
		"a page":              always(200, "<html>"+whole, echo...),
		"an error":            failing(&url.Error{Op: "Get", URL: whole, Err: errors.New("dialling " + whole)}),
		"an error of a token": failing(errors.New("refused " + token)),
		"a broken body": &memory{reply: func(int, *http.Request) (*http.Response, error) {
			return brokenOff("sound", fmt.Errorf("reading %s with %s", whole, token)), nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			var seen []callinsights.Observation
			d := downloader(rt, observed(&seen), func(c *transport.Config) {
				c.Retry.MaxAttempts = 1
				c.Logger = slog.New(slog.NewJSONHandler(&log, nil))
			})
			_, err := d.Download(t.Context(), file(whole), io.Discard)
			if err == nil || len(seen) != 1 || log.Len() == 0 {
				t.Fatalf("err = %v, observed %d times", err, len(seen))
			}
			hidesSecrets(t, err, hidden...)
			hidesSecrets(t, errors.New(log.String()+fmt.Sprintf("%+v", seen)), hidden...)
		})
	}
}

// TestDownloadHidesWhereItWasSent: what a redirect leads to may open the file as
// well, and it is the last host that failed.
func TestDownloadHidesWhereItWasSent(t *testing.T) {
	t.Parallel()
	const path, signature = "b0ca6e8d-personal", "5f0d1a-personal+/="
	target := "https://storage.test/bucket/" + path + "/31.mp3?sig=" + url.QueryEscape(signature)
	hidden := []string{path, "5f0d1a"}
	for name, tt := range map[string]struct {
		reply func(*http.Request) (*http.Response, error)
		text  string
	}{
		"an error of the request": {func(r *http.Request) (*http.Response, error) {
			return nil, errors.New("trace: GET " + r.URL.RequestURI())
		}, "trace"},
		"an error of the query": {func(r *http.Request) (*http.Response, error) {
			return nil, errors.New("trace: " + r.URL.RawQuery + " or " + r.URL.Query().Get("sig"))
		}, "trace"},
		"an error of the path": {func(r *http.Request) (*http.Response, error) {
			return nil, errors.New("trace: " + r.URL.Path)
		}, "trace"},
		"a refusal": {func(r *http.Request) (*http.Response, error) {
			return replies(403, "no "+r.URL.String(), "X-Request-Id", r.URL.Query().Get("sig")), nil
		}, "refused by storage.test"},
		"another redirect": {func(r *http.Request) (*http.Response, error) {
			return replies(302, "", "Location", "http://storage.test/?was="+r.URL.RawQuery, "X-Request-Id", r.URL.RawQuery), nil
		}, "not followed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &memory{reply: func(_ int, r *http.Request) (*http.Response, error) {
				if r.URL.Host == "files.test" {
					return replies(302, "", "Location", target), nil
				}
				return tt.reply(r)
			}}
			var log bytes.Buffer
			d := downloader(m, func(c *transport.Config) {
				c.Retry.MaxAttempts = 1
				c.Logger = slog.New(slog.NewJSONHandler(&log, nil))
			})
			f := file(fileURL + "?token=first-personal")
			f.Explain = func(e *callinsights.Error, host string) { e.Err = errors.New("refused by " + host) }
			_, err := d.Download(t.Context(), f, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.text) || log.Len() == 0 {
				t.Fatalf("err = %v, want %q", err, tt.text)
			}
			hidesSecrets(t, err, append(hidden, "first-personal")...)
			hidesSecrets(t, errors.New(log.String()), hidden...)
		})
	}
}

func TestBelow(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ base, path, want, text string }{
		"a host":            {base: "https://a.test", path: "x/y.mp3", want: "https://a.test/x/y.mp3"},
		"a path":            {base: "https://a.test/files/", path: "x/y.mp3", want: "https://a.test/files/x/y.mp3"},
		"slashes":           {base: "https://a.test/files", path: "//x/y.mp3", text: "not a path"},
		"a leading slash":   {base: "https://a.test/files", path: "/x/y.mp3", want: "https://a.test/files/x/y.mp3"},
		"a query":           {base: "https://a.test", path: "x.mp3?token=1", want: "https://a.test/x.mp3?token=1"},
		"odd characters":    {base: "https://a.test/%2Ff", path: "a b/\u00e9.mp3", want: "https://a.test/%2Ff/a%20b/%C3%A9.mp3"},
		"escaped":           {base: "https://a.test", path: "a%2Fb.mp3", want: "https://a.test/a%2Fb.mp3"},
		"a URL":             {base: "https://a.test", path: "https://b.test/x", text: "not a path"},
		"another scheme":    {base: "https://a.test", path: "javascript:x", text: "not a path"},
		"nothing":           {base: "https://a.test", path: "?token=1", text: "not a path"},
		"climbing":          {base: "https://a.test/files", path: "x/../../y", text: "dot segment"},
		"climbing, escaped": {base: "https://a.test/files", path: "x/%2e%2e/y", text: "dot segment"},
		"a control":         {base: "https://a.test", path: "x\ny", text: "not a path"},
		"no base":           {base: "", path: "x", text: "the base URL is empty"},
		"base in clear":     {base: "http://a.test", path: "x", text: "https://"},
		"base with a query": {base: "https://a.test?x=1", path: "x", text: "the base URL holds a query"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := transport.Below(tt.base, tt.path)
			if got != tt.want || (err == nil) != (tt.text == "") || err != nil && !strings.Contains(err.Error(), tt.text) {
				t.Errorf("%q, %v; want %q or %q", got, err, tt.want, tt.text)
			}
		})
	}
}

// handling serves a body of chunks, one for each write.
func handling(serve func(n int, body io.Writer)) faultserver.Handler {
	return func(x *faultserver.Exchange) bool {
		x.Write(streamHead)
		serve(x.N, writes(func(p []byte) (int, error) { chunk(x, string(p)); return len(p), nil }))
		x.Write("0\r\n\r\n")
		return false
	}
}
