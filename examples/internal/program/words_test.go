package program_test

import (
	"testing"

	"github.com/callinsights/callinsights-go/examples/internal/program"
)

func TestCounted(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 calls", 1: "1 call", 2: "2 calls", 21: "21 calls"} {
		if got := program.Counted(n, "call", "calls"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
