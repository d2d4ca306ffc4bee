package transport_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/faultserver"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// What go-retryablehttp does unless it is told otherwise, and what the pipeline
// does instead. Each comment begins with the library.

const printingVariable = "CALLINSIGHTS_TEST_PRINTING"

// The library prints every request to standard error with its whole URL, a
// logger of type *slog.Logger gets errors with whole URLs, and where an answer
// comes with an error net/http prints a complaint. A program that uses the
// pipeline prints nothing but its own lines.
func TestNothingIsPrinted(t *testing.T) {
	t.Parallel()
	if os.Getenv(printingVariable) != "" {
		synctest.Test(t, fail)
		return
	}
	program := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNothingIsPrinted$")
	program.Env = append(os.Environ(), printingVariable+"=1")
	output, err := program.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	for line := range strings.Lines(string(output)) {
		line = strings.TrimSuffix(line, "\n")
		if line != "PASS" && !strings.HasPrefix(line, "level=WARN msg=\"call failed\" ") && !strings.HasPrefix(line, "coverage: ") {
			t.Errorf("printed %q", line)
		}
	}
	if !strings.Contains(string(output), "call failed") || strings.Contains(string(output), "personal") {
		t.Errorf("printed %s, want the lines of the calls without their queries", output)
	}
}

// fail makes calls that fail in many ways.
func fail(t *testing.T) {
	plain := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	for _, m := range []*memory{
		always(500, "oh"), always(302, "", "Location", "https://%zz"), always(429, "", "Retry-After", "9999"),
		failing(reset()), failing(errors.New("malformed HTTP response")),
	} {
		p := pipeline(t, m, transport.Vendor{}, func(c *transport.Config) {
			c.Logger = slog.New(slog.NewTextHandler(os.Stderr, plain))
		})
		r := get("thing")
		r.Query = "name=personal"
		if err := p.Call(t.Context(), r, ignore); err == nil {
			t.Error("no error")
		}
	}
}

func reset() error { return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET} }

// play answers with one reply after the other, the last of them for ever.
func play(replies ...func() (*http.Response, error)) *memory {
	return &memory{reply: func(n int, _ *http.Request) (*http.Response, error) { return replies[min(n, len(replies))-1]() }}
}

func answer(code int, header ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) { return replies(code, "{}", header...), nil }
}

func broken(err error) func() (*http.Response, error) {
	return func() (*http.Response, error) { return nil, err }
}

// outcome is what became of a call.
type outcome struct {
	sent int
	took time.Duration
	err  error
}

// do makes a call with a method, without waits of our own, in the bubble.
func do(ctx context.Context, t *testing.T, method string, m *memory, change ...func(*transport.Config)) outcome {
	t.Helper()
	quick := func(c *transport.Config) { c.Retry.MinBackoff, c.Retry.MaxBackoff = 1, 1 }
	p := pipeline(t, m, transport.Vendor{}, append([]func(*transport.Config){quick}, change...)...)
	start := time.Now()
	err := p.Call(ctx, transport.Request{Op: "Thing", Method: method, Path: []string{"thing"}}, ignore)
	return outcome{len(m.got), time.Since(start), err}
}

// The library repeats POST, PATCH and DELETE like GET.
func TestMethodsThatAreNotRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for method, want := range map[string]int{"GET": 4, "DELETE": 4, "POST": 1, "PATCH": 1} {
			if out := do(t.Context(), t, method, play(answer(500))); out.sent != want {
				t.Errorf("%s: %d requests, want %d", method, out.sent, want)
			}
			if out := do(t.Context(), t, method, play(broken(reset()))); out.sent != want {
				t.Errorf("%s, reset: %d requests, want %d", method, out.sent, want)
			}
		}
	})
}

// The library waits for as long as Retry-After says: four hours, if it is one
// hour four times.
func TestRetryAfterIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, code := range []int{429, 503} {
			out := do(t.Context(), t, "GET", play(answer(code, "Retry-After", "3600")))
			if e := asError(t, out.err); out.sent != 1 || out.took != 0 || e.StatusCode != code || e.RetryAfter != time.Hour {
				t.Errorf("%+v, want the %d at once, with its hour", out, code)
			}
		}
	})
}

// The library multiplies seconds without a look at the size: 9223372037 become a
// negative wait, which is none, and so a thousand requests at once.
func TestRetryAfterThatOverflows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, value := range []string{"9223372037", "18446744073709551616", "99999999999999999999999"} {
			out := do(t.Context(), t, "GET", play(answer(503, "Retry-After", value)))
			if e := asError(t, out.err); out.sent != 1 || e.RetryAfter < 24*time.Hour {
				t.Errorf("%s: %d requests, asked to wait %v", value, out.sent, e.RetryAfter)
			}
		}
	})
}

