package vonageinsightstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unique"
)

// document is a session as it was added, and what a search sees of it.
type document struct {
	id    string
	start time.Time
	place int // in the order in which documents were added
	text  []byte

	indexed sync.Once // most documents are never looked into
	index   index
}

func newDocument(text []byte) (*document, error) {
	if !json.Valid(text) || !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) {
		return nil, errors.New("the document is not a JSON object")
	}
	found := head(text)
	id, start := found["id"], found[startTime]
	switch {
	case len(id) != 1 || id[0].kind != kindText || id[0].text == "":
		return nil, errors.New("the document has no id that is a string")
	case len(start) != 1 || start[0].kind != kindTime:
		return nil, errors.New("the document has no session_start_time that is a time")
	}
	return &document{id: id[0].text, start: time.UnixMicro(start[0].whole).UTC(), text: text}, nil
}

// values returns the values of a field, times cut to a precision.
func (d *document) values(path string, precision time.Duration) []value {
	switch path {
	case "id":
		return []value{{kind: kindText, text: d.id}}
	case startTime:
		return []value{timeValue(d.start.Truncate(precision))}
	}
	d.indexed.Do(func() { d.index = newIndex(d.text) })
	found := d.index.at(path)
	if !isTime(path) {
		return found
	}
	found = slices.Clone(found)
	for i, v := range found {
		if v.kind == kindTime {
			found[i] = timeValue(time.UnixMicro(v.whole).Truncate(precision))
		}
	}
	return found
}

// index holds the values below each dotted path of a document. Lists are
// invisible in it: a path has the values of all their members, as it has in the
// search engine. It is two lists and no map, as there may be 100,000 of them.
type index struct {
	paths  []string // sorted
	values []value
}

func newIndex(text []byte) index {
	found := make(fields)
	found.read(decoder(text), nil)
	for name, value := range parametersOf(text) {
		delete(found, "parameters."+name)
		found.read(decoder(value), []string{"parameters", name})
	}
	for name, count := range tagsOf(text) {
		if path := "tags." + name; found[path] == nil {
			found.add(path, count)
		}
	}
	var x index
	for _, path := range slices.Sorted(maps.Keys(found)) {
		shared := unique.Make(path).Value() // with the other documents
		for _, v := range found[path] {
			x.paths, x.values = append(x.paths, shared), append(x.values, v)
		}
	}
	return index{slices.Clip(x.paths), slices.Clip(x.values)}
}

func (x index) at(path string) []value {
	low, _ := slices.BinarySearch(x.paths, path)
	high := low
	for high < len(x.paths) && x.paths[high] == path {
		high++
	}
	return x.values[low:high]
}

// fields are the values below each path, while a document is read.
type fields map[string][]value

// head returns the fields without which there is no session.
func head(text []byte) fields {
	found := make(fields)
	d := decoder(text)
	_, _ = d.Token()
	for d.More() {
		if key := nextKey(d); key == "id" || key == startTime {
			found.read(d, []string{key})
		} else {
			var passed json.RawMessage
			_ = d.Decode(&passed) // the document is valid
		}
	}
	return found
}

// read takes in the value that d stands before. The document is valid, so there
// are no errors, and it reads every member of an object, also one that stands
// there twice, as categories of tags do on the vendor's page.
func (f fields) read(d *json.Decoder, path []string) {
	token, _ := d.Token()
	open, nested := token.(json.Delim)
	if !nested {
		f.addBelow(path, token)
		return
	}
	for d.More() {
		below := path
		if open == '{' {
			below = append(path, nextKey(d)) // used up before the next one
		}
		f.read(d, below)
	}
	_, _ = d.Token()
}

// addBelow adds a value under its path, and under the name that the vendor's
// page gives it where that is another.
func (f fields) addBelow(path []string, token any) {
	f.add(strings.Join(path, "."), token)
	switch {
	case len(path) == 3 && path[0] == "tags":
		f.add("tags."+path[2], token)
	case len(path) == 2 && path[0] == "transcription" && path[1] == "user":
		f.add("transcription.client", token)
	}
}

func (f fields) add(path string, token any) {
	if v, ok := valueOf(path, token); ok {
		f[path] = append(f[path], v)
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
