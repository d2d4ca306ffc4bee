package main

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
)

// TestSplit: the jobs of an export have its range without a gap or an overlap, and a
// name each.
func TestSplit(t *testing.T) {
	t.Parallel()
	from, to := vonageinsights.Days(time.Date(2023, time.January, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, time.December, 31, 0, 0, 0, 0, time.UTC))
	for _, parts := range []int{1, 2, 24, 1000} {
		jobs, err := split(vonageinsights.Query{From: from, To: to}, parts, 0)
		if err != nil || len(jobs) != parts {
			t.Fatalf("%d parts: got %d jobs, %v", parts, len(jobs), err)
		}
		keys := make(map[string]bool)
		for i, j := range jobs {
			keys[j.key()] = true
			if i > 0 && (!jobs[i-1].To.Before(j.From) || j.From.Sub(jobs[i-1].To) > time.Microsecond) {
				t.Errorf("%d parts: job %d begins at %v, the one before ends at %v", parts, i+1, j.From, jobs[i-1].To)
			}
			again, err := parseJob(encoded(t, j))
			if err != nil || again.key() != j.key() || !again.From.Equal(j.From) || !again.To.Equal(j.To) {
				t.Errorf("%d parts: job %d is %+v when it is read, %v", parts, i+1, again, err)
			}
		}
		if len(keys) != parts || !jobs[0].From.Equal(from) || !jobs[parts-1].To.Equal(to) {
			t.Errorf("%d parts: %d names, from %v to %v", parts, len(keys), jobs[0].From, jobs[parts-1].To)
		}
	}
}

// TestDays: both days are included, as in the other programs that have these flags.
func TestDays(t *testing.T) {
	t.Parallel()
	var x exportFlags
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	x.add(flags)
	if err := flags.Parse([]string{"-from", "2024-01-01", "-to", "2024-01-31"}); err != nil {
		t.Fatal(err)
	}
	got := []string{x.query.From.Format(time.RFC3339Nano), x.query.To.Format(time.RFC3339Nano)}
	if diff := cmp.Diff([]string{"2024-01-01T00:00:00Z", "2024-01-31T23:59:59.999999Z"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAnew: an export that is done can be done anew, under another name.
func TestAnew(t *testing.T) {
	t.Parallel()
	keys := make(map[string]bool)
	for again := range 3 {
		jobs, err := split(vonageinsights.Query{From: time.Unix(0, 0).UTC(), To: time.Unix(60, 0).UTC()}, 1, again)
		if err != nil {
			t.Fatal(err)
		}
		keys[jobs[0].key()] = true
	}
	if len(keys) != 3 {
		t.Errorf("the names are %v", keys)
	}
}

// TestReadmeShowsExports: with what README.md says, one sees which jobs are done, which
// are not, and which were given up.
func TestReadmeShowsExports(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	statements := regexp.MustCompile(`(?m)^sqlite3 .*\\\n +"(.*); (.*)"$`).FindSubmatch(readme)
	if statements == nil {
		t.Fatal("README.md has no such command")
	}
	s := openFile(t)
	for _, j := range []struct {
		job string
		to  progress
	}{{"export:x:1/2", progress{"c", 7, true}}, {"export:x:2/2", progress{"c", 3, false}}} {
		if err := s.advance(t.Context(), j.job, progress{}, j.to, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range []letter{
		{"export:x:2/2", subjectExport, "forbidden", []byte("{}")}, {"event", subjectWhippy, "no event", []byte("{}")},
	} {
		if err := s.bury(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	var got [][]string
	for i, width := range []int{3, 2} {
		got = append(got, rowsOf(t, s, string(statements[i+1]), width)...)
	}
	want := [][]string{{"export:x:1/2", "7", "1"}, {"export:x:2/2", "3", "0"}, {"export:x:2/2", "forbidden"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// rowsOf is what a statement finds, as texts.
func rowsOf(t *testing.T, s *store, statement string, width int) (all [][]string) {
	t.Helper()
	rows, err := s.db.QueryContext(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		row, into := make([]string, width), make([]any, width)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// FuzzJob: what is taken for a job has a range and a name.
func FuzzJob(f *testing.F) {
	jobs, err := split(vonageinsights.Query{From: time.Unix(0, 0).UTC(), To: time.Unix(60, 0).UTC()}, 2, 1)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{string(encoded(f, jobs[1])), `{}`, `{"export":"x","part":1,"from":"2024-01-02T00:00:00Z","to":"2024-01-01T00:00:00Z"}`, `[]`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		j, err := parseJob(data)
		if err != nil {
			return
		}
		if j.From.IsZero() || j.To.Before(j.From) || !strings.HasPrefix(j.key(), "export:") {
			t.Errorf("got %+v", j)
		}
		if again, err := parseJob(encoded(t, j)); err != nil || again.key() != j.key() {
			t.Errorf("got %+v, %v, want %+v", again, err, j)
		}
	})
}
