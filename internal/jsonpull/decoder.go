package jsonpull

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
)

// MaxDepth is how deep the values of a document may nest.
const MaxDepth = 128

const byteOrderMark = "\ufeff"

// ErrLimit is the fault of a document that may be sound and is over a limit.
var ErrLimit = errors.New("over a limit")

// errNothing is the fault of a document without a value.
var errNothing = fault.New("the document is empty", io.ErrUnexpectedEOF)

// limitError is a fault that matches [ErrLimit].
type limitError string

func (e limitError) Error() string { return "over a limit: " + string(e) }

func (limitError) Unwrap() error { return ErrLimit }

const (
	errDepth  = limitError("nested more than 128 levels deep")
	errBudget = limitError("decodes to more memory than a document of this size may take")
)

// Decoder takes one JSON value from a string, piece by piece. Strings that it
// returns are parts of that string wherever they hold no escapes.
type Decoder struct {
	doc    string
	pos    int
	depth  int
	budget int64 // bytes that may still be allocated
	part   bool  // the document goes on where doc ends
	fault  *callinsights.DecodeError

	// concealed is 1 more than the place at which a value begins whose keys may
	// be personal data; the path of a fault within it ends there. 0 for none.
	concealed int
}

// budgetFor allows the memory that honest documents need: records decode to
// about twice their text, and pages of very short records to more.
func budgetFor(size int) int64 { return 16<<20 + 4*int64(size) }

// Parse decodes the one value that doc consists of. It is skipped if decode
// does not take it.
func Parse(doc string, decode func(*Decoder)) error {
	d := Decoder{doc: doc, budget: budgetFor(len(doc))}
	if strings.HasPrefix(doc, byteOrderMark) {
		d.pos = len(byteOrderMark)
	}
	if d.space(); d.pos == len(doc) {
		d.failAt(d.pos, errNothing)
		return d.Err()
	}
	d.run(decode)
	return d.Err()
}

// ParseObject is Parse for a document that must be an object; null is refused.
func ParseObject(doc string, decode func(*Decoder)) error {
	return Parse(doc, func(d *Decoder) {
		if d.IsObject() {
			decode(d)
		}
	})
}

// IsObject reports whether the next value is an object; anything else is a fault.
func (d *Decoder) IsObject() bool {
	if d.Kind() == '{' {
		return true
	}
	d.mismatch("an object")
	return false
}

// run decodes the value, after which nothing must follow.
func (d *Decoder) run(decode func(*Decoder)) {
	value := d.Mark()
	decode(d)
	if d.fault == nil && d.pos == value {
		d.Skip()
	}
	if d.space(); d.fault == nil && d.pos < len(d.doc) {
		d.fail("unexpected data after the value")
	}
}

// Err returns the fault that ended decoding, a [*callinsights.DecodeError],
// nil so far.
func (d *Decoder) Err() error {
	if d.fault == nil {
		return nil
	}
	return d.fault
}

// Fail ends decoding with err, at the place reached. For checks of the caller.
func (d *Decoder) Fail(err error) { d.failAt(d.pos, err) }

func (d *Decoder) fail(text string) { d.failAt(d.pos, errors.New(text)) }

func (d *Decoder) failAt(pos int, err error) {
	if d.fault != nil {
		return
	}
	shown := pos
	if d.concealed > 0 {
		shown = d.concealed - 1
	}
	d.fault = &callinsights.DecodeError{Path: pathAt(d.doc, shown), Offset: int64(pos), Err: err}
}

// unexpected reports the byte at the place reached, or the end of the document.
func (d *Decoder) unexpected(want string) {
	if d.pos >= len(d.doc) && !d.part {
		d.failAt(d.pos, io.ErrUnexpectedEOF)
		return
	}
	d.fail("invalid JSON: want " + want)
}

// mismatch reports a value of another kind than the wanted one, or none.
func (d *Decoder) mismatch(want string) {
	found := kindName(d.Kind())
	switch {
	case found == "":
		d.unexpected("a value")
	case d.isProse():
		d.fail("invalid JSON: want " + want)
	default:
		d.fail("want " + want + ", found " + found)
	}
}

// isProse reports whether what comes next begins like null or a bool, and is
// another word, as in a text that is no JSON.
func (d *Decoder) isProse() bool {
	if d.next() < 'a' || d.next() > 'z' {
		return false
	}
	rest := d.doc[d.pos:]
	return !slices.ContainsFunc([]string{"null", "true", "false"}, func(word string) bool {
		return strings.HasPrefix(rest, word) || strings.HasPrefix(word, rest)
	})
}

