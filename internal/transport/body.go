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

// maxErrorBody is how much of an answer an error keeps.
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
	var body []byte
	var err error
	if size := resp.ContentLength; size > 0 {
		body = make([]byte, size)
		var n int
		n, err = io.ReadFull(resp.Body, body)
		body = body[:n]
	} else {
		body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
	}
	switch {
	case int64(len(body)) > limit:
		return body[:limit], tooLarge
	case err != nil:
		return body, fmt.Errorf("the answer broke off: %w", networkError(err))
	case isCut(resp, body):
		return body, fmt.Errorf("the answer broke off: %w", io.ErrUnexpectedEOF)
	}
	return body, nil
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

// stream is the body of a streamed answer. Only the time that a Read blocks
// counts, not that which its reader takes in between.
type stream struct {
	body  io.ReadCloser
	watch *watchdog
	err   error
}

func (s *stream) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	s.watch.resume()
	n, err := s.body.Read(p)
	s.watch.pause()
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
		return timeout
	}
	if ended := s.watch.ctx.Err(); ended != nil {
		return ended
	}
	return fmt.Errorf("the answer broke off: %w", networkError(err))
}

func (s *stream) Close() error {
	err := s.body.Close()
	s.watch.stop()
	return err
}
