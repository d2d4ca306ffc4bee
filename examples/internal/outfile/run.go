package outfile

import (
	"context"
	"io"

	"github.com/callinsights/callinsights-go"
)

// Run writes what is left of an export.
type Run[T any] struct {
	Export *callinsights.Export[T]
	// Settings are what else the next run has to know, and Header what a new file
	// begins with.
	Settings map[string]string
	Header   []byte
	// Put writes an item.
	Put func(io.Writer, *T) error
	// Every is how many items there are between two places that are stored.
	Every int
	// Show is called after each item.
	Show func()
}

// Into fills the file. It stores the place now and then, and at the end however
// that comes.
func (r *Run[T]) Into(ctx context.Context, f *File) error {
	if err := f.begin(r.Export.Checkpoint(), r.Settings, r.Header); err != nil {
		return err
	}
	var failure error
	unsaved := 0
	for item, err := range r.Export.All(ctx) {
		if err != nil {
			failure = f.refused(err)
			break
		}
		if err := r.Put(f, item); err != nil {
			return err // the place stored last is good, and this one is not
		}
		if unsaved++; unsaved == r.Every {
			if err := f.save(r.Export.Checkpoint()); err != nil {
				return err
			}
			unsaved = 0
		}
		r.Show()
	}
	if err := f.save(r.Export.Checkpoint()); err != nil {
		return err
	}
	return failure
}
