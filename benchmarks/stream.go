package main

import (
	"context"
	"fmt"
	"time"
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
		variants: reading(c, c.Sessions, timed, readWhole(), readTokens(), search()),
		targets:  []target{{searching, wholeBody, 3.5}},
	}
}

func streamMemory(c *corpus) table {
	return table{
		name:   "stream-memory",
		title:  fmt.Sprintf("Memory of reading %d sessions in one page", c.Sessions),
		about:  "The peak of HeapInuse above the start, looked at every millisecond, while each session is dropped at once.",
		corpus: c, unit: byteCount(),
		variants: reading(c, c.Sessions, peak, readWhole(), readTokens(), search()),
		targets:  []target{{searching, wholeBody, 50}},
	}
}

// streamCost shows that the size of a page does not matter.
func streamCost(c *corpus) table {
	t := table{
		name:   "stream-sizes",
		title:  fmt.Sprintf("Reading %d sessions in pages of different sizes", c.Sessions),
		about:  "With `Search`: the same number of sessions, in many pages or few.",
		corpus: c, unit: nanoseconds(),
	}
	t.variants, t.targets = inPages(c, timed, 1.15)
	return t
}

func streamCostMemory(c *corpus) table {
	t := table{
		name:   "stream-sizes-memory",
		title:  fmt.Sprintf("Memory of reading %d sessions in pages of different sizes", c.Sessions),
		about:  "The same, with the peak of HeapInuse above the start.",
		corpus: c, unit: byteCount(),
	}
	t.variants, t.targets = inPages(c, peak, 1.5)
	return t
}

// inPages are variants that read all of the corpus in pages of each size, of which
// the last may cost at most so many times what the first does.
func inPages(c *corpus, measure gauge, most float64) ([]variant, []target) {
	var variants []variant
	for _, size := range c.Pages {
		way := search()
		variants = append(variants, variant{fmt.Sprintf("pages of %d", size), func(ctx context.Context, url string) (float64, error) {
			from := newSource(c, url)
			defer from.close()
			return measure(func() error {
				for range c.Sessions / size {
					if err := way.readAll(ctx, from, size); err != nil {
						return err
					}
				}
				return nil
			})
		}})
	}
	return variants, []target{{variants[len(variants)-1].name, variants[0].name, 1 / most}}
}

// streamFirst measures the time to the first session where the wire is slow.
func streamFirst(c *corpus) table {
	t := table{
		name:   "stream-first",
		title:  fmt.Sprintf("The first of %d sessions at 100 Mbit/s", c.Sessions),
		about:  "How long it takes from the call until a program has it.",
		corpus: c, unit: nanoseconds(),
		targets: []target{{searching, wholeBody, 200}},
	}
	for _, way := range []reader{readWhole(), readTokens(), search()} {
		t.variants = append(t.variants, variant{way.name, func(ctx context.Context, url string) (float64, error) {
			from := newSource(c, url)
			defer from.close()
			took, err := way.first(ctx, from, c.Sessions)
			return float64(took), err
		}})
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
		variants: reading(c, c.Sessions, timed, readNothing(), readWhole(), readTokens(), search()),
		targets:  []target{{searching, discarding, 1 / 1.02}},
	}
}

// timed is the gauge of what takes long.
func timed(work func() error) (float64, error) {
	began := time.Now()
	err := work()
	return float64(time.Since(began)), err
}

// reading are variants that read one page.
func reading(c *corpus, size int, measure gauge, ways ...reader) []variant {
	var list []variant
	for _, way := range ways {
		list = append(list, variant{way.name, func(ctx context.Context, url string) (float64, error) {
			from := newSource(c, url)
			defer from.close()
			return measure(func() error { return way.readAll(ctx, from, size) })
		}})
	}
	return list
}

// readAll reads a page, and checks that all of it was there.
func (way reader) readAll(ctx context.Context, from source, size int) error {
	_, err := way.first(ctx, from, size)
	return err
}

// first reads a page, checks that all of it was there, and returns when its first
// session was, as the time since the start.
func (way reader) first(ctx context.Context, from source, size int) (time.Duration, error) {
	n, took, began := 0, time.Duration(0), time.Now()
	err := way.read(ctx, from, size, func() {
		if n++; n == 1 {
			took = time.Since(began)
		}
	})
	if err == nil && n != size && way.name != discarding {
		err = fmt.Errorf("read %d sessions of %d", n, size)
	}
	return took, err
}
