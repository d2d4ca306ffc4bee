package ringsense

import "github.com/callinsights/callinsights-go/internal/jsonpull"

// unmarshal replaces *v by the value that data holds, and leaves it alone on
// null and on a fault. It works on a copy of data, as decoded values point
// into the text that they came from.
func unmarshal[T any](v *T, data []byte, decode func(*T, *jsonpull.Decoder)) error {
	fresh := *v
	err := jsonpull.Parse(string(data), func(d *jsonpull.Decoder) {
		if !d.Null() {
			fresh = *new(T)
			decode(&fresh, d)
		}
	})
	if err == nil {
		*v = fresh
	}
	return err
}
