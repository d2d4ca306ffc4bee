package callinsights_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
)

// reply answers every request with a body, and as little else as it takes.
type reply string

func (r reply) RoundTrip(*http.Request) (*http.Response, error) {
	body := io.NopCloser(strings.NewReader(string(r)))
	return &http.Response{StatusCode: http.StatusOK, ContentLength: int64(len(r)), Body: body}, nil
}

// TestCallAllocations pins what a call costs the garbage collector besides the
// transport of net/http and the document, which here is next to nothing.
func TestCallAllocations(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts those of all goroutines
	if raceDetector {
		t.Skip("the race detector drops what waits to be used again")
	}
	const most = 51
	client, err := vonageinsights.NewClient("key", vonageinsights.EU,
		vonageinsights.WithHTTPClient(&http.Client{Transport: reply(`{"id":"s-1"}`)}))
	if err != nil {
		t.Fatal(err)
	}
	started := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	got := testing.AllocsPerRun(100, func() {
		if session, err := client.Session(t.Context(), "s-1", started); err != nil || session.ID != "s-1" {
			t.Fatal(session, err)
		}
	})
	if t.Logf("%v allocations", got); got > most {
		t.Errorf("%v allocations a call, want at most %v", got, most)
	}
}
