package jsonpull

import (
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var errEscape = errors.New("invalid JSON: unknown escape in a string")

// simpleEnd returns the place of the closing quote of the string whose opening one
// stands at start, if its text stands for itself; otherwise nothing above 0, which
// is for stringEnd.
func (d *Decoder) simpleEnd(start int) int {
	if d.strings < len(d.ends) {
		return d.ends[d.strings]
	}
	return d.findSimpleEnd(start)
}

func (d *Decoder) findSimpleEnd(start int) int {
	end := simple([]byte(d.doc), start+1)
	if end < len(d.doc) && d.doc[end] == '"' {
		return end
	}
	return ^end
}

// quoted takes the string whose opening quote stands at the place reached.
func (d *Decoder) quoted() string {
	end := d.simpleEnd(d.pos)
	if end > 0 {
		text := d.doc[d.pos+1 : end]
		d.strings++
		d.pos = end + 1
		return text
	}
	return d.quotedSpecial(end)
}

// quotedSpecial is quoted for a string of which simpleEnd said that it is not simple.
func (d *Decoder) quotedSpecial(known int) string {
	end := d.stringEnd(known)
	if end == 0 {
		return ""
	}
	text := d.unescape(d.doc[d.pos+1 : end])
	if d.fault != nil {
		return ""
	}
	d.strings++
	d.pos = end + 1
	return text
}

// skipString takes a string and checks its escapes without building it.
func (d *Decoder) skipString() {
	end := d.simpleEnd(d.pos)
	if end <= 0 {
		if end = d.stringEnd(end); end == 0 {
			return
		}
		if d.checkEscapes(d.doc[d.pos+1 : end]); d.fault != nil {
			return
		}
	}
	d.strings++
	d.pos = end + 1
}

// stringEnd is simpleEnd for any string at the place reached, of which that said
// how far it is simple, or where it ends if that was noted. 0 is a fault.
func (d *Decoder) stringEnd(known int) (end int) {
	i := d.pos + 1
	if known < 0 {
		i = ^known
	}
	if d.strings < len(d.ends) && known < 0 {
		return i
	}
	for i < len(d.doc) {
		if i = plain([]byte(d.doc), i); i == len(d.doc) {
			break
		}
		switch d.doc[i] {
		case '"':
			return i
		case '\\':
			i += 2
		default:
			d.failAt(i, errors.New("invalid JSON: control character in a string"))
			return 0
		}
	}
	d.pos = len(d.doc)
	d.unexpected("a closing quote")
	return 0
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
	if !utf8.ValidString(text) {
		if d.checkEscapes(text); d.fault != nil {
			return ""
		}
		d.spend(3 * len(text))
		text = string([]rune(text)) // U+FFFD for each invalid byte, as in encoding/json
	}
	n := strings.IndexByte(text, '\\')
	if n < 0 {
		return text
	}
	b := d.textRoom(len(text))
	start := b.Len()
	rest := text
	for ; n >= 0; n = strings.IndexByte(rest, '\\') {
		b.WriteString(rest[:n])
		rest = rest[n:]
		r, size := escape(rest)
		if size == 0 {
			d.failAt(d.pos+1+len(text)-len(rest), errEscape)
			return ""
		}
		b.WriteRune(r)
		rest = rest[size:]
	}
	b.WriteString(rest)
	return b.String()[start:]
}

// shortEscape returns what a backslash and c stand for, 0 if that is not one byte.
func shortEscape(c byte) byte {
	switch c {
	case '"', '\\', '/':
		return c
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return 0
}

// escape decodes the escape that text begins with. Half a surrogate pair
// stands for U+FFFD. size is 0 if there is no such escape.
func escape(text string) (r rune, size int) {
	if len(text) < 2 {
		return 0, 0
	}
	if c := shortEscape(text[1]); c != 0 {
		return rune(c), 2
	}
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
