package whippy_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// A server for the events of an application: what Whippy signed reaches the program,
// each event once, and nothing else does. It is served in memory here; a program of
// yours calls ListenAndServe of it, and at its end Shutdown and Drain.
func ExampleNewEventHandler() {
	const key = "the API key of the endpoint's application" // keep it with the program's other secrets
	verifier, err := whippy.NewVerifier([]string{key})
	if err != nil {
		panic(err)
	}
	handler, err := whippy.NewEventHandler(work, whippy.WithVerifier(verifier), whippy.WithDeadLetter(lookAt))
	if err != nil {
		panic(err)
	}
	server := webhookServer(handler)

	ctx := context.Background()
	for _, payload := range whippytest.CallEvents(1) {
		fmt.Println(whippytest.Deliver(ctx, server.Handler, key, payload))
	}
	again := whippytest.CallEvents(1)[2]
	fmt.Println("sent again:", whippytest.Deliver(ctx, server.Handler, key, again))
	fmt.Println("no event:", whippytest.Deliver(ctx, server.Handler, key, []byte(`{"event":"call.ended"}`)))
	if err := handler.Drain(ctx); err != nil {
		panic(err)
	}
	// Output:
	// [200]
	// [200]
	// call +12025550101 Noor called the bicycle workshop to move a repair from Tuesday to Thursday. The agent booked Thursday at 9:30 and confirmed the price.
	// [200]
	// sent again: [200]
	// unusable: whippy: ParseEvent: invalid response: document at offset 22: not an event: it has no member "data"
	// no event: [200]
}

// webhookServer is a server with the limits that one on the internet needs.
func webhookServer(handler http.Handler) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("/whippy", handler)
	return &http.Server{
		Addr: ":8080", Handler: mux, MaxHeaderBytes: 64 << 10,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute,
	}
}

// work is done with an event. What takes longer than some seconds is done elsewhere:
// put event.RawJSON() into a table or a queue that outlives the program, and return.
// After an error the event comes again.
func work(_ context.Context, event *whippy.Event) error {
	switch data := event.Data.(type) {
	case *whippy.Call:
		if analysis := data.Analysis(); analysis != nil {
			fmt.Println("call", data.From, analysis.CallSummary)
		}
	case *whippy.Message:
		fmt.Println("message", data.From, data.Body)
	}
	return nil
}

// lookAt takes what somebody has to look at: a body that was signed and is no event,
// and why. It must copy the body that it keeps.
func lookAt(_ context.Context, _ []byte, reason error) error {
	fmt.Println("unusable:", reason)
	return nil
}
