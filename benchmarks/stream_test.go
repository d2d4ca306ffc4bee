package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestStreamTables measures small versions of the tables.
func TestStreamTables(t *testing.T) {
	t.Parallel()
	c := &corpus{Sessions: 60, Days: 50, Pages: []int{20, 60}}
	slow := &corpus{Sessions: 20, Days: 50, Pages: []int{20}, Rate: hundredMbit}
	tables := []table{streamSpeed(c), streamMemory(c), streamCost(c), streamCostMemory(c), streamFirst(slow), streamAll(slow)}
	var report strings.Builder
	if err := runReport(t, tables, &report); err != nil {
		t.Fatal(err)
	}
	checkRows(t, tables, report.String())
}

// TestReadersRefuse: what a reader does not read has no time.
func TestReadersRefuse(t *testing.T) {
	t.Parallel()
	c := &corpus{Sessions: 3, Days: 50, Pages: []int{2}}
	served, err := newStatic(c)
	if err != nil {
		t.Fatal(err)
	}
	cut := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(served.pages["2"][:5000])
	})
	for _, way := range []reader{readWhole(), readTokens(), search()} {
		for name, test := range map[string]struct {
			handler http.Handler
			size    int
		}{
			"a page that is not there": {served, 3},
			"a page that ends early":   {cut, 2},
		} {
			t.Run(way.name+" "+name, func(t *testing.T) {
				t.Parallel()
				server := httptest.NewServer(test.handler)
				defer server.Close()
				from := newSource(c, server.URL)
				defer from.close()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second) // for who tries again
				defer cancel()
				if err := way.readAll(ctx, from, test.size); err == nil {
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
