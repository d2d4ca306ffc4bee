package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/benchmarks/plain"
	"github.com/callinsights/callinsights-go/benchmarks/reading"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// TestMain lets the test's own program be the fake in another process.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-serve" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// few is a corpus that is read at once: three pages.
func few() *corpus { return &corpus{Sessions: 250, Days: 50} }

// TestReport measures small versions of the tables, whose numbers mean nothing:
// each variant checks that it has read all sessions.
func TestReport(t *testing.T) {
	t.Parallel()
	var report strings.Builder
	chosen := []table{exportWorkers(few()), exportPrefetch(&corpus{Sessions: 250, Days: 50, Delay: time.Millisecond})}
	if err := runReport(t, chosen, &report); err != nil {
		t.Fatal(err)
	}
	checkRows(t, chosen, report.String())
	if n, want := len(regexp.MustCompile(`(?m) (reached|missed) \|$`).FindAllString(report.String(), -1)), 4; n != want {
		t.Errorf("%d targets judged, want %d:\n%s", n, want, report.String())
	}
}

// checkRows wants a row of each variant in the report.
func checkRows(t *testing.T, chosen []table, report string) {
	t.Helper()
	for _, table := range chosen {
		for _, v := range table.variants {
			if !strings.Contains(report, "\n| "+v.name+" | ") {
				t.Errorf("%s: no row of %s in:\n%s", table.name, v.name, report)
			}
		}
	}
}

func runReport(t *testing.T, chosen []table, stdout io.Writer) error {
	t.Helper()
	return report(t.Context(), chosen, 2, stdout, io.Discard)
}

