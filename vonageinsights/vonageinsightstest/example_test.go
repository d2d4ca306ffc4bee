package vonageinsightstest_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

func Example() {
	server := vonageinsightstest.NewServer()
	server.Add(&vonageinsights.Session{
		ID: "session-1", SessionStartTime: time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC), Status: vonageinsights.StatusEnded,
	})
	server.Fail(vonageinsightstest.Fault{Op: "FindSession", Status: http.StatusNotFound})

	client := server.Client()
	for range 2 {
		session, err := client.FindSession(context.Background(), "session-1")
		if err != nil {
			fmt.Println("not found")
			continue
		}
		fmt.Println(session.Status)
	}
	fmt.Println(len(server.Requests()), "requests")
	// Output:
	// not found
	// ended
	// 2 requests
}
