package vonageinsightstest_test

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// alike returns n sessions of one moment, in the order of their ids.
func alike(n int) []string {
	documents := make([]string, n)
	for i := range documents {
		documents[i] = fmt.Sprintf(`{"id":"%05d","session_start_time":"2026-03-01","status":"ended"}`, i)
	}
	return documents
}

func TestResultWindow(t *testing.T) {
	t.Parallel()
	const none = -1 // refused
	tests := map[string]struct {
		window, sessions, clamp int
		query                   string
		wantHits, wantTotal     int
	}{
		"the last page":                {10, 12, 0, "&page_number=1&page_size=5", 5, 10},
		"a page beyond":                {10, 12, 0, "&page_number=2&page_size=5", none, 0},
		"a page across":                {10, 12, 0, "&page_number=2&page_size=4", none, 0},
		"a large page":                 {10, 12, 0, "&page_size=11", none, 0},
		"a large page of few sessions": {10, 3, 0, "&page_size=11", none, 0},
		"a large page, made smaller":   {10, 12, 5, "&page_size=11", 5, 10},
		"fewer sessions":               {10, 9, 0, "&page_size=10", 9, 9},
		"exactly as many":              {10, 10, 0, "&page_size=10", 10, 10},
		"sorted":                       {10, 12, 0, "&page_size=10&sort_by=session_start_time:asc", 10, 10},
		"filtered":                     {10, 12, 0, "&page_size=10&filter_by=%7B%22must%22:[%7B%22term%22:%7B%22status%22:%22ended%22%7D%7D]%7D", 10, 10},
		"filtered to fewer":            {10, 12, 0, "&page_size=10&filter_by=%7B%22must%22:[%7B%22term%22:%7B%22id%22:%2200011%22%7D%7D]%7D", 1, 1},
		"10,000 by default":            {0, 10_001, 0, "&page_number=99&page_size=100", 100, 10_000},
		"beyond 10,000":                {0, 10_001, 0, "&page_number=100&page_size=100", none, 0},
		"a number that is not reached": {0, 1, 0, "&page_size=2&page_number=" + strconv.Itoa(math.MaxInt), none, 0},
		"a size that is not reached":   {0, 1, 0, "&page_number=2&page_size=" + strconv.Itoa(math.MaxInt), none, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, alike(tt.sessions)...)
			server.SetResultWindow(3)
			server.SetResultWindow(tt.window)
			server.SetMaxPageSize(tt.clamp)
			answer, body := call{target: root + "?from_date=2026-03-01&to_date=2026-03-01" + tt.query}.send(t, server)
			if tt.wantHits == none {
				checkRefusal(t, answer, body, http.StatusUnauthorized, "results")
				return
			}
			if page := decodePage(t, body); len(page.Hits) != tt.wantHits || page.Total != tt.wantTotal {
				t.Errorf("got %d hits of %d, want %d of %d", len(page.Hits), page.Total, tt.wantHits, tt.wantTotal)
			}
		})
	}
}

// The sessions that precisions and ends are tried on, not in the order of time.
var moments = []string{
	`{"id":"late","session_start_time":"2026-03-01T09:00:00.002000"}`,
	`{"id":"b","session_start_time":"2026-03-01T09:00:00.001200","session_end_time":"2026-03-01T10:00:00.001200"}`,
	`{"id":"a","session_start_time":"2026-03-01T09:00:00.001900"}`,
	`{"id":"c","session_start_time":"2026-03-01T09:00:00.001000"}`,
}

