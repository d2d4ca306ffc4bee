package callinsights_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
)

func ringsenseAt(t *testing.T, base string, r *rig, options ...ringsense.Option) *ringsense.Client {
	t.Helper()
	client, err := ringsense.NewClient(ringsense.JWT(r.sentinel(), r.sentinel(), r.sentinel()), append(options, ringsense.WithBaseURL(base))...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// countingServer serves on loopback and counts its connections.
func countingServer(t *testing.T, handler http.Handler) (base string, conns *atomic.Int64) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conns = new(atomic.Int64)
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: time.Minute,
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				conns.Add(1)
			}
		},
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String(), conns
}

// The default transport keeps two idle connections for each host, so that such
// a load opens thousands.
func TestConnectionsOfABusyProgram(t *testing.T) {
	t.Parallel()
	const workers, most = 128, 256
	calls := int64(20_000)
	if raceDetector || testing.Short() {
		calls /= 10
	}
	base, conns := countingServer(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.WriteString(w, strings.ReplaceAll(properAnswer(req.Method, req.URL.Path), tokenPlace, "token"))
	}))
	client := ringsenseAt(t, base, &rig{})
	start := time.Now()
	var left atomic.Int64
	left.Store(calls)
	var busy sync.WaitGroup
	for range workers {
		busy.Go(func() {
			for left.Add(-1) >= 0 {
				got, err := client.RecordingInsights(t.Context(), "31")
				if err != nil || got.SourceRecordID != "31" {
					t.Errorf("%+v, %v", got, err)
					return
				}
			}
		})
	}
	busy.Wait()
	if n := conns.Load(); n > most {
		t.Errorf("%d calls of %d workers opened %d connections, want at most %d", calls, workers, n, most)
	}
	t.Logf("%d calls on %d connections in %v", calls, conns.Load(), time.Since(start))
	if err := client.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// The library closes the idle connections of all callers when one of them gives
// up, is cancelled, or is done with its retries.
func TestGivingUpKeepsConnections(t *testing.T) {
	t.Parallel()
	page := strings.Repeat("x", 50_000)
	base, conns := countingServer(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.Contains(req.URL.Path, "/records/dead/") {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, page)
			return
		}
		_, _ = io.WriteString(w, strings.ReplaceAll(properAnswer(req.Method, req.URL.Path), tokenPlace, "token"))
	}))
	client := ringsenseAt(t, base, &rig{}, ringsense.WithRetry(ringsense.RetryPolicy{MaxAttempts: 2, MinBackoff: 1, MaxBackoff: 1}))
	for range 20 {
		if _, err := client.RecordingInsights(t.Context(), "dead"); err == nil {
			t.Error("a dead service answered")
		}
		if _, err := client.RecordingInsights(t.Context(), "31"); err != nil {
			t.Error(err)
		}
	}
	if n := conns.Load(); n != 1 {
		t.Errorf("81 requests, one after the other, took %d connections, want 1", n)
	}
}
