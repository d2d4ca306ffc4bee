package ringsense

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/export"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// Backfill exports the insights of all recorded calls that q wants, in the
// order in which the calls began: it reads the call log as
// [Client.CallRecordings] does, and asks for the insights of each recording.
//
//	export := client.Backfill(ringsense.CallLogQuery{From: from, To: to})
//	for recording, err := range export.All(ctx) {
//		if err != nil {
//			return err // take it up again with ResumeFrom(export.Checkpoint())
//		}
//		... // store recording together with export.Checkpoint()
//	}
//
// A recording that has no insights yet is pending. All that are pending are
// asked for again after the last call, and, as the checkpoint holds them, by
// each backfill that is resumed from there: run one again some hours later. One
// that is still without insights a day after it was first asked for is given up
// and counted as skipped, with the reasons that there may be; see [GiveUpAfter]
// and [OnGiveUp]. The service does not tell whether insights are late or will
// never be, as for recordings of users without a licence. A recording whose
// answer cannot be read, or for which the service fails, is pending too, so
// that it does not hold up the others; a second failure in a row, and every
// error that concerns all recordings, ends the export.
//
// The service allows some 10 pages of the call log and 50 recordings a minute.
// The client keeps to what the answers say of both limits, so that 10,000
// recordings take some hours.
//
// The call log knows phone calls alone ([DomainPBX]). The ids of the other
// domains come with events; those of video meetings also from the history of
// meetings, which is read with [Client.Get].
//
// The errors are those of [Client.CallRecordings] and
// [Client.RecordingInsights]; a query, an option or a checkpoint that is
// refused is an [ErrInvalidRequest] from the first step of the loop, and nothing
// is sent. To and all else that is not set in q is settled when Backfill is
// called or, if the export is resumed, when it was first begun.
func (c *Client) Backfill(q CallLogQuery, opts ...BackfillOption) *callinsights.Export[RecordingInsights] {
	b := &backfill{client: c, giveUpAfter: 24 * time.Hour}
	b.refusal = b.prepare(q, opts)
	b.state = b.start.clone()
	return callinsights.NewExport(vendor, opBackfill, export.Source[RecordingInsights](b))
}

const opBackfill = "Backfill"

// BackfillOption changes how [Client.Backfill] works.
type BackfillOption interface{ apply(*backfill) error }

type backfillOptionFunc func(*backfill) error

func (f backfillOptionFunc) apply(b *backfill) error { return f(b) }

// ResumeFrom goes on where another backfill of the same query was: after the
// last recording that its checkpoint covers, with its pending recordings and
// its counts. A checkpoint of another query, or one that is damaged, is refused.
func ResumeFrom(checkpoint callinsights.Checkpoint) BackfillOption {
	return backfillOptionFunc(func(b *backfill) error {
		b.resume = &checkpoint
		return nil
	})
}

// GiveUpAfter sets how long a recording is pending, from when it was first asked
// for, before it is given up: a day unless set. With 0, what has no insights at
// the end of the backfill is given up.
func GiveUpAfter(d time.Duration) BackfillOption {
	return backfillOptionFunc(func(b *backfill) error {
		if d < 0 {
			return transport.Invalid("GiveUpAfter: the duration is negative")
		}
		b.giveUpAfter = d
		return nil
	})
}

// OnGiveUp calls report with the id of each recording that is given up, and
// with the reason. It is called from the goroutine of the loop, before the
// checkpoint covers it; so it is called again for a backfill that is resumed
// from an older one.
func OnGiveUp(report func(sourceRecordID string, reason error)) BackfillOption {
	return backfillOptionFunc(func(b *backfill) error {
		if report == nil {
			return transport.Invalid("OnGiveUp: the function is nil; leave the option out for none")
		}
		b.onGiveUp = report
		return nil
	})
}

// backfill is the source of an export.
type backfill struct {
	client      *Client
	log         *callLog
	query       queryMark
	giveUpAfter time.Duration
	onGiveUp    func(string, error)
	resume      *callinsights.Checkpoint
	refusal     error         // why nothing can be read
	start       backfillState // where each loop begins
	failing     bool          // the service failed for the recording before

	mu    sync.Mutex
	state backfillState
}

// backfillState is how far a backfill has come.
type backfillState struct {
	// At and ID are the place reached in the call log, and Done says that it was
	// read to its end.
	At   time.Time `json:"at,omitzero"`
	ID   string    `json:"id,omitempty"`
	Done bool      `json:"done,omitempty"`
	// Items counts the recordings that were yielded, and Skipped those that were
	// given up, by their causes.
	Items   int                `json:"items,omitempty"`
	Skipped map[string]int     `json:"skipped,omitempty"`
	Pending []pendingRecording `json:"pending,omitempty"`
}

// pendingRecording is one that has no insights yet, in the order in which they
// were met.
type pendingRecording struct {
	ID    string `json:"id"`
	Since int64  `json:"since"` // when it was first asked for, in Unix seconds
}

func (s *backfillState) clone() backfillState {
	fresh := *s
	fresh.Skipped = maps.Clone(s.Skipped)
	fresh.Pending = slices.Clone(s.Pending)
	return fresh
}

