// Package fault makes errors whose text is one thing and what they match
// another, such as the advice for a kind of failure. It also has the kinds
// themselves, which package callinsights exports.
package fault

import (
	"errors"
	"fmt"
	"slices"
)

// New returns an error with that text. It matches all of kinds through
// [errors.Is] and [errors.As], of whose texts it repeats nothing.
func New(text string, kinds ...error) error { return &fault{text, kinds} }

// Invalid returns an error with the formatted text that matches
// [ErrInvalidRequest], for options and arguments that are refused.
func Invalid(format string, args ...any) error {
	return New(fmt.Sprintf(format, args...), ErrInvalidRequest)
}

type fault struct {
	text  string
	kinds []error
}

func (f *fault) Error() string { return f.text }

func (f *fault) Unwrap() []error { return f.kinds }

// Foreign returns err, which comes from code that is not of this module, such as
// a transport of the user's, so that it matches none of the kinds of failure of
// package callinsights: what it calls "not found" is nothing that a service said.
// It matches all else as before, and keeps its text.
func Foreign(err error) error {
	for _, kind := range Kinds() {
		if errors.Is(err, kind) {
			return &foreign{err}
		}
	}
	return err
}

type foreign struct{ err error }

func (f *foreign) Error() string { return f.err.Error() }

func (f *foreign) Is(target error) bool {
	kinds := Kinds()
	return !slices.Contains(kinds[:], target) && errors.Is(f.err, target)
}

func (f *foreign) As(target any) bool { return errors.As(f.err, target) }
