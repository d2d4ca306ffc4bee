package callinsights_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/faultserver"
)

const (
	tokenPath     = "/restapi/oauth/token"
	recordingPath = "/records/31/insights"
)

// logins is a service that counts the exchanges of tokens.
type logins struct {
	*rig

	exchanges atomic.Int64
	mu        sync.Mutex
	// latency is that of the token endpoint, and refuse, if not nil, answers in
	// its place. dead are the tokens that are refused.
	latency time.Duration
	refuse  func(*faultserver.Exchange) bool
	dead    map[string]bool
	current string
}

func newLogins(t *testing.T) *logins {
	t.Helper()
	l := &logins{rig: newRig(t, "http://localhost:8080"), dead: map[string]bool{}}
	l.server.Set(l.serve, faultserver.Network{})
	return l
}

func (l *logins) serve(x *faultserver.Exchange) bool {
	if x.Request.URL.Path != tokenPath {
		l.mu.Lock()
		dead := l.dead[strings.TrimPrefix(x.Request.Header.Get("Authorization"), "Bearer ")]
		l.mu.Unlock()
		if dead {
			return x.Reply(http.StatusUnauthorized, `{"errors":[{"errorCode":"OAU-213"}]}`)
		}
		return l.proper(x)
	}
	l.exchanges.Add(1)
	l.mu.Lock()
	latency, refuse := l.latency, l.refuse
	l.mu.Unlock()
	time.Sleep(latency)
	if refuse != nil {
		return refuse(x)
	}
	token := l.sentinel()
	l.mu.Lock()
	l.current = token
	l.mu.Unlock()
	return x.Reply(http.StatusOK, `{"access_token":"`+token+`","token_type":"bearer","expires_in":3600}`)
}

// revoke ends the token in use, as a login elsewhere does.
func (l *logins) revoke() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead[l.current] = true
}

// everybody makes a thousand calls at once, and returns their errors.
func (l *logins) everybody(ctx context.Context) []error {
	failures := make([]error, 1000)
	var calls sync.WaitGroup
	for i := range failures {
		calls.Go(func() { failures[i] = readRecording(ctx, l.rig) })
	}
	calls.Wait()
	return failures
}

// expectAll fails unless the errors are all that kind, nil for none.
func expectAll(t *testing.T, failures []error, kind error) {
	t.Helper()
	for _, err := range failures {
		if !errors.Is(err, kind) {
			t.Fatalf("err = %v, want %v", err, kind)
		}
	}
}

// The library shares a token only once it has one: a thousand callers at its
// end fetch as many.
func TestOneExchangeForAThousandCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLogins(t)
		l.latency = time.Second
		expectAll(t, l.everybody(t.Context()), nil)
		if n := l.exchanges.Load(); n != 1 {
			t.Errorf("%d exchanges at the start, want 1", n)
		}
		time.Sleep(time.Hour) // to its end
		expectAll(t, l.everybody(t.Context()), nil)
		if n := l.exchanges.Load(); n != 2 {
			t.Errorf("%d exchanges after the end, want 2", n)
		}
	})
}

// The library fetches anew for each caller where an exchange fails: a hundred
// callers ask a dead endpoint a hundred times, one after the other.
func TestFailedExchangeIsShared(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		want   int64
		took   time.Duration
		kind   error
	}{
		"a refused grant":   {status: 400, body: `{"error":"invalid_grant","errors":[{"errorCode":"OAU-128"}]}`, want: 1, took: time.Second, kind: callinsights.ErrUnauthorized},
		"a dead endpoint":   {status: 503, want: 3, took: 23 * time.Second, kind: callinsights.ErrUnavailable},
		"too many requests": {status: 429, want: 2, took: 62 * time.Second, kind: callinsights.ErrRateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLogins(t)
				l.latency = time.Second
				l.refuse = func(x *faultserver.Exchange) bool { return x.Reply(tt.status, tt.body) }
				start := time.Now()
				failures := l.everybody(t.Context())
				expectAll(t, failures, tt.kind)
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if n := l.exchanges.Load(); n != tt.want || l.sentTo(recordingPath) != 0 {
					t.Errorf("%d exchanges and %d calls, want %d and none", n, l.sentTo(recordingPath), tt.want)
				}
				l.seen = l.seen[:10] // of a thousand that say the same
				l.checkSecrets(t, failures[0])
			})
		})
	}
}

