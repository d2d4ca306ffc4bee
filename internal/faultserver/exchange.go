package faultserver

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// Exchange is a request that the server has read, and the connection to answer
// it on.
type Exchange struct {
	// N counts the requests of the server, from 1.
	N int
	// Request is what was sent, and Body the whole of its body.
	Request *http.Request
	Body    string

	conn net.Conn
	raw  *serverConn
}

// Write sends text as it is, and reports whether it was taken.
func (x *Exchange) Write(text string) bool {
	_, err := io.WriteString(x.conn, text)
	return err == nil
}

// Send is [Exchange.Write] for bytes, which it need not copy.
func (x *Exchange) Send(data []byte) bool {
	_, err := x.conn.Write(data)
	return err == nil
}

// Reply sends a whole answer. Each header is a line without its end. It reports
// whether the connection may stay open.
func (x *Exchange) Reply(status int, body string, headers ...string) bool {
	return x.Head(status, append(headers, "Content-Length: "+strconv.Itoa(len(body)))...) && x.Write(body)
}

// Head sends the status and the headers alone.
func (x *Exchange) Head(status int, headers ...string) bool {
	lines := append([]string{"HTTP/1.1 " + strconv.Itoa(status) + " " + http.StatusText(status)}, headers...)
	return x.Write(strings.Join(lines, "\r\n") + "\r\n\r\n")
}

// Chunk sends a piece of a body with Transfer-Encoding: chunked.
func (x *Exchange) Chunk(data []byte) bool {
	return x.Write(strconv.FormatInt(int64(len(data)), 16)+"\r\n") && x.Send(data) && x.Write("\r\n")
}

// Endless sends a body of unknown length: first, and then the same piece until
// the client has had enough of it.
func (x *Exchange) Endless(first string, piece []byte) {
	x.Head(http.StatusOK, "Transfer-Encoding: chunked")
	for more := x.Chunk([]byte(first)); more; {
		more = x.Chunk(piece)
	}
}

// Silence returns when the client has closed the connection.
func (x *Exchange) Silence() { _, _ = x.conn.Read(make([]byte, 1)) }

// Gone reports whether the client has closed the connection.
func (x *Exchange) Gone() bool {
	_ = x.conn.SetReadDeadline(time.Now())
	_, err := x.conn.Read(make([]byte, 1))
	_ = x.conn.SetReadDeadline(time.Time{})
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}

// Reset breaks the connection off.
func (x *Exchange) Reset() { x.raw.reset() }
