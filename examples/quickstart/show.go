package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// showRecording prints what RingSense made of one recording.
func showRecording(ctx context.Context, out io.Writer, s services) error {
	record, err := s.ringsense.RecordingInsights(ctx, s.record)
	if err != nil {
		return err
	}
	heading(out, "RingSense: "+record.Title)
	fmt.Fprintf(out, "%s, %s\n\n", record.RecordingStartTime.Format(time.RFC1123), record.Duration().Round(time.Second))
	for turn := range record.Turns() {
		printTurn(out, turn)
	}
	for _, summary := range record.Insights.Summary {
		fmt.Fprintf(out, "\n%s\n", column("Summary", summary.Value))
	}
	if len(record.Insights.NextSteps) > 0 {
		fmt.Fprintln(out)
	}
	for _, step := range record.Insights.NextSteps {
		speaker, _ := record.Speaker(step.SpeakerID)
		fmt.Fprintln(out, column("Next step", step.Value+" ("+speaker.Name+")"))
	}
	return nil
}

// showSessions prints the ended sessions of a month that were not given up,
// and deletes the oldest of them where that is allowed.
func showSessions(ctx context.Context, out io.Writer, s services) error {
	heading(out, "Vonage AI Studio: sessions that led somewhere")
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "start (UTC)\tcaller\tagent\tlength\tlast words of the caller")
	var oldest *vonageinsights.Session
	query := vonageinsights.Query{
		From: s.from, To: s.to,
		Filter: vonageinsights.Where(field.Status.Is("ended")).Not(field.TagsListTag.Is("gave up")),
	}
	for session, err := range s.vonage.Search(ctx, query) {
		if err != nil {
			return err
		}
		if oldest == nil {
			oldest = session
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", session.SessionStartTime.Format("2 Jan 15:04"),
			session.Source, session.AgentInformation.Name, session.Duration().Round(time.Second), lastWords(session))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if oldest == nil || !s.mayDelete {
		return nil
	}
	if err := s.vonage.DeleteSession(ctx, oldest.ID, oldest.SessionStartTime); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nThe oldest of them, of %s, was deleted.\n", oldest.SessionStartTime.Format("2 January"))
	return nil
}

func lastWords(session *vonageinsights.Session) string {
	var words string
	for turn := range session.Turns() {
		if turn.Role == callinsights.RoleCustomer {
			words = turn.Text
		}
	}
	return words
}

// showCall prints the three events that Whippy sends about one call. They are
// made here, as Whippy calls its receivers and cannot be asked.
func showCall(out io.Writer) error {
	heading(out, "Whippy: the events of a call (a made-up one: Whippy sends, and cannot be asked)")
	var call *whippy.Call
	for _, payload := range whippytest.CallEvents(1) {
		event, err := whippy.ParseEvent(payload)
		if err != nil {
			return err
		}
		if c, ok := event.Data.(*whippy.Call); ok {
			call = c
		}
		fmt.Fprintf(out, "%s  %s\n", event.CreatedAt.Format(time.TimeOnly), event.Type)
	}
	if call == nil {
		return nil
	}
	fmt.Fprintln(out)
	if duration, ok := call.Duration(); ok {
		fmt.Fprintf(out, "Outcome    %s after %s\n", call.DeliveryStatus, duration.Round(time.Second))
	}
	if analysis := call.Analysis(); analysis != nil {
		fmt.Fprintf(out, "Sentiment  %s\n\n", analysis.UserSentiment)
	}
	for turn := range call.Turns() {
		printTurn(out, turn)
	}
	return nil
}

func heading(out io.Writer, title string) {
	fmt.Fprintf(out, "\n%s\n%s\n", title, strings.Repeat("─", utf8.RuneCountInString(title)))
}

func printTurn(out io.Writer, turn callinsights.Turn) {
	fmt.Fprintln(out, column(cmp.Or(turn.Speaker, "Unknown"), turn.Text))
}

const (
	labelWidth = 16
	lineWidth  = 92
)

// column sets text in lines to the right of label.
func column(label, text string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-*s", labelWidth, label)
	at := labelWidth
	for i, word := range strings.Fields(text) {
		width := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+width > lineWidth:
			fmt.Fprintf(&b, "\n%*s", labelWidth, "")
			at = labelWidth
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += width
	}
	return b.String()
}
