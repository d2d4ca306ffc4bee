package vonageinsights

import (
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/retry"
	"github.com/callinsights/callinsights-go/internal/transport"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
)

// searchPageSize is the size of Search's pages unless the query has one.
const searchPageSize = 100

// countedUpTo is where search engines stop counting.
const countedUpTo = 10_000

// Search returns each session that q wants once, by start time: ascending, or
// descending if q.SortBy is field.SessionStartTime.Desc() alone. Any other order
// cannot be paged safely and is refused with [ErrInvalidRequest]; see
// [Client.SearchPage].
//
//	for session, err := range client.Search(ctx, query) {
//		if err != nil {
//			return err
//		}
//		...
//	}
//
// Nothing is sent before the range begins, pages are asked for one at a time
// when they are needed, and sessions are delivered while their page is still
// arriving. An error is the last value, without a session: the errors are those
// of [Client.SearchPage], and [ErrInvalidResponse] for pages that make no
// progress. A page that breaks off is asked for again from the last session
// delivered on, as often as [WithRetry] allows without anything new in between.
// Leaving the loop ends the request, and ranging again starts from the beginning.
//
// The pages after the first are asked for by start time and not by number, so
// that sessions which begin or vanish meanwhile neither shift others out of
// sight nor bring some twice, and no limit on page numbers counts. For that, id
// and session_start_time are always asked for; where q.Fields does not name
// them, the sessions have them in RawJSON alone.
func (c *Client) Search(ctx context.Context, q Query) iter.Seq2[*Session, error] {
	plan, err := newPlan(q)
	return func(yield func(*Session, error) bool) {
		if err != nil {
			yield(nil, c.pipeline.Refuse(ctx, opSearch, err))
			return
		}
		cur := cursor{plan: plan, from: plan.from, to: plan.to, seen: map[string]time.Time{}}
		for !cur.done {
			stopped, broke, err := c.searchNext(ctx, &cur, yield)
			if stopped {
				return
			}
			if err != nil && (!broke || !c.resume(ctx, &cur)) {
				yield(nil, err)
				return
			}
		}
	}
}

// searchNext reads the next page and yields what is new on it. It reports
// whether the consumer stopped, and whether an error is that the page broke off.
func (c *Client) searchNext(ctx context.Context, cur *cursor, yield func(*Session, error) bool) (stopped, broke bool, err error) {
	query, err := encodeQuery(cur.from, cur.to, cur.page, cur.plan.size, cur.plan.fixed)
	if err != nil {
		return false, false, c.pipeline.Refuse(ctx, opSearch, err)
	}
	err = c.pipeline.Stream(ctx, transport.Request{Op: opSearch, Path: searchPath(), Query: query}, func(body io.Reader) error {
		var fault error
		page, isPage, err := readPage(jsonpull.NewStream(body, c.maxValue), func(session *Session) bool {
			var fresh bool
			if fresh, fault = cur.admit(session); fault != nil {
				return false
			}
			if fresh {
				cur.plan.strip(session)
				stopped = !yield(session, nil)
			}
			return !stopped
		})
		switch {
		case stopped:
			return nil
		case fault != nil:
			return fault
		case err != nil:
			return err
		case !isPage:
			return errNoPage
		}
		return cur.advance(page.Total)
	})
	return stopped, brokeOff(err), err
}

// brokeOff reports whether a call failed because the answer, which had begun
// well, ended before its document did or stopped arriving.
func brokeOff(err error) bool {
	failed, ok := errors.AsType[*Error](err)
	if !ok || failed.StatusCode != http.StatusOK ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, io.ErrUnexpectedEOF)
}

