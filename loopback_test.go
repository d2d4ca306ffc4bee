package callinsights_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// onSockets is a client with a key of its own that talks to a real address.
func onSockets(t *testing.T, base string, transport http.RoundTripper) (find func() error, key string) {
	t.Helper()
	r := &rig{}
	key = r.sentinel()
	options := []vonageinsights.Option{
		vonageinsights.WithBaseURL(base),
		vonageinsights.WithRetry(callinsights.RetryPolicy{MaxAttempts: 2, MinBackoff: 1, MaxBackoff: 1}),
	}
	if transport != nil {
		options = append(options, vonageinsights.WithHTTPClient(&http.Client{Transport: transport}))
	}
	client, err := vonageinsights.NewClient(key, vonageinsights.EU, options...)
	if err != nil {
		t.Fatal(err)
	}
	return func() error {
		_, err := client.FindSession(t.Context(), "s-1")
		for _, text := range []string{printed(err), causes(err), printed(client)} {
			if shows(text, strings.TrimSuffix(key, "+/=")) {
				t.Error("an error or a client shows the key")
			}
		}
		return err
	}, key
}

// listen serves each connection with serve, and returns the address.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				serve(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// What a socket does that a pipe in memory only plays.
func TestFaultsOnSockets(t *testing.T) {
	t.Parallel()
	secure := func(change func(*tls.Config)) *httptest.Server {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS10}
		change(server.TLS)
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		server.StartTLS()
		t.Cleanup(server.Close)
		return server
	}
	trusted := func(server *httptest.Server, name string) http.RoundTripper {
		pool := x509.NewCertPool()
		pool.AddCert(server.Certificate())
		return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: name, MinVersion: tls.VersionTLS12}}
	}
	good, old := secure(func(*tls.Config) {}), secure(func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11 })
	reset := listen(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1024))
		_ = conn.(*net.TCPConn).SetLinger(0) //nolint:errcheck // a TCP connection
	})
	plain := listen(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1024))
		_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
	})
	for name, tt := range map[string]struct {
		base      string
		transport http.RoundTripper
		attempts  int
		cause     error
	}{
		"refused":                {base: "http://" + closedPort(t), attempts: 2, cause: syscall.ECONNREFUSED},
		"reset":                  {base: "http://" + reset, attempts: 2, cause: syscall.ECONNRESET},
		"untrusted certificate":  {base: good.URL, attempts: 1, cause: &tls.CertificateVerificationError{}},
		"another name":           {base: good.URL, transport: trusted(good, "another.test"), attempts: 1, cause: &tls.CertificateVerificationError{}},
		"TLS that is too old":    {base: old.URL, transport: trusted(old, ""), attempts: 1},
		"no TLS on its port":     {base: "https://" + plain, attempts: 1},
		"TLS on a port for HTTP": {base: strings.Replace(good.URL, "https", "http", 1), attempts: 1, cause: callinsights.ErrInvalidRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			find, _ := onSockets(t, tt.base, tt.transport)
			err := find()
			e, ok := errors.AsType[*callinsights.Error](err)
			if !ok || e.Attempts != tt.attempts {
				t.Fatalf("err = %v, want %d attempts", err, tt.attempts)
			}
			if _, isCertificate := errors.AsType[*tls.CertificateVerificationError](tt.cause); isCertificate {
				if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
					t.Errorf("err = %v, want one of the certificate", err)
				}
			} else if tt.cause != nil && !errors.Is(err, tt.cause) {
				t.Errorf("err = %v, want %v", err, tt.cause)
			}
		})
	}
}

// The transport of a program that brings none of its own stops a server that
// floods it with headers.
func TestHeaderFloodOnSockets(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	flood := listen(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1024))
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		line := "X-Flood: " + strings.Repeat("x", 8<<10) + "\r\n"
		for sent.Load() < 11<<20 {
			n, err := io.WriteString(conn, line)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	})
	find, _ := onSockets(t, "http://"+flood, nil)
	err := find()
	if e, ok := errors.AsType[*callinsights.Error](err); !ok || !errors.Is(err, callinsights.ErrUnavailable) || e.Attempts != 1 {
		t.Errorf("err = %v, want ErrUnavailable after one attempt", err)
	}
	if n := sent.Load(); n >= 11<<20 {
		t.Errorf("all of the %d bytes were taken", n)
	}
}

