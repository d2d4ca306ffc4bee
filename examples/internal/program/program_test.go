package program_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"testing"

	"github.com/callinsights/callinsights-go/examples/internal/program"
)

func TestCode(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  error
		code int
		says string
	}{
		"success":                {nil, 0, ""},
		"a success that goes on": {program.Resumable(nil), 0, ""},
		"help":                   {flag.ErrHelp, 0, ""},
		"a failure":              {errors.New("no such file"), 1, "copy: no such file\n"},
		"one that goes on":       {program.Resumable(errors.New("no such file")), 1, "copy: no such file\n"},
		"interrupted":            {fmt.Errorf("call 3: %w", context.Canceled), 130, "copy: interrupted\n"},
		"interrupted, goes on":   {program.Resumable(fmt.Errorf("call 3: %w", context.Canceled)), 130, "copy: interrupted; run it again with the same flags to go on\n"},
	} {
		var stderr bytes.Buffer
		if code := program.Code("copy", tt.err, &stderr); code != tt.code || stderr.String() != tt.says {
			t.Errorf("%s: got %d and %q, want %d and %q", name, code, stderr.String(), tt.code, tt.says)
		}
	}
}
