package callinsights

import (
	"strings"
	"unicode"
)

// Escape returns a text that a stranger wrote, such as a title or a summary, as
// [WriteTranscript] writes those of a transcript, for what a program puts above or
// below it. It is one line, possibly an empty one, in which white space of any kind
// is single spaces. What a terminal may obey becomes �: control characters, those
// that override the direction of text, and bytes that are not UTF-8. Beyond that:
//
//   - [TranscriptMarkdown]: everything that CommonMark, GitHub or HTML would
//     interpret is escaped. Readers see the same text, in which the addresses of
//     pages are no links.
//   - [TranscriptWebVTT]: &, < and > become &amp;, &lt; and &gt;.
//   - [TranscriptSRT], which can escape nothing: < and > become ‹ and ›, and braces
//     become parentheses, as players take them for styles.
func (f TranscriptFormat) Escape(text string) string {
	text = oneLine(text)
	switch f {
	case TranscriptMarkdown:
		return escapeHTML(escapeMarkdown(text))
	case TranscriptWebVTT:
		return escapeHTML(text)
	case TranscriptSRT:
		return strings.Map(withoutMarkup, text)
	default:
		return text
	}
}

// oneLine puts the words of a text into one line that is safe to print.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.Join(strings.Fields(text), " "))
}

// escapeHTML replaces one after the other, as a replacer would have to be made for each
// text, or before any program needs it.
func escapeHTML(text string) string {
	text = strings.ReplaceAll(text, "&", "&amp;") // first, as the others bring more of them
	text = strings.ReplaceAll(text, "<", "&lt;")
	return strings.ReplaceAll(text, ">", "&gt;")
}

func withoutMarkup(r rune) rune {
	switch r {
	case '<':
		return '‹'
	case '>':
		return '›'
	case '{':
		return '('
	case '}':
		return ')'
	default:
		return r
	}
}

// escapeMarkdown takes a single line.
func escapeMarkdown(text string) string {
	var b strings.Builder
	first := len(text) - len(strings.TrimLeft(text, "0123456789"))
	for i, r := range text {
		if strings.ContainsRune("\\`*_{}[]#|~$^@", r) ||
			i == first && strings.ContainsRune("-+=.):", r) || // makes a list, a rule, or a heading of the line above
			r == '/' && strings.HasPrefix(text[i+1:], "/") || // makes a link, as does www
			r == '.' && i >= 3 && strings.EqualFold(text[i-3:i], "www") {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
