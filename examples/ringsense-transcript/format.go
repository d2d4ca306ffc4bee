package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/callinsights/callinsights-go/ringsense"
)

// format is a value of the flag -format.
type format string

const (
	formatText     format = "text"
	formatMarkdown format = "markdown"
	formatJSON     format = "json"
)

// String is for package flag.
func (f *format) String() string { return string(*f) }

// Set takes the value of the flag.
func (f *format) Set(text string) error {
	*f = format(text)
	known := []format{formatText, formatMarkdown, formatJSON}
	if !slices.Contains(known, *f) {
		return fmt.Errorf("it is one of %q", known)
	}
	return nil
}

// write writes the records as one document. As JSON, a list of them if list is
// true.
func (f *format) write(b *bytes.Buffer, records []*ringsense.RecordingInsights, list bool) {
	switch *f {
	case formatJSON:
		writeJSON(b, records, list)
	case formatMarkdown:
		for _, record := range records {
			render(&markdown{b}, record)
		}
	default:
		for _, record := range records {
			render(&text{b}, record)
		}
	}
}

func writeJSON(b *bytes.Buffer, records []*ringsense.RecordingInsights, list bool) {
	documents := make([]string, len(records))
	for i, record := range records {
		documents[i] = safeJSON(record.RawJSON())
	}
	if list {
		fmt.Fprintf(b, "[%s]\n", strings.Join(documents, ",\n"))
		return
	}
	fmt.Fprintln(b, strings.Join(documents, ""))
}

// safeJSON spells out what a terminal could obey, which can stand in no other
// place of a JSON text than a string.
func safeJSON(raw string) string {
	var b strings.Builder
	for _, r := range strings.TrimSpace(raw) {
		if isUnsafe(r) && r != '\n' && r != '\r' && r != '\t' {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
