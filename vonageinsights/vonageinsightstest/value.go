package vonageinsightstest

import (
	"cmp"
	"encoding/json"
	"strconv"
	"time"
)

// value is a scalar of a document or of a clause. Two that are equal are ==.
type value struct {
	kind   kind
	text   string
	number float64
	whole  int64 // a number without its fraction, or a time in microseconds
}

type kind int

const (
	kindNone kind = iota // no value
	kindBool
	kindNumber
	kindTime
	kindText
)

// valueOf returns the value of a JSON token below a path. There is none for
// null, which a search does not see.
func valueOf(path string, token any) (value, bool) {
	switch token := token.(type) {
	case string:
		if isTime(path) {
			if at, ok := moment(token); ok {
				return timeValue(at), true
			}
		}
		return value{kind: kindText, text: token}, true
	case json.Number:
		if path == "source" || path == "destination" {
			return value{kind: kindText, text: token.String()}, true
		}
		return numberValue(token), true
	case bool:
		v := value{kind: kindBool}
		if token {
			v.whole = 1
		}
		return v, true
	}
	return value{}, false
}

func timeValue(at time.Time) value { return value{kind: kindTime, whole: at.UnixMicro()} }

// numberValue keeps integers exactly, beyond what a float64 can.
func numberValue(n json.Number) value {
	v := value{kind: kindNumber}
	v.number, _ = strconv.ParseFloat(n.String(), 64)
	whole, err := strconv.ParseInt(n.String(), 10, 64)
	if err != nil {
		whole = int64(v.number)
	}
	v.whole = whole
	return v
}

// compare orders values; those of different kinds by kind.
func (v value) compare(other value) int {
	return cmp.Or(
		cmp.Compare(v.kind, other.kind),
		cmp.Compare(v.number, other.number),
		cmp.Compare(v.whole, other.whole),
		cmp.Compare(v.text, other.text),
	)
}
