package vonageinsights

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/option"
	"github.com/callinsights/callinsights-go/internal/retry"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// DownloadOption changes a default of [Client.DownloadRecording], which checks
// it.
type DownloadOption interface{ apply(*download) error }

type download struct {
	base string
	most int64
}

type downloadOptionFunc func(*download) error

func (f downloadOptionFunc) apply(d *download) error { return f(d) }

// RelativeTo says which URL a recording of the kind [RecordingPath] is below. It
// begins with https://, or with http:// for this machine, and may have a path. The
// service does not say which it is; a recording of another kind does not need it.
func RelativeTo(base string) DownloadOption {
	return downloadOptionFunc(func(d *download) error {
		d.base = base
		return nil
	})
}

// MaxRecordingBytes bounds the recording: 512 MiB unless set. A larger one fails
// with [ErrInvalidResponse] before more than n bytes are written, and before
// anything is if the host says how large it is.
func MaxRecordingBytes(n int64) DownloadOption {
	return downloadOptionFunc(func(d *download) error {
		if n <= 0 {
			return fault.Invalid("MaxRecordingBytes: %d is not a positive number of bytes", n)
		}
		d.most = n
		return nil
	})
}

// DownloadRecording writes the recording to w as it arrives, and returns how many
// bytes were written. With an error they are not the whole recording: do not keep
// them. A break is noticed unless the host marks the end of a file by closing the
// connection alone, as hardly any does.
//
// The recording may be on any host, so no credential goes there: neither the API
// key nor a cookie of the [http.Client] nor a Referer. Up to 10 redirects are
// followed, to https alone, or to http from this machine to itself. Observations
// and errors of a download have no path, and none of their texts holds more of a
// URL than its host.
//
// A recording may be there some time after its URL is, say programs in public use:
// after 404, 408, 425, 429, 500, 502, 503 and 504, and where there is no answer,
// it is asked for again, after 5, 5, 10, 20 and 40 seconds, until the first byte
// has been written; not with a MaxAttempts of 1 in [WithRetry], of which other numbers
// do not matter here, and within ctx alone. The time that w takes counts towards
// no timeout.
//
// An error of w is returned as it is. All others are an [*Error]:
// [ErrInvalidRequest] for a recording that is not there ([Client.WaitRecording]
// waits for it), for a path without [RelativeTo] and for a URL that is not of
// https, but for http on this machine; [ErrInvalidResponse] for a recording that
// is too large or broke off, and for an HTML page instead of one;
// [ErrUnauthorized] and [ErrForbidden] from a host that wants a login or a newer
// token, and [ErrNotFound] as in other calls. [ErrUnavailable] for a
// [RecordingTokenURL] may be for ever, see [Recording.VoiceURL]. Recordings open
// without a login if "Public Recordings" is switched on, says
// studio.docs.ai.vonage.com/api-integration/vai-integration-guide.
func (c *Client) DownloadRecording(ctx context.Context, r Recording, w io.Writer, opts ...DownloadOption) (int64, error) {
	c = c.made()
	file, err := newFile(r, opts)
	if err != nil {
		return 0, c.pipeline.Refuse(ctx, opDownload, err)
	}
	return c.files.Download(ctx, file, w)
}

func newFile(r Recording, opts []DownloadOption) (transport.File, error) {
	var d download
	if err := option.Apply(opts, DownloadOption.apply, &d); err != nil {
		return transport.File{}, err
	}
	text, err := r.Resolve(d.base)
	if err != nil {
		return transport.File{}, err
	}
	return transport.File{
		Op: opDownload, URL: text, MaxBytes: d.most, Row: retry.LateFile,
		PageHint: `"Public Recordings" may be off in AI Studio, or the page may be a login`,
		Explain:  func(e *Error, host string) { e.Err = r.absent(e.StatusCode, host) },
	}, nil
}

// absent says what an answer of a host with that status instead of the recording
// may come from; nil if it speaks for itself.
func (r Recording) absent(status int, host string) error {
	_, crossed := r.VoiceURL()
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return errors.New(host + ` refuses it: the token of the URL may be too old (the session has a new one), ` +
			`or "Public Recordings" may be off in AI Studio`)
	case status == http.StatusNotFound || status == http.StatusGone:
		return errors.New(host + " does not have it: it may not be ready, it may be deleted, or the base of its path may be wrong")
	case status == http.StatusInternalServerError && crossed:
		return errors.New(host + " fails so for ever where the regions of AI Studio and of the Voice API differ: " +
			"the recording is then to be fetched from the Voice API, at Recording.VoiceURL, with the JWT of a Vonage Application")
	default:
		return nil
	}
}
