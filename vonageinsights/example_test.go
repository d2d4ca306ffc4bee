package vonageinsights_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// bakery is a fake with three sessions of an agent that takes orders.
func bakery() *vonageinsightstest.Server {
	server := vonageinsightstest.NewServer()
	agent := vonageinsights.AgentInformation{ID: "1234567", VersionID: "v-9", Name: "Order desk"}
	at := func(day, hour int) time.Time { return time.Date(2031, time.May, day, hour, 15, 0, 0, time.UTC) }
	server.Add(
		&vonageinsights.Session{
			ID: "4f1d0c8e-0001", SessionStartTime: at(4, 9), Status: vonageinsights.StatusEnded, Source: "12025550143",
			AgentInformation: agent, ChannelData: vonageinsights.ChannelData{DurationMs: 41000},
			Transcription: []vonageinsights.Utterance{
				{SpeakerKey: "v-9", Text: "What can I get you?"},
				{SpeakerKey: "user", Text: "A refund for the rye bread."},
			},
			ParamsList: []vonageinsights.Parameter{{Name: "order", Value: "R-17", Completed: true}},
		},
		&vonageinsights.Session{
			ID: "4f1d0c8e-0002", SessionStartTime: at(9, 14), Status: vonageinsights.StatusEnded, Source: "12025550178",
			AgentInformation: agent, ChannelData: vonageinsights.ChannelData{DurationMs: 65500},
			Transcription: []vonageinsights.Utterance{{SpeakerKey: "user", Text: "Two poppy seed rolls."}},
		},
		&vonageinsights.Session{
			ID: "4f1d0c8e-0003", SessionStartTime: at(9, 16), Status: vonageinsights.StatusInProgress,
			AgentInformation: agent,
		},
	)
	return server
}

// A program of its own makes its client by NewClient; see the example of that.
func ExampleClient_Search() {
	client := bakery().Client()

	query := vonageinsights.Query{
		From:   time.Date(2031, time.May, 1, 0, 0, 0, 0, time.UTC),
		To:     time.Date(2031, time.May, 31, 0, 0, 0, 0, time.UTC),
		Filter: vonageinsights.Where(field.TranscriptionClient.Matches("refund")),
	}
	for session, err := range client.Search(context.Background(), query) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(session.SessionStartTime, session.Source, session.Duration())
		for turn := range session.Turns() {
			fmt.Printf("%s: %s\n", turn.Role, turn.Text)
		}
	}
	// Output:
	// 2031-05-04 09:15:00 +0000 UTC 12025550143 41s
	// agent: What can I get you?
	// customer: A refund for the rye bread.
}

// A program stores each session together with the checkpoint, and goes on from
// there when it is started again.
func ExampleClient_Export() {
	client := bakery().Client()
	query := vonageinsights.Query{
		From: time.Date(2029, time.January, 1, 0, 0, 0, 0, time.UTC),
		To:   time.Date(2031, time.December, 31, 0, 0, 0, 0, time.UTC),
	}

	export := client.Export(query, vonageinsights.Parallel(4))
	for session, err := range export.All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("first run:", session.ID)
		break // the program is ended
	}
	stored := export.Checkpoint()

	export = client.Export(query, vonageinsights.Parallel(4), vonageinsights.ResumeFrom(stored))
	for session, err := range export.All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("second run:", session.ID)
	}
	progress := export.Progress()
	fmt.Println(progress.Items, "of", progress.Total, "until", progress.At)
	// Output:
	// first run: 4f1d0c8e-0001
	// second run: 4f1d0c8e-0002
	// second run: 4f1d0c8e-0003
	// 3 of 3 until 2031-05-09 16:15:00 +0000 UTC
}

// Three programs share the work of one query.
func ExampleQuery_Split() {
	client := bakery().Client()
	from, to := vonageinsights.Days(
		time.Date(2031, time.May, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2031, time.May, 12, 0, 0, 0, 0, time.UTC))

	for i, part := range (vonageinsights.Query{From: from, To: to}).Split(3) {
		fmt.Println("program", i, "from", part.From.Format(time.DateOnly))
		for session, err := range client.Search(context.Background(), part) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(" ", session.ID)
		}
	}
	// Output:
	// program 0 from 2031-05-01
	//   4f1d0c8e-0001
	// program 1 from 2031-05-05
	// program 2 from 2031-05-09
	//   4f1d0c8e-0002
	//   4f1d0c8e-0003
}

