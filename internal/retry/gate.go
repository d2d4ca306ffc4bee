package retry

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
)

// Gate holds calls back while the service would refuse them. RingCentral
// counts requests by group, and every request sent while it refuses them
// starts its penalty anew, so that callers which repeat on their own may never
// get through. See developers.ringcentral.com/guide/basics/rate-limits.
//
// Which call belongs to which group is learnt from the answers. While nothing
// is known of a group one call goes ahead and the others wait for what its
// answer says; from then on no more are sent than the service still allows,
// those under way counted. A nil Gate lets everything pass.
type Gate struct {
	mu sync.Mutex
	// groups are known by their names in lower case, and ops by the group that
	// their answers named, "" if they named none.
	groups map[string]*group
	ops    map[string]string
	// blocked is the end of a penalty that names no group: the account's.
	blocked time.Time
	// changed is closed when a waiter may look again; nil while nobody waits.
	changed chan struct{}
}

// maxGroups bounds what a server can make a gate remember.
const maxGroups = 64

// defaultWindow is the one that the documentation names.
const defaultWindow = 60 * time.Second

// group is what is known of the calls that share a limit.
type group struct {
	// started and finished count the requests.
	started, finished int
	// blocked is the end of the penalty or of the window that is used up.
	blocked time.Time
	window  time.Duration
	// state says whether available counts.
	state     groupState
	available int
	// leading says that a call went ahead to learn the state.
	leading bool
}

type groupState int

const (
	unknown groupState = iota
	counted            // available requests may be started
	open               // the service does not count, or does not say so
)

// NewGate returns a gate that knows nothing yet.
func NewGate() *Gate {
	return &Gate{groups: map[string]*group{}, ops: map[string]string{}}
}

// LimitedError is the refusal of a gate. It matches
// [callinsights.ErrRateLimited], and [context.DeadlineExceeded] too if the
// wait would outlast the caller's deadline.
type LimitedError struct {
	// RetryAfter is how long the rate limit still keeps calls from being sent.
	RetryAfter time.Duration
	cause      error
}

// Error says why the wait is too long.
func (e *LimitedError) Error() string {
	if e.cause != nil {
		return "not sent: the rate limit ends after the caller's deadline"
	}
	return "not sent: the rate limit ends later than a call may wait"
}

// Unwrap returns what the error matches.
func (e *LimitedError) Unwrap() []error {
	if e.cause == nil {
		return []error{callinsights.ErrRateLimited}
	}
	return []error{callinsights.ErrRateLimited, e.cause}
}

// Pass is the permission to send one request.
type Pass struct {
	gate   *Gate
	op     string
	group  *group // nil where the service does not limit the call
	leader bool
	// finished is that of the group when the request was started.
	finished int
}

// Enter waits until a request of op may be sent. It fails at once if that is
// known to take longer than maxWait or than ctx allows, and with the error of
// a context that ends.
func (g *Gate) Enter(ctx context.Context, op string, maxWait time.Duration) (*Pass, error) {
	if g == nil {
		return nil, ended(ctx)
	}
	patience := time.Now().Add(maxWait)
	for {
		if err := ended(ctx); err != nil {
			return nil, err
		}
		impatient := !time.Now().Before(patience)
		pass, until, changed := g.try(op, impatient)
		switch {
		case pass != nil:
			return pass, nil
		case !until.IsZero():
			if err := tooLong(ctx, until, maxWait); err != nil {
				return nil, err
			}
		case !impatient:
			until = patience
		}
		wait(ctx, until, changed)
	}
}

// wait returns at that time, never if it is zero, or when something happens.
func wait(ctx context.Context, until time.Time, changed <-chan struct{}) {
	var reached <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		reached = timer.C
	}
	select {
	case <-ctx.Done():
	case <-changed:
	case <-reached:
	}
}

func tooLong(ctx context.Context, until time.Time, maxWait time.Duration) error {
	wait := time.Until(until)
	if deadline, ok := ctx.Deadline(); ok && !until.Before(deadline) {
		return &LimitedError{RetryAfter: wait, cause: context.DeadlineExceeded}
	}
	if wait > maxWait {
		return &LimitedError{RetryAfter: wait}
	}
	return nil
}

