package auth_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// everybody runs n calls at once.
func everybody(t *testing.T, n int, s *service, a auth.Authorizer) []retry.Outcome {
	t.Helper()
	outcomes := make([]retry.Outcome, n)
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() { outcomes[i] = s.do(t.Context(), a) })
	}
	calls.Wait()
	return outcomes
}

func allGood(t *testing.T, outcomes []retry.Outcome) {
	t.Helper()
	for _, out := range outcomes {
		if out.Err != nil || out.Answer.Status != 200 {
			t.Fatalf("outcome = %+v", out)
		}
	}
}

// The library shares a fetch only once it has succeeded, and never an error.
func TestOneExchangeForAnyNumberOfCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newService(), newCredentials().bearer()
		s.latency = 2 * time.Second
		allGood(t, everybody(t, 1000, s, a))
		if tokens, things := s.counts(); tokens != 1 || things != 1000 {
			t.Errorf("%d exchanges and %d calls", tokens, things)
		}
		// All meet the end of the token at once.
		time.Sleep(59*time.Minute - 2*time.Second)
		allGood(t, everybody(t, 1000, s, a))
		if tokens, _ := s.counts(); tokens != 2 {
			t.Errorf("%d exchanges after the first token's hour, want 2", tokens)
		}
	})
}

func TestTokenIsRenewedBeforeItsEnd(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ seconds, early int }{
		"an hour":     {seconds: 3600, early: 60},
		"ten minutes": {seconds: 600, early: 60},
		"100 s":       {seconds: 100, early: 10},
		"10 s":        {seconds: 10, early: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, a := newService(), newCredentials().bearer()
				s.token = func(n int) (*retry.Answer, error) { return tokenAnswer(strconv.Itoa(n), tt.seconds), nil }
				s.do(t.Context(), a)
				time.Sleep(time.Duration(tt.seconds-tt.early)*time.Second - 1)
				s.do(t.Context(), a)
				if s.tokens != 1 {
					t.Errorf("%d exchanges just before, want 1", s.tokens)
				}
				time.Sleep(time.Nanosecond)
				s.do(t.Context(), a)
				if s.tokens != 2 {
					t.Errorf("%d exchanges, want 2", s.tokens)
				}
			})
		})
	}
}

func TestADayOfTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newService(), newCredentials().bearer()
		for range 24 * 60 {
			allGood(t, everybody(t, 2, s, a))
			time.Sleep(time.Minute)
		}
		if s.tokens != 25 { // one for each 59 minutes
			t.Errorf("%d exchanges in a day, want 25", s.tokens)
		}
	})
}

// A token source of the library makes every caller ask a failing endpoint, one
// after the other.
func TestAFailureIsShared(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status, want int
		is           error
	}{
		"a refused grant": {status: 400, want: 1, is: callinsights.ErrUnauthorized},
		"a dead endpoint": {status: 503, want: 3, is: callinsights.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, a := newService(), newCredentials().bearer()
				s.latency = 100 * time.Millisecond
				s.token = func(int) (*retry.Answer, error) { return status(tt.status), nil }
				outcomes := everybody(t, 1000, s, a)
				time.Sleep(time.Second - 1)
				outcomes = append(outcomes, s.do(t.Context(), a)) // late, but not too late
				for _, out := range outcomes {
					if !errors.Is(out.Err, tt.is) || out.Attempts != 0 {
						t.Fatalf("outcome = %+v", out)
					}
				}
				if tokens, things := s.counts(); tokens != tt.want || things != 0 {
					t.Errorf("%d token requests and %d calls, want %d and none", tokens, things, tt.want)
				}
				time.Sleep(time.Nanosecond)
				s.do(t.Context(), a)
				if tokens, _ := s.counts(); tokens != 2*tt.want {
					t.Errorf("%d token requests after the error is forgotten, want %d", tokens, 2*tt.want)
				}
			})
		})
	}
}

// The fetch runs code of the user's on a goroutine of ours: a panic there would
// end the program, and runtime.Goexit leave callers with an empty token or for
// ever waiting.
func TestASourceThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(){
		"panics":               func() { panic("a secret") },
		"ends its goroutine":   runtime.Goexit,
		"panics with an error": func() { panic(io.EOF) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, a := newService(), newCredentials().bearer()
				good := s.token
				s.token = func(int) (*retry.Answer, error) { leave(); return nil, nil }
				for _, out := range everybody(t, 3, s, a) {
					e, ok := errors.AsType[*callinsights.Error](out.Err)
					if !ok || e.Op != "Token" || e.Vendor != "vendor" || !errors.Is(e, callinsights.ErrUnavailable) || s.things != 0 {
						t.Errorf("err = %v after %d calls, want a failed Token and none", out.Err, s.things)
					}
					absent(t, out.Err, "a secret")
				}
				s.token = good
				time.Sleep(time.Second)
				allGood(t, everybody(t, 3, s, a))
			})
		})
	}
}

