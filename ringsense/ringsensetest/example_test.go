package ringsensetest_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// What a program asks for is answered from what the test added, and kept for it to
// look at.
func Example() {
	server := ringsensetest.NewServer()
	server.Add(&ringsense.RecordingInsights{SourceRecordID: "42", Title: "Call with Ada"})

	recording, err := server.Client().RecordingInsights(context.Background(), "42")
	if err != nil {
		panic(err)
	}
	fmt.Println(recording.Title)
	for _, request := range server.Requests() {
		fmt.Println(request.Method, request.Path)
	}
	// Output:
	// Call with Ada
	// POST /restapi/oauth/token
	// GET /ai/ringsense/v1/public/accounts/~/domains/pbx/records/42/insights
}

// An outage, which is over before the client gives up, and a user without rights.
func ExampleServer_Fail() {
	server := ringsensetest.NewServer()
	server.Add(&ringsense.RecordingInsights{SourceRecordID: "42", Title: "Call with Ada"})
	client := server.Client(ringsense.WithRetry(ringsense.RetryPolicy{MinBackoff: time.Millisecond})) // a test need not wait
	ctx := context.Background()

	server.Fail(ringsensetest.Fault{Op: "RecordingInsights", Status: 503})
	recording, err := client.RecordingInsights(ctx, "42")
	if err != nil {
		panic(err)
	}
	fmt.Println(recording.Title)

	server.SetPermission(false)
	_, err = client.RecordingInsights(ctx, "42")
	fmt.Println(errors.Is(err, ringsense.ErrPermissionMissing))
	// Output:
	// Call with Ada
	// true
}
