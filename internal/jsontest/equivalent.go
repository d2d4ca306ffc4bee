package jsontest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// long is how many bytes a document has of which there are many variants.
const long = 512

// Equivalent has all [Variants] of doc decoded. decode checks what must hold for
// any document, as [Decodes] does, and returns nil for one that is refused. What
// means the same as doc must decode to the same, in the form of [Canonical] with
// drop as there. unlike are paths below which that does not hold for members that
// are repeated or in another order.
func Equivalent[T any](t testing.TB, doc []byte, decode func(testing.TB, []byte) *T, unlike, drop []string) {
	t.Helper()
	want := decode(t, doc)
	if want == nil {
		t.Fatal("the document is refused")
	}
	written, _ := encode(t, want)
	i := 0
	for v := range Variants(doc) {
		if i++; len(doc) > long && i%stride != 0 {
			continue
		}
		got := decode(t, v.Doc)
		same := v.Same
		if v.Change == changeRepeated || v.Change == changeOrder {
			same = !slices.ContainsFunc(unlike, func(path string) bool { return strings.HasPrefix(v.Path, path) })
		}
		switch {
		case same && got == nil:
			t.Error("the document is refused, although it means the same")
		case same:
			if text, ok := encode(t, got); ok {
				SameDocument(t, written, text, drop...)
			}
		case v.Change == changeTooDeep && got != nil:
			t.Error("nesting without end is accepted")
		}
		if t.Failed() {
			t.Fatalf("%s: %q, in the document\n%s", v.Change, v.Path, v.Doc)
		}
	}
}

// RefusesCuts cuts doc, which must be an object or a list, at every byte, and
// fails the test unless the model refuses each piece with an error that matches
// io.ErrUnexpectedEOF, at a place inside of the piece, and stays as it was.
func RefusesCuts[T any, PT interface {
	*T
	json.Unmarshaler
}](t testing.TB, doc []byte,
) {
	t.Helper()
	for cut := range len(bytes.TrimSpace(doc)) {
		piece := doc[:cut:cut]
		v := new(T)
		err := PT(v).UnmarshalJSON(piece)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut at %d: got %v; want an error that matches io.ErrUnexpectedEOF", cut, err)
		}
		if checkRefusal(t, piece, err); !reflect.ValueOf(v).Elem().IsZero() {
			t.Fatalf("cut at %d: the value was changed", cut)
		}
	}
}
