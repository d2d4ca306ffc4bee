package callinsights

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
)

// TranscriptFormat is a form in which [WriteTranscript] writes a conversation.
type TranscriptFormat string

// The formats of a transcript.
const (
	TranscriptText     TranscriptFormat = "text"     // a line for each turn
	TranscriptMarkdown TranscriptFormat = "markdown" // a list, for CommonMark and GitHub
	TranscriptWebVTT   TranscriptFormat = "vtt"      // captions for the web, as of www.w3.org/TR/webvtt1
	TranscriptSRT      TranscriptFormat = "srt"      // SubRip captions
)

// WriteTranscript writes a conversation to w, such as what RecordingInsights.Turns
// of ringsense, Session.Turns of vonageinsights and Call.Turns of whippy return:
//
//	err := callinsights.WriteTranscript(os.Stdout, callinsights.TranscriptMarkdown, record.Turns())
//
// Names and texts are strangers' words, and mean nothing but themselves in any
// format; see [TranscriptFormat.Escape]. Each turn stays one line, whatever it
// says. A speaker without a name is called Agent or Customer after the role,
// otherwise Speaker 1, Speaker 2 and so on after the id, or Unknown. A colon in a
// name becomes a space, so that the first one behind the time ends the name.
//
// Text and Markdown have the turns in their order, as they come, and where a turn
// begins, in hours, minutes and seconds. It is left out for a turn whose Start and
// End are both zero.
//
// WebVTT and SRT have a caption for each turn that says something, in the order in
// which they begin, which the formats want; turns is read to its end first. They
// need times. Where no turn has any, as at Vonage and Whippy, that is an
// [ErrInvalidRequest] and nothing is written: made-up times would not fit the
// recording. A single turn without times begins where the one before it ends. One
// that does not end after its beginning stays for as long as it takes to read.
// Times before the start of the recording become 0, as does NaN, and those beyond
// 1,000 hours become that.
//
// An unknown format and a nil w or turns are an [ErrInvalidRequest], too. The texts of
// these begin with "invalid request: " and name no package, as the function belongs to
// no service. An error of w is returned as it is, and ends the writing.
func WriteTranscript(w io.Writer, format TranscriptFormat, turns iter.Seq[Turn]) error {
	if w == nil || turns == nil {
		return fmt.Errorf("%w: a transcript needs a writer and turns, and one of them is nil", ErrInvalidRequest)
	}
	b := bufio.NewWriter(w)
	var err error
	switch format {
	case TranscriptText, TranscriptMarkdown:
		err = writeLines(b, format, turns)
	case TranscriptWebVTT, TranscriptSRT:
		err = writeCaptions(b, format, turns)
	default:
		return fmt.Errorf("%w: there is no transcript format %q: use %s, %s, %s or %s", ErrInvalidRequest,
			string(format), TranscriptText, TranscriptMarkdown, TranscriptWebVTT, TranscriptSRT)
	}
	return cmp.Or(err, b.Flush())
}

func writeLines(b *bufio.Writer, format TranscriptFormat, turns iter.Seq[Turn]) error {
	names := make(speakerNames)
	for turn := range turns {
		line := formatLine(format, turn, format.Escape(names.of(turn)))
		if _, err := b.WriteString(strings.TrimRight(line, " ") + "\n"); err != nil {
			return err
		}
	}
	return nil
}

func formatLine(format TranscriptFormat, turn Turn, speaker string) string {
	var at string
	if start, end := turn.Start.Duration(), turn.End.Duration(); start != 0 || end != 0 {
		at = clock(start)
	}
	text := format.Escape(turn.Text)
	switch {
	case format == TranscriptMarkdown && at != "":
		return "- `" + at + "` **" + speaker + ":** " + text
	case format == TranscriptMarkdown:
		return "- **" + speaker + ":** " + text
	case at != "":
		return "[" + at + "] " + speaker + ": " + text
	default:
		return speaker + ": " + text
	}
}

// clock is an offset as a recorder shows it, such as 1:02:03 or 2:03.
func clock(offset time.Duration) string {
	seconds := int64(inRecording(offset) / time.Second)
	if hours := seconds / 3600; hours > 0 {
		return fmt.Sprintf("%d:%02d:%02d", hours, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// inRecording keeps an offset to what recordings have, and players can show.
func inRecording(offset time.Duration) time.Duration {
	return min(max(offset, 0), 1000*time.Hour).Truncate(time.Millisecond)
}

// speakerNames numbers those ids for which there is neither a name nor a role.
type speakerNames map[string]int

// of returns what to call the speaker of a turn, which is never empty.
func (n speakerNames) of(turn Turn) string {
	name := oneLine(strings.ReplaceAll(turn.Speaker, ":", " "))
	switch {
	case name != "":
		return name
	case turn.Role == RoleAgent:
		return "Agent"
	case turn.Role == RoleCustomer:
		return "Customer"
	case turn.SpeakerID == "":
		return "Unknown"
	}
	if n[turn.SpeakerID] == 0 {
		n[turn.SpeakerID] = len(n) + 1
	}
	return "Speaker " + strconv.Itoa(n[turn.SpeakerID])
}
