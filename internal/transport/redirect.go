package transport

import (
	"net/http"
	"net/url"
	"strings"
)

const maxRedirects = 10

// follower follows the redirects of a request that carries nothing but its URL.
// One that must not be followed is the answer. net/http would add a Referer
// with the whole URL before.
type follower struct{ transport http.RoundTripper }

func (f follower) RoundTrip(req *http.Request) (*http.Response, error) {
	for steps := 0; ; steps++ {
		resp, err := f.transport.RoundTrip(req)
		if err != nil || resp == nil || steps == maxRedirects {
			return resp, err
		}
		target := redirection(req.URL, resp)
		if target == nil {
			return resp, nil
		}
		if resp.Body != nil {
			_ = resp.Body.Close()
		}
		next := req.Clone(req.Context())
		next.URL, next.Host = target, ""
		req = next
	}
}

// redirection is where resp, which came from there, sends its receiver; nil for
// nowhere that is allowed.
func redirection(from *url.URL, resp *http.Response) *url.URL {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil
	}
	location := resp.Header.Get("Location")
	if location == "" || strings.ContainsAny(location, "\r\n\x00") {
		return nil
	}
	target, err := from.Parse(location)
	if err != nil || checkURL("the redirect", target) != nil || from.Scheme == "https" && target.Scheme != "https" {
		return nil
	}
	return target
}
