package ringsense

import "github.com/callinsights/callinsights-go/internal/jsonpull"

// writeObject writes a member unless v is nil.
func writeObject[T any](w *jsonpull.Writer, key string, v *T, encode func(*T, *jsonpull.Writer)) {
	if v != nil {
		w.Key(key)
		encode(v, w)
	}
}