// The library knows one of the three forms of a date, and takes the zone EST for
// UTC.
func TestRetryAfterDates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for layout, want := range map[string]time.Duration{
			http.TimeFormat: 9 * time.Second, "Monday, 02-Jan-06 15:04:05 GMT": 9 * time.Second, time.ANSIC: 9 * time.Second,
			"Monday, 02-Jan-06 15:04:05 EST": 0,
		} {
			at := time.Now().UTC().Add(9 * time.Second).Format(layout)
			out := do(t.Context(), t, "GET", play(answer(503, "Retry-After", at), answer(200)))
			if out.err != nil || out.took != want {
				t.Errorf("%s: %+v, want a wait of %v", layout, out, want)
			}
		}
	})
}

// The library looks at Retry-After after a 429 and a 503 alone.
func TestRetryAfterOnEveryStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, code := range []int{408, 425, 429, 500, 502, 503, 504} {
			out := do(t.Context(), t, "GET", play(answer(code, "Retry-After", "7"), answer(200)))
			if out.err != nil || out.took != 7*time.Second {
				t.Errorf("%d: %+v, want a wait of 7 s", code, out)
			}
		}
	})
}

// The library sleeps until the deadline, and then the deadline's error is all
// that is left.
func TestDeadlineWithinAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		out := do(ctx, t, "GET", play(answer(503, "Retry-After", "7")))
		e := asError(t, out.err)
		if out.took != 0 || e.StatusCode != http.StatusServiceUnavailable || e.RetryAfter != 7*time.Second ||
			!errors.Is(out.err, context.DeadlineExceeded) || !errors.Is(out.err, callinsights.ErrUnavailable) {
			t.Errorf("%+v, want the 503 and the deadline at once", out)
		}
	})
}

// The library gives up with no more than "giving up after 4 attempts": the
// answer is lost, also where retries are turned off.
func TestLastAnswerSurvives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, attempts := range []int{1, 4} {
			m := &memory{reply: func(n int, _ *http.Request) (*http.Response, error) {
				return replies(503, fmt.Sprint("answer ", n), "X-Request-Id", fmt.Sprint("id-", n)), nil
			}}
			p := pipeline(t, m, transport.Vendor{RequestIDHeaders: []string{"X-Request-Id"}}, func(c *transport.Config) {
				c.Retry = callinsights.RetryPolicy{MaxAttempts: attempts, MinBackoff: 1, MaxBackoff: 1}
			})
			e := asError(t, p.Call(t.Context(), get("thing"), ignore))
			if e.StatusCode != http.StatusServiceUnavailable || e.RequestID != fmt.Sprint("id-", attempts) || string(e.Body()) != fmt.Sprint("answer ", attempts) || e.Attempts != attempts {
				t.Errorf("error = %+v with %q, want the last answer of %d", e, e.Body(), attempts)
			}
		}
	})
}

// The library has the error that its caller sees replaced by the one that its
// policy returns.
func TestFirstCauseSurvives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		out := do(ctx, t, "GET", play(broken(reset())), func(c *transport.Config) { c.Retry.MinBackoff, c.Retry.MaxBackoff = time.Hour, time.Hour })
		if !errors.Is(out.err, syscall.ECONNRESET) || !errors.Is(out.err, context.DeadlineExceeded) {
			t.Errorf("%+v, want the reset and the deadline", out)
		}
	})
}

// The library takes an answer whose headers have come for a success: a body that
// breaks off then is never repeated.
func TestBrokenBodyIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cut := func() (*http.Response, error) {
			resp := replies(200, `{"a":`)
			resp.ContentLength = 99
			return resp, nil
		}
		if out := do(t.Context(), t, "GET", play(cut, cut, answer(200))); out.err != nil || out.sent != 3 {
			t.Errorf("%+v, want a success of the third", out)
		}
	})
}

// The library reads what is left of a body that it discards without a limit in
// time.
func TestBodyOfAFailureThatStalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(t, func(x *faultserver.Exchange) bool {
			x.Write("HTTP/1.1 500 Bad\r\nContent-Length: 900\r\n\r\n{")
			x.Silence()
			return false
		})
		start := time.Now()
		err := overWire(t, w, func(c *transport.Config) {
			c.AttemptTimeout = 3 * time.Second
			c.Retry.MinBackoff, c.Retry.MaxBackoff = 1, 1
		}).
			Call(t.Context(), get("thing"), ignore)
		if e := asError(t, err); e.Attempts != 4 || e.StatusCode != http.StatusInternalServerError || time.Since(start) != 12*time.Second {
			t.Errorf("err = %v after %v, want the 500 after 4 attempts of 3 s", err, time.Since(start))
		}
	})
}