// net/http follows a redirect to another port of the host with every
// credential, to another host with every header but Authorization, and from
// https to http with all of them in clear.
func TestCredentialsStayAtTheirOrigin(t *testing.T) {
	t.Parallel()
	var stolen atomic.Int64
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	t.Cleanup(thief.Close)
	for _, code := range []int{301, 302, 303, 307, 308} {
		for name, location := range map[string]string{
			"another port": thief.URL + "/steal",
			"another host": strings.Replace(thief.URL, "127.0.0.1", "localhost", 1),
			"another case": strings.Replace(thief.URL, "http", "HTTP", 1),
		} {
			redirect := http.RedirectHandler(location, code)
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				if req.URL.Path == tokenPath && code != http.StatusSeeOther { // of which the token endpoint does it too
					_, _ = io.WriteString(w, `{"access_token":"token"}`)
					return
				}
				redirect.ServeHTTP(w, req)
			}))
			t.Cleanup(service.Close)
			find, _ := onSockets(t, service.URL, nil)
			if err := find(); !errors.Is(err, callinsights.ErrInvalidResponse) {
				t.Errorf("%s, %d: err = %v, want ErrInvalidResponse", name, code, err)
			}
			r := &rig{}
			rs := ringsenseAt(t, service.URL, r)
			if _, err := rs.RecordingInsights(t.Context(), "31"); !errors.Is(err, callinsights.ErrInvalidResponse) {
				t.Errorf("%s, %d: err = %v, want ErrInvalidResponse", name, code, err)
			}
		}
	}
	if n := stolen.Load(); n != 0 {
		t.Errorf("%d requests were redirected", n)
	}
}

// A proxy is asked to connect, and sees no credential; its refusal and its own
// password are in no text.
func TestProxy(t *testing.T) {
	t.Parallel()
	service := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"id":"s-1","status":"ended"}`)
	}))
	t.Cleanup(service.Close)
	pool := x509.NewCertPool()
	pool.AddCert(service.Certificate())
	for name, tt := range map[string]struct {
		refuses  bool
		is       error
		attempts int
	}{
		"passes":  {},
		"refuses": {refuses: true, is: callinsights.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			heard := make(chan string, 16)
			proxy := listen(t, func(conn net.Conn) {
				in := bufio.NewReader(conn)
				req, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				heard <- req.Method + " " + req.Host + " " + printed(req.Header)
				if tt.refuses {
					_, _ = io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
					return
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
				relay(t.Context(), conn, in, req.Host)
			})
			password := (&rig{}).sentinel()
			through := &url.URL{Scheme: "http", User: url.UserPassword("user", password), Host: proxy}
			transport := &http.Transport{
				Proxy:           http.ProxyURL(through),
				TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
			}
			t.Cleanup(transport.CloseIdleConnections)
			find, key := onSockets(t, service.URL, transport)
			err := find()
			if !errors.Is(err, tt.is) {
				t.Errorf("err = %v, want %v", err, tt.is)
			}
			if shows(printed(err)+causes(err), strings.TrimSuffix(password, "+/=")) {
				t.Error("the error shows the password of the proxy")
			}
			if said := <-heard; !strings.HasPrefix(said, "CONNECT ") || shows(said, strings.TrimSuffix(key, "+/=")) {
				t.Error("the proxy was asked for more than a connection, or told the key")
			}
		})
	}
	t.Run("is not there", func(t *testing.T) {
		t.Parallel()
		transport := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: closedPort(t)})}
		find, _ := onSockets(t, service.URL, transport)
		err := find()
		if e, ok := errors.AsType[*callinsights.Error](err); !ok || !errors.Is(err, syscall.ECONNREFUSED) || e.Attempts != 2 {
			t.Errorf("err = %v, want the refusal after two attempts", err)
		}
	})
}

// relay copies between a connection and a host until either ends.
func relay(ctx context.Context, conn net.Conn, in io.Reader, host string) {
	out, err := (&net.Dialer{Timeout: time.Minute}).DialContext(ctx, "tcp", host)
	if err != nil {
		return
	}
	defer func() { _ = out.Close() }()
	go func() { _, _ = io.Copy(out, in) }()
	_, _ = io.Copy(conn, out)
}
