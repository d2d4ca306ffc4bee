package callinsights_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// TestDecodingAllocations pins what decoding and encoding cost the garbage
// collector. Where few is not 0, what a document costs by itself does not count.
func TestDecodingAllocations(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts those of all goroutines
	if raceDetector {
		t.Skip("the race detector drops what waits to be used again")
	}
	for _, test := range []struct { //nolint:paralleltest // as above
		name      string
		take      func(t *testing.T, n int) func()
		few, many int     // parts
		most      float64 // for each part
	}{
		{"session of a page", takePage, 0, 100, 19},
		{"session of a stream", takeStream, 100, 1000, 20},
		{"recording of 2,000 utterances", takeRecording, 0, 1, 22},
		{"event", takeEvent, 0, 1, 15},
		{"encoding a session", writeSession, 0, 1, 121},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := testing.AllocsPerRun(20, test.take(t, test.many))
			if test.few > 0 {
				got -= testing.AllocsPerRun(20, test.take(t, test.few))
			}
			got /= float64(test.many - test.few)
			if t.Logf("%.2f allocations", got); got > test.most {
				t.Errorf("%.2f allocations, want at most %v", got, test.most)
			}
		})
	}
}

func takePage(t *testing.T, n int) func() {
	t.Helper()
	text := []byte(sessionsPage(t, n))
	return func() {
		var page vonageinsights.Page
		if err := page.UnmarshalJSON(text); err != nil || len(page.Sessions) != n {
			t.Fatal(len(page.Sessions), err)
		}
	}
}

func takeStream(t *testing.T, n int) func() {
	t.Helper()
	client, err := vonageinsights.NewClient("key", vonageinsights.EU,
		vonageinsights.WithHTTPClient(&http.Client{Transport: reply(sessionsPage(t, n))}))
	if err != nil {
		t.Fatal(err)
	}
	query := vonageinsights.Query{From: firstSession, To: firstSession.Add(time.Hour)}
	return func() {
		found := 0
		for _, err := range client.Search(t.Context(), query) {
			if err != nil {
				t.Fatal(err)
			}
			found++
		}
		if found != n {
			t.Fatal(found)
		}
	}
}

func takeRecording(t *testing.T, _ int) func() {
	t.Helper()
	const utterances = 2000
	var made ringsense.RecordingInsights
	for i := range utterances {
		start := ringsense.Seconds(i) + 0.25
		made.Insights.Transcript = append(made.Insights.Transcript,
			ringsense.Utterance{SpeakerID: "p-1", Text: "She said \"yes\" at the café.", Start: start, End: start + 0.5})
	}
	text, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		var recording ringsense.RecordingInsights
		if err := recording.UnmarshalJSON(text); err != nil || len(recording.Insights.Transcript) != utterances {
			t.Fatal(len(recording.Insights.Transcript), err)
		}
	}
}

func takeEvent(t *testing.T, _ int) func() {
	t.Helper()
	payload := whippytest.CallAnalyzed()
	return func() {
		if event, err := whippy.ParseEvent(payload); err != nil || event.Type != whippy.EventCallAnalyzed {
			t.Fatal(event, err)
		}
	}
}

func writeSession(t *testing.T, _ int) func() {
	t.Helper()
	var page vonageinsights.Page
	if err := page.UnmarshalJSON([]byte(sessionsPage(t, 1))); err != nil {
		t.Fatal(err)
	}
	return func() {
		if text, err := page.Sessions[0].MarshalJSON(); err != nil || len(text) == 0 {
			t.Fatal(len(text), err)
		}
	}
}

var firstSession = time.Date(2031, time.May, 2, 10, 0, 0, 0, time.UTC)

// sessionsPage is a page of n sessions like the sample, which began one after the other.
func sessionsPage(t *testing.T, n int) string {
	t.Helper()
	sample, err := os.ReadFile("testdata/vonageinsights/session.json")
	if err != nil {
		t.Fatal(err)
	}
	page := vonageinsights.Page{Total: n}
	for i := range n {
		session := new(vonageinsights.Session)
		if err := json.Unmarshal(sample, session); err != nil {
			t.Fatal(err)
		}
		session.ID = fmt.Sprintf("session-%d", i)
		session.SessionStartTime = firstSession.Add(time.Duration(i) * time.Second)
		page.Sessions = append(page.Sessions, session)
	}
	text, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
