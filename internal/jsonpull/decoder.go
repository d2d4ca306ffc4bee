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

// errNothing is the fault of a document without a value. As a variable it would be
// made by each program that starts.
func errNothing() error { return fault.New("the document is empty", io.ErrUnexpectedEOF) }

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
	doc    string // empty after a fault, so that nothing more is found
	pos    int
	depth  int
	budget int64 // bytes that may still be allocated
	part   bool  // the document goes on where doc ends
	fault  *callinsights.DecodeError
	// trial says that nobody asks where a fault is, but for one of a limit.
	trial bool

	work    *workspace
	ends    []int // where the first strings end, see frameScan
	strings int   // how many strings have been taken

	text strings.Builder // the chunk that strings with escapes are parts of
	raw  []byte          // the chunk that raw messages are parts of

	// concealed is 1 more than the place at which a value begins whose keys may
	// be personal data; the path of a fault within it ends there. 0 for none.
	concealed int
}

// budgetFor allows the memory that honest documents need: records decode to
// about twice their text, and pages of very short records to more.
func budgetFor(size int) int64 { return 16<<20 + 4*int64(size) }

// Parse decodes the one value that doc consists of. It is skipped if decode
// does not take it. The decoder must not be used after decode has returned.
func Parse(doc string, decode func(*Decoder)) error {
	work := newWorkspace()
	d := &work.decoder
	*d = Decoder{doc: doc, budget: budgetFor(len(doc)), work: work}
	if strings.HasPrefix(doc, byteOrderMark) {
		d.pos = len(byteOrderMark)
	}
	if d.peek(); d.pos == len(doc) {
		d.failAt(d.pos, errNothing())
	} else {
		d.run(decode)
	}
	err := d.Err()
	work.free()
	return err
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
	if d.peek(); d.pos < len(d.doc) {
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
	d.fault = &callinsights.DecodeError{Offset: int64(pos), Err: err}
	if !d.trial || errors.Is(err, ErrLimit) {
		d.fault.Path = pathAt(d.doc, shown)
	}
	d.doc, d.pos = "", 0
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
	if c := d.peek(); c < 'a' || c > 'z' {
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

// peek returns the next byte that is not white space, 0 where the document ends.
func (d *Decoder) peek() byte {
	if d.pos < len(d.doc) && d.doc[d.pos] > ' ' {
		return d.doc[d.pos]
	}
	return d.peekFurther()
}

func (d *Decoder) peekFurther() byte {
	for d.pos < len(d.doc) {
		switch c := d.doc[d.pos]; c {
		case ' ', '\n', '\t', '\r':
			d.pos++
		default:
			return c
		}
	}
	return 0
}

// kinds says what a value is that begins with a byte.
//
//nolint:gochecknoglobals // a table
var kinds = [256]byte{
	'{': '{', '[': '[', '"': '"', 'n': 'n', 't': 't', 'f': 't', '-': '0',
	'0': '0', '1': '0', '2': '0', '3': '0', '4': '0', '5': '0', '6': '0', '7': '0', '8': '0', '9': '0',
}

// Kind returns what the next value is, without taking it: '{' object,
// '[' list, '"' string, '0' number, 't' bool, 'n' null, and 0 after a fault or
// where no value begins.
func (d *Decoder) Kind() byte { return kinds[d.peek()] }

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
	d.peek()
	return d.pos
}

// From returns the exact text from mark to the place reached, "" after a fault.
func (d *Decoder) From(mark int) string {
	if d.fault != nil {
		return ""
	}
	return d.doc[mark:d.pos]
}

// Raw takes the next value, whatever it is, and returns its exact text, ""
// after a fault.
func (d *Decoder) Raw() string {
	mark := d.Mark()
	d.Skip()
	return d.From(mark)
}

// RawMessage takes the next value, whatever it is, and returns a copy of its
// exact text, nil after a fault.
func (d *Decoder) RawMessage() json.RawMessage {
	raw := d.Raw()
	if d.fault != nil {
		return nil
	}
	return d.rawCopy(raw)
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
	return d.takeOr(false, decode, otherwise)
}

// takeOr is TakeOr whose fault says where it is unless this is a trial: to find that
// out takes longer the further a document has been read.
func (d *Decoder) takeOr(trial bool, decode, otherwise func(*Decoder)) *callinsights.DecodeError {
	if d.fault != nil {
		return nil //nolint:nilerr // which has ended all anyway
	}
	before := *d
	d.trial = trial
	decode(d)
	d.trial = before.trial
	fault := d.fault
	if fault == nil || errors.Is(fault, ErrLimit) {
		return nil
	}
	before.budget, before.text, before.raw = d.budget, d.text, d.raw // what was allocated stays so
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
		if strings.HasPrefix(d.doc[d.pos:], `""`) {
			d.skipString()
			return true
		}
	case '{', '[':
		closing := d.peek() + 2 // as it is in ASCII
		d.pos++
		if d.peek() == closing {
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
	switch c := d.peek(); {
	case c == closing:
		d.pos++
		d.depth--
		return false
	case first:
		return true
	case c == ',':
		d.pos++
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

	d     *Decoder // nil when the loop has ended
	value int      // place of the value of Key, 0 before the first one
}

// Object begins an object. null counts as an empty one.
func (d *Decoder) Object() Object {
	if !d.enter('{', "an object") {
		return Object{}
	}
	return Object{d: d}
}

// Next goes to the next member and reports whether there is one. The value of
// a member that the caller did not take is skipped.
func (o *Object) Next() bool {
	d := o.d
	if d == nil {
		return false
	}
	if d.pos == o.value {
		d.Skip()
	}
	// Nearly all members have no white space and a key that stands for itself.
	doc, key, begins := d.doc, d.pos, o.value == 0
	if !begins && key < len(doc) && doc[key] == ',' {
		key++
		begins = true
	}
	if begins && key < len(doc) && doc[key] == '"' {
		end := d.simpleEnd(key)
		if value := end + 2; end > 0 && value < len(doc) && doc[end+1] == ':' && doc[value] > ' ' {
			o.Key = doc[key+1 : end]
			o.value, d.pos = value, value
			d.strings++
			return true
		}
	} else if !begins && key < len(doc) && doc[key] == '}' {
		d.depth--
		d.pos++
		o.d = nil
		return false
	}
	if !d.more(o.value == 0, '}') || !o.next() {
		o.d = nil
		return false
	}
	return true
}

// next takes a key and its colon.
func (o *Object) next() bool {
	d := o.d
	if d.peek() != '"' {
		d.unexpected("a key")
		return false
	}
	o.Key = d.quoted()
	if d.peek() != ':' {
		d.unexpected("a colon")
		return false
	}
	d.pos++
	o.value = d.Mark()
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
	unfit := o.d.takeOr(true,
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
	d     *Decoder // nil when the loop has ended
	value int      // place of the element at hand, 0 before the first one
}

// Array begins a list. null counts as an empty one.
func (d *Decoder) Array() Array {
	if !d.enter('[', "a list") {
		return Array{}
	}
	return Array{d: d}
}

// Next goes to the next element and reports whether there is one. An element
// that the caller did not take is skipped.
func (a *Array) Next() bool {
	d := a.d
	if d == nil {
		return false
	}
	if a.value > 0 && d.pos == a.value {
		d.Skip()
	}
	if !d.more(a.value == 0, ']') {
		a.d = nil
		return false
	}
	if d.Kind() == 0 {
		d.unexpected("a value")
		a.d = nil
		return false
	}
	a.value = d.pos
	return true
}
