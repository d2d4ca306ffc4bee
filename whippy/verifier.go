package whippy

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/option"
)

// The failures of [Verifier.Verify]. Each matches [ErrUnauthorized] too.
var (
	// ErrSignatureMissing: there is no signature.
	ErrSignatureMissing = fault.New("there is no signature: the header "+SignatureHeader+" is missing or empty", fault.ErrUnauthorized)
	// ErrSignatureMalformed: the header cannot be read.
	ErrSignatureMalformed = fault.New("the signature cannot be read: want one header "+SignatureHeader+
		" with a time and an HMAC-SHA256 in hex or base64; see WithScheme if it has another form", fault.ErrUnauthorized)
	// ErrSignatureStale: the signature is good and its time is too far from now.
	ErrSignatureStale = fault.New("the signature is good, but too old or of the future: "+
		"the request may be a replay, the clock may be wrong, or the sender may repeat later than WithTolerance allows", fault.ErrUnauthorized)
	// ErrSignatureMismatch: the signature is of another body or another secret.
	ErrSignatureMismatch = fault.New("the signature does not match: the secret may not be the API key of this endpoint's application, "+
		"or the body may have been changed, or decoded and encoded, before", fault.ErrUnauthorized)
)

// defaultTolerance is how old a signature may be, or how far in the future.
const defaultTolerance = 5 * time.Minute

// Verifier checks that a request comes from somebody who has the secret: Whippy.
// It is safe for concurrent use and shows no secret however it is printed. Make
// it with [NewVerifier]; a zero one accepts nothing.
//
// What it rests on: Whippy's help pages say that requests are signed with the API
// key that was chosen for the application of the endpoint. How, none of its pages
// that we could read says. The form used here, see [Signature], was put together
// from public code and descriptions by others. Whippy has not confirmed it, and it
// was never tried on a live delivery. Send yourself an event before you rely on
// it: if it is refused as [ErrSignatureMalformed] or [ErrSignatureMismatch] with
// the right key, the form is another one, for which [WithScheme] is there.
type Verifier struct {
	keys      []*key
	tolerance time.Duration
	now       func() time.Time
	scheme    Scheme // nil for headerScheme
}

// VerifierOption changes a default of [NewVerifier], which checks it.
type VerifierOption interface{ apply(*Verifier) error }

type verifierOptionFunc func(*Verifier) error

func (f verifierOptionFunc) apply(v *Verifier) error { return f(v) }

// WithTolerance sets how old a signature may be, and how far in the future, for
// clocks that differ: five minutes unless set. Whether Whippy signs an event anew
// when it sends it again is not known. If it does not, late repeats need more, and
// a handler with a delivery log of its own may allow hours, as it knows what it
// has handled.
func WithTolerance(d time.Duration) VerifierOption {
	return verifierOptionFunc(func(v *Verifier) error {
		if d <= 0 {
			return fault.Invalid("WithTolerance: %v is not a positive duration", d)
		}
		v.tolerance = d
		return nil
	})
}

// WithClock takes the present time from now instead of [time.Now], for tests. It
// may be called by several goroutines at once.
func WithClock(now func() time.Time) VerifierOption {
	return verifierOptionFunc(func(v *Verifier) error {
		if now == nil {
			return fault.Invalid("WithClock: the function is nil; leave the option out for time.Now")
		}
		v.now = now
		return nil
	})
}

// WithScheme reads signatures by another [Scheme] than the one described at
// [Signature].
func WithScheme(scheme Scheme) VerifierOption {
	return verifierOptionFunc(func(v *Verifier) error {
		if scheme == nil {
			return fault.Invalid("WithScheme: the function is nil; leave the option out for the usual one")
		}
		v.scheme = scheme
		return nil
	})
}

