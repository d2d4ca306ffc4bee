package faultserver_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/faultserver"
)

const good = `{"good":true}`

// see is what a plain client gets: "error", or the status and what became of
// the body.
func see(client *http.Client, base string) string {
	resp, err := client.Get(base + "/thing")
	if errors.Is(err, syscall.ECONNRESET) {
		return "reset"
	}
	if err != nil {
		return "error"
	}
	defer func() { _ = resp.Body.Close() }()
	status := strconv.Itoa(resp.StatusCode)
	body, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	switch {
	case errors.Is(err, syscall.ECONNRESET):
		return status + " reset"
	case err != nil:
		return status + " broken"
	case len(body) == 8<<20:
		return status + " large"
	case string(body) == good:
		return status + " good"
	default:
		return status
	}
}

// end closes the connections, all of which are idle after a while.
func end(client *http.Client, server *faultserver.Server) {
	synctest.Wait()
	client.CloseIdleConnections()
	server.Wait()
}

// What a plain client sees of each fault, twice in a row where the second
// time is another.
func TestFaults(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"refused": "error", "an unknown host": "error", "DNS out of order": "error",
		"reset before the answer": "reset", "reset in the headers": "reset", "reset in the body": "200 reset",
		"closed before the answer": "error", "closed in the headers": "error", "closed on an idle connection": "error, 200 good",
		"another protocol": "error", "a malformed header": "error", "11 MiB of headers": "error", "a flood of 103": "error",
		"an untrusted certificate": "error", "a certificate of another name": "error", "TLS that is too old": "error",
		"HTTP on a TLS port": "error", "a handshake that breaks off": "error",
		"silence": "error", "headers that drip": "error", "a 103 now and then": "error",
		"a body that drips": "200 broken", "a body that stalls": "200 broken", "an error whose body stalls": "500 broken",
		"429 with seconds": "429", "429 with a date": "429", "429 with an RFC 850 date": "429", "429 with an asctime date": "429",
		"429 bare": "429", "429 with garbage": "429", "429 with a negative wait": "429", "429 with an overflow": "429",
		"429 for an hour": "429", "429 beyond the deadline": "429", "429 with a penalty that restarts": "429, 200 good",
		"500 for ever": "500", "502 with a page": "502", "503 twice": "503", "503 with seconds": "503", "504 for ever": "504",
		"408 for ever": "408", "401 once": "401, 200 good", "401 for ever": "401", "403": "403", "404": "404", "501": "501",
		"an echo of the request": "400", "an echo of the request, failing": "500",
		"a redirect to another host": "302", "a redirect to another port": "307", "a redirect in clear": "308",
		"a redirect to a subdomain": "301", "a redirect loop": "302", "status 099": "99", "status 999": "999",
		"a megabyte of error": "500",
		"a short body":        "200 broken", "a chunk cut": "200 broken", "chunks without an end": "200 broken", "gzip cut": "200 broken",
		"cut with its connection": "200", "a gzip bomb": "200 large", "64 MiB": "200 large", "64 MiB in chunks": "200 large",
		"brotli": "200 good", "gzip twice": "200",
		"an empty 200": "200", "a 204": "204", "a page": "200", "another media type": "200 good", "invalid JSON": "200",
		"another shape": "200", "null": "200", "trailing data": "200", "a byte order mark": "200", "invalid UTF-8": "200",
		"duplicate keys": "200", "10,001 levels": "200", "a million elements": "200",
	}
	authority := faultserver.NewAuthority()
	got := map[string]string{}
	for i := range faultserver.Faults(authority) {
		synctest.Test(t, func(*testing.T) {
			fault := faultserver.Faults(authority)[i]
			server := faultserver.New(fault.Handler(good))
			server.Set(fault.Handler(good), fault.Network)
			transport := server.Transport()
			transport.TLSClientConfig = &tls.Config{RootCAs: authority.Pool, MinVersion: tls.VersionTLS12}
			client := &http.Client{Transport: transport, Timeout: 10 * time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			}}
			base := "http://localhost:8080"
			if fault.TLS {
				base = "https://" + faultserver.TLSHost
			}
			got[fault.Name] = see(client, base)
			time.Sleep(time.Minute)
			if second := see(client, base); second != got[fault.Name] {
				got[fault.Name] += ", " + second
			}
			end(client, server)
		})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a plain client sees (-want +got):\n%s", diff)
	}
}

// The penalty starts anew with each request that comes too early.
func TestPenaltyThatRestarts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fault faultserver.Fault
		for _, f := range faultserver.Faults(faultserver.NewAuthority()) {
			if f.Name == "429 with a penalty that restarts" {
				fault = f
			}
		}
		server := faultserver.New(fault.Handler(good))
		client := &http.Client{Transport: server.Transport()}
		var got []string
		for _, pause := range []time.Duration{0, 59 * time.Second, 59 * time.Second, time.Minute} {
			time.Sleep(pause)
			got = append(got, see(client, "http://localhost"))
		}
		if diff := cmp.Diff([]string{"429", "429", "429", "200 good"}, got); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
		end(client, server)
	})
}

func TestServerCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		authority := faultserver.NewAuthority()
		server := faultserver.New(func(x *faultserver.Exchange) bool {
			return x.Reply(http.StatusOK, strconv.Itoa(x.N)+x.Request.Method+x.Body)
		})
		transport := server.Transport()
		transport.TLSClientConfig = &tls.Config{RootCAs: authority.Pool, MinVersion: tls.VersionTLS12}
		client := &http.Client{Transport: transport}
		post := func(base string) string {
			resp, err := client.Post(base, "text/plain", strings.NewReader("body"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			body, _ := io.ReadAll(resp.Body)
			return string(body)
		}
		got := []string{post("http://one.test/"), post("http://one.test/"), post("http://two.test:81/")}
		server.Set(func(x *faultserver.Exchange) bool {
			x.Reply(http.StatusOK, "last")
			return false
		}, authority.Network())
		got = append(got, post("https://"+faultserver.TLSHost))
		if diff := cmp.Diff([]string{"1POSTbody", "2POSTbody", "3POSTbody", "last"}, got); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]int{"one.test:80": 1, "two.test:81": 1, faultserver.TLSHost + ":443": 1}, server.Dialled()); diff != "" {
			t.Errorf("dialled (-want +got):\n%s", diff)
		}
		if server.Requests() != 4 || server.Conns() != 3 {
			t.Errorf("%d requests on %d connections, want 4 on 3", server.Requests(), server.Conns())
		}
		end(client, server)
	})
}
