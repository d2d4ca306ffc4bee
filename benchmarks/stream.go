package main

import (
	"context"
	"fmt"
	"time"

	"github.com/callinsights/callinsights-go/benchmarks/reading"
)

const hundredMbit = 100_000_000 / 8 // bytes a second

// streamTables measure what a large page costs on its way from the wire.
func streamTables() []table {
	large := &corpus{Sessions: 10_000, Days: 50, Pages: []int{100, 1000, 10_000}}
	slow := &corpus{Sessions: 1000, Days: 50, Pages: []int{1000}, Rate: hundredMbit}
	return []table{
		streamSpeed(large), streamMemory(large),
		streamCost(large), streamCostMemory(large),
		streamFirst(slow), streamAll(slow),
	}
}

// streamSpeed reads all of the corpus as one page.
func streamSpeed(c *corpus) table {
	return table{
		name:   "stream",
		title:  fmt.Sprintf("Reading %d sessions in one page", c.Sessions),
		about:  "The other process writes a body that it has made before, over loopback.",
		corpus: c, unit: nanoseconds(),
		variants: onePage(c, reading.WholeBody, reading.Piecewise, reading.Searching),
		targets:  []target{{reading.Searching, reading.WholeBody, 3.5}},
	}
}

func streamMemory(c *corpus) table {
	t := memoryTable(c, "stream-memory",
		fmt.Sprintf("Memory of reading %d sessions in one page", c.Sessions), aboveDiscarding+" Each session is dropped at once.")
	for _, way := range []string{reading.WholeBody, reading.Piecewise, reading.Searching} {
		job := c.job(way, c.Sessions, 1)
		t = t.with(process(way, job), process(reading.Discarding, job.Discarding()))
	}
	t.targets = []target{{reading.Searching, reading.WholeBody, 50}}
	return t
}

// streamCost shows that the size of a page does not matter.
func streamCost(c *corpus) table {
	t := table{
		name:   "stream-sizes",
		title:  fmt.Sprintf("Reading %d sessions in pages of different sizes", c.Sessions),
		about:  "With `Search`: the same number of sessions, in many pages or few.",
		corpus: c, unit: nanoseconds(),
		targets: flat(c, 1.15),
	}
	for _, size := range c.Pages {
		t.variants = append(t.variants, allOf(pagesOf(size), inPages(c, size)))
	}
	return t
}

func streamCostMemory(c *corpus) table {
	t := memoryTable(c, "stream-sizes-memory",
		fmt.Sprintf("Memory of reading %d sessions in pages of different sizes", c.Sessions), "With `Search`. "+aboveDiscarding)
	for _, size := range c.Pages {
		job := inPages(c, size)
		t = t.with(process(pagesOf(size), job), process(reading.Discarding+", "+pagesOf(size), job.Discarding()))
	}
	t.targets = flat(c, 1.5)
	return t
}

func inPages(c *corpus, size int) reading.Job { return c.job(reading.Searching, size, c.Sessions/size) }

func pagesOf(size int) string { return fmt.Sprintf("pages of %d", size) }

// flat is the target that pages of the last size cost at most so many times what
// those of the first do.
func flat(c *corpus, most float64) []target {
	return []target{{pagesOf(c.Pages[len(c.Pages)-1]), pagesOf(c.Pages[0]), 1 / most}}
}

// streamFirst measures the time to the first session where the wire is slow.
func streamFirst(c *corpus) table {
	t := table{
		name:   "stream-first",
		title:  fmt.Sprintf("The first of %d sessions at 100 Mbit/s", c.Sessions),
		about:  "How long it takes from the call until a program has it.",
		corpus: c, unit: nanoseconds(),
		targets: []target{{reading.Searching, reading.WholeBody, 200}},
	}
	for _, way := range []string{reading.WholeBody, reading.Piecewise, reading.Searching} {
		t.variants = append(t.variants, firstOf(way, c.job(way, c.Sessions, 1)))
	}
	return t
}

// streamAll measures the time to the last one.
func streamAll(c *corpus) table {
	return table{
		name:   "stream-wire",
		title:  fmt.Sprintf("All of %d sessions at 100 Mbit/s", c.Sessions),
		about:  "How long it takes until the last one is there. The first line only reads the body: that is the time of the wire.",
		corpus: c, unit: nanoseconds(),
		variants: onePage(c, reading.Discarding, reading.WholeBody, reading.Piecewise, reading.Searching),
		targets:  []target{{reading.Searching, reading.Discarding, 1 / 1.02}},
	}
}

// onePage are variants that read all of the corpus as one page.
func onePage(c *corpus, ways ...string) []variant {
	var list []variant
	for _, way := range ways {
		list = append(list, allOf(way, c.job(way, c.Sessions, 1)))
	}
	return list
}

// timed is the gauge of what takes long.
func timed(work func() error) (float64, error) {
	began := time.Now()
	err := work()
	return float64(time.Since(began)), err
}

// allOf measures how long a job takes.
func allOf(name string, job reading.Job) variant {
	return variant{name, func(ctx context.Context, url string) (float64, error) {
		job.URL = url
		return timed(func() error { return job.Do(ctx, func() {}) })
	}}
}

// firstOf measures how long it takes until there is a session.
func firstOf(name string, job reading.Job) variant {
	return variant{name, func(ctx context.Context, url string) (float64, error) {
		job.URL = url
		began, took := time.Now(), time.Duration(0)
		err := job.Do(ctx, func() {
			if took == 0 {
				took = time.Since(began)
			}
		})
		return float64(took), err
	}}
}
