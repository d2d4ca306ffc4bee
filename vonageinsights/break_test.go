package vonageinsights_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/fakekit"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// breaking cuts the first answers off after so many bytes; a negative number
// leaves one whole.
type breaking struct {
	http.Handler
	cuts []int
	seen int
}

func (b *breaking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	cut := -1
	if b.seen < len(b.cuts) {
		cut = b.cuts[b.seen]
	}
	b.seen++
	if cut >= 0 {
		w = &cutWriter{w, cut}
	}
	b.Handler.ServeHTTP(w, r)
}

type cutWriter struct {
	http.ResponseWriter
	left int
}

func (c *cutWriter) Write(p []byte) (int, error) {
	if len(p) > c.left {
		_, _ = c.ResponseWriter.Write(p[:c.left])
		_ = http.NewResponseController(c.ResponseWriter).Flush() // in vain without a connection
		panic(http.ErrAbortHandler)
	}
	c.left -= len(p)
	return c.ResponseWriter.Write(p)
}

func through(t *testing.T, h http.Handler, opts ...vonageinsights.Option) *vonageinsights.Client {
	t.Helper()
	transport := vonageinsights.WithHTTPClient(&http.Client{Transport: fakekit.Transport{Handler: h}})
	client, err := vonageinsights.NewClient(vonageinsightstest.APIKey, vonageinsights.EU, append(opts, transport)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// TestSearchResumesOverTLS: a connection that is lost in the middle of a page is a
// break in HTTP/2 too, where it shows as another error.
func TestSearchResumesOverTLS(t *testing.T) {
	t.Parallel()
	for name, isHTTP2 := range map[string]bool{"HTTP/1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := filled(0, time.Hour, 2*time.Hour, 3*time.Hour)
			var requests atomic.Int32
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if isHTTP2 != (r.ProtoMajor == 2) {
					t.Errorf("a request over %s", r.Proto)
				}
				if requests.Add(1) == 1 {
					w = &cutWriter{w, 250}
				}
				fake.ServeHTTP(w, r)
			}))
			server.EnableHTTP2 = isHTTP2
			server.StartTLS()
			defer server.Close()
			client, err := vonageinsights.NewClient(vonageinsightstest.APIKey, vonageinsights.EU,
				vonageinsights.WithBaseURL(server.URL), vonageinsights.WithHTTPClient(server.Client()),
				vonageinsights.WithRetry(vonageinsights.RetryPolicy{MinBackoff: time.Millisecond, MaxBackoff: time.Millisecond}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"s000", "s001", "s002", "s003"}, ids(t, client, wholeMay)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := requests.Load(); n != 2 {
				t.Errorf("%d requests, want 2", n)
			}
		})
	}
}

// TestSearchResumes: a page that breaks off loses nothing and doubles nothing,
// wherever that happens and whether or not something new arrived.
func TestSearchResumes(t *testing.T) {
	t.Parallel()
	day := time.Date(2031, 5, 1, 0, 0, 0, 0, time.UTC)
	want := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	newFake := func() *vonageinsightstest.Server {
		server := vonageinsightstest.NewServer()
		for i, id := range want { // some share a millisecond
			server.Add(&vonageinsights.Session{ID: id, SessionStartTime: day.Add(time.Duration(i/3) * time.Hour)})
		}
		return server
	}
	query := vonageinsights.Query{From: day, To: day.Add(24 * time.Hour), PageSize: 5}
	search := func(t *testing.T, b *breaking, opts ...vonageinsights.Option) (got []string, last error) {
		t.Helper()
		for session, err := range through(t, b, opts...).Search(t.Context(), query) {
			if last = err; err == nil {
				got = append(got, session.ID)
			}
		}
		return got, last
	}
	t.Run("at every byte of the first page", func(t *testing.T) {
		t.Parallel()
		for cut := range 400 {
			synctest.Test(t, func(t *testing.T) {
				got, err := search(t, &breaking{Handler: newFake(), cuts: []int{cut}})
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("cut at %d: error %v, (-want +got):\n%s", cut, err, diff)
				}
			})
		}
	})
	t.Run("again and again, with something new each time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			got, err := search(t, &breaking{Handler: newFake(), cuts: []int{90, 300, 300, 300, 300, 300, 300, 300, 300}})
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("error %v, (-want +got):\n%s", err, diff)
			}
		})
	})
	t.Run("more often than it may without anything new", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server := filled(0, time.Hour, 2*time.Hour, 3*time.Hour, 4*time.Hour, 5*time.Hour, 6*time.Hour, 7*time.Hour)
			server.Fail(vonageinsightstest.Fault{Op: "Search", N: 7, CutAfter: 190}) // two of them
			if got := ids(t, server.Client(), wholeMay); len(got) != 8 || len(server.Requests()) != 8 {
				t.Errorf("got %v in %d requests, want 8 in 8", got, len(server.Requests()))
			}
		})
	})
	t.Run("what looks like the end of the answer", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			const a = `{"total":1,"hits":[{"id":"a","session_start_time":"2031-05-01T08:00:00"}`
			service := &pages{bodies: []string{a, a + "]}"}}
			if got := ids(t, onWire(t, service), wholeMay); len(got) != 1 || len(service.seen) != 2 {
				t.Errorf("got %v in %d requests, want one session in 2", got, len(service.seen))
			}
		})
	})
	t.Run("for ever, with nothing new", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := &breaking{Handler: newFake(), cuts: []int{90, 20, 20, 20, 20, 20, 20}}
			got, err := search(t, b)
			if !errors.Is(err, io.ErrUnexpectedEOF) || b.seen != 4 || len(got) != 1 {
				t.Errorf("got %v, error %v, %d requests; want one session, the break, 4 requests", got, err, b.seen)
			}
		})
	})
	t.Run("retries are off", func(t *testing.T) {
		t.Parallel()
		b := &breaking{Handler: newFake(), cuts: []int{20}}
		_, err := search(t, b, vonageinsights.WithRetry(vonageinsights.RetryPolicy{MaxAttempts: 1}))
		if !errors.Is(err, io.ErrUnexpectedEOF) || b.seen != 1 {
			t.Errorf("error %v, %d requests", err, b.seen)
		}
	})
	t.Run("the caller gives up in the wait", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := &breaking{Handler: newFake(), cuts: []int{20}}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			client := through(t, b, vonageinsights.WithRetry(vonageinsights.RetryPolicy{MinBackoff: time.Hour, MaxBackoff: time.Hour}))
			time.AfterFunc(time.Millisecond, cancel)
			var last error
			for _, err := range client.Search(ctx, query) {
				last = err
			}
			if last == nil || b.seen != 1 {
				t.Errorf("error %v, %d requests", last, b.seen)
			}
		})
	})
}
