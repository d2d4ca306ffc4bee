package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/benchmarks/reading"
)

// TestStreamTables measures small versions of the tables.
func TestStreamTables(t *testing.T) {
	t.Parallel()
	c := &corpus{Sessions: 60, Days: 50, Pages: []int{20, 60}}
	slow := &corpus{Sessions: 20, Days: 50, Pages: []int{20}, Rate: hundredMbit}
	tables := []table{streamSpeed(c), streamCost(c), streamFirst(slow), streamAll(slow)}
	var report strings.Builder
	if err := runReport(t, tables, &report); err != nil {
		t.Fatal(err)
	}
	checkRows(t, tables, report.String())
	if strings.Contains(report.String(), "NaN") {
		t.Errorf("something took no time:\n%s", report.String())
	}
}

// TestJobsRefuse: what is not read has no time.
func TestJobsRefuse(t *testing.T) {
	t.Parallel()
	served, err := newStatic(&corpus{Sessions: 3, Days: 50, Pages: []int{2}})
	if err != nil {
		t.Fatal(err)
	}
	cut := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(served.pages["2"][:5000])
	})
	for _, way := range []string{reading.WholeBody, reading.Piecewise, reading.Searching} {
		for name, test := range map[string]struct {
			handler    http.Handler
			size, want int
		}{
			"a page that is not there": {served, 3, 3},
			"a page that ends early":   {cut, 2, 2},
			"fewer than there must be": {served, 2, 4},
		} {
			t.Run(way+" "+name, func(t *testing.T) {
				t.Parallel()
				server := httptest.NewServer(test.handler)
				defer server.Close()
				job := (&corpus{Sessions: test.want, Days: 50}).job(way, test.size, 1)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second) // for who tries again
				defer cancel()
				if _, err := allOf(way, job).measure(ctx, server.URL); err == nil {
					t.Error("no error")
				}
			})
		}
	}
}

// TestStaticRate: a body takes as long as its size over the rate, and comes piece
// by piece.
func TestStaticRate(t *testing.T) {
	t.Parallel()
	served, err := newStatic(&corpus{Sessions: 20, Days: 50, Pages: []int{20}, Rate: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(served)
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"?page_size=20", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	least := time.Duration(n) * time.Microsecond * 9 / 10
	if err != nil || n != int64(len(served.pages["20"])) || time.Since(began) < least {
		t.Errorf("%d bytes after %v, %v; want %d after at least %v", n, time.Since(began), err, len(served.pages["20"]), least)
	}
}

func TestStaticRefuses(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"no page": 0, "more than there is": 4} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := newStatic(&corpus{Sessions: 3, Days: 50, Pages: []int{size}}); err == nil {
				t.Error("no error")
			}
		})
	}
}
