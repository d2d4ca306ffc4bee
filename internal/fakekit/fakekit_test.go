package fakekit_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/fakekit"
)

// fake answers "ok" to every operation, which is the path without its slash.
func fake(kit *fakekit.Kit) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op := strings.TrimPrefix(r.URL.Path, "/")
		if w, ok := kit.Receive(w, r, op, []string{"Authorization"}, []string{"secret"}); ok {
			body, _ := io.ReadAll(r.Body)
			_, _ = w.Write(append([]byte("ok"), body...))
		}
	})
}

func get(ctx context.Context, t *testing.T, h http.Handler, op string) (int, http.Header, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://fake.test/"+op, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := fakekit.Transport{Handler: h}.RoundTrip(r)
	if err != nil {
		return 0, nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(body), err
}

func TestFaults(t *testing.T) {
	t.Parallel()
	busy := http.Header{"retry-after": {"7"}}
	tests := map[string]struct {
		faults []fakekit.Fault
		ops    []string
		want   []int
	}{
		"one request by default":     {[]fakekit.Fault{{Status: 503}}, []string{"a", "a"}, []int{503, 200}},
		"the next two":               {[]fakekit.Fault{{N: 2, Status: 503}}, []string{"a", "b", "a"}, []int{503, 503, 200}},
		"every one":                  {[]fakekit.Fault{{N: -1, Status: 500}}, []string{"a", "b", "c"}, []int{500, 500, 500}},
		"of one operation":           {[]fakekit.Fault{{Op: "b", Status: 429, Header: busy}}, []string{"a", "b", "b"}, []int{200, 429, 200}},
		"the lowest and the highest": {[]fakekit.Fault{{Status: 200}, {Status: 599}}, []string{"a", "a"}, []int{200, 599}},
		"after one that passes":      {[]fakekit.Fault{{N: 1}, {Status: 500}}, []string{"a", "a", "a"}, []int{200, 500, 200}},
		"in the order they were set": {[]fakekit.Fault{{Status: 500}, {Status: 502}}, []string{"a", "a", "a"}, []int{500, 502, 200}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var kit fakekit.Kit
			for _, f := range test.faults {
				kit.Fail(f, "a", "b", "c")
			}
			var got []int
			for _, op := range test.ops {
				status, header, _, err := get(t.Context(), t, fake(&kit), op)
				if err != nil {
					t.Fatal(err)
				}
				if status == 429 && header.Get("Retry-After") != "7" {
					t.Errorf("headers of the fault are missing: %v", header)
				}
				got = append(got, status)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("statuses (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultsThatCannotHappen(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault fakekit.Fault
		want  string
	}{
		"unknown operation": {fakekit.Fault{Op: "x", Status: 500}, `no operation "x"; it has a, b`},
		"status too low":    {fakekit.Fault{Status: 99}, "status 99"},
		"status too high":   {fakekit.Fault{Op: "a", Status: 600}, "status 600"},
		"body, no status":   {fakekit.Fault{Body: "x"}, "no Status"},
		"header, no status": {fakekit.Fault{Delay: 1, Header: http.Header{"Retry-After": {"1"}}}, "no Status"},
		"stall at a minus":  {fakekit.Fault{Delay: 1, DelayAfter: -1}, "DelayAfter -1"},
		"stall of no time":  {fakekit.Fault{DelayAfter: 1}, "DelayAfter 1"},
		"stall behind a cut": {
			fakekit.Fault{Delay: 1, DelayAfter: 3, CutAfter: 2}, "DelayAfter 3",
		},
		"stall of no answer": {fakekit.Fault{Delay: 1, DelayAfter: 1, CutAfter: -1}, "DelayAfter 1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, test.want) {
					t.Errorf("panic with %q, want one about %q", text, test.want)
				}
			}()
			new(fakekit.Kit).Fail(test.fault, "a", "b")
		})
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var kit fakekit.Kit
		kit.Fail(fakekit.Fault{Delay: time.Minute})
		start := time.Now()
		status, _, body, err := get(t.Context(), t, fake(&kit), "a")
		if status != 200 || body != "ok" || err != nil || time.Since(start) != time.Minute {
			t.Errorf("got %d %q %v after %v, want the answer after a minute", status, body, err, time.Since(start))
		}
		kit.Fail(fakekit.Fault{Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, _, err := get(ctx, t, fake(&kit), "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the caller's deadline", err)
		}
	})
}

func TestJournalHoldsNoCredentials(t *testing.T) {
	t.Parallel()
	var kit fakekit.Kit
	form := url.Values{"secret": {"s3"}, "kind": {"x"}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://fake.test/op?q=%C3%A9", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Basic c2VjcmV0")
	resp, err := fakekit.Transport{Handler: fake(&kit)}.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != "ok"+form.Encode() {
		t.Errorf("the handler read %q, %v: want the form as it was sent", body, err)
	}
	want := []fakekit.Request{{
		Op: "op", Method: "POST", Path: "/op", Query: url.Values{"q": {"é"}},
		Header: http.Header{
			"Authorization": {"REMOVED"},
			"Content-Type":  {"application/x-www-form-urlencoded"},
		},
		Body: []byte("kind=x&secret=REMOVED"),
	}}
	if diff := cmp.Diff(want, kit.Requests()); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
}

// A credential is found in a body of any type, whatever the request calls it.
func TestJournalHoldsNoCredentialsOfAnyBody(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ mediaType, body, want string }{
		"JSON":                    {"application/json", ` {"secret": "s3", "kind":1.50}`, `{"kind":1.50,"secret":"REMOVED"}`},
		"JSON of no type":         {"", `{"secret":{"a":["s3"]},"b":2}`, `{"b":2,"secret":"REMOVED"}`},
		"JSON called a form":      {"application/x-www-form-urlencoded", `{"secret":"s3"}`, `{"secret":"REMOVED"}`},
		"a number and null":       {"application/json", `{"secret": 3, "secret":null}`, `{"secret":"REMOVED"}`},
		"deep within":             {"application/json", `[{"a":[1,{"secret":"s3","b":[ ]}]}, "secret", "s4"]`, `[{"a":[1,{"b":[],"secret":"REMOVED"}]},"secret","s4"]`},
		"in a member given twice": {"application/json", `{"a":{"secret":"s3"},"a":{}}`, `{"a":{}}`},
		"another case":            {"application/json", `{"SECRET":"s3"}`, `{"SECRET":"REMOVED"}`},
		"after a byte order mark": {"application/json", "\ufeff" + `{"secret":"s3"}`, `{"secret":"REMOVED"}`},
		"JSON without one":        {"application/json", "{ \"kind\":\t1 }\n", "{ \"kind\":\t1 }\n"},
		"JSON cut off":            {"application/json", `{"secret":"s3`, ""},
		"JSON and more":           {"application/json", `{"a":1} {"secret":"s3"}`, ""},
		"a form called JSON":      {"application/json", "secret=s3&kind=x", "kind=x&secret=REMOVED"},
		"a form of no type":       {"", "kind=x&Secret=s3&Secret=s4", "Secret=REMOVED&kind=x"},
		"a form without one":      {"application/x-www-form-urlencoded", "kind=x&b=c+d", "kind=x&b=c+d"},
		"after a space":           {"application/x-www-form-urlencoded", " secret=s3&kind=x", "+secret=REMOVED&kind=x"},
		"beside an address":       {"application/json", `{"at":"https://a.test/?b=1&c=2","secret":"s3"}`, `{"at":"https://a.test/?b=1&c=2","secret":"REMOVED"}`},
		"as a value":              {"application/json", `{"b":["secret"],"a":1}`, `{"a":1,"b":["secret"]}`},
		"a text":                  {"text/plain", "no secret in it", "no secret in it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var kit fakekit.Kit
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/op", strings.NewReader(tt.body))
			r.Header.Set("Content-Type", tt.mediaType)
			w := httptest.NewRecorder()
			fake(&kit).ServeHTTP(w, r)
			if got := w.Body.String(); got != "ok"+tt.body {
				t.Errorf("the handler read %q, want the body as it was sent", got)
			}
			if diff := cmp.Diff(tt.want, string(kit.Requests()[0].Body)); diff != "" {
				t.Errorf("the journal (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTransport(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handler http.HandlerFunc
		body    string
		err     error
	}{
		"answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3")
			_, _ = io.WriteString(w, "abc")
		}, "abc", nil},
		"nothing written": {func(http.ResponseWriter, *http.Request) {}, "", nil},
		"cut in the body": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "ab")
			panic(http.ErrAbortHandler)
		}, "ab", io.ErrUnexpectedEOF},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, _, body, err := get(t.Context(), t, test.handler, "")
			if status != 200 || body != test.body || !errors.Is(err, test.err) {
				t.Errorf("got %d %q %v, want 200 %q %v", status, body, err, test.body, test.err)
			}
		})
	}
	for name, test := range map[string]struct {
		handler  http.HandlerFunc
		length   int64
		encoding []string
	}{
		"of known length":   {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "0") }, 0, nil},
		"of unknown length": {func(http.ResponseWriter, *http.Request) {}, -1, []string{"chunked"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp, err := fakekit.Transport{Handler: test.handler}.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			if diff := cmp.Diff(test.encoding, resp.TransferEncoding); diff != "" || resp.ContentLength != test.length {
				t.Errorf("length %d, want %d; encoding (-want +got):\n%s", resp.ContentLength, test.length, diff)
			}
		})
	}
	t.Run("cut before the answer", func(t *testing.T) {
		t.Parallel()
		abort := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		if _, _, _, err := get(t.Context(), t, abort, ""); err == nil {
			t.Error("no error")
		}
	})
	t.Run("cancelled before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var kit fakekit.Kit
		if _, _, _, err := get(ctx, t, fake(&kit), "a"); !errors.Is(err, context.Canceled) || len(kit.Requests()) != 0 {
			t.Errorf("got %v and %d requests", err, len(kit.Requests()))
		}
	})
}

