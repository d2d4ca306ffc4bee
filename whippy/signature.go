package whippy

import (
	"crypto/sha256"
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
	header, err := signatureHeader(h)
	if err != nil {
		return Signature{}, err
	}
	var macs [][]byte
	stamp, at, ok := readHeader(header, func(mac [sha256.Size]byte) { macs = append(macs, mac[:]) })
	if !ok {
		return Signature{}, ErrSignatureMalformed
	}
	return Signature{Signed: [][]byte{[]byte(stamp + "."), body}, MACs: macs, At: at}, nil
}

// checkHeader reports whether headerScheme would read the header.
func checkHeader(h http.Header) error {
	header, err := signatureHeader(h)
	if err != nil {
		return err
	}
	if _, _, ok := readHeader(header, func([sha256.Size]byte) {}); !ok {
		return ErrSignatureMalformed
	}
	return nil
}

func signatureHeader(h http.Header) (string, error) {
	values := h[SignatureHeader]
	switch {
	case len(values) == 0 || len(values) == 1 && strings.TrimSpace(values[0]) == "":
		return "", ErrSignatureMissing
	case len(values) > 1 || len(values[0]) > maxSignatureHeader:
		return "", ErrSignatureMalformed
	default:
		return values[0], nil
	}
}

// readHeader returns the time as text, which is what was signed, and as such, and
// has each MAC taken. It reports whether both are there.
func readHeader(header string, take func(mac [sha256.Size]byte)) (stamp string, at time.Time, ok bool) {
	named, signed := false, false
	for pair := range strings.SplitSeq(header, ",") {
		name, value, divided := strings.Cut(pair, "=") // by the first one: the padding of base64 has the same sign
		if !divided {
			continue
		}
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case named:
		case strings.EqualFold(name, "t"), strings.EqualFold(name, "timestamp"):
			named, stamp = true, value
			at, ok = parseStamp(value)
		case !ok:
			stamp = value
			at, ok = parseStamp(value)
		}
		if mac, is := decodeMAC(value); is {
			signed = true
			take(mac)
		}
	}
	return stamp, at, ok && signed
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

// decodeMAC reads 32 bytes in hex or base64.
func decodeMAC(text string) (mac [sha256.Size]byte, ok bool) {
	switch len(text) {
	case 64:
		n, err := hex.Decode(mac[:], []byte(text))
		return mac, err == nil && n == len(mac)
	case 44, 43:
		text = strings.ReplaceAll(strings.ReplaceAll(strings.TrimSuffix(text, "="), "-", "+"), "_", "/")
		var longer [sha256.Size + 1]byte // as 44 characters without padding are
		n, err := base64.RawStdEncoding.Strict().Decode(longer[:], []byte(text))
		copy(mac[:], longer[:])
		return mac, err == nil && n == len(mac)
	default:
		return mac, false
	}
}
