package transport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// DefaultMaxFileBytes bounds a file that is downloaded, unless set.
const DefaultMaxFileBytes = 512 << 20

// File is what a download asks for.
type File struct {
	// Op is the method that was called, such as "DownloadRecording".
	Op string
	// URL is where the file is. It is a secret: it may hold what opens the file,
	// and identifies a call. No text repeats more of it than the host.
	URL string
	// MaxBytes bounds the file; [DefaultMaxFileBytes] if zero.
	MaxBytes int64
	// Row says what is repeated.
	Row retry.Row
	// PageHint says why there may be an HTML page instead of the file; may be empty.
	PageHint string
	// Explain sets the cause Err of e by the status of an answer that is not a
	// success, which came from that host; nil for none.
	Explain func(e *callinsights.Error, host string)
}

// Downloader is the second pipeline: for files at URLs that the service gives
// out, on whatever host. It sends no credential, no cookie and no Referer, and
// follows redirects. It is safe for concurrent use.
type Downloader struct {
	p       *Pipeline
	attempt *attempter
}

// NewDownloader assembles the pipeline for the files of v, whose credential is
// not used. Of the caller's http.Client, the transport and the time of an attempt
// are. It makes no network call.
func NewDownloader(cfg Config, v Vendor) *Downloader {
	v.Auth = nil
	p := &Pipeline{vendor: v, header: fileHeader(cfg, v), observer: observer{cfg.Logger, cfg.Observer}}
	var client http.Client
	client, p.own = httpClient(cfg.HTTPClient)

	// Redirects are part of an attempt, whose time they share.
	client.Transport = follower{client.Transport}
	d := &Downloader{p, newAttempter(client, nil, cfg)}

	// Without a cookie jar.
	p.retrier = retry.New(retry.Options{Attempt: d.send, Policy: cfg.Retry})
	return d
}

// Format keeps the insides of the pipeline out of printed clients.
func (d *Downloader) Format(f fmt.State, verb rune) { d.p.Format(f, verb) }

// Download writes the file to w and returns how many bytes were written, which
// are not the whole file if there is an error. An error of w is returned as it
// is, every other one is a [*callinsights.Error]. What fails before the first
// byte is written is repeated as f.Row says, nothing is afterwards.
func (d *Downloader) Download(ctx context.Context, f File, w io.Writer) (int64, error) {
	u, err := parseURL("the URL of the file", f.URL)
	switch {
	case d.p.unmade():
		err = errUnmade
	case ctx == nil:
		err = fault.Invalid("the context is nil")
	case w == nil:
		err = fault.Invalid("the writer is nil")
	}
	if err != nil {
		return 0, d.p.Refuse(ctx, f.Op, err)
	}
	began := time.Now()
	call := retry.Call{Op: f.Op, Row: f.Row, Method: http.MethodGet, URL: u, Header: d.p.header, Stream: true}
	var went trail
	out := d.p.retrier.Do(went.begin(ctx), call)
	out.Secrets = append(out.Secrets, urlSecrets(f.URL, u)...)
	host := u.Host
	for _, target := range went.targets {
		out.Secrets = append(out.Secrets, urlSecrets(target.String(), target)...)
		host = target.Host
	}
	to := &sink{w: w}
	if out.Err == nil && isSuccess(out.Answer) {
		out.Err = save(to, out.Answer, f.MaxBytes)
	}
	if errors.Is(out.Err, errPage) && f.PageHint != "" {
		out.Err = fmt.Errorf("%w; %s", out.Err, f.PageHint)
	}
	call.URL = &url.URL{} // for the texts
	if to.err != nil {
		d.p.observer.ended(ctx, d.p.observation(call, out, began, to.err))
		return to.n, to.err
	}
	return to.n, d.p.finish(ctx, call, out, began, func(e *callinsights.Error, _ []byte) {
		if f.Explain != nil {
			f.Explain(e, host)
		}
	})
}

