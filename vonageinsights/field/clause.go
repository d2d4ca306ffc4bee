package field

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// timeLayout is how times are sent: in UTC, which is not written.
const timeLayout = "2006-01-02T15:04:05.000000"

// Clause is one condition of a filter. Its zero value is refused when the query
// is sent.
type Clause struct {
	kind   kind
	path   string
	text   string // also a time, and the JSON of a raw clause
	number int64  // also a bool, and the year that cannot be sent
}

type kind uint8

const (
	kindNone kind = iota
	kindString
	kindNumber
	kindBool
	kindYear // a time that cannot be sent
	kindText
	kindRaw
)

// Raw is a condition in the words of the search engine, for what has no typed
// form:
//
//	field.Raw(json.RawMessage(`{"match":{"transcription.user":"refund"}}`))
//
// It must be one JSON object, which is checked when the query is sent. The
// service documents the clauses term and match only; what else its engine
// understands (Elasticsearch's query language) is not promised by anybody.
func Raw(query json.RawMessage) Clause { return Clause{kind: kindRaw, text: string(query)} }

// AppendText appends the clause to b as it is sent, as compact JSON such as
// {"term":{"id":"7"}}. It returns an error for a clause that cannot be sent: the
// zero value, a path or a value that is no valid text, a time outside of the
// years 0 to 9999, a raw clause that is not a JSON object.
func (c Clause) AppendText(b []byte) ([]byte, error) {
	if c.kind == kindNone {
		return b, errors.New("the clause is empty; make one with a field's Is or Matches, or with Raw")
	}
	if c.kind == kindRaw {
		return appendRaw(b, c.text)
	}
	if err := checkPath(c.path); err != nil {
		return b, err
	}
	if !utf8.ValidString(c.text) {
		return b, fmt.Errorf("the value for field %s is not valid UTF-8", c.path)
	}
	if c.kind == kindYear {
		return b, fmt.Errorf("the time for field %s is in year %d; it must be from 0 to 9999", c.path, c.number)
	}
	operator := `{"term":{`
	if c.kind == kindText {
		if !strings.ContainsFunc(c.text, isWord) {
			return b, fmt.Errorf("the text for field %s has no word to search for", c.path)
		}
		operator = `{"match":{`
	}
	b = append(b, operator...)
	b = appendString(b, c.path)
	b = append(b, ':')
	switch c.kind {
	case kindNumber:
		b = strconv.AppendInt(b, c.number, 10)
	case kindBool:
		b = strconv.AppendBool(b, c.number != 0)
	default:
		b = appendString(b, c.text)
	}
	return append(b, "}}"...), nil
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) }

func appendRaw(b []byte, text string) ([]byte, error) {
	var compact bytes.Buffer
	if !utf8.ValidString(text) || json.Compact(&compact, []byte(text)) != nil {
		return b, errors.New("the raw clause is not valid JSON")
	}
	if compact.Bytes()[0] != '{' {
		return b, errors.New("the raw clause is not a JSON object")
	}
	return append(b, compact.Bytes()...), nil
}

// Order is one key to sort by. Its zero value is refused when the query is sent.
type Order struct {
	path string
	desc bool
}

// AppendText appends the key to b as it is sent, such as "id:asc". It returns an
// error for one that cannot be sent: the zero value, or a path that is no valid
// text or holds a comma or a colon, which have a meaning there.
func (o Order) AppendText(b []byte) ([]byte, error) {
	if err := checkPath(o.path); err != nil {
		return b, err
	}
	if strings.ContainsAny(o.path, ",:") {
		return b, fmt.Errorf("cannot sort by field %s: its name holds a comma or a colon", o.path)
	}
	direction := ":asc"
	if o.desc {
		direction = ":desc"
	}
	return append(append(b, o.path...), direction...), nil
}

// AppendPath appends the path of p to b as it is sent in a list of fields, as a
// JSON string. It returns an error for nil and for a path that is no valid text.
func AppendPath(b []byte, p Path) ([]byte, error) {
	if p == nil {
		return b, errors.New("the field is nil")
	}
	path := p.String()
	if err := checkPath(path); err != nil {
		return b, err
	}
	return appendString(b, path), nil
}

// checkPath does not quote a path that it refuses: it may be anything.
func checkPath(path string) error {
	switch {
	case path == "":
		return errors.New("the name of the field is empty")
	case !utf8.ValidString(path):
		return errors.New("the name of the field is not valid UTF-8")
	case strings.ContainsFunc(path, unicode.IsControl):
		return errors.New("the name of the field holds a control character")
	case path[0] == '.' || path[len(path)-1] == '.':
		return errors.New("the name of the field begins or ends with a dot; a part of it is missing")
	}
	return nil
}

const hexDigits = "0123456789abcdef"

// appendString appends s, which is valid UTF-8, as a JSON string.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
