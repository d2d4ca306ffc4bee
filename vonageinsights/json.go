package vonageinsights

import (
	"bytes"
	"strings"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// unmarshal decodes a copy of data, which belongs to encoding/json. null
// changes nothing.
func unmarshal[T any](dst *T, data []byte, decode func(*T, *jsonpull.Decoder)) error {
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		return nil
	}
	var value T
	if err := jsonpull.Parse(string(data), func(d *jsonpull.Decoder) { decode(&value, d) }); err != nil {
		return err
	}
	*dst = value
	return nil
}

// text takes a scalar as its text, and a list or an object as its JSON text, in
// either case as valid UTF-8. It refuses nothing that is JSON.
func text(d *jsonpull.Decoder) string { return strings.ToValidUTF8(d.Text(), "\ufffd") }
