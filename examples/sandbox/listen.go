package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
)

// listen opens the address that the flag name was given, if it is one of this
// machine: whoever reaches the sandbox can log in.
func listen(ctx context.Context, name, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err == nil && host != "localhost" && !isLoopback(host) {
		err = errors.New("the credentials of the sandbox are known to everybody, so it listens on 127.0.0.1, [::1] or localhost alone")
	}
	var listener net.Listener
	if err == nil {
		listener, err = new(net.ListenConfig).Listen(ctx, "tcp", address)
	}
	if err != nil {
		return nil, fmt.Errorf("-%s %s: %w; choose another address, such as 127.0.0.1:0 for a port that is free", name, address, err)
	}
	return listener, nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// localTransport reaches programs on this machine and nothing beyond it, as the
// addresses that it is used for are those of strangers.
func localTransport() http.RoundTripper {
	dialer := net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		if host, _, err := net.SplitHostPort(address); err != nil || !isLoopback(host) {
			return errors.New("the sandbox sends events to this machine alone")
		}
		return nil
	}}
	return &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
}
