package jsontest

import (
	"bytes"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
)

// Mutations returns n documents derived from doc, the same ones for the same
// seed, each of which the receiver may keep: with members that are missing,
// null, repeated, in another order or in another case; with other kinds of
// values, escapes, halves of surrogate pairs and invalid UTF-8 in strings, huge
// numbers and deep nesting; truncated, with data after the end, with byte order
// marks and with single bytes changed. Of a doc that is not valid JSON only
// the bytes are changed.
func Mutations(doc []byte, seed uint64, n int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		r := rand.New(rand.NewPCG(seed, 0))
		for i := range n {
			if !yield(mutate(r, doc, i)) {
				return
			}
		}
	}
}

// mutate takes the kinds of mutations in turn, so that none is left out, and
// sometimes a second one on top.
func mutate(r *rand.Rand, doc []byte, turn int) []byte {
	root := parse(doc)
	if root == nil {
		return ofBytes[turn%len(ofBytes)](r, slices.Clone(doc))
	}
	kinds := len(ofTree) + len(ofBytes)
	if turn %= kinds; turn >= len(ofTree) {
		return ofBytes[turn-len(ofTree)](r, slices.Clone(doc))
	}
	ofTree[turn](r, root)
	for r.IntN(3) == 0 {
		ofTree[r.IntN(len(ofTree))](r, root)
	}
	space := func() string { return "" }
	if r.IntN(4) == 0 {
		space = func() string { return spaces[r.IntN(len(spaces))] }
	}
	var b bytes.Buffer
	root.render(&b, space)
	return b.Bytes()
}

var spaces = [...]string{"", "", "", " ", "\n", "\t", "\r\n"}

var otherValues = [...]string{
	`null`, `true`, `false`, `0`, `1`, `-7`, `2.5`, `1e3`, `""`, `"x"`, `" "`, `"10"`, `"2.5"`, `"true"`,
	`"2031-03-05T07:11:13Z"`, `"2031-03-05 07:11:13.5"`, `"2031-03-05"`, `[]`, `{}`, `[null]`, `[[]]`, `{"a":null}`, `[{}]`,
}

var oddNumbers = [...]string{
	`9223372036854775807`, `9223372036854775808`, `-9223372036854775808`, `-9223372036854775809`, `9007199254740993`,
	`1e400`, `-1e400`, `1e-400`, `1.0`, `1e0`, `1E+2`, `-0`, `0e99`, `12345678901234567890123456789`, `0.1`, `1e999999999999`,
	`01`, `1.`, `.5`, `+1`, `-`, `0x10`, `1e`, `NaN`, `Infinity`,
}

var oddTexts = [...]string{
	`\ud83d\ude00`, `\ud83d`, `\ude00`, `\ud800\u0041`, `\ud800\ud800`, `\ud800\ud83d\ude00`, `\u0000`, `\u2028`, `\/`, `\b\f\n\r\t\"\\`, `\u00e9`, `\uFEFF`,
	"\xff", "\xed\xa0\x80", "\xc3", "\u00e9\u4e16\U0001f600", "\u2028", "\x7f", `<&>`,
	`\x41`, `\u12`, `\uZZZZ`, `\`, "\n", "\x00",
}

var ofTree = [...]func(*rand.Rand, *node){
	dropMember, nullMember, repeatMember, shuffleMembers, recaseKey, escapeKey, addMember,
	replaceValue, oddNumber, numberInString, oddString, nest, dropElement, repeatElement,
}

func hasMembers(n *node) bool  { return n.kind == '{' && len(n.kids) > 0 }
func hasElements(n *node) bool { return n.kind == '[' && len(n.kids) > 0 }
func isNumber(n *node) bool    { return n.kind == '0' }
func isString(n *node) bool    { return n.kind == '"' }
func isAny(*node) bool         { return true }

// change calls f with one of the nodes that fit, and one of its members or
// elements if it has any.
func change(r *rand.Rand, root *node, fits func(*node) bool, f func(n *node, i int)) {
	if n := root.pick(r, fits); n != nil {
		f(n, r.IntN(max(1, len(n.kids))))
	}
}

func dropMember(r *rand.Rand, root *node) {
	change(r, root, hasMembers, func(n *node, i int) {
		n.keys = slices.Delete(n.keys, i, i+1)
		n.kids = slices.Delete(n.kids, i, i+1)
	})
}

func nullMember(r *rand.Rand, root *node) {
	change(r, root, hasMembers, func(n *node, i int) { n.kids[i] = scalar("null") })
}

func repeatMember(r *rand.Rand, root *node) {
	change(r, root, hasMembers, func(n *node, i int) {
		n.keys = append(n.keys, n.keys[i])
		n.kids = append(n.kids, scalar(otherValues[r.IntN(len(otherValues))]))
	})
}

func shuffleMembers(r *rand.Rand, root *node) {
	change(r, root, hasMembers, func(n *node, _ int) {
		r.Shuffle(len(n.kids), func(i, j int) {
			n.keys[i], n.keys[j] = n.keys[j], n.keys[i]
			n.kids[i], n.kids[j] = n.kids[j], n.kids[i]
		})
	})
}

func recaseKey(r *rand.Rand, root *node) {
	change(r, root, hasMembers, func(n *node, i int) {
		if n.keys[i] = strings.ToUpper(n.keys[i]); r.IntN(2) == 0 {
			n.keys[i] = strings.ToLower(n.keys[i])
		}
	})
}

func escapeKey(r *rand.Rand, root *node) {
	change(r, root, hasMembers, func(n *node, i int) {
		const hex = "0123456789abcdef"
		if c := n.keys[i][1]; c != '"' && c != '\\' && c < 0x80 {
			n.keys[i] = `"\u00` + string(hex[c>>4]) + string(hex[c&15]) + n.keys[i][2:]
		}
	})
}

