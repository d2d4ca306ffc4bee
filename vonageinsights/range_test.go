package vonageinsights_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// asked returns the ranges that a search asks a service for that has nothing.
func asked(t *testing.T, q vonageinsights.Query) []string {
	t.Helper()
	sent := &wire{}
	for _, err := range onWire(t, sent).Search(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
	}
	var ranges []string
	for _, text := range sent.urls {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		ranges = append(ranges, u.Query().Get("from_date")+" "+u.Query().Get("to_date"))
	}
	return ranges
}

// TestSearchAsksForALittleMore than the range, and for less than 60 days at once.
func TestSearchAsksForALittleMore(t *testing.T) {
	t.Parallel()
	first, last := vonageinsights.Days(may, may)
	desc := []field.Order{field.SessionStartTime.Desc()}
	tests := map[string]struct {
		query vonageinsights.Query
		want  []string
	}{
		"a day":        {vonageinsights.Query{From: first, To: last}, []string{"2031-04-30T23:59:59.999999 2031-05-02T00:00:00.000000"}},
		"a moment":     {vonageinsights.Query{From: may, To: may}, []string{"2031-04-30T23:59:59.999999 2031-05-01T00:00:00.001000"}},
		"microseconds": {vonageinsights.Query{From: may.Add(1_234_567), To: may.Add(9_876_543)}, []string{"2031-05-01T00:00:00.000999 2031-05-01T00:00:00.010000"}},
		"nearly 60 days": {
			vonageinsights.Query{From: may, To: may.AddDate(0, 0, 60).Add(-time.Millisecond - time.Microsecond)},
			[]string{"2031-04-30T23:59:59.999999 2031-06-29T23:59:59.999000"},
		},
		"60 days": {vonageinsights.Query{From: may, To: may.AddDate(0, 0, 60)}, []string{
			"2031-04-30T23:59:59.999999 2031-06-29T23:59:59.999000", "2031-06-29T23:59:59.998999 2031-06-30T00:00:00.001000",
		}},
		"60 days descending": {vonageinsights.Query{From: may, To: may.AddDate(0, 0, 60), SortBy: desc}, []string{
			"2031-05-01T00:00:00.001999 2031-06-30T00:00:00.001000", "2031-04-30T23:59:59.999999 2031-05-01T00:00:00.002000",
		}},
		"half a year": {vonageinsights.Query{From: may, To: may.AddDate(0, 0, 150)}, []string{
			"2031-04-30T23:59:59.999999 2031-06-29T23:59:59.999000", "2031-06-29T23:59:59.998999 2031-08-28T23:59:59.998000",
			"2031-08-28T23:59:59.997999 2031-09-28T00:00:00.001000",
		}},
		"the first year": {vonageinsights.Query{From: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(0, 1, 2, 0, 0, 0, 0, time.UTC)}, []string{"0000-01-01T00:00:00.000000 0000-01-02T00:00:00.001000"}},
		"the last year": {
			vonageinsights.Query{From: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), To: time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)},
			[]string{"9999-12-30T23:59:59.999999 9999-12-31T23:59:59.999999"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := asked(t, test.query)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, window := range got {
				from, to, _ := strings.Cut(window, " ")
				first, _ := time.Parse("2006-01-02T15:04:05", from)
				last, _ := time.Parse("2006-01-02T15:04:05", to)
				if last.Sub(first) > vonageinsights.MaxRange {
					t.Errorf("%s are %v", window, last.Sub(first))
				}
			}
		})
	}
}

