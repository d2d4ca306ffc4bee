package ringsense

import (
	"context"
	"iter"
	"maps"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/export"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/option"
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
// A recording that has no insights yet is pending, and so is one that has some
// but no transcript, unless it began more than a day ago. All that are pending are
// asked for again after the last call, and, as the checkpoint holds them, by
// each backfill that is resumed from there: run one again some hours later. A
// day after the first answer for a recording it is yielded with what there is of
// it. One without any insights is then given up and counted as skipped, with the
// reasons that there may be; see [GiveUpAfter] and [OnGiveUp]. The service does
// not tell whether insights are late or will never be, as for recordings of
// users without a licence.
//
// A recording that is refused is pending too, and given up like the others, with
// the service's code as the reason: one whose id cannot be asked for, or for which
// the service answers 4xx with a code of its own once it has served others.
//
// A recording for which the service fails, or whose answer is no good, is pending
// as well, so that it does not hold up the others. It is never given up, as the
// fault may be with the service; the errors go to [WithObserver]. If another
// recording fails right after it, that ends the export, and so does every error
// that concerns all recordings: of the login and its rights, the rate limit or
// the path. A backfill that is resumed goes on from there.
//
// The service allows some 10 pages of the call log and 50 recordings a minute.
// The client keeps to what the answers say of both limits, so that 10,000
// recordings take some hours.
//
// A checkpoint takes about 50 bytes for each recording that is pending. With
// thousands of them, store it now and then rather than with each recording: what
// was yielded since comes again after a resume.
//
// The call log knows phone calls alone ([DomainPBX]). The ids of the other
// domains come with events; those of video meetings also from the history of
// meetings, which is read with [Client.Get].
//
// The errors are those of [Client.CallRecordings] and
// [Client.RecordingInsights]; a query, an option or a checkpoint that is
// refused is an [ErrInvalidRequest] from the first step of the loop, and nothing
// is sent.
//
// A zero To is the time at which Backfill is called or, if the export is resumed,
// at which it was first begun: resuming does not go beyond it. Calls that had
// begun before and were listed later, as they lasted for hours, are missed. Let
// To be a day ago, or begin the next range a day before the end of this one; see
// [Client.CallRecordings].
func (c *Client) Backfill(q CallLogQuery, opts ...BackfillOption) *callinsights.Export[RecordingInsights] {
	b := &backfill{client: c.made(), giveUpAfter: 24 * time.Hour}
	b.refusal = b.prepare(q, opts)
	b.state = b.start.clone()
	return callinsights.NewExport(vendor, opBackfill, export.Source[RecordingInsights](b))
}

const opBackfill = "Backfill"

// BackfillOption changes how [Client.Backfill] works.
type BackfillOption interface{ apply(*backfill) error }

type backfillOptionFunc func(*backfill) error

func (f backfillOptionFunc) apply(b *backfill) error { return f(b) }

// ResumeFrom goes on where another backfill of the same query was: after the last
// recording that its checkpoint covers, with its pending recordings and its counts.
// A checkpoint of another query or base URL, or one that is damaged or empty, is
// refused with an [ErrInvalidRequest] by the first step of the backfill: so store
// From with it if that was made from the clock, and leave the option out of the
// first run, which has none yet. Of the query's filter it holds two bytes of a
// hash. A checkpoint of another login to the same host is not noticed where the
// account is "~", as it is unless set by [WithAccount].
func ResumeFrom(checkpoint Checkpoint) BackfillOption {
	return backfillOptionFunc(func(b *backfill) error {
		b.resume = &checkpoint
		return nil
	})
}

// GiveUpAfter sets how long a recording is pending: a day unless set. One without
// insights is given up that long after the first answer for it. One that lacks the
// transcript alone is yielded as it is by then, or that long after it began. With
// 0, nothing is waited for: what has no insights at the end of the backfill is
// given up.
func GiveUpAfter(d time.Duration) BackfillOption {
	return backfillOptionFunc(func(b *backfill) error {
		if d < 0 {
			return fault.Invalid("GiveUpAfter: the duration is negative")
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
			return fault.Invalid("OnGiveUp: the function is nil; leave the option out for none")
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
	resume      *Checkpoint
	refusal     error         // why nothing can be read
	start       backfillState // where each loop begins
	failing     string        // the recording asked for last, if the service failed for it

	mu    sync.Mutex
	state backfillState
}

func (b *backfill) prepare(q CallLogQuery, opts []BackfillOption) error {
	if err := option.Apply(opts, BackfillOption.apply, b); err != nil {
		return err
	}
	// What is not set is settled by the export that was begun first.
	b.query = q.mark(b.client)
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
		refusal := b.refusal
		if ctx == nil {
			refusal = fault.Invalid("the context is nil")
		}
		if refusal != nil {
			yield(nil, b.client.pipeline.Refuse(ctx, opBackfill, refusal))
			return
		}
		b.update(func(s *backfillState) { *s = b.start.clone() })
		b.failing = ""
		if b.start.Done || b.readLog(ctx, yield) {
			b.askAgain(ctx, yield)
		}
	}
}

// readLog asks for each recording of the log and reports whether it came to
// the log's end.
func (b *backfill) readLog(ctx context.Context, yield func(*RecordingInsights, error) bool) bool {
	for place, err := range b.log.read(ctx, logPlace{at: b.start.At, id: b.start.ID}, b.start.Untimed) {
		if err != nil {
			yield(nil, err)
			return false
		}
		if place.recording == nil {
			b.update(func(s *backfillState) { s.reach(place) })
			continue
		}
		recording, absence, err := b.ask(ctx, place.id, place.at)
		if err != nil {
			yield(nil, err)
			return false
		}
		b.update(func(s *backfillState) {
			s.reach(place)
			if recording != nil {
				s.Items++
				return
			}
			pending := pendingRecording{ID: place.id}
			pending.answered(absence)
			s.Pending = append(s.Pending, pending)
		})
		if recording != nil && !yield(recording, nil) {
			return false
		}
	}
	b.update(func(s *backfillState) { s.Done = true })
	return true
}

// askAgain asks once for each recording that is pending. One that is asked for
// in vain goes to the end of the list, so that, however often this is
// interrupted, each has its turn.
func (b *backfill) askAgain(ctx context.Context, yield func(*RecordingInsights, error) bool) {
	for range len(b.state.Pending) { // nobody else changes it
		pending := b.state.Pending[0]
		recording, absence, err := b.ask(ctx, pending.ID, pending.since())
		if err != nil {
			yield(nil, err)
			return
		}
		pending.answered(absence)
		givenUp := absence != nil && b.waitedFor(pending.since())
		if givenUp && b.onGiveUp != nil {
			b.onGiveUp(pending.ID, absence)
		}
		b.update(func(s *backfillState) {
			s.Pending = s.Pending[1:]
			switch {
			case recording != nil:
				s.Items++
			case givenUp:
				s.skip(absence)
			default:
				s.Pending = append(s.Pending, pending)
			}
		})
		if recording != nil && !yield(recording, nil) {
			return
		}
	}
}

// waitedFor reports whether that was so long ago that nothing more is to come.
func (b *backfill) waitedFor(since time.Time) bool { return time.Since(since) >= b.giveUpAfter }

// ask returns the insights of a recording that began at the given time or
// before, or why there are none yet as an absence, or an error that ends the
// export. It returns nothing if the service fails for this recording, perhaps
// alone.
func (b *backfill) ask(ctx context.Context, id string, began time.Time) (recording *RecordingInsights, why, err error) {
	recording, err = b.client.RecordingInsights(ctx, id)
	why = absenceOf(err, b.state.Items > 0)
	if err == nil || why != nil {
		b.failing = ""
	}
	switch {
	case err == nil && b.complete(recording, began):
		return recording, nil, nil
	case err == nil:
		return nil, errNotFinished, nil
	case why != nil:
		return nil, why, nil
	case concernsAll(err), b.failing != "" && b.failing != id:
		return nil, nil, err
	}
	b.failing = id
	return nil, nil, nil
}

// complete reports whether a recording has all the insights that are to come. The
// notes that AI Notes took during a call may be there before all else.
func (b *backfill) complete(r *RecordingInsights, began time.Time) bool {
	if start := r.RecordingStartTime; !start.IsZero() && start.Before(began) {
		began = start
	}
	return len(r.Insights.Transcript) > 0 || r.Insights.ready(nil) && b.waitedFor(began)
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
