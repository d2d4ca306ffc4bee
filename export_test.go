package callinsights_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/export"
)

var errSource = errors.New("the source broke")

// counter is a source of the numbers from 1 to 3, which ends with an error.
type counter struct{ reached int }

func (c *counter) Items(context.Context) iter.Seq2[*int, error] {
	return func(yield func(*int, error) bool) {
		for c.reached = 1; c.reached <= 3; c.reached++ {
			if n := c.reached; !yield(&n, nil) {
				return
			}
		}
		yield(nil, errSource)
	}
}

func (c *counter) Checkpoint() string { return "at " + string(rune('0'+c.reached)) }

func (c *counter) Progress() export.Progress {
	return export.Progress{
		Items: c.reached, Pending: 2, Skipped: 3, Causes: map[string]int{"late": 3}, At: time.Unix(7, 0), Total: -1,
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	e := callinsights.NewExport("vendor", "Export", export.Source[int](new(counter)))
	for range 2 {
		var got []int
		var failure error
		for n, err := range e.All(t.Context()) {
			if err != nil {
				failure = err
				continue
			}
			got = append(got, *n)
		}
		if diff := cmp.Diff([]int{1, 2, 3}, got); diff != "" || !errors.Is(failure, errSource) {
			t.Errorf("error %v, (-want +got):\n%s", failure, diff)
		}
	}
	for n, err := range e.All(t.Context()) {
		if err != nil || *n == 2 {
			break
		}
	}
	if got := e.Checkpoint(); got != "at 2" {
		t.Errorf("got the checkpoint %q", got)
	}
	want := callinsights.Progress{
		Items: 2, Pending: 2, Skipped: 3, Causes: map[string]int{"late": 3}, At: time.Unix(7, 0), Total: -1,
	}
	if diff := cmp.Diff(want, e.Progress()); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

// TestExportOneLoop: an export has one place, so it has one loop at a time,
// also after a loop that was left by a panic.
func TestExportOneLoop(t *testing.T) {
	t.Parallel()
	refusals, begun := 0, 0
	e := callinsights.NewExport("vendor", "Export", export.Source[int](new(counter)))
	func() {
		defer func() { _ = recover() }()
		for _, err := range e.All(t.Context()) {
			if err != nil {
				t.Error(err)
			}
			for n, err := range e.All(t.Context()) {
				refusals++
				failed, ok := errors.AsType[*callinsights.Error](err)
				if n != nil || !ok || failed.Vendor != "vendor" || failed.Op != "Export" || !errors.Is(err, callinsights.ErrInvalidRequest) {
					t.Errorf("got %v, %v", n, err)
				}
			}
			panic("out of here")
		}
	}()
	for n, err := range e.All(t.Context()) {
		if begun++; err != nil || *n != 1 {
			t.Errorf("got %v", err)
		}
		break
	}
	if refusals != 1 || begun != 1 {
		t.Errorf("%d refusals and %d loops afterwards, want one of each", refusals, begun)
	}
}
