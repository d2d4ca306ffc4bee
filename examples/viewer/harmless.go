package main

import (
	"bytes"
	"fmt"
	"unicode"
)

// harmless shows what nobody sees and browsers obey as the name of the character:
// marks that turn the direction of all text behind them, and control characters.
// All text of a page goes through it, so that none is forgotten.
func harmless(page []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(page) {
		if isHidden(r) {
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.Bytes()
}

// isHidden reports whether a character is one that harmless names. Joiners are
// not: scripts and emoji need them.
func isHidden(r rune) bool {
	switch {
	case r == '\n', r == '\t', r == '\r', r == 0x200C, r == 0x200D:
		return false
	case r >= 0xE0000 && r <= 0xE007F: // tags, which are copies of ASCII that nobody sees
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Bidi_Control) || r == 0x200B || r == 0x2028 || r == 0x2029 || r == 0xFEFF
}
