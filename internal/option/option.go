// Package option applies the options of a call or a constructor.
package option

import (
	"fmt"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
)

// Apply applies the options to what they change, in their order, with a method
// such as Option.apply. The first error ends it; that of a nil option matches
// [callinsights.ErrInvalidRequest].
func Apply[O, C any](opts []O, apply func(O, C) error, to C) error {
	for i, opt := range opts {
		if any(opt) == nil {
			return fault.New(fmt.Sprintf("option %d is nil", i+1), callinsights.ErrInvalidRequest)
		}
		if err := apply(opt, to); err != nil {
			return err
		}
	}
	return nil
}
