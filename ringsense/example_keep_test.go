package ringsense_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// A program that is told of new insights until it is interrupted: a handler, which
// must be up first, and a subscription that lives as long as the program.
func ExampleClient_KeepSubscribed() {
	token := ringsense.NewVerificationToken()
	ctx, interrupt := context.WithCancel(context.Background()) // or signal.NotifyContext
	defer interrupt()
	handler, err := ringsense.NewEventHandler(func(_ context.Context, event *ringsense.Event) error {
		if event.Insights != nil {
			fmt.Println("new:", event.Insights.Title) // for real, keep it somewhere durable
		}
		interrupt()
		return nil
	}, ringsense.WithVerificationToken(token))
	if err != nil {
		panic(err)
	}
	server := ringsensetest.NewServer()
	server.SetReceiver(handler) // http.Handle("/ringsense", handler)

	err = keepSubscribed(ctx, server.Client(), token, func() {
		event := ringsensetest.EventPayload(&ringsense.RecordingInsights{SourceRecordID: "42", Title: "Call with Ada"})
		if _, err := server.Deliver(context.Background(), event); err != nil {
			fmt.Println(err)
		}
	})
	fmt.Println(err)
	// Output:
	// subscription created
	// new: Call with Ada
	// <nil>
}

// keepSubscribed returns when ctx ends, or with an error that somebody has to mend.
// The subscription outlives the program; the next run replaces it.
func keepSubscribed(ctx context.Context, client *ringsense.Client, token string, made func()) error {
	err := client.KeepSubscribed(ctx, ringsense.SubscriptionRequest{
		EventFilters:      ringsense.InsightsFilters(ringsense.DomainPBX),
		Address:           "https://hooks.example.com/ringsense",
		VerificationToken: token,
	}, ringsense.OnSubscriptionChange(func(change ringsense.SubscriptionChange) {
		fmt.Println("subscription", change.Kind)
		if change.Kind == ringsense.ChangeLost {
			fmt.Println("fetch what was missed by Backfill:", change.Err)
		}
		if change.Kind == ringsense.ChangeCreated {
			made()
		}
	}))
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
