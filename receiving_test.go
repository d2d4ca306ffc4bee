package callinsights_test

import (
	"bytes"
	"context"
	"net/http"
	"testing"

	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// TestReceivingAllocations pins what an event costs the garbage collector, with its
// signature, its data and what keeps it from being handled twice.
func TestReceivingAllocations(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts those of all goroutines
	if raceDetector {
		t.Skip("the race detector drops what waits to be used again")
	}
	const secret, runs = "open-sesame", 100
	verifier, err := whippy.NewVerifier([]string{secret})
	if err != nil {
		t.Fatal(err)
	}
	handled := 0
	handler, err := whippy.NewEventHandler(func(context.Context, *whippy.Event) error { handled++; return nil }, whippy.WithVerifier(verifier))
	if err != nil {
		t.Fatal(err)
	}
	var bodies [][]byte
	var requests []*http.Request
	for n := range runs + 1 { // AllocsPerRun has one more
		body := whippytest.CallEvents(n + 1)[2]
		bodies, requests = append(bodies, body), append(requests, whippytest.NewRequest(secret, body))
	}
	for _, test := range []struct { //nolint:paralleltest // as above
		name string
		most float64
		take func(body []byte, r *http.Request)
	}{
		{"Verify and ParseEvent", 18, func(body []byte, r *http.Request) {
			if err := verifier.Verify(r.Header, body); err != nil {
				t.Fatal(err)
			}
			if _, err := whippy.ParseEvent(body); err != nil {
				t.Fatal(err)
			}
		}},
		{"ServeHTTP", 34, func(_ []byte, r *http.Request) { handler.ServeHTTP(&silent{header: make(http.Header)}, r) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			i := 0
			got := testing.AllocsPerRun(runs, func() {
				test.take(bodies[i], requests[i])
				i++
			})
			if t.Logf("%v allocations", got); got > test.most {
				t.Errorf("%v allocations an event, want at most %v", got, test.most)
			}
		})
	}
	if handled != runs+1 {
		t.Errorf("%d events were handled, want %d", handled, runs+1)
	}
}

// silent is an answer that nobody reads.
type silent struct {
	bytes.Buffer

	header http.Header
}

func (s *silent) Header() http.Header { return s.header }
func (*silent) WriteHeader(int)       {}