// The library repeats what will not change, recognises a certificate by type
// alone, so that any transport that wraps its error hides it, and does not
// repeat 408 and 425, which pass.
func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		certificate := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
		for name, tt := range map[string]struct {
			reply func() (*http.Response, error)
			want  int
		}{
			"an unknown host":              {broken(&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}), 1},
			"a certificate, wrapped":       {broken(fmt.Errorf("traced: %w", certificate)), 1},
			"TLS of another version":       {broken(&net.OpError{Op: "remote error", Err: tls.AlertError(70)}), 1},
			"HTTP on an https address":     {broken(fmt.Errorf("traced: %w", tls.RecordHeaderError{Msg: "no TLS"})), 1},
			"a malformed answer":           {broken(errors.New("malformed HTTP version")), 1},
			"a Location that is no URL":    {answer(302, "Location", "https://%zz"), 1},
			"501":                          {answer(501), 1},
			"505":                          {answer(505), 1},
			"507":                          {answer(507), 1},
			"511":                          {answer(511), 1},
			"599":                          {answer(599), 1},
			"999":                          {answer(999), 1},
			"408":                          {answer(408), 4},
			"425":                          {answer(425), 4},
			"a name server out of order":   {broken(&net.OpError{Op: "dial", Err: &net.DNSError{IsTemporary: true}}), 4},
			"a connection that was closed": {broken(io.EOF), 4},
		} {
			if out := do(t.Context(), t, "GET", play(tt.reply)); out.sent != tt.want {
				t.Errorf("%s: %d requests, want %d", name, out.sent, tt.want)
			}
		}
	})
}

// The library's client has a Timeout for each attempt, repeats what it ends, and
// says so nowhere: a call takes four times as long. It bounds one attempt here
// too, as documented, and the context the whole.
func TestTimeoutsOfTheCallersClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(t, func(x *faultserver.Exchange) bool { x.Silence(); return false })
		client := &http.Client{Transport: w.transport, Timeout: 2 * time.Second}
		p := overWire(t, w, func(c *transport.Config) {
			c.HTTPClient = client
			c.Retry = callinsights.RetryPolicy{MinBackoff: 1, MaxBackoff: 1}
		})
		for deadline, want := range map[time.Duration]time.Duration{time.Hour: 8 * time.Second, 5 * time.Second: 5 * time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), deadline)
			start := time.Now()
			err := p.Call(ctx, get("thing"), ignore)
			cancel()
			if took := time.Since(start); err == nil || took != want {
				t.Errorf("err = %v after %v, want %v", err, took, want)
			}
		}
		if client.Timeout != 2*time.Second || client.CheckRedirect != nil {
			t.Error("the caller's client was changed")
		}
	})
}

// The library reads the fields of its client without a lock, and its default
// client leaves goroutines behind: many callers of one pipeline are for the race
// detector, and a goroutine that is left for the bubble.
func TestManyCallersOfOnePipeline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(t, func(x *faultserver.Exchange) bool {
			if x.N%3 == 0 {
				x.Write("HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n")
				return true
			}
			x.Write(ok)
			return true
		})
		p := overWire(t, w)
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				for range 4 {
					_ = p.Call(t.Context(), get("thing"), ignore)
				}
			})
		}
		callers.Wait()
		if requests := w.Requests(); requests < 200 {
			t.Errorf("%d requests, want 200 and the repeats", requests)
		}
		synctest.Wait()
	})
}

// A caller's transport serves others too, so its connections are left alone.
func TestConnectionsOfTheCallersTransport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(t, func(x *faultserver.Exchange) bool { x.Write(ok); return true })
		p := overWire(t, w)
		for range 3 {
			if err := p.Call(t.Context(), get("thing"), ignore); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			p.CloseIdleConnections()
		}
		if conns := w.Conns(); conns != 1 {
			t.Errorf("%d connections, want the one kept", conns)
		}
	})
}

// Those of a transport of the pipeline's own are closed.
func TestConnectionsOfOurTransport(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 16)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	p, err := transport.New(transport.Config{BaseURL: server.URL}, transport.Vendor{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Call(t.Context(), get("thing"), ignore); err != nil {
			t.Fatal(err)
		}
		// The connection is idle a moment after the call.
		for done := false; !done; {
			p.CloseIdleConnections()
			select {
			case <-closed:
				done = true
			case <-time.After(time.Millisecond):
			}
		}
	}
}
