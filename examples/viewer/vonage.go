package main

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// fromVonage makes a conversation of a session.
func fromVonage(s *vonageinsights.Session) *conversation {
	agent := cmp.Or(strings.TrimSpace(s.AgentInformation.Name), "Agent")
	c := &conversation{
		Service: serviceVonage, ID: s.ID, Title: agent + " and " + cmp.Or(s.Source, "a caller"),
		Start: s.SessionStartTime, Length: s.Duration(), Medium: vonageMedium(s.Channel),
		Outcome: strings.ReplaceAll(string(s.Status), "_", " "),
	}
	c.talk(slices.Collect(s.Turns()), func(t callinsights.Turn) speaker {
		switch t.Role {
		case callinsights.RoleCustomer:
			return speaker{Name: "Caller", Role: t.Role, Detail: s.Source}
		case callinsights.RoleAgent:
			return speaker{Name: agent, Role: t.Role, Detail: "bot"}
		}
		return speaker{Name: "Somebody"}
	})
	c.addList("Tags", vonageTags(s))
	for _, p := range vonageParameters(s) {
		c.addFact(p.Label, p.Value)
	}
	c.addFact("From", s.Source)
	c.addFact("To", s.Destination)
	c.addFact("Language", s.Language)
	c.addFact("Voice", s.AgentInformation.Voice)
	c.addFact("Session", s.ID)
	return c
}

func vonageMedium(c vonageinsights.Channel) string {
	switch {
	case c.Is(vonageinsights.ChannelTelephony), c.Is(vonageinsights.ChannelVoice):
		return "phone call"
	case c.Is(vonageinsights.ChannelWhatsApp):
		return "WhatsApp chat"
	case c.Is(vonageinsights.ChannelHTTP):
		return "web chat"
	}
	return shorten(cmp.Or(string(c), "session"), maxName)
}

func vonageTags(s *vonageinsights.Session) []item {
	var items []item
	tags := s.Tags()
	for _, category := range slices.Sorted(maps.Keys(tags)) {
		for _, tag := range slices.Sorted(maps.Keys(tags[category])) {
			text := tag
			if count := tags[category][tag]; count > 1 {
				text += ", " + strconv.Itoa(count) + " times"
			}
			items = append(items, item{Text: text, Section: category})
		}
	}
	return items
}

// vonageParameters are what the session collected, by name.
func vonageParameters(s *vonageinsights.Session) []fact {
	values := s.Parameters()
	for name, p := range s.Params() {
		values[name] = p.Value
	}
	for i := range s.ParamsList {
		p := &s.ParamsList[i]
		values[p.Name] = cmp.Or(p.ValueText, p.Value, values[p.Name])
	}
	var facts []fact
	for _, name := range slices.Sorted(maps.Keys(values)) {
		facts = append(facts, fact{"Collected: " + name, values[name]})
	}
	return facts
}
