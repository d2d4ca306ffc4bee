package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

func TestErrorType(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		context.Canceled:         "canceled",
		context.DeadlineExceeded: "timeout",

		&callinsights.Error{StatusCode: 400, Attempts: 1}: "invalid_request",
		&callinsights.Error{StatusCode: 401, Attempts: 1}: "unauthorized",
		&callinsights.Error{StatusCode: 403, Attempts: 1}: "forbidden",
		&callinsights.Error{StatusCode: 404, Attempts: 1}: "not_found",
		&callinsights.Error{StatusCode: 429, Attempts: 1}: "rate_limited",
		&callinsights.Error{StatusCode: 503, Attempts: 1}: "unavailable",
		&callinsights.Error{StatusCode: 302, Attempts: 1}: "invalid_response",

		fmt.Errorf("%w: the disk is full", errors.ErrUnsupported): "_OTHER",
	} {
		if got := errorType(err); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}

// TestFailures: calls that fail say how, and when to ask again.
func TestFailures(t *testing.T) {
	t.Parallel()
	const event = "callinsights.call callinsights.attempts="
	tests := map[string]struct {
		id    string
		fault ringsensetest.Fault
		want  string
	}{
		"limit over the longest wait": {
			"1",
			ringsensetest.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"3600"}}},
			event + "1 callinsights.duration=0 callinsights.operation=RecordingInsights callinsights.request_id=fake-request-2 callinsights.retry_after=3600 " +
				"callinsights.vendor=ringsense error.type=rate_limited http.response.status_code=429",
		},
		"refused before": {
			"",
			ringsensetest.Fault{Status: http.StatusTeapot},
			event + "0 callinsights.duration=0 callinsights.operation=RecordingInsights callinsights.vendor=ringsense error.type=invalid_request",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel, spans, _ := memory()
			o, err := newObserver(tel.metrics)
			if err != nil {
				t.Fatal(err)
			}
			server := ringsensetest.NewServer()
			test.fault.Op = "RecordingInsights"
			server.Fail(test.fault)
			client := server.Client(ringsense.WithObserver(func(ctx context.Context, seen ringsense.Observation) {
				seen.Duration = seen.Duration.Truncate(time.Hour)
				o.observe(ctx, seen)
			}))
			err = traced(t.Context(), tel, "job", func(ctx context.Context) error {
				_, err := client.RecordingInsights(ctx, test.id)
				return err
			})
			if err == nil {
				t.Fatal("no error")
			}
			if err := tel.traces.ForceFlush(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := seen(spans.GetSpans())
			if len(got) != 1 || got[0].Status.String() != "Error" {
				t.Fatalf("got %+v", got)
			}
			if diff := cmp.Diff([]string{test.want}, got[0].Events); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			_ = tel.finish(t.Context())
		})
	}
}