// closing notes that it was closed.
type closing struct {
	io.Reader

	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestTransportClosesTheBody(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := map[string]struct {
		ctx     context.Context
		body    io.Reader
		handler http.HandlerFunc
		err     bool
	}{
		"answered":         {t.Context(), strings.NewReader("a"), func(http.ResponseWriter, *http.Request) {}, false},
		"broken off":       {t.Context(), strings.NewReader("a"), func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true},
		"cannot be read":   {t.Context(), iotest.ErrReader(io.ErrClosedPipe), func(http.ResponseWriter, *http.Request) {}, true},
		"cancelled before": {cancelled, strings.NewReader("a"), func(http.ResponseWriter, *http.Request) {}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := &closing{Reader: tt.body}
			r, err := http.NewRequestWithContext(tt.ctx, http.MethodPost, "https://fake.test/op", body)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := fakekit.Transport{Handler: tt.handler}.RoundTrip(r)
			if err == nil {
				_ = resp.Body.Close()
			}
			if !body.closed || (err != nil) != tt.err {
				t.Errorf("closed: %t, error: %v", body.closed, err)
			}
		})
	}
}

func TestRequestsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body      io.Reader
		mediaType string
		status    int
		journal   []string
	}{
		"too large":       {io.LimitReader(endless{}, 5<<20), "", http.StatusRequestEntityTooLarge, nil},
		"unreadable form": {strings.NewReader("secret=%zz"), "application/x-www-form-urlencoded", http.StatusOK, []string{""}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var kit fakekit.Kit
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://fake.test/op", test.body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", test.mediaType)
			resp, err := fakekit.Transport{Handler: fake(&kit)}.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			var journal []string
			for _, request := range kit.Requests() {
				journal = append(journal, string(request.Body))
			}
			if diff := cmp.Diff(test.journal, journal); resp.StatusCode != test.status || diff != "" {
				t.Errorf("status %d, want %d; bodies in the journal (-want +got):\n%s", resp.StatusCode, test.status, diff)
			}
		})
	}
	t.Run("broken", func(t *testing.T) {
		t.Parallel()
		var kit fakekit.Kit
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://fake.test/op", iotest.ErrReader(io.ErrClosedPipe))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (fakekit.Transport{Handler: fake(&kit)}).RoundTrip(r); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("got %v, want the error of the body", err)
		}
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// A reader that goes away early must not leave the handler or a watcher behind;
// synctest fails the test if a goroutine is left.
func TestTransportLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		endless := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := io.WriteString(w, "more"); err != nil {
					return
				}
			}
		})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, end := range []func(io.Closer){
			func(body io.Closer) { _ = body.Close() },
			func(io.Closer) { cancel() },
		} {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://fake.test/", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := fakekit.Transport{Handler: endless}.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(resp.Body, make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
			end(resp.Body)
			synctest.Wait()
		}
	})
}