// NewVerifier returns a Verifier that accepts what was signed with one of the
// secrets. A secret is the API key of the application that the endpoint belongs
// to; give several while one replaces another, or where several applications send
// to one address.
//
// The error matches [ErrInvalidRequest]: there is no secret, one is empty or
// begins or ends with white space (as the text of a file does), or an option is
// wrong.
func NewVerifier(secrets []string, opts ...VerifierOption) (*Verifier, error) {
	v := &Verifier{tolerance: defaultTolerance, now: time.Now}
	if len(secrets) == 0 {
		return nil, refused("NewVerifier", fault.Invalid("there is no secret; it is the API key of the endpoint's application"))
	}
	for i, secret := range secrets {
		// With an empty secret, everybody could sign.
		if strings.TrimSpace(secret) != secret || secret == "" {
			return nil, refused("NewVerifier", fault.Invalid("secret %d is empty, or begins or ends with white space", i+1))
		}
		v.keys = append(v.keys, &key{secret: opaque.NewSecret(secret)})
	}
	if err := option.Apply(opts, VerifierOption.apply, v); err != nil {
		return nil, refused("NewVerifier", err)
	}
	return v, nil
}

func refused(function string, err error) error {
	return fmt.Errorf("%s: %s: %w", vendor, function, err)
}

// Verify reports whether a request with that header and body was signed with one
// of the secrets, lately. body is what came, byte for byte: a document that was
// decoded and encoded again is another one. The address of the request does not
// count, so proxies do no harm.
//
// The error is an [*Error] that matches [ErrUnauthorized] and one of
// [ErrSignatureMissing], [ErrSignatureMalformed], [ErrSignatureMismatch] and
// [ErrSignatureStale]. It holds nothing of the request and no secret. Answer with
// a bare 401, as [EventHandler] does.
func (v *Verifier) Verify(h http.Header, body []byte) error {
	if err := v.check(h, body); err != nil {
		return &Error{Vendor: vendor, Op: "Verifier.Verify", Err: err}
	}
	return nil
}

// check looks at the age last, so that only who has a secret learns the time.
func (v *Verifier) check(h http.Header, body []byte) error {
	if !v.usable() {
		return ErrSignatureMismatch
	}
	scheme := v.scheme
	if scheme == nil {
		scheme = headerScheme
	}
	signature, err := scheme(h, body)
	switch {
	case errors.Is(err, ErrSignatureMissing), errors.Is(err, ErrSignatureMalformed):
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", ErrSignatureMalformed, err)
	case !v.signed(signature):
		return ErrSignatureMismatch
	case v.now().Sub(signature.At).Abs() > v.tolerance:
		return ErrSignatureStale
	default:
		return nil
	}
}

// authorize refuses what its header alone gives away, so that nobody's body is
// read who does not even look like Whippy. What another scheme wants is not known.
func (v *Verifier) authorize(r *http.Request) error {
	if v.scheme != nil {
		return nil
	}
	return checkHeader(r.Header)
}

// usable reports whether v was made by NewVerifier.
func (v *Verifier) usable() bool { return v != nil && len(v.keys) > 0 }

// signed reports whether one of the MACs is that of one of the secrets.
func (v *Verifier) signed(s Signature) bool {
	return slices.ContainsFunc(v.keys, func(k *key) bool { return k.signed(s) })
}

// key is a secret, and what it takes to hash with it again and again.
type key struct {
	secret opaque.Secret
	macs   sync.Pool // of *mac
}

// mac is an HMAC with the secret, and room for its sum.
type mac struct {
	hash.Hash

	sum []byte
}

// signed reports whether one of the MACs is that of the secret. The body is hashed
// once, however many there are.
func (k *key) signed(s Signature) bool {
	m, ok := k.macs.Get().(*mac)
	if !ok {
		m = &mac{Hash: hmac.New(sha256.New, []byte(k.secret.Reveal()))}
	}
	defer k.macs.Put(m)
	m.Reset()
	for _, part := range s.Signed {
		_, _ = m.Write(part) // a hash takes all
	}
	m.sum = m.Sum(m.sum[:0])
	return slices.ContainsFunc(s.MACs, func(sent []byte) bool { return hmac.Equal(m.sum, sent) })
}
