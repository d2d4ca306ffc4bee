package vonageinsights_test

import (
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
