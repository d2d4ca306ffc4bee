package vonageinsightstest

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// The operations, named after the methods of the client.
const (
	opSearch  = "Search"
	opSession = "Session"
	opFind    = "FindSession"
	opDelete  = "DeleteSession"

	opDownload = "DownloadRecording"
)

// route is what the path of a request asks for. op is empty for an unknown one.
type route struct {
	op, id     string
	parameters bool // the path ends in /parameters
}

// routeOf looks at the path as it was sent, where an id may hold %2F.
func routeOf(r *http.Request) route {
	if file, ok := strings.CutPrefix(r.URL.EscapedPath(), recordings+"/"); ok && r.Method == http.MethodGet {
		return route{op: opDownload, id: unescape(strings.TrimSuffix(path.Base(file), ".mp3"))}
	}
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), "/insights/sessions")
	if !ok {
		return route{}
	}
	parts := strings.Split(rest, "/") // the first is empty
	if parts[0] != "" {
		return route{}
	}
	parts = parts[1:]
	get, remove := r.Method == http.MethodGet, r.Method == http.MethodDelete
	switch {
	case get && len(parts) == 0:
		return route{op: opSearch}
	case get && len(parts) == 2 && parts[0] == "search" && parts[1] != "":
		return route{op: opFind, id: unescape(parts[1])}
	case get && len(parts) == 2 && parts[0] != "" && parts[1] == "parameters":
		return route{op: opSession, id: unescape(parts[0]), parameters: true}
	case get && len(parts) == 1 && parts[0] != "":
		return route{op: opSession, id: unescape(parts[0])}
	case remove && len(parts) == 1 && parts[0] != "":
		return route{op: opDelete, id: unescape(parts[0])}
	}
	return route{}
}

// unescape cannot fail on a part of a path that net/url has taken apart.
func unescape(part string) string {
	text, _ := url.PathUnescape(part)
	return text
}
