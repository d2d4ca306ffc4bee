package jsonpull

import (
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var errEscape = errors.New("invalid JSON: unknown escape in a string")

// stringEnd returns where the string whose opening quote stands at d.pos ends,
// and whether its text stands for itself: neither escapes nor bytes beyond
// ASCII. It reports a fault by ok.
func (d *Decoder) stringEnd() (end int, plain, ok bool) {
	plain = true
	for i := d.pos + 1; i < len(d.doc); i++ {
		switch c := d.doc[i]; {
		case c == '"':
			return i, plain, true
		case c == '\\':
			plain = false
			i++
		case c < ' ':
			d.failAt(i, errors.New("invalid JSON: control character in a string"))
			return 0, false, false
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	d.pos = len(d.doc)
	d.unexpected("a closing quote")
	return 0, false, false
}

// quoted takes the string whose opening quote stands at the place reached.
func (d *Decoder) quoted() string {
	end, plain, ok := d.stringEnd()
	if !ok {
		return ""
	}
	text := d.doc[d.pos+1 : end]
	if !plain {
		text = d.unescape(text)
	}
	if d.fault != nil {
		return ""
	}
	d.pos = end + 1
	return text
}

// skipString takes a string and checks its escapes without building it.
func (d *Decoder) skipString() {
	end, plain, ok := d.stringEnd()
	if !ok {
		return
	}
	if !plain {
		d.checkEscapes(d.doc[d.pos+1 : end])
	}
	if d.fault == nil {
		d.pos = end + 1
	}
}

func (d *Decoder) checkEscapes(text string) {
	for i := strings.IndexByte(text, '\\'); i >= 0; {
		_, size := escape(text[i:])
		if size == 0 {
			d.failAt(d.pos+1+i, errEscape)
			return
		}
		next := strings.IndexByte(text[i+size:], '\\')
		if next < 0 {
			return
		}
		i += size + next
	}
}

// unescape returns what text stands for, which is text itself where it holds
// neither escapes nor invalid UTF-8.
func (d *Decoder) unescape(text string) string {
	i := strings.IndexByte(text, '\\')
	if i < 0 {
		if utf8.ValidString(text) {
			return text
		}
		d.spend(3 * len(text))
		return string([]rune(text)) // U+FFFD for each invalid byte, as in encoding/json
	}
	d.spend(len(text))
	var b strings.Builder
	b.Grow(len(text))
	start := 0
	for i >= 0 {
		writeValid(&b, text[start:i])
		r, size := escape(text[i:])
		if size == 0 {
			d.failAt(d.pos+1+i, errEscape)
			return ""
		}
		b.WriteRune(r)
		start = i + size
		i = strings.IndexByte(text[start:], '\\')
		if i >= 0 {
			i += start
		}
	}
	writeValid(&b, text[start:])
	return b.String()
}

func writeValid(b *strings.Builder, text string) {
	if utf8.ValidString(text) {
		b.WriteString(text)
		return
	}
	for _, r := range text {
		b.WriteRune(r)
	}
}

// escape decodes the escape that text begins with. Half a surrogate pair
// stands for U+FFFD. size is 0 if there is no such escape.
func escape(text string) (r rune, size int) {
	if len(text) < 2 {
		return 0, 0
	}
	switch text[1] {
	case '"', '\\', '/':
		return rune(text[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r, ok := hex4(text)
		if !ok {
			return 0, 0
		}
		if !utf16.IsSurrogate(r) {
			return r, 6
		}
		if low, ok := hex4(text[6:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
		return utf8.RuneError, 6
	}
	return 0, 0
}

// hex4 decodes the \uXXXX that text begins with.
func hex4(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(text[2:6]) {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
