package callinsights_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/whippy"
)

func Example_ringsense() {
	auth := ringsense.JWT(clientID, clientSecret, userJWT) // or ringsense.JWTFromEnv()
	client, err := ringsense.NewClient(auth, offlineRingSense()...)
	if err != nil {
		log.Fatal(err)
	}
	record, err := client.RecordingInsights(context.Background(), "3104417225019")
	if err != nil {
		log.Fatal(err)
	}
	for turn := range record.Turns() {
		fmt.Printf("%s: %s\n", turn.Speaker, turn.Text)
	}
	// Output:
	// Priya Raman: Your delivery moves to Monday.
	// Tomás Oliveira: Monday is good, thank you.
}

func Example_backfill() {
	from := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC) // no time.Now: ResumeFrom wants the same range again
	export := offlineClient().Backfill(ringsense.CallLogQuery{From: from})
	for record, err := range export.All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(record.Title)
		keep(export.Checkpoint()) // with ResumeFrom, another run goes on behind this recording
	}
	// Output:
	// Call from Ada
}

func Example_vonageinsights() {
	client, err := vonageinsights.NewClient(apiKey, vonageinsights.EU, offlineVonage()...)
	if err != nil {
		log.Fatal(err)
	}
	from, to := vonageinsights.Days(time.Now().AddDate(0, 0, -30), time.Now())
	filter := vonageinsights.Where(field.AgentInformationID.Is("1234567"), field.TranscriptionClient.Matches("refund"))
	for session, err := range client.Search(context.Background(), vonageinsights.Query{From: from, To: to, Filter: filter}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(session.Source, session.Channel, session.Duration())
	}
	// Output:
	// 12025550177 telephony 22s
}

func Example_export() {
	client, err := vonageinsights.NewClient(apiKey, vonageinsights.EU, offlineVonage()...)
	if err != nil {
		log.Fatal(err)
	}
	first := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC) // no time.Now: ResumeFrom wants the same range again
	from, to := vonageinsights.Days(first, first.AddDate(2, 0, -1))
	export := client.Export(vonageinsights.Query{From: from, To: to}, vonageinsights.Parallel(4))
	for session, err := range export.All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(session.Source, session.Channel)
		keep(export.Checkpoint()) // with ResumeFrom, another run goes on behind this session
	}
	// Output:
	// 12025550177 telephony
}

func Example_receivers() {
	verifier, err := whippy.NewVerifier([]string{apiKey})
	if err != nil {
		log.Fatal(err)
	}
	handler, err := whippy.NewEventHandler(func(ctx context.Context, event *whippy.Event) error {
		return store(ctx, event.RawJSON()) // an error: not acknowledged, so it comes again
	}, whippy.WithVerifier(verifier), whippy.WithDeadLetter(storeUnusable))
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/whippy", handler)
	// Output:
}

func Example_whippy() {
	event, err := whippy.ParseEvent(payload)
	if err != nil {
		log.Fatal(err)
	}
	if call, ok := event.Data.(*whippy.Call); ok {
		fmt.Println(event.Type, call.DeliveryStatus)
		for turn := range call.Turns() {
			fmt.Printf("%s: %s\n", turn.Speaker, turn.Text)
		}
	}
	// Output:
	// call.ended call_completed.user_hangup
	// Agent: Which day suits you?
	// User: Tuesday.
}

func Example_errors() {
	record, err := offlineClient().RecordingInsights(context.Background(), "42")
	failed, _ := errors.AsType[*ringsense.Error](err)
	switch {
	case err == nil:
		fmt.Println(record.Title)
	case errors.Is(err, context.DeadlineExceeded): // your own deadline, whatever else went wrong
		fmt.Println("too late")
	case errors.Is(err, ringsense.ErrInsightsNotFound): // its text lists what that may mean
		fmt.Println("perhaps not ready yet")
	case errors.Is(err, ringsense.ErrRateLimited): // RetryAfter is 0 if nothing is known
		fmt.Println("again in", cmp.Or(failed.RetryAfter, time.Minute))
	default:
		fmt.Println(err)
	}
	// Output:
	// perhaps not ready yet
}

func Example_fakes() {
	server := ringsensetest.NewServer()
	server.Add(&ringsense.RecordingInsights{SourceRecordID: "42", Title: "Call with Ada"})
	server.Fail(ringsensetest.Fault{Op: "RecordingInsights", Status: 503}) // the first attempt fails, the second does not
	record, err := server.Client().RecordingInsights(context.Background(), "42")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(record.Title)
	// Output:
	// Call with Ada
}
