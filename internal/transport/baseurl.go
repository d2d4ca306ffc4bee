package transport

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// parseBaseURL checks base and returns it without a trailing slash. Its
// errors never quote base, which may hold a password.
func parseBaseURL(base string) (*url.URL, error) {
	base = strings.TrimSpace(base)
	if base == "" {
		return nil, errors.New("the base URL is empty")
	}
	if strings.ContainsFunc(base, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return nil, errors.New("the base URL holds a space or a control character")
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, errors.New("the base URL is not a URL")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("the base URL does not start with https://")
	case u.User != nil:
		return nil, errors.New("the base URL holds a user name or password; credentials have no place there")
	case u.Opaque != "" || u.Hostname() == "":
		return nil, errors.New("the base URL has no host; it must look like https://host")
	case u.RawQuery != "" || u.ForceQuery:
		return nil, errors.New("the base URL holds a query")
	case u.Fragment != "" || strings.Contains(base, "#"):
		return nil, errors.New("the base URL holds a fragment")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, errors.New("the base URL must start with https://; http is for this machine alone (localhost, 127.0.0.1, ::1)")
	case !validPort(u):
		return nil, errors.New("the port of the base URL is not a number from 1 to 65535")
	}
	u.RawPath = strings.TrimRight(u.EscapedPath(), "/")
	if u.Path, err = url.PathUnescape(u.RawPath); err != nil || hasDots(u.Path) {
		return nil, errors.New("the path of the base URL is malformed or holds a dot segment")
	}
	return u, nil
}

func hasDots(path string) bool {
	return slices.ContainsFunc(strings.Split(path, "/"), func(s string) bool { return s == "." || s == ".." })
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
}

// sameOrigin reports whether both URLs have the same scheme, host and
// effective port.
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(hostPort(a), hostPort(b))
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[strings.ToLower(u.Scheme)]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
