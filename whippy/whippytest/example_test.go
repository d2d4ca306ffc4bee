package whippytest_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// An edit changes what is sent.
func Example() {
	payload := whippytest.CallEnded(func(e *whippy.Event, c *whippy.Call) {
		c.DeliveryStatus = "call_completed.voicemail_reached"
		c.Body = "Agent: Please call us back. Goodbye!\n"
		e.RequestID = "r-1"
	})
	event, err := whippy.ParseEvent(payload)
	if err != nil {
		panic(err)
	}
	if call, ok := event.Data.(*whippy.Call); ok {
		fmt.Println(event.RequestID, call.DeliveryStatus.Reason() == whippy.ReasonVoicemailReached)
	}
	// Output:
	// r-1 true
}

// What a handler does with an event of Whippy, and with one that another has signed.
func ExampleNewRequest() {
	verifier, err := whippy.NewVerifier([]string{"the API key"})
	if err != nil {
		panic(err)
	}
	handler, err := whippy.NewEventHandler(func(_ context.Context, event *whippy.Event) error {
		fmt.Println(event.Type)
		return nil
	}, whippy.WithVerifier(verifier))
	if err != nil {
		panic(err)
	}
	for _, key := range []string{"the API key", "another"} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, whippytest.NewRequest(key, whippytest.CallEnded()))
		fmt.Println(answer.Code)
	}
	// Output:
	// call.ended
	// 200
	// 401
}

// Events may arrive in any order, and more than once.
func ExampleCallEvents() {
	for n := range 2 {
		events := whippytest.CallEvents(n + 1)
		for _, payload := range [][]byte{events[2], events[1], events[1]} {
			event, err := whippy.ParseEvent(payload)
			if err != nil {
				panic(err)
			}
			if call, ok := event.Data.(*whippy.Call); ok {
				fmt.Println(call.From, event.Type)
			}
		}
	}
	// Output:
	// +12025550101 call.analyzed
	// +12025550101 call.ended
	// +12025550101 call.ended
	// +12025550102 call.analyzed
	// +12025550102 call.ended
	// +12025550102 call.ended
}

// An event of any other type.
func ExamplePayload() {
	payload := whippytest.Payload(&whippy.Event{
		Type: whippy.EventContactCreated,
		Data: &whippy.Unknown{Raw: []byte(`{"id":"p-1","name":"Ida Moss"}`)},
	})
	fmt.Println(string(payload))
	// Output:
	// {"data":{"id":"p-1","name":"Ida Moss"},"api_version":null,"event":"contact.created","created_at":null,"request_id":""}
}
