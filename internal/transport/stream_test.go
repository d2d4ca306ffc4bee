package transport_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/faultserver"
	"github.com/callinsights/callinsights-go/internal/transport"
)

const streamHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

// chunk sends a piece of a body at once, so that it takes no second read.
func chunk(x *faultserver.Exchange, text string) {
	x.Write(fmt.Sprintf("%x\r\n%s\r\n", len(text), text))
}

func TestStream(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		serve  func(x *faultserver.Exchange)
		pause  time.Duration // of the reader after each line
		lines  int           // 0 reads all
		want   string
		is     error
		text   string
		breaks bool // the answer, after it had begun well
		cancel time.Duration
	}{
		"whole": {
			serve: func(x *faultserver.Exchange) {
				x.Write(streamHead)
				chunk(x, "{1\n")
				chunk(x, "2\n")
				x.Write("0\r\n\r\n")
			},
			want: "{1 2",
		},
		"longer than an attempt may take": {
			serve: func(x *faultserver.Exchange) {
				x.Write(streamHead)
				for i := range 5 {
					time.Sleep(50 * time.Second)
					chunk(x, fmt.Sprintln("{", i))
				}
				x.Write("0\r\n\r\n")
			},
			want: "{ 0 { 1 { 2 { 3 { 4",
		},
		"a reader who takes his time": {
			serve: func(x *faultserver.Exchange) {
				x.Write(streamHead)
				chunk(x, "{1\n")
				chunk(x, "2\n")
				x.Write("0\r\n\r\n")
			},
			pause: time.Hour, want: "{1 2",
		},
		"a reader who has enough": {
			serve: func(x *faultserver.Exchange) { x.Write(streamHead); chunk(x, "{1\n"); chunk(x, "2\n"); x.Silence() },
			lines: 1, want: "{1",
		},
		"stall": {
			serve: func(x *faultserver.Exchange) { x.Write(streamHead); chunk(x, "{1\n"); x.Silence() },
			want:  "{1", is: callinsights.ErrUnavailable, text: "the answer broke off: no progress within 1m0s", breaks: true,
		},
		"stall at its start": {
			serve: func(x *faultserver.Exchange) { x.Write(streamHead); x.Silence() },
			is:    callinsights.ErrUnavailable, text: "no progress within 1m0s", breaks: true,
		},
		"break": {
			serve: func(x *faultserver.Exchange) { x.Write(streamHead); chunk(x, "{1\n"); x.Write("9\r\n2") },
			want:  "{1 2", is: io.ErrUnexpectedEOF, text: "the answer broke off", breaks: true,
		},
		"cancelled": {
			serve: func(x *faultserver.Exchange) { x.Write(streamHead); chunk(x, "{1\n"); x.Silence() }, cancel: 5 * time.Second,
			want: "{1", is: context.Canceled,
		},
		"much space": {
			serve: func(x *faultserver.Exchange) {
				x.Write(streamHead)
				chunk(x, strings.Repeat(" ", 5000)+"{1\n")
				x.Write("0\r\n\r\n")
			},
			want: strings.Repeat(" ", 5000) + "{1",
		},
		"a page": {
			serve: func(x *faultserver.Exchange) { x.Write(streamHead); chunk(x, "\ufeff\n <html>"); x.Write("0\r\n\r\n") },
			is:    callinsights.ErrInvalidResponse, text: "an HTML page instead of JSON",
		},
		"brotli": {
			serve: func(x *faultserver.Exchange) {
				x.Write("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}")
			},
			is: callinsights.ErrInvalidResponse, text: "Content-Encoding",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWire(t, func(x *faultserver.Exchange) bool { tt.serve(x); return false })
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.cancel > 0 {
					defer time.AfterFunc(tt.cancel, cancel).Stop()
				}
				var got []string
				err := overWire(t, w).Stream(ctx, get("thing"), func(body io.Reader) error {
					lines := bufio.NewScanner(body)
					for lines.Scan() {
						got = append(got, lines.Text())
						time.Sleep(tt.pause)
						if len(got) == tt.lines {
							return nil
						}
					}
					if again, err := body.Read(make([]byte, 1)); again != 0 || err == nil {
						t.Errorf("read %d bytes after the end, %v", again, err)
					}
					return lines.Err()
				})
				if diff := strings.Join(got, " "); diff != tt.want {
					t.Errorf("read %.100q, want %.100q", diff, tt.want)
				}
				if tt.is == nil {
					if err != nil {
						t.Errorf("err = %v", err)
					}
					return
				}
				if broke := errors.Is(err, transport.ErrBrokeOff); broke != tt.breaks {
					t.Errorf("err = %v, a break: %t, want %t", err, broke, tt.breaks)
				}
				if !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.text) || asError(t, err).StatusCode != http.StatusOK {
					t.Errorf("err = %v, want %v with %q", err, tt.is, tt.text)
				}
				if requests := w.Requests(); requests != 1 {
					t.Errorf("%d requests, want one", requests)
				}
			})
		})
	}
}

// An error that wraps io.EOF, as a transport of the caller may return, is not the
// end of the answer.
func TestAWrappedEOFIsNoEnd(t *testing.T) {
	t.Parallel()
	service := &memory{reply: func(int, *http.Request) (*http.Response, error) {
		resp := replies(http.StatusOK, "")
		resp.ContentLength = -1
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"a":1}`), iotest.ErrReader(fmt.Errorf("upstream: %w", io.EOF))))
		return resp, nil
	}}
	for name, call := range map[string]func(ctx context.Context, p *transport.Pipeline) error{
		"whole": func(ctx context.Context, p *transport.Pipeline) error { return p.Call(ctx, get("thing"), ignore) },
		"streamed": func(ctx context.Context, p *transport.Pipeline) error {
			return p.Stream(ctx, get("thing"), func(body io.Reader) error {
				_, err := io.ReadAll(body)
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				err := call(t.Context(), pipeline(t, service, transport.Vendor{}))
				if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "the answer broke off") {
					t.Errorf("err = %v, want the break", err)
				}
			})
		})
	}
}

// A stream that fails before its first byte is repeated like any other call.
func TestStreamIsRepeatedBeforeItBegins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(t, func(x *faultserver.Exchange) bool {
			if x.N == 1 {
				x.Write("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n")
			} else {
				x.Write(ok)
			}
			return true
		})
		got := ""
		err := overWire(t, w).Stream(t.Context(), get("thing"), func(body io.Reader) error {
			text, err := io.ReadAll(body)
			got = string(text)
			return err
		})
		if err != nil || got != `{"a":12}` {
			t.Errorf("%q, %v", got, err)
		}
	})
}
