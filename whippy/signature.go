package whippy

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// SignatureHeader is the header that holds the signature of a request.
const SignatureHeader = "X-Whippy-Signature"

// maxSignatureHeader bounds the header, and with it the MACs that are compared:
// there is room for 22.
const maxSignatureHeader = 1 << 10

// Signature is what a request says of how it was signed.
//
// It is read from the header [SignatureHeader], which has to be there once, with
// at most 1 KiB: pairs of a name and a value, divided by commas, as in
//
//	t=1782979200,v1=9kvUNQFtI1tQ8RzVsWaZ1wR2nJb5Yx0GmH7cE4dLoKs
//
// The time is the value named t or timestamp, or else the first one of digits
// alone, in seconds or, if it is 100,000,000,000 and more, in milliseconds. Each
// other value that is 32 bytes in hex or in base64, of either alphabet and with or
// without padding, is a MAC. What was signed is the text of the time as it came, a
// dot, and the body.
type Signature struct {
	// Signed are the parts of the text that the MACs are of, one after the other.
	// They must hold the body and the time, or neither is protected.
	Signed [][]byte
	// MACs are HMACs with SHA-256 of that text; one that matches is enough.
	MACs [][]byte
	// At is when the request was signed. One without it is too old.
	At time.Time
}

// Scheme reads the signature of a request. It decides nothing: the [Verifier]
// compares the MACs and the time. It should refuse a header that is there twice, as
// a proxy may have looked at the other one. Its error is [ErrSignatureMissing] or
// [ErrSignatureMalformed], or becomes the cause of the latter, in which case its
// text is shown. It may be called by several goroutines at once, and must not keep
// or change its arguments.
type Scheme func(h http.Header, body []byte) (Signature, error)

// headerScheme is described at [Signature].
func headerScheme(h http.Header, body []byte) (Signature, error) {
	values := h.Values(SignatureHeader)
	switch {
	case len(values) == 0 || len(values) == 1 && strings.TrimSpace(values[0]) == "":
		return Signature{}, ErrSignatureMissing
	case len(values) > 1 || len(values[0]) > maxSignatureHeader:
		return Signature{}, ErrSignatureMalformed
	}
	pairs := splitPairs(values[0])
	stamp, at, ok := findTime(pairs)
	if !ok {
		return Signature{}, ErrSignatureMalformed
	}
	var macs [][]byte
	for _, p := range pairs {
		if mac := decodeMAC(p.value); mac != nil {
			macs = append(macs, mac)
		}
	}
	if macs == nil {
		return Signature{}, ErrSignatureMalformed
	}
	return Signature{Signed: [][]byte{[]byte(stamp), {'.'}, body}, MACs: macs, At: at}, nil
}

type pair struct{ name, value string }

// splitPairs takes the header apart. Only the first "=" of a pair divides it, as
// the padding of base64 has the same sign.
func splitPairs(header string) (pairs []pair) {
	for part := range strings.SplitSeq(header, ",") {
		if name, value, ok := strings.Cut(part, "="); ok {
			pairs = append(pairs, pair{strings.TrimSpace(name), strings.TrimSpace(value)})
		}
	}
	return pairs
}

// findTime returns the time as text, which is what was signed, and as such.
func findTime(pairs []pair) (stamp string, at time.Time, ok bool) {
	for _, p := range pairs {
		if strings.EqualFold(p.name, "t") || strings.EqualFold(p.name, "timestamp") {
			at, ok = parseStamp(p.value)
			return p.value, at, ok
		}
	}
	for _, p := range pairs {
		if at, ok = parseStamp(p.value); ok {
			return p.value, at, true
		}
	}
	return "", time.Time{}, false
}

// parseStamp reads digits: as seconds they would be of the year 5138 where they
// are taken for milliseconds.
func parseStamp(text string) (time.Time, bool) {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return time.Time{}, false
	}
	if n < 100_000_000_000 {
		return time.Unix(int64(n), 0), true
	}
	return time.UnixMilli(int64(n)), true
}

// decodeMAC returns the 32 bytes that text stands for, nil if it is anything else.
func decodeMAC(text string) (mac []byte) {
	var err error
	switch len(text) {
	case 64:
		mac, err = hex.DecodeString(text)
	case 44, 43:
		text = strings.ReplaceAll(strings.ReplaceAll(strings.TrimSuffix(text, "="), "-", "+"), "_", "/")
		mac, err = base64.RawStdEncoding.Strict().DecodeString(text)
	}
	if err != nil || len(mac) != 32 {
		return nil
	}
	return mac
}
