package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

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
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	tooLarge := retry.Final(fmt.Errorf("the answer is larger than %d bytes", limit))
	if resp.ContentLength > limit {
		return nil, tooLarge
	}
	body, err := readAll(resp.Body, resp.ContentLength, limit)
	switch {
	case errors.Is(err, errOverLimit):
		return body, tooLarge
	case err != nil:
		return body, fmt.Errorf("the answer broke off: %w", networkError(err))
	case isCut(resp, body):
		return body, fmt.Errorf("the answer broke off: %w", io.ErrUnexpectedEOF)
	}
	return body, nil
}

var errOverLimit = errors.New("more than the limit")

const (
	firstPiece = 8 << 10
	// believed is how much is made ready for a body because the service says
	// that it is so long.
	believed = 1 << 20
)

// readAll reads a body in growing pieces, and puts them together only when all
// are there: a body over the limit, such as a few bytes that decompress to
// gigabytes, never takes up more than the limit. length is that which the
// service names, not positive if it names none. Of a body with an error it
// returns no more than an error keeps.
func readAll(r io.Reader, length, limit int64) ([]byte, error) {
	var pieces [][]byte
	var size int64
	for {
		piece := make([]byte, nextPiece(size, length, limit))
		n, err := fill(r, piece)
		pieces, size = append(pieces, piece[:n]), size+int64(n)
		switch {
		case size > limit:
			return joinPieces(pieces, maxErrorBody), errOverLimit
		case size == length:
			return joinPieces(pieces, size), nil
		case errors.Is(err, io.EOF) && length > 0:
			return joinPieces(pieces, maxErrorBody), io.ErrUnexpectedEOF
		case errors.Is(err, io.EOF):
			return joinPieces(pieces, size), nil
		case err != nil:
			return joinPieces(pieces, maxErrorBody), err
		}
	}
}

// nextPiece is how large the piece after size bytes is.
func nextPiece(size, length, limit int64) int64 {
	if length > 0 {
		return min(max(believed, size/2), length-size)
	}
	piece := max(firstPiece, size/2)
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

// joinPieces returns the pieces in one, of several no more than size bytes.
func joinPieces(pieces [][]byte, size int64) []byte {
	if len(pieces) == 1 {
		return pieces[0]
	}
	body := make([]byte, 0, size)
	for _, piece := range pieces {
		room := size - int64(len(body))
		body = append(body, piece[:min(int64(len(piece)), room)]...)
	}
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
