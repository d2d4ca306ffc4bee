package transport_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/faultserver"
	"github.com/callinsights/callinsights-go/internal/transport"
)

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n" + `{"a":12}`

// sends serves a text and closes the connection.
func sends(text string) func(x *faultserver.Exchange) {
	return func(x *faultserver.Exchange) { x.Write(text) }
}

// Real HTTP, in virtual time. Each fault lasts for ever, and is met by a GET
// and by a POST.
func TestFaults(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("x", 100_000)
	for name, tt := range map[string]struct {
		serve    func(x *faultserver.Exchange)
		requests int // of a GET; a POST is one
		status   int
		is       error
		text     string
		took     time.Duration // of a POST
	}{
		"closed without an answer": {serve: sends(""), requests: 4, is: io.EOF},
		"closed in the headers":    {serve: sends("HTTP/1.1 200 OK\r\nContent-"), requests: 4, is: callinsights.ErrUnavailable},
		"not HTTP":                 {serve: sends("220 mail.test ESMTP\r\n\r\n"), requests: 1, is: callinsights.ErrUnavailable, text: "malformed HTTP"},
		"malformed header":         {serve: sends("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"), requests: 4, is: callinsights.ErrUnavailable, text: "malformed"},
		"status 099":               {serve: sends("HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n"), requests: 1, status: 99, is: callinsights.ErrInvalidResponse},
		"status 999":               {serve: sends("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"), requests: 1, status: 999, is: callinsights.ErrInvalidResponse},
		"header flood": {serve: func(x *faultserver.Exchange) {
			x.Write("HTTP/1.1 200 OK\r\n")
			for range 100 {
				x.Write("X-Flood: " + big[:9000] + "\r\n")
			}
		}, requests: 1, is: callinsights.ErrUnavailable, text: "headers exceeded"},
		"silence": {serve: (*faultserver.Exchange).Silence, requests: 4, is: callinsights.ErrUnavailable, text: "no progress within 1m0s", took: time.Minute},
		"header drip": {serve: func(x *faultserver.Exchange) {
			for _, b := range "HTTP/1.1 200 OK\r\nX-Slow: " + big {
				x.Write(string(b))
				time.Sleep(time.Second)
				if x.Gone() {
					return
				}
			}
		}, requests: 4, is: callinsights.ErrUnavailable, text: "no progress within 1m0s", took: time.Minute},
		"103 for ever": {serve: func(x *faultserver.Exchange) {
			for !x.Gone() {
				x.Write("HTTP/1.1 103 Early Hints\r\n\r\n")
				time.Sleep(30 * time.Second)
			}
		}, requests: 4, is: callinsights.ErrUnavailable, text: "no progress within 1m0s", took: time.Minute},
		"body drip": {serve: func(x *faultserver.Exchange) {
			x.Write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
			for !x.Gone() {
				x.Write("1")
				time.Sleep(100 * time.Millisecond)
			}
		}, requests: 4, status: 200, is: callinsights.ErrUnavailable, text: "no progress within 1m0s", took: time.Minute},
		"body stall": {serve: func(x *faultserver.Exchange) {
			x.Write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
			x.Silence()
		}, requests: 4, status: 200, is: callinsights.ErrUnavailable, text: "no progress within 1m0s", took: time.Minute},
		"stall in an error's body": {serve: func(x *faultserver.Exchange) {
			x.Write("HTTP/1.1 500 Bad\r\nContent-Length: 9\r\n\r\n{")
			x.Silence()
		}, requests: 4, status: 500, is: callinsights.ErrUnavailable, took: time.Minute},
		"short body":         {serve: sends("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"), requests: 4, status: 200, is: callinsights.ErrInvalidResponse, text: "broke off"},
		"no body":            {serve: sends("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), requests: 4, status: 200, is: io.ErrUnexpectedEOF, text: "broke off"},
		"chunk cut":          {serve: sends("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}"), requests: 4, status: 200, is: io.ErrUnexpectedEOF, text: "broke off"},
		"chunks without end": {serve: sends("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"), requests: 4, status: 200, is: io.ErrUnexpectedEOF, text: "broke off"},
		"gzip cut": {serve: func(x *faultserver.Exchange) {
			z := zipped(`{"a":12}`)
			x.Write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + z[:len(z)-9])
		}, requests: 4, status: 200, is: io.ErrUnexpectedEOF, text: "broke off"},
		"cut with its connection": {serve: sends("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + `{"a":[1,2`), requests: 4, status: 200, is: io.ErrUnexpectedEOF, text: "broke off"},
		"gzip bomb":               {serve: sends("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + zipped(strings.Repeat("[", 20<<20))), requests: 1, status: 200, is: callinsights.ErrInvalidResponse, text: "larger than 1048576 bytes"},
		"64 MiB":                  {serve: sends("HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n"), requests: 1, status: 200, is: callinsights.ErrInvalidResponse, text: "larger than 1048576 bytes"},
		"brotli":                  {serve: sends("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}"), requests: 1, status: 200, is: callinsights.ErrInvalidResponse, text: "Content-Encoding"},
		"gzip twice":              {serve: sends("HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 2\r\n\r\n{}"), requests: 1, status: 200, is: callinsights.ErrInvalidResponse, text: "Content-Encoding"},
	} {
		for _, method := range []string{"GET", "POST"} {
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWire(t, func(x *faultserver.Exchange) bool {
						tt.serve(x)
						return false
					})
					p := overWire(t, w, func(c *transport.Config) { c.MaxResponseBytes = 1 << 20 })
					start := time.Now()
					err := p.Call(t.Context(), transport.Request{Op: "Thing", Method: method, Path: []string{"thing"}}, ignore)
					took := time.Since(start)
					e := asError(t, err)
					if !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.text) || e.StatusCode != tt.status {
						t.Errorf("err = %v, want a %v with %q", err, tt.is, tt.text)
					}
					if errors.Is(err, context.DeadlineExceeded) {
						t.Error("it counts as the caller's deadline")
					}
					want := tt.requests
					if method == "POST" {
						want = 1
						if took != tt.took {
							t.Errorf("took %v, want %v", took, tt.took)
						}
					}
					if requests := w.Requests(); requests != want || e.Attempts != want {
						t.Errorf("%d requests and %d attempts, want %d", requests, e.Attempts, want)
					}
				})
			})
		}
	}
}

func TestTimeoutIsOneOfTheNetwork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(t, func(x *faultserver.Exchange) bool { x.Silence(); return false })
		p := overWire(t, w, func(c *transport.Config) { c.AttemptTimeout, c.Retry.MaxAttempts = 7*time.Second, 1 })
		err := p.Call(t.Context(), get("thing"), ignore)
		ne, isNet := errors.AsType[net.Error](err)
		if !isNet || !ne.Timeout() || !ne.Temporary() || !strings.Contains(err.Error(), "7s") { //nolint:staticcheck // Temporary belongs to the interface
			t.Errorf("err = %v, want a timeout of net.Error", err)
		}
	})
}

