package callinsights_test

import (
	"fmt"
	"log"
	"os"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
)

func ExampleWriteTranscript() {
	record := &ringsense.RecordingInsights{
		SpeakerInfo: []ringsense.Speaker{{SpeakerID: "p-1", Name: "Priya Raman"}, {SpeakerID: "p-2", Name: "Tomás <Oliveira>"}},
		Insights: ringsense.Insights{Transcript: []ringsense.Utterance{
			{SpeakerID: "p-1", Text: "Your delivery moves to Monday.", Start: 1.2, End: 3.4},
			{SpeakerID: "p-2", Text: "Monday is good, thank you.", Start: 3.9, End: 5.8},
		}},
	}
	for _, format := range []callinsights.TranscriptFormat{callinsights.TranscriptText, callinsights.TranscriptWebVTT} {
		if err := callinsights.WriteTranscript(os.Stdout, format, record.Turns()); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// [0:01] Priya Raman: Your delivery moves to Monday.
	// [0:03] Tomás <Oliveira>: Monday is good, thank you.
	// WEBVTT
	//
	// 00:00:01.200 --> 00:00:03.400
	// <v Priya Raman>Your delivery moves to Monday.
	//
	// 00:00:03.900 --> 00:00:05.800
	// <v Tomás &lt;Oliveira&gt;>Monday is good, thank you.
}

func ExampleTranscriptFormat_Escape() {
	title := "Re: *urgent* <b>"
	fmt.Println("# " + callinsights.TranscriptMarkdown.Escape(title))
	// Output:
	// # Re: \*urgent\* &lt;b&gt;
}
