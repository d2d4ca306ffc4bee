package whippy_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

func ExampleParseEvent() {
	payload := whippytest.CallAnalyzed() // the body of a webhook request
	event, err := whippy.ParseEvent(payload)
	if err != nil {
		panic(err)
	}
	if call, ok := event.Data.(*whippy.Call); ok {
		if analysis := call.Analysis(); analysis != nil {
			fmt.Println(analysis.CallCompletionRating, analysis.UserSentiment)
		}
		for turn := range call.Turns() {
			fmt.Printf("%s: %s\n", turn.Speaker, turn.Text)
		}
	}
	// Output:
	// Complete Positive
	// Agent: Pedal and Spoke workshop, good morning Noor. What can I do for you?
	// User: Hi, I have a repair on Tuesday and need to move it.
	// Agent: No problem. Thursday is free: 9:30 or 14:00. Which one suits you?
	// User: Half past nine, please. And is it still 45 dollars?
	// Agent: Yes, 45 dollars for the brakes. You are booked for Thursday at 9:30.
	// User: Great, thank you!
	// Agent: See you on Thursday. Goodbye!
}

// With a router or a queue of your own: the body as it came, and its header.
func ExampleVerifier() {
	verifier, err := whippy.NewVerifier([]string{"this year's key", "last year's key"})
	if err != nil {
		panic(err)
	}
	body := whippytest.CallStarted()
	header := whippytest.NewRequest("last year's key", body).Header
	fmt.Println(verifier.Verify(header, body))
	fmt.Println(verifier.Verify(http.Header{}, body))
	// Output:
	// <nil>
	// whippy: Verifier.Verify: there is no signature: the header X-Whippy-Signature is missing or empty
}

// A message may be a call, which Whippy takes for one.
func ExampleMessage_Call() {
	for _, kind := range []whippy.MessageType{whippy.MessageTypeSMS, whippy.MessageTypeCall} {
		message := whippy.Message{ID: "m-1", Type: kind, Body: "User: Are you open on Friday?\n", Mode: whippy.ModeAI}
		if call, ok := message.Call(); ok {
			for turn := range call.Turns() {
				fmt.Println(kind, turn.Role, turn.Text)
			}
			continue
		}
		fmt.Println(kind, message.Body)
	}
	// Output:
	// sms User: Are you open on Friday?
	//
	// call customer Are you open on Friday?
}

// The three events of a call have one shape and hold more each time.
func ExampleCall() {
	for _, payload := range whippytest.CallEvents(1) {
		event, err := whippy.ParseEvent(payload)
		if err != nil {
			panic(err)
		}
		call, ok := event.Data.(*whippy.Call)
		if !ok {
			continue // the event of something else
		}
		duration, _ := call.Duration()
		recording, _ := call.Recording()
		fmt.Println(event.Type, call.DeliveryStatus.Reason(), duration, recording.ContentType, call.Analysis() != nil)
	}
	// Output:
	// call.started  0s  false
	// call.ended agent_hangup 41.27s audio/x-wav false
	// call.analyzed agent_hangup 41.27s audio/x-wav true
}

// An event that has no type in this package is decoded into one of your own.
func ExampleUnknown_Decode() {
	payload := []byte(`{"data":{"id":"c-17","name":"Rosa Lind"},"event":"contact.created","request_id":"r-4"}`)
	event, err := whippy.ParseEvent(payload)
	if err != nil {
		panic(err)
	}
	if unknown, ok := event.Data.(*whippy.Unknown); ok && event.Type == whippy.EventContactCreated {
		var contact struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		}
		if err := unknown.Decode(&contact); err != nil {
			panic(err)
		}
		fmt.Printf("%+v\n", contact)
	}
	// Output:
	// {ID:c-17 Name:Rosa Lind}
}

// A placeholder is found by the name of its variable, with or without a default.
func ExampleCall_Placeholder() {
	call := whippy.Call{Metadata: &whippy.Metadata{
		PlaceholdersData: map[string]string{"last_name||neighbor": "Quill"},
	}}
	if p, ok := call.Placeholder("last_name"); ok {
		fmt.Printf("%s is %q, without a value %q\n", p.Variable, p.Value, p.Default)
	}
	// Output:
	// last_name is "Quill", without a value "neighbor"
}

// The answers to an account's own questions are decoded into a type of yours.
func ExampleAnalysis_DecodeCustomAnalysis() {
	event, err := whippy.ParseEvent(whippytest.CallAnalyzed())
	if err != nil {
		panic(err)
	}
	call, ok := event.Data.(*whippy.Call)
	if !ok || call.Analysis() == nil {
		return
	}
	var answers struct {
		NewSlot     string  `json:"new_slot"`
		QuotedPrice float64 `json:"quoted_price"`
	}
	if err := call.Analysis().DecodeCustomAnalysis(&answers); err != nil {
		panic(err)
	}
	fmt.Println(answers.NewSlot, answers.QuotedPrice)
	// Output:
	// Thursday 9:30 45
}

// Events log their ids and nothing that was said.
func ExampleEvent_LogValue() {
	event, err := whippy.ParseEvent(whippytest.CallEnded())
	if err != nil {
		panic(err)
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	logger.Info("received", slog.Any("webhook", event))
	// Output:
	// level=INFO msg=received webhook.event=call.ended webhook.request_id=9ff69c4c-f44f-4dcd-b4b4-a5abd9b98895 webhook.data_id=21c5c2a6-00ce-4c16-b8a2-e52382137663
}
