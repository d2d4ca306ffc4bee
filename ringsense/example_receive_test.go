package ringsense_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// A server for the events of a subscription: it answers the handshake, and keeps
// each event once. It is served by a fake, in memory; a program of yours calls
// ListenAndServeTLS of it, then Subscribe or KeepSubscribed, and at its end
// Shutdown and Drain.
func ExampleNewEventHandler() {
	ctx := context.Background()
	token := ringsense.NewVerificationToken() // keep it with the program's other secrets
	var received mailbox
	handler, err := ringsense.NewEventHandler(received.add,
		ringsense.WithVerificationToken(token), ringsense.WithDeadLetter(received.addUnusable))
	if err != nil {
		panic(err)
	}
	server := eventServer(handler)

	fake := ringsensetest.NewServer()
	fake.SetReceiver(server.Handler)
	subscription, err := fake.Client().Subscribe(ctx, ringsense.SubscriptionRequest{
		EventFilters:      ringsense.InsightsFilters(ringsense.DomainPBX),
		Address:           "https://hooks.example.com/ringsense",
		VerificationToken: token,
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(subscription.Status) // the handler has answered the handshake

	event := ringsensetest.EventPayload(&ringsense.RecordingInsights{SourceRecordID: "42", Title: "Call with Ada"})
	deliveries, err := fake.Deliver(ctx, event, event) // it may come twice
	if err != nil {
		panic(err)
	}
	for _, delivery := range deliveries {
		fmt.Println(delivery.Status)
	}
	if err := handler.Drain(ctx); err != nil {
		panic(err)
	}
	fmt.Println(received.titles)
	// Output:
	// Active
	// 200
	// 200
	// [Call with Ada]
}

// eventServer is a server with the limits that one on the internet needs.
func eventServer(handler http.Handler) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("/ringsense", handler)
	return &http.Server{
		Addr: ":8443", Handler: mux, MaxHeaderBytes: 64 << 10,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute,
	}
}

// mailbox is where events wait for those who work on them. It stands for a table or
// a queue that outlives the program: what add has taken is never sent again.
type mailbox struct {
	mu       sync.Mutex
	titles   []string
	unusable int
}

// add takes an event. After an error the service is told that it was not taken.
func (i *mailbox) add(_ context.Context, event *ringsense.Event) error {
	if event.Insights == nil {
		return nil // about something else, such as the end of the subscription
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.titles = append(i.titles, event.Insights.Title) // for real, event.RawJSON()
	return nil
}

// addUnusable takes what somebody has to look at: a body that is no event, and err
// that says why. It must copy the body that it keeps.
func (i *mailbox) addUnusable(_ context.Context, _ []byte, _ error) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.unusable++
	return nil
}
