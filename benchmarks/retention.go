package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/callinsights/callinsights-go/benchmarks/plain"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// retention shows what stays in memory with one session of a page: that of a
// caller who looks for a few among many. Of each of so many pages one is kept.
func retention(sessions, pages int) table {
	doc := pageOf(sessions)
	t := table{
		name:   "keep-one",
		title:  fmt.Sprintf("Memory of one session kept of a page of %d", sessions),
		about:  fmt.Sprintf("What the heap has more with a session of each of %d pages, for one of them.", pages),
		rounds: 2, // they hardly differ
		unit:   byteCount(),
		targets: []target{
			{lossless, "", 25_000},
		},
	}
	for _, way := range pageDecoders() {
		t.variants = append(t.variants, variant{way.name, func(context.Context, string) (float64, error) {
			return retained(doc.text(), pages, way)
		}})
	}
	return t
}

// retained returns the bytes that one session holds on to.
func retained(text []byte, pages int, way decoder) (float64, error) {
	kept := make([]any, 0, pages)
	before := heapLive()
	for range pages {
		page, err := way.decode(slices.Clone(text)) // which it may keep
		if err != nil {
			return 0, err
		}
		kept = append(kept, middle(page))
	}
	after := heapLive()
	runtime.KeepAlive(kept)
	return (float64(after) - float64(before)) / float64(pages), nil
}

// middle takes a session out of a page, as a caller would to keep it.
func middle(page any) any {
	switch page := page.(type) {
	case *vonageinsights.Page:
		return page.Sessions[len(page.Sessions)/2]
	case *plain.Page:
		session := page.Hits[len(page.Hits)/2]
		return &session
	}
	return page
}

// heapLive returns the bytes that are still in use once the garbage is gone.
func heapLive() uint64 {
	runtime.GC()
	runtime.GC() // what pools keep goes with the second one
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
