package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// payloads are texts that a page may take for something else.
var payloads = []string{
	`<script>owned = 1</script>`,
	`"><img src=x onerror=owned=1>`,
	`' onfocus=owned=1 autofocus x='`,
	`</title></desc></text></svg><script>owned = 1</script>`,
	`<svg/onload=owned=1>`,
	`</bdi></li></ol><iframe srcdoc="<script>parent.owned=1</script>">`,
	`javascript:owned=1`,
	`<style>* { display: none }</style>`,
	`--><!-- <b>bold</b> &lt;b&gt; {{.Title}}`,
	`<base href="https://example.com/"><meta http-equiv="refresh" content="0;url=/problems">`,
	"turned \u202e around and a bell \x07",
	strings.Repeat("W", 400),
}

// hostileLibrary has each payload in all texts of a call of each service, and
// problems that quote one.
func hostileLibrary(t *testing.T) *library {
	t.Helper()
	calls := newLibrary(64 << 20)
	for i, p := range payloads {
		for _, document := range [][]byte{hostileRecording(t, i, p), hostileSession(t, i, p), hostileCall(i, p)} {
			if err := addDocument(calls, document); err != nil {
				t.Fatal(err)
			}
		}
		calls.report(p+":1", fmt.Errorf("the receiver could not decode what came: %s", p))
	}
	calls.sort()
	if len(calls.all) != 3*len(payloads) {
		t.Fatalf("%d calls of %d payloads", len(calls.all), len(payloads))
	}
	return calls
}

func hostileRecording(t *testing.T, i int, p string) []byte {
	t.Helper()
	one := []any{map[string]any{"value": p, "speakerId": p, "section": p, "start": 1, "end": 2}}
	return toJSON(t, map[string]any{
		"title": p, "rsRecordUri": p, "domain": p, "sourceRecordId": fmt.Sprint(i, p), "sourceSessionId": p, "callDirection": p,
		"ownerExtensionId": p, "recordingDurationMs": 5000, "recordingStartTime": "2026-10-01T10:00:00Z",
		"speakerInfo": []any{map[string]any{"speakerId": p, "name": p, "accountId": p, "extensionId": p, "phoneNumber": p}},
		"insights": map[string]any{
			"Transcript": []any{map[string]any{"speakerId": p, "text": p, "start": 0, "end": 2}, map[string]any{"speakerId": "other", "text": p, "start": -3, "end": 1e300}},
			"Summary":    one, "Highlights": one, "NextSteps": one, "BulletedSummary": one, "AIScore": one, "CallNotes": one, "Sentiment": one, "QnA": one,
		},
	})
}

func hostileSession(t *testing.T, i int, p string) []byte {
	t.Helper()
	return toJSON(t, map[string]any{
		"id": fmt.Sprint(i, p), "source": p, "destination": p, "channel": p, "language": p, "status": p,
		"session_start_time": "2026-10-01T11:00:00", "agent_information": map[string]any{"id": p, "name": p, "voice": p},
		"transcription": []any{map[string]any{p: p}, map[string]any{"user": p}, map[string]any{"user": ""}},
		"tags_list":     []any{map[string]any{"tag": p, "category": p, "count": 2}},
		"params_list":   []any{map[string]any{"name": p, "value": p}},
	})
}

func hostileCall(i int, p string) []byte {
	events := whippytest.CallEvents(i+1, func(_ *whippy.Event, c *whippy.Call) {
		c.From, c.To, c.ConversationID = p, p, p
		c.DeliveryStatus, c.Direction = whippy.DeliveryStatus(p), whippy.Direction(p)
		c.Body = "Agent: " + p + "\nUser: " + p
		c.Metadata.PlaceholdersData = map[string]string{p: p}
		if a := c.Metadata.Analysis; a != nil {
			a.CallSummary, a.UserSentiment, a.CallCompletionRating = p, whippy.Sentiment(p), whippy.Rating(p)
			a.CustomAnalysisData, _ = json.Marshal(map[string]string{p: p})
		}
	})
	return events[2] // analysed
}

func toJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
