package transport_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/retry"
	"github.com/callinsights/callinsights-go/internal/transport"
)

func TestObserver(t *testing.T) {
	t.Parallel()
	limits := []string{"X-Rate-Limit-Group", "light", "X-Rate-Limit-Limit", "50", "X-Rate-Limit-Remaining", "48", "X-Rate-Limit-Window", "60", "X-Request-Id", "r-1"}
	limit := callinsights.RateLimit{Group: "light", Limit: 50, Remaining: 48, Window: time.Minute}
	for name, tt := range map[string]struct {
		reply   func(n int) (*http.Response, error)
		request transport.Request
		want    callinsights.Observation
		log     string
	}{
		"success": {
			reply: func(int) (*http.Response, error) { return replies(200, "{}", limits...), nil }, request: get("thing"),
			want: callinsights.Observation{Method: "GET", Path: "/base/thing", Duration: time.Second, Attempts: 1, StatusCode: 200, RequestID: "r-1", RateLimit: limit},
			log:  `level=INFO msg="call succeeded" vendor=vendor op=Thing method=GET path=/base/thing status=200 attempts=1 duration=1s request_id=r-1`,
		},
		"failure": {
			reply: func(int) (*http.Response, error) { return replies(404, "personal data", limits...), nil }, request: get("thing"),
			want: callinsights.Observation{Method: "GET", Path: "/base/thing", Duration: time.Second, Attempts: 1, StatusCode: 404, RequestID: "r-1", RateLimit: limit},
			log:  `level=WARN msg="call failed" vendor=vendor op=Thing method=GET path=/base/thing status=404 attempts=1 duration=1s request_id=r-1 code=X-1`,
		},
		"no answer": {
			reply: func(int) (*http.Response, error) { return nil, retry.Final(io.EOF) }, request: get("thing"),
			want: callinsights.Observation{Method: "GET", Path: "/base/thing", Duration: time.Second, Attempts: 1},
			log:  `level=WARN msg="call failed" vendor=vendor op=Thing method=GET path=/base/thing status=0 attempts=1 duration=1s request_id="" code="" cause=EOF`,
		},
		"refused": {
			request: get(""),
			log:     `level=WARN msg="call failed" vendor=vendor op=Thing method="" path="" status=0 attempts=0 duration=0s request_id="" code="" cause="the first segment of the path is empty"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen []callinsights.Observation
				var log bytes.Buffer
				m := &memory{reply: func(n int, _ *http.Request) (*http.Response, error) {
					time.Sleep(time.Second)
					return tt.reply(n)
				}}
				vendor := transport.Vendor{
					RequestIDHeaders: []string{"X-Request-Id"},
					Explain:          func(e *callinsights.Error, body []byte) { e.Code, e.Message = "X-1", string(body) },
				}
				p := pipeline(t, m, vendor, func(c *transport.Config) {
					c.Observer = func(_ context.Context, o callinsights.Observation) { seen = append(seen, o) }
					c.Logger = slog.New(slog.NewTextHandler(&log, nil))
				})
				tt.request.Query = "secret=personal"
				began := time.Now()
				err := p.Call(t.Context(), tt.request, ignore)
				if len(seen) != 1 {
					t.Fatalf("observed %d times, want once", len(seen))
				}
				if seen[0].Err != err || !seen[0].Start.Equal(began) { //nolint:errorlint // the very same
					t.Errorf("observed %v at %v, want %v at %v", seen[0].Err, seen[0].Start, err, began)
				}
				tt.want.Vendor, tt.want.Op, tt.want.Start, tt.want.Err = "vendor", "Thing", seen[0].Start, nil
				seen[0].Err = nil
				if diff := cmp.Diff(tt.want, seen[0]); diff != "" {
					t.Errorf("observation (-want +got):\n%s", diff)
				}
				_, line, _ := strings.Cut(strings.TrimSuffix(log.String(), "\n"), " ")
				if diff := cmp.Diff(tt.log, line); diff != "" {
					t.Errorf("log (-want +got):\n%s", diff)
				}
			})
		})
	}
}
