package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/retry"
	"github.com/callinsights/callinsights-go/internal/transport"
)

func TestRequest(t *testing.T) {
	t.Parallel()
	agent := fmt.Sprintf("callinsights-go/devel (%s; %s)", runtime.Version(), runtime.GOOS)
	for name, tt := range map[string]struct {
		request transport.Request
		vendor  transport.Vendor
		agent   string
		want    http.Header
		method  string
	}{
		"plain": {method: "GET", want: http.Header{"Accept": {"application/json"}, "User-Agent": {agent}}},
		"an agent of one's own": {method: "GET", agent: "app/1", want: http.Header{
			"Accept": {"application/json"}, "User-Agent": {"app/1 " + agent},
		}},
		"X-User-Agent": {method: "GET", vendor: transport.Vendor{SendXUserAgent: true}, want: http.Header{
			"Accept": {"application/json"}, "User-Agent": {agent}, "X-User-Agent": {agent},
		}},
		"key": {method: "DELETE", request: transport.Request{Method: "DELETE"}, vendor: transport.Vendor{Auth: keyAuth("abcdef")}, want: http.Header{
			"Accept": {"application/json"}, "User-Agent": {agent}, "X-Key": {"abcdef"},
		}},
		"a body": {
			method: "POST",
			request: transport.Request{
				Method: "POST", Body: []byte(`{"a":1}`), ContentType: "application/json",
				Header: http.Header{"x-extra": {"1"}, "accept": {"text/vtt"}},
			},
			want: http.Header{"Accept": {"text/vtt"}, "User-Agent": {agent}, "Content-Type": {"application/json"}, "X-Extra": {"1"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent []byte
			m := &memory{reply: func(_ int, req *http.Request) (*http.Response, error) {
				if req.Body != nil {
					sent, _ = io.ReadAll(req.Body)
				}
				return replies(200, "{}"), nil
			}}
			p := pipeline(t, m, tt.vendor, func(c *transport.Config) { c.UserAgent = tt.agent })
			tt.request.Path = []string{"thing"}
			if err := p.Call(t.Context(), tt.request, ignore); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, m.got[0].Header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			if m.got[0].Method != tt.method || m.got[0].ContentLength != int64(len(tt.request.Body)) || !bytes.Equal(sent, tt.request.Body) {
				t.Errorf("%s with %d bytes", m.got[0].Method, len(sent))
			}
		})
	}
}

func TestCall(t *testing.T) {
	t.Parallel()
	broken := errors.New("no such field")
	for name, tt := range map[string]struct {
		status int
		body   string
		decode func([]byte) error
		is     error
		text   string
	}{
		"success":              {status: 200, body: `{"a":1}`, decode: ignore},
		"accepted":             {status: 202, body: `{"a":1}`, decode: ignore},
		"no body is wanted":    {status: 204},
		"a body is not wanted": {status: 200, body: "<ok>"},
		"empty":                {status: 200, decode: ignore, is: callinsights.ErrInvalidResponse, text: "the answer is empty"},
		"no content":           {status: 204, decode: ignore, is: callinsights.ErrInvalidResponse, text: "the answer is empty"},
		"space alone":          {status: 200, body: "\ufeff \r\n", decode: ignore, is: callinsights.ErrInvalidResponse, text: "the answer is empty"},
		"HTML":                 {status: 200, body: " \n<!DOCTYPE html>", decode: ignore, is: callinsights.ErrInvalidResponse, text: "an HTML page instead of JSON; is the base URL right?"},
		"cannot be decoded":    {status: 200, body: `{}`, decode: func([]byte) error { return broken }, is: broken, text: "no such field"},
		"cannot be used":       {status: 200, body: `{}`, decode: func([]byte) error { return broken }, is: callinsights.ErrInvalidResponse, text: "no such field"},
		"bad request":          {status: 400, is: callinsights.ErrInvalidRequest, text: "400 Bad Request"},
		"unauthorized":         {status: 401, is: callinsights.ErrUnauthorized, text: "401 Unauthorized"},
		"forbidden":            {status: 403, is: callinsights.ErrForbidden, text: "403 Forbidden"},
		"not found":            {status: 404, is: callinsights.ErrNotFound, text: "404 Not Found"},
		"gone":                 {status: 410, is: callinsights.ErrNotFound, text: "410 Gone"},
		"not implemented":      {status: 501, is: callinsights.ErrUnavailable, text: "501 Not Implemented"},
		"not modified":         {status: 304, is: callinsights.ErrInvalidResponse, text: "a redirect, which is never followed"},
		"status 99":            {status: 99, is: callinsights.ErrInvalidResponse, text: "99 is not a status of HTTP"},
		"status 101":           {status: 101, is: callinsights.ErrInvalidResponse, text: "101 is not a status of HTTP"},
		"status 999":           {status: 999, is: callinsights.ErrInvalidResponse, text: "999 is not a status of HTTP"},
	} {
		for _, way := range []string{"buffered", "streamed"} {
			if way == "streamed" && tt.status < 300 && tt.decode == nil {
				continue // a stream is always wanted
			}
			t.Run(name+" "+way, func(t *testing.T) {
				t.Parallel()
				m := always(tt.status, tt.body)
				p := pipeline(t, m, transport.Vendor{})
				got := ""
				decode := tt.decode
				if decode != nil {
					decode = func(body []byte) error { got = string(body); return tt.decode(body) }
				}
				var err error
				if way == "buffered" {
					err = p.Call(t.Context(), get("thing"), decode)
				} else {
					err = p.Stream(t.Context(), get("thing"), func(r io.Reader) error {
						body, _ := io.ReadAll(r)
						return decode(body)
					})
				}
				if len(m.got) != 1 {
					t.Errorf("%d requests", len(m.got))
				}
				if tt.is == nil {
					if err != nil || tt.decode != nil && got != tt.body {
						t.Errorf("err = %v, decoded %q", err, got)
					}
					return
				}
				e := asError(t, err)
				if !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.text) {
					t.Errorf("err = %v, want a %v with %q", err, tt.is, tt.text)
				}
				if e.Vendor != "vendor" || e.Op != "Thing" || e.Method != http.MethodGet || e.Path != "/base/thing" || e.StatusCode != tt.status || e.Attempts != 1 {
					t.Errorf("error = %#v", e)
				}
			})
		}
	}
}

