package jsonpull

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// Writer encodes one value. Members whose value is zero are left out, unless
// the method's name says otherwise.
type Writer struct {
	buf []byte
	err error
}

// Marshal returns what encode writes, which must be one value.
func Marshal(encode func(*Writer)) ([]byte, error) {
	var w Writer
	encode(&w)
	if w.err != nil {
		return nil, w.err
	}
	return w.buf, nil
}

// Object writes an object, whose members write must write.
func (w *Writer) Object(write func()) {
	w.separate()
	w.buf = append(w.buf, '{')
	write()
	w.buf = append(w.buf, '}')
}

// separate writes the comma between two values.
func (w *Writer) separate() {
	if n := len(w.buf); n > 0 {
		switch w.buf[n-1] {
		case '{', '[', ':':
		default:
			w.buf = append(w.buf, ',')
		}
	}
}

// Key begins a member, whose value must follow.
func (w *Writer) Key(key string) {
	w.separate()
	w.buf = appendString(w.buf, key)
	w.buf = append(w.buf, ':')
}

// Null writes a member that is null.
func (w *Writer) Null(key string) {
	w.Key(key)
	w.buf = append(w.buf, "null"...)
}

// String writes a member unless s is empty.
func (w *Writer) String(key, s string) {
	if s != "" {
		w.StringAlways(key, s)
	}
}

// StringAlways writes a member even if s is empty.
func (w *Writer) StringAlways(key, s string) {
	w.Key(key)
	w.buf = appendString(w.buf, s)
}

// Text writes a string as a value of its own, such as an element.
func (w *Writer) Text(s string) {
	w.separate()
	w.buf = appendString(w.buf, s)
}

// Int writes a member unless n is 0.
func (w *Writer) Int(key string, n int64) {
	if n != 0 {
		w.IntAlways(key, n)
	}
}

// IntAlways writes a member even if n is 0.
func (w *Writer) IntAlways(key string, n int64) {
	w.Key(key)
	w.buf = strconv.AppendInt(w.buf, n, 10)
}

// Float writes a member unless f is 0.
func (w *Writer) Float(key string, f float64) {
	if f != 0 {
		w.FloatAlways(key, f)
	}
}

// FloatAlways writes a member even if f is 0. JSON has no infinity and no NaN.
func (w *Writer) FloatAlways(key string, f float64) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		w.fail(fmt.Errorf("%s: %v cannot be written as JSON", key, f))
		return
	}
	w.Key(key)
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	w.buf = strconv.AppendFloat(w.buf, f, format, -1, 64)
}

// Bool writes a member unless b is false.
func (w *Writer) Bool(key string, b bool) {
	if b {
		w.BoolAlways(key, b)
	}
}

// BoolAlways writes a member even if b is false.
func (w *Writer) BoolAlways(key string, b bool) {
	w.Key(key)
	w.buf = strconv.AppendBool(w.buf, b)
}

// Time writes a member in the given layout unless t is zero.
func (w *Writer) Time(key string, t time.Time, layout string) {
	if t.IsZero() {
		return
	}
	if year := t.Year(); year < 0 || year > 9999 {
		w.fail(fmt.Errorf("%s: year %d cannot be written", key, year))
		return
	}
	w.Key(key)
	w.buf = append(w.buf, '"')
	w.buf = t.AppendFormat(w.buf, layout)
	w.buf = append(w.buf, '"')
}

// Raw writes a member unless raw is empty. It is written as compact JSON.
func (w *Writer) Raw(key string, raw json.RawMessage) {
	if len(raw) == 0 {
		return
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		w.fail(fmt.Errorf("%s: not valid JSON", key))
		return
	}
	w.Key(key)
	w.buf = append(w.buf, compact.Bytes()...)
}

// Extra writes the members of extra, sorted by their keys.
func (w *Writer) Extra(extra map[string]json.RawMessage) {
	for _, key := range slices.Sorted(maps.Keys(extra)) {
		w.Raw(key, extra[key])
	}
}

func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// WriteList writes a member whose elements are written by write; nil is left
// out, and an empty list is not.
func WriteList[T any](w *Writer, key string, list []T, write func(*T, *Writer)) {
	if list == nil {
		return
	}
	w.Key(key)
	w.buf = append(w.buf, '[')
	for i := range list {
		write(&list[i], w)
	}
	w.buf = append(w.buf, ']')
}

// Strings writes a member; nil is left out, and an empty list is not.
func (w *Writer) Strings(key string, list []string) {
	WriteList(w, key, list, func(s *string, w *Writer) { w.Text(*s) })
}

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string. What is not UTF-8 becomes U+FFFD.
func appendString(buf []byte, s string) []byte {
	buf = append(buf, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			buf = appendASCII(buf, c)
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		buf = utf8.AppendRune(buf, r)
		i += size
	}
	return append(buf, '"')
}

func appendASCII(buf []byte, c byte) []byte {
	switch {
	case c == '"' || c == '\\':
		return append(buf, '\\', c)
	case c == '\n':
		return append(buf, '\\', 'n')
	case c == '\r':
		return append(buf, '\\', 'r')
	case c == '\t':
		return append(buf, '\\', 't')
	case c < ' ':
		return append(buf, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
	}
	return append(buf, c)
}
