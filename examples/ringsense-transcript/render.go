package main

import (
	"cmp"
	"iter"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
)

// sheet is what a record is written on. What it is given is plain text, in one
// line, but for the turns, which are as they came.
type sheet interface {
	title(text string)
	fact(label, value string)
	section(name string)
	paragraph(text string)
	item(text string)
	transcript(turns iter.Seq[callinsights.Turn]) error
}

// render writes the parts of a record that are there.
func render(s sheet, r *ringsense.RecordingInsights) error {
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
		return nil
	}
	renderInsights(s, r)
	if len(r.Insights.Transcript) == 0 {
		return nil
	}
	s.section("Transcript")
	return s.transcript(turns(r))
}

// turns are those of the record, with the names that the other parts have too.
func turns(r *ringsense.RecordingInsights) iter.Seq[callinsights.Turn] {
	return func(yield func(callinsights.Turn) bool) {
		for turn := range r.Turns() {
			turn.Speaker = speakerName(r, turn.SpeakerID)
			if !yield(turn) {
				return
			}
		}
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

// plain puts a stranger's text into one line that is safe to print.
func plain(text string) string { return callinsights.TranscriptText.Escape(text) }
