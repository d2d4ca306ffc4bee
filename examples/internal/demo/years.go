package demo

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// Caller is the number of a caller with several sessions in [StudioYears].
const Caller = "12025550143"

// Years returns the first and the last moment of [StudioYears], a year and a half.
func Years() (from, to time.Time) {
	return vonageinsights.Days(time.Date(2024, time.January, 8, 0, 0, 0, 0, time.UTC), time.Date(2025, time.June, 30, 0, 0, 0, 0, time.UTC))
}

// StudioYears returns a fake with so many sessions at AI Studio, spread over
// [Years], the same ones each time.
func StudioYears(sessions int) *vonageinsightstest.Server {
	server := vonageinsightstest.NewServer()
	from, to := Years()
	r := rand.New(rand.NewPCG(2024, 2025)) //nolint:gosec // nothing here is secret
	for i := range sessions {
		step := to.Sub(from) / time.Duration(sessions)
		at := from.Add(time.Duration(i)*step + time.Duration(r.Int64N(int64(step))))
		server.Add(studioSession(r, i, at.Truncate(time.Microsecond)))
	}
	return server
}

func studioSession(r *rand.Rand, i int, at time.Time) *vonageinsights.Session {
	const version = "68f1c0772d9e110019aa0f10"
	talks := [...]struct{ question, answer, tag string }{
		{"Booking line, what can I do for you?", "I need someone to look at my boiler.", "booked"},
		{"Booking line, what can I do for you?", "Shut up and give me a human.", "gave up"},
		{"Is your order late, or do you want to change it?", "I want a refund, it arrived broken.", "refund"},
		{"Shall I move your visit to another day?", "Tuesday, please, after nine.", "moved"},
	}
	agents := [...]vonageinsights.AgentInformation{
		{ID: "68f1c05a2d9e110019aa0001", VersionID: version, Name: "Booking line", Voice: "Amy", Language: "en-US"},
		{ID: "68f1c05a2d9e110019aa0002", VersionID: version, Name: "Orders", Voice: "Brian", Language: "en-GB"},
	}
	channels := [...]vonageinsights.Channel{
		vonageinsights.ChannelTelephony, vonageinsights.ChannelTelephony, vonageinsights.ChannelWhatsApp, vonageinsights.ChannelHTTP,
	}
	talk, agent, channel := talks[r.IntN(len(talks))], agents[r.IntN(len(agents))], channels[r.IntN(len(channels))]
	source := fmt.Sprintf("120255501%02d", r.IntN(40))
	switch {
	case i%50 == 7:
		source = Caller
	case channel.Is(vonageinsights.ChannelWhatsApp):
		source = "+" + source
	}
	status := vonageinsights.StatusEnded
	if i%60 == 59 {
		status = vonageinsights.StatusInProgress
	}
	return &vonageinsights.Session{
		ID: fmt.Sprintf("%08x-%04x-4a7d-9c51-%012x", r.Uint32(), r.IntN(1<<16), i), AccountID: "66f0a1c29b7e440012ab34cd", APIKey: "N/A",
		Source: source, Destination: "12025550100", Channel: channel, Language: agent.Language, Status: status,
		SessionStartTime: at, AgentInformation: agent,
		ChannelData: vonageinsights.ChannelData{CallStatus: status, DurationMs: 20_000 + r.Int64N(200_000)},
		Transcription: []vonageinsights.Utterance{
			{SpeakerKey: version, Text: talk.question},
			{SpeakerKey: "user", Text: talk.answer},
			{SpeakerKey: version, Text: "I will see to it."},
			{SpeakerKey: "user", Text: "Thank you."},
		},
		TagsList: []vonageinsights.TagCount{{Tag: talk.tag, Category: "outcome", Count: 1}},
	}
}
