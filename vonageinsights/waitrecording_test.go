package vonageinsights_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// afterCall is the time at which the call of withCall has ended.
var afterCall = time.Date(2026, 10, 9, 16, 40, 0, 0, time.UTC)

// withCall is a fake with one session and its recording.
func withCall(r vonageinsightstest.Recording) *vonageinsightstest.Server {
	server := vonageinsightstest.NewServer()
	server.Add(&vonageinsights.Session{ID: "s-1", SessionStartTime: afterCall, Status: vonageinsights.StatusEnded})
	if r.Kind != vonageinsights.RecordingNone {
		server.AddRecording("s-1", r)
	}
	return server
}

func TestWaitRecording(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"at once": 0, "soon": 9 * time.Second, "late": 20 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := withCall(vonageinsightstest.Recording{Kind: vonageinsights.RecordingPath, After: after})
				var seen []vonageinsights.Observation
				client := server.Client(vonageinsights.WithObserver(func(_ context.Context, o vonageinsights.Observation) { seen = append(seen, o) }))
				start := time.Now()
				session, err := client.WaitRecording(t.Context(), "s-1", afterCall)
				if err != nil || session.ID != "s-1" || session.Recording().Kind() != vonageinsights.RecordingPath {
					t.Fatalf("%v, %v", session, err)
				}
				if took := time.Since(start); took < after || took > after+90*time.Second {
					t.Errorf("took %v, want to notice within 90s that it is there after %v", took, after)
				}
				longest := []time.Duration{5 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second}
				for i := 1; i < len(seen); i++ {
					want := 90 * time.Second
					if i <= len(longest) {
						want = longest[i-1]
					}
					if gap := seen[i].Start.Sub(seen[i-1].Start); gap > want || gap < want*8/10 {
						t.Errorf("request %d came %v after the one before, want %v to %v", i+1, gap, want*8/10, want)
					}
				}
				for _, o := range seen {
					if o.Op != "WaitRecording" || o.Err != nil {
						t.Errorf("observed %+v", o)
					}
				}
			})
		})
	}
}

// A session that is too new to be found, and an outage, do not end the wait.
func TestWaitRecordingGoesOn(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]vonageinsightstest.Fault{
		"not found yet": {Op: "Session", N: 5, Status: http.StatusNotFound},
		"an outage":     {Op: "Session", N: 40, Status: http.StatusServiceUnavailable},
		"too many":      {Op: "Session", N: 9, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"200"}}},
		"empty":         {Op: "Session", N: 9, Status: http.StatusOK, Body: `{"id":"s-1","channel_data":{"audio_url":""}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := withCall(vonageinsightstest.Recording{Kind: vonageinsights.RecordingURL})
				server.Fail(fault)
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				session, err := server.Client().WaitRecording(ctx, "s-1", afterCall)
				if err != nil || session.Recording().Kind() != vonageinsights.RecordingURL {
					t.Errorf("%v, %v", session, err)
				}
			})
		})
	}
}

func TestWaitRecordingEnds(t *testing.T) {
	t.Parallel()
	fails := func(status int, body string) func(*vonageinsightstest.Server) {
		return func(s *vonageinsightstest.Server) {
			s.Fail(vonageinsightstest.Fault{Op: "Session", N: -1, Status: status, Body: body})
		}
	}
	for name, tt := range map[string]struct {
		set  func(*vonageinsightstest.Server)
		id   string
		is   error
		text string
		sent int
	}{
		"parameters alone": {func(s *vonageinsightstest.Server) { s.AnswerParameters(true) }, "s-1", vonageinsights.ErrInvalidResponse, "WithPlainSessionPath", 1},
		"never found":      {func(*vonageinsightstest.Server) {}, "s-2", vonageinsights.ErrNotFound, "region eu", 6},
		"a bad id":         {func(*vonageinsightstest.Server) {}, "s/1", vonageinsights.ErrInvalidRequest, "slash", 0},
		"another key":      {fails(401, ""), "s-1", vonageinsights.ErrUnauthorized, "key", 1},
		"forbidden":        {fails(403, ""), "s-1", vonageinsights.ErrForbidden, "403", 1},
		"a page":           {fails(200, "<html>"), "s-1", vonageinsights.ErrInvalidResponse, "HTML", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := withCall(vonageinsightstest.Recording{})
				tt.set(server)
				start := time.Now()
				session, err := server.Client().WaitRecording(t.Context(), tt.id, afterCall)
				if session != nil || !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.text) {
					t.Errorf("%v, %v; want %v with %q", session, err, tt.is, tt.text)
				}
				if e, ok := errors.AsType[*vonageinsights.Error](err); !ok || e.Op != "WaitRecording" {
					t.Errorf("err = %v, want an *Error of the call", err)
				}
				if n, took := len(server.Requests()), time.Since(start); n != tt.sent || n == 1 && took != 0 || took > 80*time.Second {
					t.Errorf("%d requests in %v, want %d", n, took, tt.sent)
				}
			})
		})
	}
	if _, err := withCall(vonageinsightstest.Recording{}).Client().WaitRecording(nil, "s-1", afterCall); !errors.Is(err, vonageinsights.ErrInvalidRequest) { //nolint:staticcheck // that is the test
		t.Errorf("without a context: %v", err)
	}
}

// The error at the end says what was seen last.
func TestWaitRecordingOver(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		wait   time.Duration
		cancel bool
		is     []error
		isNot  error
		text   string
	}{
		"no recording":        {wait: time.Hour, is: []error{context.DeadlineExceeded}, isNot: vonageinsights.ErrNotFound, text: "switched off in AI Studio"},
		"cancelled":           {wait: time.Hour, cancel: true, is: []error{context.Canceled}, isNot: vonageinsights.ErrUnavailable, text: "switched off in AI Studio"},
		"not found":           {status: 404, wait: 30 * time.Second, is: []error{context.DeadlineExceeded, vonageinsights.ErrNotFound}, text: "no session of this id"},
		"an outage":           {status: 503, wait: time.Hour, is: []error{context.DeadlineExceeded, vonageinsights.ErrUnavailable}, isNot: vonageinsights.ErrNotFound, text: "503"},
		"over from the start": {status: 503, wait: -time.Second, is: []error{context.DeadlineExceeded}, text: "the service has not answered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := withCall(vonageinsightstest.Recording{})
				if tt.status != 0 {
					server.Fail(vonageinsightstest.Fault{Op: "Session", N: -1, Status: tt.status})
				}
				ctx, cancel := context.WithTimeout(t.Context(), tt.wait)
				if tt.cancel {
					ctx, cancel = context.WithCancel(t.Context())
					time.AfterFunc(tt.wait, cancel)
				}
				defer cancel()
				start := time.Now()
				_, err := server.Client().WaitRecording(ctx, "s-1", afterCall)
				for _, kind := range tt.is {
					if !errors.Is(err, kind) {
						t.Errorf("err = %v, want %v", err, kind)
					}
				}
				if tt.isNot != nil && errors.Is(err, tt.isNot) || !strings.Contains(err.Error(), tt.text) {
					t.Errorf("err = %v, want no %v, and %q", err, tt.isNot, tt.text)
				}
				if took := time.Since(start); took > max(tt.wait, 0) {
					t.Errorf("took %v, longer than the context", took)
				}
			})
		})
	}
}
