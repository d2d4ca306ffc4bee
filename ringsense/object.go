package ringsense

import "github.com/callinsights/callinsights-go/internal/jsonpull"

// object takes an object, nil for null.
func object[T any](d *jsonpull.Decoder, decode func(*T, *jsonpull.Decoder)) *T {
	if d.Null() {
		return nil
	}
	v := new(T)
	decode(v, d)
	return v
}

// writeObject writes a member unless v is nil.
func writeObject[T any](w *jsonpull.Writer, key string, v *T, encode func(*T, *jsonpull.Writer)) {
	if v != nil {
		w.Key(key)
		encode(v, w)
	}
}
