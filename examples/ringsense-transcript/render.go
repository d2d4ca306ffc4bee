package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/callinsights/callinsights-go/ringsense"
)

// sheet is what a record is written on. What it is given is plain text, in one
// line.
type sheet interface {
	title(text string)
	fact(label, value string)
	section(name string)
	paragraph(text string)
	item(text string)
	turn(at, speaker, text string)
}

// render writes the parts of a record that are there.
func render(s sheet, r *ringsense.RecordingInsights) {
	s.title(cmp.Or(plain(r.Title), "Recording "+plain(r.SourceRecordID)))
	if !r.RecordingStartTime.IsZero() {
		s.fact("Time", r.RecordingStartTime.UTC().Format("Monday, 2 January 2006, 15:04:05 MST"))
	}
	if r.RecordingDurationMs != 0 {
		s.fact("Duration", r.Duration().Round(time.Second).String())
	}
	for i := range r.SpeakerInfo {
		s.fact("Speaker", describe(&r.SpeakerInfo[i]))
	}
	if isEmpty(r) {
		s.paragraph("There is no transcript, summary or next step yet.")
		return
	}
	renderInsights(s, r)
	if len(r.Insights.Transcript) == 0 {
		return
	}
	s.section("Transcript")
	for turn := range r.Turns() {
		s.turn(clock(turn.Start.Duration()), speakerName(r, turn.SpeakerID), plain(turn.Text))
	}
}

func renderInsights(s sheet, r *ringsense.RecordingInsights) {
	if len(r.Insights.Summary) > 0 {
		s.section("Summary")
	}
	for _, summary := range r.Insights.Summary {
		s.paragraph(plain(summary.Value))
	}
	if len(r.Insights.NextSteps) > 0 {
		s.section("Next steps")
	}
	for _, step := range r.Insights.NextSteps {
		s.item(speakerName(r, step.SpeakerID) + ": " + plain(step.Value))
	}
}

// isEmpty reports whether there is nothing to show of a record but its heading.
func isEmpty(r *ringsense.RecordingInsights) bool {
	return len(r.Insights.Transcript) == 0 && len(r.Insights.Summary) == 0 && len(r.Insights.NextSteps) == 0
}

func describe(speaker *ringsense.Speaker) string {
	text := name(speaker)
	if number := plain(speaker.PhoneNumber); number != "" && number != text {
		text += ", " + number
	}
	if speaker.External() {
		text += " (outside of the company)"
	}
	return text
}

func speakerName(r *ringsense.RecordingInsights, id string) string {
	speaker, _ := r.Speaker(id)
	return name(&speaker)
}

func name(speaker *ringsense.Speaker) string {
	return cmp.Or(plain(speaker.Name), plain(speaker.PhoneNumber), "Unknown")
}

// clock is an offset as a recorder shows it, such as 1:02:03 or 2:03.
func clock(offset time.Duration) string {
	seconds := max(0, int64(offset/time.Second))
	if hours := seconds / 3600; hours > 0 {
		return fmt.Sprintf("%d:%02d:%02d", hours, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// plain puts the words of a stranger's text into one line. A character that a
// terminal would obey becomes �.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if isUnsafe(r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.Join(strings.Fields(text), " "))
}

// isUnsafe reports whether a terminal may obey r: control characters, such as
// those that begin an escape sequence, and those that change the order of text or
// are not seen.
func isUnsafe(r rune) bool {
	return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' ||
		strings.ContainsRune("\u061c\u200b\u200e\u200f\u2060\ufeff", r)
}
