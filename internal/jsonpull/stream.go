package jsonpull

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/callinsights/callinsights-go"
)

// Stream reads a document from a reader and holds one value of it at a time:
// the members and elements that are looped over with [Stream.Object] and
// [Stream.Array] are taken one by one with [Stream.Value]. Memory is bounded
// by the largest of them.
type Stream struct {
	r       io.Reader
	readErr error  // what the reader returned last
	buf     []byte // what window is a part of, where this stream made it
	window  []byte // read and not yet taken
	base    int64  // offset of window in the document
	max     int    // bytes that one value may have

	shared bool  // the budget is that of the whole document
	budget int64 // bytes that may still be allocated

	levels []streamLevel
	err    error

	work *workspace // nil before the first value, at the end, and after a panic
}

// streamLevel is an object or a list that has begun and not yet ended.
type streamLevel struct {
	closing byte
	begun   bool   // its first member or element has been met
	untaken bool   // the value at hand stands where the window begins
	named   bool   // key is that of the member at hand
	key     string // of an object
	index   int    // of the element at hand of a list
}

const readSize = 64 << 10

// NewStream reads from r, whose values may have at most maxValue bytes each.
func NewStream(r io.Reader, maxValue int64) *Stream {
	return &Stream{r: r, max: int(min(maxValue, math.MaxInt-2*readSize))}
}

// NewBufferedStream reads a document that is in memory already, which must not
// be changed meanwhile. What decoding may allocate is bounded as in [Parse].
func NewBufferedStream(document []byte) *Stream {
	return &Stream{
		window: document, readErr: io.EOF, max: len(document),
		shared: true, budget: budgetFor(len(document)),
	}
}

// Err returns the fault that ended reading: a [*callinsights.DecodeError], or
// the reader's error if that broke off. nil so far.
func (s *Stream) Err() error { return s.err }

// End checks that nothing follows the document's value, all of which must have
// been taken, and returns the fault, if any.
func (s *Stream) End() error {
	if s.err == nil {
		if _, ok := s.peek(); ok {
			s.fail(errors.New("unexpected data after the value"))
		} else if !errors.Is(s.readErr, io.EOF) {
			s.err = s.readErr
		}
	}
	if s.work != nil {
		s.work.free()
		s.work = nil
	}
	return s.err
}

// Spend takes n bytes from the budget of the document, if it is in memory.
func (s *Stream) Spend(n int) {
	if s.budget -= int64(n); s.shared && s.budget < 0 {
		s.fail(errBudget)
	}
}

// Fail ends reading with err, at the place reached.
func (s *Stream) Fail(err error) { s.fail(err) }

func (s *Stream) fail(err error) {
	if s.err == nil {
		s.err = &callinsights.DecodeError{Path: s.path(), Offset: s.base, Err: err}
	}
}

func (s *Stream) path() string {
	var path string
	for _, l := range s.levels {
		switch {
		case l.closing == ']':
			path += "[" + strconv.Itoa(l.index) + "]"
		case l.named:
			path = joinPath(path, keyName(l.key))
		}
	}
	return path
}

// fill reads more into the window and reports whether there was more; if not,
// s.readErr says why.
func (s *Stream) fill() bool {
	for tries := 0; s.err == nil && s.readErr == nil; tries++ {
		if tries == 100 {
			s.readErr = io.ErrNoProgress
			break
		}
		s.makeRoom()
		n, err := s.r.Read(s.window[len(s.window):cap(s.window)])
		s.window = s.window[:len(s.window)+n]
		s.readErr = err
		if n > 0 {
			return true
		}
	}
	return false
}

// makeRoom moves the window to the front of its buffer, or to a larger one.
func (s *Stream) makeRoom() {
	if cap(s.window)-len(s.window) >= readSize/2 {
		return
	}
	if len(s.buf) < len(s.window)+readSize {
		// Doubling, but not past the limit of a value.
		room := min(2*len(s.window), max(s.max, len(s.window))+readSize)
		s.buf = make([]byte, max(2*readSize, room))
	}
	s.window = s.buf[:copy(s.buf, s.window)]
}

// cut reports that the document ended too early.
func (s *Stream) cut() {
	if s.err != nil {
		return
	}
	if s.readErr != nil && !errors.Is(s.readErr, io.EOF) {
		s.err = s.readErr
		return
	}
	s.take(len(s.window))
	s.fail(io.ErrUnexpectedEOF)
}

func (s *Stream) take(n int) {
	s.window = s.window[n:]
	s.base += int64(n)
}

// peek returns the first byte of what follows after white space, and before
// the document's first value after a byte order mark.
func (s *Stream) peek() (byte, bool) {
	if s.base == 0 {
		s.skipByteOrderMark()
	}
	for s.err == nil {
		for i, c := range s.window {
			if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
				s.take(i)
				return c, true
			}
		}
		s.take(len(s.window))
		if !s.fill() {
			return 0, false
		}
	}
	return 0, false
}

func (s *Stream) skipByteOrderMark() {
	for len(s.window) < len(byteOrderMark) && strings.HasPrefix(byteOrderMark, string(s.window)) && s.fill() {
	}
	if bytes.HasPrefix(s.window, []byte(byteOrderMark)) {
		s.take(len(byteOrderMark))
	}
}

