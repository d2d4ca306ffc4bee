package jsontest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Variant is a document that differs from another one in one place.
type Variant struct {
	Change string // what was changed, as in "missing" or "too deep"
	Path   string // of the value that was changed, as in errors; empty for the whole
	Doc    []byte
	// Same says that a decoder must take both for the same, unless the model
	// takes members for what they are not: names for values, say.
	Same bool
}

// The changes of members that mean something to some models, and the one that
// every decoder refuses.
const (
	changeRepeated = "repeated"      // the member is there twice, the second time as it was
	changeOrder    = "another order" // the members of the object come in
	changeTooDeep  = "too deep"      // the value nests deeper than jsonpull allows
)

// Variants returns what one change makes of doc, which must be valid JSON, for
// each change and each place, always in the same order: members that are
// missing, null, repeated or in another order, keys and texts in escapes, texts
// with halves of surrogate pairs and invalid UTF-8, huge and odd numbers, values
// of another kind and in deep nesting, white space everywhere, byte order marks,
// and data after the end. Where [Mutations] pile up at random, these leave no
// place out; of the many odd texts, numbers and values each place gets some, in
// turn.
func Variants(doc []byte) iter.Seq[Variant] {
	return func(yield func(Variant) bool) {
		root := parse(doc)
		if root == nil {
			panic("jsontest: the document is not valid JSON")
		}
		v := &varier{root: root, yield: yield}
		v.whole()
		v.value(root, "", 0)
	}
}

// varier makes the variants of a tree by changing a node, writing the whole and
// putting the node back.
type varier struct {
	root    *node
	yield   func(Variant) bool
	stopped bool
	turn    int // of what there is too much of for every place
}

// some returns n of the texts, the next ones each time.
func (v *varier) some(n int, texts []string) []string {
	start := v.turn % len(texts)
	v.turn += n
	return slices.Concat(texts[start:], texts[:start])[:n]
}

func noSpace() string { return "" }

func (v *varier) emit(change, path string, same bool, space func() string) {
	if v.stopped {
		return
	}
	var b bytes.Buffer
	v.root.render(&b, space)
	v.emitText(change, path, same, b.String())
}

func (v *varier) emitText(change, path string, same bool, text string) {
	v.stopped = v.stopped || !v.yield(Variant{Change: change, Path: path, Doc: []byte(text), Same: same})
}

// with emits the variant in which change was made to n.
func (v *varier) with(name, path string, same bool, n *node, change func(n *node)) {
	before := *n
	n.keys, n.kids = slices.Clone(n.keys), slices.Clone(n.kids)
	change(n)
	v.emit(name, path, same, noSpace)
	*n = before
}

// whole makes the variants of the document as a whole.
func (v *varier) whole() {
	var b bytes.Buffer
	v.root.render(&b, noSpace)
	text := b.String()
	v.emitText("compact", "", true, text)
	for _, space := range []string{" ", "\r\n", "\t\t \n"} {
		v.emit("white space", "", true, func() string { return space })
	}
	for _, space := range []string{"\f", "\u00a0", "\x00"} {
		v.emit("no white space", "", false, func() string { return space })
	}
	v.emitText("byte order mark", "", true, byteOrderMark+text)
	v.emitText("two byte order marks", "", false, byteOrderMark+byteOrderMark+text)
	v.emitText("byte order mark after a space", "", false, " "+byteOrderMark+text)
	v.emitText("white space at the end", "", true, text+" \n\t\r")
	for _, tail := range []string{"x", ",", "{}", "null", "]", "}", "\x00", byteOrderMark} {
		v.emitText("data after the end", "", false, text+tail)
	}
}

// value makes the variants of n, which nests depth deep, and of all below.
func (v *varier) value(n *node, path string, depth int) {
	switch n.kind {
	case '"':
		v.text(n, path)
	case '0':
		v.number(n, path)
	case '{':
		v.object(n, path)
	}
	for _, other := range v.some(4, otherValues[:]) {
		v.with("another value", path, false, n, func(n *node) { *n = *scalar(other) })
	}
	bracket := v.some(1, []string{"[", "{"})[0][0]
	deep := jsonpull.MaxDepth - depth - n.height()
	v.with("in a list or an object", path, false, n, func(n *node) { n.wrap(bracket, 1) })
	v.with("as deep as may be", path, false, n, func(n *node) { n.wrap(bracket, deep) })
	v.with(changeTooDeep, path, false, n, func(n *node) { n.wrap(bracket, deep+1) })
	for i, kid := range n.kids {
		if n.kind == '[' {
			at := path + "[" + strconv.Itoa(i) + "]"
			v.with("missing", at, false, n, func(n *node) { n.kids = slices.Delete(n.kids, i, i+1) })
			v.with("there twice", at, false, n, func(n *node) { n.kids = slices.Insert(n.kids, i, n.kids[i]) })
			v.value(kid, at, depth+1)
			continue
		}
		at := strings.TrimPrefix(path+"."+strings.Trim(n.keys[i], `"`), ".")
		v.member(n, i, at)
		v.value(kid, at, depth+1)
	}
}

