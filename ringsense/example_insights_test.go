package ringsense_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// A program that shows what was said in a call, what came of it, and who is to do
// what. Its client is that of a fake; a program of yours has the credentials in its
// environment, see JWTFromEnv and NewClient.
func ExampleClient_RecordingInsights() {
	server := ringsensetest.NewServer()
	if err := server.AddJSON([]byte(repair)); err != nil {
		panic(err)
	}
	client := server.Client()

	for _, id := range []string{"3100000000017", "3100000000018"} {
		if err := show(context.Background(), client, id); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// 5s Amara Okafor (agent): You called about the bike that pulls to the left.
	// 10s Piet Lindqvist (customer): Yes, the front wheel rubs.
	// Summary: The front wheel rubs after a service.
	// Next step of Piet Lindqvist: Bring the bike in on Thursday.
	// 3100000000018 has no insights, perhaps not yet
}

// show prints the insights of a recording. That there are none is no error, as they
// are made some minutes after the call.
func show(ctx context.Context, client *ringsense.Client, sourceRecordID string) error {
	recording, err := client.RecordingInsights(ctx, sourceRecordID)
	if errors.Is(err, ringsense.ErrInsightsNotFound) {
		fmt.Println(sourceRecordID, "has no insights, perhaps not yet")
		return nil
	}
	if err != nil {
		return err // it says what was asked, what came back and what to do about it
	}
	for turn := range recording.Turns() {
		fmt.Printf("%.0fs %s (%s): %s\n", turn.Start, turn.Speaker, turn.Role, turn.Text)
	}
	for _, summary := range recording.Insights.Summary {
		fmt.Println("Summary:", summary.Value)
	}
	for _, step := range recording.Insights.NextSteps {
		speaker, _ := recording.Speaker(step.SpeakerID) // its name is empty if nobody is meant
		fmt.Printf("Next step of %s: %s\n", speaker.Name, step.Value)
	}
	return nil
}

// repair is what the service says about a call.
const repair = `{
	"domain": "pbx", "sourceRecordId": "3100000000017", "sourceSessionId": "s-a1b2c3",
	"speakerInfo": [
		{"speakerId": "p-1", "name": "Amara Okafor", "accountId": "1000000001"},
		{"speakerId": "p-2", "name": "Piet Lindqvist", "accountId": null}
	],
	"insights": {
		"Transcript": [
			{"speakerId": "p-1", "text": "You called about the bike that pulls to the left.", "start": 5.2, "end": 9.35},
			{"speakerId": "p-2", "text": "Yes, the front wheel rubs.", "start": 9.8, "end": 14}
		],
		"Summary": [{"value": "The front wheel rubs after a service.", "start": 0, "end": 0}],
		"NextSteps": [{"value": "Bring the bike in on Thursday.", "speakerId": "p-2", "start": 55.75, "end": 60.1}]
	}
}`
