package vonageinsights_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
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

func TestSearchPages(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	spread := []time.Duration{0, time.Hour, 2 * time.Hour, 3 * time.Hour, 4 * time.Hour}
	tests := map[string]struct {
		offsets  []time.Duration
		size     int
		clamp    int
		requests int // ascending
		sent     string
	}{
		"none":                         {nil, 0, 0, 1, "100"},
		"one page":                     {spread, 0, 0, 1, "100"},
		"a full page":                  {spread, 5, 0, 1, "5"},
		"pages of two":                 {spread, 2, 0, 4, "2"},
		"pages of one":                 {spread, 1, 0, 8, "1"},
		"clamped to two":               {spread, 100, 2, 4, "100"},
		"clamped to one":               {spread, 3, 1, 8, "3"},
		"all at one time":              {[]time.Duration{ms, ms, ms, ms, ms}, 2, 0, 4, "2"},
		"one time first":               {[]time.Duration{0, 0, 0, 0, time.Hour}, 2, 0, 3, "2"},
		"one time last":                {[]time.Duration{0, time.Hour, time.Hour, time.Hour, time.Hour}, 3, 0, 3, "3"},
		"one millisecond":              {[]time.Duration{ms, ms + 1000, ms + 2000, ms + 2000, 2 * ms}, 2, 0, 4, "2"},
		"across the millisecond":       {[]time.Duration{ms - 1000, ms, ms + 1000, 2*ms - 1000, 2 * ms}, 2, 0, 3, "2"},
		"at both ends of the range":    {[]time.Duration{0, june.Sub(may)}, 1, 0, 2, "1"},
		"one time, in pages of a half": {slices.Repeat([]time.Duration{time.Hour}, 10), 5, 0, 3, "5"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := filled(test.offsets...)
			server.SetMaxPageSize(test.clamp)
			query := wholeMay
			query.PageSize = test.size
			want := []string{}
			for i := range test.offsets {
				want = append(want, fmt.Sprintf("s%03d", i))
			}
			if diff := cmp.Diff(want, ids(t, server.Client(), query)); diff != "" {
				t.Errorf("ascending (-want +got):\n%s", diff)
			}
			sent := server.Requests()
			if len(sent) != test.requests {
				t.Errorf("%d requests, want %d", len(sent), test.requests)
			}
			for i, r := range sent {
				if r.Query.Get("page_size") != test.sent || r.Query.Get("sort_by") != "session_start_time:asc,id:asc" || r.Query.Has("project_fields") {
					t.Errorf("request %d asks for %v", i, r.Query)
				}
			}

			query.SortBy = []field.Order{field.SessionStartTime.Desc()}
			slices.SortStableFunc(want, func(a, b string) int { return startOf(b, test.offsets).Compare(startOf(a, test.offsets)) })
			if diff := cmp.Diff(want, ids(t, server.Client(), query)); diff != "" {
				t.Errorf("descending (-want +got):\n%s", diff)
			}
			if last := server.Requests(); last[len(last)-1].Query.Get("sort_by") != "session_start_time:desc,id:asc" {
				t.Errorf("the last request sorts by %s", last[len(last)-1].Query.Get("sort_by"))
			}
		})
	}
}

func startOf(id string, offsets []time.Duration) time.Time {
	i, _ := strconv.Atoi(id[1:])
	return may.Add(offsets[i])
}

