package fakekit

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// removed stands in the journal in the place of a credential.
const removed = "REMOVED"

// clean takes the credentials out of a body: the members of a JSON document, at any
// depth, or the fields of a form. What the request calls its body is not asked, as a
// client that is wrong about it sends the credential all the same. A body that
// mentions none of the names stays as it is, and nothing is left of one that cannot
// be read.
func clean(body []byte, names []string) []byte {
	text := bytes.TrimLeft(body, "\ufeff \t\r\n")
	switch {
	case len(names) == 0 || len(text) == 0:
		return body
	case text[0] != '{' && text[0] != '[':
		return cleanForm(body, names)
	case !json.Valid(text):
		return nil
	case !mentions(text, names):
		return body
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var document any
	_ = d.Decode(&document) // is valid
	remove(document, names)
	var cleaned bytes.Buffer
	e := json.NewEncoder(&cleaned)
	e.SetEscapeHTML(false) // addresses stay as they are
	_ = e.Encode(document) //nolint:errchkjson // what was decoded always encodes
	return bytes.TrimSuffix(cleaned.Bytes(), []byte("\n"))
}

func cleanForm(body []byte, names []string) []byte {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	found := false
	for field := range form {
		if isSecret(field, names) {
			form.Set(field, removed)
			found = true
		}
	}
	if !found {
		return body
	}
	return []byte(form.Encode())
}

// mentions reports whether a document has one of the names anywhere, also where a
// member that comes later takes the place of the one that has it.
func mentions(text []byte, names []string) bool {
	d := json.NewDecoder(bytes.NewReader(text))
	for {
		token, err := d.Token()
		if err != nil {
			return false
		}
		if name, ok := token.(string); ok && isSecret(name, names) {
			return true
		}
	}
}

// remove puts a word in the place of each secret member.
func remove(v any, names []string) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if isSecret(name, names) {
				v[name] = removed
			} else {
				remove(value, names)
			}
		}
	case []any:
		for _, value := range v {
			remove(value, names)
		}
	}
}

// isSecret does not mind the case of a name, as encoding/json does not, and no space
// around it, as the sender meant none.
func isSecret(name string, names []string) bool {
	name = strings.TrimSpace(name)
	return slices.ContainsFunc(names, func(secret string) bool { return strings.EqualFold(name, secret) })
}
