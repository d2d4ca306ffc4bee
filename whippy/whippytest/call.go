package whippytest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/whippy"
)

// callAtStart is the n-th call as it is when it begins.
func callAtStart(n int) *whippy.Call {
	start := time.Date(2026, time.March, 9, 15, 4, 7, 318402000, time.UTC).Add(time.Duration(n-1) * 10 * time.Minute)
	return &whippy.Call{
		ID:             uuid("call", n),
		DeliveryStatus: whippy.DeliveryStatus(whippy.CallInProgress),
		Direction:      whippy.DirectionInbound,
		Type:           whippy.MessageTypeCall,
		Mode:           whippy.ModeAI,
		From:           "+120255501" + fmt.Sprintf("%02d", (n%100+100)%100),
		To:             "+13125550100",
		CreatedAt:      start,
		UpdatedAt:      start,
		ConversationID: uuid("conversation", n),
		ContactID:      uuid("contact", n),
		ChannelID:      uuid("channel", 0),
		Metadata: &whippy.Metadata{
			Type:             "phone",
			PlaceholdersData: map[string]string{"first_name||there": "Noor"},
			AgentID:          agentID(),
			AgentVersionID:   uuid("agent version", 0),
			LLMID:            uuid("llm", 0),
			LLMVersionID:     uuid("llm version", 0),
		},
		Attachments: []whippy.Attachment{},
	}
}

// callAtEnd is the same call after its end.
func callAtEnd(n int) *whippy.Call {
	call := callAtStart(n)
	call.DeliveryStatus = whippy.DeliveryStatus(string(whippy.CallCompleted) + "." + string(whippy.ReasonAgentHangup))
	call.Body = strings.Join(transcript(), "\n") + "\n"
	call.UpdatedAt = call.CreatedAt.Add(43906218 * time.Microsecond)
	call.Metadata.DurationMs = new(41270.0)
	call.Attachments = []whippy.Attachment{
		file(n, "recording.wav", "audio/x-wav"),
		file(n, "transcript.json", "application/json"),
	}
	return call
}

// callWhenAnalyzed is the same call with its analysis.
func callWhenAnalyzed(n int) *whippy.Call {
	call := callAtEnd(n)
	call.UpdatedAt = call.UpdatedAt.Add(712554 * time.Microsecond)
	call.Metadata.Analysis = &whippy.Analysis{
		AgentTaskCompletionRating: whippy.RatingComplete,
		CallCompletionRating:      whippy.RatingComplete,
		CallSuccessful:            new(true),
		CallSummary: "Noor called the bicycle workshop to move a repair from Tuesday to Thursday. " +
			"The agent booked Thursday at 9:30 and confirmed the price.",
		CustomAnalysisData: json.RawMessage(`{"new_slot":"Thursday 9:30","quoted_price":45}`),
		InVoicemail:        new(false),
		UserSentiment:      whippy.SentimentPositive,
	}
	call.Attachments = append(call.Attachments, file(n, "analysis.json", "application/json"))
	return call
}

func transcript() []string {
	return []string{
		"Agent: Pedal and Spoke workshop, good morning Noor. What can I do for you?",
		"User: Hi, I have a repair on Tuesday and need to move it.",
		"Agent: No problem. Thursday is free: 9:30 or 14:00. Which one suits you?",
		"User: Half past nine, please. And is it still 45 dollars?",
		"Agent: Yes, 45 dollars for the brakes. You are booked for Thursday at 9:30.",
		"User: Great, thank you!",
		"Agent: See you on Thursday. Goodbye!",
	}
}

func file(n int, name, contentType string) whippy.Attachment {
	return whippy.Attachment{
		AgentID:     agentID(),
		ContentType: contentType,
		URL: "https://files.whippy.test/organization_" + uuid("organization", 0) +
			"/calls/" + uuid(name, n) + "/" + name,
	}
}

func agentID() string { return uuid("agent", 0) }

// uuid returns an id that is the same for the same n-th thing.
func uuid(thing string, n int) string {
	sum := sha256.Sum256([]byte(thing + " " + strconv.Itoa(n)))
	sum[6] = sum[6]&0x0f | 0x40 // version 4
	sum[8] = sum[8]&0x3f | 0x80 // the variant of RFC 9562
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