// The library never renews a token that the service refuses.
func TestRefusedTokenIsExchangedOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLogins(t)
		l.latency = time.Second
		expectAll(t, []error{readRecording(t.Context(), l.rig)}, nil)
		l.revoke()
		expectAll(t, l.everybody(t.Context()), nil)
		if n := l.exchanges.Load(); n != 2 {
			t.Errorf("%d exchanges, want 2 in all", n)
		}
		if n := l.sentTo(recordingPath); n > 1+2*1000 {
			t.Errorf("%d calls sent, want none more than twice", n)
		}
	})
}

// The library's Token has no context, and holds a lock while it waits: a caller
// with a tenth of a second waits for as long as the endpoint takes.
func TestDeadlineIsKeptWhileOthersWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLogins(t)
		l.latency = 2 * time.Second
		var calls sync.WaitGroup
		for i := range 100 {
			calls.Go(func() {
				start := time.Now()
				if i%2 == 0 {
					if err := readRecording(t.Context(), l.rig); err != nil || time.Since(start) != 2*time.Second {
						t.Errorf("err = %v after %v, want a success after 2 s", err, time.Since(start))
					}
					return
				}
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				err := readRecording(ctx, l.rig)
				if took := time.Since(start); took != 100*time.Millisecond {
					t.Errorf("took %v, want 100ms", took)
				}
				checkKinds(t, err, []error{context.DeadlineExceeded})
			})
		}
		calls.Wait()
		if n := l.exchanges.Load(); n != 1 {
			t.Errorf("%d exchanges, want 1", n)
		}
	})
}

// A token is renewed a minute before its end, so that no call is refused.
func TestTokenIsRenewedAheadOfItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLogins(t)
		for _, step := range []struct {
			wait time.Duration
			want int64
		}{{0, 1}, {59*time.Minute - 1, 1}, {1, 2}, {59*time.Minute - 1, 2}, {1, 3}} {
			time.Sleep(step.wait)
			expectAll(t, []error{readRecording(t.Context(), l.rig)}, nil)
			if n := l.exchanges.Load(); n != step.want {
				t.Errorf("%d exchanges, want %d", n, step.want)
			}
		}
		if n := l.sentTo(recordingPath); n != 5 {
			t.Errorf("%d calls sent, want 5", n)
		}
	})
}

// The library follows a redirect of the token endpoint to any host, resends the
// assertion there and accepts the token that it finds; and where an error has no
// OAuth code, its text holds the whole answer.
func TestTokenEndpointGoneWrong(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		refuse func(*faultserver.Exchange) bool
		kind   error
	}{
		"redirects": {
			refuse: func(x *faultserver.Exchange) bool {
				return x.Reply(http.StatusTemporaryRedirect, "", "Location: http://localhost:9999/"+strings.ReplaceAll(x.Body, "\n", ""))
			},
			kind: callinsights.ErrInvalidResponse,
		},
		"repeats the request": {
			refuse: func(x *faultserver.Exchange) bool {
				return x.Reply(http.StatusBadRequest, x.Body+x.Request.Header.Get("Authorization"))
			},
			kind: callinsights.ErrUnauthorized,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLogins(t)
				l.refuse = tt.refuse
				err := readRecording(t.Context(), l.rig)
				checkKinds(t, err, []error{tt.kind})
				l.checkSecrets(t, err)
				if len(l.hosts) != 1 || l.exchanges.Load() != 1 {
					t.Errorf("%d exchanges, requests to %v, want one to the one host", l.exchanges.Load(), l.hosts)
				}
				if e, ok := errors.AsType[*callinsights.Error](err); ok && len(e.Body()) != 0 {
					t.Error("the error keeps the answer of the token endpoint")
				}
			})
		})
	}
}
