package retry

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
)

// Final marks an error that no repeat will mend. It keeps its text.
func Final(err error) error { return &finalError{err} }

// Unsent marks an error of a request of which nothing was sent, so that any
// call may be repeated. It keeps its text.
func Unsent(err error) error { return &unsentError{err} }

type finalError struct{ error }

func (e *finalError) Unwrap() error { return e.error }

type unsentError struct{ error }

func (e *unsentError) Unwrap() error { return e.error }

// isFinal looks at the types of errors, which survive wrapping by a transport
// of the caller's; net/http has none for some of its own. A malformed header
// is not among them, as it may be one that a lost connection cut.
func isFinal(err error) bool {
	if is[*finalError](err) || is[*tls.CertificateVerificationError](err) || is[tls.RecordHeaderError](err) ||
		errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.IsNotFound
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "remote error" || op.Op == "local error") {
		return true // an alert of TLS, sent by the other side or by this one
	}
	return isFinalText(innermost(err).Error())
}

// isUnsent reports whether the connection was never made. A handshake of TLS
// that was not finished is marked by who sees it.
func isUnsent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect") || is[*net.DNSError](err) || is[*unsentError](err)
}

func isFinalText(text string) bool {
	for _, part := range []string{
		"tls: ", "malformed HTTP", "unsupported protocol scheme", "too many 1xx informational responses",
		"server response headers exceeded", "invalid header field",
	} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
