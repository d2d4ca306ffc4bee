// Package fault makes errors whose text is one thing and what they match
// another, such as the advice for a kind of failure.
package fault

// New returns an error with that text. It matches all of kinds through
// [errors.Is] and [errors.As], of whose texts it repeats nothing.
func New(text string, kinds ...error) error { return &fault{text, kinds} }

type fault struct {
	text  string
	kinds []error
}

func (f *fault) Error() string { return f.text }

func (f *fault) Unwrap() []error { return f.kinds }
