package auth

import (
	"context"
	"sync"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/opaque"
)

// Token is an access token.
type Token struct {
	Value opaque.Secret
	// Expiry is when it ends; zero where nothing is said of it, which is taken
	// for an hour.
	Expiry time.Time
	// Scope lists what the token may be used for, separated by spaces; empty
	// where nothing is said of it.
	Scope string
}

func (t Token) is(other Token) bool { return t.Value.Reveal() == other.Value.Reveal() }

// Source fetches a token. Only one call of it runs at a time; ctx is not that
// of a single caller and does not end.
type Source func(ctx context.Context, next Sender) (Token, error)

const (
	defaultLifetime = time.Hour
	// earlyRenewal is how long before its end a token is renewed at most;
	// those that live for less than ten minutes keep nine tenths of it.
	earlyRenewal = time.Minute
	// shareFailure is how long callers get the error of others, instead of
	// asking an endpoint that has just failed.
	shareFailure = time.Second
	// renewalPause is the least time between two attempts to replace a token
	// that still works, or one that has never worked. RingCentral takes five
	// token requests a minute.
	renewalPause = 15 * time.Second
)

// Tokens shares the tokens of a [Source] between any number of callers, who
// wait no longer than their contexts allow.
type Tokens struct {
	source  Source
	secrets []opaque.Secret

	mu sync.Mutex
	// token is the current one, empty if there is none; it is used until renewAt.
	token   Token
	renewAt time.Time
	// accepted says that the service took the token, and replaced is when one
	// was given up that it never took.
	accepted bool
	replaced time.Time
	// fetching is under way, nil if nothing is.
	fetching *fetch
	// failure is the last error, until forgetAt.
	failure  error
	forgetAt time.Time
}

type fetch struct {
	done  chan struct{}
	token Token
	err   error
}

// NewTokens returns an empty store before source. The secrets are those that
// source presents: a service may repeat them in what it says of any call.
func NewTokens(source Source, secrets ...opaque.Secret) *Tokens {
	return &Tokens{source: source, secrets: secrets}
}

// Get returns a token that lasts. Its error is that of ctx or a
// *callinsights.Error with the operation "Token".
func (t *Tokens) Get(ctx context.Context, next Sender) (Token, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, err
	}
	token, fetching, err := t.look(next)
	if fetching == nil {
		return token, err
	}
	select {
	case <-fetching.done:
		return fetching.token, fetching.err
	case <-ctx.Done():
		return Token{}, ctx.Err()
	}
}

// look returns the token or the error that is there, or what to wait for.
func (t *Tokens) look(next Sender) (Token, *fetch, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if now.Before(t.renewAt) {
		return t.token, nil, nil
	}
	if t.fetching == nil {
		if now.Before(t.forgetAt) {
			return Token{}, nil, t.failure
		}
		t.fetching = &fetch{done: make(chan struct{})}
		// The token is for everybody: it does not matter that the caller who
		// happened to be first gives up, and what his context holds, such as the
		// hooks of a trace, must not be used after he has gone.
		go t.fetch(next, t.fetching)
	}
	return Token{}, t.fetching, nil
}

// fetch asks the source, which runs code of the user's: his token source or his
// transport. On this goroutine nobody could recover from a panic of it.
func (t *Tokens) fetch(next Sender, f *fetch) {
	var token Token
	var err error = &callinsights.Error{Vendor: next.Vendor(), Op: opToken, Err: fault.New(
		"the token source or the transport panicked, or ended its goroutine", callinsights.ErrUnavailable,
	)}
	defer func() {
		_ = recover()
		t.settle(f, token, err)
	}()
	token, err = t.source(context.Background(), next)
}

// settle ends a fetch.
func (t *Tokens) settle(f *fetch, token Token, err error) {
	defer close(f.done)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fetching = nil
	now := time.Now()
	switch {
	case err == nil:
		t.keep(token, now)
	case now.Before(t.token.Expiry):
		// The current token still works for a while.
		token, err = t.token, nil
		t.renewAt = earlier(t.token.Expiry, now.Add(renewalPause))
	default:
		t.failure, t.forgetAt = err, now.Add(shareFailure)
	}
	f.token, f.err = token, err
}

func (t *Tokens) keep(token Token, now time.Time) {
	if token.Expiry.IsZero() {
		token.Expiry = now.Add(defaultLifetime)
	}
	lifetime := token.Expiry.Sub(now)
	t.accepted = t.accepted && t.token.is(token)
	t.token = token
	t.renewAt = token.Expiry.Add(-min(earlyRenewal, lifetime/10))
}

// accept records that the service took the token.
func (t *Tokens) accept(token Token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.accepted = t.accepted || t.token.is(token)
}

// End hands the token that lives, if there is one, to revoke, and forgets it
// unless that fails. It waits for a fetch that is under way, whose token would
// live on otherwise, but not for longer than ctx allows. A later Get fetches a
// token anew.
func (t *Tokens) End(ctx context.Context, revoke func(Token) error) error {
	t.mu.Lock()
	fetching := t.fetching
	t.mu.Unlock()
	if fetching != nil {
		select {
		case <-fetching.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	t.mu.Lock()
	token := t.token
	t.mu.Unlock()
	if !time.Now().Before(token.Expiry) {
		return nil
	}
	if err := revoke(token); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token.is(token) {
		t.forget()
	}
	return nil
}

// forget is called with the lock held.
func (t *Tokens) forget() { t.token, t.renewAt, t.accepted = Token{}, time.Time{}, false }

// renew returns a token other than the refused one. It is the refused one if
// there is no other: its source gives no new one, or the one before was new
// and refused as well.
func (t *Tokens) renew(ctx context.Context, next Sender, refused Token) (Token, error) {
	if t.discard(refused) {
		return t.Get(ctx, next)
	}
	return refused, nil
}

// discard gives up the refused token unless somebody else has replaced it
// already. It reports whether there may be another.
func (t *Tokens) discard(refused Token) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.token.is(refused) {
		return true
	}
	if !t.accepted {
		now := time.Now()
		if now.Before(t.replaced.Add(renewalPause)) {
			return false
		}
		t.replaced = now
	}
	t.forget()
	return true
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
