// Package opaque holds values that fmt, encoding/json and log/slog cannot look
// into, wherever they are stored.
//
// A type that hides itself through String, GoString, Format, LogValue and
// MarshalJSON still shows its content when it sits in an unexported field of
// another struct, because fmt does not call methods there. So the content is
// kept behind a pointer, which fmt prints as an address, and the methods serve
// the places where they are called. It is a pointer to a string, because of one
// to a list fmt prints the elements where the verb does not fit, such as %s.
package opaque

import (
	"fmt"
	"log/slog"
)

const redacted = "REDACTED"

// Secret is a credential. Its zero value is the empty secret.
type Secret struct{ p *string }

// NewSecret hides s.
func NewSecret(s string) Secret { return Secret{&s} }

// Reveal returns the hidden text.
func (s Secret) Reveal() string {
	if s.p == nil {
		return ""
	}
	return *s.p
}

// Format writes the same placeholder for every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue keeps the content out of structured logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText keeps the content out of JSON, XML and other encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Bytes is data that must not be printed by accident, such as the body of an
// answer. Its zero value is empty.
type Bytes struct{ p *string }

// NewBytes hides a copy of b.
func NewBytes(b []byte) Bytes {
	if b == nil {
		return Bytes{}
	}
	s := string(b)
	return Bytes{&s}
}

// Reveal returns a copy of the hidden data, nil if there is none.
func (b Bytes) Reveal() []byte {
	if b.p == nil {
		return nil
	}
	return []byte(*b.p)
}

// Format writes the same placeholder for every verb and flag.
func (b Bytes) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue keeps the content out of structured logs.
func (b Bytes) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText keeps the content out of JSON, XML and other encodings.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(redacted), nil }
