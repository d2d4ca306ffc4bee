package whippy

import (
	"bytes"
	"strings"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

func isNull(data []byte) bool { return string(bytes.TrimSpace(data)) == "null" }

// unmarshal replaces *v by the value that data holds, and leaves it alone on
// null and on a fault. It works on a copy of data, as decoded values point
// into the text that they came from.
func unmarshal[T any](v *T, data []byte, decode func(*T, *jsonpull.Decoder)) error {
	if isNull(data) {
		return nil
	}
	var fresh T
	if err := jsonpull.Parse(string(data), func(d *jsonpull.Decoder) { decode(&fresh, d) }); err != nil {
		return err
	}
	*v = fresh
	return nil
}

// text takes a value whose kind is not known: a string, or the JSON of what is
// none.
func text(d *jsonpull.Decoder) string { return strings.ToValidUTF8(d.Text(), "\ufffd") }
