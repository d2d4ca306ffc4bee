package transport

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/callinsights/callinsights-go/internal/fault"
)

const (
	maxSegment = 512
	usualPath  = 256 // what is longer than that takes an allocation more
)

// join returns base with the segments appended. Each is one segment on the
// wire, whatever it holds: url.JoinPath would let ".." climb.
func join(base *url.URL, segments []string) (*url.URL, error) {
	path := append(make([]byte, 0, usualPath), base.Path...)
	escaped := append(make([]byte, 0, usualPath), base.EscapedPath()...)
	for i, segment := range segments {
		if wrong := segmentFault(segment); wrong != "" {
			return nil, fault.Invalid("%s %s", place(segments[:i]), wrong)
		}
		path = append(append(path, '/'), segment...)
		escaped = append(append(escaped, '/'), url.PathEscape(segment)...)
	}
	u := *base
	u.Path, u.RawPath = string(path), string(escaped)
	return &u, nil
}

// place names the segment after those: in the paths of an API, an id follows
// the word that says of what.
func place(before []string) string {
	if len(before) == 0 {
		return "the first segment of the path"
	}
	return fmt.Sprintf("the id after %q in the path", before[len(before)-1])
}

func segmentFault(s string) string {
	switch {
	case s == "":
		return "is empty"
	case s == "." || s == "..":
		return "is a dot segment, which would lead to another resource"
	case len(s) > maxSegment:
		return "is longer than 512 bytes"
	case !utf8.ValidString(s):
		return "is not valid UTF-8"
	case strings.ContainsFunc(s, unicode.IsControl):
		return "holds a control character"
	default:
		return ""
	}
}

// checkQuery refuses what is not percent-encoded.
func checkQuery(query string) error {
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c >= 0x7f || c == '#' {
			return fault.Invalid("byte %d of the query is not percent-encoded", i)
		}
	}
	return nil
}
