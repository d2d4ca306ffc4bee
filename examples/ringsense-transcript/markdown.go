package main

import (
	"bytes"
	"fmt"
	"iter"

	"github.com/callinsights/callinsights-go"
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

func (m *markdown) transcript(turns iter.Seq[callinsights.Turn]) error {
	return callinsights.WriteTranscript(m.b, callinsights.TranscriptMarkdown, turns)
}

func escape(text string) string { return callinsights.TranscriptMarkdown.Escape(text) }
