package ringsensetest

import (
	"net/http"
	"slices"
	"strings"
)

// AddAnswer serves document, byte for byte, to GET requests of path, such as
// "/rcvideo/v1/history/meetings", escaped as it is sent and whatever the query: for
// programs that read other resources through [ringsense.Client.Get], which is the
// operation that they count as. Paths that the fake serves by itself stay as they
// are. The login is checked, and nothing else. It panics on a path that is never
// asked for: one with a query or without a slash in front.
func (s *Server) AddAnswer(path string, document []byte) {
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, "?#") {
		panic("ringsensetest: AddAnswer: the path has a query or no slash in front; want one such as /rcvideo/v1/history/meetings")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answers == nil {
		s.answers = make(map[string][]byte)
	}
	s.answers[path] = slices.Clone(document)
}

func (s *Server) answerRoute(r *http.Request) (route, bool) {
	path := r.URL.EscapedPath()
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.answers[path]
	return route{op: opGet, id: path}, ok && r.Method == http.MethodGet
}

func (s *Server) serveAnswer(w http.ResponseWriter, r *http.Request, route route) {
	if refused := s.tokenRefusal(r); refused != nil {
		refused.write(w)
		return
	}
	s.mu.Lock()
	document := s.answers[route.id]
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_, _ = w.Write(document)
}
