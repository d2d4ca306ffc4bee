package ringsense

import (
	"maps"
	"slices"
	"time"
)

// backfillState is how far a backfill has come.
type backfillState struct {
	// At and ID are the place reached in the call log, and Done says that it was
	// read to its end. Untimed are the recordings of calls without a time, which
	// have no such place, with the end of the piece of the log that listed them.
	At      time.Time            `json:"at,omitzero"`
	ID      string               `json:"id,omitempty"`
	Untimed map[string]time.Time `json:"untimed,omitempty"`
	Done    bool                 `json:"done,omitempty"`
	// Items counts the recordings that were yielded, and Skipped those that were
	// given up, by their causes.
	Items   int                `json:"items,omitempty"`
	Skipped map[string]int     `json:"skipped,omitempty"`
	Pending []pendingRecording `json:"pending,omitempty"`
}

// pendingRecording is one that has not all of its insights yet. Those that were
// asked for in vain longest ago come first.
type pendingRecording struct {
	ID string `json:"id"`
	// Since is when the first answer for it came, in Unix seconds, 0 before.
	Since int64 `json:"since"`
}

// answered notes the time of an answer, if it is the first one.
func (p *pendingRecording) answered(absence error) {
	if absence != nil && p.Since == 0 {
		p.Since = time.Now().Unix()
	}
}

// since is when the first answer came, now if there has been none.
func (p *pendingRecording) since() time.Time {
	if p.Since == 0 {
		return time.Now()
	}
	return time.Unix(p.Since, 0)
}

func (s *backfillState) clone() backfillState {
	fresh := *s
	fresh.Untimed = maps.Clone(s.Untimed)
	fresh.Skipped = maps.Clone(s.Skipped)
	fresh.Pending = slices.Clone(s.Pending)
	return fresh
}

// reach takes over a place unless it is behind, and forgets the calls without a
// time that no backfill which is resumed from there will read again.
func (s *backfillState) reach(place logPlace) {
	switch {
	case place.untimed:
		if s.Untimed == nil {
			s.Untimed = make(map[string]time.Time)
		}
		s.Untimed[place.id] = place.at.UTC()
	case place.compare(logPlace{at: s.At, id: s.ID}) > 0:
		s.At, s.ID = place.at.UTC(), place.id
		maps.DeleteFunc(s.Untimed, func(_ string, at time.Time) bool { return at.Before(s.At.Add(-2 * sharedWithin)) })
	}
}

func (s *backfillState) skip(cause error) {
	if s.Skipped == nil {
		s.Skipped = make(map[string]int)
	}
	s.Skipped[cause.Error()]++
}
