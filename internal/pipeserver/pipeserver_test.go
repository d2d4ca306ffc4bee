package pipeserver_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callinsights/callinsights-go/internal/pipeserver"
)

// Connections are served side by side and in virtual time, and nothing is left when
// the test ends, which synctest would not bear.
func TestServe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dial, end := pipeserver.Serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Hour)
			w.WriteHeader(http.StatusTeapot)
		}))
		defer end()
		began := time.Now()
		first, second := dial(), dial()
		for _, conn := range []net.Conn{first, second} {
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
		}
		resp, err := http.ReadResponse(bufio.NewReader(second), nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if took := time.Since(began); resp.StatusCode != http.StatusTeapot || took != time.Hour {
			t.Errorf("status %d after %v, want %d after an hour", resp.StatusCode, took, http.StatusTeapot)
		}
	})
}