func (b *backfill) prepare(q CallLogQuery, opts []BackfillOption) error {
	for i, opt := range opts {
		if opt == nil {
			return transport.Invalid("option %d is nil", i+1)
		}
		if err := opt.apply(b); err != nil {
			return err
		}
	}
	// What is not set is settled by the export that was begun first.
	b.query = q.mark(b.client.account)
	if b.resume != nil {
		saved, err := readCheckpoint(*b.resume)
		if err != nil {
			return err
		}
		if err := saved.Query.same(b.query); err != nil {
			return err
		}
		b.query, b.start, q.To = saved.Query, saved.State, saved.Query.To
	}
	var err error
	now := time.Now()
	if b.resume != nil && b.query.To.After(now) {
		now = b.query.To // by the clock of the machine where it was begun
	}
	if b.log, err = b.client.callLog(q, now); err == nil {
		b.query.To = b.log.to.UTC()
	}
	return err
}

// Items is the loop over the call log and, after it, over what is pending.
func (b *backfill) Items(ctx context.Context) iter.Seq2[*RecordingInsights, error] {
	return func(yield func(*RecordingInsights, error) bool) {
		if b.refusal != nil {
			yield(nil, b.client.pipeline.Refuse(ctx, opBackfill, b.refusal))
			return
		}
		b.update(func(s *backfillState) { *s = b.start.clone() })
		b.failing = false
		if b.start.Done || b.readLog(ctx, yield) {
			b.askAgain(ctx, yield)
		}
	}
}

// readLog asks for each recording of the log and reports whether it came to
// the log's end.
func (b *backfill) readLog(ctx context.Context, yield func(*RecordingInsights, error) bool) bool {
	for place, err := range b.log.read(ctx, logPlace{at: b.start.At, id: b.start.ID}) {
		if err != nil {
			yield(nil, err)
			return false
		}
		if place.recording == nil {
			b.update(func(s *backfillState) { s.reach(place) })
			continue
		}
		recording, absence, err := b.ask(ctx, place.id)
		if err != nil {
			yield(nil, err)
			return false
		}
		b.update(func(s *backfillState) {
			s.reach(place)
			if absence != nil {
				s.Pending = append(s.Pending, pendingRecording{ID: place.id, Since: time.Now().Unix()})
			} else {
				s.Items++
			}
		})
		if absence == nil && !yield(recording, nil) {
			return false
		}
	}
	b.update(func(s *backfillState) { s.Done = true })
	return true
}

// reach takes over a place unless it is behind.
func (s *backfillState) reach(place logPlace) {
	if place.compare(logPlace{at: s.At, id: s.ID}) > 0 {
		s.At, s.ID = place.at.UTC(), place.id
	}
}

// askAgain asks once for each recording that is pending.
func (b *backfill) askAgain(ctx context.Context, yield func(*RecordingInsights, error) bool) {
	kept := 0
	for kept < len(b.state.Pending) { // nobody else changes it
		pending := b.state.Pending[kept]
		recording, absence, err := b.ask(ctx, pending.ID)
		if err != nil {
			yield(nil, err)
			return
		}
		if absence != nil && time.Since(time.Unix(pending.Since, 0)) < b.giveUpAfter {
			kept++
			continue
		}
		if absence != nil && b.onGiveUp != nil {
			b.onGiveUp(pending.ID, absence)
		}
		b.update(func(s *backfillState) {
			s.Pending = slices.Delete(s.Pending, kept, kept+1)
			if absence == nil {
				s.Items++
				return
			}
			if s.Skipped == nil {
				s.Skipped = make(map[string]int)
			}
			s.Skipped[absence.Error()]++
		})
		if absence == nil && !yield(recording, nil) {
			return
		}
	}
}

// ask returns the insights of a recording, or why it has none as an absence,
// or an error that ends the export.
func (b *backfill) ask(ctx context.Context, id string) (recording *RecordingInsights, absence, err error) {
	recording, err = b.client.RecordingInsights(ctx, id)
	if err == nil {
		b.failing = false
		if !recording.Insights.ready(nil) {
			return nil, errNotFinished, nil
		}
		return recording, nil, nil
	}
	failing, absence := absenceOf(err)
	if absence == nil || failing && b.failing {
		return nil, nil, err
	}
	b.failing = failing
	return nil, absence, nil
}

// Why a recording has no insights, beside ErrInsightsNotFound. Each text is a
// key of Progress.Causes.
var (
	errNotFinished = errors.New("no insights: the service has the recording, and has not finished with it")
	errUnreadable  = errors.New("the service's answer for the recording cannot be read")
	errNotAccepted = errors.New("the service does not accept the id of the recording")
	errNotServed   = errors.New("the service fails for the recording")
)

// absenceOf returns why a single recording has no insights, nil if err concerns
// all recordings. failing says that it may do so.
func absenceOf(err error) (failing bool, absence error) {
	e, ok := errors.AsType[*Error](err)
	if !ok || isContextError(err) {
		return false, nil
	}
	_, unreadable := errors.AsType[*DecodeError](err)
	switch {
	case e.StatusCode == http.StatusNotFound && e.Code != "AGW-404":
		return false, ErrInsightsNotFound
	case e.StatusCode == http.StatusBadRequest:
		return false, errNotAccepted
	case e.StatusCode >= 200 && e.StatusCode < 300:
		return !unreadable, errUnreadable
	case e.StatusCode >= 500:
		return true, errNotServed
	}
	return false, nil
}

func (b *backfill) update(change func(*backfillState)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.state)
}

// Progress counts what is in the state.
func (b *backfill) Progress() export.Progress {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := export.Progress{
		Items: b.state.Items, Pending: len(b.state.Pending), At: b.state.At, Causes: maps.Clone(b.state.Skipped), Total: -1,
	}
	for _, n := range p.Causes {
		p.Skipped += n
	}
	return p
}
