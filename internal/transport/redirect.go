package transport

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

const maxRedirects = 10

// trail are the URLs that a download was sent to, over all of its attempts, of
// which each may hold what opens the file.
type trail struct{ targets []*url.URL }

type trailKey struct{}

// begin returns ctx, by which a follower finds the trail.
func (t *trail) begin(ctx context.Context) context.Context {
	return context.WithValue(ctx, trailKey{}, t)
}

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
		if t, ok := req.Context().Value(trailKey{}).(*trail); ok {
			t.targets = append(t.targets, target)
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
