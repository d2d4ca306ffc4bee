package vonageinsights_test

import (
	"context"
	"fmt"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// A program that lists the calls of an agent in which somebody asked for his money
// back. Its client is that of a fake; a program of yours makes its own by NewClient.
func ExampleClient_Search() {
	client := refunds().Client()

	from, to := vonageinsights.Days(
		time.Date(2031, time.March, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2031, time.May, 31, 0, 0, 0, 0, time.UTC)) // any length will do
	if err := listRefunds(context.Background(), client, "1234567", from, to); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2031-05-04 09:15 from 12025550143, 41s
	//   agent: What can I get you?
	//   customer: A refund for the rye bread.
}

// listRefunds prints the sessions in the order in which they began, as they arrive.
func listRefunds(ctx context.Context, client *vonageinsights.Client, agent string, from, to time.Time) error {
	query := vonageinsights.Query{
		From: from, To: to,
		Filter: vonageinsights.Where(
			field.AgentInformationID.Is(agent),
			field.TranscriptionClient.Matches("refund reimburse"), // one of the words
		).Not(field.FlowDataCollectedTagsTag.Is("test")),
	}
	for session, err := range client.Search(ctx, query) {
		if err != nil {
			return err // what was listed so far is right, and not all
		}
		fmt.Printf("%s from %s, %v\n", session.SessionStartTime.Format("2006-01-02 15:04"), session.Source, session.Duration())
		for turn := range session.Turns() {
			fmt.Printf("  %s: %s\n", turn.Role, turn.Text)
		}
	}
	return nil
}

// refunds is a service with a call about a refund, one about something else, and
// one about a refund to another agent.
func refunds() *vonageinsightstest.Server {
	server := vonageinsightstest.NewServer()
	for i, call := range []struct{ agent, asked string }{
		{"1234567", "A refund for the rye bread."},
		{"1234567", "Two poppy seed rolls."},
		{"7654321", "A refund for the birthday cake."},
	} {
		server.Add(&vonageinsights.Session{
			ID: fmt.Sprint("4f1d0c8e-000", i), Source: fmt.Sprint("1202555014", i+3),
			SessionStartTime: time.Date(2031, time.May, 4+i, 9, 15, 0, 0, time.UTC),
			AgentInformation: vonageinsights.AgentInformation{ID: call.agent, VersionID: "v-9"},
			ChannelData:      vonageinsights.ChannelData{DurationMs: 41000},
			Transcription: []vonageinsights.Utterance{
				{SpeakerKey: "v-9", Text: "What can I get you?"},
				{SpeakerKey: "user", Text: call.asked},
			},
		})
	}
	return server
}
