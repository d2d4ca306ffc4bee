package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go/benchmarks/plain"
)

// pageOf is a page of so many sessions.
func pageOf(sessions int) *document {
	c := corpus{Sessions: sessions, Days: 50}
	return &document{
		name: fmt.Sprintf("page-%d", sessions), title: fmt.Sprintf("a page of %d Vonage sessions", sessions),
		text: sync.OnceValue(func() []byte { return c.page(c.Sessions) }), parts: sessions, part: "session",
	}
}

// page is the answer that has the first n of the sessions, by start time.
func (c *corpus) page(n int) []byte { return encode(pageWith(c.sorted()[:n])) }

func pageWith(sessions []plain.Session) *plain.Page {
	return &plain.Page{Total: len(sessions), Hits: sessions, PageSize: strconv.Itoa(len(sessions)), PageNumber: "0"}
}

// sorted are the sessions by start time.
func (c *corpus) sorted() []plain.Session {
	all := make([]plain.Session, c.Sessions)
	for i := range all {
		all[i] = *c.session(i)
	}
	slices.SortFunc(all, func(a, b plain.Session) int {
		if a.SessionStartTime < b.SessionStartTime {
			return -1
		}
		return 1
	})
	return all
}

// encode writes what is made of texts and numbers, which cannot fail.
func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// longRecord is what RingSense has of a long call.
func longRecord(utterances int) *document {
	return &document{
		name: "record", title: fmt.Sprintf("a RingSense record of %d utterances", utterances),
		text: sync.OnceValue(func() []byte { return encode(record(utterances)) }), parts: utterances, part: "utterance",
	}
}

// record is of the shape of the samples on developers.ringcentral.com/guide/ai/ace.
func record(utterances int) *plain.Record {
	w := &writer{rand.New(rand.NewPCG(seed, uint64(utterances)))} //nolint:gosec // made up
	began := time.Date(2026, time.April, 21, 13, 5, 11, 251_000_000, time.UTC)
	account, extension := w.digits(10), w.digits(10)
	speakers := []plain.Speaker{
		{SpeakerID: "p-" + w.hex(30) + "-1", Name: w.sentence(2), AccountID: &account, ExtensionID: &extension},
		{SpeakerID: "p-" + w.hex(30) + "-2", Name: w.sentence(2), PhoneNumber: "+" + w.digits(11)},
	}
	r := &plain.Record{
		Title: w.sentence(4), RSRecordURI: "https://ringsense.example.com/calls/" + w.hex(32), Domain: "pbx",
		SourceRecordID: w.digits(13), SourceSessionID: "s-" + w.hex(30), CallDirection: "Inbound", OwnerExtensionID: extension,
		RecordingStartTime: began, CreationTime: began.Add(2 * time.Hour), LastModifiedTime: began.Add(2 * time.Hour),
		SpeakerInfo: speakers,
		Insights:    plain.Insights{AIScore: []plain.Insight{{Value: "8.5"}}, Sentiment: []plain.Insight{{Value: "Positive"}}},
	}
	at := 0 // hundredths of a second, as exact as the samples
	span := func() (from, to float64) {
		begin := at + 25
		at = begin + 10*(1+w.IntN(80))
		return float64(begin) / 100, float64(at) / 100
	}
	for i := range utterances {
		from, to := span()
		r.Insights.Transcript = append(r.Insights.Transcript, plain.Utterance{
			SpeakerID: speakers[i%2].SpeakerID, Text: w.sentence(4 + w.IntN(16)), Start: from, End: to,
		})
	}
	r.RecordingDurationMs = int64(at) * 10
	for i := range 5 {
		from, to := float64(i), float64(i+1)
		r.Insights.Summary = append(r.Insights.Summary, plain.Insight{Value: w.sentence(40), Start: from, End: to})
		r.Insights.BulletedSummary = append(r.Insights.BulletedSummary, plain.Insight{Value: w.sentence(12), Section: "The order"})
		next := plain.Insight{Value: w.sentence(10), SpeakerID: speakers[0].SpeakerID, Start: from, End: to}
		r.Insights.NextSteps, r.Insights.Highlights = append(r.Insights.NextSteps, next), append(r.Insights.Highlights, next)
	}
	return r
}

// analyzedCall is an event of Whippy.
func analyzedCall() *document {
	return &document{
		name: "event", title: "a Whippy `call.analyzed`",
		text: sync.OnceValue(func() []byte { return encode(callAnalyzed(0)) }), parts: 1, part: "event",
	}
}