func TestFaultsThatPass(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{
		"broken body":    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
		"no answer":      "",
		"bad gateway":    "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
		"a body cut off": "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + `[{"a":`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWire(t, func(x *faultserver.Exchange) bool {
					if x.N == 1 {
						x.Write(first)
						return false
					}
					x.Write(ok)
					return true
				})
				got := ""
				err := overWire(t, w).Call(t.Context(), get("thing"), func(b []byte) error { got = string(b); return nil })
				if requests := w.Requests(); err != nil || got != `{"a":12}` || requests != 2 {
					t.Errorf("%q, %v after %d requests", got, err, requests)
				}
			})
		})
	}
}

// A body whose end is that of its connection, whole or not JSON at all, is
// taken as it is.
func TestBodiesWithoutALength(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"whole": " [1,2]", "text": "1,2", "marked": "\ufeff{}"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWire(t, func(x *faultserver.Exchange) bool {
					x.Write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body)
					return false
				})
				got := ""
				err := overWire(t, w).Call(t.Context(), get("thing"), func(b []byte) error { got = string(b); return nil })
				if err != nil || got != body {
					t.Errorf("%q, %v", got, err)
				}
			})
		})
	}
}

// The library reads 4 KiB of an error's body and closes the idle connections
// of all callers when one of them gives up.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		page := strings.Repeat("x", 60_000)
		w := newWire(t, func(x *faultserver.Exchange) bool {
			return x.Reply([]int{500, 404, 200}[x.N%3], page)
		})
		p := overWire(t, w, func(c *transport.Config) { c.Retry.MaxAttempts = 1 })
		for range 60 {
			_ = p.Call(t.Context(), get("thing"), ignore)
		}
		if requests, conns := w.Requests(), w.Conns(); requests != 60 || conns != 1 {
			t.Errorf("%d requests on %d connections, want one", requests, conns)
		}
	})
}

func TestPostIsRepeatedWhenNothingWasSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(t, func(x *faultserver.Exchange) bool { return x.Reply(http.StatusOK, x.Body) })
		var dialled atomic.Int32
		dial := w.transport.DialContext
		w.transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			switch dialled.Add(1) {
			case 1:
				return nil, io.EOF // a handshake that broke off looks like this
			case 2:
				<-ctx.Done() // one that never ends
				return nil, ctx.Err()
			}
			return dial(ctx, network, addr)
		}
		got := ""
		r := transport.Request{Op: "Thing", Method: "POST", Path: []string{"thing"}, Body: []byte(`{"b":1}`)}
		err := overWire(t, w).Call(t.Context(), r, func(b []byte) error { got = string(b); return nil })
		if requests := w.Requests(); err != nil || got != `{"b":1}` || requests != 1 || dialled.Load() != 3 {
			t.Errorf("%q, %v after %d connections and %d requests", got, err, dialled.Load(), requests)
		}
	})
}

func TestCallerGoesAway(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{"before the answer": "", "within the body": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWire(t, func(x *faultserver.Exchange) bool {
					x.Write(first)
					x.Silence()
					return false
				})
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				start := time.Now()
				err := overWire(t, w).Call(ctx, get("thing"), ignore)
				if took := time.Since(start); took != 10*time.Second || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("err = %v after %v", err, took)
				}
				for _, kind := range []error{callinsights.ErrUnavailable, callinsights.ErrInvalidResponse} {
					if errors.Is(err, kind) {
						t.Errorf("%v is %v, want the caller's deadline alone", err, kind)
					}
				}
			})
		})
	}
}

// closed notes that the body was closed.
type closed struct {
	io.Reader
	n int
}

func (c *closed) Close() error { c.n++; return nil }

func TestBodiesAreClosed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		stream func(io.Reader) error
	}{
		"success":         {status: 200},
		"error":           {status: 404},
		"redirect":        {status: 302},
		"odd status":      {status: 999},
		"stream":          {status: 200, stream: func(io.Reader) error { return nil }},
		"stream, error":   {status: 200, stream: func(io.Reader) error { return io.ErrNoProgress }},
		"stream, refused": {status: 403, stream: func(io.Reader) error { return nil }},
		"stream, panic":   {status: 200, stream: func(io.Reader) error { panic("of the reader") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := &closed{Reader: strings.NewReader("{}")}
			m := &memory{reply: func(int, *http.Request) (*http.Response, error) {
				resp := replies(tt.status, "")
				resp.Body, resp.ContentLength = body, 2
				return resp, nil
			}}
			p := pipeline(t, m, transport.Vendor{})
			func() {
				defer func() { _ = recover() }()
				if tt.stream != nil {
					_ = p.Stream(t.Context(), get("thing"), tt.stream)
				} else {
					_ = p.Call(t.Context(), get("thing"), ignore)
				}
			}()
			if body.n == 0 {
				t.Error("the body is still open")
			}
			if m.got[0].Context().Err() == nil {
				t.Error("the attempt's context still runs")
			}
		})
	}
}

// A body of 64 MiB without a length, and what is kept of it.
func TestMemoryOfALargeBody(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	const limit = 8 << 20
	chunk := bytes.Repeat([]byte("["), 64<<10)
	m := &memory{reply: func(int, *http.Request) (*http.Response, error) {
		in, out := io.Pipe()
		go func() {
			for range 1024 {
				if _, err := out.Write(chunk); err != nil {
					return
				}
			}
		}()
		resp := replies(200, "")
		resp.Body, resp.ContentLength = in, -1
		return resp, nil
	}}
	p := pipeline(t, m, transport.Vendor{}, func(c *transport.Config) { c.MaxResponseBytes = limit })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := p.Call(t.Context(), get("thing"), ignore)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, callinsights.ErrInvalidResponse) || len(asError(t, err).Body()) != 64<<10 {
		t.Errorf("err = %v", err)
	}
	// All that was allocated, of which the collector may have taken some back.
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 6*limit {
		t.Errorf("%d bytes allocated for a limit of %d", grown, limit)
	}
}

// The default transport keeps two idle connections for each host, so that a
// busy program opens a new one for nearly every request.
func TestManyCallersOnLoopback(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("sockets")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	conns := 0
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				mu.Lock()
				defer mu.Unlock()
				conns++
			}
		},
		ReadHeaderTimeout: time.Minute,
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	p, err := transport.New(transport.Config{BaseURL: "http://" + listener.Addr().String()}, transport.Vendor{})
	if err != nil {
		t.Fatal(err)
	}
	var callers sync.WaitGroup
	for range 64 {
		callers.Go(func() {
			for range 50 {
				if err := p.Call(t.Context(), get("thing"), ignore); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	callers.Wait()
	mu.Lock()
	defer mu.Unlock()
	if conns > 200 {
		t.Errorf("3200 calls of 64 callers opened %d connections", conns)
	}
}