// TestReportRefusesWrongReads: a variant that reads less than there is, or fails,
// has no time.
func TestReportRefusesWrongReads(t *testing.T) {
	t.Parallel()
	more := &corpus{Sessions: 251, Days: 50}
	nowhere := variant{"nowhere", func(ctx context.Context, _ string) (float64, error) {
		return 0, loop(ctx, "http://127.0.0.1:0", few(), worker(0))
	}}
	lost := variant{"lost", func(ctx context.Context, url string) (float64, error) {
		return 0, loop(ctx, url+"/elsewhere", few(), worker(0))
	}}
	tests := map[string]struct {
		variant variant
		want    string
	}{
		"an export of less": {exporting(more, reading.Exporting, 0), "table: `Export`: read 250 sessions of 251"},
		"a loop of less":    {looping(more, 0), "read 250 sessions of 251"},
		"no server":         {nowhere, "table: nowhere: "},
		"another answer":    {lost, "table: lost: the fake answered 404 Not Found"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := runReport(t, []table{{name: "table", corpus: few(), variants: []variant{test.variant}}}, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"an unknown table": {[]string{"-only", "moon"}, `no table has "moon" in its name; there are stream, `},
		"no rounds":        {[]string{"-count", "0"}, "-count is 0"},
		"an unknown flag":  {[]string{"-fast"}, "-fast"},
		"an argument":      {[]string{"export"}, `unexpected argument "export"`},
		"no corpus":        {[]string{"-serve", "everything"}, "-serve: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(t.Context(), test.args, strings.NewReader(""), io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

// TestTables: each has a name of its own, and its targets are about variants that
// it has.
func TestTables(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, table := range tables() {
		if table.name == "" || seen[table.name] {
			t.Errorf("the name %q is empty or there twice", table.name)
		}
		seen[table.name] = true
		has := map[string]bool{}
		for _, v := range table.variants {
			if has[v.name] {
				t.Errorf("%s has %s twice", table.name, v.name)
			}
			has[v.name] = true
		}
		for _, target := range table.targets {
			if !has[target.variant] || target.against != "" && !has[target.against] {
				t.Errorf("%s has a target of %q against %q, and no such variant", table.name, target.variant, target.against)
			}
		}
	}
	if got := names(matching(tables(), "workers")); got != "export-workers-20ms, export-workers-50ms" {
		t.Errorf("-only workers is %s", got)
	}
}

// TestMeasureTakesTurns: what happens to the machine meanwhile hits all variants.
func TestMeasureTakesTurns(t *testing.T) {
	t.Parallel()
	var turns order
	table := table{variants: []variant{turns.of("a", 3, 1, 2), turns.of("b", 30, 10, 20)}}
	r, err := table.measure(t.Context(), 3, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "a", "b", "a", "b"}, []string(turns)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]float64{"a": {1, 2, 3}, "b": {10, 20, 30}}, r.samples); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
	table.rounds, turns = 1, nil
	table.variants = []variant{turns.of("a", 1), turns.of("b", 2)}
	if _, err := table.measure(t.Context(), 3, io.Discard); err != nil || len(turns) != 2 {
		t.Errorf("a table of one round: %v, %v", turns, err)
	}
}

// order has the names of variants, as they were measured.
type order []string

// of is a variant that has these samples, one after the other.
func (o *order) of(name string, samples ...float64) variant {
	return variant{name, func(context.Context, string) (float64, error) {
		*o = append(*o, name)
		sample := samples[0]
		samples = samples[1:]
		return sample, nil
	}}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	variants := []variant{{name: "old"}, {name: "new"}}
	tests := map[string]struct {
		table   table
		samples map[string][]float64
		want    string
	}{
		"times": {
			table{title: "Work", about: "All of it.", unit: nanoseconds(), variants: variants, targets: []target{{"new", "old", 2}, {"new", "old", 20}}},
			map[string][]float64{"old": {1e9, 2e9, 4.5e9}, "new": {900, 9e7, 1.1e8, 2e8}},
			`**Work.** All of it.

| | Median | Spread | Times as fast as the first |
|---|---|---|---|
| old | 2.00 s | 1.00 s to 4.50 s | 1.00 |
| new | 100.0 ms | 900 ns to 200.0 ms | 20.00 |

| Target | Measured | |
|---|---|---|
| new: at least 2.0 times as fast as old | 20.00 | reached |
| new: at least 20.0 times as fast as old | 20.00 | reached |
`,
		},
		"memory": {
			table{title: "Heap", about: "Peak.", unit: byteCount(), variants: variants, targets: []target{{"old", "", 2 * mebibyte}, {"new", "", 2 * mebibyte}, {"new", "old", 0.5}, {"old", "new", 0.8}}},
			map[string][]float64{"old": {mebibyte, 2 * mebibyte}, "new": {mebibyte, mebibyte, 5 * mebibyte / 2}},
			`**Heap.** Peak.

| | Median | Spread | Times as small as the first |
|---|---|---|---|
| old | 1.5 MiB | 1.0 MiB to 2.0 MiB | 1.00 |
| new | 1.0 MiB | 1.0 MiB to 2.5 MiB | 1.50 |

| Target | Measured | |
|---|---|---|
| old: never above 2.0 MiB | 2.0 MiB | reached |
| new: never above 2.0 MiB | 2.5 MiB | missed |
| new: at most 2.00 times the memory of old | 0.67 | reached |
| old: at most 1.25 times the memory of new | 1.50 | missed |
`,
		},
		"bytes a second": {
			table{title: "Reading", about: "All.", unit: throughput(func() int { return 1000 }), variants: variants[:1]},
			map[string][]float64{"old": {1000, 2000, 4000}},
			`**Reading.** All.

| | Median | Spread | Times as fast as the first |
|---|---|---|---|
| old | 2.0 µs (500 MB/s) | 1.0 µs (1000 MB/s) to 4.0 µs (250 MB/s) | 1.00 |
`,
		},
		"counts": {
			table{title: "Counts", about: "All.", unit: allocations(), variants: variants, targets: []target{{"new", "", 2.5}, {"new", "old", 2}}},
			map[string][]float64{"old": {8}, "new": {2.5}},
			`**Counts.** All.

| | Median | Spread | Times as few as the first |
|---|---|---|---|
| old | 8.0 | 8.0 to 8.0 | 1.00 |
| new | 2.5 | 2.5 to 2.5 | 3.20 |

| Target | Measured | |
|---|---|---|
| new: never above 2.5 | 2.5 | reached |
| new: at least 2.0 times as few as old | 3.20 | reached |
`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &result{table: test.table, samples: test.samples}
			if diff := cmp.Diff(test.want, r.markdown()); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCorpus: the same sessions each time, of the documented shape and about 7 KB,
// no two alike, within what the query asks for.
func TestCorpus(t *testing.T) {
	t.Parallel()
	c, ids, size := few(), map[string]bool{}, 0
	for i := range c.Sessions {
		text, again := encoded(t, c.session(i)), encoded(t, c.session(i))
		if diff := cmp.Diff(text, again); diff != "" {
			t.Fatalf("session %d, twice:\n%s", i, diff)
		}
		var s vonageinsights.Session
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		if len(s.Extra) > 0 || len(s.Transcription) != 6 || len(s.FlowPath) != 6 {
			t.Fatalf("session %d has another shape: %s", i, text)
		}
		if at := s.SessionStartTime; at.Before(c.query().From) || at.After(c.query().To) {
			t.Errorf("session %d began at %v, which is not in %v", i, at, c.query())
		}
		ids[s.ID] = true
		size += len(text)
	}
	if len(ids) != c.Sessions {
		t.Errorf("%d ids of %d sessions", len(ids), c.Sessions)
	}
	if mean := size / c.Sessions; mean < 6500 || mean > 7500 {
		t.Errorf("%d bytes a session, want about 7000", mean)
	}
}

func encoded(t *testing.T, s *plain.Session) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestFakeEnds: the process is gone when it has been stopped, and what it says is
// an error is one.
func TestFakeEnds(t *testing.T) {
	t.Parallel()
	fake, err := start(t.Context(), few(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	fake.stop()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fake.url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := new(http.Client).Do(request); err == nil {
		t.Errorf("the fake still answers: %s", response.Status)
	}
	var stderr strings.Builder
	if _, err := start(t.Context(), &corpus{Sessions: 1}, &stderr); err == nil || stderr.Len() == 0 {
		t.Errorf("a corpus of no days is served: %v", err)
	}
}
