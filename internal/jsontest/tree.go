package jsontest

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strconv"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// node is a JSON value that can be changed and written again.
type node struct {
	kind byte     // '{', '[', '"', '0', 't' or 'n'
	text string   // a scalar's JSON text
	keys []string // of an object, as JSON text
	kids []*node  // members or elements
}

func scalar(text string) *node { return &node{kind: 'n', text: text} }

// parse returns the tree of doc, nil if that is not valid JSON.
func parse(doc []byte) *node {
	if !json.Valid(doc) {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	return parseValue(dec)
}

func parseValue(dec *json.Decoder) *node {
	token, _ := dec.Token()
	switch token := token.(type) {
	case json.Delim:
		n := &node{kind: byte(token)}
		for dec.More() {
			if n.kind == '{' {
				key, _ := dec.Token()
				text, _ := key.(string)
				n.keys = append(n.keys, quote(text))
			}
			n.kids = append(n.kids, parseValue(dec))
		}
		_, _ = dec.Token() // the closing bracket
		return n
	case string:
		return &node{kind: '"', text: quote(token)}
	case json.Number:
		return &node{kind: '0', text: token.String()}
	case bool:
		return &node{kind: 't', text: strconv.FormatBool(token)}
	default:
		return scalar("null")
	}
}

func quote(s string) string {
	text, _ := jsonpull.Marshal(func(w *jsonpull.Writer) { w.Text(s) })
	return string(text)
}

// render writes the tree, with what space returns around its parts.
func (n *node) render(b *bytes.Buffer, space func() string) {
	b.WriteString(space())
	switch n.kind {
	case '{', '[':
		b.WriteByte(n.kind)
		for i, kid := range n.kids {
			if i > 0 {
				b.WriteByte(',')
			}
			if n.kind == '{' {
				b.WriteString(space() + n.keys[i] + space() + ":")
			}
			kid.render(b, space)
		}
		b.WriteString(space())
		b.WriteByte(n.kind + 2)
	default:
		b.WriteString(n.text)
	}
	b.WriteString(space())
}

// pick returns one of the nodes below n, or n itself, for which fits holds, and
// nil if there is none.
func (n *node) pick(r *rand.Rand, fits func(*node) bool) *node {
	var found []*node
	n.walk(func(n *node) {
		if fits(n) {
			found = append(found, n)
		}
	})
	if len(found) == 0 {
		return nil
	}
	return found[r.IntN(len(found))]
}

func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, kid := range n.kids {
		kid.walk(visit)
	}
}
