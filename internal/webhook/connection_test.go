package webhook_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/pipeserver"
)

// serve runs a server and returns a way to connect to it.
func serve(t *testing.T, h http.Handler) (dial func() *conn) {
	t.Helper()
	connect, end := pipeserver.Serve(h)
	t.Cleanup(end)
	return func() *conn {
		c := connect()
		return &conn{c, bufio.NewReader(c)}
	}
}

// conn is the sender's end of a connection.
type conn struct {
	net.Conn

	answers *bufio.Reader
}

// write sends a request with that length, of which only body is there yet.
func (c *conn) write(t *testing.T, length int, body string, changes ...string) {
	t.Helper()
	lines := []string{"POST /hook HTTP/1.1", "Host: receiver", "X-Secret: " + secret, "X-Sum: " + sum([]byte(body)), "Content-Type: application/json"}
	if length >= 0 {
		lines = append(lines, "Content-Length: "+strconv.Itoa(length))
	} else {
		lines = append(lines, "Transfer-Encoding: chunked")
	}
	for _, change := range changes { // in place of a line of that name, if there is one
		name, _, _ := strings.Cut(change, " ")
		lines = append(slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, name) }), change)
	}
	// A pipe holds nothing: what nobody reads is written when the test ends.
	go func() { _, _ = io.WriteString(c, strings.Join(lines, "\r\n")+"\r\n\r\n"+body) }()
}

// read returns the status of the next answer, which has no body.
func (c *conn) read(t *testing.T) (status int, closes bool) {
	t.Helper()
	resp, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	rest, err := io.ReadAll(resp.Body)
	if err != nil || len(rest) != 0 {
		t.Errorf("a body %q (%v)", rest, err)
	}
	return resp.StatusCode, resp.Close
}

// A sender that dawdles is answered in time, and no server of net/http waits for
// the rest of what was refused.
func TestSlowSender(t *testing.T) {
	t.Parallel()
	body := noteOf("1")
	for name, test := range map[string]struct {
		length  int
		body    string
		changes []string
		status  int
		after   time.Duration
		want    []string
	}{
		"stalls":                     {100, body, nil, 408, 8 * time.Second, authorized},
		"sends nothing":              {100, "", nil, 408, 8 * time.Second, authorized},
		"stalls in a chunk":          {-1, "64\r\n" + body, nil, 408, 8 * time.Second, authorized},
		"wrong secret, stalls":       {100, body, []string{"X-Secret: guess"}, 401, 8 * time.Second, authorized},
		"gzip, stalls in a chunk":    {-1, "64\r\n" + body, []string{"Content-Encoding: gzip"}, 415, 8 * time.Second, nil},
		"too long, stalls":           {1 << 30, body, nil, 413, 0, authorized},
		"asks first, wrong secret":   {100, "", []string{"X-Secret: guess", "Expect: 100-continue"}, 401, 0, authorized},
		"asks first, too long":       {1 << 30, "", []string{"Expect: 100-continue"}, 413, 0, authorized},
		"asks first, two signatures": {100, "", []string{"Expect: 100-continue", "x-sum: 0"}, 400, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, nil)
				c := serve(t, r)()
				start := time.Now()
				c.write(t, test.length, test.body, test.changes...)
				status, closes := c.read(t)
				if status != test.status || time.Since(start) != test.after {
					t.Errorf("status %d after %v, want %d after %v", status, time.Since(start), test.status, test.after)
				}
				if !closes {
					t.Error("the connection stays open, with the rest of a body on it")
				}
				if diff := cmp.Diff(test.want, r.trace.take()); diff != "" {
					t.Errorf("trace (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A connection serves one event after another, also when functions take longer
// than a body may.
func TestConnectionIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(context.Context, *note) error { time.Sleep(9 * time.Second); return nil })
		var ended []error
		c := serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			r.ServeHTTP(w, req)
			ended = append(ended, req.Context().Err())
		}))()
		for _, id := range []string{"1", "2", "3"} {
			c.write(t, len(noteOf(id)), noteOf(id))
			if status, closes := c.read(t); status != 200 || closes {
				t.Errorf("event %s: status %d, closes %t", id, status, closes)
			}
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		// The deadline of a body is over with it: it is not taken for a hang-up.
		if diff := cmp.Diff([]error{nil, nil, nil}, ended); diff != "" {
			t.Errorf("contexts of the requests (-want +got):\n%s", diff)
		}
	})
}

// A sender that hangs up cuts nothing off: the function goes on, and what it did
// is noted.
func TestSenderHangsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var hungUp, cut error
		r := newRig(t, func(ctx context.Context, _ *note) error {
			time.Sleep(5 * time.Second)
			cut = ctx.Err()
			return nil
		})
		dial := serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			r.ServeHTTP(w, req)
			hungUp = req.Context().Err()
		}))
		c := dial()
		c.write(t, len(noteOf("1")), noteOf("1"))
		time.Sleep(time.Second)
		_ = c.Close()
		time.Sleep(time.Minute)
		synctest.Wait()
		if hungUp == nil || cut != nil {
			t.Errorf("context of the request: %v, of the function: %v; want the first alone to end", hungUp, cut)
		}
		if diff := cmp.Diff([]string{"authorize", "verify", "prepare", "parse", "begin notes:1", "call 1", "commit"}, r.trace.take()); diff != "" {
			t.Errorf("trace (-want +got):\n%s", diff)
		}
		c = dial()
		c.write(t, len(noteOf("1")), noteOf("1"))
		if status, _ := c.read(t); status != 200 || r.trace.count("call 1") != 0 {
			t.Errorf("sent again: status %d, trace %v", status, r.trace.take())
		}
	})
}

// One that hangs up in the middle of the body has sent no event.
func TestSenderHangsUpInBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		c := serve(t, r)()
		body := noteOf("1") // is a whole note: the length alone tells
		c.write(t, len(body)+1, body)
		time.Sleep(time.Second)
		_ = c.Close()
		time.Sleep(time.Second)
		if diff := cmp.Diff(authorized, r.trace.take()); diff != "" {
			t.Errorf("trace (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"unread"}, r.lines.outcomes(t)); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
	})
}
