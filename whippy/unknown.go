package whippy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Unknown is the data of an event that has no type of its own in this package.
type Unknown struct {
	// Raw is the exact text of the data.
	Raw json.RawMessage `json:"-"`
}

// Decode decodes the data into v as [json.Unmarshal] does. v may be a type of
// your own, or a [*Call] for an event that has the shape of one. The text of
// the error names the place and the Go type and holds nothing of the data; the
// cause is the error of encoding/json.
func (u *Unknown) Decode(v any) error { return decodeInto("Unknown.Decode", u.Raw, v) }

func decodeInto(op string, raw json.RawMessage, v any) error {
	if err := json.Unmarshal(raw, v); err != nil {
		return &callinsights.Error{Vendor: vendor, Op: op, Err: &misfit{into: fmt.Sprintf("%T", v), cause: err}}
	}
	return nil
}

// misfit hides the text of an error of encoding/json, which may quote a value.
type misfit struct {
	into  string
	cause error
}

func (m *misfit) Error() string {
	if typeErr, ok := errors.AsType[*json.UnmarshalTypeError](m.cause); ok {
		where := typeErr.Field
		if where == "" {
			where = "the value"
		}
		return fmt.Sprintf("%s at offset %d does not fit Go type %v", where, typeErr.Offset, typeErr.Type)
	}
	return "the data does not fit " + m.into
}

func (m *misfit) Unwrap() error { return m.cause }

func (u *Unknown) write(w *jsonpull.Writer, key string) { w.Raw(key, u.Raw) }

func (*Unknown) id() string { return "" }

func (u *Unknown) text() string {
	if u == nil {
		return ""
	}
	return string(u.Raw)
}

// MarshalJSON writes the data, null where there is none.
func (u Unknown) MarshalJSON() ([]byte, error) {
	if len(u.Raw) == 0 {
		return []byte("null"), nil
	}
	return u.Raw, nil
}

// UnmarshalJSON keeps a copy of data; null changes nothing.
func (u *Unknown) UnmarshalJSON(data []byte) error {
	if !isNull(data) {
		u.Raw = slices.Clone(data)
	}
	return nil
}

// LogValue returns the size of the data.
func (u Unknown) LogValue() slog.Value { return slog.GroupValue(slog.Int("bytes", len(u.Raw))) }

func isNull(data []byte) bool { return string(bytes.TrimSpace(data)) == "null" }
