package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestCallTables measures a few calls, each of whose variants checks what it got.
func TestCallTables(t *testing.T) {
	t.Parallel()
	chosen := callTables(time.Millisecond)
	var report strings.Builder
	if err := runReport(t, chosen, &report); err != nil {
		t.Fatal(err)
	}
	checkRows(t, chosen, report.String())
}

// TestCallersRefuse: what is not the session has no time.
func TestCallersRefuse(t *testing.T) {
	t.Parallel()
	c := &corpus{Sessions: 2, Days: 1}
	other := encode(c.session(1))
	for _, v := range calling(c, timed) {
		for name, handler := range map[string]http.HandlerFunc{
			"nothing":         http.NotFound,
			"another session": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(other) },
		} {
			if v.name == undecodedCall && name != "nothing" {
				continue
			}
			t.Run(v.name+" "+name, func(t *testing.T) {
				t.Parallel()
				server := httptest.NewServer(handler)
				defer server.Close()
				if _, err := v.measure(t.Context(), server.URL); err == nil {
					t.Error("no error")
				}
			})
		}
	}
}
