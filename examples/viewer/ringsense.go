package main

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
)

// fromRingSense makes a conversation of a recording.
func fromRingSense(r *ringsense.RecordingInsights) *conversation {
	c := &conversation{
		Service: serviceRingSense, ID: r.SourceRecordID, Title: r.Title,
		Start: r.RecordingStartTime, Length: r.Duration(),
		Direction: direction(strings.ToLower(string(r.CallDirection))),
		Medium:    ringsenseMedium(r.Domain), Page: r.RSRecordURI,
		modified: r.LastModifiedTime,
	}
	speakers := speakersOf(r)
	c.talk(slices.Collect(r.Turns()), func(t callinsights.Turn) speaker {
		s := speakers[t.SpeakerID]
		return ringsenseSpeaker(&s, t.Role, len(c.Speakers))
	})
	c.addSilent(r)
	addInsights(c, r, speakers)
	c.addFact("Recording", r.SourceRecordID)
	c.addFact("Session", r.SourceSessionID)
	c.addFact("Owner", r.OwnerExtensionID)
	if !r.CreationTime.IsZero() {
		c.addFact("Insights made", r.CreationTime.UTC().Format(minuteLayout))
	}
	return c
}

// speakersOf returns the speakers by their ids. Of an id that is repeated the first
// counts, and an empty one is none, as in [ringsense.RecordingInsights.Speaker], which
// would look through all of them for each turn and each item.
func speakersOf(r *ringsense.RecordingInsights) map[string]ringsense.Speaker {
	speakers := make(map[string]ringsense.Speaker, len(r.SpeakerInfo))
	for _, s := range slices.Backward(r.SpeakerInfo) {
		speakers[s.SpeakerID] = s
	}
	delete(speakers, "")
	return speakers
}

func ringsenseMedium(d ringsense.Domain) string {
	switch d {
	case ringsense.DomainPBX:
		return "phone call"
	case ringsense.DomainRCV:
		return "video meeting"
	case ringsense.DomainRCX, ringsense.DomainNICE:
		return "contact centre call"
	case ringsense.DomainMSTeams:
		return "Teams meeting"
	}
	return shorten(cmp.Or(string(d), "recording"), maxName)
}

func ringsenseSpeaker(s *ringsense.Speaker, role callinsights.Role, lane int) speaker {
	detail := s.PhoneNumber
	if s.ExtensionID != "" {
		detail = "extension " + s.ExtensionID
	}
	name := cmp.Or(strings.TrimSpace(s.Name), s.PhoneNumber, "Speaker "+strconv.Itoa(lane+1))
	return speaker{Name: name, Role: role, Detail: strings.TrimPrefix(detail, name)}
}

// addSilent adds the participants who say nothing.
func (c *conversation) addSilent(r *ringsense.RecordingInsights) {
	spoke := make(map[string]bool)
	for t := range r.Turns() {
		spoke[t.SpeakerID] = true
	}
	for i := range r.SpeakerInfo {
		s := &r.SpeakerInfo[i]
		if spoke[s.SpeakerID] {
			continue
		}
		spoke[s.SpeakerID] = true
		var role callinsights.Role
		switch {
		case s.AccountID != "" || s.ExtensionID != "":
			role = callinsights.RoleAgent
		case s.External():
			role = callinsights.RoleCustomer
		}
		c.Speakers = append(c.Speakers, ringsenseSpeaker(s, role, len(c.Speakers)))
	}
}

func addInsights(c *conversation, r *ringsense.RecordingInsights, speakers map[string]ringsense.Speaker) {
	in := &r.Insights
	for i := range in.Summary {
		c.Summary = append(c.Summary, in.Summary[i].Value)
	}
	if len(in.Sentiment) > 0 {
		c.Sentiment = sentiment(strings.ToLower(in.Sentiment[0].Value))
	}
	c.addList("Next steps", ringsenseItems(c, speakers, in.NextSteps))
	c.addList("Highlights", ringsenseItems(c, speakers, in.Highlights))
	c.addList("In short", ringsenseItems(c, speakers, in.BulletedSummary))
	c.addList("Questions and answers", ringsenseItems(c, speakers, in.QnA))
	var notes []item
	for i := range in.CallNotes {
		for _, line := range in.CallNotes[i].Lines() {
			notes = append(notes, item{Text: line})
		}
	}
	c.addList("Notes", notes)
	for i := range in.AIScore {
		c.addFact("AI score", in.AIScore[i].Value)
	}
}

func ringsenseItems(c *conversation, speakers map[string]ringsense.Speaker, insights []ringsense.Insight) []item {
	begins := c.begins()
	items := make([]item, len(insights))
	for i := range insights {
		in := &insights[i]
		who := speakers[in.SpeakerID]
		items[i] = item{Text: in.Value, Section: in.Section, Who: shorten(cmp.Or(who.Name, who.PhoneNumber), maxName)}
		if in.End > 0 && c.Timed {
			items[i].At = max(in.Start.Duration(), 0)
			items[i].Turn = turnAt(begins, items[i].At)
		}
	}
	return items
}

// begin is when a turn begins, and its number from 1.
type begin struct {
	at     time.Duration
	number int
}

// begins are those of all turns, the earliest first.
func (c *conversation) begins() []begin {
	all := make([]begin, len(c.Turns))
	for i := range c.Turns {
		all[i] = begin{c.Turns[i].Start, i + 1}
	}
	slices.SortFunc(all, func(a, b begin) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.number, b.number)) })
	return all
}

// turnAt is the number of the turn that something at this time is about: the last
// one that has begun, 0 if none has.
func turnAt(begins []begin, at time.Duration) int {
	later := sort.Search(len(begins), func(i int) bool { return begins[i].at > at })
	if later == 0 {
		return 0
	}
	return begins[later-1].number
}
