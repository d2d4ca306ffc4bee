package whippytest

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/whippy"
)

// RequestOption changes a request of [NewRequest].
type RequestOption func(*request)

type request struct {
	secrets      []string
	at           time.Time
	milliseconds bool
	macFirst     bool
	encode       func(mac []byte) string
	url          string
	body         []byte
	zip          bool
	cut          int // -1 for the whole body
}

// SignedAt signs at another time than the present, for what is stale or of the
// future.
func SignedAt(t time.Time) RequestOption { return func(r *request) { r.at = t } }

// AlsoSignedWith adds a signature with another secret.
func AlsoSignedWith(secret string) RequestOption {
	return func(r *request) { r.secrets = append(r.secrets, secret) }
}

// EncodedAs writes the signatures by encode, such as [encoding/hex.EncodeToString], instead
// of in base64 without padding, which is what public code suggests.
func EncodedAs(encode func(mac []byte) string) RequestOption {
	return func(r *request) { r.encode = encode }
}

// InMilliseconds writes the time of the signature in milliseconds.
func InMilliseconds() RequestOption { return func(r *request) { r.milliseconds = true } }

// SignatureFirst writes the time after the signatures.
func SignatureFirst() RequestOption { return func(r *request) { r.macFirst = true } }

// To sends the request to url instead of http://receiver.test/whippy.
func To(url string) RequestOption { return func(r *request) { r.url = url } }

// Gzipped compresses the body, after it was signed. A receiver refuses that.
func Gzipped() RequestOption { return func(r *request) { r.zip = true } }

// CutAfter breaks the body off after n bytes.
func CutAfter(n int) RequestOption { return func(r *request) { r.cut = n } }

// NewRequest returns the request that Whippy makes to deliver payload, signed with
// secret, one of those that the receiver's [whippy.NewVerifier] got, as
// [whippy.Signature] describes. It can be given to the ServeHTTP of a handler and to
// the Do of an [http.Client], but only once: for a delivery that is repeated, make it
// again. It panics on a URL that cannot be read.
func NewRequest(secret string, payload []byte, opts ...RequestOption) *http.Request {
	r := &request{
		secrets: []string{secret}, at: time.Now(), encode: base64.RawStdEncoding.EncodeToString,
		url: "http://receiver.test/whippy", body: payload, cut: -1,
	}
	for _, opt := range opts {
		opt(r)
	}
	signature := r.sign()
	if r.zip {
		r.body = zipped(r.body)
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, r.url, bytes.NewReader(r.body))
	if err != nil {
		panic("whippytest: NewRequest: the URL cannot be read")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(whippy.SignatureHeader, signature)
	if r.zip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	if r.cut >= 0 {
		begin := bytes.NewReader(r.body[:min(r.cut, len(r.body))])
		req.Body = io.NopCloser(io.MultiReader(begin, broken{}))
		req.GetBody = nil
	}
	return req
}

// sign returns the value of the signature header.
func (r *request) sign() string {
	n := r.at.Unix()
	if r.milliseconds {
		n = r.at.UnixMilli()
	}
	stamp := strconv.FormatInt(n, 10)
	var pairs []string
	for _, secret := range r.secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		_, _ = io.WriteString(mac, stamp+".") // a hash takes all
		_, _ = mac.Write(r.body)
		pairs = append(pairs, "v1="+r.encode(mac.Sum(nil)))
	}
	if r.macFirst {
		pairs = append(pairs, "t="+stamp)
	} else {
		pairs = append([]string{"t=" + stamp}, pairs...)
	}
	return strings.Join(pairs, ",")
}

func zipped(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(body) // to memory
	_ = w.Close()
	return b.Bytes()
}

// tries is how often Whippy is said to send an event, and firstPause an invented
// wait between the first two.
const (
	tries      = 3
	firstPause = time.Second
)

// Deliver sends payload to handler, in memory, as Whippy is said to: up to three
// times, each time signed anew, until it is answered with a status of 2xx. It waits
// 1 and 2 seconds in between, which takes no time inside testing/synctest; how long
// Whippy waits is not known. It returns the status of each answer, and stops
// when ctx ends.
func Deliver(ctx context.Context, handler http.Handler, secret string, payload []byte, opts ...RequestOption) []int {
	var statuses []int
	for pause := firstPause; ; pause *= 2 {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, NewRequest(secret, payload, opts...).WithContext(ctx))
		statuses = append(statuses, answer.Code)
		if answer.Code < 300 || len(statuses) == tries {
			return statuses
		}
		select {
		case <-ctx.Done():
			return statuses
		case <-time.After(pause):
		}
	}
}

// broken is what is left of a connection that broke off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
