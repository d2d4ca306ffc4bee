package vonageinsights_test

import (
	"context"
	"fmt"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// A program that deletes all sessions of a caller who asks to be forgotten: it
// shows what it would delete, deletes that if it is told to, and proves that
// nothing is left.
func ExampleClient_DeleteMatching() {
	client := hotline().Client()

	caller := vonageinsights.Query{
		From:   time.Date(2029, time.January, 1, 0, 0, 0, 0, time.UTC), // the first day of the hotline
		To:     time.Date(2031, time.December, 31, 0, 0, 0, 0, time.UTC),
		Filter: vonageinsights.Where(field.Source.Is("12025550143")),
	}
	sure := func(sessions int) bool { return sessions == 2 } // for real, ask somebody
	if err := forget(context.Background(), client, caller, sure); err != nil {
		fmt.Println(err) // the program may be run again: it deletes what is left
	}
	// Output:
	// to be deleted: s-1 of 2030-02-03
	// to be deleted: s-3 of 2031-05-09
	// 2 deleted, 0 gone before
	// 0 left
}

// forget deletes what the query wants, if sure says so to the number of sessions.
func forget(ctx context.Context, client *vonageinsights.Client, query vonageinsights.Query, sure func(sessions int) bool) error {
	list := vonageinsights.OnListed(func(id string, startedAt time.Time) {
		fmt.Println("to be deleted:", id, "of", startedAt.Format(time.DateOnly))
	})
	found, err := client.DeleteMatching(ctx, query, vonageinsights.DryRun(), list)
	if err != nil || found.Matched == 0 || !sure(found.Matched) {
		return err
	}
	done, err := client.DeleteMatching(ctx, query)
	fmt.Printf("%d deleted, %d gone before\n", done.Deleted, done.Gone)
	if err != nil {
		return err
	}
	left, err := client.DeleteMatching(ctx, query, vonageinsights.DryRun())
	if err != nil {
		return err
	}
	fmt.Println(left.Matched, "left")
	return nil
}

// hotline is a service with two sessions of one caller, and one of another.
func hotline() *vonageinsightstest.Server {
	server := vonageinsightstest.NewServer()
	server.Add(
		&vonageinsights.Session{ID: "s-1", Source: "12025550143", SessionStartTime: time.Date(2030, time.February, 3, 10, 0, 0, 0, time.UTC)},
		&vonageinsights.Session{ID: "s-2", Source: "12025550178", SessionStartTime: time.Date(2030, time.February, 3, 11, 0, 0, 0, time.UTC)},
		&vonageinsights.Session{ID: "s-3", Source: "12025550143", SessionStartTime: time.Date(2031, time.May, 9, 12, 0, 0, 0, time.UTC)},
	)
	return server
}
