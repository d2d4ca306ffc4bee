package main

import (
	"context"
	"fmt"
	"time"

	"github.com/callinsights/callinsights-go/benchmarks/reading"
)

// naive is the name of the variant that the targets refer to beside those of reading.
const naive = "loop with `encoding/json`"

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
	return table{
		name:   fmt.Sprintf("export-workers-%v", c.Delay),
		title:  fmt.Sprintf("Workers, where a request takes %v", c.Delay),
		about:  fmt.Sprintf("%v, in pages of %d.", c, pageSize),
		corpus: c, unit: nanoseconds(),
		variants: []variant{
			looping(c, 0), exporting(c, reading.Exporting, 0),
			exporting(c, reading.TwoWorkers, 0), exporting(c, reading.FourWorkers, 0), exporting(c, reading.ManyWorkers, 0),
		},
		targets: []target{
			{reading.ManyWorkers, reading.Exporting, 5},
			{reading.ManyWorkers, naive, 6.5},
		},
	}
}

// exportPrefetch shows what reading ahead gains where the caller works on each
// page as long as the service does.
func exportPrefetch(c *corpus) table {
	return table{
		name:   fmt.Sprintf("export-prefetch-%v", c.Delay),
		title:  fmt.Sprintf("Prefetch, where a request takes %v", c.Delay),
		about:  fmt.Sprintf("%v, in pages of %d, and the caller is busy with each page as long.", c, pageSize),
		corpus: c, unit: nanoseconds(),
		variants: []variant{looping(c, c.Delay), exporting(c, reading.Exporting, c.Delay), exporting(c, reading.OneAhead, c.Delay)},
		targets: []target{
			{reading.OneAhead, reading.Exporting, 1.5},
			{reading.OneAhead, naive, 1.8},
		},
	}
}

func fortyPages(delay time.Duration) *corpus {
	return &corpus{Sessions: 40 * pageSize, Days: 50, Delay: delay}
}

// exporting is an export by the module, whose sessions the caller works on.
func exporting(c *corpus, way string, work time.Duration) variant {
	job := c.job(way, pageSize, 1)
	return variant{way, func(ctx context.Context, url string) (float64, error) {
		job.URL = url
		n, each := 0, worker(work)
		return timed(func() error {
			return job.Do(ctx, func() {
				n++
				each(n)
			})
		})
	}}
}

// looping is the same by the loop that a program without the module would have.
func looping(c *corpus, work time.Duration) variant {
	return variant{naive, func(ctx context.Context, url string) (float64, error) {
		return timed(func() error { return loop(ctx, url, c, worker(work)) })
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
