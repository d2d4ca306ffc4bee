package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/callinsights/callinsights-go/internal/retry"
)

// maxErrorBody is how much of an answer is read for an error, or not at all
// needed.
const maxErrorBody = 64 << 10

// readError reads what there is of an error's body. Reading it to its end,
// where it is short, lets the connection be used again.
func readError(body io.Reader) []byte {
	text, _ := io.ReadAll(io.LimitReader(body, maxErrorBody))
	return text
}

// encodingError refuses a body that the transport has not decompressed.
func encodingError(resp *http.Response) error {
	for _, encoding := range resp.Header.Values("Content-Encoding") {
		if !strings.EqualFold(strings.TrimSpace(encoding), "identity") {
			return errors.New("the answer has a Content-Encoding that was not asked for")
		}
	}
	return nil
}

// readBody reads the whole body inside the attempt, so that one that breaks is
// an attempt that failed.
func readBody(resp *http.Response, limit int64, buffers *buffers) ([]byte, error) {
	if resp.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	body, err := readAll(resp.Body, resp.ContentLength, limit, buffers)
	switch {
	case err == errOverLimit: //nolint:errorlint // readAll makes it
		return body, tooLarge(limit)
	case err != nil:
		return body, fmt.Errorf("the answer broke off: %w", networkError(err))
	case isCut(resp, body):
		return body, fmt.Errorf("the answer broke off: %w", io.ErrUnexpectedEOF)
	}
	return body, nil
}

var errOverLimit = errors.New("more than the limit")

func tooLarge(limit int64) error {
	return retry.Final(fmt.Errorf("the answer is larger than %d bytes", limit))
}

// bufferSize holds nearly every answer that is no page.
const bufferSize = 32 << 10

// buffers are those that bodies are read into first, kept for later ones: most
// calls then allocate nothing for the body.
type buffers struct{ pool sync.Pool }

// piece returns n bytes for a piece of a body: a buffer for the first, if that
// is large enough.
func (b *buffers) piece(n int64, first bool) []byte {
	if !first || n > bufferSize {
		return make([]byte, n)
	}
	if buffer, ok := b.pool.Get().(*[bufferSize]byte); ok {
		return buffer[:n]
	}
	return make([]byte, n, bufferSize)
}

// put takes back the buffer that a body is in, which nobody looks at any more.
// A body of another capacity is in none.
func (b *buffers) put(body []byte) {
	if cap(body) == bufferSize {
		b.pool.Put((*[bufferSize]byte)(body[:bufferSize]))
	}
}

// believed is how much is made ready for a body because the service says that
// it is so long.
const believed = 1 << 20

// readAll reads a body in growing pieces, the first of which is one of buffers,
// and puts them together only when all are there: a body over the limit, such
// as a few bytes that decompress to gigabytes, never takes up more than the
// limit. length is that which the service names, not positive if it names none.
// Of a body with an error it returns no more than an error keeps.
func readAll(r io.Reader, length, limit int64, buffers *buffers) ([]byte, error) {
	pieces := make([][]byte, 0, 8)
	var size int64
	for {
		piece := buffers.piece(nextPiece(size, length, limit), size == 0)
		n, err := fill(r, piece)
		pieces, size = append(pieces, piece[:n]), size+int64(n)
		switch {
		case size > limit:
			return buffers.join(pieces, maxErrorBody), errOverLimit
		case size == length:
			return buffers.join(pieces, size), nil
		case errors.Is(err, io.EOF) && length > 0:
			return buffers.join(pieces, maxErrorBody), io.ErrUnexpectedEOF
		case errors.Is(err, io.EOF):
			return buffers.join(pieces, size), nil
		case err != nil:
			return buffers.join(pieces, maxErrorBody), err
		}
	}
}

// nextPiece is how large the piece after size bytes is.
func nextPiece(size, length, limit int64) int64 {
	if length > 0 {
		return min(max(believed, size/2), length-size)
	}
	piece := max(bufferSize, size/2)
	if room := limit - size; room < piece {
		return room + 1 // the byte that shows that there is more
	}
	return piece
}

// fill is io.ReadFull without an error of its own for a short body.
func fill(r io.Reader, piece []byte) (n int, err error) {
	for n < len(piece) && err == nil {
		var more int
		more, err = read(r, piece[n:])
		n += more
	}
	return n, err
}

// read is r.Read with an io.EOF that is the end and nothing else: the
// http.RoundTripper of the caller may wrap it to say why the answer broke off.
func read(r io.Reader, p []byte) (int, error) {
	n, err := r.Read(p)
	if err != io.EOF && errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// join returns the pieces in one, of several no more than size bytes.
func (b *buffers) join(pieces [][]byte, size int64) []byte {
	if len(pieces) == 1 {
		return pieces[0]
	}
	body := make([]byte, 0, size)
	for _, piece := range pieces {
		room := size - int64(len(body))
		body = append(body, piece[:min(int64(len(piece)), room)]...)
	}
	b.put(pieces[0])
	return body
}

// isCut reports whether a body that ends with its connection, so that a lost
// connection looks like the end, is a JSON document that is not complete.
func isCut(resp *http.Response, body []byte) bool {
	if resp.ContentLength >= 0 || !resp.Close || resp.Uncompressed || len(resp.TransferEncoding) > 0 {
		return false
	}
	body = trim(body)
	return len(body) > 0 && (body[0] == '{' || body[0] == '[') && !json.Valid(body)
}

const byteOrderMark = "\ufeff"

// trim takes off a byte order mark and the space before the document.
func trim(body []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(body, []byte(byteOrderMark)), " \t\r\n")
}

// ErrBrokeOff is matched by the errors of a streamed answer that has begun well
// and then fails to arrive, for whatever reason but the end of the context.
var ErrBrokeOff = errors.New("the answer broke off")

// stream is the body of a streamed answer. Only the time that a Read blocks
// counts, not that which its reader takes in between.
type stream struct {
	body  io.ReadCloser
	watch *watchdog
	// left is how much is yet to come, not positive if that is not known.
	left int64
	err  error
}

func (s *stream) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	s.watch.resume()
	n, err := read(s.body, p)
	s.watch.pause()
	s.left -= int64(n)
	if errors.Is(err, io.EOF) && s.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		s.err = s.explain(err)
	}
	return n, s.err
}

func (s *stream) explain(err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if timeout, ok := errors.AsType[*TimeoutError](s.watch.explain(err)); ok {
		return fmt.Errorf("%w: %w", ErrBrokeOff, timeout)
	}
	if ended := s.watch.ctx.Err(); ended != nil {
		return ended
	}
	return fmt.Errorf("%w: %w", ErrBrokeOff, networkError(err))
}

func (s *stream) Close() error {
	err := s.body.Close()
	s.watch.stop()
	return err
}
