package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxDocument is how long one document may be: the whole of a file that is no
// list and has no lines, otherwise an element or a line.
const maxDocument = 32 << 20

var (
	errTooLong = fmt.Errorf("longer than %d MiB", maxDocument>>20)
	errFull    = errors.New("too little to keep this call too: raise it, or open a part of the files")
)

// openFile adds the calls of a file to the library. The error says that the file
// cannot be opened, that it is a table, or that the library is full; what cannot be
// read of the file is reported to the library.
func openFile(path string, calls *library) error {
	if strings.EqualFold(filepath.Ext(path), ".csv") { // each line of which would be reported
		return fmt.Errorf("%s: a CSV holds no whole calls: export them with -format jsonl", path)
	}
	file, err := os.Open(path) //nolint:gosec // the file that the user names
	if errors.Is(err, fs.ErrNotExist) && !filepath.IsAbs(path) {
		return fmt.Errorf("%w; go -C changes the folder, so give a whole path", err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return read(file, path, calls)
}

// read adds the calls of a file with that name, which is one document a line, a
// list of documents, or one document on several lines.
func read(r io.Reader, name string, calls *library) error {
	f := &reader{name: name, calls: calls, lines: bufio.NewReaderSize(r, 64<<10)}
	f.skipByteOrderMark()
	if f.hasLines() {
		return f.readLines()
	}
	return f.readDocuments()
}

// reader reads one file.
type reader struct {
	name  string
	calls *library
	lines *bufio.Reader
	line  int
}

func (f *reader) skipByteOrderMark() {
	if start, err := f.lines.Peek(3); err == nil && string(start) == "\uFEFF" {
		_, _ = f.lines.Discard(3)
	}
}

// hasLines tells a file with a document on each line from a document that was
// written on several: there the first line ends where JSON goes on.
func (f *reader) hasLines() bool {
	start := f.start()
	if bytes.HasPrefix(start, []byte("[")) {
		return false
	}
	first, _, ends := bytes.Cut(start, []byte("\n"))
	first = bytes.TrimRight(first, " \t\r")
	return !ends || len(first) == 0 || !strings.Contains("{[,:", string(first[len(first)-1:]))
}

// start is how the rest of the file begins, without white space.
func (f *reader) start() []byte {
	start, _ := f.lines.Peek(f.lines.Size())
	return bytes.TrimLeft(start, " \t\r\n")
}

func (f *reader) readLines() error {
	for {
		line, err := f.next()
		f.line++
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errTooLong):
			f.report(f.line, err)
		case err != nil: // of the disk
			return fmt.Errorf("%s: %w", f.place(f.line), err)
		case len(bytes.TrimSpace(line)) == 0:
		default:
			if err := f.add(line, f.line); err != nil {
				return err
			}
		}
	}
}

// next returns the next line, which may lack its end if it is the last. A line
// that is too long is passed over.
func (f *reader) next() ([]byte, error) {
	var line []byte
	tooLong := false
	for {
		part, err := f.lines.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > maxDocument; !tooLong {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case tooLong && (err == nil || errors.Is(err, io.EOF)):
			return nil, errTooLong
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		default:
			return line, err
		}
	}
}

// readDocuments reads a list element by element, or documents one after the other.
func (f *reader) readDocuments() error {
	isList := bytes.HasPrefix(f.start(), []byte("["))
	source := &counter{r: f.lines, left: maxDocument}
	decoder := json.NewDecoder(source)
	if isList {
		_, _ = decoder.Token() // which is there
	}
	for !isList || decoder.More() {
		source.left = maxDocument
		var document json.RawMessage
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) && !isList {
			return nil
		}
		if err != nil {
			return f.stop(source.next(decoder), err)
		}
		if err := f.add(document, source.line(decoder.InputOffset())); err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return f.stop(source.next(decoder), err)
	}
	return nil
}

// stop reports why a file cannot be read from a line on, and returns an error that
// is the disk's.
func (f *reader) stop(line int, err error) error {
	_, isSyntax := errors.AsType[*json.SyntaxError](err)
	switch {
	case errors.Is(err, errTooLong):
		f.report(line, fmt.Errorf("%w; what follows in this file was not read", errTooLong))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		f.report(line, errors.New("the file ends in the middle of a document"))
	case isSyntax:
		f.report(line, errors.New("not JSON; what follows in this file was not read"))
	default:
		return fmt.Errorf("%s: %w", f.place(line), err)
	}
	return nil
}

// add adds the calls of a document that ends on that line.
func (f *reader) add(document []byte, line int) error {
	f.calls.place = f.place(line)
	err := addDocument(f.calls, document)
	f.calls.place = ""
	if errors.Is(err, errFull) {
		return fmt.Errorf("%s: %w", f.place(line), err)
	}
	if err != nil {
		f.report(line, err)
	}
	return nil
}

func (f *reader) report(line int, what error) { f.calls.report(f.place(line), what) }

func (f *reader) place(line int) string { return fmt.Sprintf("%s:%d", f.name, line) }

// counter knows on which line an offset is that a decoder, which reads ahead, has
// come to, and ends a document that is too long.
type counter struct {
	r     io.Reader
	left  int    // bytes that the document may still have, about
	asked int64  // the offset asked for last
	ended int    // lines that ended before it
	ahead []byte // what was read of the rest, as the decoder has it too
}

func (c *counter) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTooLong
	}
	n, err := c.r.Read(p[:min(len(p), c.left)])
	c.left -= n
	c.ahead = append(c.ahead, p[:n]...)
	return n, err
}

// line returns the number of the line on which offset is.
func (c *counter) line(offset int64) int {
	n := offset - c.asked
	c.ended += bytes.Count(c.ahead[:n], []byte("\n"))
	c.ahead, c.asked = c.ahead[n:], offset
	return c.ended + 1
}

// next returns the number of the line on which what the decoder could not read
// begins: it stands behind white space and a comma.
func (c *counter) next(decoder *json.Decoder) int {
	line := c.line(decoder.InputOffset())
	rest, _ := io.ReadAll(decoder.Buffered()) // which is in memory
	between := rest[:len(rest)-len(bytes.TrimLeft(rest, " \t\r\n,"))]
	return line + bytes.Count(between, []byte("\n"))
}