// StreamLoop loops over the members of an object or the elements of a list. A
// loop must run to its end unless reading ends with it.
type StreamLoop struct {
	s   *Stream // nil when the loop has ended
	key string
}

// Object begins an object; null is refused.
func (s *Stream) Object() StreamLoop { return s.begin('{', '}', "an object") }

// Array begins a list. null counts as an empty one.
func (s *Stream) Array() StreamLoop { return s.begin('[', ']', "a list") }

func (s *Stream) begin(opening, closing byte, want string) StreamLoop {
	c, ok := s.peek()
	switch {
	case !ok:
		s.cut()
	case c == opening && len(s.levels) == MaxDepth:
		s.fail(errDepth)
	case c == opening:
		s.taken()
		s.take(1)
		s.levels = append(s.levels, streamLevel{closing: closing})
		return StreamLoop{s: s}
	case c == 'n' && opening == '[':
		s.Value(func(d *Decoder) { d.Null() })
	default:
		s.Value(func(d *Decoder) {
			if d.depth == 0 || !d.empty() {
				d.mismatch(want)
			}
		})
	}
	return StreamLoop{}
}

// Key is the name of the member at hand, empty in a list.
func (l *StreamLoop) Key() string { return l.key }

// Next goes to the next member or element and reports whether there is one. A
// value that the caller did not take is skipped.
func (l *StreamLoop) Next() bool {
	if l.s == nil {
		return false
	}
	level := &l.s.levels[len(l.s.levels)-1]
	if level.untaken {
		l.s.Skip()
	}
	if !l.s.next(level) {
		*l = StreamLoop{}
		return false
	}
	l.key, level.untaken = level.key, true
	return true
}

// next goes to the value of the next member or element.
func (s *Stream) next(level *streamLevel) bool {
	c, ok := s.peek()
	if ok && c == level.closing {
		s.take(1)
		s.levels = s.levels[:len(s.levels)-1]
		return false
	}
	if ok && level.begun {
		if c != ',' {
			s.fail(errors.New("invalid JSON: want a comma or a closing bracket"))
			return false
		}
		s.take(1)
		level.index++
		level.named = false
		c, ok = s.peek()
	}
	if !ok {
		s.cut()
		return false
	}
	if level.begun = true; level.closing == '}' {
		s.nextKey(level, c)
	}
	return s.err == nil
}

func (s *Stream) nextKey(level *streamLevel, c byte) {
	if c != '"' {
		s.fail(errors.New("invalid JSON: want a key"))
		return
	}
	s.Value(func(d *Decoder) { level.key = d.String() })
	if c, ok := s.peek(); !ok {
		s.cut()
	} else if c != ':' {
		s.fail(errors.New("invalid JSON: want a colon"))
	} else {
		s.take(1)
		level.named = true
	}
}

// taken notes that the value at hand is being taken.
func (s *Stream) taken() {
	if n := len(s.levels); n > 0 {
		s.levels[n-1].untaken = false
	}
}

// Value takes the next value, reads it whole and has it decoded. The decoder
// works on a copy of the text, so what it returns holds on to that value alone.
// It must not be used after decode has returned, nor the stream before.
func (s *Stream) Value(decode func(*Decoder)) {
	if _, ok := s.peek(); !ok {
		s.cut()
		return
	}
	work := s.work
	if s.work = nil; work == nil {
		work = newWorkspace()
	}
	s.value(work, decode)
	work.decoder = Decoder{} // which holds on to the document
	s.work = work
}

func (s *Stream) value(work *workspace, decode func(*Decoder)) {
	scan := work.scan()
	frame, part := s.frame(&scan)
	if s.err != nil {
		return
	}
	d := &work.decoder
	*d = Decoder{part: part, depth: len(s.levels), work: work, ends: scan.ends[:scan.noted]}
	if d.budget = budgetFor(len(frame)); s.shared {
		d.budget = s.budget - int64(len(frame)+scan.escaped)
	}
	// Its strings are parts of its text, or built behind that in the same memory.
	d.text.Grow(len(frame) + scan.escaped)
	d.text.Write(frame)
	d.doc = d.text.String()
	if d.run(decode); d.fault != nil {
		d.fault.Path = joinPath(s.path(), d.fault.Path)
		d.fault.Offset += s.base
		s.err = d.fault
	}
	s.budget = d.budget
	s.taken()
	s.take(len(frame))
}

// Skip takes the next value, whatever it is. It is checked like all others.
func (s *Stream) Skip() { s.Value((*Decoder).Skip) }

// frame returns the text of the value at hand, which is scanned with scan. part is
// false if the text ends because the document does.
func (s *Stream) frame(scan *frameScan) (text []byte, part bool) {
	for {
		done := scan.scan(s.window)
		if text = s.window; done {
			text = text[:scan.pos]
		}
		if len(text) > s.max {
			s.fail(fmt.Errorf("%w: a value of more than %d bytes", ErrLimit, s.max))
			return nil, false
		}
		if done || !s.fill() {
			if !done && !errors.Is(s.readErr, io.EOF) {
				s.cut()
			}
			return text, done
		}
	}
}
