package fakekit_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callinsights/callinsights-go/internal/fakekit"
)

// slowly answers with "abcdef" in two pieces, and counts the answers it ended.
func slowly(kit *fakekit.Kit, ended *int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if w, ok := kit.Receive(w, r, "a", nil, nil); ok {
			_, err := io.WriteString(w, "abcd")
			if err == nil {
				_, err = io.WriteString(w, "ef")
			}
			if err == nil {
				*ended++
			}
		}
	})
}

// TestBrokenAnswers: in memory and over a connection the same.
func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault  fakekit.Fault
		body   string
		broken bool
	}{
		"cut in the first piece":  {fakekit.Fault{CutAfter: 1}, "a", true},
		"cut after the first":     {fakekit.Fault{CutAfter: 4}, "abcd", true},
		"cut in the second":       {fakekit.Fault{CutAfter: 5}, "abcde", true},
		"cut at the end":          {fakekit.Fault{CutAfter: 6}, "abcdef", true},
		"shorter than the cut":    {fakekit.Fault{CutAfter: 7}, "abcdef", false},
		"cut in the fault's body": {fakekit.Fault{Status: 200, Body: "123", CutAfter: 2}, "12", true},
		"a wait in the middle":    {fakekit.Fault{Delay: 1, DelayAfter: 3}, "abcdef", false},
		"a wait before the cut":   {fakekit.Fault{Delay: 1, DelayAfter: 3, CutAfter: 5}, "abcde", true},
		"a wait at the cut":       {fakekit.Fault{Delay: 1, DelayAfter: 5, CutAfter: 5}, "abcde", true},
		"a wait that never comes": {fakekit.Fault{Delay: time.Hour, DelayAfter: 7}, "abcdef", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(body string, err error) {
				t.Helper()
				if broken := errors.Is(err, io.ErrUnexpectedEOF); body != test.body || broken != test.broken || err != nil && !broken {
					t.Errorf("got %q and %v, want %q and broken off: %v", body, err, test.body, test.broken)
				}
			}
			var (
				kit   fakekit.Kit
				ended int
			)
			kit.Fail(test.fault, "a")
			_, _, body, err := get(t.Context(), t, slowly(&kit, &ended), "a")
			check(body, err)

			kit.Fail(test.fault, "a")
			server := httptest.NewServer(slowly(&kit, &ended))
			t.Cleanup(server.Close)
			resp, err := server.Client().Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			sent, err := io.ReadAll(resp.Body)
			check(string(sent), err)
		})
	}
	t.Run("before the answer", func(t *testing.T) {
		t.Parallel()
		var (
			kit   fakekit.Kit
			ended int
		)
		kit.Fail(fakekit.Fault{CutAfter: -1, Status: 500}, "a")
		if status, _, _, err := get(t.Context(), t, slowly(&kit, &ended), "a"); err == nil {
			t.Errorf("got %d, want no answer", status)
		}
	})
}

// TestStall: what comes before the wait is there at once, and a reader who goes
// away ends it.
func TestStall(t *testing.T) {
	t.Parallel()
	ends := map[string]struct {
		end   func(body io.ReadCloser, cancel func())
		want  time.Duration // until the handler has returned
		whole bool
	}{
		"read to the end": {func(body io.ReadCloser, _ func()) {
			rest, err := io.ReadAll(body)
			if string(rest) != "def" || err != nil {
				panic("got " + string(rest))
			}
		}, time.Hour, true},
		"closed":    {func(body io.ReadCloser, _ func()) { _ = body.Close() }, 0, false},
		"cancelled": {func(_ io.ReadCloser, cancel func()) { cancel() }, 0, false},
	}
	for name, test := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var (
					kit   fakekit.Kit
					ended int
					after time.Duration
				)
				kit.Fail(fakekit.Fault{Delay: time.Hour, DelayAfter: 3}, "a")
				start, inner := time.Now(), slowly(&kit, &ended)
				handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					inner.ServeHTTP(w, r)
					after = time.Since(start)
				})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://fake.test/a", http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := fakekit.Transport{Handler: handler}.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				first := make([]byte, 3)
				if _, err := io.ReadFull(resp.Body, first); err != nil || !strings.HasPrefix("abcdef", string(first)) || time.Since(start) > 0 {
					t.Errorf("got %q, %v after %v, want the first three bytes at once", first, err, time.Since(start))
				}
				test.end(resp.Body, cancel)
				synctest.Wait()
				if after != test.want || (ended == 1) != test.whole {
					t.Errorf("the handler returned after %v, having sent all %d times; want %v", after, ended, test.want)
				}
			})
		})
	}
}
