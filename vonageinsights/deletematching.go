package vonageinsights

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/option"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
)

const opDeleteMatching = "DeleteMatching"

// Deletion counts what [Client.DeleteMatching] did. What is left to delete is
// Matched less Deleted and Gone.
type Deletion struct {
	// Matched counts the sessions that were listed.
	Matched int
	// Deleted counts those of them that were deleted.
	Deleted int
	// Gone counts those that were not there any more when their turn came: deleted
	// by somebody else meanwhile; by a call before this one, if the service still
	// listed them; or by an attempt of this one whose answer was lost.
	Gone int
	// Refused counts those that were passed over, as they cannot be deleted by
	// their id: there is an error then.
	Refused int
}

// DeleteMatching deletes every session that q wants, whatever the length of its
// range, for people who ask to be forgotten. Begin with what it would do:
//
//	found, err := client.DeleteMatching(ctx, query, vonageinsights.DryRun())
//
// All of the sessions are listed before the first is deleted, as [Client.Search]
// does it; the list takes some 100 bytes of memory for each. Then they are deleted
// one after the other, by id and day as [Client.DeleteSession] does it; one that
// is not found is counted as gone. Sessions that are added behind the list's back
// stay.
//
// A session that is refused, by this package for an id that cannot be one or by
// the service (400, 422), does not hold up the others: the first such error comes
// at the end. Any other error ends it at once, as the end of ctx does, and comes
// with the counts so far. The same call goes on from there: it lists what is left.
// So make it until it matches nothing, which is the proof. A search engine may list
// what was just deleted for a moment longer. What is counted as gone and listed all
// the same much later was not deleted: something in between may refuse deletions.
//
// A filter may want more than was meant: Matches finds what has one of the words;
// a field that does not exist excludes nothing in [Filter.Not]; newer engines may
// ignore [Filter.Any] beside other clauses. A filter without any clause, or with
// none but an empty one or match_all from [field.Raw], is refused unless there is
// [AllowDeletingAll], in a dry run too. Whether any other clause narrows the range
// down is not known here: the dry run shows it.
//
// q.SortBy is the order of the list and q.PageSize the size of its pages; q.Fields
// does not matter. What Search refuses is refused, and so is a nil option, with
// [ErrInvalidRequest] and Op "DeleteMatching". Requests fail and are observed as
// Search and DeleteSession. If the latter is answered with 401, the key may be
// allowed to read and not to delete, although the error matches ErrInvalidRequest
// too.
//
// What becomes of the recording of a deleted session is not documented. See
// studio.docs.ai.vonage.com/api-integration/vai-integration-guide.
func (c *Client) DeleteMatching(ctx context.Context, q Query, opts ...DeleteOption) (Deletion, error) {
	c = c.made()
	q.Fields = []field.Path{field.ID, field.SessionStartTime}
	d, err := newDeletion(ctx, q, opts)
	if err != nil {
		return Deletion{}, c.pipeline.Refuse(ctx, opDeleteMatching, err)
	}
	var list []listed
	for session, err := range c.Search(ctx, q) {
		if err != nil {
			return d.count, err
		}
		list = append(list, d.take(session))
	}
	if d.dryRun {
		return d.count, nil
	}
	return d.count, d.deleteAll(list, func(s listed) error { return c.DeleteSession(ctx, s.id, s.startedAt) })
}

// DeleteOption changes how [Client.DeleteMatching] works.
type DeleteOption interface{ apply(*deletion) error }

type deleteOptionFunc func(*deletion) error

func (f deleteOptionFunc) apply(d *deletion) error { return f(d) }

// DryRun lists and counts the sessions, and deletes none.
func DryRun() DeleteOption {
	return deleteOptionFunc(func(d *deletion) error {
		d.dryRun = true
		return nil
	})
}

// AllowDeletingAll accepts a filter that narrows nothing down and wants every
// session of the range. Others do what they did.
func AllowDeletingAll() DeleteOption {
	return deleteOptionFunc(func(d *deletion) error {
		d.all = true
		return nil
	})
}

// OnListed calls fn for each session as it is listed, before any is deleted.
func OnListed(fn func(id string, startedAt time.Time)) DeleteOption {
	return deleteOptionFunc(func(d *deletion) error {
		if fn == nil {
			return fault.Invalid("OnListed: the function is nil")
		}
		d.onListed = fn
		return nil
	})
}

// OnDeleted calls fn for each session when it has been deleted, or was found to
// be gone, before the next request: for a record of what was done.
func OnDeleted(fn func(id string, startedAt time.Time, gone bool)) DeleteOption {
	return deleteOptionFunc(func(d *deletion) error {
		if fn == nil {
			return fault.Invalid("OnDeleted: the function is nil")
		}
		d.onDeleted = fn
		return nil
	})
}

// deletion is a call of DeleteMatching.
type deletion struct {
	dryRun, all bool
	onListed    func(id string, startedAt time.Time)
	onDeleted   func(id string, startedAt time.Time, gone bool)
	count       Deletion
}

// listed is what is kept of a session until its turn comes.
type listed struct {
	id        string
	startedAt time.Time
}

func newDeletion(ctx context.Context, q Query, opts []DeleteOption) (*deletion, error) {
	d := &deletion{
		onListed:  func(string, time.Time) {},
		onDeleted: func(string, time.Time, bool) {},
	}
	if err := option.Apply(opts, DeleteOption.apply, d); err != nil {
		return nil, err
	}
	if ctx == nil {
		return nil, fault.Invalid("the context is nil")
	}
	if _, err := newPlan(opDeleteMatching, q); err != nil {
		return nil, err
	}
	if !d.all && !q.Filter.narrows() {
		return nil, errors.New("the query has no filter that narrows it down, so that every session of its range would be deleted; " +
			"if that is what you want, say so with the option AllowDeletingAll")
	}
	return d, nil
}

// take counts a session that was listed, and keeps no more of it than needed.
func (d *deletion) take(session *Session) listed {
	d.count.Matched++
	d.onListed(session.ID, session.SessionStartTime)
	return listed{strings.Clone(session.ID), session.SessionStartTime}
}

// deleteAll deletes the sessions one after the other.
func (d *deletion) deleteAll(list []listed, remove func(listed) error) error {
	var refused error
	for _, session := range list {
		switch err := remove(session); {
		case err == nil:
			d.done(session, false)
		case isGone(err):
			d.done(session, true)
		case isRefused(err):
			d.count.Refused++
			refused = cmp.Or(refused, err)
		default:
			return err
		}
	}
	return refused
}

// isGone reports whether the service answered that it does not have the session.
func isGone(err error) bool {
	answered, ok := errors.AsType[*Error](err)
	return ok && (answered.StatusCode == http.StatusNotFound || answered.StatusCode == http.StatusGone)
}

// isRefused reports whether it is this session that cannot be deleted, now or
// later. The service's 401 may mean the key as well.
func isRefused(err error) bool {
	answered, ok := errors.AsType[*Error](err)
	if !ok || !errors.Is(err, ErrInvalidRequest) {
		return false
	}
	switch answered.StatusCode {
	case 0, http.StatusBadRequest, http.StatusUnprocessableEntity:
		return true
	default:
		return false
	}
}

func (d *deletion) done(session listed, gone bool) {
	if gone {
		d.count.Gone++
	} else {
		d.count.Deleted++
	}
	d.onDeleted(session.id, session.startedAt, gone)
}
