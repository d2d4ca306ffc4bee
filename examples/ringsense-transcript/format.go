package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
)

// format is a value of the flag -format.
type format string

const (
	formatText     = format(callinsights.TranscriptText)
	formatMarkdown = format(callinsights.TranscriptMarkdown)
	formatWebVTT   = format(callinsights.TranscriptWebVTT)
	formatSRT      = format(callinsights.TranscriptSRT)
	formatJSON     = format("json")
)

// String is for package flag.
func (f *format) String() string { return string(*f) }

// Set takes the value of the flag.
func (f *format) Set(text string) error {
	*f = format(text)
	if !slices.Contains([]format{formatText, formatMarkdown, formatJSON, formatWebVTT, formatSRT}, *f) {
		return fmt.Errorf("want %s, %s, %s, %s or %s", formatText, formatMarkdown, formatJSON, formatWebVTT, formatSRT)
	}
	return nil
}

// isCaptions reports whether the format has nothing but what was said.
func (f *format) isCaptions() bool { return *f == formatWebVTT || *f == formatSRT }

// write writes the records as one document; captions have room for one record. As
// JSON, it is a list of them if list is true.
func (f *format) write(b *bytes.Buffer, records []*ringsense.RecordingInsights, list bool) error {
	if *f == formatJSON {
		writeJSON(b, records, list)
		return nil
	}
	for _, record := range records {
		if err := f.writeRecord(b, record); err != nil {
			return err
		}
	}
	return nil
}

func (f *format) writeRecord(b *bytes.Buffer, record *ringsense.RecordingInsights) error {
	switch *f {
	case formatText:
		return render(&text{b}, record)
	case formatMarkdown:
		return render(&markdown{b}, record)
	default:
		return callinsights.WriteTranscript(b, callinsights.TranscriptFormat(*f), turns(record))
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
		if unicode.In(r, unicode.Cc, unicode.Bidi_Control) && r != '\n' && r != '\r' && r != '\t' {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
