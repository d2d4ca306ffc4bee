package vonageinsights

import (
	"errors"
	"maps"
	"time"
)

// countedUpTo is where search engines stop counting, and listing by number.
const countedUpTo = 10_000

// cursor is a place in a range that is read page by page. Each page is asked
// for by start time: from the last millisecond of the page before on, less
// what is known of it. So it does not matter what begins or vanishes elsewhere
// meanwhile.
//
// The sessions of one millisecond are in an order of the engine's own. Where
// they may fill a page, that millisecond is asked for alone, page by number.
type cursor struct {
	plan *plan
	rest span // what is left to read
	// window is the part of rest that is being asked for, and behind the other.
	window, behind span
	// seen has the sessions that were taken, from the millisecond on in which
	// rest begins.
	seen map[string]time.Time
	// breaks counts the pages in a row that broke off without anything new.
	breaks int
	// left is how many sessions are still to come, as the service counts them, -1
	// if it did not say so of the whole rest.
	left int
	// full is how many sessions a page has at most, as far as is known.
	full int

	crowd crowd
	page  pageSoFar
}

// maxRestarts is how often in a row, without anything new, the pages of one
// millisecond are read again because the number of its sessions has changed.
const maxRestarts = 10

// crowd is what is known of a millisecond that is read by page numbers.
type crowd struct {
	active   bool
	number   int // of the page at hand
	received int // sessions of the pages before it
	total    int // as the page before it says
	restarts int
	met      map[string]bool
}

// pageSoFar is what is known of the page at hand.
type pageSoFar struct {
	hits, fresh, unmet int
	last               time.Time
}

func newCursor(p *plan, rest span) *cursor {
	return &cursor{plan: p, rest: rest, window: rest, seen: map[string]time.Time{}, left: -1, full: p.size}
}

func (c *cursor) done() bool { return c.rest.isEmpty() }

// next returns the query string for the page to be read now.
func (c *cursor) next() string {
	size := maxWindow
	if c.crowd.active {
		size = 1
	}
	c.window, c.behind = c.rest.part(size, c.plan.descending)
	return c.plan.query(c.window, c.crowd.number)
}

// millisecond is where a session stands in the order.
func millisecond(t time.Time) time.Time { return t.Truncate(time.Millisecond) }

// admit takes note of a session of the page and reports whether it is to be
// taken: it is of the window, and new.
func (c *cursor) admit(session *Session) (fresh bool, err error) {
	if session.ID == "" || session.SessionStartTime.IsZero() {
		return false, errors.New("a session has no id or no session_start_time, without which the next page cannot be found")
	}
	at, page := millisecond(session.SessionStartTime), &c.page
	if page.hits > 0 && c.plan.before(at, page.last) {
		return false, errors.New("the sessions are not in the order that was asked for, so some would be missed")
	}
	page.hits++
	page.last = at
	if c.crowd.active && !c.crowd.met[session.ID] {
		c.crowd.met[session.ID] = true
		page.unmet++
	}
	if _, known := c.seen[session.ID]; known || !c.window.has(session.SessionStartTime) {
		return false, nil
	}
	page.fresh++
	if c.left > 0 {
		c.left--
	}
	c.seen[session.ID] = at
	return true, nil
}

// restart goes back to the last session of a page that broke off.
func (c *cursor) restart() {
	if c.page.fresh > 0 {
		c.breaks = 0
	}
	c.breaks++
	if c.page.hits > 0 && !c.crowd.active {
		c.moveTo(c.page.last)
	}
	c.page = pageSoFar{unmet: c.page.unmet}
}

// advance goes on behind a page that has been read whole. total is how many
// sessions the service has in what it was asked for, 0 if it did not say.
func (c *cursor) advance(total int) error {
	page := c.page
	c.page, c.breaks = pageSoFar{}, 0
	if page.fresh > 0 {
		c.crowd.restarts = 0
	}
	if c.crowd.active && c.crowd.number > 0 && c.crowd.total != total && c.crowd.restarts < maxRestarts {
		// Sessions came or went, and moved others from one page to another.
		c.crowd = crowd{active: true, restarts: c.crowd.restarts + 1, met: map[string]bool{}}
		return nil
	}
	c.crowd.total = total
	c.crowd.received += page.hits
	counted := total > 0 && total < countedUpTo
	if page.hits == 0 || counted && c.crowd.received >= total {
		c.leave()
		return nil
	}
	if c.steps(page.last) < -1 { // the service may include one millisecond more
		return errors.New("a page has only sessions of before the time from which they were asked for")
	}
	if c.crowd.active {
		if page.unmet == 0 {
			return errors.New("a page has only sessions of the pages before it")
		}
		c.crowd.number++
		return nil
	}
	c.left, c.full = -1, page.hits
	if counted && c.behind.isEmpty() {
		c.left = total - page.hits
	}
	// The page may have been cut anywhere in its last millisecond.
	c.crowd = crowd{}
	if !c.moveTo(page.last) {
		c.crowd = crowd{active: true, met: map[string]bool{}}
	}
	return nil
}

// steps is how many milliseconds away at is from where rest begins.
func (c *cursor) steps(at time.Time) int64 {
	if c.plan.descending {
		return c.rest.to.UnixMilli() - at.UnixMilli()
	}
	return at.UnixMilli() - c.rest.from.UnixMilli()
}

// moveTo leaves out what lies before the given millisecond, if that is not the
// first one anyway, and reports whether it did. It goes no further than behind
// the window, of which alone sessions were taken.
func (c *cursor) moveTo(at time.Time) bool {
	steps := c.steps(at)
	switch {
	case steps <= 0:
		return false
	case steps >= c.window.milliseconds():
		c.leave()
	default:
		_, c.rest = c.rest.part(steps, c.plan.descending)
		c.forget()
	}
	return true
}

// leave goes on behind the window, all of which has been read.
func (c *cursor) leave() {
	c.rest, c.crowd = c.behind, crowd{}
	c.forget()
}

// forget drops what lies before the rest from memory.
func (c *cursor) forget() {
	maps.DeleteFunc(c.seen, func(_ string, at time.Time) bool { return c.steps(at) < 0 })
}

// split takes off what is more than so many milliseconds away, as a cursor of
// its own; nil if nothing is.
func (c *cursor) split(milliseconds int64) *cursor {
	near, far := c.rest.part(milliseconds, c.plan.descending)
	if far.isEmpty() {
		return nil
	}
	c.rest = near
	return newCursor(c.plan, far)
}
