package ringsensetest

import (
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go/internal/fakekit"
	"github.com/callinsights/callinsights-go/ringsense"
)

// What the fake knows of the world outside. None of it is a secret.
const (
	// ClientID and ClientSecret are those of the app, and UserJWT is the
	// credential of the user.
	ClientID     = "fake-client-id"
	ClientSecret = "fake-client-secret"
	UserJWT      = "fake-user-jwt"
	// AccountID is the account that "~" stands for, and ExtensionID the
	// extension of the user.
	AccountID   = "1000000001"
	ExtensionID = "1000000101"
)

// baseURL is where the clients that [Server.Client] makes believe to be.
const baseURL = "https://ringcentral.test"

// Server is the fake. Make it with [NewServer]. It is safe for concurrent use.
type Server struct {
	kit fakekit.Kit

	mu           sync.Mutex
	recordings   []recording
	places       map[recordingKey]int // in recordings
	tokens       map[string]time.Time // when each expires
	issued       int
	answered     int
	lifetime     time.Duration
	noScope      bool
	noPermission bool
	permitted    []string // the scopes of the user's permissions
	callLog      callLog
	answers      map[string][]byte // by path
	limits       limits
	// missing and empty are the delays of SetReadyAfter.
	missing, empty time.Duration
	subscriptions  subscriptions
}

// NewServer returns a fake without recordings.
func NewServer() *Server {
	return &Server{places: make(map[recordingKey]int), tokens: make(map[string]time.Time), lifetime: time.Hour, permitted: []string{"Account"}}
}

// Client returns a client that talks to the fake in memory, without a network,
// logged in with the fake's JWT. It may be given options; it panics on one that
// [ringsense.NewClient] refuses, as it is made for tests.
func (s *Server) Client(opts ...ringsense.Option) *ringsense.Client {
	own := []ringsense.Option{
		ringsense.WithBaseURL(baseURL),
		ringsense.WithHTTPClient(&http.Client{Transport: fakekit.Transport{Handler: s}}),
	}
	client, err := ringsense.NewClient(ringsense.JWT(ClientID, ClientSecret, UserJWT), append(own, opts...)...)
	if err != nil {
		panic("ringsensetest: " + err.Error())
	}
	return client
}

// SetScope says whether the app has the scope RingSense, as it does at first.
// Without it, requests for insights are answered with 403 CMN-401.
func (s *Server) SetScope(granted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noScope = !granted
}

// SetPermission says whether the user may read insights, as he may at first.
// Without it, requests for insights are answered with 403 RAH-3005.
func (s *Server) SetPermission(granted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noPermission = !granted
}

// Fault is an answer that the fake gives instead of its own, or its own late or broken.
type Fault struct {
	// Op is the operation that it is for, named after the method of the client:
	// "Token" (a login), "Close" (the end of one), "RecordingInsights" (also while
	// one is waited for), "SessionInsights", "CallRecordings", "CheckAccess", "Get"
	// (a path of [Server.AddAnswer]), "Subscribe", "Subscriptions", "Subscription",
	// "UpdateSubscription", "RenewSubscription" or "Unsubscribe". Empty is any, also
	// a path that the fake does not know.
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
func (s *Server) Fail(f Fault) { s.kit.Fail(fakekit.Fault(f), operations()...) }

// Request is a request that the fake received.
type Request struct {
	// Op is the operation, as in [Fault]; empty for an unknown path.
	Op string
	// Method and Path are those of the request, the path escaped as it came.
	Method, Path string
	// Query holds the parameters.
	Query url.Values
	// Header and Body are what was sent, with the word REMOVED in place of
	// every credential; a body that cannot be searched for one is left out.
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
	w.Header().Set("RCRequestId", s.requestID())
	route := routeOf(r)
	if answer, ok := s.answerRoute(r); ok && route.op == "" {
		route = answer
	}
	limited := s.limited(w.Header(), route.op)
	w, ok := s.kit.Receive(w, r, route.op, []string{"Authorization", "Cookie"}, secretFields())
	if !ok {
		return
	}
	if limited {
		tooMany().write(w)
		return
	}
	switch route.op {
	case opToken:
		s.serveToken(w, r)
	case opClose:
		s.serveRevoke(w, r)
	case opRecording, opSession:
		s.serveInsights(w, r, route)
	case opCallLog:
		s.serveCallLog(w, r, route)
	case opAccess:
		s.serveAccess(w, r, route)
	case opGet:
		s.serveAnswer(w, r, route)
	case opSubscribe, opSubscriptions, opSubscription, opUpdateSubscription, opRenewSubscription, opUnsubscribe:
		s.serveSubscription(w, r, route)
	default:
		unknownPath().write(w)
	}
}

// secretFields are the credentials in the bodies of logins, their ends and
// subscriptions, also of grants that the fake refuses.
func secretFields() []string {
	return []string{
		"access_token", "assertion", "client_assertion", "client_secret", "code", "code_verifier",
		"password", "refresh_token", "token", "verificationToken",
	}
}

func (s *Server) requestID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered++
	return "fake-request-" + strconv.Itoa(s.answered)
}
