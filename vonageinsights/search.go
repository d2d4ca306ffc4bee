package vonageinsights

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/retry"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// Search returns each session that q wants once, whatever the length of its
// range and the number of sessions, by start time: ascending, or descending if
// q.SortBy is field.SessionStartTime.Desc() alone. Any other order cannot be
// paged safely and is refused with [ErrInvalidRequest]; see [Client.SearchPage].
// Sessions of one millisecond are in the service's own order.
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
// [Client.Export] does the same faster, and can be taken up again.
//
// One request reaches over less than 60 days, so a long range takes several,
// whether or not there are sessions. Its end is q.To as given, never the clock: one
// far ahead costs requests for nothing. Pages are asked for by start time and not by
// number, so that sessions which begin or vanish meanwhile neither shift others
// out of sight nor bring some twice, and no limit on page numbers counts.
//
// Only where more sessions than fit a page began within one millisecond are pages
// numbered, of 1,000 sessions. If those take several, they are read again until two
// readings in a row have the same sessions, so that what is there all the time is
// not lost as others come and go; where they never have, that is an
// [ErrInvalidResponse]. If there are more than the service lists, 10,000 as a rule,
// within that millisecond and maybe those next to it, an [ErrInvalidRequest] says
// so: divide them by filters.
//
// The total that comes with a page is believed, but for 10,000, which is "at
// least"; a page without sessions of which the service counts some is an
// [ErrInvalidResponse].
//
// For all that, id and session_start_time are always asked for; where q.Fields does not
// name them, the sessions have them in RawJSON alone.
func (c *Client) Search(ctx context.Context, q Query) iter.Seq2[*Session, error] {
	c = c.made()
	plan, err := newPlan(opSearch, q)
	return func(yield func(*Session, error) bool) {
		if err != nil {
			yield(nil, c.pipeline.Refuse(ctx, opSearch, err))
			return
		}
		err := c.read(ctx, newCursor(plan, plan.whole), func(session *Session) bool {
			plan.strip(session)
			return yield(session, nil)
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// read hands what is left of cur to take, until that returns false.
func (c *Client) read(ctx context.Context, cur *cursor, take func(*Session) bool) error {
	for !cur.done() {
		if stopped, err := c.readOn(ctx, cur, take); stopped || err != nil {
			return err
		}
	}
	return nil
}

// readOn asks for the next page of cur and hands what is new on it to take,
// until that returns false, which it reports. A page that breaks off is no
// error if the rest of it is worth asking for, and then leaves cur ready for it.
func (c *Client) readOn(ctx context.Context, cur *cursor, take func(*Session) bool) (stopped bool, err error) {
	request := transport.Request{Op: cur.plan.op, Path: searchPath(), Query: cur.next()}
	err = c.pipeline.Stream(ctx, request, func(body io.Reader) error {
		var fault error
		page, isPage, err := readPage(jsonpull.NewStream(body, c.maxValue), func(session *Session) bool {
			if fault = ctx.Err(); fault != nil {
				return false // what has arrived already is no more wanted
			}
			var fresh bool
			if fresh, fault = cur.admit(session); fault != nil {
				return false
			}
			stopped = fresh && !take(session)
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
	if err != nil && brokeOff(err) && c.resume(ctx, cur) {
		err = nil
	}
	return stopped, cur.explainWall(err)
}

// brokeOff reports whether a call failed because the answer, which had begun
// well, ended before its document did or stopped arriving.
func brokeOff(err error) bool {
	return errors.Is(err, transport.ErrBrokeOff) || errors.Is(err, io.ErrUnexpectedEOF)
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

// explainWall adds what a refusal means that comes where page numbers end.
func (c *cursor) explainWall(err error) error {
	refusal, ok := errors.AsType[*Error](err)
	refused := ok && refusal.StatusCode != 0 && (errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrInvalidRequest))
	if !refused || !c.crowd.active || c.crowd.received+crowdPage <= countedUpTo {
		return err
	}
	explained := *refusal
	explained.Err = fault.New(c.wall(), refusal.Err, ErrInvalidRequest)
	return &explained
}

// wall says that a crowd has more sessions than page numbers reach.
func (c *cursor) wall() string {
	return fmt.Sprintf("the service does not list more than the first %d of the sessions that began at %s, give or take a millisecond: divide them by filters",
		c.crowd.received, appendTime(nil, millisecond(c.window.from)))
}
