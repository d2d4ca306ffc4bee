package faultserver

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
)

// Handler answers a request, and reports whether its connection stays open.
type Handler func(x *Exchange) (keep bool)

// Server is an HTTP server in memory. Make it with [New]. It is safe for
// concurrent use.
type Server struct {
	mu       sync.Mutex
	handler  Handler
	network  Network
	requests int
	conns    int
	dialled  map[string]int
	serving  sync.WaitGroup
}

// Network is what happens before a request is sent; its zero value connects.
type Network struct {
	// Dial fails the connection if it returns an error.
	Dial func() error
	// Accept returns the server's side of a new connection, after a handshake
	// perhaps, or nil if it has done with it. It is closed afterwards.
	Accept func(conn net.Conn) net.Conn
}

// New returns a server that answers with handler.
func New(handler Handler) *Server {
	return &Server{handler: handler, dialled: map[string]int{}}
}

// Set replaces the handler and the network, from the next request and the next
// connection on.
func (s *Server) Set(handler Handler, network Network) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler, s.network = handler, network
}

// Transport returns an [http.Transport] whose every connection leads to s,
// whatever the address. Its limits are those of the module's own.
func (s *Server) Transport() *http.Transport {
	return &http.Transport{DialContext: s.dial, MaxIdleConnsPerHost: 64, MaxResponseHeaderBytes: 64 << 10}
}

// Wait returns when all connections are closed, by the server or by the
// transport, whose idle ones the caller closes before.
func (s *Server) Wait() { s.serving.Wait() }

// Requests is how many requests were read.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// Conns is how many connections were made.
func (s *Server) Conns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

// Dialled are the addresses that connections were asked for, and how often.
func (s *Server) Dialled() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.dialled)
}

func (s *Server) dial(_ context.Context, _, address string) (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialled[address]++
	if s.network.Dial != nil {
		if err := s.network.Dial(); err != nil {
			return nil, err
		}
	}
	s.conns++
	client, server := pipe()
	accept := s.network.Accept
	s.serving.Go(func() {
		defer func() { _ = server.Close() }()
		s.serve(server, accept)
	})
	return client, nil
}

func (s *Server) serve(raw *serverConn, accept func(net.Conn) net.Conn) {
	var conn net.Conn = raw
	if accept != nil {
		if conn = accept(conn); conn == nil {
			return
		}
		defer func() { _ = conn.Close() }()
	}
	in := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, _ := io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
		handler, n := s.next()
		if !handler(&Exchange{N: n, Request: req, Body: string(body), conn: conn, raw: raw}) {
			return
		}
	}
}

func (s *Server) next() (handler Handler, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	return s.handler, s.requests
}
