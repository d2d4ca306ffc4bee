// Package pipeserver runs a server of net/http over connections in memory, for
// tests of receivers in the virtual time of testing/synctest.
package pipeserver

import (
	"net"
	"net/http"
	"time"
)

// Serve runs a server without time-outs of its own, and returns a way to connect to
// it and one to end it, which has to be used inside the bubble of synctest.
func Serve(h http.Handler) (dial func() net.Conn, end func()) {
	l := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: h} //nolint:gosec // whoever connects is the test
	go func() { _ = server.Serve(l) }()
	var dialled []net.Conn
	dial = func() net.Conn {
		here, there := net.Pipe()
		dialled = append(dialled, here)
		l.conns <- there
		return here
	}
	end = func() {
		for _, conn := range dialled {
			_ = conn.Close()
		}
		_ = server.Close()
		time.Sleep(time.Second) // which net/http gives a sender to read its answer
	}
	return dial, end
}

// listener hands out connections in memory.
type listener struct {
	net.Listener // whose Addr nobody asks for

	conns  chan net.Conn
	closed chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error { close(l.closed); return nil }
