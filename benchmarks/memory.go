package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
)

// exportMemory shows that the size of an export is not that of its memory.
func exportMemory(c *corpus) table {
	return table{
		name:   "export-memory",
		title:  "Memory of a long export",
		about:  fmt.Sprintf("%v, in pages of %d: the peak of HeapInuse above the start, looked at every millisecond.", c, pageSize),
		corpus: c, unit: byteCount(),
		variants: []variant{
			heapOf(c, oneByOne),
			heapOf(c, "`Parallel(1)`", vonageinsights.Parallel(1)),
			heapOf(c, "`Parallel(8)`", vonageinsights.Parallel(8)),
		},
		targets: []target{
			{oneByOne, "", 16 * mebibyte},
			{"`Parallel(1)`", "", 16 * mebibyte},
		},
	}
}

func heapOf(c *corpus, name string, opts ...vonageinsights.ExportOption) variant {
	return variant{name, func(ctx context.Context, url string) (float64, error) {
		return peak(func() error { return export(ctx, url, c, func(int) {}, opts...) })
	}}
}

// peak returns how far HeapInuse goes above what it is now while do runs.
func peak(do func() error) (float64, error) {
	runtime.GC()
	before := heapInuse()
	done, highest := make(chan struct{}), make(chan uint64)
	go func() { highest <- watch(done) }()
	err := do()
	close(done)
	return max(0, float64(<-highest)-float64(before)), err
}

// watch returns the highest that it has seen, done included.
func watch(done <-chan struct{}) uint64 {
	ticks := time.NewTicker(time.Millisecond)
	defer ticks.Stop()
	var highest uint64
	for {
		select {
		case <-done:
			return max(highest, heapInuse())
		case <-ticks.C:
			highest = max(highest, heapInuse())
		}
	}
}

func heapInuse() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapInuse
}
