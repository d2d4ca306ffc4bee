package ringsense_test

import (
	"context"
	"fmt"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// A handler that queues what comes, and a worker that takes it from the queue. They
// are two jobs, so each has a log: one that they shared would tell the worker that
// every event was handled, by the handler that queued it.
func ExampleEventHandler_Handle() {
	token := ringsense.NewVerificationToken()
	queue := make(chan string, 10) // for real, a table or a queue that outlives the program
	front, err := ringsense.NewEventHandler(func(_ context.Context, event *ringsense.Event) error {
		queue <- event.RawJSON()
		return nil
	}, ringsense.WithVerificationToken(token), ringsense.WithDeliveryLog(ringsense.NewMemoryDeliveryLog(0, 0)))
	if err != nil {
		panic(err)
	}
	worker, err := ringsense.NewEventHandler(func(_ context.Context, event *ringsense.Event) error {
		fmt.Println("worked on", event.Insights.Title)
		return nil
	}, ringsense.WithoutVerification(), // it is not mounted: what is in the queue was verified
		ringsense.WithDeliveryLog(ringsense.NewMemoryDeliveryLog(0, 0)))
	if err != nil {
		panic(err)
	}
	server := ringsensetest.NewServer()
	server.SetReceiver(front)

	ctx := context.Background()
	_, err = server.Client().Subscribe(ctx, ringsense.SubscriptionRequest{
		EventFilters:      ringsense.InsightsFilters(ringsense.DomainPBX),
		Address:           "https://hooks.example.com/ringsense",
		VerificationToken: token,
	})
	if err != nil {
		panic(err)
	}
	sent := ringsensetest.EventPayload(&ringsense.RecordingInsights{SourceRecordID: "42", Title: "Call with Ada"})
	if _, err := server.Deliver(ctx, sent, sent); err != nil {
		panic(err)
	}
	fmt.Println("in the queue:", len(queue))
	queue <- string(sent) // a queue may give what it holds twice
	close(queue)
	for text := range queue {
		event, err := ringsense.ParseEvent([]byte(text))
		if err != nil {
			panic(err)
		}
		fmt.Println(worker.Handle(ctx, event))
	}
	// Output:
	// in the queue: 1
	// worked on Call with Ada
	// <nil>
	// <nil>
}
