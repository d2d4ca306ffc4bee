package ringsense_test

import (
	"errors"
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/internal/fakekit"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// inMemory makes a client with a login of its own talk to server.
func inMemory(server http.Handler) []ringsense.Option {
	return []ringsense.Option{
		ringsense.WithBaseURL("https://ringcentral.test"),
		ringsense.WithHTTPClient(&http.Client{Transport: inMemoryTransport(server)}),
	}
}

func inMemoryTransport(server http.Handler) http.RoundTripper {
	return fakekit.Transport{Handler: server}
}

// through is a client option that puts handler before the fake.
func through(handler http.Handler) ringsense.Option {
	return ringsense.WithHTTPClient(&http.Client{Transport: inMemoryTransport(handler)})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// count returns how many requests of an operation came.
func count(server *ringsensetest.Server, op string) int {
	n := 0
	for _, r := range server.Requests() {
		if r.Op == op {
			n++
		}
	}
	return n
}

// checkRefused wants an invalid request whose text holds want, and nothing that
// the caller calls hidden.
func checkRefused(t *testing.T, err error, want string) {
	t.Helper()
	if !errors.Is(err, ringsense.ErrInvalidRequest) {
		t.Fatalf("got %v, want ErrInvalidRequest", err)
	}
	if text := err.Error(); !strings.HasPrefix(text, "ringsense: ") || !strings.Contains(text, want) || strings.Contains(text, "hidden") {
		t.Errorf("got the text %q, want one with %q", text, want)
	}
}

// checkLocal is checkRefused for a call that was refused before it was sent.
func checkLocal(t *testing.T, err error, op, want string) {
	t.Helper()
	checkRefused(t, err, want)
	failed, ok := errors.AsType[*ringsense.Error](err)
	if !ok || failed.Op != op || failed.Vendor != "ringsense" || failed.Attempts != 0 || failed.StatusCode != 0 {
		t.Errorf("got %#v, want an *Error of %s", err, op)
	}
}

// soleError returns the error of a loop that yields it and nothing else.
func soleError[T any](t *testing.T, items iter.Seq2[*T, error]) error {
	t.Helper()
	var last error
	n := 0
	for item, err := range items {
		if n++; item != nil {
			t.Error("got an item")
		}
		last = err
	}
	if n != 1 || last == nil {
		t.Fatalf("got %d steps, the last with the error %v; want one error", n, last)
	}
	return last
}

func checkKinds(t *testing.T, err error, is, isNot []error) {
	t.Helper()
	for _, kind := range is {
		if !errors.Is(err, kind) {
			t.Errorf("%v is not %q", err, kind)
		}
	}
	for _, kind := range isNot {
		if errors.Is(err, kind) {
			t.Errorf("%v is %q", err, kind)
		}
	}
}
