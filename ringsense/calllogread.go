package ringsense

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"time"
)

// logPlace is a place in the call log: that of a recording, or, without one,
// the end of a piece of the log that was read or what is listed once more.
type logPlace struct {
	at        time.Time // when the call began
	id        string    // of the recording
	recording *CallRecording
	// untimed says that the call does not tell when it began. at is then the end
	// of the piece of the log that lists it, and the place none to go on from.
	untimed bool
}

// compare orders places by time and, within a time, by the ids of recordings.
func (p logPlace) compare(other logPlace) int {
	return cmp.Or(p.at.Compare(other.at), cmp.Compare(p.id, other.id))
}

// inOrder puts the places without a time first: as long as one of them is not
// dealt with, the place reached is before their piece of the log.
func inOrder(a, b logPlace) int {
	switch {
	case a.untimed == b.untimed:
		return a.compare(b)
	case a.untimed:
		return -1
	}
	return 1
}

// logWindow is a piece of the log: from and to are what the service is asked
// for, and end is where the next piece takes over. It is a little before to, as
// the ends of a range may count or not, and be rounded.
type logWindow struct{ from, end, to time.Time }

// tells reports whether t can be the time of a call that the piece lists.
func (w logWindow) tells(t time.Time) bool {
	return !t.Before(w.from.Add(-windowMargin)) && !t.After(w.to.Add(windowMargin))
}

func (w logWindow) width() time.Duration { return w.to.Sub(w.from) }

const (
	// The first piece of the log is short, and the others are made longer or
	// shorter by what the one before held.
	firstWindow   = time.Hour
	longestWindow = 32 * 24 * time.Hour
	// shortWindow is how long a piece may be whose pages are turned.
	shortWindow = time.Minute
	// windowMargin is how far from the ends of a range its calls are sure to be
	// found.
	windowMargin = time.Second
	// sharedWithin is how far apart two calls may begin that list the same
	// recording, such as those of a transfer.
	sharedWithin = 24 * time.Hour
)

// read yields the recordings after the given place, oldest first, and the end
// of each piece of the log. Those of known, from calls without a time, are left
// out. What a call without a time lists once more is yielded without the
// recording, so that it becomes known.
func (l *callLog) read(ctx context.Context, after logPlace, known map[string]time.Time) iter.Seq2[logPlace, error] {
	return func(yield func(logPlace, error) bool) {
		seen := map[string]time.Time{} // the recordings of late, by when their calls began
		maps.Copy(seen, known)
		from, width := l.from, firstWindow
		// What comes after the place may have been listed before it as well.
		if start := after.at.Add(-sharedWithin); start.After(l.from) {
			from, width = start, sharedWithin
		}
		for {
			window := l.window(from, width)
			calls, whole, err := l.calls(ctx, window)
			if err != nil {
				yield(logPlace{}, err)
				return
			}
			if !whole {
				width = window.width() / 4
				continue
			}
			for _, place := range fresh(window.places(calls), after, seen) {
				if !yield(place, nil) {
					return
				}
			}
			if !yield(logPlace{at: window.end}, nil) || window.to.Equal(l.to) {
				return
			}
			if len(calls) <= l.perPage/2 {
				width = min(width*2, longestWindow)
			}
			from = window.end.Add(-windowMargin)
			maps.DeleteFunc(seen, func(_ string, at time.Time) bool { return at.Before(from.Add(-sharedWithin)) })
		}
	}
}

// window is the piece of the log that begins at from and is so long, if there
// is as much left.
func (l *callLog) window(from time.Time, width time.Duration) logWindow {
	to := from.Add(width)
	if !to.Before(l.to) {
		return logWindow{from: from, end: l.to, to: l.to}
	}
	return logWindow{from: from, end: to.Add(-windowMargin), to: to}
}

// calls reads a piece of the log, newest call first as the service sends them.
// One that is longer than a page is not read as a whole, but in shorter pieces:
// a call that loses its recording while pages are turned moves those behind it
// up, so that one of them is on neither page. Pages are turned where a minute has
// more calls than one of them holds.
func (l *callLog) calls(ctx context.Context, w logWindow) (calls []listedCall, whole bool, err error) {
	empty := 0
	for number := 1; number != 0; {
		page, err := l.page(ctx, w, number, empty)
		if err != nil {
			return nil, false, err
		}
		if page.next != 0 && w.width() > shortWindow {
			return nil, false, nil
		}
		if empty++; len(page.records) > 0 {
			empty = 0
		}
		calls = append(calls, page.records...)
		number = page.next
	}
	return calls, true, nil
}

// fresh returns those of the places that are after the given one and were not
// seen before, and takes all of them for seen. The others that are without a time
// it returns without the recording.
func fresh(places []logPlace, after logPlace, seen map[string]time.Time) []logPlace {
	for _, place := range places {
		if !place.untimed && place.compare(after) <= 0 {
			seen[place.id] = place.at
		}
	}
	var found []logPlace
	for _, place := range places {
		_, known := seen[place.id]
		if known {
			place.recording = nil
		}
		if !known || place.untimed {
			found = append(found, place)
		}
		seen[place.id] = place.at
	}
	return found
}

// places returns those of the recordings of calls, in order.
func (w logWindow) places(calls []listedCall) []logPlace {
	var places []logPlace
	for _, call := range calls {
		places = append(places, w.recordings(call)...)
	}
	slices.SortStableFunc(places, inOrder)
	return places
}

// recordings returns those of a call and of its legs, none for a call that the
// next window will list. A time that is missing, or cannot be that of a call
// which the window lists, is none.
func (w logWindow) recordings(listed listedCall) []logPlace {
	var places []logPlace
	call := listed.record
	at, untimed := call.StartTime, false
	switch {
	case !w.tells(at):
		at, untimed = w.to, true
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
		places = append(places, logPlace{at: at, id: r.ID, untimed: untimed, recording: &CallRecording{
			ID: r.ID, TelephonySessionID: session, Type: r.Type, URI: r.URI, ContentURI: r.ContentURI,
			Call: call, Leg: leg, Fault: listed.fault,
		}})
	}
	add(call.Recording, nil)
	for i := range call.Legs {
		add(call.Legs[i].Recording, &call.Legs[i])
	}
	return places
}
