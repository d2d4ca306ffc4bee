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
	// leading says that a call went ahead to learn the state, the last one then.
	leading bool
	ledAt   time.Time
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
	// RetryAfter is how long the rate limit still keeps calls from being sent, 0
	// if that is not known.
	RetryAfter time.Duration
	cause      error
}

// Error says why the wait is too long.
func (e *LimitedError) Error() string {
	if e.cause != nil {
		return "not sent: the rate limit ends after the caller's deadline"
	}
	if e.RetryAfter == 0 {
		return "not sent: the calls that are to tell the rate limit get no answer"
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
//
// If the call that went ahead gets no answer within maxWait, one of those that
// wait for it goes ahead as well. The others wait once more as long, and fail
// then: all at once they would be the burst that the gate is there to prevent.
func (g *Gate) Enter(ctx context.Context, op string, maxWait time.Duration) (*Pass, error) {
	if g == nil {
		return nil, ended(ctx)
	}
	patience := time.Now().Add(maxWait).Add(maxWait)
	for {
		if err := ended(ctx); err != nil {
			return nil, err
		}
		pass, held := g.try(op, maxWait)
		if pass != nil {
			return pass, nil
		}
		switch {
		case held.penalty:
			if err := tooLong(ctx, held.until, maxWait); err != nil {
				return nil, err
			}
		case held.until.IsZero():
			// Answers to others are under way, each of which lets some pass.
		case !time.Now().Before(patience):
			return nil, &LimitedError{}
		default:
			held.until = earlier(held.until, patience)
		}
		held.wait(ctx)
	}
}

// hold is why there is no pass.
type hold struct {
	// until is when to look again, whatever happens; never if it is zero.
	until time.Time
	// penalty says that nothing is sent until then.
	penalty bool
	// changed is closed when something happens.
	changed <-chan struct{}
}

// wait returns when it is time to look again.
func (h hold) wait(ctx context.Context) {
	var reached <-chan time.Time
	if !h.until.IsZero() {
		timer := time.NewTimer(time.Until(h.until))
		defer timer.Stop()
		reached = timer.C
	}
	select {
	case <-ctx.Done():
	case <-h.changed:
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

// try returns a pass or what to wait for. The answer of the one who went ahead
// is waited for no longer than maxWait.
func (g *Gate) try(op string, maxWait time.Duration) (*Pass, hold) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	grp := g.groupOf(op)
	switch {
	case g.blocked.After(now):
		return nil, hold{g.blocked, true, g.change()}
	case grp == nil:
		return &Pass{gate: g, op: op}, hold{}
	case grp.blocked.After(now):
		return nil, hold{grp.blocked, true, g.change()}
	case grp.state == open, grp.state == counted && grp.available > 0:
		return g.start(op, grp, false), hold{}
	case grp.state == unknown && !grp.leading, grp.started == grp.finished:
		// Nobody is under way who could tell.
		return g.start(op, grp, true), hold{}
	case grp.state == counted:
		return nil, hold{changed: g.change()}
	}
	if next := grp.ledAt.Add(maxWait); next.After(now) {
		return nil, hold{until: next, changed: g.change()}
	}
	return g.start(op, grp, true), hold{}
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
	if leader {
		grp.leading, grp.ledAt = true, time.Now()
	}
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

// penalise stops the group, or every call if the answer names none. Without a
// Retry-After it does so for a window at least, as a request that comes too
// early starts the penalty anew.
func (g *Gate) penalise(grp *group, answer *Answer) {
	now := time.Now()
	wait, ok := RetryAfter(answer.Header, now)
	blocked, window := &g.blocked, defaultWindow
	if grp != nil {
		blocked, window = &grp.blocked, grp.window
		grp.state = unknown
	}
	if !ok {
		wait = max(defaultPenalty, window)
	}
	// A number that makes no sense must not end the client for ever.
	*blocked = later(*blocked, now.Add(min(wait, maxWindow)))
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

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
