package vonageinsightstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// projection is what project_fields asks for; empty is all.
type projection []string

func parseProjection(text string) (projection, error) {
	var p projection
	if text == "" {
		return nil, nil
	}
	if err := unmarshal(text, &p); err != nil || p == nil {
		return nil, errors.New("project_fields is not a JSON list of strings")
	}
	return p, nil
}

// of returns the parts of a document that are asked for, in its order.
func (p projection) of(d *document) []byte {
	if len(p) == 0 {
		return d.text
	}
	if part := p.part(decoder(d.text), ""); part != nil {
		return part
	}
	return []byte("{}")
}

// part returns what is asked for of the value that d stands before, nil if that
// is nothing. What remains empty is left out, as the engine does.
func (p projection) part(d *json.Decoder, path string) []byte {
	if slices.ContainsFunc(p, func(field string) bool {
		return path == field || strings.HasPrefix(path, field+".")
	}) {
		var whole json.RawMessage
		_ = d.Decode(&whole) // the document is valid
		return whole
	}
	token, _ := d.Token()
	open, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	var parts [][]byte
	for d.More() {
		var label []byte
		below := path
		if open == '{' {
			name := nextKey(d)
			below = strings.TrimPrefix(path+"."+name, ".")
			label = append(encode(name), ':')
		}
		if part := p.part(d, below); part != nil {
			parts = append(parts, append(label, part...))
		}
	}
	_, _ = d.Token()
	if len(parts) == 0 {
		return nil
	}
	list := bytes.Join(parts, []byte(","))
	if open == '{' {
		return slices.Concat([]byte("{"), list, []byte("}"))
	}
	return slices.Concat([]byte("["), list, []byte("]"))
}
