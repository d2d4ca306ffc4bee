package vonageinsights_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
)

// TestSearchStreams: the first session is there before its page has arrived.
func TestSearchStreams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		body, service := io.Pipe()
		client := onWire(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := respond(http.StatusOK, "")(r)
			resp.Body, resp.ContentLength = body, -1
			return resp, err
		}), vonageinsights.WithAttemptTimeout(time.Minute))
		received := make(chan string)
		go func() {
			for _, part := range []string{
				`{"total":2,"hits":[{"id":"a","session_start_time":"2031-05-01"}`,
				`,{"id":"b","session_start_time":"2031-05-02"}`,
				`]}`,
			} {
				_, _ = io.WriteString(service, part)
				if part != "]}" {
					<-received
				}
			}
			_ = service.Close()
		}()
		var got []string
		for session, err := range client.Search(t.Context(), wholeMay) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, session.ID)
			// The caller's own time does not count towards the timeout.
			time.Sleep(time.Hour)
			received <- session.ID
		}
		if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestMemoryOfAPage: what is remembered of sessions that were delivered is little,
// however large they are. It runs alone, as it measures what is on the heap.
func TestMemoryOfAPage(t *testing.T) { //nolint:paralleltest // see above
	const sessions, size = 100, 200 << 10
	for name, step := range map[string]time.Duration{"at all times": time.Second, "of one millisecond": 0} {
		client := onWire(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			body, service := io.Pipe()
			go func() {
				text := strings.Repeat("x", size)
				_, _ = fmt.Fprintf(service, `{"total":%d,"hits":[`, sessions)
				for i := range sessions {
					_, _ = fmt.Fprintf(service, `%s{"id":"s%d","session_start_time":"%s","x":"%s"}`,
						strings.Repeat(",", min(i, 1)), i, may.Add(time.Duration(i)*step).Format("2006-01-02T15:04:05"), text)
				}
				_, _ = io.WriteString(service, "]}")
				_ = service.Close()
			}()
			resp, err := respond(http.StatusOK, "")(r)
			resp.Body, resp.ContentLength = body, -1
			return resp, err
		}))
		before, n := heap(), 0
		for _, err := range client.Export(wholeMay).All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n != sessions-1 {
				continue
			}
			if after := heap(); after > before+20*size {
				t.Errorf("%s: %d KiB more after %d sessions of %d KiB", name, (after-before)>>10, n, size>>10)
			}
		}
		if n != sessions {
			t.Errorf("%s: %d sessions, want %d", name, n, sessions)
		}
	}
}

// heap returns how much is in use.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// closing tells when a body is closed.
type closing struct {
	io.Reader

	closed *bool
}

func (c closing) Close() error {
	*c.closed = true
	return nil
}

func TestSearchBreakFreesTheConnection(t *testing.T) {
	t.Parallel()
	var closed bool
	requests := 0
	client := onWire(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		requests++
		resp, err := respond(http.StatusOK, "")(r)
		text := `{"total":9,"hits":[{"id":"a","session_start_time":"2031-05-01"},` + strings.Repeat(" ", 1<<20)
		resp.Body, resp.ContentLength = closing{strings.NewReader(text), &closed}, -1
		return resp, err
	}))
	for session, err := range client.Search(t.Context(), wholeMay) {
		if err != nil || session.ID != "a" {
			t.Fatalf("got %v, %v", session, err)
		}
		break
	}
	if !closed || requests != 1 {
		t.Errorf("closed: %t after %d requests; want the body closed after one", closed, requests)
	}
}
