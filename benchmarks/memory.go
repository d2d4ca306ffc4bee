package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/callinsights/callinsights-go/benchmarks/reading"
)

// aboveDiscarding says what memoryTable measures.
const aboveDiscarding = "The peak of the resident memory of a process that does nothing else, above that of one which discards what it is sent."

// memoryTable compares processes. What a program that sends a request has in memory
// anyway is taken off, and nothing else: a machine also pays for what the runtime keeps.
func memoryTable(c *corpus, name, title, about string) table {
	return table{name: name, title: title, about: about, corpus: c, unit: byteCount(), system: "linux"}
}

// with adds a variant, and what is taken off it.
func (t table) with(v, base variant) table {
	if t.bases == nil {
		t.bases = make(map[string]variant)
	}
	t.variants = append(t.variants, v)
	t.bases[v.name] = base
	return t
}

// exportMemory shows that the size of an export is not that of its memory.
func exportMemory(c *corpus) table {
	t := memoryTable(c, "export-memory", "Memory of a long export",
		fmt.Sprintf("%v, in pages of %d. %s The latter asks for one page.", c, pageSize, aboveDiscarding))
	one := c.job(reading.Discarding, pageSize, 1)
	one.To = one.From.AddDate(0, 0, 50) // a request reaches over less than 60 days
	for _, way := range []string{reading.Exporting, reading.OneWorker, reading.ManyWorkers} {
		t = t.with(process(way, c.job(way, pageSize, 1)), process(reading.Discarding, one))
	}
	t.targets = []target{
		{reading.Exporting, "", 16 * mebibyte},
		{reading.OneWorker, "", 16 * mebibyte},
	}
	return t
}

// process measures the peak memory of a process that does the job. It is one of the
// program in reader: this one has other clients to compare with, and what those do at
// the start would have warmed the heap.
func process(name string, job reading.Job) variant {
	return variant{name, func(ctx context.Context, url string) (float64, error) {
		job.URL = url
		what, err := json.Marshal(job)
		if err != nil {
			return 0, err
		}
		command := exec.CommandContext(ctx, "go", "run", "./reader", string(what)) //nolint:gosec // made above
		stdin, err := command.StdinPipe()
		if err != nil {
			return 0, err
		}
		command.Cancel = stdin.Close // which ends the reader; that of a go run that is killed would go on
		printed, err := command.Output()
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			return 0, fmt.Errorf("go run, which must run in the folder of the benchmarks: %w\n%s", err, failed.Stderr)
		}
		if err != nil {
			return 0, err
		}
		return strconv.ParseFloat(strings.TrimSpace(string(printed)), 64)
	}}
}

// takenOff says what the bases took, for a reader to judge.
func (r *result) takenOff() string {
	if len(r.bases) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n| Taken off above | Median | Spread |\n|---|---|---|\n")
	var names []string
	for _, v := range r.variants {
		names = append(names, r.bases[v.name].name)
	}
	for _, name := range slices.Compact(names) {
		offs := r.offs[name]
		fmt.Fprintf(&b, "| %s | %s | %s to %s |\n", name, r.unit.format(median(offs)),
			r.unit.format(offs[0]), r.unit.format(offs[len(offs)-1]))
	}
	return b.String()
}