// TestSearchOfYears: the requests follow the sessions, not the calendar, and
// those after the last one the 60 days.
func TestSearchOfYears(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	server := filled(0, day, 100*day, 100*day, 700*day, 1000*day)
	query := vonageinsights.Query{From: may, To: may.AddDate(3, 0, 0)}
	if diff := cmp.Diff([]string{"s000", "s001", "s002", "s003", "s004", "s005"}, ids(t, server.Client(), query)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(server.Requests()); n != 19 {
		t.Errorf("%d requests, want 19 for 1096 days", n)
	}
	query.SortBy = []field.Order{field.SessionStartTime.Desc()}
	if diff := cmp.Diff([]string{"s005", "s004", "s002", "s003", "s001", "s000"}, ids(t, server.Client(), query)); diff != "" {
		t.Errorf("descending (-want +got):\n%s", diff)
	}
}

// TestSearchOfAServiceWithoutEnds: one that sends more than it was asked for does
// not make a search skip what is behind a window.
func TestSearchOfAServiceWithoutEnds(t *testing.T) {
	t.Parallel()
	service := roundTrip(func(r *http.Request) (*http.Response, error) {
		from, _ := time.Parse("2006-01-02T15:04:05", r.URL.Query().Get("from_date"))
		var hits []string
		for day := range 200 {
			if at := may.AddDate(0, 0, 20*day); !at.Before(from) && len(hits) < 7 {
				hits = append(hits, fmt.Sprintf(`{"id":"d%03d","session_start_time":"%s"}`, day, at.Format("2006-01-02T15:04:05")))
			}
		}
		return respond(http.StatusOK, `{"total":10000,"hits":[`+strings.Join(hits, ",")+`]}`)(r)
	})
	got := ids(t, onWire(t, service), vonageinsights.Query{From: may, To: may.AddDate(0, 0, 20*150)})
	want := []string{}
	for day := range 151 {
		want = append(want, fmt.Sprintf("d%03d", day))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestBothEndsAreIncluded, to the microsecond, whatever the service takes them
// for.
func TestBothEndsAreIncluded(t *testing.T) {
	t.Parallel()
	from, to := may.Add(1500*time.Microsecond), may.Add(time.Hour+2500*time.Microsecond)
	for _, precision := range []time.Duration{time.Microsecond, time.Millisecond} {
		for _, exclusive := range []bool{false, true} {
			for _, order := range [][]field.Order{nil, {field.SessionStartTime.Desc()}} {
				t.Run(fmt.Sprintf("%v, exclusive %t, %v", precision, exclusive, order), func(t *testing.T) {
					t.Parallel()
					server := vonageinsightstest.NewServer()
					server.SetPrecision(precision)
					server.SetExclusiveEnds(exclusive)
					for id, at := range map[string]time.Time{
						"before": from.Add(-time.Microsecond), "first": from, "second": from.Add(time.Microsecond),
						"last but one": to.Add(-time.Microsecond), "last": to, "after": to.Add(time.Microsecond),
					} {
						server.Add(&vonageinsights.Session{ID: id, SessionStartTime: at})
					}
					for _, size := range []int{1, 2, 100} {
						got := ids(t, server.Client(), vonageinsights.Query{From: from, To: to, SortBy: order, PageSize: size})
						slices.Sort(got)
						if diff := cmp.Diff([]string{"first", "last", "last but one", "second"}, got); diff != "" {
							t.Errorf("in pages of %d (-want +got):\n%s", size, diff)
						}
					}
				})
			}
		}
	}
}

// TestNanosecondsAreCutOff, of a range and of sessions, so that none is lost
// between two ranges that follow each other by the microsecond.
func TestNanosecondsAreCutOff(t *testing.T) {
	t.Parallel()
	server := vonageinsightstest.NewServer()
	if err := server.AddJSON([]byte(`{"id":"a","session_start_time":"2031-05-01T08:00:00.123456789"}`)); err != nil {
		t.Fatal(err)
	}
	at := may.Add(8*time.Hour + 123456*time.Microsecond)
	tests := map[string]struct {
		from, to time.Time
		want     []string
	}{
		"until it":          {may, at, []string{"a"}},
		"from it on":        {at.Add(999), june, []string{"a"}},
		"until before it":   {may, at.Add(-1), []string{}},
		"from behind it on": {at.Add(time.Microsecond), june, []string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ids(t, server.Client(), vonageinsights.Query{From: test.from, To: test.to})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	const us, ms = time.Microsecond, time.Millisecond
	tests := map[string]struct {
		from, to time.Duration // from the start of May
		n        int
		want     []time.Duration // the starts
	}{
		"into one":             {0, time.Hour, 1, []time.Duration{0}},
		"into none":            {0, time.Hour, 0, []time.Duration{0}},
		"into less":            {0, time.Hour, -3, []time.Duration{0}},
		"into two":             {0, time.Hour - us, 2, []time.Duration{0, 30 * time.Minute}},
		"unevenly":             {0, 10*ms - us, 4, []time.Duration{0, 3 * ms, 6 * ms, 8 * ms}},
		"a moment":             {0, 0, 5, []time.Duration{0}},
		"within a millisecond": {100 * us, 900 * us, 5, []time.Duration{100 * us}},
		"two milliseconds":     {900 * us, 1100 * us, 5, []time.Duration{900 * us, ms}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			query := vonageinsights.Query{From: may.Add(test.from), To: may.Add(test.to), PageSize: 7}
			parts := query.Split(test.n)
			var got []time.Duration
			for i, part := range parts {
				got = append(got, part.From.Sub(may))
				end := query.To
				if i < len(parts)-1 {
					end = parts[i+1].From.Add(-us)
				}
				if !part.To.Equal(end) || part.PageSize != 7 {
					t.Errorf("part %d is %+v, want it to end at %v", i, part, end)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("starts (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("all of time", func(t *testing.T) {
		t.Parallel()
		query := vonageinsights.Query{From: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)}
		parts := query.Split(1<<31 - 1) // which is far too many
		for i := 1; i < len(parts); i++ {
			if gap := parts[i].From.Sub(parts[i-1].To); gap != us {
				t.Fatalf("between parts %d and %d are %v", i-1, i, gap)
			}
		}
		if len(parts) != 100_000 || !parts[0].From.Equal(query.From) || !parts[len(parts)-1].To.Equal(query.To) {
			t.Errorf("%d parts from %v to %v", len(parts), parts[0].From, parts[len(parts)-1].To)
		}
	})
	t.Run("a query that will be refused", func(t *testing.T) {
		t.Parallel()
		for _, query := range []vonageinsights.Query{{}, {From: june, To: may}, {From: may, To: june, PageSize: -1}} {
			parts := query.Split(4)
			if len(parts) != 1 || !parts[0].From.Equal(query.From) || !parts[0].To.Equal(query.To) {
				t.Errorf("got %v, want the query itself", parts)
			}
		}
	})
}

func TestSplitSharesNoMemory(t *testing.T) {
	t.Parallel()
	query := wholeMay
	query.Filter = vonageinsights.Where(field.ID.Is("a"))
	query.Fields = []field.Path{field.ID}
	query.SortBy = []field.Order{field.SessionStartTime.Desc()}
	for _, n := range []int{1, 2} {
		parts := query.Split(n)
		parts[0].Filter.Must[0] = field.ID.Is("b")
		parts[0].Fields[0] = field.Status
		parts[0].SortBy[0] = field.ID.Asc()
		for _, other := range append(parts[1:], query) {
			if sentFilter(t, other.Filter) != `{"must":[{"term":{"id":"a"}}]}` || other.Fields[0] != field.Path(field.ID) || other.SortBy[0] != field.SessionStartTime.Desc() {
				t.Errorf("split into %d: a change of one query changed another", n)
			}
		}
	}
}

// TestSplitIsThePartition: together the parts have each session once.
func TestSplitIsThePartition(t *testing.T) {
	t.Parallel()
	server := filled(0, 1, time.Millisecond-time.Microsecond, time.Millisecond, time.Hour, 15*24*time.Hour, june.Sub(may))
	for _, n := range []int{1, 2, 3, 7, 31 * 24} {
		got := []string{}
		for _, part := range wholeMay.Split(n) {
			got = append(got, ids(t, server.Client(), part)...)
		}
		if diff := cmp.Diff(ids(t, server.Client(), wholeMay), got); diff != "" {
			t.Errorf("in %d parts (-whole +parts):\n%s", n, diff)
		}
	}
}
