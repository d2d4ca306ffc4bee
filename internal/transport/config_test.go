package transport_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/transport"
)

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		set  func(*transport.Config) error
		want string // of the error; empty if there is none
	}{
		"base URL":     {set: func(c *transport.Config) error { return c.SetBaseURL(" https://service.test/v1/ ") }},
		"bad base URL": {set: func(c *transport.Config) error { return c.SetBaseURL("service.test") }, want: "WithBaseURL: the base URL does not start with https://; it must look like https://host"},
		"client":       {set: func(c *transport.Config) error { return c.SetHTTPClient(&http.Client{}) }},
		"nil client":   {set: func(c *transport.Config) error { return c.SetHTTPClient(nil) }, want: "WithHTTPClient: the client is nil; leave the option out for the default"},
		"logger":       {set: func(c *transport.Config) error { return c.SetLogger(slog.New(slog.DiscardHandler)) }},
		"nil logger":   {set: func(c *transport.Config) error { return c.SetLogger(nil) }, want: "WithLogger: the logger is nil; leave the option out to log nothing"},
		"observer": {set: func(c *transport.Config) error {
			return c.SetObserver(func(context.Context, callinsights.Observation) {})
		}},
		"nil observer":        {set: func(c *transport.Config) error { return c.SetObserver(nil) }, want: "WithObserver: the function is nil; leave the option out to observe nothing"},
		"retry, all defaults": {set: func(c *transport.Config) error { return c.SetRetry(callinsights.RetryPolicy{}) }},
		"retry, one bound":    {set: func(c *transport.Config) error { return c.SetRetry(callinsights.RetryPolicy{MinBackoff: time.Hour}) }},
		"negative attempts":   {set: func(c *transport.Config) error { return c.SetRetry(callinsights.RetryPolicy{MaxAttempts: -1}) }, want: "WithRetry: MaxAttempts is negative; zero is the default"},
		"negative MinBackoff": {set: func(c *transport.Config) error { return c.SetRetry(callinsights.RetryPolicy{MinBackoff: -1}) }, want: "WithRetry: MinBackoff is negative; zero is the default"},
		"negative MaxBackoff": {set: func(c *transport.Config) error { return c.SetRetry(callinsights.RetryPolicy{MaxBackoff: -1}) }, want: "WithRetry: MaxBackoff is negative; zero is the default"},
		"negative MaxWait":    {set: func(c *transport.Config) error { return c.SetRetry(callinsights.RetryPolicy{MaxWait: -1}) }, want: "WithRetry: MaxWait is negative; zero is the default"},
		"upside down": {set: func(c *transport.Config) error {
			return c.SetRetry(callinsights.RetryPolicy{MinBackoff: 2 * time.Second, MaxBackoff: time.Second})
		}, want: "WithRetry: MinBackoff 2s is longer than MaxBackoff 1s"},
		"user agent":           {set: func(c *transport.Config) error { return c.SetUserAgent(" app/2.1 (west) ") }},
		"empty user agent":     {set: func(c *transport.Config) error { return c.SetUserAgent(" ") }, want: `WithUserAgent: the text is empty; use something like "my-app/1.0"`},
		"user agent with CRLF": {set: func(c *transport.Config) error { return c.SetUserAgent("app\r\nX-Evil: 1") }, want: "WithUserAgent: the text holds a character that a header cannot carry; use printable ASCII"},
		"user agent in Greek":  {set: func(c *transport.Config) error { return c.SetUserAgent("\u03b1") }, want: "WithUserAgent: the text holds a character that a header cannot carry; use printable ASCII"},
		"timeout":              {set: func(c *transport.Config) error { return c.SetAttemptTimeout(time.Second) }},
		"no timeout":           {set: func(c *transport.Config) error { return c.SetAttemptTimeout(0) }, want: "WithAttemptTimeout: 0s is not a positive duration"},
		"size":                 {set: func(c *transport.Config) error { return c.SetMaxResponseBytes(1) }},
		"negative size":        {set: func(c *transport.Config) error { return c.SetMaxResponseBytes(-1) }, want: "WithMaxResponseBytes: -1 is not a positive number of bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var cfg transport.Config
			err := tt.set(&cfg)
			if tt.want == "" {
				if err != nil {
					t.Errorf("err = %v", err)
				}
				return
			}
			if err == nil || err.Error() != tt.want || !errors.Is(err, callinsights.ErrInvalidRequest) {
				t.Errorf("err = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	const faulty = "s3cr3t"
	for name, tt := range map[string]struct {
		base string
		url  string // of a request for "thing"
		err  string // a part of the error
	}{
		"host":                  {base: "https://service.test", url: "https://service.test/thing"},
		"slash":                 {base: "https://service.test/", url: "https://service.test/thing"},
		"path":                  {base: "https://service.test/a/b//", url: "https://service.test/a/b/thing"},
		"escaped path":          {base: "https://service.test/a%2Fb/", url: "https://service.test/a%2Fb/thing"},
		"port":                  {base: "https://service.test:8443", url: "https://service.test:8443/thing"},
		"space around":          {base: "\n https://service.test\t", url: "https://service.test/thing"},
		"capitals":              {base: "HTTPS://Service.Test", url: "https://Service.Test/thing"},
		"localhost":             {base: "http://localhost:8080", url: "http://localhost:8080/thing"},
		"loopback":              {base: "http://127.9.9.9", url: "http://127.9.9.9/thing"},
		"loopback, version 6":   {base: "http://[::1]:80", url: "http://[::1]:80/thing"},
		"empty":                 {base: " ", err: "is empty"},
		"no scheme":             {base: "service.test/x", err: "does not start with https://"},
		"no scheme, slashes":    {base: "//service.test", err: "does not start with https://"},
		"another scheme":        {base: "ftp://service.test", err: "does not start with https://"},
		"http elsewhere":        {base: "http://service.test", err: "must start with https://"},
		"http on a lookalike":   {base: "http://localhost.evil.test", err: "must start with https://"},
		"http on any address":   {base: "http://0.0.0.0", err: "must start with https://"},
		"http on version 6":     {base: "http://[2001:db8::1]", err: "must start with https://"},
		"http on a name of 127": {base: "http://127.0.0.1.evil.test", err: "must start with https://"},
		"no host":               {base: "https://", err: "has no host"},
		"no host, path":         {base: "https:///thing", err: "has no host"},
		"opaque":                {base: "https:service.test/x", err: "has no host"},
		"port alone":            {base: "https://:443", err: "has no host"},
		"user info":             {base: "https://me:" + faulty + "@service.test", err: "user name or password"},
		"user":                  {base: "https://" + faulty + "@service.test", err: "user name or password"},
		"query":                 {base: "https://service.test?key=" + faulty, err: "query"},
		"empty query":           {base: "https://service.test?", err: "query"},
		"fragment":              {base: "https://service.test#" + faulty, err: "fragment"},
		"empty fragment":        {base: "https://service.test#", err: "fragment"},
		"space inside":          {base: "https://service .test", err: "space or a control character"},
		"control character":     {base: "https://service.test/\x00" + faulty, err: "space or a control character"},
		"port 0":                {base: "https://service.test:0", err: "port"},
		"port 99999":            {base: "https://service.test:99999", err: "port"},
		"port is a word":        {base: "https://service.test:" + faulty, err: "not a URL"},
		"port missing":          {base: "https://service.test:", err: "port"},
		"bad escape":            {base: "https://service.test/%zz" + faulty, err: "not a URL"},
		"dot segment":           {base: "https://service.test/a/../b", err: "dot segment"},
		"escaped dot segment":   {base: "https://service.test/a/%2e%2e/b", err: "dot segment"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := always(200, "{}")
			p, err := transport.New(transport.Config{BaseURL: tt.base, HTTPClient: &http.Client{Transport: m}}, transport.Vendor{Name: "vendor"})
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || !errors.Is(err, callinsights.ErrInvalidRequest) {
					t.Errorf("err = %v, want one with %q", err, tt.err)
				} else if strings.Contains(err.Error(), faulty) {
					t.Error("the error quotes the URL")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Call(t.Context(), get("thing"), ignore); err != nil {
				t.Fatal(err)
			}
			if got := m.got[0].URL.String(); got != tt.url {
				t.Errorf("requested %s, want %s", got, tt.url)
			}
			if !strings.HasPrefix(tt.url, p.Origin()) {
				t.Errorf("Origin = %s", p.Origin())
			}
		})
	}
}

// Whatever is accepted is https or on this machine, and every request goes to
// its host.
func FuzzBaseURL(f *testing.F) {
	for _, seed := range []string{
		"https://service.test/a", "http://localhost", "https://a:b@c", "//h", "https:h/x", "http://[::1%25eth0]/",
		"http://[::ffff:127.0.0.1]", "http://[2001:db8::1]", "http://127.0.0.1.evil.test", " HTTP://LocalHost:80/a//",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := always(200, "{}")
		p, err := transport.New(transport.Config{BaseURL: text, HTTPClient: &http.Client{Transport: m}}, transport.Vendor{})
		if err != nil {
			return
		}
		if err := p.Call(t.Context(), get("a/b", "~c"), ignore); err != nil {
			t.Fatal(err)
		}
		u := m.got[0].URL
		host := u.Hostname()
		if u.Scheme != "https" && (u.Scheme != "http" || !onThisMachine(host)) {
			t.Errorf("%q leads to %s", text, u)
		}
		if asked, err := url.Parse(strings.TrimSpace(text)); err != nil || asked.Scheme != u.Scheme || asked.Host != u.Host {
			t.Errorf("%q leads to %s", text, u)
		}
		if u.User != nil || u.RawQuery != "" || u.Fragment != "" || host == "" || !strings.HasSuffix(u.EscapedPath(), "/a%2Fb/~c") {
			t.Errorf("%q leads to %s", text, u)
		}
		if got := u.Scheme + "://" + u.Host; got != p.Origin() {
			t.Errorf("requested %s, want %s", got, p.Origin())
		}
	})
}

// onThisMachine reports in another way than the package's whether a host is this
// machine. A zone changes nothing.
func onThisMachine(host string) bool {
	address, _, _ := strings.Cut(host, "%")
	return strings.EqualFold(host, "localhost") || net.ParseIP(address).IsLoopback()
}
