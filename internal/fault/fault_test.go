package fault_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"

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