func kindName(kind byte) string {
	switch kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't':
		return "a bool"
	case 'n':
		return "null"
	}
	return ""
}

// spend takes n bytes from the budget.
func (d *Decoder) spend(n int) {
	if d.budget -= int64(n); d.budget < 0 {
		d.failAt(d.pos, errBudget)
	}
}

func (d *Decoder) space() {
	for d.pos < len(d.doc) {
		switch d.doc[d.pos] {
		case ' ', '\n', '\t', '\r':
			d.pos++
		default:
			return
		}
	}
}

// next returns the byte at the place reached, 0 at the end of the document.
func (d *Decoder) next() byte {
	if d.pos >= len(d.doc) {
		return 0
	}
	return d.doc[d.pos]
}

// Kind returns what the next value is, without taking it: '{' object,
// '[' list, '"' string, '0' number, 't' bool, 'n' null, and 0 after a fault or
// where no value begins.
func (d *Decoder) Kind() byte {
	if d.fault != nil {
		return 0
	}
	d.space()
	switch c := d.next(); c {
	case '{', '[', '"', 'n', 't':
		return c
	case 'f':
		return 't'
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return '0'
	}
	return 0
}

// Null takes the next value if it is null, and reports whether it was.
func (d *Decoder) Null() bool {
	if d.Kind() != 'n' {
		return false
	}
	return d.literal("null")
}

func (d *Decoder) literal(text string) bool {
	rest := d.doc[d.pos:]
	if !strings.HasPrefix(rest, text) {
		if strings.HasPrefix(text, rest) && !d.part {
			d.pos = len(d.doc)
		}
		d.unexpected(text)
		return false
	}
	d.pos += len(text)
	return true
}

// Mark returns the place of the next value, for From.
func (d *Decoder) Mark() int {
	d.space()
	return d.pos
}

// From returns the exact text from mark to the place reached.
func (d *Decoder) From(mark int) string { return d.doc[mark:d.pos] }

// Raw takes the next value, whatever it is, and returns its exact text. After
// a fault it is empty.
func (d *Decoder) Raw() string {
	mark := d.Mark()
	d.Skip()
	if d.fault != nil {
		return ""
	}
	return d.From(mark)
}

// RawMessage takes the next value, whatever it is, and returns a copy of its
// exact text, nil after a fault.
func (d *Decoder) RawMessage() json.RawMessage {
	raw := d.Raw()
	d.spend(len(raw))
	if d.fault != nil {
		return nil
	}
	return json.RawMessage(raw)
}

// conceal keeps the keys of the value that begins at pos out of errors, unless
// it is part of one that is concealed already. It returns what reveal needs.
func (d *Decoder) conceal(pos int) (before int) {
	before = d.concealed
	if before == 0 {
		d.concealed = pos + 1
	}
	return before
}

func (d *Decoder) reveal(before int) { d.concealed = before }

// Skip takes the next value, whatever it is. It is checked like all others. Its
// keys do not show in errors.
func (d *Decoder) Skip() {
	before := d.conceal(d.Mark())
	d.skip()
	d.reveal(before)
}

func (d *Decoder) skip() {
	switch d.Kind() {
	case '{':
		for obj := d.Object(); obj.Next(); {
			d.skip()
		}
	case '[':
		for arr := d.Array(); arr.Next(); {
			d.skip()
		}
	case '"':
		d.skipString()
	case '0':
		d.number()
	case 't':
		d.Bool()
	case 'n':
		d.literal("null")
	default:
		if d.fault == nil {
			d.unexpected("a value")
		}
	}
}

// TakeOr takes the next value with decode or, if that or a part of it is of
// another kind than decode wants, with otherwise, and returns what was wrong
// for decode. What is no JSON, and what is over a limit, ends decoding as ever.
func (d *Decoder) TakeOr(decode, otherwise func(*Decoder)) *callinsights.DecodeError {
	before := *d
	decode(d)
	fault := d.fault
	if fault == before.fault || errors.Is(fault, ErrLimit) {
		return nil
	}
	before.budget = d.budget // what was allocated stays so
	*d = before
	if otherwise(d); d.fault == nil {
		return fault
	}
	return nil
}

// Nothing takes the next value if it is null, an empty string or an empty list,
// and reports whether it was: some services send those for an object that is not
// there.
func (d *Decoder) Nothing() bool { return d.Kind() != '{' && d.empty() }

// empty takes the next value if it is null or has nothing in it.
func (d *Decoder) empty() bool {
	mark := d.pos
	switch d.Kind() {
	case 'n':
		return d.literal("null")
	case '"':
		if d.pos++; d.next() == '"' {
			d.pos++
			return true
		}
	case '{', '[':
		closing := d.next() + 2 // as it is in ASCII
		d.pos++
		if d.space(); d.next() == closing {
			d.pos++
			return true
		}
	}
	d.pos = mark
	return false
}

