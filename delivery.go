package callinsights

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
)

// DeliveryLog is the memory of the events that a receiver has handled, in two
// phases: an event is claimed before it is handled and committed afterwards, so
// that one whose handling failed may come again, and one that is sent twice at
// once is not handled twice.
//
// A program that runs once and may forget uses [NewMemoryDeliveryLog]. One that
// must not handle an event again after a restart, or that runs on several
// machines, keeps the log in its database: a table with the key as its primary
// key does. The methods are called by several goroutines at once.
//
// A log belongs to one job, as it says that an event was handled and not by whom.
// The instances of one program share it, and so may handlers of different
// packages, whose keys differ. Two functions that do different things with the
// same events need a log each: where a handler queues events and a worker takes
// them from the queue, the worker would find all of them handled, by the handler.
// In one table, the name of the job before the key does.
//
// With it the handlers promise: every event is handled at least once while the
// sender repeats it, and exactly once while the function returns within its
// lease and Commit succeeds, across restarts if the log outlives them.
type DeliveryLog interface {
	// Begin claims the event with that key for as long as lease. It returns
	// [ClaimNew] and a token if nobody has claimed it, or if the lease of the one
	// who had is over; [ClaimBusy] while somebody is handling it; and [ClaimDone]
	// once it was committed.
	Begin(ctx context.Context, key string, lease time.Duration) (Claim, error)
	// Commit says that the event was handled. A token that does not hold the
	// claim any more, because its lease was over and another one has begun,
	// changes nothing and gives [ErrClaimLost].
	Commit(ctx context.Context, key, token string) error
	// Release gives the claim back, so that the event may come again. A token
	// that does not hold the claim changes nothing and gives [ErrClaimLost].
	Release(ctx context.Context, key, token string) error
}

// Claim is the answer of [DeliveryLog.Begin].
type Claim struct {
	// State says whether the event is to be handled.
	State ClaimState
	// Token is the proof of a ClaimNew, for Commit or Release; empty otherwise.
	Token string
	// RetryAfter is how long a ClaimBusy may last; zero where that is not known.
	RetryAfter time.Duration
}

// ClaimState is what a [DeliveryLog] knows of an event.
type ClaimState int

// The states. The zero value is none of them, so that a log that forgets to say
// does not have an event taken for handled.
const (
	ClaimNew  ClaimState = iota + 1 // nobody handles it: it is the caller's now
	ClaimBusy                       // somebody is handling it
	ClaimDone                       // it was handled
)

// String returns "new", "busy" or "done".
func (s ClaimState) String() string {
	switch s {
	case ClaimNew:
		return "new"
	case ClaimBusy:
		return "busy"
	case ClaimDone:
		return "done"
	default:
		return "ClaimState(" + strconv.Itoa(int(s)) + ")"
	}
}

// ErrClaimLost says that a token of a [DeliveryLog] does not hold its claim any
// more.
var ErrClaimLost error = fault.ErrClaimLost

// ErrBusy says that an event is being handled by somebody else and should be
// offered again later.
var ErrBusy error = fault.ErrBusy

// Permanent marks an error of the function that handles events as one that no
// repetition will mend. The handler gives such an event to its dead letter
// function; where it has none, it is an error as any other. The result has the
// text of err and matches it, and [IsPermanent]; Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanentError{err}
}

type permanentError struct{ error }

// Unwrap returns the error that was marked.
func (e permanentError) Unwrap() error { return e.error }

// IsPermanent reports whether err, or an error that it wraps, was marked with
// [Permanent]. Nothing else counts, such as a method of that name.
func IsPermanent(err error) bool {
	_, marked := errors.AsType[permanentError](err)
	return marked
}

// The defaults of [NewMemoryDeliveryLog].
const (
	defaultDeliveries  = 10_000
	defaultDeliveryTTL = 24 * time.Hour
)

// NewMemoryDeliveryLog returns a log that remembers up to capacity events, each
// for as long as ttl after it was handled. Zero and less stand for 10,000 events
// and for 24 hours. What it has handled is forgotten when the program ends.
func NewMemoryDeliveryLog(capacity int, ttl time.Duration) *MemoryDeliveryLog {
	if capacity <= 0 {
		capacity = defaultDeliveries
	}
	if ttl <= 0 {
		ttl = defaultDeliveryTTL
	}
	return &MemoryDeliveryLog{capacity: capacity, ttl: ttl, byKey: make(map[string]*delivery)}
}