// TestSearchProperty compares searches over random sessions, many of which share
// a start time, with an evaluation in memory.
func TestSearchProperty(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			steps := []time.Duration{0, time.Microsecond, 300 * time.Microsecond, time.Millisecond, time.Hour}
			server := vonageinsightstest.NewServer()
			from, to := may.Add(time.Duration(r.IntN(2000))*time.Microsecond), may.Add(time.Duration(r.IntN(90))*time.Hour)
			if to.Before(from) {
				to = from
			}
			type row struct {
				id string
				at time.Time
			}
			var rows []row
			at := may
			for i := range r.IntN(60) {
				at = at.Add(steps[r.IntN(len(steps))])
				session := &vonageinsights.Session{ID: fmt.Sprintf("s%03d", r.Perm(1000)[0]*100+i), SessionStartTime: at, Status: "ended"}
				if r.IntN(3) == 0 {
					session.Status = "in_progress"
				} else if !at.Before(from) && !at.After(to) {
					rows = append(rows, row{session.ID, at})
				}
				server.Add(session)
			}
			query := vonageinsights.Query{
				From: from, To: to, PageSize: 1 + r.IntN(12),
				Filter: vonageinsights.Where(field.Status.Is("ended")),
			}
			if r.IntN(2) == 0 {
				server.SetMaxPageSize(1 + r.IntN(5))
			}
			descending := r.IntN(2) == 0
			if descending {
				query.SortBy = []field.Order{field.SessionStartTime.Desc()}
			} else if r.IntN(2) == 0 {
				query.SortBy = []field.Order{field.SessionStartTime.Asc()}
			}
			slices.SortFunc(rows, func(a, b row) int {
				c := a.at.Compare(b.at)
				if descending {
					c = -c
				}
				if c == 0 {
					c = strings.Compare(a.id, b.id)
				}
				return c
			})
			want := []string{}
			for _, row := range rows {
				want = append(want, row.id)
			}
			if diff := cmp.Diff(want, ids(t, server.Client(), query)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSearchWhileSessionsComeAndGo: neither is a session missed nor one yielded
// twice when others are added and deleted between two pages.
func TestSearchWhileSessionsComeAndGo(t *testing.T) {
	t.Parallel()
	hours := []time.Duration{}
	for i := range 10 {
		hours = append(hours, time.Duration(i)*time.Hour)
	}
	server := filled(hours...)
	client := server.Client()
	query := wholeMay
	query.PageSize = 3
	var got []string
	for session, err := range client.Search(t.Context(), query) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, session.ID)
		switch session.ID {
		case "s002": // what has been passed does not shift what is to come
			for i := range 4 {
				server.Add(&vonageinsights.Session{ID: fmt.Sprintf("early%d", i), SessionStartTime: may.Add(time.Duration(i) * time.Minute)})
			}
		case "s004":
			for _, id := range []string{"s000", "s001", "s008"} {
				if err := client.DeleteSession(t.Context(), id, may); err != nil {
					t.Fatal(err)
				}
			}
			server.Add(&vonageinsights.Session{ID: "late", SessionStartTime: may.Add(8*time.Hour + time.Minute)})
		}
	}
	want := []string{"s000", "s001", "s002", "s003", "s004", "s005", "s006", "s007", "late", "s009"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

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
			n := 0
			for session, err := range server.Client().Search(t.Context(), query) {
				n++
				if session != nil {
					t.Error("got a session")
				}
				checkRefused(t, err, "Search", test.says)
			}
			if n != 1 || len(server.Requests()) > 0 {
				t.Errorf("%d values and %d requests; want one error and nothing sent", n, len(server.Requests()))
			}
		})
	}
}

// TestSearchStreams: the first session is there before its page has arrived.
func TestSearchStreams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		body, service := io.Pipe()
		client := onWire(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := respond(http.StatusOK, "")(r)
			resp.Body, resp.ContentLength = body, -1
			return resp, err
		}), vonageinsights.WithAttemptTimeout(time.Minute))
		received := make(chan string)
		go func() {
			for _, part := range []string{
				`{"total":2,"hits":[{"id":"a","session_start_time":"2031-05-01"}`,
				`,{"id":"b","session_start_time":"2031-05-02"}`,
				`]}`,
			} {
				_, _ = io.WriteString(service, part)
				if part != "]}" {
					<-received
				}
			}
			_ = service.Close()
		}()
		var got []string
		for session, err := range client.Search(t.Context(), wholeMay) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, session.ID)
			// The caller's own time does not count towards the timeout.
			time.Sleep(time.Hour)
			received <- session.ID
		}
		if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// closing tells when a body is closed.
type closing struct {
	io.Reader

	closed *bool
}

func (c closing) Close() error {
	*c.closed = true
	return nil
}

func TestSearchBreakFreesTheConnection(t *testing.T) {
	t.Parallel()
	var closed bool
	requests := 0
	client := onWire(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		requests++
		resp, err := respond(http.StatusOK, "")(r)
		text := `{"total":9,"hits":[{"id":"a","session_start_time":"2031-05-01"},` + strings.Repeat(" ", 1<<20)
		resp.Body, resp.ContentLength = closing{strings.NewReader(text), &closed}, -1
		return resp, err
	}))
	for session, err := range client.Search(t.Context(), wholeMay) {
		if err != nil || session.ID != "a" {
			t.Fatalf("got %v, %v", session, err)
		}
		break
	}
	if !closed || requests != 1 {
		t.Errorf("closed: %t after %d requests; want the body closed after one", closed, requests)
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
	for session, err := range server.Client().Search(t.Context(), wholeMay) {
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimSpace(string(testdata(t, "session.json"))), session.RawJSON()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