// try returns a pass, or until when there is none and what to wait for. An
// impatient caller does not wait for the answer of the one who went ahead.
func (g *Gate) try(op string, impatient bool) (pass *Pass, until time.Time, changed <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	grp := g.groupOf(op)
	switch {
	case g.blocked.After(now):
		return nil, g.blocked, g.change()
	case grp == nil:
		return &Pass{gate: g, op: op}, time.Time{}, nil
	case grp.blocked.After(now):
		return nil, grp.blocked, g.change()
	case grp.state == open, grp.state == counted && grp.available > 0:
		return g.start(op, grp, false), time.Time{}, nil
	case grp.state == unknown && (!grp.leading || impatient), grp.started == grp.finished:
		// Nobody is under way who could tell.
		return g.start(op, grp, true), time.Time{}, nil
	default:
		return nil, time.Time{}, g.change()
	}
}

// groupOf returns the group of op, one of its own while it is not known, and
// nil if its answers name none.
func (g *Gate) groupOf(op string) *group {
	name, known := g.ops[op]
	if known && name == "" {
		return nil
	}
	if !known {
		name = "op " + op
	}
	return g.group(name)
}

func (g *Gate) group(name string) *group {
	grp := g.groups[name]
	if grp == nil {
		grp = &group{window: defaultWindow}
		g.groups[name] = grp
	}
	return grp
}

func (g *Gate) start(op string, grp *group, leader bool) *Pass {
	pass := &Pass{gate: g, op: op, group: grp, leader: leader, finished: grp.finished}
	grp.started++
	grp.available--
	grp.leading = grp.leading || leader
	return pass
}

// change returns a channel that is closed when there may be a pass.
func (g *Gate) change() <-chan struct{} {
	if g.changed == nil {
		g.changed = make(chan struct{})
	}
	return g.changed
}

// Leave reports the answer to the request, nil if there was none.
func (p *Pass) Leave(answer *Answer) {
	if p == nil {
		return
	}
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.group != nil {
		p.group.finished++
		p.group.leading = p.group.leading && !p.leader
	}
	if answer != nil {
		g.learn(p, answer)
	}
	if g.changed != nil {
		close(g.changed)
		g.changed = nil
	}
}

func (g *Gate) learn(p *Pass, answer *Answer) {
	limit, isCounted := ParseRateLimit(answer.Header)
	grp := g.named(p, limit.Group)
	if grp != nil && limit.Window > 0 {
		grp.window = limit.Window
	}
	switch {
	case answer.Status == http.StatusTooManyRequests:
		g.penalise(grp, answer)
	case grp == nil && answer.Status < 500:
		g.unlimited(p)
	case grp == nil:
		// Perhaps not an answer of the service at all: the next one leads.
	case !isCounted:
		grp.state = open
	default:
		grp.count(limit.Remaining, p)
	}
}

// named returns the group that an answer named, nil if it named none, and
// remembers that the call belongs to it.
func (g *Gate) named(p *Pass, name string) *group {
	name = strings.ToLower(name)
	if name == "" || g.groups[name] == nil && len(g.groups) >= maxGroups {
		return nil
	}
	g.ops[p.op] = name
	return g.group(name)
}

// penalise stops the group, or every call if the answer names none.
func (g *Gate) penalise(grp *group, answer *Answer) {
	now := time.Now()
	wait, ok := RetryAfter(answer.Header, now)
	blocked := &g.blocked
	window := time.Duration(0)
	if grp != nil {
		blocked, window = &grp.blocked, grp.window
		grp.state = unknown
	}
	if !ok {
		wait = max(defaultPenalty, window)
	}
	*blocked = later(*blocked, now.Add(wait))
}

// unlimited opens the gate for a call whose answer says nothing of limits.
func (g *Gate) unlimited(p *Pass) {
	if p.group == nil {
		return
	}
	p.group.state = open
	if _, known := g.ops[p.op]; !known {
		g.ops[p.op] = ""
	}
}

// count takes over what the service says may still be sent. It may have said
// so before it saw the requests that were under way at the same time.
func (grp *group) count(remaining int, p *Pass) {
	overlap := 0
	if p.group != grp {
		overlap = grp.started - grp.finished
	}
	if p.group != nil {
		overlap += p.group.started - p.finished - 1
	}
	grp.state = counted
	grp.available = remaining - overlap
	if remaining == 0 {
		grp.state = unknown
		grp.blocked = later(grp.blocked, time.Now().Add(grp.window))
	}
}

// Blocked is how long no request of op will be sent, 0 if that is not known.
func (g *Gate) Blocked(op string) time.Duration {
	if g == nil {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	until := g.blocked
	if grp := g.groupOf(op); grp != nil {
		until = later(until, grp.blocked)
	}
	return max(time.Until(until), 0)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
