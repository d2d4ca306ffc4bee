package whippy

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/callinsights/callinsights-go/internal/option"
	"github.com/callinsights/callinsights-go/internal/retry"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// Client downloads the files of calls and messages. It has no credential. It is
// safe for concurrent use. Make it with [NewClient]: a zero or nil client refuses
// every download with [ErrInvalidRequest].
type Client struct {
	files *transport.Downloader
	most  int64
}

// NewClient returns a client. It checks the options, of which later ones win, and
// makes no network call. Its error matches [ErrInvalidRequest] and names the option.
func NewClient(opts ...Option) (*Client, error) {
	var cfg config
	if err := option.Apply(opts, Option.apply, &cfg); err != nil {
		return nil, refused("NewClient", err)
	}
	return &Client{transport.NewDownloader(cfg.Config, transport.Vendor{Name: vendor}), cfg.most}, nil
}

// made returns c or, for a nil or a zero client, one that refuses all calls.
func (c *Client) made() *Client {
	if c == nil || c.files == nil {
		return &Client{files: transport.UnmadeDownloader(vendor)}
	}
	return c
}

// String shows the vendor alone.
func (c *Client) String() string { return vendor + " client" }

// Download writes the file of an attachment to w as it arrives, and returns how
// many bytes were written. With an error they are not the whole file: do not keep
// them. It may take long, so do it when the event has been acknowledged.
//
// An attachment names any host that the sender of the event likes: download from
// events that were verified alone, and where your network has hosts that are
// nobody's business, check [Attachment.URL] or give [WithHTTPClient] a transport
// that cannot reach them. No credential goes there, nor a cookie of the
// [http.Client] or a Referer. Up to 10 redirects are followed, to https alone.
// Observations and errors of a download have no path, and none of their texts
// holds more of the URL than its host.
//
// After 408, 425, 429, 500, 502, 503 and 504, and where there is no answer, the
// file is asked for again as [WithRetry] says, until the first byte has been
// written. The time that w takes counts towards no timeout.
//
// An error of w is returned as it is. All others are an [*Error]:
// [ErrInvalidRequest] for an attachment without a URL of https; [ErrInvalidResponse]
// for a file that is too large or broke off, and for an HTML page instead of one;
// [ErrUnauthorized], [ErrForbidden] and [ErrNotFound] from a host that does not give
// it, for which a link that is too old may be the reason; [ErrRateLimited] and
// [ErrUnavailable].
func (c *Client) Download(ctx context.Context, a Attachment, w io.Writer) (int64, error) {
	c = c.made()
	return c.files.Download(ctx, transport.File{
		Op: "Download", URL: a.URL, MaxBytes: c.most, Row: retry.Idempotent,
		PageHint: "the link may be too old, and the page a login",
		Explain:  explainAbsent,
	}, w)
}

// explainAbsent says what the refusal of a file may come from. The hosts are not
// Whippy's own and no page tells how they answer.
func explainAbsent(e *Error, _ string) {
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		e.Err = errors.New("the host does not give the file: the link may be too old, or the file may be deleted")
	}
}
