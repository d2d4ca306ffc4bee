package jsontest

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// RoundTrip encodes v, decodes that, and fails the test unless the outcome
// equals v in all exported fields, at any depth. Times are compared by their
// Equal method, and what a [json.RawMessage] holds as compact JSON. Encoding
// must yield valid JSON, and the same bytes when the outcome is encoded again. A
// value that was just within a limit of jsonpull may be over it when it is
// written in full, and is not compared then.
func RoundTrip[T any, PT interface {
	*T
	json.Unmarshaler
}](t testing.TB, v *T,
) {
	t.Helper()
	first, ok := encode(t, v)
	if !ok {
		return
	}
	again := new(T)
	if err := PT(again).UnmarshalJSON(first); errors.Is(err, jsonpull.ErrLimit) {
		return
	} else if err != nil {
		t.Errorf("%T does not decode what it encodes: %v", *v, err)
		return
	}
	s := exported(t)
	want := s.copyOf(reflect.ValueOf(v).Elem()).Interface()
	got := s.copyOf(reflect.ValueOf(again).Elem()).Interface()
	if diff := cmp.Diff(want, got, cmp.Comparer(sameRaw)); diff != "" {
		t.Errorf("%T changes when it is encoded and decoded (-want +got):\n%s", *v, diff)
	}
	if second, ok := encode(t, again); ok && !bytes.Equal(first, second) {
		t.Errorf("%T encodes differently after decoding (-want +got):\n%s", *v, cmp.Diff(string(first), string(second)))
	}
}

// encode returns what json.Marshal makes of v, whose own method is checked
// first because json.Marshal would mend white space and characters.
func encode[T any](t testing.TB, v *T) ([]byte, bool) {
	t.Helper()
	if m, ok := any(v).(json.Marshaler); ok {
		own, err := m.MarshalJSON()
		if err != nil {
			t.Errorf("%T.MarshalJSON: %v", *v, err)
			return nil, false
		}
		if !json.Valid(own) {
			t.Errorf("%T.MarshalJSON: the result is not valid JSON", *v)
			return nil, false
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Errorf("encoding a %T: %v", *v, err)
		return nil, false
	}
	return text, true
}

func sameRaw(a, b json.RawMessage) bool { return bytes.Equal(compactRaw(a), compactRaw(b)) }

// compactRaw returns raw in the form that json.Marshal writes.
func compactRaw(raw json.RawMessage) []byte {
	var compact, escaped bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return raw
	}
	json.HTMLEscape(&escaped, compact.Bytes())
	return escaped.Bytes()
}

// encodable reports whether JSON can express the times in v, in UTC too: a
// decoded "9999-12-31T23:59:59-01:00" is in the year 10000 there.
func encodable(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return v.IsNil() || encodable(v.Elem())
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if !encodable(v.Index(i)) {
				return false
			}
		}
	case reflect.Map:
		for _, elem := range v.Seq2() {
			if !encodable(elem) {
				return false
			}
		}
	case reflect.Struct:
		if at, ok := reflect.TypeAssert[time.Time](v); ok {
			year := at.UTC().Year()
			return year >= 0 && year <= 9999
		}
		for f, elem := range v.Fields() {
			if f.IsExported() && !encodable(elem) {
				return false
			}
		}
	}
	return true
}
