package jsontest

import (
	"bytes"
	"encoding/json"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// strictly returns doc as encoding/json has to be given it to find in it what
// jsonpull documents, for a value of the plain type t. repeats says that an object
// had members of one name. It fails if doc is not valid JSON, or if encoding/json
// would take a key for a field that has another one.
func strictly(doc []byte, t reflect.Type) (text []byte, repeats, ok bool) {
	doc = bytes.TrimPrefix(doc, []byte(byteOrderMark))
	if !json.Valid(doc) {
		return nil, false, false
	}
	r := rewriter{doc: doc, dec: json.NewDecoder(bytes.NewReader(doc))}
	r.value(t)
	return r.rewritten(), r.repeats, !r.loose
}

// rewriter walks a valid document in step with a type.
type rewriter struct {
	doc     []byte
	dec     *json.Decoder
	edits   []edit
	repeats bool // an object has members of one name
	loose   bool // a key equals the name of a field but for its case
}

// edit puts text in the place of doc[start:end].
type edit struct {
	start, end int
	text       string
}

// rewritten applies the edits, which are in order.
func (r *rewriter) rewritten() []byte {
	if len(r.edits) == 0 {
		return r.doc
	}
	var out []byte
	at := 0
	for _, e := range r.edits {
		out = append(append(out, r.doc[at:e.start]...), e.text...)
		at = e.end
	}
	return append(out, r.doc[at:]...)
}

// next returns where the next key or value begins.
func (r *rewriter) next() int {
	at := int(r.dec.InputOffset())
	return at + len(r.doc[at:]) - len(bytes.TrimLeft(r.doc[at:], " \t\r\n,:"))
}

func (r *rewriter) value(t reflect.Type) {
	pointer := t != nil && t.Kind() == reflect.Pointer
	if pointer {
		t = t.Elem()
	}
	start := r.next()
	switch {
	case t == nil || t == rawType:
	case r.doc[start] == '{' && t != timeType && (t.Kind() == reflect.Struct || t.Kind() == reflect.Map):
		r.object(t)
		return
	case r.doc[start] == '[' && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array):
		_, _ = r.dec.Token()
		for r.dec.More() {
			r.value(t.Elem())
		}
		_, _ = r.dec.Token()
		return
	}
	var text json.RawMessage
	_ = r.dec.Decode(&text) // the document is valid
	if t == nil {
		return
	}
	if strict, ok := scalarFor(t, pointer, string(text)); ok && strict != string(text) {
		r.edits = append(r.edits, edit{start, start + len(text), strict})
	}
}

// object walks an object, and takes out the members whose name comes again.
func (r *rewriter) object(t reflect.Type) {
	type member struct {
		name  string
		start int
		edits int // how many there were before it
	}
	var members []member
	_, _ = r.dec.Token()
	for r.dec.More() {
		start := r.next()
		token, _ := r.dec.Token()
		name, _ := token.(string)
		members = append(members, member{name, start, len(r.edits)})
		r.value(r.member(t, name))
	}
	_, _ = r.dec.Token()
	last := make(map[string]int, len(members))
	for i, m := range members {
		last[m.name] = i
	}
	if len(last) == len(members) {
		return
	}
	r.repeats = true
	edits := slices.Clone(r.edits[:members[0].edits])
	for i, m := range members {
		until := len(r.edits)
		if i+1 < len(members) {
			until = members[i+1].edits
		}
		if last[m.name] == i {
			edits = append(edits, r.edits[m.edits:until]...)
		} else {
			edits = append(edits, edit{start: m.start, end: members[i+1].start})
		}
	}
	r.edits = edits
}

// member returns the type of a member of t, nil for one that is not known.
func (r *rewriter) member(t reflect.Type, name string) reflect.Type {
	if t.Kind() == reflect.Map {
		return t.Elem()
	}
	folded := fold(name)
	for f := range t.Fields() {
		switch known := jsonName(f); {
		case known == name:
			return f.Type
		case len(known) == len(name) || !isASCII(name):
			r.loose = r.loose || fold(known) == folded
		}
	}
	return nil
}

// scalarFor returns how a scalar is written strictly for a value of type t, or a
// pointer to one, and false for what encoding/json takes or refuses as it is.
func scalarFor(t reflect.Type, pointer bool, text string) (string, bool) {
	var inner string
	quoted := json.Unmarshal([]byte(text), &inner) == nil && text != "null"
	inner = strings.TrimSpace(inner)
	isNumber := strings.ContainsAny(text[:1], "-0123456789")
	switch kind := t.Kind(); {
	case quoted && inner == "" && pointer:
		return "", false // models differ in whether that is zero or nothing
	case t == timeType:
		return "null", quoted && inner == ""
	case kind == reflect.Bool && (quoted || isNumber):
		if quoted {
			text = inner
		}
		strict, ok := map[string]string{"1": "true", "true": "true", "0": "false", "false": "false", "": "false"}[text]
		return strict, ok
	case kind == reflect.String:
		return quote(text), isNumber || text == "true" || text == "false"
	case kind >= reflect.Int && kind <= reflect.Float64:
		if !quoted {
			inner = text
		}
		return numberFor(kind, inner)
	}
	return "", false
}

// numberFor returns the number in text in the form that encoding/json takes for
// kind; nothing is 0.
func numberFor(kind reflect.Kind, text string) (string, bool) {
	if text == "" {
		return "0", true
	}
	if !json.Valid([]byte(text)) || !strings.ContainsAny(text[:1], "-0123456789") {
		return "", false
	}
	const longest = 60 // what is longer is no integer of 64 bits, or mostly zeros
	if kind == reflect.Float32 || kind == reflect.Float64 || len(text) > longest {
		return text, true
	}
	canonical := string(canonicalNumber(text))
	_, exponent, _ := strings.Cut(canonical, "e")
	if len(strings.Trim(exponent, "-")) > 2 {
		return text, true
	}
	whole, ok := new(big.Rat).SetString(canonical)
	if !ok || !whole.IsInt() {
		return text, true
	}
	return whole.Num().String(), true
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// fold maps strings that are equal but for their case to the same string, as
// encoding/json does when it looks for the field of a key.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		for {
			next := unicode.SimpleFold(r)
			if next <= r {
				return next
			}
			r = next
		}
	}, s)
}
