package callinsights_test

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/callinsights/callinsights-go"
)

// A program that keeps a conversation as text to read and as captions to play with
// the recording. Turns come from RecordingInsights.Turns of ringsense, Session.Turns
// of vonageinsights and Call.Turns of whippy; the latter two have no times, so no
// captions.
func ExampleWriteTranscript() {
	folder, err := os.MkdirTemp("", "transcripts")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()

	turns := slices.Values([]callinsights.Turn{
		{Speaker: "Priya Raman", Role: callinsights.RoleAgent, Text: "Your delivery moves to Monday.", Start: 1.2, End: 3.4},
		{Speaker: "Tomás <Oliveira>", Role: callinsights.RoleCustomer, Text: "Monday is good, thank you.", Start: 3.9, End: 5.8},
	})
	for extension, format := range formats {
		if err := writeTranscript(filepath.Join(folder, "call"+extension), format, turns); err != nil {
			panic(err)
		}
	}
	for _, extension := range []string{".txt", ".vtt"} {
		text, err := os.ReadFile(filepath.Join(folder, "call"+extension))
		if err != nil {
			panic(err)
		}
		fmt.Println("--", extension)
		fmt.Print(string(text))
	}
	// Output:
	// -- .txt
	// [0:01] Priya Raman: Your delivery moves to Monday.
	// [0:03] Tomás <Oliveira>: Monday is good, thank you.
	// -- .vtt
	// WEBVTT
	//
	// 00:00:01.200 --> 00:00:03.400
	// <v Priya Raman>Your delivery moves to Monday.
	//
	// 00:00:03.900 --> 00:00:05.800
	// <v Tomás &lt;Oliveira&gt;>Monday is good, thank you.
}

// formats are those of files by their extension.
var formats = map[string]callinsights.TranscriptFormat{
	".txt": callinsights.TranscriptText,
	".md":  callinsights.TranscriptMarkdown,
	".vtt": callinsights.TranscriptWebVTT,
	".srt": callinsights.TranscriptSRT,
}

// writeTranscript writes a file with the conversation.
func writeTranscript(path string, format callinsights.TranscriptFormat, turns iter.Seq[callinsights.Turn]) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return callinsights.WriteTranscript(file, format, turns)
}
