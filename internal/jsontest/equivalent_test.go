package jsontest_test

import (
	"errors"
	"io"
	"testing"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/jsontest"
)

func decodeCall(t testing.TB, doc []byte) *Call {
	t.Helper()
	return jsontest.Decodes[Call](t, doc)
}

func TestEquivalent(t *testing.T) {
	t.Parallel()
	jsontest.Equivalent(t, []byte(callDocument), decodeCall, nil, nil)
	ignoring := func(ignore func(doc []byte, c *Call) *Call) func(testing.TB, []byte) *Call {
		return func(_ testing.TB, doc []byte) *Call {
			c := new(Call)
			if c.UnmarshalJSON(doc) != nil {
				return nil
			}
			return ignore(doc, c)
		}
	}
	tests := map[string]struct {
		decode func(testing.TB, []byte) *Call
		unlike []string
		want   []string
	}{
		"refuses everything":  {func(testing.TB, []byte) *Call { return nil }, nil, []string{"the document is refused"}},
		"does not look at it": {func(testing.TB, []byte) *Call { return new(Call) }, nil, []string{"nesting without end"}},
		"refuses white space": {ignoring(func(doc []byte, c *Call) *Call {
			if doc[0] == ' ' {
				return nil
			}
			return c
		}), nil, []string{"refused, although it means the same", "white space"}},
		"takes the first": {ignoring(func(doc []byte, c *Call) *Call {
			if string(doc[:9]) == `{"id":7,"` && string(doc[8:15]) == `"id":7,` {
				c.ID = 8
			}
			return c
		}), nil, []string{"the documents differ", `repeated: "id"`}},
		"takes the first, as it may": {ignoring(func(doc []byte, c *Call) *Call {
			if string(doc[:9]) == `{"id":7,"` && string(doc[8:15]) == `"id":7,` {
				c.ID = 8
			}
			return c
		}), []string{"id"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantFailure(t, failuresOf(t, func(t *recorder) {
				jsontest.Equivalent(t, []byte(callDocument), test.decode, test.unlike, nil)
			}), test.want...)
		})
	}
}

// whole is a model that stays as it was when a document is refused, unless flaw
// says otherwise.
type (
	whole       struct{ Call }
	changed     struct{ Call }
	takesPieces struct{ Call }
)

func (w *whole) UnmarshalJSON(doc []byte) error {
	var c Call
	err := jsonpull.ParseObject(string(doc), c.decode)
	if err == nil {
		w.Call = c
	}
	return err
}

func (c *changed) UnmarshalJSON(doc []byte) error { return c.Call.UnmarshalJSON(doc) }

func (c *takesPieces) UnmarshalJSON(doc []byte) error {
	if len(doc) == 20 {
		return &callinsights.DecodeError{Err: errors.New("no")}
	}
	return new(whole).UnmarshalJSON(doc)
}

func TestRefusesCuts(t *testing.T) {
	t.Parallel()
	jsontest.RefusesCuts[whole](t, []byte(callDocument))
	for want, check := range map[string]func(*recorder){
		"the value was changed":                   func(t *recorder) { jsontest.RefusesCuts[changed](t, []byte(callDocument)) },
		"cut at 20: got document at offset 0: no": func(t *recorder) { jsontest.RefusesCuts[takesPieces](t, []byte(callDocument)) },
		"cut at 2: got <nil>; want":               func(t *recorder) { jsontest.RefusesCuts[whole](t, []byte(`{} x`)) },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			wantFailure(t, failuresOf(t, check), want)
		})
	}
}

func TestPieces(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	tests := map[string]struct {
		room   int // of the buffer
		end    error
		with   bool
		places []int
		want   string // the pieces, and ! for the end
	}{
		"one piece":          {100, io.EOF, false, nil, "abcde|!"},
		"its end with it":    {100, io.EOF, true, nil, "abcde!"},
		"two":                {100, io.EOF, false, []int{2}, "ab|cde|!"},
		"many, and an error": {100, broken, true, []int{1, 2, 4}, "a|b|cd|e!"},
		"empty ones":         {100, io.EOF, false, []int{0, 3, 3, 5}, "abc|de|!"},
		"longer than b":      {3, io.EOF, false, []int{1}, "a|bcd|e|!"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := jsontest.NewPieces([]byte("abcde"), test.end, test.with, test.places...)
			got, buffer := "", make([]byte, test.room)
			for {
				n, err := r.Read(buffer)
				if got += string(buffer[:n]); err == nil {
					got += "|"
					continue
				}
				if !errors.Is(err, test.end) {
					t.Errorf("got the end %v, want %v", err, test.end)
				}
				break
			}
			if got += "!"; got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
