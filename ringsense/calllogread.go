package ringsense

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"
)

// logPlace is a place in the call log: that of a recording, or, without one,
// the end of a piece of the log that was read.
type logPlace struct {
	at        time.Time // when the call began
	id        string    // of the recording
	recording *CallRecording
}

// compare orders places by time and, within a time, by the ids of recordings.
func (p logPlace) compare(other logPlace) int {
	return cmp.Or(p.at.Compare(other.at), cmp.Compare(p.id, other.id))
}

// logWindow is a piece of the log: from and to are what the service is asked
// for, and end is where the next piece takes over. It is a little before to, as
// the ends of a range may count or not, and be rounded.
type logWindow struct{ from, end, to time.Time }

func (w logWindow) holds(t time.Time) bool { return !t.Before(w.from) && !t.After(w.to) }

const (
	// The first piece of the log is short, and the others are made longer or
	// shorter by what the one before held.
	firstWindow   = time.Hour
	longestWindow = 32 * 24 * time.Hour
	shortWindow   = time.Minute
	manyPages     = 3
	// windowMargin is how far from the ends of a range its calls are sure to be
	// found.
	windowMargin = time.Second
	// sharedWithin is how far apart two calls may begin that list the same
	// recording, such as those of a transfer.
	sharedWithin = 4 * time.Hour
)

// read yields the recordings after the given place, oldest first, and the end
// of each piece of the log.
func (l *callLog) read(ctx context.Context, after logPlace) iter.Seq2[logPlace, error] {
	return func(yield func(logPlace, error) bool) {
		seen := map[string]time.Time{} // the recordings of late, by when their calls began
		window := logWindow{from: l.from}
		// What comes after the place may have been listed before it as well.
		if start := after.at.Add(-sharedWithin); start.After(l.from) {
			window.from = start
		}
		for width := firstWindow; ; {
			window.to = window.from.Add(width)
			window.end = window.to.Add(-windowMargin)
			if !window.to.Before(l.to) {
				window.to, window.end = l.to, l.to
			}
			places, pages, err := l.window(ctx, window)
			if err != nil {
				yield(logPlace{}, err)
				return
			}
			for _, place := range places {
				_, known := seen[place.id]
				if seen[place.id] = place.at; known || place.compare(after) <= 0 {
					continue
				}
				if !yield(place, nil) {
					return
				}
			}
			if !yield(logPlace{at: window.end}, nil) || window.to.Equal(l.to) {
				return
			}
			width = nextWidth(width, pages, len(places) <= l.perPage/4)
			window.from = window.end.Add(-windowMargin)
			for id, at := range seen {
				if at.Before(window.from.Add(-sharedWithin)) {
					delete(seen, id)
				}
			}
		}
	}
}

// nextWidth is that of the next piece of the log.
func nextWidth(width time.Duration, pages int, sparse bool) time.Duration {
	switch {
	case pages > manyPages:
		return max(width/2, shortWindow)
	case pages == 1 && sparse:
		return min(width*2, longestWindow)
	default:
		return width
	}
}

// window reads a piece of the log, page by page, newest call first as the
// service sends them, and returns its recordings oldest first.
func (l *callLog) window(ctx context.Context, w logWindow) (places []logPlace, pages int, err error) {
	for number := 1; number != 0; pages++ {
		page, err := l.page(ctx, w, number)
		if err != nil {
			return nil, 0, err
		}
		for _, record := range page.records {
			places = append(places, w.recordings(record)...)
		}
		number = page.next
	}
	slices.SortStableFunc(places, logPlace.compare)
	return places, pages, nil
}

// recordings returns those of a call and of its legs, none for a call that the
// next window will list. A call whose time is missing or wrong counts as the
// last one of the window, because a place further ahead is never taken for one
// that was passed.
func (w logWindow) recordings(call *CallRecord) []logPlace {
	var places []logPlace
	at := call.StartTime
	switch {
	case !w.holds(at):
		at = w.end
	case at.After(w.end):
		return nil
	}
	add := func(r *CallLogRecording, leg *CallLeg) {
		if r == nil || r.ID == "" {
			return
		}
		session := call.TelephonySessionID
		if leg != nil {
			session = cmp.Or(leg.TelephonySessionID, session)
		}
		places = append(places, logPlace{at: at, id: r.ID, recording: &CallRecording{
			ID: r.ID, TelephonySessionID: session, Type: r.Type, URI: r.URI, ContentURI: r.ContentURI, Call: call, Leg: leg,
		}})
	}
	add(call.Recording, nil)
	for i := range call.Legs {
		add(call.Legs[i].Recording, &call.Legs[i])
	}
	return places
}
