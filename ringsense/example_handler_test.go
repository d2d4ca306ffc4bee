package ringsense_test

import (
	"context"
	"fmt"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// The handler of a subscription, on the fake: it answers the handshake, and an
// event that comes twice reaches the function once.
func ExampleNewEventHandler() {
	token := ringsense.NewVerificationToken() // keep it with the program's other secrets
	handler, err := ringsense.NewEventHandler(func(_ context.Context, event *ringsense.Event) error {
		fmt.Println("got", event.Insights.Title)
		return nil // from here on the service takes it for done
	}, ringsense.WithVerificationToken(token))
	if err != nil {
		panic(err)
	}
	server := ringsensetest.NewServer()
	server.SetReceiver(handler) // http.Handle("/ringsense", handler)

	ctx := context.Background()
	_, err = server.Client().Subscribe(ctx, ringsense.SubscriptionRequest{
		EventFilters:      ringsense.InsightsFilters(ringsense.DomainPBX),
		Address:           "https://hooks.example.com/ringsense",
		VerificationToken: token,
	})
	if err != nil {
		panic(err)
	}
	event := ringsensetest.EventPayload(&ringsense.RecordingInsights{SourceRecordID: "42", Title: "Call with Ada"})
	deliveries, err := server.Deliver(ctx, event, event)
	if err != nil {
		panic(err)
	}
	for _, delivery := range deliveries {
		fmt.Println(delivery.Status)
	}
	// Output:
	// got Call with Ada
	// 200
	// 200
}