// What the first caller's context holds, such as the hooks of a trace, must not
// be used after he has gone.
func TestAFetchKeepsNothingOfItsFirstCaller(t *testing.T) {
	t.Parallel()
	type key struct{}
	var kept any
	tokens := auth.NewTokens(func(ctx context.Context, _ auth.Sender) (auth.Token, error) {
		kept = ctx.Value(key{})
		return auth.Token{}, nil
	})
	if _, err := tokens.Get(context.WithValue(t.Context(), key{}, "a hook"), newService()); err != nil || kept != nil {
		t.Errorf("the fetch has %v, %v", kept, err)
	}
}

// A service may repeat what logged the client in when it answers another call.
func TestTheCredentialsAreSecretsOfEveryCall(t *testing.T) {
	t.Parallel()
	c, s := newCredentials(), newService()
	out := s.do(t.Context(), c.bearer())
	var got []string
	for _, secret := range out.Secrets {
		got = append(got, secret.Reveal())
	}
	basic := base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(c.id) + ":" + url.QueryEscape(c.secret)))
	for _, want := range []string{"token-0", c.secret, c.assertion, basic} {
		if !slices.Contains(got, want) {
			t.Error("the outcome does not name all of the credentials as secrets")
		}
	}
}

// Token of the library takes no context: a caller with 100 ms waits for as long
// as the endpoint takes.
func TestDeadlinesAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newService(), newCredentials().bearer()
		s.latency = 2 * time.Second
		start := time.Now()
		hurried, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		out := s.do(hurried, a) // it is the one who starts the exchange
		if took := time.Since(start); took != 100*time.Millisecond || !errors.Is(out.Err, context.DeadlineExceeded) {
			t.Errorf("err = %v after %v", out.Err, took)
		}
		out = s.do(t.Context(), a) // waits for the same exchange
		if took := time.Since(start); out.Err != nil || took != 4*time.Second {
			t.Errorf("err = %v after %v, want success after 2 s for each request", out.Err, took)
		}
		if s.tokens != 1 {
			t.Errorf("%d exchanges, want 1", s.tokens)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if out := s.do(gone, newCredentials().bearer()); !errors.Is(out.Err, context.Canceled) || s.tokens != 1 {
			t.Errorf("err = %v after %d exchanges, want the context's and no exchange", out.Err, s.tokens)
		}
	})
}

func TestAFailedRenewalKeepsTheToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newService(), newCredentials().bearer()
		good := s.token
		s.do(t.Context(), a)
		s.token = func(int) (*retry.Answer, error) { return status(403), nil }
		time.Sleep(59 * time.Minute)
		allGood(t, everybody(t, 10, s, a))
		allGood(t, everybody(t, 10, s, a))
		if s.tokens != 2 {
			t.Errorf("%d exchanges, want 2: the second one failed", s.tokens)
		}
		time.Sleep(15 * time.Second)
		allGood(t, everybody(t, 10, s, a))
		if s.tokens != 3 {
			t.Errorf("%d exchanges 15 s later, want 3", s.tokens)
		}
		time.Sleep(35 * time.Second)
		allGood(t, everybody(t, 10, s, a))
		time.Sleep(10 * time.Second) // its end
		if out := s.do(t.Context(), a); !errors.Is(out.Err, callinsights.ErrForbidden) {
			t.Errorf("err = %v after the token's end, want that of the exchange", out.Err)
		}
		s.token = good
		time.Sleep(time.Second)
		allGood(t, everybody(t, 10, s, a))
	})
}

// revoking is a service that takes no tokens but those of the list.
func revoking(s *service, good ...string) {
	s.thing = func(_ int, token string) (*retry.Answer, error) {
		if slices.Contains(good, token) {
			return status(200), nil
		}
		return status(401), nil
	}
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newService(), newCredentials().bearer()
		s.latency = time.Second
		revoking(s, "token-0", "token-1")
		allGood(t, everybody(t, 1, s, a))
		revoking(s, "token-1") // another login ends the session
		outcomes := everybody(t, 1000, s, a)
		allGood(t, outcomes)
		isToken := func(s opaque.Secret) bool { return strings.HasPrefix(s.Reveal(), "token-") }
		out := outcomes[0]
		if used := slices.DeleteFunc(out.Secrets, func(s opaque.Secret) bool { return !isToken(s) }); out.Attempts != 2 || len(used) != 2 {
			t.Errorf("%d attempts with %d tokens, want two with both", out.Attempts, len(used))
		}
		if s.tokens != 2 {
			t.Errorf("%d exchanges, want 2 in all", s.tokens)
		}
	})
}

func TestCallersWhoAreLateUseTheNewToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		a := newCredentials().bearer()
		s.latency = time.Second
		revoking(s, "token-1")
		var calls sync.WaitGroup
		for i := range 5 {
			calls.Go(func() {
				time.Sleep(time.Duration(i) * 300 * time.Millisecond)
				if out := s.do(t.Context(), a); out.Err != nil || out.Answer.Status != 200 {
					t.Errorf("outcome = %+v", out)
				}
			})
		}
		calls.Wait()
		if s.tokens != 2 {
			t.Errorf("%d exchanges, want 2", s.tokens)
		}
	})
}

// A service that refuses every token must not turn each call into a token
// request: five a minute are allowed.
func TestAServiceThatRefusesEveryToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newService(), newCredentials().bearer()
		revoking(s)
		for range 60 {
			out := s.do(t.Context(), a)
			if out.Err != nil || out.Answer.Status != 401 {
				t.Fatalf("outcome = %+v, want the 401", out)
			}
			time.Sleep(time.Second)
		}
		if s.tokens != 5 {
			t.Errorf("%d exchanges in a minute, want 5", s.tokens)
		}
	})
}

// One that takes tokens and ends their sessions soon gets new ones each time.
func TestSessionsThatEndSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newService(), newCredentials().bearer()
		for n := range 5 {
			revoking(s, fmt.Sprint("token-", n))
			allGood(t, everybody(t, 1, s, a))
		}
		if s.tokens != 5 {
			t.Errorf("%d exchanges, want 5", s.tokens)
		}
	})
}

func TestRenewalThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newService(), newCredentials().bearer()
		good := s.token
		revoking(s)
		s.token = func(n int) (*retry.Answer, error) {
			if n == 0 {
				return good(n)
			}
			return nil, io.EOF
		}
		out := s.do(t.Context(), a)
		if out.Answer.Status != 401 || !errors.Is(out.Err, callinsights.ErrUnavailable) || out.Attempts != 1 {
			t.Errorf("outcome = %+v, want the 401 with the failed exchange", out)
		}
	})
}

// end ends the login and returns what it was to revoke.
func end(ctx context.Context, tokens *auth.Tokens, answer error) (revoked []string, err error) {
	err = tokens.End(ctx, func(token auth.Token) error {
		revoked = append(revoked, token.Value.Reveal())
		return answer
	})
	return revoked, err
}

func TestEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		tokens := auth.NewTokens(newCredentials().source())
		lost := errors.New("lost")
		for _, step := range []struct {
			name    string
			get     bool
			wait    time.Duration
			answer  error
			revoked []string
		}{
			{name: "no login"},
			{name: "a failure keeps the token", get: true, answer: lost, revoked: []string{"token-0"}},
			{name: "so it is there again", get: true, revoked: []string{"token-0"}},
			{name: "once"},
			{name: "a new login", get: true, revoked: []string{"token-1"}},
			{name: "an expired token", get: true, wait: time.Hour},
		} {
			if step.get {
				if _, err := tokens.Get(t.Context(), s); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(step.wait)
			revoked, err := end(t.Context(), tokens, step.answer)
			if !slices.Equal(revoked, step.revoked) || !errors.Is(err, step.answer) {
				t.Errorf("%s: revoked %v, %v, want %v, %v", step.name, revoked, err, step.revoked, step.answer)
			}
		}
	})
}

func TestEndWaitsForAFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.latency = 5 * time.Second
		tokens := auth.NewTokens(newCredentials().source())
		gone, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		if _, err := tokens.Get(gone, s); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("err = %v", err)
		}
		if revoked, err := end(gone, tokens, nil); !errors.Is(err, context.DeadlineExceeded) || revoked != nil {
			t.Errorf("revoked %v, %v, want the context's error", revoked, err)
		}
		if revoked, err := end(t.Context(), tokens, nil); err != nil || !slices.Equal(revoked, []string{"token-0"}) {
			t.Errorf("revoked %v, %v, want the token that was on its way", revoked, err)
		}
	})
}

// A token that took the place of the revoked one meanwhile is kept.
func TestEndKeepsTheNextToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		tokens := auth.NewTokens(newCredentials().source())
		a := auth.Bearer(tokens)
		s.do(t.Context(), a)
		err := tokens.End(t.Context(), func(auth.Token) error {
			revoking(s, "token-1")
			allGood(t, everybody(t, 1, s, a))
			return nil
		})
		allGood(t, everybody(t, 1, s, a))
		if err != nil || s.tokens != 2 {
			t.Errorf("err = %v, %d exchanges, want 2", err, s.tokens)
		}
	})
}
