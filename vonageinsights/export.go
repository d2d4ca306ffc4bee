package vonageinsights

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/export"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/option"
)

// Export reads what [Client.Search] does, in the same order and with the same
// errors, and can be watched, interrupted and taken up again:
//
//	export := client.Export(query, vonageinsights.Parallel(8))
//	for session, err := range export.All(ctx) {
//		if err != nil {
//			return err // take it up again with ResumeFrom(export.Checkpoint())
//		}
//		... // store session together with export.Checkpoint()
//	}
//
// With [Parallel] and [Prefetch] pages are read before they are needed; without,
// one at a time in the goroutine of the loop. No goroutine outlives the loop. As
// with Search, the time that the loop takes for a session counts towards no
// timeout.
//
// A checkpoint holds the time of the last session, the ids of the sessions of its
// millisecond, a hash of the query's fields and two bytes of one of its filter. It
// is small, unless very many sessions began within that millisecond. It is good for
// the same query in the same region, with whatever page size and options; so store
// From and To with it if they were made from the clock. An export that has ended
// may be resumed too: it yields what has turned up behind its last session since.
// The end of the range is q.To, whenever the loop comes there; see [Query].
//
// Progress's At is the millisecond of the last session. Total is the number of all,
// once it is known: at the end, and before as the service counts them, where all
// that is left is within 60 days and less than 10,000 sessions. That may include
// some that began up to a millisecond outside of the range. Reading in parallel
// tells it at the end alone.
//
// A query, an option or a checkpoint that is refused is an [ErrInvalidRequest]
// from the first step of the loop, and nothing is sent.
func (c *Client) Export(q Query, opts ...ExportOption) *callinsights.Export[Session] {
	e := &sessionExport{client: c.made()}
	e.refusal = e.prepare(q, opts)
	e.state, e.total = e.start.clone(), -1
	return callinsights.NewExport(vendor, opExport, export.Source[Session](e))
}

const opExport = "Export"

// ExportOption changes how [Client.Export] works.
type ExportOption interface{ apply(*sessionExport) error }

type exportOptionFunc func(*sessionExport) error

func (f exportOptionFunc) apply(e *sessionExport) error { return f(e) }

// ResumeFrom goes on where another export of the same query was: after the last
// session that its checkpoint covers, with its counts. A checkpoint of another
// query, or one that is damaged or empty, is refused with an [ErrInvalidRequest] by
// the first step of the export: so store From and To with it if they were made from
// the clock, and leave the option out of the first run, which has none yet.
func ResumeFrom(checkpoint Checkpoint) ExportOption {
	return exportOptionFunc(func(e *sessionExport) error {
		e.resume = &checkpoint
		return nil
	})
}

// maxReaders bounds Parallel and Prefetch. It is how many connections the
// client keeps open.
const maxReaders = 128

// Parallel reads n pages at a time, from 1 to 128, in slices of the range that
// have about a page each. The sessions keep their order. At most 3n pages are in
// memory, or n and those of [Prefetch] if they are more. It takes about as many
// requests as without, but up to some four times as many where there are bursts
// of sessions with nothing in between. The service documents no limit of requests;
// begin with a small n, such as 4.
func Parallel(n int) ExportOption {
	return exportOptionFunc(func(e *sessionExport) error {
		if n < 1 || n > maxReaders {
			return fault.Invalid("Parallel: %d pages at a time; it must be from 1 to %d", n, maxReaders)
		}
		e.workers = n
		return nil
	})
}

// Prefetch reads up to n pages ahead, from 1 to 128, while the loop deals with
// the sessions of the one before, and without [Parallel] one after the other.
func Prefetch(n int) ExportOption {
	return exportOptionFunc(func(e *sessionExport) error {
		if n < 1 || n > maxReaders {
			return fault.Invalid("Prefetch: %d pages ahead; it must be from 1 to %d", n, maxReaders)
		}
		e.ahead = n
		return nil
	})
}

// sessionExport is the source of an export.
type sessionExport struct {
	client         *Client
	plan           *plan
	query          queryMark
	workers, ahead int
	resume         *Checkpoint
	refusal        error       // why nothing can be read
	start          exportState // where each loop begins

	mu    sync.Mutex
	state exportState
	total int
}

// exportState is how far an export has come.
type exportState struct {
	// At is the millisecond of the last session that was yielded, zero before
	// the first, and IDs are those that were yielded of it.
	At    time.Time `json:"at,omitzero"`
	IDs   []string  `json:"ids,omitempty"`
	Items int       `json:"items,omitempty"`
}

func (s *exportState) clone() exportState {
	fresh := *s
	fresh.IDs = slices.Clone(s.IDs)
	return fresh
}

func (e *sessionExport) prepare(q Query, opts []ExportOption) error {
	if err := option.Apply(opts, ExportOption.apply, e); err != nil {
		return err
	}
	var err error
	if e.plan, err = newPlan(opExport, q); err != nil {
		return err
	}
	e.query = e.plan.mark(e.client.region, q)
	if e.resume != nil {
		state, err := readCheckpoint(*e.resume, e.query)
		if err != nil {
			return err
		}
		e.start = *state
	}
	return nil
}

// Items reads on from the start.
func (e *sessionExport) Items(ctx context.Context) iter.Seq2[*Session, error] {
	return func(yield func(*Session, error) bool) {
		if e.refusal != nil {
			yield(nil, e.client.pipeline.Refuse(ctx, opExport, e.refusal))
			return
		}
		e.update(func() { e.state, e.total = e.start.clone(), -1 })
		cur := e.begin()
		stopped := false
		take := func(session *Session, left int) bool {
			e.reach(session, left)
			e.plan.strip(session)
			stopped = !yield(session, nil)
			return !stopped
		}
		var err error
		if e.workers+e.ahead > 0 && ctx != nil {
			err = newAhead(e, cur).read(ctx, func(session *Session) bool { return take(session, -1) })
		} else {
			err = e.client.read(ctx, cur, func(session *Session) bool { return take(session, cur.left) })
		}
		switch {
		case err != nil:
			yield(nil, err)
		case !stopped:
			e.update(func() { e.total = e.state.Items })
		}
	}
}

// begin returns the cursor from where the state at the start is.
func (e *sessionExport) begin() *cursor {
	cur := newCursor(e.plan, e.plan.whole)
	if len(e.start.IDs) > 0 {
		cur.moveTo(e.start.At)
		cur.seenAt = e.start.At
		for _, id := range e.start.IDs {
			cur.seen[id] = true
		}
	}
	return cur
}

// reach takes a session over into the state.
func (e *sessionExport) reach(session *Session, left int) {
	at := millisecond(session.SessionStartTime).UTC()
	e.update(func() {
		if !at.Equal(e.state.At) {
			e.state.At, e.state.IDs = at, e.state.IDs[:0]
		}
		e.state.IDs = append(e.state.IDs, strings.Clone(session.ID))
		e.state.Items++
		e.total = -1
		if left >= 0 {
			e.total = e.state.Items + left
		}
	})
}

func (e *sessionExport) update(change func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change()
}

// Checkpoint writes the state down.
func (e *sessionExport) Checkpoint() string {
	if e.refusal != nil {
		return ""
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return export.Seal(checkpointKind, savedExport{e.query, e.state})
}

// Progress counts what is in the state.
func (e *sessionExport) Progress() export.Progress {
	e.mu.Lock()
	defer e.mu.Unlock()
	return export.Progress{Items: e.state.Items, At: e.state.At, Total: e.total}
}
