package main

import (
	"context"
	"fmt"
	"time"

	"github.com/callinsights/callinsights-go/benchmarks/reading"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// The names of the variants, which the targets refer to.
const (
	naive    = "loop with `encoding/json`"
	oneByOne = reading.Exporting
)

const pageSize = 100

// exportTables measure an export against a loop.
func exportTables() []table {
	return []table{
		exportMemory(&corpus{Sessions: 200_000, Days: 3 * 365}),
		exportWorkers(fortyPages(20 * time.Millisecond)),
		exportWorkers(fortyPages(50 * time.Millisecond)),
		exportPrefetch(fortyPages(20 * time.Millisecond)),
		exportPrefetch(fortyPages(50 * time.Millisecond)),
	}
}

// exportWorkers shows what workers gain where the service takes its time.
func exportWorkers(c *corpus) table {
	workers := func(n int) variant {
		return exporting(c, fmt.Sprintf("`Parallel(%d)`", n), 0, vonageinsights.Parallel(n))
	}
	return table{
		name:   fmt.Sprintf("export-workers-%v", c.Delay),
		title:  fmt.Sprintf("Workers, where a request takes %v", c.Delay),
		about:  fmt.Sprintf("%v, in pages of %d.", c, pageSize),
		corpus: c, unit: nanoseconds(),
		variants: []variant{looping(c, 0), exporting(c, oneByOne, 0), workers(2), workers(4), workers(8)},
		targets: []target{
			{reading.ManyWorkers, oneByOne, 5},
			{reading.ManyWorkers, naive, 6.5},
		},
	}
}

// exportPrefetch shows what reading ahead gains where the caller works on each
// page as long as the service does.
func exportPrefetch(c *corpus) table {
	ahead := exporting(c, "`Prefetch(1)`", c.Delay, vonageinsights.Prefetch(1))
	return table{
		name:   fmt.Sprintf("export-prefetch-%v", c.Delay),
		title:  fmt.Sprintf("Prefetch, where a request takes %v", c.Delay),
		about:  fmt.Sprintf("%v, in pages of %d, and the caller is busy with each page as long.", c, pageSize),
		corpus: c, unit: nanoseconds(),
		variants: []variant{looping(c, c.Delay), exporting(c, oneByOne, c.Delay), ahead},
		targets: []target{
			{ahead.name, oneByOne, 1.5},
			{ahead.name, naive, 1.8},
		},
	}
}

func fortyPages(delay time.Duration) *corpus {
	return &corpus{Sessions: 40 * pageSize, Days: 50, Delay: delay}
}

// exporting is an export by the module, whose sessions the caller works on.
func exporting(c *corpus, name string, work time.Duration, opts ...vonageinsights.ExportOption) variant {
	return variant{name, func(ctx context.Context, url string) (float64, error) {
		began := time.Now()
		err := export(ctx, url, c, worker(work), opts...)
		return float64(time.Since(began)), err
	}}
}

// looping is the same by the loop that a program without the module would have.
func looping(c *corpus, work time.Duration) variant {
	return variant{naive, func(ctx context.Context, url string) (float64, error) {
		began := time.Now()
		err := loop(ctx, url, c, worker(work))
		return float64(time.Since(began)), err
	}}
}

// worker returns what the caller does with the n-th session: nothing, or work
// after each hundredth.
func worker(work time.Duration) func(n int) {
	return func(n int) {
		if work > 0 && n%pageSize == 0 {
			time.Sleep(work)
		}
	}
}

// export reads the corpus with a client of its own, and checks that all is there.
func export(ctx context.Context, url string, c *corpus, each func(n int), opts ...vonageinsights.ExportOption) error {
	client, err := vonageinsights.NewClient(vonageinsightstest.APIKey, vonageinsights.EU, vonageinsights.WithBaseURL(url))
	if err != nil {
		return err
	}
	query, n := c.query(), 0
	query.PageSize = pageSize
	for _, err := range client.Export(query, opts...).All(ctx) {
		if err != nil {
			return err
		}
		n++
		each(n)
	}
	return c.check(n)
}

// check refuses a measurement that is worth nothing, as it is of something else.
func (c *corpus) check(sessions int) error {
	if sessions != c.Sessions {
		return fmt.Errorf("read %d sessions of %d", sessions, c.Sessions)
	}
	return nil
}
