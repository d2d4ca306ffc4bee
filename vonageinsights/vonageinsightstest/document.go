package vonageinsightstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// document is a session as it was added, and what a search sees of it. It is
// never changed.
type document struct {
	id    string
	start time.Time
	text  []byte
	index index
}

func newDocument(text []byte) (*document, error) {
	if !json.Valid(text) || !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) {
		return nil, errors.New("the document is not a JSON object")
	}
	d := &document{text: text, index: newIndex(text)}
	id, start := d.index["id"], d.index[startTime]
	switch {
	case len(id) != 1 || id[0].kind != kindText || id[0].text == "":
		return nil, errors.New("the document has no id that is a string")
	case len(start) != 1 || start[0].kind != kindTime:
		return nil, errors.New("the document has no session_start_time that is a time")
	}
	d.id, d.start = id[0].text, time.UnixMicro(start[0].whole).UTC()
	return d, nil
}

// index holds the values below each dotted path of a document. Lists are
// invisible in it: a path has the values of all their members, as it has in the
// search engine.
type index map[string][]value

func newIndex(text []byte) index {
	x := make(index)
	x.read(decoder(text), nil)
	for name, value := range parametersOf(text) {
		delete(x, "parameters."+name)
		x.read(decoder(value), []string{"parameters", name})
	}
	for name, count := range tagsOf(text) {
		if path := "tags." + name; x[path] == nil {
			x.add(path, count)
		}
	}
	return x
}

// read takes in the value that d stands before. The document is valid, so there
// are no errors, and it reads every member of an object, also one that stands
// there twice, as categories of tags do on the vendor's page.
func (x index) read(d *json.Decoder, path []string) {
	token, _ := d.Token()
	open, nested := token.(json.Delim)
	if !nested {
		x.addBelow(path, token)
		return
	}
	for d.More() {
		below := path
		if open == '{' {
			below = append(path, nextKey(d)) // used up before the next one
		}
		x.read(d, below)
	}
	_, _ = d.Token()
}

// addBelow adds a value under its path, and under the name that the vendor's
// page gives it where that is another.
func (x index) addBelow(path []string, token any) {
	x.add(strings.Join(path, "."), token)
	switch {
	case len(path) == 3 && path[0] == "tags":
		x.add("tags."+path[2], token)
	case len(path) == 2 && path[0] == "transcription" && path[1] == "user":
		x.add("transcription.client", token)
	}
}

func (x index) add(path string, token any) {
	if v, ok := valueOf(path, token); ok {
		x[path] = append(x[path], v)
	}
}

// parametersOf returns the last value of each parameter. They stand in a
// document up to three times: params and params_list are on the vendor's page,
// and parameters is in public samples.
func parametersOf(text []byte) map[string]json.RawMessage {
	var from struct {
		Params map[string]struct {
			Value json.RawMessage `json:"value"`
		} `json:"params"`
		Parameters map[string]json.RawMessage `json:"parameters"`
		List       []struct {
			Name  string          `json:"name"`
			Value json.RawMessage `json:"value"`
		} `json:"params_list"`
	}
	_ = json.Unmarshal(text, &from) // what has another shape stays empty
	all := make(map[string]json.RawMessage)
	put := func(name string, value json.RawMessage) {
		if value != nil {
			all[name] = value
		}
	}
	for _, p := range from.List {
		put(p.Name, p.Value)
	}
	for name, value := range from.Parameters {
		put(name, value)
	}
	for name, p := range from.Params {
		put(name, p.Value)
	}
	return all
}

// tagsOf returns how often each tag of tags_list was collected.
func tagsOf(text []byte) map[string]json.Number {
	var from struct {
		List []struct {
			Tag   string      `json:"tag"`
			Count json.Number `json:"count"`
		} `json:"tags_list"`
	}
	_ = json.Unmarshal(text, &from) // what has another shape stays empty
	all := make(map[string]json.Number)
	for _, t := range from.List {
		if t.Count != "" {
			all[t.Tag] = t.Count
		}
	}
	return all
}

func decoder(text []byte) *json.Decoder {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d
}

// nextKey returns the key of the member that d stands before.
func nextKey(d *json.Decoder) string {
	token, _ := d.Token()
	key, _ := token.(string)
	return key
}
