// Package export is what a client hands to the root package when it starts a
// long read, and the form that its checkpoints have. It imports nothing but the standard library, as the root package
// builds on it.
package export

import (
	"context"
	"iter"
	"time"
)

// Source is a long read that knows how far it has come. Only one goroutine at
// a time ranges over Items; the other two methods are called from any.
type Source[T any] interface {
	// Items reads from where the read was made to start, each time that it is
	// ranged over, and ends with the first error.
	Items(ctx context.Context) iter.Seq2[*T, error]
	// Checkpoint is a text from which a new read goes on after the last item
	// that was yielded, that item included in what is done.
	Checkpoint() string
	// Progress is how far the read has come.
	Progress() Progress
}

// Progress has the fields of the root package's type of that name.
type Progress struct {
	Items   int
	Pending int
	Skipped int
	Causes  map[string]int
	At      time.Time
	Total   int
}
