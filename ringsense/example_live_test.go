package ringsense_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// What is missing is found out before the first call fails.
func ExampleClient_CheckAccess() {
	server := ringsensetest.NewServer()
	server.SetPermission(false)

	access, err := server.Client().CheckAccess(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, check := range access.Checks {
		if check.For == "insights" {
			fmt.Printf("%s %s: %s\n", check.Kind, check.Name, check.Answer)
		}
	}
	for _, check := range access.Missing() {
		fmt.Println("To do:", check.Step)
	}
	// Output:
	// scope RingSense: yes
	// permission ReadRingSenseInsights: no
	// licence AI Conversation Expert: unknown
	// To do: give the user a role with the permission "AI Conversation Expert - Access Insights" (ReadRingSenseInsights)
}

// A program that knows of a call as it ends waits for the transcript.
func ExampleClient_WaitRecordingInsights() {
	client := shop().Client()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Hour)
	defer cancel()

	recording, err := client.WaitRecordingInsights(ctx, "3100000000017", ringsense.OnlyTypes(ringsense.TypeTranscript))
	if errors.Is(err, context.DeadlineExceeded) {
		fmt.Println("not there within two hours:", err)
		return
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(recording.Insights.Transcript), "utterances")
	// Output: 2 utterances
}

// The ids of meetings are in their history, which this package has no method
// for.
func ExampleClient_Get() {
	server := ringsensetest.NewServer()
	server.AddAnswer("/rcvideo/v1/history/meetings", []byte(`{"meetings":[{"id":"7c1e!us-03@us","recordings":[{}]},{"id":"9a20!us-03@us"}]}`))
	client := server.Client()

	var history struct {
		Meetings []struct {
			ID         string     `json:"id"`
			Recordings []struct{} `json:"recordings"`
		} `json:"meetings"`
	}
	if err := client.Get(context.Background(), []string{"rcvideo", "v1", "history", "meetings"}, nil, &history); err != nil {
		fmt.Println(err)
		return
	}
	for _, meeting := range history.Meetings {
		if len(meeting.Recordings) > 0 {
			fmt.Println(ringsense.DomainRCV, meeting.ID)
		}
	}
	// Output: rcv 7c1e!us-03@us
}

func ExampleParseEvent() {
	payload := ringsensetest.EventPayload(&ringsense.RecordingInsights{
		Domain: ringsense.DomainPBX, SourceRecordID: "3100000000017",
		Insights: ringsense.Insights{Summary: []ringsense.Insight{{Value: "The front wheel rubs after a service."}}},
	})

	event, err := ringsense.ParseEvent(payload)
	switch {
	case err != nil:
		fmt.Println(err)
	case event.Insights == nil:
		fmt.Println("not about insights:", event.Filter)
	default:
		fmt.Println(event.AccountID, event.Insights.SourceRecordID)
		fmt.Println(event.Insights.Insights.Summary[0].Value)
	}
	// Output:
	// 1000000001 3100000000017
	// The front wheel rubs after a service.
}
