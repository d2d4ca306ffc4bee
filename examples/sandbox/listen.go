package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"

	"github.com/callinsights/callinsights-go/examples/internal/program"
)

// listen opens the address that the flag name was given, if it is one of this
// machine: whoever reaches the sandbox can log in.
func listen(ctx context.Context, name, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err == nil && !program.IsLocal(host) {
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

// localTransport reaches programs on this machine and nothing beyond it, as the
// addresses that it is used for are those of strangers. It tells stderr why a
// handshake came to nothing, which the answer to a subscription does not say.
func localTransport(stderr io.Writer) http.RoundTripper {
	dialer := net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		if host, _, err := net.SplitHostPort(address); err != nil || !program.IsLocal(host) {
			return errors.New("the sandbox sends events to this machine alone")
		}
		return nil
	}}
	return &telling{&http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}, stderr}
}

// telling says what handshakes fail of.
type telling struct {
	http.RoundTripper

	stderr io.Writer
}

func (t *telling) RoundTrip(req *http.Request) (*http.Response, error) {
	answer, err := t.RoundTripper.RoundTrip(req)
	if err != nil && req.Header.Get("Validation-Token") != "" {
		// Quoted, as a terminal obeys what it reads.
		fmt.Fprintf(t.stderr, "no handshake with %q: %q\n", req.URL.Host, err)
	}
	return answer, err
}
