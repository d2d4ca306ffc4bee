package ringsense_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// shop is a fake with a call, and with another one that was transferred.
func shop() *ringsensetest.Server {
	server := ringsensetest.NewServer()
	amara := ringsense.Speaker{SpeakerID: "p-1", Name: "Amara Okafor", AccountID: ringsensetest.AccountID, ExtensionID: ringsensetest.ExtensionID}
	piet := ringsense.Speaker{SpeakerID: "p-2", Name: "Piet Lindqvist", AccountNull: true}
	server.Add(
		&ringsense.RecordingInsights{
			Domain: ringsense.DomainPBX, SourceRecordID: "3100000000017", SourceSessionID: "s-a1b2c3",
			RecordingDurationMs: 61480,
			SpeakerInfo:         []ringsense.Speaker{amara, piet},
			Insights: ringsense.Insights{
				Transcript: []ringsense.Utterance{
					{SpeakerID: "p-1", Text: "You called about the bike that pulls to the left.", Start: 5.2, End: 9.35},
					{SpeakerID: "p-2", Text: "Yes, the front wheel rubs.", Start: 9.8, End: 14},
				},
				Summary:   []ringsense.Insight{{Value: "The front wheel rubs after a service.", End: 1}},
				NextSteps: []ringsense.Insight{{Value: "Bring the bike in on Thursday.", SpeakerID: "p-2", Start: 55.75, End: 60.1}},
				AIScore:   []ringsense.Insight{{Value: "8"}},
			},
		},
		&ringsense.RecordingInsights{Title: "Front desk", SourceRecordID: "3100000000021", SourceSessionID: "s-d4e5f6", RecordingDurationMs: 12000},
		&ringsense.RecordingInsights{Title: "Workshop", SourceRecordID: "3100000000022", SourceSessionID: "s-d4e5f6", RecordingDurationMs: 48000},
	)
	return server
}

func ExampleClient_SessionInsights() {
	client := shop().Client()

	session, err := client.SessionInsights(context.Background(), "s-d4e5f6")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, recording := range session.Records {
		fmt.Println(recording.Title, recording.Duration())
	}
	// Output:
	// Front desk 12s
	// Workshop 48s
}

func ExampleOnlyTypes() {
	client := shop().Client()

	recording, err := client.RecordingInsights(context.Background(), "3100000000017",
		ringsense.OnlyTypes(ringsense.TypeNextSteps, ringsense.TypeAIScore))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, step := range recording.Insights.NextSteps {
		speaker, _ := recording.Speaker(step.SpeakerID)
		fmt.Printf("%s: %s\n", speaker.Name, step.Value)
	}
	for _, insight := range recording.Insights.AIScore {
		score, _ := insight.Score()
		fmt.Println("score:", score)
	}
	fmt.Println("utterances:", len(recording.Insights.Transcript))
	// Output:
	// Piet Lindqvist: Bring the bike in on Thursday.
	// score: 8
	// utterances: 0
}

func Example_errors() {
	client := shop().Client()

	_, err := client.RecordingInsights(context.Background(), "3100000000099")
	switch {
	case errors.Is(err, ringsense.ErrInsightsNotFound):
		fmt.Println("nothing there, or not yet: ask again later")
	case errors.Is(err, ringsense.ErrScopeMissing), errors.Is(err, ringsense.ErrPermissionMissing):
		fmt.Println("somebody has to change the app or the role:", err)
	case err != nil:
		fmt.Println(err)
	}
	if failed, ok := errors.AsType[*ringsense.Error](err); ok {
		fmt.Println(failed.StatusCode, failed.Code, failed.Attempts)
	}
	// Output:
	// nothing there, or not yet: ask again later
	// 404 RAH-3001 1
}

func ExampleNewClient() {
	auth := ringsense.JWT("my-client-id", "my-client-secret", "my-jwt") // or ringsense.JWTFromEnv()
	client, err := ringsense.NewClient(auth, ringsense.WithUserAgent("my-app/1.0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client)
	// Output: ringsense client of https://platform.ringcentral.com
}

func ExampleInDomain() {
	server := ringsensetest.NewServer()
	const meeting = "5d7e0b6a!eu-07-abc01@eu-07"
	server.Add(&ringsense.RecordingInsights{Title: "Spring catalogue", Domain: ringsense.DomainRCV, SourceRecordID: meeting})
	client := server.Client()

	recording, err := client.RecordingInsights(context.Background(), meeting, ringsense.InDomain(ringsense.DomainRCV))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(recording.Title)
	// Output: Spring catalogue
}
