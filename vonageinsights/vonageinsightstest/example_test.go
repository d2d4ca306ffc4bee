package vonageinsightstest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
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

// A page that breaks off in the middle is no reason to lose a session, nor to
// have one twice.
func ExampleServer_Fail_brokenPage() {
	server := vonageinsightstest.NewServer()
	first := time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
	for i := range 3 {
		server.Add(&vonageinsights.Session{ID: fmt.Sprint("session-", i), SessionStartTime: first.Add(time.Duration(i) * time.Minute)})
	}
	server.Fail(vonageinsightstest.Fault{Op: "Search", CutAfter: 200})

	query := vonageinsights.Query{From: first, To: first.Add(time.Hour)}
	for session, err := range server.Client().Search(context.Background(), query) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(session.ID)
	}
	fmt.Println(len(server.Requests()), "requests")
	// Output:
	// session-0
	// session-1
	// session-2
	// 2 requests
}

// Page by page, nobody gets behind the result window, nor sees in total that
// there is more.
func ExampleServer_SetResultWindow() {
	server := vonageinsightstest.NewServer()
	server.SetResultWindow(2)
	first := time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
	for i := range 5 {
		server.Add(&vonageinsights.Session{ID: fmt.Sprint("session-", i), SessionStartTime: first.Add(time.Duration(i) * time.Minute)})
	}
	query := vonageinsights.Query{From: first, To: first.Add(time.Hour), PageSize: 1}
	for query.PageNumber = range 3 {
		page, err := server.Client().SearchPage(context.Background(), query)
		if err != nil {
			fmt.Println("page", query.PageNumber, "is refused:", errors.Is(err, vonageinsights.ErrUnauthorized))
			return
		}
		fmt.Println("page", query.PageNumber, "has", page.Sessions[0].ID, "of", page.Total)
	}
	// Output:
	// page 0 has session-0 of 2
	// page 1 has session-1 of 2
	// page 2 is refused: true
}

// Sessions that began within a millisecond are alike to an engine that keeps no
// more, so that their order is that of the next key.
func ExampleServer_SetPrecision() {
	server := vonageinsightstest.NewServer()
	first := time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
	server.Add(
		&vonageinsights.Session{ID: "b", SessionStartTime: first.Add(100 * time.Microsecond)},
		&vonageinsights.Session{ID: "a", SessionStartTime: first.Add(200 * time.Microsecond)},
	)
	query := vonageinsights.Query{
		From: first, To: first.Add(time.Hour),
		SortBy: []field.Order{field.SessionStartTime.Asc(), field.ID.Asc()},
	}
	for _, precision := range []time.Duration{time.Microsecond, time.Millisecond} {
		server.SetPrecision(precision)
		page, err := server.Client().SearchPage(context.Background(), query)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(precision, page.Sessions[0].ID, page.Sessions[1].ID)
	}
	// Output:
	// 1µs b a
	// 1ms a b
}