func TestNothingComesBack(t *testing.T) {
	t.Parallel()
	m := &memory{reply: func(int, *http.Request) (*http.Response, error) { return nil, nil }}
	p := pipeline(t, m, transport.Vendor{}, func(c *transport.Config) { c.Retry.MaxAttempts = 1 })
	if err := p.Call(t.Context(), get("thing"), ignore); !errors.Is(err, callinsights.ErrUnavailable) {
		t.Errorf("err = %v", err)
	}
	m.reply = func(int, *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK}, nil
	}
	if err := p.Call(t.Context(), get("thing"), ignore); !errors.Is(err, callinsights.ErrInvalidResponse) {
		t.Errorf("err = %v", err)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	for name, location := range map[string]string{
		"another host":   "https://evil.test/steal?key=personal",
		"a subdomain":    "https://x.service.test/personal",
		"another port":   "https://service.test:8443/personal",
		"in clear":       "http://service.test/personal",
		"the same place": "https://service.test/base/personal",
		"relative":       "/personal",
		"none":           "",
		"unparsable":     "https://%zz/personal",
	} {
		for _, code := range []int{301, 302, 303, 307, 308} {
			t.Run(fmt.Sprint(name, " ", code), func(t *testing.T) {
				t.Parallel()
				key := secret()
				m := always(code, "", "Location", location)
				r := get("thing")
				r.Method = http.MethodDelete
				err := pipeline(t, m, transport.Vendor{Auth: keyAuth(key)}).Call(t.Context(), r, nil)
				if len(m.got) != 1 || !errors.Is(err, callinsights.ErrInvalidResponse) || asError(t, err).StatusCode != code {
					t.Errorf("err = %v after %d requests", err, len(m.got))
				}
				if u, parseErr := url.Parse(location); parseErr == nil && !strings.Contains(err.Error(), u.Host) {
					t.Errorf("err = %v, want the host", err)
				}
				hidesSecrets(t, err, key, "personal")
			})
		}
	}
}

// elsewhere is an Authorizer gone wrong.
type elsewhere struct{ url string }

func (a elsewhere) Do(ctx context.Context, call retry.Call, next auth.Sender) retry.Outcome {
	call.URL, _ = url.Parse(a.url)
	return next.Send(ctx, call)
}

func TestAnotherOriginIsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		url  string
		sent int
	}{
		"the same":          {url: "https://SERVICE.test:443/x", sent: 1},
		"another host":      {url: "https://evil.test/"},
		"another port":      {url: "https://service.test:8443/"},
		"another scheme":    {url: "http://service.test/"},
		"its port in clear": {url: "http://service.test:443/"},
		"a subdomain":       {url: "https://a.service.test/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := always(200, "{}")
			err := pipeline(t, m, transport.Vendor{Auth: elsewhere{tt.url}}).Call(t.Context(), get("thing"), ignore)
			if len(m.got) != tt.sent || (err == nil) != (tt.sent == 1) {
				t.Errorf("err = %v after %d requests, want %d", err, len(m.got), tt.sent)
			}
		})
	}
}