func addMember(r *rand.Rand, root *node) {
	change(r, root, hasMembers, func(n *node, _ int) {
		n.keys = append(n.keys, `"added_`+string(rune('a'+r.IntN(26)))+`"`)
		n.kids = append(n.kids, scalar(otherValues[r.IntN(len(otherValues))]))
	})
}

func replaceValue(r *rand.Rand, root *node) {
	change(r, root, isAny, func(n *node, _ int) { *n = *scalar(otherValues[r.IntN(len(otherValues))]) })
}

func oddNumber(r *rand.Rand, root *node) {
	change(r, root, isNumber, func(n *node, _ int) { n.text = oddNumbers[r.IntN(len(oddNumbers))] })
}

func numberInString(r *rand.Rand, root *node) {
	change(r, root, isNumber, func(n *node, _ int) { n.text = `"` + n.text + `"` })
}

func oddString(r *rand.Rand, root *node) {
	change(r, root, isString, func(n *node, _ int) {
		at := len(n.text) - 1
		if r.IntN(2) == 0 {
			at = 1
		}
		n.text = n.text[:at] + oddTexts[r.IntN(len(oddTexts))] + n.text[at:]
	})
}

// nest puts a value into so many lists or objects that it is now and then
// deeper than any limit that a decoder should have.
func nest(r *rand.Rand, root *node) {
	depths := [...]int{1, 2, 100, 126, 127, 128, 129, 300}
	change(r, root, isAny, func(n *node, _ int) {
		inner := *n
		kid := &inner
		for range depths[r.IntN(len(depths))] {
			if r.IntN(2) == 0 {
				kid = &node{kind: '[', kids: []*node{kid}}
			} else {
				kid = &node{kind: '{', keys: []string{`"nested"`}, kids: []*node{kid}}
			}
		}
		*n = *kid
	})
}

func dropElement(r *rand.Rand, root *node) {
	change(r, root, hasElements, func(n *node, i int) { n.kids = slices.Delete(n.kids, i, i+1) })
}

func repeatElement(r *rand.Rand, root *node) {
	change(r, root, hasElements, func(n *node, i int) {
		n.kids = append(n.kids, n.kids[i], scalar("null"))
	})
}

var ofBytes = [...]func(*rand.Rand, []byte) []byte{
	func(r *rand.Rand, doc []byte) []byte { return doc[:r.IntN(len(doc)+1)] },
	func(r *rand.Rand, doc []byte) []byte {
		tails := [...]string{"x", "{}", " null", "]", "}", ",", "\x00", "\n\n", byteOrderMark}
		return append(doc, tails[r.IntN(len(tails))]...)
	},
	func(_ *rand.Rand, doc []byte) []byte { return append([]byte(byteOrderMark), doc...) },
	func(_ *rand.Rand, doc []byte) []byte { return append([]byte(byteOrderMark+byteOrderMark), doc...) },
	func(r *rand.Rand, doc []byte) []byte {
		if len(doc) > 0 {
			doc[r.IntN(len(doc))] = byte(r.IntN(256))
		}
		return doc
	},
	func(r *rand.Rand, doc []byte) []byte {
		return slices.Insert(doc, r.IntN(len(doc)+1), `{}[],:"\0-.e`[r.IntN(12)])
	},
	func(r *rand.Rand, doc []byte) []byte {
		i := r.IntN(len(doc) + 1)
		return slices.Delete(doc, i, min(i+1, len(doc)))
	},
}
