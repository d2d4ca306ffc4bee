package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/program"
)

// patience is how long requests that are under way may take at the end.
const patience = 3 * time.Second

// listen opens the address. Another one than of this machine has to be meant:
// there is no password.
func listen(ctx context.Context, s settings) (net.Listener, error) {
	host, _, err := net.SplitHostPort(s.addr)
	if err == nil && len(s.hosts) == 0 && !program.IsLocal(host) {
		err = errors.New("whoever reaches this address can read the calls; if that is meant, say with -host by which name")
	}
	var listener net.Listener
	if err == nil {
		listener, err = new(net.ListenConfig).Listen(ctx, "tcp", s.addr)
	}
	if err != nil {
		return nil, fmt.Errorf("-addr %s: %w; 127.0.0.1:0 is a port of this machine that is free", s.addr, err)
	}
	return listener, nil
}

// address is where a browser finds the list.
func address(listener net.Listener, hosts []string) string {
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	if len(hosts) > 0 {
		host = hosts[0]
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}

func isIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// serve answers requests until ctx ends or the server fails, and then lets those
// that are under way end.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done(): // interrupted, as is meant to be
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if server.Shutdown(ending) != nil {
		_ = server.Close()
	}
	return nil
}