// enter takes the opening bracket of an object or a list. null counts as an
// empty one, and so does, within a document, an empty value of another kind. It
// reports whether there is something to loop over.
func (d *Decoder) enter(open byte, name string) bool {
	switch d.Kind() {
	case open:
		if d.depth++; d.depth > MaxDepth {
			d.failAt(d.pos, errDepth)
			return false
		}
		d.pos++
		return true
	case 'n':
		d.literal("null")
	case 0:
		if d.fault == nil {
			d.unexpected("a value")
		}
	default:
		if d.depth == 0 || !d.empty() {
			d.mismatch(name)
		}
	}
	return false
}

// more takes what stands between two elements, and reports whether another
// one follows; otherwise it takes the closing bracket.
func (d *Decoder) more(first bool, closing byte) bool {
	d.space()
	switch c := d.next(); {
	case c == closing:
		d.pos++
		d.depth--
		return false
	case first:
		return true
	case c == ',':
		d.pos++
		d.space()
		return true
	}
	d.unexpected("a comma or a closing bracket")
	return false
}

// Object loops over the members of an object. See the package documentation.
// A loop must run to its end unless decoding ends with it.
type Object struct {
	// Key is the name of the member at hand.
	Key string

	d     *Decoder
	value int // place of the value of Key
	state loopState
}

type loopState uint8

const (
	loopDone loopState = iota
	loopFirst
	loopNext
)

// Object begins an object. null counts as an empty one.
func (d *Decoder) Object() Object {
	if !d.enter('{', "an object") {
		return Object{}
	}
	return Object{d: d, state: loopFirst}
}

// Next goes to the next member and reports whether there is one. The value of
// a member that the caller did not take is skipped.
func (o *Object) Next() bool {
	if o.state == loopDone {
		return false
	}
	d := o.d
	if o.state == loopNext && d.fault == nil && d.pos == o.value {
		d.Skip()
	}
	if d.fault != nil || !d.more(o.state == loopFirst, '}') {
		o.state = loopDone
		return false
	}
	o.state = loopNext
	if d.next() != '"' {
		d.unexpected("a key")
		return false
	}
	o.Key = d.quoted()
	if d.space(); d.next() != ':' {
		d.unexpected("a colon")
	}
	if d.fault != nil {
		return false
	}
	d.pos++
	d.space()
	o.value = d.pos
	return true
}

// What a map costs, and each of its entries beside the key and the value.
const (
	mapSize  = 192
	mapEntry = 96
)

// Keep takes the value of the member at hand into extra, which it makes if
// need be, and returns it.
func (o *Object) Keep(extra map[string]json.RawMessage) map[string]json.RawMessage {
	raw := o.d.RawMessage()
	if o.d.fault != nil {
		return extra
	}
	if extra == nil {
		o.d.spend(mapSize)
		extra = make(map[string]json.RawMessage)
	}
	o.d.spend(mapEntry)
	extra[o.Key] = raw
	return extra
}

// TakeOrKeep takes the value of the member at hand with take. A value of another
// kind than take wants is kept in extra instead, and zero is returned. Of members
// of one name the last counts.
func TakeOrKeep[T any](o *Object, extra *map[string]json.RawMessage, take func() T) T {
	if delete(*extra, o.Key); len(*extra) == 0 {
		*extra = nil
	}
	var value, none T
	unfit := o.d.TakeOr(
		func(*Decoder) { value = take() },
		func(*Decoder) { *extra = o.Keep(*extra) },
	)
	if unfit != nil {
		return none
	}
	return value
}

// Array loops over the elements of a list, to its end like [Object].
type Array struct {
	d     *Decoder
	value int
	state loopState
}

// Array begins a list. null counts as an empty one.
func (d *Decoder) Array() Array {
	if !d.enter('[', "a list") {
		return Array{}
	}
	return Array{d: d, state: loopFirst}
}

// Next goes to the next element and reports whether there is one. An element
// that the caller did not take is skipped.
func (a *Array) Next() bool {
	if a.state == loopDone {
		return false
	}
	d := a.d
	if a.state == loopNext && d.fault == nil && d.pos == a.value {
		d.Skip()
	}
	if d.fault != nil || !d.more(a.state == loopFirst, ']') {
		a.state = loopDone
		return false
	}
	a.state = loopNext
	a.value = d.pos
	if d.Kind() == 0 {
		d.unexpected("a value")
		return false
	}
	return true
}
