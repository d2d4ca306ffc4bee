package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/whippy"
)

// fromWhippy makes a conversation of a call, as one of its events tells it.
func fromWhippy(w *whippy.Call) *conversation {
	c := &conversation{
		Service: serviceWhippy, ID: w.ID, Title: "Call from " + cmp.Or(w.From, "a caller"),
		Start: w.CreatedAt, Direction: direction(strings.ToLower(string(w.Direction))), Medium: "phone call",
		Outcome:  strings.TrimPrefix(whippyWords(string(w.DeliveryStatus)), "call "),
		modified: w.UpdatedAt,
	}
	if c.Direction == outbound {
		c.Title = "Call to " + cmp.Or(w.To, "a customer")
	}
	c.Length, _ = w.Duration()
	c.talk(slices.Collect(w.Turns()), func(t callinsights.Turn) speaker {
		return whippySpeaker(w, t)
	})
	c.addAnalysis(w.Analysis())
	if w.Metadata != nil {
		for _, name := range slices.Sorted(maps.Keys(w.Metadata.PlaceholdersData)) {
			label, _, _ := strings.Cut(name, "||")
			c.addFact("Known before: "+whippyWords(label), w.Metadata.PlaceholdersData[name])
		}
	}
	c.addFact("From", w.From)
	c.addFact("To", w.To)
	c.addFact("Call", w.ID)
	c.addFact("Conversation", w.ConversationID)
	return c
}

func whippySpeaker(w *whippy.Call, t callinsights.Turn) speaker {
	s := speaker{Name: cmp.Or(t.Speaker, "Somebody"), Role: t.Role}
	ours, theirs := w.To, w.From
	if w.Direction.Is(whippy.DirectionOutbound) {
		ours, theirs = theirs, ours
	}
	switch t.Role {
	case callinsights.RoleAgent:
		s.Detail = ours
	case callinsights.RoleCustomer:
		s.Detail = theirs
	}
	return s
}

// whippyWords turns "call_completed.agent_hangup" into words.
func whippyWords(name string) string { return strings.NewReplacer("_", " ", ".", ", ").Replace(name) }

func (c *conversation) addAnalysis(a *whippy.Analysis) {
	if a == nil {
		return
	}
	if a.CallSummary != "" {
		c.Summary = []string{a.CallSummary}
	}
	if c.Sentiment = sentiment(strings.ToLower(string(a.UserSentiment))); c.Sentiment == "unknown" {
		c.Sentiment = ""
	}
	c.addFact("Successful", yesNo(a.CallSuccessful))
	c.addFact("Agent's task", string(a.AgentTaskCompletionRating))
	c.addFact("Call", string(a.CallCompletionRating))
	c.addFact("Voice mailbox", yesNo(a.InVoicemail))
	var answers map[string]json.RawMessage
	if a.DecodeCustomAnalysis(&answers) != nil {
		c.addFact("Analysis", string(a.CustomAnalysisData)) // a list, or a text
	}
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		c.addFact(capital(whippyWords(name)), plainJSON(answers[name]))
	}
}

func yesNo(b *bool) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return "yes"
	}
	return "no"
}

// plainJSON is a text as it is, and any other value as its JSON.
func plainJSON(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}