func TestRepeatsByMethod(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]int{"": 4, "GET": 4, "HEAD": 4, "PUT": 4, "DELETE": 4, "POST": 1, "PATCH": 1} {
		t.Run("method "+method, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := always(503, "")
				r := get("thing")
				r.Method = method
				err := pipeline(t, m, transport.Vendor{}).Call(t.Context(), r, ignore)
				if e := asError(t, err); len(m.got) != want || e.Attempts != want || e.StatusCode != http.StatusServiceUnavailable {
					t.Errorf("%d requests, err = %v, want %d", len(m.got), err, want)
				}
			})
		})
	}
}

func TestDeleteThatMayHaveWorked(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method string
		first  int
		second int
		hint   bool
	}{
		"gone after a failure":      {method: "DELETE", first: 503, second: 404, hint: true},
		"410 after a failure":       {method: "DELETE", first: 503, second: 410, hint: true},
		"not there":                 {method: "DELETE", first: 404},
		"forbidden after a failure": {method: "DELETE", first: 503, second: 403},
		"GET":                       {method: "GET", first: 503, second: 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := &memory{reply: func(n int, _ *http.Request) (*http.Response, error) {
					return replies([]int{tt.first, tt.second}[n-1], ""), nil
				}}
				r := get("thing")
				r.Method = tt.method
				err := pipeline(t, m, transport.Vendor{}).Call(t.Context(), r, nil)
				if got := strings.Contains(err.Error(), "an earlier attempt of this call may have deleted it"); got != tt.hint {
					t.Errorf("err = %v", err)
				}
			})
		})
	}
}

// The call that ends a login does not use the login.
func TestACredentialOfItsOwn(t *testing.T) {
	t.Parallel()
	m := always(200, "{}")
	r := get("thing")
	r.Auth = keyAuth("own-key")
	if err := pipeline(t, m, transport.Vendor{Auth: keyAuth("client-key")}).Call(t.Context(), r, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"own-key"}, m.got[0].Header.Values("X-Key")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// A deletion that was done must not be reported as one that failed, nor be
// repeated, because of a body that nobody reads.
func TestASuccessWithoutAUseForItsBody(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*http.Response){
		"as it should be": func(*http.Response) {},
		"cut":             func(r *http.Response) { r.ContentLength = 500 },
		"too large":       func(r *http.Response) { r.Body = io.NopCloser(strings.NewReader(strings.Repeat("x", 1<<20))) },
		"compressed":      func(r *http.Response) { r.Header.Set("Content-Encoding", "br") },
		"broken":          func(r *http.Response) { r.Body = io.NopCloser(iotest.ErrReader(io.ErrClosedPipe)) },
		"HTML":            func(r *http.Response) { r.Body = io.NopCloser(strings.NewReader("<html>")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &memory{reply: func(int, *http.Request) (*http.Response, error) {
				resp := replies(200, `{"deleted"`)
				change(resp)
				return resp, nil
			}}
			p := pipeline(t, m, transport.Vendor{}, func(c *transport.Config) { c.MaxResponseBytes = 100 })
			r := get("thing")
			r.Method = http.MethodDelete
			if err := p.Call(t.Context(), r, nil); err != nil || len(m.got) != 1 {
				t.Errorf("%d requests, %v", len(m.got), err)
			}
		})
	}
}

// The length that a service names and the limit that a user sets are numbers of
// theirs, up to the largest there is.
func TestLengthsAndLimits(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 3<<20)
	for name, tt := range map[string]struct {
		length, limit int64
		is            error
	}{
		"as long as it says":      {length: 3 << 20, limit: 4 << 20},
		"not said":                {length: -1, limit: 4 << 20},
		"just short enough":       {length: -1, limit: 3 << 20},
		"just too long":           {length: -1, limit: 3<<20 - 1, is: callinsights.ErrInvalidResponse},
		"says so":                 {length: 3 << 20, limit: 3<<20 - 1, is: callinsights.ErrInvalidResponse},
		"no limit":                {length: -1, limit: math.MaxInt64},
		"an absurd length":        {length: math.MaxInt64, limit: math.MaxInt64, is: io.ErrUnexpectedEOF},
		"half as absurd a length": {length: math.MaxInt64 / 2, limit: math.MaxInt64, is: io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &memory{reply: func(int, *http.Request) (*http.Response, error) {
				resp := replies(200, text)
				resp.ContentLength = tt.length
				return resp, nil
			}}
			p := pipeline(t, m, transport.Vendor{}, func(c *transport.Config) {
				c.MaxResponseBytes, c.Retry.MaxAttempts = tt.limit, 1
			})
			got := 0
			err := p.Call(t.Context(), get("thing"), func(body []byte) error { got = len(body); return nil })
			if tt.is == nil && (err != nil || got != len(text)) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%d bytes, %v, want %v", got, err, tt.is)
			}
		})
	}
}

func TestGivingUpKeepsEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hint := errors.New("is the region right?")
		vendor := transport.Vendor{RequestIDHeaders: []string{"X-Request-Id"}, Explain: func(e *callinsights.Error, body []byte) {
			e.Message, e.Err = string(body), hint
		}}
		p := pipeline(t, always(503, "down for repair", "Retry-After", "30", "X-Request-Id", "r-9"), vendor)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		err := p.Call(ctx, get("thing"), ignore)
		if took := time.Since(start); took != 0 {
			t.Errorf("took %v, want at once", took)
		}
		for _, target := range []error{callinsights.ErrUnavailable, context.DeadlineExceeded, hint} {
			if !errors.Is(err, target) {
				t.Errorf("%v is not %v", err, target)
			}
		}
		const want = "vendor: Thing: GET /base/thing: 503 Service Unavailable: down for repair: is the region right?; " +
			"the next attempt would come after the caller's deadline: context deadline exceeded (request id r-9, retry after 30s)"
		if err.Error() != want {
			t.Errorf("text (-want +got):\n%s", cmp.Diff(want, err.Error()))
		}
	})
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	empty := errors.New("the id is empty")
	p := pipeline(t, always(200, "{}"), transport.Vendor{})
	for name, tt := range map[string]struct{ err, is error }{
		"any error":         {err: empty, is: empty},
		"one that is known": {err: fault.Invalid("the id is empty"), is: callinsights.ErrInvalidRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			type key struct{}
			var seen any
			p := pipeline(t, always(200, "{}"), transport.Vendor{}, func(c *transport.Config) {
				c.Observer = func(ctx context.Context, _ callinsights.Observation) { seen = ctx.Value(key{}) }
			})
			err := p.Refuse(context.WithValue(t.Context(), key{}, "trace-7"), "Thing", tt.err)
			if seen != "trace-7" {
				t.Errorf("the observer has a context with %v, want that of the caller", seen)
			}
			if err.Error() != "vendor: Thing: the id is empty" || !errors.Is(err, tt.is) || !errors.Is(err, callinsights.ErrInvalidRequest) {
				t.Errorf("err = %v", err)
			}
		})
	}
	//lint:ignore SA1012 this is the fault that is tested
	if err := p.Call(nil, get("thing"), ignore); err == nil || err.Error() != "vendor: Thing: the context is nil" { //nolint:staticcheck // see above
		t.Errorf("err = %v", err)
	}
	if got := p.Vendor(); got != "vendor" {
		t.Errorf("Vendor = %q", got)
	}
}

// jar is one of which a test can see that it is used.
type jar struct{ http.CookieJar }

func (jar) Cookies(*url.URL) []*http.Cookie     { return []*http.Cookie{{Name: "route", Value: "b7"}} }
func (jar) SetCookies(*url.URL, []*http.Cookie) {}

func TestCallersClientStaysAsItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &memory{reply: func(_ int, req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}}
		follow := func(*http.Request, []*http.Request) error { return nil }
		client := &http.Client{Transport: m, Jar: jar{}, Timeout: 5 * time.Second, CheckRedirect: follow}
		p, err := transport.New(transport.Config{BaseURL: base, HTTPClient: client}, transport.Vendor{})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		r := get("thing")
		r.Method = "POST"
		err = p.Call(t.Context(), r, ignore)
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("took %v, want the client's timeout", took)
		}
		if errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, callinsights.ErrUnavailable) {
			t.Errorf("err = %v, want one that is no context's", err)
		}
		if got := m.got[0].Header.Get("Cookie"); got != "route=b7" {
			t.Errorf("Cookie %q", got)
		}
		if client.Transport != m || client.Timeout != 5*time.Second || client.CheckRedirect == nil || client.Jar != (jar{}) {
			t.Error("the caller's client was changed")
		}
	})
}
