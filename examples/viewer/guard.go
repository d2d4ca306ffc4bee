package main

import (
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/callinsights/callinsights-go/examples/internal/program"
)

// contentPolicy lets a page load its style and its pictures from here and nothing
// else, wherever from: no script, no frame, no font, no request. Forms go here.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

// guard answers only what is asked of this server by its own name: a page of a
// stranger, whose name was made to lead here, has the stranger's name in Host. On
// every answer it sets what keeps transcripts, which are strangers' text, from
// doing anything in the browser.
func guard(next http.Handler, hosts []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		switch {
		case !isOurs(r.Host, hosts):
			http.Error(w, "This server answers to the address that it printed; for other names start it with -host NAME.", http.StatusMisdirectedRequest)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "There is nothing to change here: use GET.", http.StatusMethodNotAllowed)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// isOurs reports whether the name in a Host header is one of this machine or of
// those that the user has named.
func isOurs(header string, hosts []string) bool {
	host := header
	if name, _, err := net.SplitHostPort(header); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	return program.IsLocal(host) ||
		slices.ContainsFunc(hosts, func(known string) bool { return strings.EqualFold(known, host) })
}
