package option_test

import (
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/option"
)

// adding is an option.
type adding interface{ apply(to *[]int) error }

type add int

func (a add) apply(to *[]int) error {
	*to = append(*to, int(a))
	return nil
}

type failing struct{ error }

func (f failing) apply(*[]int) error { return f.error }

func TestApply(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts []adding
		want []int
		is   error
		text string
	}{
		"none":             {},
		"in their order":   {opts: []adding{add(2), add(1)}, want: []int{2, 1}},
		"one that is nil":  {opts: []adding{add(2), nil, add(1)}, want: []int{2}, is: callinsights.ErrInvalidRequest, text: "option 2 is nil"},
		"one that refuses": {opts: []adding{add(2), failing{io.EOF}, add(1)}, want: []int{2}, is: io.EOF, text: "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []int
			err := option.Apply(tt.opts, adding.apply, &got)
			if !errors.Is(err, tt.is) || err != nil && err.Error() != tt.text {
				t.Errorf("got %v, want %v with %q", err, tt.is, tt.text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
