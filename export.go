package callinsights

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"github.com/callinsights/callinsights-go/internal/export"
)

// Export is a long read that can be watched, interrupted and taken up again,
// by another process too. The clients make it; nothing is sent before it is
// ranged over.
//
//	for item, err := range export.All(ctx) {
//		if err != nil {
//			return err
//		}
//		... // store item together with export.Checkpoint()
//	}
//
// An item is lost in no case. It is seen exactly once if what is made of it is
// stored together with the checkpoint, and otherwise once more if the program
// ended between the two.
type Export[T any] struct {
	vendor, op string
	source     export.Source[T]
	busy       atomic.Bool
}

// NewExport returns the export of source under the names that its errors carry.
// Only the packages of this module can call it, as the type of source is internal.
func NewExport[T any](vendor, op string, source export.Source[T]) *Export[T] {
	return &Export[T]{vendor: vendor, op: op, source: source}
}

// All reads the items one by one. The first error is the last thing it yields;
// leaving the loop frees everything. Ranging again starts where the export was
// made to start: to go on in the same process, make a new one from Checkpoint.
// Of two loops at once the second gets an [ErrInvalidRequest].
func (e *Export[T]) All(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if !e.busy.CompareAndSwap(false, true) {
			yield(nil, &Error{Vendor: e.vendor, Op: e.op, Err: fmt.Errorf(
				"%w: this export is being ranged over already; make another one", ErrInvalidRequest)})
			return
		}
		defer e.busy.Store(false)
		e.source.Items(ctx)(yield)
	}
}

// Checkpoint returns how far All has come. It is valid after every item, and
// after an error or a break: it covers every item that was yielded before it
// was called, the one in the loop's hands included, so take it when that one is
// dealt with. It holds ids and times, and no credential. It is empty where the query,
// an option or a checkpoint was refused: keep the one that there is.
//
// It may be called from other goroutines, which cannot know whether the loop
// has dealt with the item yet; let the loop take those that are stored.
func (e *Export[T]) Checkpoint() Checkpoint { return Checkpoint(e.source.Checkpoint()) }

// Progress returns how far All has come, also from other goroutines.
func (e *Export[T]) Progress() Progress { return Progress(e.source.Progress()) }

// Checkpoint is a place in an [Export], as a short text without spaces. Its
// content is the business of the client that made it, and it is good for that
// client's query alone.
type Checkpoint string

// Progress is how far an [Export] has come. What was done before the checkpoint
// that it was resumed from is included.
type Progress struct {
	// Items counts those that were yielded.
	Items int
	// Pending counts those that could not be had yet and will be asked for again.
	Pending int
	// Skipped counts those that were given up, and Causes how many of them for
	// which reason. Causes is nil if there are none.
	Skipped int
	Causes  map[string]int
	// At is the place in time that was reached, zero before the first. Items
	// that had been pending do not move it back.
	At time.Time
	// Total is the number of items of the whole export, -1 if it is not known.
	Total int
}
