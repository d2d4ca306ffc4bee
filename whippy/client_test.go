package whippy_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/fakekit"
	"github.com/callinsights/callinsights-go/whippy"
)

// host serves files on whatever host is asked.
func host(handle http.HandlerFunc) whippy.Option {
	return whippy.WithHTTPClient(&http.Client{Transport: fakekit.Transport{Handler: handle}, Jar: panicJar{}})
}

// panicJar is the cookie jar of the program, which a download does not touch.
type panicJar struct{ http.CookieJar }

func newClient(t *testing.T, opts ...whippy.Option) *whippy.Client {
	t.Helper()
	client, err := whippy.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

const fileURL = "https://files.test/calls/1/recording.wav?signature=hidden"

func TestDownload(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		url    string
		serve  http.HandlerFunc
		want   string
		kind   error
		says   string
		served int
	}{
		"a file": {
			fileURL, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "RIFF") }, "RIFF", nil, "", 1,
		},
		"a file elsewhere": {
			fileURL, func(w http.ResponseWriter, r *http.Request) {
				if r.Host == "files.test" {
					http.Redirect(w, r, "https://storage.test/x?signature=hidden", http.StatusFound)
					return
				}
				_, _ = io.WriteString(w, "RIFF")
			}, "RIFF", nil, "", 2,
		},
		"not ready at once": {
			fileURL, unavailableOnce(), "RIFF", nil, "", 2,
		},
		"too large": {
			fileURL, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 100)) },
			strings.Repeat("x", 64), whippy.ErrInvalidResponse, "larger than 64 bytes", 1,
		},
		"a page": {
			fileURL, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>hidden") },
			"", whippy.ErrInvalidResponse, "the link may be too old, and the page a login", 1,
		},
		"expired": {
			fileURL, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "hidden", http.StatusForbidden) },
			"", whippy.ErrForbidden, "the link may be too old, or the file may be deleted", 1,
		},
		"gone": {
			fileURL, func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) },
			"", whippy.ErrNotFound, "the link may be too old, or the file may be deleted", 1,
		},
		"no URL":       {"", nil, "", whippy.ErrInvalidRequest, "the URL of the file is empty", 0},
		"in clear":     {"http://files.test/hidden", nil, "", whippy.ErrInvalidRequest, "must start with https://", 0},
		"of this disk": {"file:///etc/hidden", nil, "", whippy.ErrInvalidRequest, "does not start with https://", 0},
		"with a user":  {"https://hidden:hidden@files.test/", nil, "", whippy.ErrInvalidRequest, "holds a user name or password", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				served := 0
				client := newClient(t, whippy.WithMaxAttachmentBytes(64), host(func(w http.ResponseWriter, r *http.Request) {
					served++
					for _, name := range []string{"Authorization", "Cookie", "Referer", "X-Whippy-Key"} {
						if r.Header.Get(name) != "" {
							t.Errorf("%s went to %s", name, r.Host)
						}
					}
					test.serve(w, r)
				}))
				var got bytes.Buffer
				n, err := client.Download(t.Context(), whippy.Attachment{URL: test.url}, &got)
				if diff := cmp.Diff(test.want, got.String()); diff != "" || n != int64(got.Len()) || served != test.served {
					t.Errorf("%d bytes after %d requests, want %d; file (-want +got):\n%s", n, served, test.served, diff)
				}
				if test.kind == nil {
					if err != nil {
						t.Error(err)
					}
					return
				}
				failed, ok := errors.AsType[*whippy.Error](err)
				if !ok || !errors.Is(err, test.kind) || failed.Vendor != "whippy" || failed.Op != "Download" || failed.Path != "" {
					t.Fatalf("got %#v; want an *Error of Download that is %v", err, test.kind)
				}
				if text := err.Error(); !strings.Contains(text, test.says) || strings.Contains(text, "hidden") || strings.Contains(text, "recording.wav") {
					t.Errorf("got %q; want %q and nothing of the URL", text, test.says)
				}
			})
		})
	}
}

func unavailableOnce() http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "RIFF")
	}
}

type fullError struct{ error }

func (d fullError) Write([]byte) (int, error) { return 0, d.error }

func TestDownloadToFullDisk(t *testing.T) {
	t.Parallel()
	errFull := errors.New("no space left")
	client := newClient(t, host(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "RIFF") }))
	if n, err := client.Download(t.Context(), whippy.Attachment{URL: fileURL}, fullError{errFull}); n != 0 || err != errFull { //nolint:errorlint // as it is
		t.Errorf("got %d, %v", n, err)
	}
}

// Each option does what it says, and nothing that is logged holds the URL.
func TestClientOptions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var seen []whippy.Observation
		var agent string
		tries := 0
		var mu sync.Mutex
		client := newClient(t,
			whippy.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
			whippy.WithObserver(func(_ context.Context, o whippy.Observation) { seen = append(seen, o) }),
			whippy.WithRetry(whippy.RetryPolicy{MaxAttempts: 2, MinBackoff: 1, MaxBackoff: 1}),
			whippy.WithUserAgent("my-app/1.0"), whippy.WithAttemptTimeout(time.Second),
			host(func(_ http.ResponseWriter, r *http.Request) {
				mu.Lock()
				tries++
				agent = r.UserAgent()
				mu.Unlock()
				<-r.Context().Done()
			}))
		began := time.Now()
		_, err := client.Download(t.Context(), whippy.Attachment{URL: fileURL}, io.Discard)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if took := time.Since(began).Round(time.Millisecond); !errors.Is(err, whippy.ErrUnavailable) || tries != 2 || took != 2*time.Second {
			t.Errorf("got %v after %v and %d tries; want ErrUnavailable after 2s and 2", err, took, tries)
		}
		if !strings.HasPrefix(agent, "my-app/1.0 ") || len(seen) != 1 || seen[0].Op != "Download" {
			t.Errorf("agent %q, observed %+v", agent, seen)
		}
		if text := log.String(); strings.Count(text, "\n") != 1 || strings.Contains(text, "hidden") || strings.Contains(text, "recording.wav") {
			t.Errorf("logged: %s", text)
		}
		if got := client.String(); got != "whippy client" {
			t.Errorf("printed as %q", got)
		}
	})
}

func TestNewClientRefuses(t *testing.T) {
	t.Parallel()
	for want, opt := range map[string]whippy.Option{
		"option 1 is nil":         nil,
		"WithHTTPClient: ":        whippy.WithHTTPClient(nil),
		"WithLogger: ":            whippy.WithLogger(nil),
		"WithObserver: ":          whippy.WithObserver(nil),
		"WithRetry: ":             whippy.WithRetry(whippy.RetryPolicy{MaxAttempts: -1}),
		"WithUserAgent: ":         whippy.WithUserAgent(" "),
		"WithAttemptTimeout: ":    whippy.WithAttemptTimeout(0),
		"WithMaxAttachmentBytes:": whippy.WithMaxAttachmentBytes(0),
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			client, err := whippy.NewClient(opt)
			if client != nil || !errors.Is(err, whippy.ErrInvalidRequest) || !strings.HasPrefix(err.Error(), "whippy: NewClient: "+want) {
				t.Errorf("got %v, %v", client, err)
			}
		})
	}
}
