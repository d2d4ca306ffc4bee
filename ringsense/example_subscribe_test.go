package ringsense_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// A program of its own serves the address of the subscription before it
// subscribes; here the fake hands its requests to the handler directly.
func ExampleClient_Subscribe() {
	token := ringsense.NewVerificationToken()
	handler := func(w http.ResponseWriter, r *http.Request) {
		// The question whether the address wants events is an empty POST.
		w.Header().Set("Validation-Token", r.Header.Get("Validation-Token"))
		w.Header().Set("Content-Type", "application/json")
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<20))
		if err != nil || len(body) == 0 || r.Header.Get("Verification-Token") != token {
			return
		}
		event, err := ringsense.ParseEvent(body)
		if err != nil || event.Insights == nil {
			return
		}
		fmt.Println("New insights of", event.Insights.SourceRecordID)
	}
	server := ringsensetest.NewServer()
	server.SetReceiver(http.HandlerFunc(handler))
	client := server.Client()

	subscription, err := client.Subscribe(context.Background(), ringsense.SubscriptionRequest{
		EventFilters:      ringsense.InsightsFilters(ringsense.DomainPBX, ringsense.DomainRCV),
		Address:           "https://hooks.example.com/ringsense",
		VerificationToken: token,
	})
	if disabled, ok := errors.AsType[*ringsense.DisabledFiltersError](err); ok {
		fmt.Println("No events come for", disabled.Subscription.DisabledFilters)
	} else if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(subscription.Status, "with", len(subscription.EventFilters), "filters")

	record := &ringsense.RecordingInsights{SourceRecordID: "3100000000017"}
	if _, err := server.Deliver(context.Background(), ringsensetest.EventPayload(record)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Active with 2 filters
	// New insights of 3100000000017
}

// KeepSubscribed runs as long as the program does, beside the handler.
func ExampleClient_KeepSubscribed() {
	client := ringsensetest.NewServer().Client()
	request := ringsense.SubscriptionRequest{
		EventFilters:      ringsense.InsightsFilters(ringsense.DomainPBX),
		Address:           "https://hooks.example.com/ringsense",
		VerificationToken: ringsense.NewVerificationToken(),
	}

	ctx, stop := context.WithCancel(context.Background())
	err := client.KeepSubscribed(ctx, request, ringsense.OnSubscriptionChange(func(change ringsense.SubscriptionChange) {
		fmt.Println(change.Kind)
		stop() // as an interrupt does
	}))
	fmt.Println(errors.Is(err, context.Canceled))
	// Output:
	// created
	// true
}
