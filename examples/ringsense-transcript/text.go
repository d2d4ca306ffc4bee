package main

import (
	"bytes"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/callinsights/callinsights-go"
)

// text is a sheet for a terminal.
type text struct{ b *bytes.Buffer }

func (t *text) title(text string) { t.underlined(text, "═") }

func (t *text) section(name string) { t.underlined(name, "─") }

// underlined begins a part, after an empty line but for the first.
func (t *text) underlined(text, line string) {
	if t.b.Len() > 0 {
		fmt.Fprintln(t.b)
	}
	fmt.Fprintf(t.b, "%s\n%s\n", text, strings.Repeat(line, utf8.RuneCountInString(text)))
}

func (t *text) fact(label, value string) { fmt.Fprintf(t.b, "%-10s%s\n", label, value) }

func (t *text) paragraph(text string) { fmt.Fprintln(t.b, text) }

func (t *text) item(text string) { fmt.Fprintf(t.b, "- %s\n", text) }

func (t *text) transcript(turns iter.Seq[callinsights.Turn]) error {
	return callinsights.WriteTranscript(t.b, callinsights.TranscriptText, turns)
}
