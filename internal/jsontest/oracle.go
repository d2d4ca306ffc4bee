package jsontest

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

const byteOrderMark = "\ufeff"

// Oracle checks got, which was decoded from doc, against what encoding/json
// decodes into the plain copy of T. What jsonpull takes beyond encoding/json is
// written first as that wants it: of members of one name the last alone, 10 for
// "10" where a number is wanted, "10" for 10 where a string is, without a byte
// order mark. Oracle does nothing if encoding/json cannot decode that, or if an
// object has a key that equals the name of a field but for its case, as
// encoding/json takes those for the field.
//
// In a list, null and an empty struct are the same; nil and empty lists are
// not. Times are compared by their Equal method, and what a field of type
// [json.RawMessage] holds byte by byte, but for null, which may be nil too.
func Oracle[T any](t testing.TB, doc []byte, got *T, except ...string) {
	t.Helper()
	s := tagged(t, except)
	want, ok, _ := s.decodePlain(doc, reflect.TypeFor[T]())
	s.checkExcept()
	if ok {
		s.compare(want, reflect.ValueOf(got).Elem())
	}
}

// decodePlain decodes doc into the plain copy of t. It reports whether
// encoding/json decodes it, in strict form, and whether a model then has to.
func (s *shape) decodePlain(doc []byte, t reflect.Type) (want reflect.Value, ok, must bool) {
	s.t.Helper()
	plain := reflect.New(s.plain(t))
	text, repeats, ok := strictly(doc, plain.Type().Elem())
	ok = ok && json.Unmarshal(text, plain.Interface()) == nil
	return plain.Elem(), ok, ok && !repeats
}

// compare fails the test where the plain copy of got differs from want.
func (s *shape) compare(want, got reflect.Value) {
	s.t.Helper()
	gotPlain := s.copyOf(got)
	setNulls(want)
	setNulls(gotPlain)
	if diff := cmp.Diff(want.Interface(), gotPlain.Interface()); diff != "" {
		s.t.Errorf("%v differs from encoding/json (-want +got):\n%s", got.Type(), diff)
	}
}

// Decodes decodes doc into a T and checks all that must hold for any input:
//
//   - a document is accepted only if it is valid JSON, after one byte order
//     mark;
//   - one that is refused is refused by a [*callinsights.DecodeError] with a
//     place inside of doc;
//   - one that encoding/json decodes into the plain copy of T, in the form that
//     [Oracle] gives it, is accepted, unless it is null, over a limit of jsonpull,
//     or has members of one name, which a model may refuse;
//   - what was accepted has the values that Oracle wants;
//   - what was accepted survives being encoded and decoded, see [RoundTrip],
//     if T is a [json.Marshaler].
//
// It returns the value, or nil if doc was refused.
func Decodes[T any, PT interface {
	*T
	json.Unmarshaler
}](t testing.TB, doc []byte, except ...string,
) *T {
	t.Helper()
	s := tagged(t, except)
	want, ok, must := s.decodePlain(doc, reflect.TypeFor[T]())
	s.checkExcept()
	got := new(T)
	if err := PT(got).UnmarshalJSON(doc); err != nil {
		checkRefusal(t, doc, err)
		if must && !errors.Is(err, jsonpull.ErrLimit) && string(bytes.TrimSpace(doc)) != "null" {
			t.Errorf("%T: encoding/json decodes the document, but: %v", *got, err)
		}
		return nil
	}
	if !json.Valid(bytes.TrimPrefix(doc, []byte(byteOrderMark))) {
		t.Errorf("%T: accepted what is not valid JSON", *got)
		return got
	}
	if ok {
		s.compare(want, reflect.ValueOf(got).Elem())
	}
	if _, ok := any(got).(json.Marshaler); ok && encodable(reflect.ValueOf(got)) {
		RoundTrip[T, PT](t, got)
	}
	return got
}

// checkRefusal fails the test unless err tells a place inside of doc.
func checkRefusal(t testing.TB, doc []byte, err error) {
	t.Helper()
	fault, ok := errors.AsType[*callinsights.DecodeError](err)
	if !ok {
		t.Errorf("got a %T: %v; want a *callinsights.DecodeError", err, err)
		return
	}
	if fault.Offset < 0 || fault.Offset > int64(len(doc)) {
		t.Errorf("got offset %d in a document of %d bytes", fault.Offset, len(doc))
	}
}
