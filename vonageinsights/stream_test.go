package vonageinsights_test

import (
	"io"
	"net/http"
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
