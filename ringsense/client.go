package ringsense

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/callinsights/callinsights-go/internal/option"
	"github.com/callinsights/callinsights-go/internal/transport"
)

const vendor = "ringsense"

// DefaultBaseURL is where the service is.
const DefaultBaseURL = "https://platform.ringcentral.com"

// Client makes the calls of this package: it reads insights and the call log, and
// manages subscriptions to events. It is safe for concurrent use. Share one: the
// clients of one login share its rate limits and push out each other's tokens, but do
// not know of each other. Make it with [NewClient]: a zero or nil client refuses every
// call with [ErrInvalidRequest].
type Client struct {
	pipeline *transport.Pipeline
	login    *login
	base     string
	account  string
}

// NewClient returns a client that logs in with auth. It checks auth and the
// options, of which later ones win, and makes no network call. Its errors match
// [ErrInvalidRequest] and name what is wrong.
func NewClient(auth Auth, opts ...Option) (*Client, error) {
	cfg := config{account: "~"}
	cfg.BaseURL = DefaultBaseURL
	if err := option.Apply(opts, Option.apply, &cfg); err != nil {
		return nil, refused(err)
	}
	login, err := auth.begin()
	if err != nil {
		return nil, refused(err)
	}
	pipeline, err := transport.New(cfg.Config, transport.Vendor{
		Name:             vendor,
		Auth:             login.authorizer(),
		RequestIDHeaders: []string{"RCRequestId"},
		RateLimitGroups:  true,
		SendXUserAgent:   true,
		Explain:          explain,
	})
	if err != nil {
		return nil, refused(err)
	}
	base := strings.TrimRight(strings.TrimSpace(cfg.BaseURL), "/")
	return &Client{pipeline: pipeline, login: login, base: base, account: cfg.account}, nil
}

func refused(err error) error { return fmt.Errorf("%s: NewClient: %w", vendor, err) }

// made returns c or, for a nil or a zero client, one that refuses all calls.
func (c *Client) made() *Client {
	if c == nil || c.pipeline == nil {
		return &Client{pipeline: transport.Unmade(vendor), login: new(login), base: "no service, as it was not made by NewClient"}
	}
	return c
}

// String shows the vendor and the base URL, never a credential.
func (c *Client) String() string { return vendor + " client of " + c.made().base }

// LogValue shows the vendor and the base URL, never a credential.
func (c *Client) LogValue() slog.Value {
	return slog.GroupValue(slog.String("vendor", vendor), slog.String("base_url", c.made().base))
}
