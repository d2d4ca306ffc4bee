package vonageinsights_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/vonageinsights"
)

func TestNotFound(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := server.Client()
	_, wrongDay := client.Session(t.Context(), sessionID, start.AddDate(0, 0, 1))
	_, wrongID := client.Session(t.Context(), "nobody", start)
	_, notFound := client.FindSession(t.Context(), "nobody")
	notDeleted := client.DeleteSession(t.Context(), sessionID, start.AddDate(0, 0, 1))
	const days = "no session of this id that began on this date (in UTC) in region eu"
	for _, test := range []struct {
		name string
		err  error
		says string
	}{
		{"wrong day", wrongDay, days},
		{"wrong id", wrongID, days},
		{"find", notFound, "no session of this id in region eu"},
		{"delete", notDeleted, days},
	} {
		e, ok := errors.AsType[*vonageinsights.Error](test.err)
		if !ok || !errors.Is(test.err, vonageinsights.ErrNotFound) || errors.Is(test.err, vonageinsights.ErrInvalidRequest) {
			t.Errorf("%s: got %v, want an ErrNotFound", test.name, test.err)
			continue
		}
		if e.StatusCode != http.StatusNotFound || e.Message != "Session not found" || e.Attempts != 1 || !strings.Contains(e.Error(), test.says) {
			t.Errorf("%s: got %+v, want an error with %q", test.name, e, test.says)
		}
	}
	_, err := onWire(t, respond(http.StatusNotFound, "")).SearchPage(t.Context(), vonageinsights.Query{From: may, To: june})
	if !errors.Is(err, vonageinsights.ErrNotFound) || !strings.Contains(err.Error(), "the base URL may be wrong") {
		t.Errorf("got %v for a search, want an ErrNotFound about the base URL", err)
	}
}

// TestUnauthorized: a 401 may be about the key or about the parameters; once the
// key was accepted, it is likely to be about the parameters.
func TestUnauthorized(t *testing.T) {
	t.Parallel()
	status := http.StatusUnauthorized
	requests := 0
	var key string
	client := onWire(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		requests++
		return respond(status, `{"total":0,"hits":[],"message":"no"}`)(r)
	}), vonageinsights.WithAPIKeyFunc(func(context.Context) (string, error) { return key, nil }))
	search := func() error {
		_, err := client.SearchPage(t.Context(), vonageinsights.Query{From: may, To: june})
		return err
	}
	check := func(step string, proven bool) {
		t.Helper()
		before := requests
		err := search()
		if !errors.Is(err, vonageinsights.ErrUnauthorized) || errors.Is(err, vonageinsights.ErrInvalidRequest) != proven {
			t.Errorf("%s: got %v; want ErrUnauthorized, and ErrInvalidRequest: %t", step, err, proven)
		}
		if requests != before+1 {
			t.Errorf("%s: %d requests, want one: a 401 is not repeated", step, requests-before)
		}
		if strings.Contains(err.Error(), "accepted before") != proven || strings.Contains(err.Error(), key) {
			t.Errorf("%s: got the text %q", step, err)
		}
	}
	key = "first-key"
	check("before any success", false)
	status = http.StatusOK
	if err := search(); err != nil {
		t.Fatal(err)
	}
	status = http.StatusUnauthorized
	check("after a success", true)
	key = "second-key"
	check("after the key changed", false)
	check("again with the new key", false)
}

func TestWrongKeyOnTheFake(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := server.Client(vonageinsights.WithAPIKeyFunc(func(context.Context) (string, error) { return "not-the-key", nil }))
	_, err := client.FindSession(t.Context(), sessionID)
	if !errors.Is(err, vonageinsights.ErrUnauthorized) || errors.Is(err, vonageinsights.ErrInvalidRequest) || !strings.Contains(err.Error(), "the API key may be wrong") {
		t.Errorf("got %v, want an ErrUnauthorized", err)
	}
}

func TestErrorBodies(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, message string }{
		"message":             {`{"statusCode":400,"message":"bad filter"}`, "bad filter"},
		"error":               {`{"error":"bad filter"}`, "bad filter"},
		"detail":              {`{"detail":"bad filter"}`, "bad filter"},
		"msg":                 {`{"msg":"bad filter"}`, "bad filter"},
		"message first":       {`{"msg":"d","detail":"c","error":"b","message":"a"}`, "a"},
		"inside of the error": {`{"error":{"code":7,"message":"bad filter"}}`, "bad filter"},
		"a number":            {`{"message":7}`, "7"},
		"a list":              {`{"message":["a"],"error":"b"}`, "b"},
		"no JSON":             {`Bad Request`, ""},
		"HTML":                {`<h1>Bad Request</h1>`, ""},
		"nothing":             {``, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := onWire(t, respond(http.StatusBadRequest, test.body)).FindSession(t.Context(), "s")
			e, ok := errors.AsType[*vonageinsights.Error](err)
			if !ok || !errors.Is(err, vonageinsights.ErrInvalidRequest) {
				t.Fatalf("got %v, want an ErrInvalidRequest", err)
			}
			if e.Message != test.message || string(e.Body()) != test.body || e.RequestID != "req-77" {
				t.Errorf("got the message %q, the body %q, the request %q", e.Message, e.Body(), e.RequestID)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]error{
		403: vonageinsights.ErrForbidden, 429: vonageinsights.ErrRateLimited, 500: vonageinsights.ErrUnavailable,
		503: vonageinsights.ErrUnavailable, 302: vonageinsights.ErrInvalidResponse,
	} {
		client := onWire(t, respond(status, `{}`), vonageinsights.WithRetry(vonageinsights.RetryPolicy{MaxAttempts: 1}))
		if _, err := client.FindSession(t.Context(), "s"); !errors.Is(err, kind) {
			t.Errorf("%d: got %v, want %v", status, err, kind)
		}
	}
}
