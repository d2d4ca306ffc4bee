package vonageinsights

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
)

// countedUpTo is where search engines stop counting, and listing by number.
const countedUpTo = 10_000

// cursor is a place in a range that is read page by page. Each page is asked
// for by start time: from the last millisecond of the page before on, less
// what is known of it. So it does not matter what begins or vanishes elsewhere
// meanwhile.
//
// The sessions of one millisecond may not fit into a page. Then that millisecond
// is asked for alone, as a crowd.
type cursor struct {
	plan *plan
	rest span // what is left to read
	// window is the part of rest that is being asked for, and behind the other.
	window, behind span
	// seen has the sessions that were taken of the millisecond seenAt, the last of
	// which there were any. Those before it cannot come again, in this order.
	seen   map[string]bool
	seenAt time.Time
	// breaks counts the pages in a row that broke off without anything new.
	breaks int
	// left is how many sessions are still to come, as the service counts them, -1
	// if it did not say so of the whole rest.
	left int
	// full is how many sessions a page has at most, as far as is known.
	full int
	// spread is how many milliseconds the page before has from its first session to
	// its last.
	spread int64

	crowd crowd
	page  pageSoFar
}

const (
	// crowdPage is the size of the pages of a crowd. It divides countedUpTo, so
	// that the last page does not reach beyond that.
	crowdPage = 1000
	// maxPasses is how many passes in a row through a crowd may bring nothing new
	// and still not be the end.
	maxPasses = 5
)

// crowd is what is known of a millisecond that is read by page numbers.
//
// Sessions that come and go between two pages move others from one to the other,
// in and out of sight, and one that comes for one that goes does not even show in
// the total. So what takes several pages is read in passes, until two in a row
// have met the same sessions.
type crowd struct {
	active      bool
	number      int             // of the page at hand
	received    int             // sessions of the pages before it, in this pass
	idle        int             // passes in a row that brought nothing new
	met, before map[string]bool // in this pass, and in the one before
}

// pageSoFar is what is known of the page at hand.
type pageSoFar struct {
	hits, fresh, unmet int
	first, last        time.Time
}

func newCursor(p *plan, rest span) *cursor {
	return &cursor{plan: p, rest: rest, window: rest, seen: map[string]bool{}, left: -1, full: p.size}
}

func (c *cursor) done() bool { return c.rest.isEmpty() }

// next returns the query string for the page to be read now.
func (c *cursor) next() string {
	length, size := maxWindow, c.plan.size
	if c.crowd.active {
		length, size = 1, crowdPage
	}
	c.window, c.behind = c.rest.part(length, c.plan.descending)
	return c.plan.query(c.window, c.crowd.number, size)
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
	if page.hits++; page.hits == 1 {
		page.first = at
	}
	page.last = at
	id := strings.Clone(session.ID) // which does not hold on to all of the session
	if c.crowd.active && !c.crowd.met[id] {
		c.crowd.met[id] = true
		page.unmet++
	}
	if c.seen[id] || !c.window.has(session.SessionStartTime) {
		return false, nil
	}
	page.fresh++
	if c.left > 0 {
		c.left--
	}
	if !at.Equal(c.seenAt) {
		clear(c.seen)
	}
	c.seen[id], c.seenAt = true, at
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
	c.crowd.received += page.hits
	counted := total > 0 && total < countedUpTo
	switch received := c.crowd.received; {
	case page.hits == 0 && received >= countedUpTo && total >= countedUpTo:
		return fault.New(c.wall(), ErrInvalidRequest)
	case page.hits == 0 && received < total:
		return fmt.Errorf("a page has no sessions, although the service counts %d and sent %d before", total, received)
	case c.crowd.active:
		return c.advanceCrowd(page, page.hits == 0 || counted && received >= total)
	case page.hits == 0 || counted && page.hits >= total:
		c.leave()
		return nil
	case c.steps(page.last) < -1: // the service may include one millisecond more
		return errors.New("a page has only sessions of before the time from which they were asked for")
	}
	c.left, c.full, c.spread = -1, page.hits, page.last.Sub(page.first).Abs().Milliseconds()+1
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

// advanceCrowd goes on to the next page of a crowd, or to the next pass if that
// was its last one.
func (c *cursor) advanceCrowd(page pageSoFar, last bool) error {
	crowd := &c.crowd
	if page.fresh > 0 {
		crowd.idle = 0
	}
	switch {
	case last && (crowd.number == 0 || maps.Equal(crowd.met, crowd.before)):
		c.leave()
		return nil
	case last:
		return c.again("the pages of one millisecond have other sessions each time that they are read, so some would be missed")
	case page.unmet == 0:
		return c.again("a page has only sessions of the pages before it")
	}
	crowd.number++
	return nil
}

// again begins another pass, and fails with why once there were too many.
func (c *cursor) again(why string) error {
	if c.crowd.idle == maxPasses {
		return errors.New(why)
	}
	c.crowd = crowd{active: true, idle: c.crowd.idle + 1, met: map[string]bool{}, before: c.crowd.met}
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
	if c.steps(c.seenAt) < 0 {
		clear(c.seen)
	}
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
