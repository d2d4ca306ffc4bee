package callinsights_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
)

var sentinels = map[string]error{
	"ErrInvalidRequest":  callinsights.ErrInvalidRequest,
	"ErrUnauthorized":    callinsights.ErrUnauthorized,
	"ErrForbidden":       callinsights.ErrForbidden,
	"ErrNotFound":        callinsights.ErrNotFound,
	"ErrRateLimited":     callinsights.ErrRateLimited,
	"ErrUnavailable":     callinsights.ErrUnavailable,
	"ErrInvalidResponse": callinsights.ErrInvalidResponse,
}

// matches returns the names of the sentinels that err matches.
func matches(err error) string {
	var names []string
	for _, name := range []string{
		"ErrInvalidRequest", "ErrUnauthorized", "ErrForbidden", "ErrNotFound", "ErrRateLimited", "ErrUnavailable", "ErrInvalidResponse",
	} {
		if errors.Is(err, sentinels[name]) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func TestErrorKindByStatus(t *testing.T) {
	t.Parallel()
	tests := map[int]string{
		99: "ErrInvalidResponse", 199: "ErrInvalidResponse", 200: "ErrInvalidResponse", 204: "ErrInvalidResponse",
		302: "ErrInvalidResponse", 399: "ErrInvalidResponse", 400: "ErrInvalidRequest", 401: "ErrUnauthorized",
		402: "ErrInvalidRequest", 403: "ErrForbidden", 404: "ErrNotFound", 405: "ErrInvalidRequest", 408: "ErrUnavailable",
		409: "ErrInvalidRequest", 410: "ErrNotFound", 413: "ErrInvalidRequest", 415: "ErrInvalidRequest", 422: "ErrInvalidRequest",
		429: "ErrRateLimited", 499: "ErrInvalidRequest", 500: "ErrUnavailable", 502: "ErrUnavailable", 503: "ErrUnavailable",
		504: "ErrUnavailable", 599: "ErrUnavailable", 600: "ErrInvalidResponse", 999: "ErrInvalidResponse",
	}
	for status, want := range tests {
		err := &callinsights.Error{Vendor: "whippy", Op: "Download", StatusCode: status, Attempts: 1}
		if got := matches(fmt.Errorf("wrapped: %w", err)); got != want {
			t.Errorf("status %d matches %q, want %q", status, got, want)
		}
	}
}

func TestErrorKindByCause(t *testing.T) {
	t.Parallel()
	refused := errors.New("connection refused")
	tests := map[string]struct {
		err  callinsights.Error
		want string
	}{
		"no answer":                 {callinsights.Error{Attempts: 2, Err: refused}, "ErrUnavailable"},
		"no answer, no cause":       {callinsights.Error{Attempts: 1}, "ErrUnavailable"},
		"nothing sent":              {callinsights.Error{Err: refused}, ""},
		"refused before":            {callinsights.Error{Err: fmt.Errorf("id is empty: %w", callinsights.ErrInvalidRequest)}, "ErrInvalidRequest"},
		"cause decides":             {callinsights.Error{StatusCode: 403, Attempts: 1, Err: callinsights.ErrNotFound}, "ErrNotFound"},
		"two causes":                {callinsights.Error{StatusCode: 401, Attempts: 1, Err: errors.Join(callinsights.ErrUnauthorized, callinsights.ErrInvalidRequest)}, "ErrInvalidRequest ErrUnauthorized"},
		"cause without a kind":      {callinsights.Error{StatusCode: 404, Attempts: 1, Err: refused}, "ErrNotFound"},
		"success that cannot be":    {callinsights.Error{StatusCode: 200, Attempts: 1, Err: &callinsights.DecodeError{Err: io.ErrUnexpectedEOF}}, "ErrInvalidResponse"},
		"caller gave up":            {callinsights.Error{Attempts: 1, Err: context.Canceled}, ""},
		"caller's deadline":         {callinsights.Error{Attempts: 3, Err: fmt.Errorf("waiting: %w", context.DeadlineExceeded)}, ""},
		"gave up after an answer":   {callinsights.Error{StatusCode: 503, Attempts: 1, Err: context.Canceled}, "ErrUnavailable"},
		"wait longer than allowed":  {callinsights.Error{Attempts: 0, RetryAfter: time.Hour, Err: callinsights.ErrRateLimited}, "ErrRateLimited"},
		"nothing known":             {callinsights.Error{}, ""},
		"unavailable, none arrived": {callinsights.Error{Attempts: 1, Err: io.ErrUnexpectedEOF}, "ErrUnavailable"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := matches(&test.err); got != test.want {
				t.Errorf("matches %q, want %q", got, test.want)
			}
			if test.err.Err != nil && !errors.Is(&test.err, test.err.Err) {
				t.Error("does not match its own cause")
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  callinsights.Error
		want string
	}{
		"refused before": {
			callinsights.Error{Vendor: "ringsense", Op: "RecordingInsights", Err: errors.New("id is empty")},
			"ringsense: RecordingInsights: id is empty",
		},
		"no answer": {
			callinsights.Error{Vendor: "ringsense", Op: "RecordingInsights", Method: "GET", Path: "/ai/1", Attempts: 1, Err: io.ErrUnexpectedEOF},
			"ringsense: RecordingInsights: GET /ai/1: unexpected EOF",
		},
		"everything": {
			callinsights.Error{
				Vendor: "ringsense", Op: "RecordingInsights", Method: "GET", Path: "/ai/1", StatusCode: 429, Code: "CMN-301",
				Message: "Request rate exceeded", RequestID: "7f-12", RetryAfter: 30 * time.Second, Attempts: 4, Err: errors.New("waiting"),
			},
			"ringsense: RecordingInsights: GET /ai/1: 429 CMN-301: Request rate exceeded: waiting (request id 7f-12, retry after 30s, 4 attempts)",
		},
		"status alone": {
			callinsights.Error{Vendor: "whippy", Op: "Download", Method: "GET", Path: "/a", StatusCode: 503, Attempts: 1},
			"whippy: Download: GET /a: 503 Service Unavailable",
		},
		"status without a name": {
			callinsights.Error{Vendor: "whippy", Op: "Download", Method: "GET", Path: "/a", StatusCode: 599, Attempts: 2},
			"whippy: Download: GET /a: 599 (2 attempts)",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.err.Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestErrorLogValue(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  callinsights.Error
		want string
	}{
		"everything": {
			callinsights.Error{
				Vendor: "ringsense", Op: "RecordingInsights", Method: "GET", Path: "/ai/1", StatusCode: 429, Code: "CMN-301",
				Message: "for Joan Doe", Details: []callinsights.ErrorDetail{{Message: "for Joan Doe"}}, RequestID: "7f-12",
				RetryAfter: 30 * time.Second, Attempts: 4, Err: errors.New("waiting"),
			},
			`level=INFO msg=failed error.vendor=ringsense error.op=RecordingInsights error.method=GET error.path=/ai/1 error.status=429 ` +
				`error.code=CMN-301 error.request_id=7f-12 error.retry_after=30s error.cause=waiting error.attempts=4`,
		},
		"refused before": {
			callinsights.Error{Vendor: "ringsense", Op: "RecordingInsights"},
			`level=INFO msg=failed error.vendor=ringsense error.op=RecordingInsights error.attempts=0`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			handler := slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey && len(groups) == 0 {
					return slog.Attr{}
				}
				return a
			}})
			slog.New(handler).Info("failed", slog.Any("error", &test.err))
			if got := strings.TrimSpace(log.String()); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestErrorBody(t *testing.T) {
	t.Parallel()
	const body = `{"name":"Joan Doe"}`
	err := callinsights.NewError(callinsights.Error{Vendor: "whippy", Op: "Download", StatusCode: 500, Attempts: 1}, []byte(body))
	got := err.Body()
	if string(got) != body {
		t.Errorf("got the body %q, want %q", got, body)
	}
	clear(got)
	if string(err.Body()) != body {
		t.Error("changing what Body returned changes the error")
	}
	if got := (&callinsights.Error{}).Body(); got != nil {
		t.Errorf("got the body %q of an error without one", got)
	}

	type holder struct {
		err   *callinsights.Error
		value callinsights.Error
		any   any
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", slog.Any("error", err), slog.Any("value", *err), slog.Any("holder", holder{err, *err, *err}))
	slog.New(slog.NewJSONHandler(&log, nil)).Info("json", slog.Any("error", err), slog.Any("value", *err))
	document, jsonErr := json.Marshal(err) //nolint:musttag // whatever it is, it must not show the body
	if jsonErr != nil {
		t.Fatal(jsonErr)
	}
	outputs := []string{err.Error(), log.String(), string(document)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		outputs = append(outputs, fmt.Sprintf(verb, err), fmt.Sprintf(verb, *err), fmt.Sprintf(verb, holder{err, *err, err}), fmt.Sprintf(verb, []any{*err}))
	}
	for _, output := range outputs {
		for _, form := range []string{"Joan", "4a6f616e", "4A6F616E", "74 111 97 110"} {
			if strings.Contains(output, form) {
				t.Errorf("the body shows in %s", output)
			}
		}
	}
}

func TestDecodeError(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  callinsights.DecodeError
		want string
	}{
		"in a member": {
			callinsights.DecodeError{Path: "hits[3].channel_data.duration", Offset: 512, Err: errors.New("want a number")},
			"hits[3].channel_data.duration at offset 512: want a number",
		},
		"in the document": {callinsights.DecodeError{Err: io.ErrUnexpectedEOF}, "document at offset 0: unexpected EOF"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, test.err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !errors.Is(&test.err, test.err.Err) {
				t.Error("does not match its cause")
			}
		})
	}
}
