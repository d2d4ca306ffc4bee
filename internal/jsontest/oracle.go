package jsontest

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

const byteOrderMark = "\ufeff"

// Oracle checks got, which was decoded from doc, against what encoding/json
// decodes into the plain copy of T. It does nothing unless doc is strict:
// valid JSON without a byte order mark, in which no object has two keys that
// are equal but for their case, nor one that equals the name of a field but
// for its case; and unless encoding/json can decode it.
//
// In a list, null and an empty struct are the same; nil and empty lists are
// not. Times are compared by their Equal method, and what a field of type
// [json.RawMessage] holds byte by byte.
func Oracle[T any](t testing.TB, doc []byte, got *T, except ...string) {
	t.Helper()
	s := tagged(t, except)
	want, ok := s.decodePlain(doc, reflect.TypeFor[T]())
	s.checkExcept()
	if ok {
		s.compare(want, reflect.ValueOf(got).Elem())
	}
}

// decodePlain decodes a strict document into the plain copy of t. It reports
// whether doc is strict and encoding/json decodes it.
func (s *shape) decodePlain(doc []byte, t reflect.Type) (reflect.Value, bool) {
	s.t.Helper()
	plain := reflect.New(s.plain(t))
	if !strict(doc, plain.Type()) || json.Unmarshal(doc, plain.Interface()) != nil {
		return plain.Elem(), false
	}
	return plain.Elem(), true
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
//   - a strict one that encoding/json decodes into the plain copy of T is
//     accepted, unless it is null or over a limit of jsonpull, with the same
//     values, see [Oracle];
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
	want, ok := s.decodePlain(doc, reflect.TypeFor[T]())
	s.checkExcept()
	got := new(T)
	if err := PT(got).UnmarshalJSON(doc); err != nil {
		checkRefusal(t, doc, err)
		if ok && !errors.Is(err, jsonpull.ErrLimit) && string(bytes.TrimSpace(doc)) != "null" {
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

// strict reports whether doc has only one reading as a value of the plain type t.
func strict(doc []byte, t reflect.Type) bool {
	if !json.Valid(doc) {
		return false
	}
	c := keyCheck{dec: json.NewDecoder(bytes.NewReader(doc))}
	c.dec.UseNumber()
	c.value(t)
	return !c.loose
}

// keyCheck walks a valid document in step with a type, which is nil for values
// that have none.
type keyCheck struct {
	dec   *json.Decoder
	loose bool
}

func (c *keyCheck) value(t reflect.Type) {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	token, err := c.dec.Token()
	if err != nil {
		return // not with a valid document
	}
	switch token {
	case json.Delim('{'):
		c.object(t)
	case json.Delim('['):
		elem := elemOf(t, reflect.Slice, reflect.Array)
		for c.dec.More() {
			c.value(elem)
		}
	default:
		return
	}
	_, _ = c.dec.Token() // the closing bracket
}

func (c *keyCheck) object(t reflect.Type) {
	seen := make(map[string]bool)
	for c.dec.More() {
		token, _ := c.dec.Token()
		key, _ := token.(string)
		folded := fold(key)
		c.loose = c.loose || seen[folded]
		seen[folded] = true
		member := elemOf(t, reflect.Map)
		if t != nil && t.Kind() == reflect.Struct {
			for f := range t.Fields() {
				switch name := jsonName(f); {
				case name == key:
					member = f.Type
				case fold(name) == folded:
					c.loose = true
				}
			}
		}
		c.value(member)
	}
}

// elemOf returns the type of t's elements, nil if t is of none of the kinds.
func elemOf(t reflect.Type, kinds ...reflect.Kind) reflect.Type {
	if t != nil {
		for _, kind := range kinds {
			if t.Kind() == kind {
				return t.Elem()
			}
		}
	}
	return nil
}

// fold maps strings that are equal but for their case to the same string, as
// encoding/json does when it looks for the field of a key.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		for {
			next := unicode.SimpleFold(r)
			if next <= r {
				return next
			}
			r = next
		}
	}, s)
}
