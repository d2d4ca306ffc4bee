package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/benchmarks/plain"
)

// callAnalyzed returns the i-th call.analyzed event, of about 3.2 KB and of the
// shape of the sample on docs.whippy.ai/docs/calls. The same i is the same event.
func callAnalyzed(i int) *plain.Event {
	w := &writer{rand.New(rand.NewPCG(seed, uint64(i)))} //nolint:gosec // made up, and from 0
	began := time.Date(2026, time.May, 4, 13, 0, 0, 0, time.UTC).Add(time.Duration(i) * 7919 * time.Millisecond)
	ended := began.Add(time.Duration(w.IntN(300_000)) * time.Millisecond)
	agent, campaign, member := w.uuid(), w.uuid(), w.uuid()
	call := plain.Call{
		ID: fmt.Sprintf("%08x-%s", i, w.uuid()[9:]), DeliveryStatus: "call_completed.user_hangup",
		Direction: "OUTBOUND", Type: "call", Mode: "ai", Body: w.transcript(),
		From: "+1312" + w.digits(7), To: "+1312" + w.digits(7), CreatedAt: began, UpdatedAt: ended,
		ConversationID: w.uuid(), ContactID: w.uuid(), ChannelID: w.uuid(),
		CampaignID: &campaign, CampaignContactID: &member,
		Metadata: plain.Metadata{
			Type: "phone", Duration: ended.Sub(began).Seconds()*1000 + 0.5,
			PlaceholdersData: map[string]string{"last_name||there": w.sentence(1), "visit_day": "Friday"},
			AgentID:          agent, AgentVersionID: w.uuid(), LLMID: w.uuid(), LLMVersionID: w.uuid(),
			Analysis: plain.Analysis{
				AgentTaskCompletionRating: "Complete", CallCompletionRating: "Partial", CallSuccessful: true,
				CallSummary: w.sentence(20), CustomAnalysisData: plain.CustomAnalysis{Companions: 1}, UserSentiment: "Neutral",
			},
		},
	}
	for _, name := range []string{"recording.wav", "transcript.json", "analysis.json"} {
		call.Attachments = append(call.Attachments, plain.Attachment{
			AgentID: agent, ContentType: "application/json",
			URL: "https://media.example/organization_" + w.uuid() + "/calls/" + w.uuid() + "/" + name,
		})
	}
	return &plain.Event{
		Data: call, APIVersion: "v1", Event: "call.analyzed", CreatedAt: ended.Add(4 * time.Second), RequestID: w.uuid(),
	}
}

func (w *writer) uuid() string {
	return strings.Join([]string{w.hex(8), w.hex(4), w.hex(4), w.hex(4), w.hex(12)}, "-")
}

// transcript is what was said: turns of the agent and the caller by turns.
func (w *writer) transcript() string {
	var b strings.Builder
	for range 9 {
		fmt.Fprintf(&b, "Agent: %s\nUser: %s\n", w.sentence(11), w.sentence(5))
	}
	return b.String()
}
