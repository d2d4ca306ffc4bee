package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/whippy"
)

// once writes an event with the calls that fetch returns, unless it is there.
func (w *worker) once(ctx context.Context, e event, fetch func() ([]call, error)) error {
	if known, err := w.store.known(ctx, e.key); err != nil || known {
		return err
	}
	calls, err := fetch()
	if err != nil {
		return err
	}
	return w.store.addEvent(ctx, e, calls)
}

// dealRingSense writes an event of RingSense. It holds one recording; the others of
// the session are fetched, as those made before a transfer.
func (w *worker) dealRingSense(ctx, _ context.Context, m message) error {
	e, err := ringsense.ParseEvent(m.data)
	if err != nil {
		return callinsights.Permanent(err)
	}
	return w.once(ctx, event{e.DeliveryKey(), "ringsense", e.RawJSON()}, func() ([]call, error) {
		if e.Insights == nil { // such as a reminder that the subscription ends
			return nil, nil
		}
		calls := []call{recordingOf(e.Insights)}
		if e.Insights.SourceSessionID == "" {
			return calls, nil
		}
		session, err := w.ringSense.SessionInsights(ctx, e.Insights.SourceSessionID, ringsense.InDomain(e.Insights.Domain))
		if err != nil {
			return nil, err
		}
		for _, r := range session.Records {
			calls = append(calls, recordingOf(r))
		}
		return calls, nil
	})
}

// dealWhippy writes an event of Whippy, which holds all that there is of the call.
func (w *worker) dealWhippy(ctx, _ context.Context, m message) error {
	e, err := whippy.ParseEvent(m.data)
	if err != nil {
		return callinsights.Permanent(err)
	}
	return w.once(ctx, event{e.DeliveryKey(), "whippy", e.RawJSON()}, func() ([]call, error) {
		if c, ok := callOf(e); ok {
			return []call{c}, nil
		}
		return nil, nil
	})
}

// errInProgress says that a session has not ended yet.
var errInProgress = errors.New("the session is in progress still")

// dealNotice fetches the session of AI Studio that a notice is about. The service
// may know it a little later than the one who sent the notice.
func (w *worker) dealNotice(ctx, _ context.Context, m message) error {
	n, err := parseNotice(m.data)
	if err != nil {
		return callinsights.Permanent(err)
	}
	return w.once(ctx, event{n.key(), "vonage", string(n.encode())}, func() ([]call, error) {
		session, err := w.vonage.FindSession(ctx, n.SessionID)
		switch {
		case err != nil:
			return nil, err
		case session.Status == vonageinsights.StatusInProgress:
			return nil, errInProgress
		}
		return []call{sessionOf(session)}, nil
	})
}

// dealUndecodable keeps what a service has sent and is no event.
func (*worker) dealUndecodable(_, _ context.Context, m message) error {
	return callinsights.Permanent(fmt.Errorf("it is no event: %s", m.reason))
}
