package vonageinsights

import "time"

// span is a range of start times, both ends included, to the microsecond. It
// is cut at whole milliseconds alone: a search engine may keep no more of a
// start time. It is empty if it ends before it begins.
type span struct{ from, to time.Time }

func (s span) isEmpty() bool { return s.from.After(s.to) }

// has reports whether a session that began at t is one of the range.
func (s span) has(t time.Time) bool {
	t = t.Truncate(time.Microsecond)
	return !t.Before(s.from) && !t.After(s.to)
}

// milliseconds counts those that a range touches which is not empty.
func (s span) milliseconds() int64 { return s.to.UnixMilli() - s.from.UnixMilli() + 1 }

// part cuts off as many milliseconds, from the end of the range if descending,
// and returns them and the rest, which may be empty.
func (s span) part(milliseconds int64, descending bool) (near, far span) {
	if milliseconds >= s.milliseconds() {
		return s, span{from: s.to.Add(time.Microsecond), to: s.to}
	}
	if descending {
		cut := time.UnixMilli(s.to.UnixMilli() - milliseconds + 1)
		return span{cut, s.to}, span{s.from, cut.Add(-time.Microsecond)}
	}
	cut := time.UnixMilli(s.from.UnixMilli() + milliseconds)
	return span{s.from, cut.Add(-time.Microsecond)}, span{cut, s.to}
}

// asked is the range to ask the service for, to be given all of s: a little
// more, so that it does not matter whether the service includes the ends, nor
// whether it compares milliseconds or microseconds.
func (s span) asked() span {
	asked := span{time.UnixMilli(s.from.UnixMilli()).Add(-time.Microsecond), time.UnixMilli(s.to.UnixMilli() + 1)}
	if !sendable(asked.from) {
		asked.from = s.from
	}
	if !sendable(asked.to) {
		asked.to = s.to
	}
	return asked
}

// maxWindow is how many milliseconds one request can be sure to get: what is
// asked for in addition counts towards MaxRange.
const maxWindow = int64(MaxRange / time.Millisecond)
