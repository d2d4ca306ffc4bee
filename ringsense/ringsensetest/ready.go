package ringsensetest

import "time"

// SetReadyAfter makes the insights of recordings that are added from now on
// arrive in steps, as those of a real call do: for the time missing after being
// added there are none, 404 RAH-3001; for the time empty after that there is the
// recording without insights and speakers; then there is all of it. At first
// both are 0. Time is that of package time, which testing/synctest replaces.
//
// That there are two steps is not documented; both were seen in the field.
func (s *Server) SetReadyAfter(missing, empty time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.missing, s.empty = missing, empty
}

// readiness is when a recording is known, and when its insights are there.
type readiness struct{ known, ready time.Time }

// readinessFrom is called with the lock held.
func (s *Server) readinessFrom(added time.Time) readiness {
	known := added.Add(s.missing)
	return readiness{known, known.Add(s.empty)}
}

// at returns what there is of a document at a time, nil if there is nothing.
func (r readiness) at(now time.Time, document []byte) []byte {
	switch {
	case now.Before(r.known):
		return nil
	case now.Before(r.ready):
		return withoutInsights(document)
	}
	return document
}

func withoutInsights(document []byte) []byte {
	fields, _ := members(document) // was checked when it was added
	fields["insights"] = []byte("{}")
	fields["speakerInfo"] = []byte("[]")
	return encode(fields)
}