func TestPrecision(t *testing.T) {
	t.Parallel()
	const second = "2026-03-01T09:00:00"
	tests := []struct {
		name, from, to, sort, filter string
		micros, millis               string
	}{
		{"order of adding", "", "", "", "", "late b a c", "late b a c"},
		{"ascending", "", "", "session_start_time:asc", "", "c b a late", "b a c late"},
		{"descending", "", "", "session_start_time:desc", "", "late a b c", "late b a c"},
		{"ascending, then by id", "", "", "session_start_time:asc,id:asc", "", "c b a late", "a b c late"},
		{"descending, then by id", "", "", "session_start_time:desc,id:asc", "", "late a b c", "late a b c"},
		{"after another key", "", "", "status:asc,session_start_time:asc,id:desc", "", "c b a late", "c b a late"},
		{"from within", ".001300", ".002", "id:asc", "", "a late", "a b c late"},
		{"to within", ".001", ".001300", "id:asc", "", "b c", "a b c"},
		{"within one", ".001500", ".001600", "id:asc", "", "", "a b c"},
		{"before", ".000999", ".001", "id:asc", "", "c", "a b c"},
		{"start is", "", "", "id:asc", `{"must":[{"term":{"session_start_time":"` + second + `.001777"}}]}`, "", "a b c"},
		{"start is exactly", "", "", "id:asc", `{"must":[{"term":{"session_start_time":"` + second + `.0012"}}]}`, "b", "a b c"},
		{"start on the day", "", "", "id:asc", `{"must":[{"term":{"session_start_time":"2026-03-01"}}]}`, "a b c late", "a b c late"},
		{"end is", "", "", "", `{"must":[{"term":{"session_end_time":"2026-03-01T10:00:00.0019"}}]}`, "", "b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, moments...)
			query := []string{"sort_by", tt.sort, "filter_by", tt.filter}
			if tt.from != "" {
				query = append(query, "from_date", second+tt.from, "to_date", second+tt.to)
			}
			if diff := cmp.Diff(strings.Fields(tt.micros), search(t, server, query...)); diff != "" {
				t.Errorf("microseconds (-want +got):\n%s", diff)
			}
			server.SetPrecision(time.Millisecond)
			if diff := cmp.Diff(strings.Fields(tt.millis), search(t, server, query...)); diff != "" {
				t.Errorf("milliseconds (-want +got):\n%s", diff)
			}
			if _, body := (call{target: root + "/b"}).send(t, server); body != moments[1] {
				t.Errorf("got %s, want what was added", body)
			}
			server.SetPrecision(time.Microsecond)
			if diff := cmp.Diff(strings.Fields(tt.micros), search(t, server, query...)); diff != "" {
				t.Errorf("microseconds again (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExclusiveEnds(t *testing.T) {
	t.Parallel()
	const second = "2026-03-01T09:00:00"
	tests := map[string]struct{ from, to, micros, millis string }{
		"times":               {second + ".001", second + ".002", "a b", ""},
		"a moment around":     {second + ".000999", second + ".002001", "a b c late", "a b c"},
		"an early from":       {second + ".000", second + ".002", "a b c", "a b c"},
		"one moment":          {second + ".001", second + ".001", "", ""},
		"dates":               {"2026-03-01", "2026-03-01", "a b c late", "a b c late"},
		"from a date":         {"2026-03-01", second + ".002", "a b c", "a b c"},
		"to a date":           {second + ".001", "2026-03-01", "a b late", "late"},
		"midnight is a time":  {"2026-03-01T00:00:00", "2026-03-02T00:00:00", "a b c late", "a b c late"},
		"neighbouring values": {second + ".001", second + ".001001", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, moments...)
			server.SetExclusiveEnds(true)
			query := []string{"from_date", tt.from, "to_date", tt.to, "sort_by", "id:asc"}
			if diff := cmp.Diff(strings.Fields(tt.micros), search(t, server, query...)); diff != "" {
				t.Errorf("microseconds (-want +got):\n%s", diff)
			}
			server.SetPrecision(time.Millisecond)
			if diff := cmp.Diff(strings.Fields(tt.millis), search(t, server, query...)); diff != "" {
				t.Errorf("milliseconds (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("no longer", func(t *testing.T) {
		t.Parallel()
		server := newServer(t, moments...)
		server.SetExclusiveEnds(true)
		server.SetExclusiveEnds(false)
		if got := search(t, server, "from_date", second+".001", "to_date", second+".001"); !cmp.Equal(got, []string{"c"}) {
			t.Errorf("got %q, want c", got)
		}
	})
}
