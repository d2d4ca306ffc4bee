package vonageinsightstest

import (
	"cmp"
	"fmt"
	"time"
)

// defaultWindow is what the search engine that the vendor's page names has as a
// default.
const defaultWindow = 10_000

// rules are what the service may do one way or another, and a test decides.
type rules struct {
	maxPageSize   int
	window        int           // 0: defaultWindow
	precision     time.Duration // 0: microseconds
	exclusiveEnds bool
}

func (s *Server) rules() rules {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.set
	r.window = cmp.Or(r.window, defaultWindow)
	r.precision = cmp.Or(r.precision, time.Microsecond)
	return r
}

func (s *Server) change(apply func(r *rules)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	apply(&s.set)
}

// SetMaxPageSize makes the fake treat a larger page_size as n, without saying
// so. There is no limit at first, and with n below 1. Whether the service has
// one is not documented.
func (s *Server) SetMaxPageSize(n int) { s.change(func(r *rules) { r.maxPageSize = n }) }

// SetResultWindow makes the fake refuse, with 401, a page that reaches beyond
// the first n results of a search, and stop counting total at n. It is 10,000 at
// first, and with 0: the default of Elasticsearch, which the vendor's page names.
// Whether the service has such a limit is not documented. A program may know that
// a total of 10,000 is "at least"; of a smaller n it cannot. It panics on a
// negative n.
func (s *Server) SetResultWindow(n int) {
	if n < 0 {
		panic(fmt.Sprintf("vonageinsightstest: SetResultWindow: %d results; want 0 for the default, or more", n))
	}
	s.change(func(r *rules) { r.window = n })
}

// SetPrecision makes the fake search as an engine that keeps times to d:
// [time.Microsecond], as at first, or [time.Millisecond], as Elasticsearch does
// by default. Times in sessions and in parameters are cut to it, not rounded,
// where they are compared and sorted by; the sessions that come back have what was
// added. Which of the two the service does is not documented. It panics on
// another d.
func (s *Server) SetPrecision(d time.Duration) {
	if d != time.Microsecond && d != time.Millisecond {
		panic(fmt.Sprintf("vonageinsightstest: SetPrecision: %v; want a microsecond or a millisecond", d))
	}
	s.change(func(r *rules) { r.precision = d })
}

// SetExclusiveEnds says whether from_date and to_date exclude the very moment
// that they name, where at first they include it. A date alone is the whole day
// in any case, as documented. Which of the two the service does with times is not.
func (s *Server) SetExclusiveEnds(exclusive bool) {
	s.change(func(r *rules) { r.exclusiveEnds = exclusive })
}
