package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/benchmarks/reading"
)

// processes skips a test of what can be measured on Linux alone.
func processes(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the memory of a process is measured on linux")
	}
}

// TestMemoryTables measures small versions of the tables.
func TestMemoryTables(t *testing.T) {
	t.Parallel()
	processes(t)
	c := &corpus{Sessions: 60, Days: 50, Pages: []int{20, 60}}
	tables := []table{streamMemory(c), streamCostMemory(c), exportMemory(few())}
	var printed strings.Builder
	if err := report(t.Context(), tables, 1, &printed, io.Discard); err != nil {
		t.Fatal(err)
	}
	checkRows(t, tables, printed.String())
	for _, base := range []string{"`io.Discard`", "`io.Discard`, pages of 20", "`io.Discard`, pages of 60"} {
		if !strings.Contains(printed.String(), "\n| "+base+" | ") {
			t.Errorf("no row of %s in:\n%s", base, printed.String())
		}
	}
}

// TestProcess: a body that is held takes its size and more, and one that is discarded
// next to nothing.
func TestProcess(t *testing.T) {
	t.Parallel()
	processes(t)
	c := &corpus{Sessions: 2000, Days: 50, Pages: []int{2000}}
	fake, err := start(t.Context(), c, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer fake.stop()
	peak := func(job reading.Job) float64 {
		t.Helper()
		bytes, err := process("job", job).measure(t.Context(), fake.url)
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	const body = 2000 * 6500
	job := c.job(reading.WholeBody, c.Sessions, 1)
	discarded := peak(job.Discarding())
	if discarded < mebibyte || discarded > 2*body {
		t.Errorf("%s for a body that is discarded", byteCount().format(discarded))
	}
	if held := peak(job); held < discarded+body || held > discarded+10*body {
		t.Errorf("%s for a body that is held, and %s for one that is discarded", byteCount().format(held), byteCount().format(discarded))
	}
}

func TestProcessRefuses(t *testing.T) {
	t.Parallel()
	processes(t)
	_, err := process("job", reading.Job{Way: "by heart"}).measure(t.Context(), "")
	if err == nil || !strings.Contains(err.Error(), `no way to read is named "by heart"`) {
		t.Errorf("err = %v, want the reason of the process in it", err)
	}
}

// TestProcessEnds: nothing is left of a process that is no longer wanted.
func TestProcessEnds(t *testing.T) {
	t.Parallel()
	processes(t)
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		select {
		case <-r.Context().Done():
		case <-time.After(10 * time.Second):
			t.Error("the process goes on")
		}
	}))
	defer server.Close()
	job := (&corpus{Sessions: 1, Days: 50}).job(reading.WholeBody, 1, 1)
	if _, err := process("job", job).measure(ctx, server.URL); err == nil {
		t.Error("no error")
	}
}

// TestMeasureTakesOff: a base is measured in the same round as its variant.
func TestMeasureTakesOff(t *testing.T) {
	t.Parallel()
	var turns order
	table := table{title: "Peak", about: "Of two.", unit: byteCount()}
	nothing := turns.of("nothing", 11*mebibyte, 10*mebibyte, 32*mebibyte, 30*mebibyte)
	table = table.with(turns.of("a", 16*mebibyte, 35*mebibyte), nothing)
	table = table.with(turns.of("b", 12*mebibyte, 34*mebibyte), nothing)
	r, err := table.measure(t.Context(), 2, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "nothing", "b", "nothing", "a", "nothing", "b", "nothing"}, []string(turns)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	want := `**Peak.** Of two.

| | Median | Spread | Times as small as the first |
|---|---|---|---|
| a | 4.0 MiB | 3.0 MiB to 5.0 MiB | 1.00 |
| b | 3.0 MiB | 2.0 MiB to 4.0 MiB | 1.33 |

| Taken off above | Median | Spread |
|---|---|---|
| nothing | 20.5 MiB | 10.0 MiB to 32.0 MiB |
`
	if diff := cmp.Diff(want, r.markdown()+r.takenOff()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

// TestReportLeavesOut: what cannot be measured here is named, and not measured.
func TestReportLeavesOut(t *testing.T) {
	t.Parallel()
	chosen := []table{{name: "elsewhere", title: "Elsewhere", system: "moon"}}
	var stdout, stderr strings.Builder
	if err := report(t.Context(), chosen, 1, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(stdout.String(), "Elsewhere") || !strings.Contains(stderr.String(), "leaving out elsewhere, which can be measured on moon alone") {
		t.Errorf("stdout:\n%s\nstderr:\n%s", stdout.String(), stderr.String())
	}
}