func ExampleNewClient() {
	client, err := vonageinsights.NewClient("the-api-key", vonageinsights.EU,
		vonageinsights.WithUserAgent("my-app/1.0"),
		vonageinsights.WithRetry(vonageinsights.RetryPolicy{MaxAttempts: 6}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	// Output:
	// vonageinsights client of https://studio-api-eu.ai.vonage.com
}

func ExampleClient_SearchPage() {
	client := bakery().Client()

	from, to := vonageinsights.Days(time.Date(2031, time.May, 1, 0, 0, 0, 0, time.UTC), time.Date(2031, time.May, 31, 0, 0, 0, 0, time.UTC))
	page, err := client.SearchPage(context.Background(), vonageinsights.Query{
		From: from, To: to,
		SortBy:   []field.Order{field.ChannelDataDuration.Desc()},
		Fields:   []field.Path{field.ID, field.ChannelDataDuration},
		PageSize: 2,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page.Sessions), "of", page.Total)
	for _, session := range page.Sessions {
		fmt.Println(session.ID, session.Duration())
	}
	// Output:
	// 2 of 3
	// 4f1d0c8e-0002 1m5.5s
	// 4f1d0c8e-0001 41s
}

func ExampleClient_Session() {
	client := bakery().Client()

	day := time.Date(2031, time.May, 4, 0, 0, 0, 0, time.UTC) // the day is enough
	session, err := client.Session(context.Background(), "4f1d0c8e-0001", day)
	if err != nil {
		log.Fatal(err)
	}
	order, ok := session.Parameter("order")
	fmt.Println(session.AgentInformation.Name, order, ok)
	// Output:
	// Order desk R-17 true
}

func ExampleClient_FindSession() {
	client := bakery().Client()

	session, err := client.FindSession(context.Background(), "4f1d0c8e-0002")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.SessionStartTime.Format(time.DateOnly), session.Duration())

	_, err = client.FindSession(context.Background(), "4f1d0c8e-9999")
	fmt.Println(errors.Is(err, vonageinsights.ErrNotFound))
	// Output:
	// 2031-05-09 1m5.5s
	// true
}

func ExampleClient_DeleteSession() {
	client := bakery().Client()
	ctx := context.Background()

	session, err := client.FindSession(ctx, "4f1d0c8e-0001")
	if err != nil {
		log.Fatal(err)
	}
	if err := client.DeleteSession(ctx, session.ID, session.SessionStartTime); err != nil {
		log.Fatal(err)
	}
	_, err = client.FindSession(ctx, session.ID)
	fmt.Println(errors.Is(err, vonageinsights.ErrNotFound))
	// Output:
	// true
}

func ExampleClient_DeleteMatching() {
	client := bakery().Client()
	ctx := context.Background()

	caller := vonageinsights.Query{
		From:   time.Date(2029, time.January, 1, 0, 0, 0, 0, time.UTC),
		To:     time.Date(2031, time.December, 31, 0, 0, 0, 0, time.UTC),
		Filter: vonageinsights.Where(field.Source.Is("12025550143")),
	}
	show := vonageinsights.OnListed(func(id string, startedAt time.Time) {
		fmt.Println("would delete", id, "of", startedAt.Format(time.DateOnly))
	})
	if _, err := client.DeleteMatching(ctx, caller, vonageinsights.DryRun(), show); err != nil {
		log.Fatal(err)
	}

	done, err := client.DeleteMatching(ctx, caller)
	if err != nil {
		log.Fatal(err) // the same call goes on
	}
	fmt.Printf("%d matched, %d deleted, %d were gone\n", done.Matched, done.Deleted, done.Gone)
	// Output:
	// would delete 4f1d0c8e-0001 of 2031-05-04
	// 1 matched, 1 deleted, 0 were gone
}

func ExampleError() {
	client := bakery().Client()

	_, err := client.Session(context.Background(), "4f1d0c8e-0001", time.Date(2031, time.May, 5, 0, 0, 0, 0, time.UTC))
	if e, ok := errors.AsType[*vonageinsights.Error](err); ok {
		fmt.Println(e.Op, e.StatusCode, errors.Is(err, vonageinsights.ErrNotFound))
		fmt.Println(e.Err)
	}
	// Output:
	// Session 404 true
	// no session of this id that began on this date (in UTC) in region eu: the id, the date or the region may be wrong
}

func ExampleDays() {
	noon := time.Date(2031, time.May, 4, 12, 0, 0, 0, time.UTC)
	from, to := vonageinsights.Days(noon, noon)
	fmt.Println(from)
	fmt.Println(to)
	// Output:
	// 2031-05-04 00:00:00 +0000 UTC
	// 2031-05-04 23:59:59.999999 +0000 UTC
}

func ExampleWithAPIKeyFunc() {
	vault := func(context.Context) (string, error) { return vonageinsightstest.APIKey, nil }
	client := bakery().Client(vonageinsights.WithAPIKeyFunc(vault))

	session, err := client.FindSession(context.Background(), "4f1d0c8e-0002")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.Status)
	// Output:
	// ended
}

// The recording is not ready when the call ends.
func ExampleClient_DownloadRecording() {
	server := bakery()
	server.AddRecording("4f1d0c8e-0001", vonageinsightstest.Recording{
		Kind: vonageinsights.RecordingPath, Data: []byte("ID3 a short sound"),
	})
	client := server.Client()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	day := time.Date(2031, time.May, 4, 0, 0, 0, 0, time.UTC)
	session, err := client.WaitRecording(ctx, "4f1d0c8e-0001", day)
	if err != nil {
		log.Fatal(err)
	}
	var sound bytes.Buffer // or a file, to be removed after an error
	n, err := client.DownloadRecording(ctx, session.Recording(), &sound,
		vonageinsights.RelativeTo(vonageinsightstest.RecordingBase))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.Recording(), n, "bytes")
	// Output: recording (path) 17 bytes
}
