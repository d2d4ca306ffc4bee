package callinsights_test

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/faultserver"
	"github.com/callinsights/callinsights-go/ringsense"
)

// soaked is a service on which one request in a hundred goes wrong, each time
// in another way.
type soaked struct {
	requests, faults, exchanges atomic.Int64
	token                       atomic.Int64 // the one that is good
}

func (s *soaked) serve(x *faultserver.Exchange) bool {
	if x.Request.URL.Path == tokenPath {
		token := s.token.Add(1)
		s.exchanges.Add(1)
		return x.Reply(http.StatusOK, strings.ReplaceAll(properAnswer(http.MethodPost, tokenPath), tokenPlace, tokenOf(token)))
	}
	if x.Request.Method != http.MethodGet {
		return x.Reply(http.StatusOK, "") // the end of the login
	}
	if s.requests.Add(1)%100 == 0 {
		return s.goWrong(x)
	}
	if x.Request.Header.Get("Authorization") != "Bearer "+tokenOf(s.token.Load()) {
		return x.Reply(http.StatusUnauthorized, "{}")
	}
	return x.Reply(http.StatusOK, properAnswer(x.Request.Method, x.Request.URL.Path),
		"X-Rate-Limit-Group: light", "X-Rate-Limit-Limit: 500", "X-Rate-Limit-Remaining: 400", "X-Rate-Limit-Window: 60")
}

func tokenOf(n int64) string { return "token-" + time.Duration(n).String() }

func (s *soaked) goWrong(x *faultserver.Exchange) bool {
	switch s.faults.Add(1) % 8 {
	case 0:
		return x.Reply(http.StatusServiceUnavailable, strings.Repeat("x", 100_000))
	case 1:
		x.Reset()
		return false
	case 2:
		return x.Reply(http.StatusTooManyRequests, "{}", "Retry-After: 5", "X-Rate-Limit-Group: light")
	case 3:
		x.Write("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{")
		return false
	case 4: // another login has ended the session
		s.token.Add(1)
		return x.Reply(http.StatusUnauthorized, "{}")
	case 5:
		x.Silence()
		return false
	case 6:
		return x.Reply(http.StatusBadGateway, "<html>")
	default:
		return false
	}
}

// A day of a call a second, with tokens that end and one request in a hundred
// that goes wrong: every call succeeds, and nothing is left behind.
func TestSoak(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	const perHour = 3600
	hours := 24
	if raceDetector || testing.Short() {
		hours = 2
	}
	synctest.Test(t, func(t *testing.T) {
		service := new(soaked)
		server := faultserver.New(service.serve)
		transport := server.Transport()
		var seen atomic.Int64
		client, err := ringsense.NewClient(ringsense.JWT("app", "secret", "assertion"),
			ringsense.WithBaseURL("http://localhost:8080"), ringsense.WithHTTPClient(&http.Client{Transport: transport}),
			ringsense.WithObserver(func(context.Context, callinsights.Observation) { seen.Add(1) }))
		if err != nil {
			t.Fatal(err)
		}
		var calls sync.WaitGroup
		hour := func() {
			for range perHour {
				calls.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
					defer cancel()
					if _, err := client.RecordingInsights(ctx, "31"); err != nil {
						t.Error(err)
					}
				})
				time.Sleep(time.Second)
			}
			calls.Wait()
		}
		start := time.Now()
		hour() // after which everything is as large as it gets
		before := held()
		goroutines := runtime.NumGoroutine()
		for range hours - 1 {
			hour()
		}
		after := held()
		grown := max(0, int64(after)-int64(before))
		t.Logf("%v: %d requests, %d faults, %d logins, %d connections, %d bytes more, %d goroutines more", time.Since(start),
			service.requests.Load(), service.faults.Load(), service.exchanges.Load(), server.Conns(), grown, runtime.NumGoroutine()-goroutines)
		if grown > 1<<20 {
			t.Errorf("%d bytes more are held than after the first hour, want at most 1 MiB", grown)
		}
		if got, want := seen.Load()-service.exchanges.Load(), int64(hours*perHour); got != want {
			t.Errorf("%d calls observed, want %d", got, want)
		}
		if service.exchanges.Load() < int64(hours) || service.faults.Load() < int64(hours)*perHour/100 {
			t.Error("too little went wrong")
		}
		if err := client.Close(t.Context()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		transport.CloseIdleConnections()
		server.Wait()
	})
}

// held is the memory in use.
func held() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