// object makes the variants in which the members come in another order.
func (v *varier) object(n *node, path string) {
	keys := slices.Sorted(slices.Values(n.keys))
	if len(slices.Compact(keys)) < len(n.keys) || len(n.keys) < 2 {
		return // of members of one name the last counts
	}
	v.with(changeOrder, path, true, n, func(n *node) {
		slices.Reverse(n.keys)
		slices.Reverse(n.kids)
	})
	v.with(changeOrder, path, true, n, func(n *node) {
		rand.New(rand.NewPCG(1, uint64(len(path)))).Shuffle(len(n.kids), func(i, j int) {
			n.keys[i], n.keys[j] = n.keys[j], n.keys[i]
			n.kids[i], n.kids[j] = n.kids[j], n.kids[i]
		})
	})
}

// member makes the variants of a member of n.
func (v *varier) member(n *node, i int, path string) {
	v.with("missing", path, false, n, func(n *node) {
		n.keys, n.kids = slices.Delete(n.keys, i, i+1), slices.Delete(n.kids, i, i+1)
	})
	v.with("null", path, false, n, func(n *node) { n.kids[i] = scalar("null") })
	v.with("null at the end", path, false, n, func(n *node) {
		n.keys, n.kids = append(n.keys, n.keys[i]), append(n.kids, scalar("null"))
	})
	for _, former := range n.kids[i].formers() {
		v.with(changeRepeated, path, true, n, func(n *node) {
			n.keys, n.kids = slices.Insert(n.keys, i, n.keys[i]), slices.Insert(n.kids, i, former)
		})
	}
	v.with("key in escapes", path, true, n, func(n *node) { n.keys[i] = inEscapes(n.keys[i], "%04x") })
	v.with("key in upper case", path, false, n, func(n *node) { n.keys[i] = strings.ToUpper(n.keys[i]) })
	for _, key := range v.some(1, []string{`""`, `"\ud83d"`, `"\u0000"`, "\"\xff\"", `"\x"`, `a`, `1`, `null`, `"\/"`}) {
		v.with("another key", path, false, n, func(n *node) { n.keys[i] = key })
	}
}

// formers are values that a repeated member may have had before, of the same
// kind, so that they fit, and with more in them, so that it shows if they stay.
func (n *node) formers() []*node {
	switch n.kind {
	case '{':
		more := &node{kind: '{', keys: slices.Insert(slices.Clone(n.keys), 0, `"former"`), kids: slices.Insert(slices.Clone(n.kids), 0, scalar("1"))}
		return []*node{n, more, {kind: '{'}}
	case '[':
		return []*node{n, {kind: '[', kids: slices.Concat(n.kids, n.kids)}, {kind: '['}}
	case '"':
		return []*node{n, {kind: '"', text: `""`}, scalar("null")}
	case '0':
		return []*node{n, {kind: '0', text: "7"}, scalar("null")}
	case 't':
		return []*node{n, scalar("false"), scalar("true"), scalar("null")}
	default:
		return []*node{n}
	}
}

// text makes the variants of a string.
func (v *varier) text(n *node, path string) {
	v.with("in escapes", path, true, n, func(n *node) { n.text = inEscapes(n.text, "%04x") })
	v.with("in escapes", path, true, n, func(n *node) { n.text = inEscapes(n.text, "%04X") })
	if strings.Contains(n.text, "/") {
		v.with("slashes escaped", path, true, n, func(n *node) { n.text = strings.ReplaceAll(n.text, "/", `\/`) })
	}
	for _, odd := range v.some(3, oddTexts[:]) {
		v.with("with an odd end", path, false, n, func(n *node) { n.text = n.text[:len(n.text)-1] + odd + `"` })
	}
	for _, odd := range v.some(1, oddTexts[:]) {
		v.with("with an odd start", path, false, n, func(n *node) { n.text = `"` + odd + n.text[1:] })
	}
}

// number makes the variants of a number.
func (v *varier) number(n *node, path string) {
	for _, odd := range v.some(6, oddNumbers[:]) {
		v.with("odd number", path, false, n, func(n *node) { n.text = odd })
	}
	for _, odd := range v.some(6, oddNumbers[:]) {
		v.with("odd number in a string", path, false, n, func(n *node) { n.text = `"` + odd + `"` })
	}
	for _, form := range []string{"-%s", "%s.0", "%s.5", "%se0", "%se3", "%sE-3", "%s000000000000000000000", `"%s"`, `" %s "`} {
		v.with("other form", path, false, n, func(n *node) { n.text = fmt.Sprintf(form, n.text) })
	}
}

// inEscapes returns the JSON string text with each character in \u escapes.
func inEscapes(text, hex string) string {
	var plain string
	_ = json.Unmarshal([]byte(text), &plain) // it is one of a tree
	var b strings.Builder
	b.WriteByte('"')
	for _, unit := range utf16.Encode([]rune(plain)) {
		fmt.Fprintf(&b, `\u`+hex, unit)
	}
	b.WriteByte('"')
	return b.String()
}

// wrap puts what n is into n lists, or objects of one member.
func (n *node) wrap(bracket byte, levels int) {
	inner := *n
	kid := &inner
	for range levels {
		kid = &node{kind: bracket, kids: []*node{kid}}
		if bracket == '{' {
			kid.keys = []string{`"nested"`}
		}
	}
	*n = *kid
}

// height is how deep a value nests.
func (n *node) height() int {
	if n.kind != '{' && n.kind != '[' {
		return 0
	}
	height := 0
	for _, kid := range n.kids {
		height = max(height, kid.height())
	}
	return 1 + height
}