// resume makes ready to ask for the rest of a page that broke off, after a wait.
// It reports whether that is still worth it.
func (c *Client) resume(ctx context.Context, cur *cursor) bool {
	if cur.restart(); cur.breaks >= c.retry.MaxAttempts {
		return false
	}
	wait := time.NewTimer(retry.Idempotent.Backoff(c.retry, cur.breaks, rand.Float64))
	defer wait.Stop()
	select {
	case <-wait.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// plan is what a search was asked for, taken down when Search was called.
type plan struct {
	from, to             time.Time
	descending           bool
	size                 int
	fixed                []byte
	stripID, stripStarts bool
}

func newPlan(q Query) (*plan, error) {
	p := &plan{from: q.From, to: q.To, size: q.PageSize}
	if p.size == 0 {
		p.size = searchPageSize
	}
	switch {
	case q.PageNumber != 0:
		return nil, errors.New("the query has a PageNumber: Search finds its pages itself; SearchPage returns a single one")
	case len(q.SortBy) == 0 || slices.Equal(q.SortBy, []field.Order{field.SessionStartTime.Asc()}):
	case slices.Equal(q.SortBy, []field.Order{field.SessionStartTime.Desc()}):
		p.descending = true
	default:
		return nil, errors.New("the query has a SortBy of its own: Search goes by session_start_time alone, ascending or descending; SearchPage takes any order")
	}
	start := field.SessionStartTime.Asc()
	if p.descending {
		start = field.SessionStartTime.Desc()
	}
	q.SortBy = []field.Order{start, field.ID.Asc()}
	if len(q.Fields) > 0 {
		p.stripID = !asksFor(q.Fields, field.ID)
		p.stripStarts = !asksFor(q.Fields, field.SessionStartTime)
		q.Fields = slices.Clone(q.Fields)
		if p.stripID {
			q.Fields = append(q.Fields, field.ID)
		}
		if p.stripStarts {
			q.Fields = append(q.Fields, field.SessionStartTime)
		}
	}
	var err error
	p.fixed, err = q.fixed()
	return p, err
}

func asksFor(fields []field.Path, wanted field.Path) bool {
	return slices.ContainsFunc(fields, func(f field.Path) bool { return f != nil && f.String() == wanted.String() })
}

// strip takes off what was asked for only to find the next page.
func (p *plan) strip(session *Session) {
	if p.stripID {
		session.ID = ""
	}
	if p.stripStarts {
		session.SessionStartTime = time.Time{}
	}
}

// cursor is how far one range over a search has come.
type cursor struct {
	plan     *plan
	from, to time.Time // what is left to read, both included
	// page is above 0 only while a whole page lies within one millisecond, which
	// start times cannot divide further.
	page     int
	received int // hits since page 0
	// edge is the millisecond that the range was moved to, zero before. All
	// sessions before it have been yielded; seen has those of it and after it.
	edge time.Time
	seen map[string]time.Time
	done bool
	// breaks counts the pages in a row that broke off without anything new.
	breaks int

	// Of the page at hand:
	hits, fresh int
	last        time.Time
}

// millisecond is where a session stands in the order. The engine may keep no
// more of a start time, and sorts the sessions of one millisecond by id.
func millisecond(session *Session) time.Time {
	return session.SessionStartTime.Truncate(time.Millisecond)
}

// admit takes note of a session and reports whether it is new.
func (c *cursor) admit(session *Session) (fresh bool, err error) {
	if session.ID == "" || session.SessionStartTime.IsZero() {
		return false, errors.New("a session has no id or no session_start_time, without which the next page cannot be found")
	}
	at := millisecond(session)
	if c.hits > 0 && c.plan.before(at, c.last) {
		return false, errors.New("the sessions are not in the order that was asked for, so some would be missed")
	}
	c.hits++
	c.last = at
	if _, known := c.seen[session.ID]; known || !c.edge.IsZero() && c.plan.before(at, c.edge) {
		return false, nil
	}
	c.fresh++
	c.seen[session.ID] = at
	return true, nil
}

// before reports whether a comes before b in the order of the search.
func (p *plan) before(a, b time.Time) bool {
	if p.descending {
		return a.After(b)
	}
	return a.Before(b)
}

// restart goes back to the last session of a page that broke off.
func (c *cursor) restart() {
	if c.fresh > 0 {
		c.breaks = 0
	}
	c.breaks++
	hits := c.hits
	c.hits, c.fresh = 0, 0
	if hits > 0 && c.moveTo(c.last) {
		c.page, c.received = 0, 0
	}
}

// advance goes on to the next page after one that has been read whole. total is
// how many sessions there are from page 0 on, 0 if the service did not say.
func (c *cursor) advance(total int) error {
	c.received += c.hits
	hits, fresh := c.hits, c.fresh
	c.hits, c.fresh, c.breaks = 0, 0, 0
	if hits == 0 || total > 0 && total < countedUpTo && c.received >= total {
		c.done = true
		return nil
	}
	// The page may have been cut anywhere in its last millisecond.
	moved := c.moveTo(c.last)
	if fresh == 0 && (moved || c.page > 0) {
		return errors.New("a page has only sessions of the pages before it")
	}
	if moved {
		c.page, c.received = 0, 0
		return nil
	}
	c.page++
	return nil
}

// moveTo leaves out what lies before the given millisecond, if that is not the
// first one anyway, and reports whether it did.
func (c *cursor) moveTo(at time.Time) bool {
	if c.plan.descending {
		end := at.Add(time.Millisecond - time.Microsecond)
		if !end.Before(c.to) || end.Before(c.from) {
			return false
		}
		c.to = end
	} else {
		if !at.After(c.from) || at.After(c.to) {
			return false
		}
		c.from = at
	}
	c.edge = at
	maps.DeleteFunc(c.seen, func(_ string, known time.Time) bool { return c.plan.before(known, at) })
	return true
}
