package faultserver

import (
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// connectionFaults are connections that cannot be made or that break.
func connectionFaults() []Fault {
	dial := func(err error) Network {
		return Network{Dial: func() error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }}
	}
	// after breaks the connection off when that has been sent.
	after := func(sent string, end func(*Exchange)) func(*Exchange, int, string) bool {
		return func(x *Exchange, _ int, _ string) bool {
			x.Write(sent)
			end(x)
			return false
		}
	}
	closed := func(*Exchange) {}
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n"
	return []Fault{
		{Name: "refused", Network: dial(syscall.ECONNREFUSED)},
		{Name: "an unknown host", Network: dial(&net.DNSError{Err: "no such host", Name: "service.test", IsNotFound: true})},
		{Name: "DNS out of order", Network: dial(&net.DNSError{Err: "server misbehaving", Name: "service.test", IsTemporary: true})},
		{Name: "reset before the answer", Answer: after("", (*Exchange).Reset)},
		{Name: "reset in the headers", Answer: after(head, (*Exchange).Reset)},
		{Name: "reset in the body", Answer: after(head+"\r\n{", (*Exchange).Reset)},
		{Name: "closed before the answer", Answer: after("", closed)},
		{Name: "closed in the headers", Answer: after(head+"Content-", closed)},
		{Name: "closed on an idle connection", Idle: true, Answer: func(x *Exchange, n int, good string) bool {
			return n > 1 && x.Reply(http.StatusOK, good, jsonType)
		}},
		{Name: "another protocol", Answer: after("220 mail.test ESMTP\r\n\r\n", closed)},
		{Name: "a malformed header", Answer: after("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", closed)},
		{Name: "11 MiB of headers", Answer: func(x *Exchange, _ int, _ string) bool {
			x.Write("HTTP/1.1 200 OK\r\n")
			line := "X-Flood: " + strings.Repeat("x", 8<<10) + "\r\n"
			for range 11 << 20 / len(line) {
				if !x.Write(line) {
					return false
				}
			}
			return x.Write("Content-Length: 2\r\n\r\n{}")
		}},
		{Name: "a flood of 103", Answer: func(x *Exchange, _ int, _ string) bool {
			for x.Head(http.StatusEarlyHints) {
			}
			return false
		}},
	}
}

// slowFaults are those in which time passes.
func slowFaults() []Fault {
	drip := func(first, each string, pause time.Duration) func(*Exchange, int, string) bool {
		return func(x *Exchange, _ int, _ string) bool {
			for text := first; x.Write(text) && !x.Gone(); text = each {
				time.Sleep(pause)
			}
			return false
		}
	}
	stall := func(head string) func(*Exchange, int, string) bool {
		return func(x *Exchange, _ int, _ string) bool {
			x.Write(head)
			x.Silence()
			return false
		}
	}
	return []Fault{
		{Name: "silence", Answer: stall("")},
		{Name: "headers that drip", Answer: drip("HTTP/1.1 200 OK\r\nX-Slow: ", "x", time.Second)},
		{Name: "a 103 now and then", Answer: drip("", "HTTP/1.1 103 Early Hints\r\n\r\n", 25*time.Second)},
		{Name: "a body that drips", Answer: drip("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{", " ", 100*time.Millisecond)},
		{Name: "a body that stalls", Answer: stall("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")},
		{Name: "an error whose body stalls", Answer: stall("HTTP/1.1 500 Oh\r\nContent-Length: 9\r\n\r\n{")},
	}
}
