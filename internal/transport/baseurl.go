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

// parseBaseURL checks base and returns it without a trailing slash.
func parseBaseURL(base string) (*url.URL, error) {
	base = strings.TrimSpace(base)
	u, err := parseURL("the base URL", base)
	switch {
	case err != nil:
		return nil, err
	case u.RawQuery != "" || u.ForceQuery:
		return nil, errors.New("the base URL holds a query")
	case u.Fragment != "" || strings.Contains(base, "#"):
		return nil, errors.New("the base URL holds a fragment")
	}
	u.RawPath = strings.TrimRight(u.EscapedPath(), "/")
	if u.Path, err = url.PathUnescape(u.RawPath); err != nil || hasDots(u.Path) {
		return nil, errors.New("the path of the base URL is malformed or holds a dot segment")
	}
	return u, nil
}

// urlForm ends the errors about a URL that is none at all.
const urlForm = "; it must look like https://host"

// parseURL returns the URL that text is, if requests may go there. what names
// it in errors, which never quote it: it may hold a password or a token.
func parseURL(what, text string) (*url.URL, error) {
	if text == "" {
		return nil, errors.New(what + " is empty")
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return nil, errors.New(what + " holds a space or a control character")
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New(what + " is not a URL" + urlForm)
	}
	if err := checkURL(what, u); err != nil {
		return nil, err
	}
	return u, nil
}

// checkURL says why no request may go to u, if so.
func checkURL(what string, u *url.URL) error {
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New(what + " does not start with https://" + urlForm)
	case u.User != nil:
		return errors.New(what + " holds a user name or password; credentials have no place there")
	case u.Opaque != "" || u.Hostname() == "":
		return errors.New(what + " has no host" + urlForm)
	case u.Scheme == "http" && !IsLoopback(u.Hostname()):
		return errors.New(what + " must start with https://; http is for this machine alone (localhost, 127.0.0.1, ::1)")
	case !validPort(u):
		return errors.New("the port of " + what + " is not a number from 1 to 65535")
	default:
		return nil
	}
}

// Below returns the URL of the file with that path below base, which is one for
// a base URL. The path is escaped, may begin with a slash, and may have a query.
func Below(base, path string) (string, error) {
	u, err := parseBaseURL(base)
	if err != nil {
		return "", err
	}
	ref, err := url.Parse(path)
	if err != nil || ref.Scheme != "" || ref.Host != "" || ref.Path == "" || hasDots(ref.Path) {
		return "", errors.New("what is to be below the base URL is not a path, or holds a dot segment")
	}
	u.RawPath = u.EscapedPath() + "/" + strings.TrimLeft(ref.EscapedPath(), "/")
	u.Path += "/" + strings.TrimLeft(ref.Path, "/")
	u.RawQuery = ref.RawQuery
	return u.String(), nil
}

func hasDots(path string) bool {
	return slices.ContainsFunc(strings.Split(path, "/"), func(s string) bool { return s == "." || s == ".." })
}

// IsLoopback reports whether a host is this machine, where no TLS is needed.
func IsLoopback(host string) bool {
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
	if a.Scheme == b.Scheme && a.Host == b.Host {
		return true // as nearly always
	}
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(hostPort(a), hostPort(b))
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[strings.ToLower(u.Scheme)]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
