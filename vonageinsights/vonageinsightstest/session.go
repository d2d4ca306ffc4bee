package vonageinsightstest

import (
	"errors"
	"net/http"
	"net/url"
	"time"
)

// serveSession answers with one session, by its id and day or by its id alone.
func (s *Server) serveSession(w http.ResponseWriter, route route, query url.Values) {
	started := query.Get("session_start_time")
	if route.op == opFind {
		started = ""
	}
	on, err := dayOf(started)
	if err != nil {
		writeInvalid(w, err)
		return
	}
	s.lock()
	found, bare := s.store.byID[route.id], s.bareParameters && route.parameters
	s.mu.Unlock()
	if !found.began(on) {
		writeError(w, http.StatusNotFound, "Session not found")
		return
	}
	answer := found.text
	if bare {
		answer = encode(parametersOf(found.text))
	}
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(answer)
}

// serveDelete deletes a session. What the service answers is not documented.
func (s *Server) serveDelete(w http.ResponseWriter, route route, query url.Values) {
	on, err := dayOf(query.Get("session_start_time"))
	if err == nil && on.IsZero() {
		err = errors.New("session_start_time is missing")
	}
	if err != nil {
		writeInvalid(w, err)
		return
	}
	if !s.remove(route.id, on) {
		writeError(w, http.StatusNotFound, "Session not found")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) remove(id string, on time.Time) bool {
	s.lock()
	defer s.mu.Unlock()
	found := s.store.byID[id]
	if !found.began(on) {
		return false
	}
	s.store.forget(id) // also what would come later
	delete(s.files, id)
	return true
}

// began reports whether there is such a session and it began on the day; the
// zero time is any day.
func (d *document) began(on time.Time) bool {
	return d != nil && (on.IsZero() || d.start.Truncate(day).Equal(on))
}

// dayOf returns the day of a time, or the zero time for none.
func dayOf(started string) (time.Time, error) {
	if started == "" {
		return time.Time{}, nil
	}
	first, _, ok := span(started, time.Microsecond)
	if !ok {
		return time.Time{}, errors.New("session_start_time is not a time without a zone")
	}
	return first.Truncate(day), nil
}
