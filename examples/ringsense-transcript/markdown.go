package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// markdown is a sheet in Markdown, in which no text of a stranger means anything
// but itself.
type markdown struct{ b *bytes.Buffer }

func (m *markdown) title(text string) { m.heading("#", text) }

func (m *markdown) section(name string) { m.heading("##", name) }

func (m *markdown) heading(mark, text string) {
	m.gap()
	fmt.Fprintf(m.b, "%s %s\n\n", mark, escape(text))
}

// gap ends what is before by an empty line, if there is none yet.
func (m *markdown) gap() {
	if m.b.Len() > 0 && !bytes.HasSuffix(m.b.Bytes(), []byte("\n\n")) {
		fmt.Fprintln(m.b)
	}
}

func (m *markdown) fact(label, value string) {
	fmt.Fprintf(m.b, "- **%s:** %s\n", label, escape(value))
}

func (m *markdown) paragraph(text string) {
	m.gap()
	fmt.Fprintln(m.b, escape(text))
}

func (m *markdown) item(text string) { fmt.Fprintf(m.b, "- %s\n", escape(text)) }

func (m *markdown) turn(at, speaker, text string) {
	fmt.Fprintf(m.b, "- `%s` **%s:** %s\n", at, escape(speaker), escape(text))
}

var (
	// marks mean something in any place of a line.
	marks = regexp.MustCompile("[][\\\\`*_{}#|~$^]|//")
	// www makes a link of what follows.
	www = regexp.MustCompile(`(?i)(www)\.`)
	// starts make a list or a rule, or a heading of the line above.
	starts = regexp.MustCompile(`^([0-9]*)([-+=.):])`)
)

// escape takes the meaning from what Markdown, as CommonMark and GitHub have it,
// or HTML would interpret.
func escape(text string) string {
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	text = marks.ReplaceAllString(text, `\$0`)
	text = www.ReplaceAllString(text, `$1\.`)
	return starts.ReplaceAllString(text, `$1\$2`)
}
