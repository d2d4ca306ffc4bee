package faultserver

import (
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// pipe returns the two ends of a connection in memory that the server can
// reset.
func pipe() (client *clientConn, server *serverConn) {
	a, b := net.Pipe()
	var reset atomic.Bool
	return &clientConn{a, &reset}, &serverConn{b, &reset}
}

type serverConn struct {
	net.Conn

	wasReset *atomic.Bool
}

// reset closes the connection in a way that the client takes for a failure and
// not for an end.
func (c *serverConn) reset() {
	c.wasReset.Store(true)
	_ = c.Close()
}

type clientConn struct {
	net.Conn

	wasReset *atomic.Bool
}

func (c *clientConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err == io.EOF && c.wasReset.Load() { //nolint:errorlint // what net.Pipe returns
		err = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return n, err
}

// eagerConn takes what is written at once, as a socket does. In a handshake
// both sides may write before they read, and over a pipe wait for each other.
type eagerConn struct {
	net.Conn

	pending chan []byte
	done    chan struct{}
	closing sync.Once
}

func newEagerConn(conn net.Conn) *eagerConn {
	c := &eagerConn{Conn: conn, pending: make(chan []byte, 1024), done: make(chan struct{})}
	go func() {
		defer close(c.done)
		var err error
		for p := range c.pending {
			if err == nil {
				_, err = conn.Write(p)
			}
		}
	}()
	return c
}

func (c *eagerConn) Write(p []byte) (int, error) {
	c.pending <- slices.Clone(p)
	return len(p), nil
}

// Close returns when all is written or the other side has gone.
func (c *eagerConn) Close() error {
	c.closing.Do(func() { close(c.pending) })
	<-c.done
	return c.Conn.Close()
}

// SetWriteDeadline does nothing, as a Write takes no time.
func (c *eagerConn) SetWriteDeadline(time.Time) error { return nil }
