package vonageinsightstest

import (
	"cmp"
	"slices"
	"time"
)

// store keeps the documents so that a range of three years' worth is found
// without looking at each. Server.mu guards it.
type store struct {
	byID     map[string]*document
	byStart  []*document // those that began at the same time by their place
	unsorted bool        // byStart is yet to be sorted
	places   int
	waiting  []waiting // the next one first
}

// waiting is what was added for later: a document, or where the recording of the
// session is that has the id by then.
type waiting struct {
	until    time.Time
	id       string
	document *document // nil for a recording
	audioURL string
}

// put adds a document, in the place of one with the same id.
func (s *store) put(d *document) {
	old := s.byID[d.id]
	s.byID[d.id] = d
	if old == nil {
		d.place = s.places
		s.places++
		s.append(d)
		return
	}
	d.place = old.place
	i := s.find(old)
	if old.start.Equal(d.start) {
		s.byStart[i] = d
		return
	}
	s.byStart = slices.Delete(s.byStart, i, i+1)
	s.append(d)
}

// append leaves the sorting for when it is needed: many are added at a time.
func (s *store) append(d *document) {
	if n := len(s.byStart); n > 0 && s.byStart[n-1].compare(d) > 0 {
		s.unsorted = true
	}
	s.byStart = append(s.byStart, d)
}

func (s *store) remove(d *document) {
	delete(s.byID, d.id)
	i := s.find(d)
	s.byStart = slices.Delete(s.byStart, i, i+1)
}

// forget removes what has an id, also what waits.
func (s *store) forget(id string) {
	if d := s.byID[id]; d != nil {
		s.remove(d)
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(w waiting) bool { return w.id == id })
}

// forgetRecording removes a recording that waits.
func (s *store) forgetRecording(id string) {
	s.waiting = slices.DeleteFunc(s.waiting, func(w waiting) bool { return w.id == id && w.document == nil })
}

// find returns where a document is that the store has.
func (s *store) find(d *document) int {
	i, _ := slices.BinarySearchFunc(s.sorted(), d, (*document).compare)
	return i
}

func (s *store) sorted() []*document {
	if s.unsorted {
		slices.SortFunc(s.byStart, (*document).compare)
		s.unsorted = false
	}
	return s.byStart
}

// between returns a copy, for use without the lock, of the documents that began
// at first or later and before end.
func (s *store) between(first, end time.Time) []*document {
	all := s.sorted()
	low := startingFrom(all, first)
	return slices.Clone(all[low:max(low, startingFrom(all, end))])
}

// startingFrom returns how many of the documents, sorted by start, began before.
func startingFrom(documents []*document, first time.Time) int {
	i, _ := slices.BinarySearchFunc(documents, first, func(d *document, first time.Time) int {
		return d.start.Compare(first)
	})
	return i
}

// postpone keeps something for later.
func (s *store) postpone(w waiting) {
	s.waiting = append(s.waiting, w)
	slices.SortStableFunc(s.waiting, func(a, b waiting) int { return a.until.Compare(b.until) })
}

// settle puts in what has waited until now.
func (s *store) settle(now time.Time) {
	for len(s.waiting) > 0 && !s.waiting[0].until.After(now) {
		next := s.waiting[0]
		s.waiting = s.waiting[1:]
		if next.document == nil { // of a session that is there, or it would be forgotten
			next.document = s.byID[next.id].withAudioURL(next.audioURL)
		}
		s.put(next.document)
	}
}

// compare orders documents by start, then by place.
func (d *document) compare(other *document) int {
	return cmp.Or(d.start.Compare(other.start), cmp.Compare(d.place, other.place))
}
