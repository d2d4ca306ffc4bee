package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
)

func TestNew(t *testing.T) {
	t.Parallel()
	path := &fs.PathError{Op: "open", Path: "private", Err: io.ErrClosedPipe}
	err := fmt.Errorf("the call: %w", fault.New("look elsewhere", io.EOF, path))
	if got, want := err.Error(), "the call: look elsewhere"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	for _, kind := range []error{io.EOF, io.ErrClosedPipe, path} {
		if !errors.Is(err, kind) {
			t.Errorf("%v is not %v", err, kind)
		}
	}
	if found, ok := errors.AsType[*fs.PathError](err); !ok || found != path {
		t.Errorf("errors.AsType found %v", found)
	}
	if errors.Is(fault.New("alone"), io.EOF) || errors.Is(err, fault.New("look elsewhere")) {
		t.Error("it matches what it is not of")
	}
}

// TestInvalid: an argument that is refused says so in its own words.
func TestInvalid(t *testing.T) {
	t.Parallel()
	err := fault.Invalid("WithX: %d is too much", 7)
	if err.Error() != "WithX: 7 is too much" || !errors.Is(err, callinsights.ErrInvalidRequest) {
		t.Errorf("got %v", err)
	}
}

// TestForeign: what somebody else's code calls by a name of ours has none of our
// kinds, and is all else that it was.
func TestForeign(t *testing.T) {
	t.Parallel()
	path := &fs.PathError{Op: "open", Path: "key", Err: context.Canceled}
	mine := fmt.Errorf("the vault: %w: %w", callinsights.ErrNotFound, path)
	err := fmt.Errorf("the call: %w", fault.Foreign(mine))
	if got, want := err.Error(), "the call: "+mine.Error(); got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if errors.Is(err, callinsights.ErrNotFound) {
		t.Error("it is a kind of failure")
	}
	if !errors.Is(err, context.Canceled) {
		t.Error("it is not what it was")
	}
	if found, ok := errors.AsType[*fs.PathError](err); !ok || found != path {
		t.Errorf("errors.AsType found %v", found)
	}
	if got := fault.Foreign(path); got != error(path) { //nolint:errorlint // as it is
		t.Errorf("an error of no kind became %v", got)
	}
}
