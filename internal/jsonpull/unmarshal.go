package jsonpull

// Unmarshal is the UnmarshalJSON of a model: it replaces *v by the value that
// data holds, and leaves it alone on null and on a fault. data, which belongs
// to encoding/json, is copied, as decoded strings are parts of their document.
func Unmarshal[T any](v *T, data []byte, decode func(*T, *Decoder)) error {
	fresh := *v
	err := Parse(string(data), func(d *Decoder) {
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
