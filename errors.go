package callinsights

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/opaque"
)

// The kinds of failure. Test for them with [errors.Is]; each package of the
// module re-exports those that concern it, as the same values.
var (
	// ErrInvalidRequest: the request is wrong and was refused, by this module
	// before anything was sent or by the service (400, 405, 409, 413 to 415, 422).
	ErrInvalidRequest error = fault.ErrInvalidRequest
	// ErrUnauthorized: the credential is missing, wrong, expired or revoked (401).
	ErrUnauthorized error = fault.ErrUnauthorized
	// ErrForbidden: the credential is good and does not allow this (403).
	ErrForbidden error = fault.ErrForbidden
	// ErrNotFound: the service does not have what was asked for (404, 410).
	ErrNotFound error = fault.ErrNotFound
	// ErrRateLimited: too many requests (429), or a wait for the rate limit
	// that would be longer than allowed; see [Error.RetryAfter].
	ErrRateLimited error = fault.ErrRateLimited
	// ErrUnavailable: no answer arrived, or the service failed (408, 425, 5xx).
	ErrUnavailable error = fault.ErrUnavailable
	// ErrInvalidResponse: a success (2xx) that cannot be used, such as a page
	// of HTML, an empty or truncated document, or one over a limit; also a
	// redirect, which is followed for files alone, and a status outside of 200
	// to 599.
	ErrInvalidResponse error = fault.ErrInvalidResponse
)

// Error is a call that failed. It matches one of the sentinels through
// [errors.Is], and its cause if it has one: a context's error, a
// [*DecodeError], an error of the network.
//
// Its text and its log value hold neither credentials nor query strings nor
// the body of the answer.
type Error struct {
	// Vendor is the package that made the call, such as "ringsense".
	Vendor string
	// Op is the method that was called, such as "RecordingInsights".
	Op string
	// Method and Path are those of the request, the path escaped and without
	// the query. Both are empty when the call was refused for its arguments, and
	// the path is for a file that is downloaded, whose URL may open it.
	Method, Path string
	// StatusCode is the status of the last answer, 0 if none arrived.
	StatusCode int
	// Code and Message are what the service says went wrong; both may be
	// empty. Code is the stable one where the service sends several (RingCentral:
	// errors[0].errorCode). Message is at most 500 bytes, and may be
	// translated or changed by the service at any time: decide on Code.
	Code, Message string
	// Details are the single errors that the service listed, if it did.
	Details []ErrorDetail
	// RequestID is what the service calls this request; quote it to its support.
	RequestID string
	// RetryAfter is how long to wait before the call is worth another try: what
	// the service asked for, or how long a rate limit keeps this client from
	// sending. It is 0 where nothing is known.
	RetryAfter time.Duration
	// Attempts counts the requests sent, 0 if the call was refused before.
	Attempts int
	// Err is the cause, nil if the status says it all.
	Err error

	body opaque.Bytes
}

// ErrorDetail is one of several errors in an answer.
type ErrorDetail struct {
	// Code is the service's code for the error, such as "CMN-101".
	Code string
	// Message is the service's text, at most 500 bytes.
	Message string
	// Parameter names the parameter or permission at fault, if the service
	// does; the offending value is never kept.
	Parameter string
}

// maxBody is how much of an answer an Error keeps.
const maxBody = 64 << 10

// NewError returns e as an error that also holds the first 64 KiB of body, the
// answer that made the call fail; nil if there was none. The clients make their
// errors with it, and so can the tests of a program that looks at [Error.Body].
func NewError(e Error, body []byte) *Error {
	e.body = opaque.NewBytes(body[:min(len(body), maxBody)])
	return &e
}

// Body returns the first 64 KiB of the answer that made the call fail, exactly
// as they came, nil if there was none. They may hold personal data.
func (e *Error) Body() []byte { return e.body.Reveal() }

// Error describes the failure in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Vendor)
	b.WriteString(": ")
	b.WriteString(e.Op)
	if e.Method != "" {
		b.WriteString(": " + strings.TrimSpace(e.Method+" "+e.Path))
	}
	if e.StatusCode != 0 {
		b.WriteString(": " + strconv.Itoa(e.StatusCode))
		if e.Code != "" {
			b.WriteString(" " + e.Code)
		} else if text := http.StatusText(e.StatusCode); text != "" {
			b.WriteString(" " + text)
		}
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if facts := e.facts(); facts != "" {
		b.WriteString(" (" + facts + ")")
	}
	return b.String()
}

func (e *Error) facts() string {
	var facts []string
	if e.RequestID != "" {
		facts = append(facts, "request id "+e.RequestID)
	}
	if e.RetryAfter > 0 {
		facts = append(facts, "retry after "+e.RetryAfter.String())
	}
	if e.Attempts > 1 {
		facts = append(facts, strconv.Itoa(e.Attempts)+" attempts")
	}
	return strings.Join(facts, ", ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the sentinel of this failure. A cause that
// names a sentinel decides, otherwise the status does.
func (e *Error) Is(target error) bool {
	return target == e.kind()
}

// kind is nil where the cause alone says what happened.
func (e *Error) kind() error {
	for _, kind := range fault.Kinds() {
		if errors.Is(e.Err, kind) {
			return nil
		}
	}
	switch code := e.StatusCode; {
	case code < 400 && isContextError(e.Err), code == 0 && e.Attempts == 0:
		return nil
	case code == 0:
		return ErrUnavailable
	case code < 400 || code > 599:
		return ErrInvalidResponse
	case code == http.StatusUnauthorized:
		return ErrUnauthorized
	case code == http.StatusForbidden:
		return ErrForbidden
	case code == http.StatusNotFound, code == http.StatusGone:
		return ErrNotFound
	case code == http.StatusTooManyRequests:
		return ErrRateLimited
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code >= 500:
		return ErrUnavailable
	default:
		return ErrInvalidRequest
	}
}

// LogValue returns the facts of the failure without any text of the service.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("vendor", e.Vendor), slog.String("op", e.Op)}
	if e.Method != "" {
		attrs = append(attrs, slog.String("method", e.Method), slog.String("path", e.Path))
	}
	if e.StatusCode != 0 {
		attrs = append(attrs, slog.Int("status", e.StatusCode))
	}
	if e.Code != "" {
		attrs = append(attrs, slog.String("code", e.Code))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	if e.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retry_after", e.RetryAfter))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("cause", e.Err.Error()))
	}
	return slog.GroupValue(append(attrs, slog.Int("attempts", e.Attempts))...)
}

// DecodeError says where a document could not be decoded. It is the cause of
// an [ErrInvalidResponse], or what a parser of this module returns.
type DecodeError struct {
	// Path leads to the value, such as "hits[3].channel_data.duration"; empty
	// for the document itself.
	Path string
	// Offset counts the bytes before the place, from the start of the document.
	Offset int64
	// Err says what is wrong there, without quoting the document.
	Err error
}

// Error describes the place and the fault.
func (e *DecodeError) Error() string {
	where := e.Path
	if where == "" {
		where = "document"
	}
	return where + " at offset " + strconv.FormatInt(e.Offset, 10) + ": " + e.Err.Error()
}

// Unwrap returns the fault, [io.ErrUnexpectedEOF] for a document cut short.
func (e *DecodeError) Unwrap() error { return e.Err }
