package jsonpull

import (
	"encoding/binary"
	"math/bits"
)

// Text within quotes is looked at eight bytes at a time, as one number whose
// lowest byte is the first one. What is found in a number has the highest bit of
// its byte set; only the lowest of these bits is sure, as a subtraction may borrow
// from the bytes above.
const (
	word  = 8
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// load returns the eight bytes of s from i on. That the part of s ends with them, its
// capacity too, spares a step that keeps its address within s.
func load(s []byte, i int) uint64 { return binary.LittleEndian.Uint64(s[i : i+word : i+word]) }

// special finds quotes, backslashes, control characters, and perhaps some of the
// bytes that are not ASCII.
func special(w uint64) uint64 {
	quote := (w ^ '"'*ones) - ones
	backslash := (w ^ '\\'*ones) - ones
	control := w - ' '*ones
	return quote | backslash | control
}

// simple returns the first place from i on of a byte that is not ASCII, or a quote, a
// backslash or a control character; the end of s if there is none.
func simple(s []byte, i int) int {
	for ; i <= len(s)-word; i += word {
		w := load(s, i)
		if found := (special(w) | w) & highs; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(s) && s[i] < 0x80 && isPlain(s[i]) {
		i++
	}
	return i
}

// plain is simple for texts that need not be ASCII.
func plain(s []byte, i int) int {
	for ; i <= len(s)-word; i += word {
		w := load(s, i)
		if found := special(w) &^ w & highs; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(s) && isPlain(s[i]) {
		i++
	}
	return i
}

func isPlain(c byte) bool { return c != '"' && c != '\\' && c >= ' ' }
