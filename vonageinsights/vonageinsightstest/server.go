package vonageinsightstest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go/internal/fakekit"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// APIKey is the key that the fake accepts. It is not a secret.
const APIKey = "fake-api-key"

const (
	// baseURL is where the clients that Server.Client makes believe to be.
	baseURL     = "https://vonage.test"
	contentType = "application/json"
	keyHeader   = "X-Vgai-Key"
)

// Server is the fake. Make it with [NewServer]. It is safe for concurrent use.
type Server struct {
	kit fakekit.Kit

	mu             sync.Mutex
	store          store
	set            rules
	bareParameters bool
	files          map[string]recordingFile // by the session's id
}

// NewServer returns a fake without sessions.
func NewServer() *Server { return &Server{store: store{byID: make(map[string]*document)}} }

// lock takes mu, and puts in the sessions that are due by now.
func (s *Server) lock() {
	s.mu.Lock()
	s.store.settle(time.Now())
}

// Client returns a client that talks to the fake in memory, without a network,
// with the fake's key. It may be given options; it panics on one that
// [vonageinsights.NewClient] refuses, as it is made for tests.
func (s *Server) Client(opts ...vonageinsights.Option) *vonageinsights.Client {
	own := []vonageinsights.Option{
		vonageinsights.WithBaseURL(baseURL),
		vonageinsights.WithHTTPClient(&http.Client{Transport: fakekit.Transport{Handler: s}}),
	}
	client, err := vonageinsights.NewClient(APIKey, vonageinsights.EU, append(own, opts...)...)
	if err != nil {
		panic("vonageinsightstest: " + err.Error())
	}
	return client
}

// Add serves sessions as [Server.AddJSON] does, in the form that they encode to.
// Later changes to them are not seen. It panics on a nil session and on one that
// AddJSON or encoding refuses, as it is made for tests.
func (s *Server) Add(sessions ...*vonageinsights.Session) {
	for _, session := range sessions {
		added := encoded("Add", session)
		s.lock()
		s.store.put(added)
		s.mu.Unlock()
	}
}

// AddAfter adds sessions as [Server.Add] does, but d from now, on the clock of
// package time, which testing/synctest replaces. Until then no request finds
// them, whenever they began: so an index lags behind the calls.
func (s *Server) AddAfter(d time.Duration, sessions ...*vonageinsights.Session) {
	until := time.Now().Add(d)
	for _, session := range sessions {
		added := encoded("AddAfter", session)
		s.lock()
		s.store.postpone(waiting{until: until, id: added.id, document: added})
		s.mu.Unlock()
	}
}

// encoded is the document of a session; do is the method that has been called.
func encoded(do string, session *vonageinsights.Session) *document {
	if session == nil {
		panic("vonageinsightstest: " + do + ": nil session")
	}
	text, err := json.Marshal(session)
	if err != nil {
		panic("vonageinsightstest: " + do + ": " + err.Error())
	}
	added, err := newDocument(text)
	if err != nil {
		panic("vonageinsightstest: " + do + ": " + err.Error())
	}
	return added
}

// AddJSON serves document, byte for byte, as a session, and finds it in
// searches. It replaces one added before that has the same id, in its place. A
// search with project_fields gets only the parts that it asks for. A page that is
// being sent stays as it is; the next request sees the change.
//
// The document may otherwise hold what it likes. An error says what is wrong:
// no JSON object, no id, or no session_start_time.
func (s *Server) AddJSON(document []byte) error {
	added, err := newDocument(slices.Clone(document))
	if err != nil {
		return errors.New("vonageinsightstest: AddJSON: " + err.Error())
	}
	s.lock()
	defer s.mu.Unlock()
	s.store.put(added)
	return nil
}

// Remove forgets sessions, also those that [Server.AddAfter] has yet to add. Ids
// that the fake does not have are passed over. A page that is being sent stays as
// it is.
func (s *Server) Remove(ids ...string) {
	s.lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.store.forget(id)
		delete(s.files, id)
	}
}

// AnswerParameters says whether the path of a session that ends in /parameters
// is answered with an object of the parameters' names and values alone, as one
// could expect, and not with the whole session, as the vendor's page says and
// the fake does at first.
func (s *Server) AnswerParameters(alone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bareParameters = alone
}

// Fault is an answer that the fake gives instead of its own, or its own late or broken.
type Fault struct {
	// Op is the operation that it is for: "Search", "Session", "FindSession",
	// "DeleteSession" or "DownloadRecording". Empty is any, also a path that the fake
	// does not know.
	Op string
	// N is how many requests of that operation get it: 0 is one, and a negative
	// number all of them. Of several faults the first added comes first.
	N int
	// Status, Header and Body are the answer. Status 0 is the fake's own answer,
	// late or broken, or as it is: a fault that has nothing but an N lets so many
	// requests pass before the next fault.
	Status int
	Header http.Header
	Body   string
	// Delay is how long the fake waits before it does anything, on the clock of
	// package time, which testing/synctest replaces. With DelayAfter it waits in
	// the answer, when it has sent so many bytes of the body.
	Delay      time.Duration
	DelayAfter int
	// CutAfter is how many bytes of the body are sent before the connection breaks
	// off; a shorter body arrives in full. Zero is never, and a negative number
	// before the answer.
	CutAfter int
}

// Fail makes the fake answer with f. It panics if Op is no operation of the
// fake, Status none that a server may send, Header or Body without a Status, or
// DelayAfter negative or without Delay.
func (s *Server) Fail(f Fault) {
	s.kit.Fail(fakekit.Fault(f), opSearch, opSession, opFind, opDelete, opDownload)
}

// Request is a request that the fake received.
type Request struct {
	// Op is the operation, as in [Fault]; empty for an unknown path.
	Op string
	// Method and Path are those of the request, the path escaped as it came.
	Method, Path string
	// Query holds the parameters.
	Query url.Values
	// Header and Body are what was sent, with the word REMOVED in place of
	// every credential.
	Header http.Header
	Body   []byte
}

// Requests returns the requests so far, oldest first, faults included.
func (s *Server) Requests() []Request {
	var requests []Request
	for _, r := range s.kit.Requests() {
		requests = append(requests, Request(r))
	}
	return requests
}

// ServeHTTP answers as the service would.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route := routeOf(r)
	w, ok := s.kit.Receive(w, r, route.op, []string{keyHeader, "Authorization", "Cookie"}, nil)
	if !ok {
		return
	}
	if route.op == opDownload {
		s.serveRecording(w, r, route)
		return
	}
	// studio.docs.ai.vonage.com/api-integration/authentication
	if r.Header.Get(keyHeader) != APIKey {
		writeError(w, http.StatusUnauthorized, "Invalid authentication credentials")
		return
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		writeInvalid(w, errors.New("the query string is not encoded properly"))
		return
	}
	switch route.op {
	case opSearch:
		s.serveSearch(w, r, query)
	case opSession, opFind:
		s.serveSession(w, route, query)
	case opDelete:
		s.serveDelete(w, route, query)
	default:
		writeError(w, http.StatusNotFound, "Not found")
	}
}
