package jsonpull

import "math/bits"

// Text within quotes is looked at eight bytes at a time, as one number whose
// lowest byte is the first one. What is found in a number has the highest bit of
// its byte set; only the lowest of these bits is sure, as a subtraction may borrow
// from the bytes above.
const (
	word  = 8
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// load returns the first eight bytes of s, in one step where the machine can.
func load(s []byte) uint64 {
	_ = s[word-1]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// special finds quotes, backslashes, control characters, and perhaps some of the
// bytes that are not ASCII.
func special(w uint64) uint64 {
	quote := (w ^ '"'*ones) - ones
	backslash := (w ^ '\\'*ones) - ones
	control := w - ' '*ones
	return quote | backslash | control
}

// simple returns how many bytes s begins with that are ASCII, and neither quotes
// nor backslashes nor control characters.
func simple(s []byte) (n int) {
	for ; len(s)-n >= word; n += word {
		w := load(s[n:])
		if found := (special(w) | w) & highs; found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	for n < len(s) && s[n] < 0x80 && isPlain(s[n]) {
		n++
	}
	return n
}

// plain is simple for what need not be ASCII.
func plain(s []byte) (n int) {
	for ; len(s)-n >= word; n += word {
		w := load(s[n:])
		if found := special(w) &^ w & highs; found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	for n < len(s) && isPlain(s[n]) {
		n++
	}
	return n
}

func isPlain(c byte) bool { return c != '"' && c != '\\' && c >= ' ' }
