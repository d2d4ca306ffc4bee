package vonageinsights_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// filled returns a fake with sessions that began at the given offsets from the
// start of May, called s000, s001...
func filled(offsets ...time.Duration) *vonageinsightstest.Server {
	server := vonageinsightstest.NewServer()
	for i, offset := range offsets {
		server.Add(&vonageinsights.Session{ID: fmt.Sprintf("s%03d", i), SessionStartTime: may.Add(offset), Status: vonageinsights.StatusEnded})
	}
	return server
}

// ids ranges over a search and returns the ids in their order.
func ids(t testing.TB, client *vonageinsights.Client, q vonageinsights.Query) []string {
	t.Helper()
	got := []string{}
	for session, err := range client.Search(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, session.ID)
	}
	return got
}

var wholeMay = vonageinsights.Query{From: may, To: june}

func TestSearchRangesAfresh(t *testing.T) {
	t.Parallel()
	server := filled(0, time.Hour, 2*time.Hour)
	query := wholeMay
	query.PageSize = 2
	search := server.Client().Search(t.Context(), query)
	if n := len(server.Requests()); n != 0 {
		t.Fatalf("%d requests before the first range", n)
	}
	for range 2 {
		n := 0
		for _, err := range search {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 3 {
			t.Errorf("got %d sessions, want 3 on each range", n)
		}
	}
	before := len(server.Requests())
	for session, err := range search {
		if err != nil || session.ID != "s000" {
			t.Errorf("got %v, %v first", session, err)
		}
		break
	}
	if n := len(server.Requests()) - before; n != 1 {
		t.Errorf("%d requests for the first session, want 1", n)
	}
}

func TestSearchTakesTheQueryDown(t *testing.T) {
	t.Parallel()
	server := filled(0, time.Hour)
	query := wholeMay
	query.Filter = vonageinsights.Where(field.Status.Is("ended"))
	query.Fields = make([]field.Path, 1, 10)
	query.Fields[0] = field.Status
	search := server.Client().Search(t.Context(), query)
	query.Filter.Must[0] = field.Status.Is("changed")
	query.Fields[0] = field.Source
	n := 0
	for session, err := range search {
		if err != nil || session.Status != "ended" {
			t.Errorf("got %v, %v", session, err)
		}
		n++
	}
	if n != 2 {
		t.Errorf("got %d sessions, want 2", n)
	}
	if query.Fields[:2][1] != nil {
		t.Error("the caller's list was written to")
	}
}

func TestSearchProjects(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fields    []field.Path
		sent      string
		id, start bool
	}{
		"neither": {[]field.Path{field.Status}, `["status","id","session_start_time"]`, false, false},
		"the id":  {[]field.Path{field.ID, field.Status}, `["id","status","session_start_time"]`, true, false},
		"start":   {[]field.Path{field.SessionStartTime}, `["session_start_time","id"]`, false, true},
		"both":    {[]field.Path{field.String("session_start_time"), field.String("id")}, `["session_start_time","id"]`, true, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := filled(time.Hour, 2*time.Hour, 3*time.Hour)
			query := wholeMay
			query.Fields, query.PageSize = test.fields, 2
			n := 0
			for session, err := range server.Client().Search(t.Context(), query) {
				if err != nil {
					t.Fatal(err)
				}
				n++
				if (session.ID != "") != test.id || session.SessionStartTime.IsZero() == test.start {
					t.Errorf("got the id %q and the start %v", session.ID, session.SessionStartTime)
				}
			}
			if n != 3 {
				t.Errorf("got %d sessions, want 3", n)
			}
			if got := server.Requests()[0].Query.Get("project_fields"); got != test.sent {
				t.Errorf("asked for %s, want %s", got, test.sent)
			}
		})
	}
}

func TestSearchRefusesWhatCannotBePaged(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*vonageinsights.Query)
		says   string
	}{
		"another order": {func(q *vonageinsights.Query) { q.SortBy = []field.Order{field.ChannelDataDuration.Desc()} }, "SearchPage takes any order"},
		"two keys": {func(q *vonageinsights.Query) {
			q.SortBy = []field.Order{field.SessionStartTime.Desc(), field.ID.Asc()}
		}, "SearchPage takes any order"},
		"a page": {func(q *vonageinsights.Query) { q.PageNumber = 1 }, "SearchPage returns a single one"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := filled(0)
			query := wholeMay
			test.change(&query)
			checkRefusedOnce(t, server.Client().Search(t.Context(), query), "Search", test.says)
			if n := len(server.Requests()); n > 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

func TestSearchStopsWithItsContext(t *testing.T) {
	t.Parallel()
	server := filled(0, time.Hour, 2*time.Hour)
	query := wholeMay
	query.PageSize = 1
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	n := 0
	for _, err := range server.Client().Search(ctx, query) {
		n++
		last = err
		cancel()
	}
	if n != 2 || !errors.Is(last, context.Canceled) {
		t.Errorf("got %d values, the last with %v; want a session, then context.Canceled", n, last)
	}
}

func TestSearchErrorOfALaterPage(t *testing.T) {
	t.Parallel()
	server := filled(0, time.Hour, 2*time.Hour)
	query := wholeMay
	query.PageSize = 2
	var got []string
	var last error
	for session, err := range server.Client().Search(t.Context(), query) {
		if last = err; err != nil {
			break
		}
		got = append(got, session.ID)
		if len(got) == 2 {
			server.Fail(vonageinsightstest.Fault{Op: "Search", Status: 401, Body: `{"message":"no"}`})
		}
	}
	if len(got) != 2 || !errors.Is(last, vonageinsights.ErrUnauthorized) || !errors.Is(last, vonageinsights.ErrInvalidRequest) {
		t.Errorf("got %v and the error %v; want two sessions and a 401 of a key that was accepted", got, last)
	}
}

func TestSearchRetriesAPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := filled(0, time.Hour, 2*time.Hour)
		server.Fail(vonageinsightstest.Fault{Op: "Search", N: 2, Status: 503})
		query := wholeMay
		query.PageSize = 2
		if got := ids(t, server.Client(), query); len(got) != 3 {
			t.Errorf("got %v, want three sessions", got)
		}
	})
}

func TestSearchBoundsASession(t *testing.T) {
	t.Parallel()
	server := filled(0, time.Hour)
	server.Add(&vonageinsights.Session{ID: "large", SessionStartTime: may.Add(2 * time.Hour), Source: strings.Repeat("5", 2000)})
	var got []string
	var last error
	for session, err := range server.Client(vonageinsights.WithMaxResponseBytes(1000)).Search(t.Context(), wholeMay) {
		if last = err; err == nil {
			got = append(got, session.ID)
		}
	}
	if len(got) != 2 || !errors.Is(last, vonageinsights.ErrInvalidResponse) || !strings.Contains(last.Error(), "hits[2]") {
		t.Errorf("got %v and the error %v; want two sessions and the place of the third", got, last)
	}
}

func TestSessionsOfASearchKeepTheirText(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	var got []string
	for session, err := range server.Client().Search(t.Context(), wholeMay) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, session.RawJSON())
	}
	if diff := cmp.Diff([]string{strings.TrimSpace(string(testdata(t, "session.json")))}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
