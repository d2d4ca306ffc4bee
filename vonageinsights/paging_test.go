package vonageinsights_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

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
		"pages of one":                 {spread, 1, 0, 12, "1"},
		"clamped to two":               {spread, 100, 2, 4, "100"},
		"clamped to one":               {spread, 3, 1, 12, "3"},
		"all at one time":              {[]time.Duration{ms, ms, ms, ms, ms}, 2, 0, 4, "2"},
		"one time first":               {[]time.Duration{0, 0, 0, 0, time.Hour}, 2, 0, 3, "2"},
		"one time last":                {[]time.Duration{0, time.Hour, time.Hour, time.Hour, time.Hour}, 3, 0, 4, "3"},
		"one millisecond":              {[]time.Duration{ms, ms + 1000, ms + 2000, ms + 2000, 2 * ms}, 2, 0, 4, "2"},
		"across the millisecond":       {[]time.Duration{ms - 1000, ms, ms + 1000, 2*ms - 1000, 2 * ms}, 2, 0, 4, "2"},
		"at both ends of the range":    {[]time.Duration{0, june.Sub(may)}, 1, 0, 3, "1"},
		"one time, in pages of a half": {slices.Repeat([]time.Duration{time.Hour}, 10), 5, 0, 4, "5"},
		"one time, in clamped pages":   {slices.Repeat([]time.Duration{time.Hour}, 10), 5, 5, 7, "5"},
		"larger than the service":      {spread, 1 << 30, 0, 1, "10000"},
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
				want := test.sent
				if isMillisecond(t, r.Query) && r.Query.Get("page_size") != want {
					want = "1000"
				}
				if r.Query.Get("page_size") != want || r.Query.Get("sort_by") != "session_start_time:asc,id:asc" || r.Query.Has("project_fields") {
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

// isMillisecond reports whether a request asks for a millisecond alone, as it
// does with pages of a size of their own.
func isMillisecond(t *testing.T, query url.Values) bool {
	t.Helper()
	var ends [2]time.Time
	for i, name := range []string{"from_date", "to_date"} {
		var err error
		if ends[i], err = time.Parse("2006-01-02T15:04:05.999999", query.Get(name)); err != nil {
			t.Fatal(err)
		}
	}
	return ends[1].Sub(ends[0]) < 2*time.Millisecond
}

func startOf(id string, offsets []time.Duration) time.Time {
	i, _ := strconv.Atoi(id[1:])
	return may.Add(offsets[i])
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

// TestCrowdedMilliseconds: where a page does not reach beyond a millisecond,
// that one is read by page numbers, and again until that does not change any more
// what there is, so that what is there all the time is not lost.
func TestCrowdedMilliseconds(t *testing.T) {
	t.Parallel()
	crowd := slices.Repeat([]time.Duration{time.Hour}, 60)
	tests := map[string]struct {
		meanwhile func(server *vonageinsightstest.Server, id string)
		gone      []string // before they are read, or not
	}{
		"undisturbed": {func(*vonageinsightstest.Server, string) {}, nil},
		"one that was read goes": {func(server *vonageinsightstest.Server, id string) {
			if id == "s003" {
				server.Remove("s001")
			}
		}, nil},
		"all that were read go": {func(server *vonageinsightstest.Server, id string) { server.Remove(id) }, nil},
		"one that was not read goes": {func(server *vonageinsightstest.Server, id string) {
			if id == "s003" {
				server.Remove("s008")
			}
		}, []string{"s008"}},
		"one goes as another comes": {func(server *vonageinsightstest.Server, id string) {
			if id == "s003" {
				server.Remove("s001")
				server.Add(&vonageinsights.Session{ID: "t", SessionStartTime: may.Add(time.Hour)})
			}
		}, nil},
		"one goes as another comes, all the time": {func(server *vonageinsightstest.Server, id string) {
			if server.Remove(id); id[0] == 's' {
				server.Add(&vonageinsights.Session{ID: "t" + id, SessionStartTime: may.Add(time.Hour)})
			}
		}, nil},
		"another comes before": {func(server *vonageinsightstest.Server, _ string) {
			server.Add(&vonageinsights.Session{ID: "a", SessionStartTime: may.Add(time.Minute)})
		}, nil},
	}
	for name, test := range tests {
		for way, opts := range ways() {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				server := filled(slices.Concat(crowd, []time.Duration{2 * time.Hour})...)
				server.SetMaxPageSize(2)
				var got []string
				for session, err := range server.Client().Export(wholeMay, opts...).All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if id := session.ID; id[0] == 's' && !slices.Contains(test.gone, id) {
						got = append(got, id)
					}
					test.meanwhile(server, session.ID)
				}
				slices.Sort(got)
				var want []string
				for i := range 61 {
					if id := fmt.Sprintf("s%03d", i); !slices.Contains(test.gone, id) {
						want = append(want, id)
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestMoreThanTheServiceLists: 10,000 results are no limit for a range, but for a
// millisecond, and then the error says what to do.
func TestMoreThanTheServiceLists(t *testing.T) {
	t.Parallel()
	many := func(step time.Duration) *vonageinsightstest.Server {
		server := vonageinsightstest.NewServer()
		for i := range 10_100 {
			server.Add(&vonageinsights.Session{ID: fmt.Sprintf("s%05d", i), SessionStartTime: may.Add(time.Duration(i) * step)})
		}
		return server
	}
	query := wholeMay
	query.PageSize = 1000
	t.Run("in a range", func(t *testing.T) {
		t.Parallel()
		if got := ids(t, many(time.Millisecond).Client(), query); len(got) != 10_100 {
			t.Errorf("got %d sessions, want 10,100", len(got))
		}
	})
	t.Run("in a millisecond", func(t *testing.T) {
		t.Parallel()
		n := 0
		var last error
		for session, err := range many(0).Client().Search(t.Context(), query) {
			if last = err; session != nil {
				n++
			}
		}
		if n != 10_000 || !errors.Is(last, vonageinsights.ErrInvalidRequest) || !errors.Is(last, vonageinsights.ErrUnauthorized) ||
			!strings.Contains(last.Error(), "does not list more than the first 10000 of the sessions that began at 2031-05-01T00:00:00.000000, give or take a millisecond: divide them by filters") {
			t.Errorf("got %d sessions, then %v", n, last)
		}
	})
	t.Run("in a millisecond, and says so with an empty page", func(t *testing.T) {
		t.Parallel()
		server := many(0)
		client := through(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("page_number") == "10" {
				_, _ = io.WriteString(w, `{"total":10000,"hits":[],"page_size":"1000","page_number":"10"}`)
				return
			}
			server.ServeHTTP(w, r)
		}))
		n := 0
		var last error
		for session, err := range client.Search(t.Context(), query) {
			if last = err; session != nil {
				n++
			}
		}
		if n != 10_000 || !errors.Is(last, vonageinsights.ErrInvalidRequest) || !strings.Contains(last.Error(), "does not list more than the first 10000") {
			t.Errorf("got %d sessions, then %v", n, last)
		}
	})
	t.Run("nearly so many in a millisecond, in pages that do not divide them", func(t *testing.T) {
		t.Parallel()
		server := filled(slices.Repeat([]time.Duration{time.Hour}, 9_950)...)
		query := wholeMay
		query.PageSize = 300
		if got := ids(t, server.Client(), query); len(got) != 9_950 {
			t.Errorf("got %d sessions, want 9,950", len(got))
		}
	})
	t.Run("refused for another reason", func(t *testing.T) {
		t.Parallel()
		server := filled(slices.Repeat([]time.Duration{time.Hour}, 5)...)
		query := wholeMay
		query.PageSize = 2
		var last error
		for session, err := range server.Client().Search(t.Context(), query) {
			if last = err; session != nil && session.ID == "s003" {
				server.Fail(vonageinsightstest.Fault{Status: http.StatusUnauthorized})
			}
		}
		if !errors.Is(last, vonageinsights.ErrUnauthorized) || strings.Contains(last.Error(), "lists") {
			t.Errorf("got %v", last)
		}
	})
}