// fileHeader asks for the bytes of the file as they are: what is decompressed on
// the way has no length to compare with.
func fileHeader(cfg Config, v Vendor) http.Header {
	h := commonHeader(cfg, v)
	h.Set("Accept", "*/*")
	h.Set("Accept-Encoding", "identity")
	return h
}

// urlSecrets are the parts of a URL that must not show.
func urlSecrets(text string, u *url.URL) []opaque.Secret {
	secrets := []opaque.Secret{opaque.NewSecret(text), opaque.NewSecret(u.RequestURI())}
	for _, value := range append(queryValues(u.RawQuery), u.RawQuery, u.Fragment, u.EscapedPath(), u.Path) {
		secrets = append(secrets, opaque.NewSecret(value))
	}
	return secrets
}

var (
	errRedirect = errors.New("a redirect that is not followed: it must lead to https://, without a user name, within 10 steps")
	errNoFile   = errors.New("a success, but not with the whole file")
	errPage     = errors.New("an HTML page instead of the file")
)

// send is the [retry.Attempt] of downloads. It reads the beginning of the file,
// so that a failure before there is any is one of the attempt.
func (d *Downloader) send(req *http.Request, call *retry.Call) (*retry.Answer, error) {
	answer, err := d.attempt.send(req, call)
	switch {
	case answer != nil && answer.Status >= 300 && answer.Status < 400:
		return answer, retry.Final(errRedirect)
	case answer == nil || answer.Stream == nil:
		return answer, err
	}
	body := bufio.NewReader(answer.Stream)
	if err := beginning(answer, body); err != nil {
		_ = answer.Stream.Close()
		answer.Stream = nil
		return answer, err
	}
	answer.Stream = struct {
		io.Reader
		io.Closer
	}{body, answer.Stream}
	return answer, nil
}

// beginning looks at how the body of a success begins.
func beginning(answer *retry.Answer, body *bufio.Reader) error {
	if answer.Status != http.StatusOK {
		return retry.Final(errNoFile)
	}
	_, err := body.Peek(1)
	switch {
	case err == io.EOF: // what wraps it is a failure and no end
		return retry.Final(errEmpty)
	case err != nil:
		return err
	}
	begun, _ := body.Peek(body.Buffered())
	if isPage(answer.Header.Get("Content-Type")) || isPage(http.DetectContentType(begun)) {
		return retry.Final(errPage)
	}
	return nil
}

func isPage(mediaType string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(mediaType)), "text/html")
}

// save writes the body of answer to w, limit bytes at most.
func save(w io.Writer, answer *retry.Answer, limit int64) error {
	defer func() { _ = answer.Stream.Close() }()
	if limit == 0 {
		limit = DefaultMaxFileBytes
	}
	tooLarge := fmt.Errorf("the file is larger than %d bytes", limit)
	// A length that is no number says nothing.
	length, _ := strconv.ParseInt(answer.Header.Get("Content-Length"), 10, 64)
	if length > limit {
		return tooLarge
	}
	n, err := io.Copy(w, io.LimitReader(answer.Stream, limit))
	if err == nil && n == limit {
		if _, err = io.ReadFull(answer.Stream, make([]byte, 1)); err == nil {
			err = tooLarge
		}
	}
	switch {
	case err != nil && err != io.EOF: //nolint:errorlint // what wraps it is a failure and no end
		return fmt.Errorf("%w, after %d bytes were written", err, n)
	case n < length: // which a transport of the user's may leave to its receiver
		return fmt.Errorf("the answer broke off: %w, after %d bytes were written", io.ErrUnexpectedEOF, n)
	default:
		return nil
	}
}

// sink counts what w takes, and keeps the error of w apart from those of the
// reader.
type sink struct {
	w   io.Writer
	n   int64
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	n = min(max(n, 0), len(p))
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	s.n += int64(n)
	s.err = err
	return n, err
}
