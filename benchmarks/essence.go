package main

import (
	"encoding/json"
	"errors"
	"strings"
)

// holds returns an error unless got, written again, says all that the document
// does. How numbers, bools and what is empty are written does not matter.
func holds(document []byte, got any) error {
	written, err := json.Marshal(got)
	if err != nil {
		return err
	}
	want, err := essence(document)
	if err != nil {
		return err
	}
	have, err := essence(written)
	if err != nil {
		return err
	}
	if want != have {
		return errors.New("what was decoded is not what the document says")
	}
	return nil
}

// essence returns a document with its keys in order, without what is empty.
func essence(document []byte) (string, error) {
	decoder := json.NewDecoder(strings.NewReader(string(document)))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return "", err
	}
	text, err := json.Marshal(pruned(v))
	return string(text), err
}

// pruned returns v with texts for numbers and bools, and nil for what is empty,
// which is no member of an object.
func pruned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return prunedObject(v)
	case []any:
		for i := range v {
			v[i] = pruned(v[i])
		}
		if len(v) > 0 {
			return v
		}
	case bool:
		if v {
			return "true"
		}
	case json.Number:
		return pruned(v.String())
	case string:
		if v != "" && v != "0" {
			return v
		}
	}
	return nil
}

func prunedObject(object map[string]any) any {
	for key, value := range object {
		if value = pruned(value); value == nil {
			delete(object, key)
		} else {
			object[key] = value
		}
	}
	if len(object) == 0 {
		return nil
	}
	return object
}
