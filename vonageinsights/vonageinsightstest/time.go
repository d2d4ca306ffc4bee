package vonageinsightstest

import "time"

const day = 24 * time.Hour

// span returns the first and the last moment that a parameter stands for, cut to
// a precision: a time in isoformat, or a date, which is the whole day.
func span(text string, precision time.Duration) (first, last time.Time, ok bool) {
	if first, err := time.Parse(time.DateOnly, text); err == nil {
		return first, first.Add(day - precision), true
	}
	at, err := time.Parse("2006-01-02T15:04:05", text)
	at = at.Truncate(precision)
	return at, at, err == nil
}

// moment reads a time in a document, which may also have a zone.
func moment(text string) (time.Time, bool) {
	if first, _, ok := span(text, time.Microsecond); ok {
		return first, true
	}
	at, err := time.Parse(time.RFC3339, text)
	return at.Truncate(time.Microsecond), err == nil
}