// MemoryDeliveryLog is a [DeliveryLog] in memory. When it is full it forgets
// those events that were handled first, never one that is being handled. Make
// it with [NewMemoryDeliveryLog]. It is safe for concurrent use.
type MemoryDeliveryLog struct {
	capacity int
	ttl      time.Duration

	mu           sync.Mutex
	tokens       int
	byKey        map[string]*delivery
	claims, done queue // those that end first in front
}

// delivery is an event that is being handled, or was.
type delivery struct {
	key   string
	token string    // empty once it was handled
	until time.Time // when the lease is over, or the event forgotten

	before, after *delivery // in its queue
}

// Begin is described at [DeliveryLog]. Its error matches [ErrUnavailable]: as
// many events are being handled as the log can hold.
func (l *MemoryDeliveryLog) Begin(_ context.Context, key string, lease time.Duration) (Claim, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if known, ok := l.byKey[key]; ok {
		left := known.until.Sub(now)
		switch {
		case left <= 0:
			l.forget(known)
		case known.token == "":
			return Claim{State: ClaimDone}, nil
		default:
			return Claim{State: ClaimBusy, RetryAfter: left}, nil
		}
	}
	if !l.makeRoom(now) {
		return Claim{}, fmt.Errorf("%w: %d events are being handled, which is all that the delivery log can hold", ErrUnavailable, l.capacity)
	}
	l.tokens++
	d := &delivery{key: key, token: strconv.Itoa(l.tokens), until: now.Add(lease)}
	l.byKey[key] = d
	l.claims.add(d)
	return Claim{State: ClaimNew, Token: d.token}, nil
}

// Commit is described at [DeliveryLog].
func (l *MemoryDeliveryLog) Commit(_ context.Context, key, token string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	d, err := l.held(key, token)
	if err != nil {
		return err
	}
	l.claims.remove(d)
	d.token, d.until = "", time.Now().Add(l.ttl)
	l.done.add(d)
	return nil
}

// Release is described at [DeliveryLog].
func (l *MemoryDeliveryLog) Release(_ context.Context, key, token string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	d, err := l.held(key, token)
	if err != nil {
		return err
	}
	l.forget(d)
	return nil
}

// held returns the claim that the token holds. One whose lease is over holds it
// still, as long as nobody else has begun.
func (l *MemoryDeliveryLog) held(key, token string) (*delivery, error) {
	d, ok := l.byKey[key]
	if !ok || token == "" || d.token != token {
		return nil, ErrClaimLost
	}
	return d, nil
}

// makeRoom forgets what was handled too long ago and, if the log is full still,
// the oldest claim whose lease is over or the event that was handled first. It
// reports whether there is room for another one.
func (l *MemoryDeliveryLog) makeRoom(now time.Time) bool {
	for d := l.done.first; d != nil && !d.until.After(now); d = l.done.first {
		l.forget(d)
	}
	if len(l.byKey) < l.capacity {
		return true
	}
	oldest := l.claims.first
	if oldest == nil || oldest.until.After(now) {
		oldest = l.done.first
	}
	if oldest == nil {
		return false
	}
	l.forget(oldest)
	return true
}

func (l *MemoryDeliveryLog) forget(d *delivery) {
	delete(l.byKey, d.key)
	if d.token == "" {
		l.done.remove(d)
	} else {
		l.claims.remove(d)
	}
}

// queue holds deliveries in the order in which they end. Its links are in the
// deliveries, as a log of thousands is looked through by every garbage collection.
type queue struct{ first, last *delivery }

// add finds the place from the end: where all leases are of one length, that is it.
func (q *queue) add(d *delivery) {
	before := q.last
	for before != nil && before.until.After(d.until) {
		before = before.before
	}
	after := q.first
	if before != nil {
		after = before.after
	}
	q.link(before, d)
	q.link(d, after)
}

func (q *queue) remove(d *delivery) {
	q.link(d.before, d.after)
	d.before, d.after = nil, nil
}

// link makes two deliveries neighbours. No delivery stands for the end of the queue.
func (q *queue) link(before, after *delivery) {
	if before == nil {
		q.first = after
	} else {
		before.after = after
	}
	if after == nil {
		q.last = before
	} else {
		after.before = before
	}
}
