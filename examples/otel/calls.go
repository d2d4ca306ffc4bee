package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/codes"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// caller is the number of somebody who called AI Studio.
const caller = "12025550123"

// clients are what is watched.
type clients struct {
	ringsense *ringsense.Client
	vonage    *vonageinsights.Client
	whippy    *whippy.Client
}

// newClients makes clients that tell t what they do.
func newClients(t *telemetry, network http.RoundTripper) (clients, error) {
	o, err := newObserver(t.metrics)
	if err != nil {
		return clients{}, err
	}
	web := newHTTPClient(network, t.traces, t.metrics)
	auth := ringsense.JWT(ringsensetest.ClientID, ringsensetest.ClientSecret, ringsensetest.UserJWT)
	rc, err1 := ringsense.NewClient(auth, ringsense.WithHTTPClient(web), ringsense.WithObserver(o.observe))
	studio, err2 := vonageinsights.NewClient(vonageinsightstest.APIKey, vonageinsights.EU,
		vonageinsights.WithHTTPClient(web), vonageinsights.WithObserver(o.observe))
	files, err3 := whippy.NewClient(whippy.WithHTTPClient(web), whippy.WithObserver(o.observe))
	return clients{rc, studio, files}, errors.Join(err1, err2, err3)
}

// callAll makes some calls with each client. Those of one job share a span, which the
// job begins: the requests are below it, and it has an event for each call.
func callAll(ctx context.Context, t *telemetry) error {
	network, err := newFakes()
	if err != nil {
		return err
	}
	c, err := newClients(t, network)
	if err != nil {
		return err
	}
	for _, job := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"read a call", c.readCall},
		{"search sessions", c.searchSessions},
		{"look for a session that is gone", c.lookForSession},
		{"fetch a recording", c.fetchRecording},
	} {
		if err := traced(ctx, t, job.name, job.do); err != nil {
			return err
		}
	}
	return nil
}

// traced does a job in a span of its own.
func traced(ctx context.Context, t *telemetry, name string, do func(context.Context) error) error {
	ctx, span := t.traces.Tracer(programName).Start(ctx, name)
	defer span.End()
	err := do(ctx)
	if err != nil {
		span.SetStatus(codes.Error, errorType(err))
	}
	return err
}

func (c clients) readCall(ctx context.Context) error {
	_, err := c.ringsense.RecordingInsights(ctx, demo.RecordingID)
	return err
}

// searchSessions fetches the recordings of a caller, once the search is over: a
// search lasts as long as the loop over it.
func (c clients) searchSessions(ctx context.Context) error {
	from, to := vonageinsights.Days(october(1), october(31))
	query := vonageinsights.Query{From: from, To: to, Filter: vonageinsights.Where(field.Source.Is(caller))}
	var recordings []vonageinsights.Recording
	for session, err := range c.vonage.Search(ctx, query) {
		if err != nil {
			return err
		}
		if recording := session.Recording(); recording.Kind() != vonageinsights.RecordingNone {
			recordings = append(recordings, recording)
		}
	}
	for _, recording := range recordings {
		if _, err := c.vonage.DownloadRecording(ctx, recording, io.Discard); err != nil {
			return err
		}
	}
	return nil
}

// lookForSession meets a failure that is no fault: it is in the metrics alone.
func (c clients) lookForSession(ctx context.Context) error {
	_, err := c.vonage.Session(ctx, "3f9a1c52-7d0e-4b8a-9a51-000000000000", october(2))
	if errors.Is(err, vonageinsights.ErrNotFound) {
		return nil
	}
	return err
}

func (c clients) fetchRecording(ctx context.Context) error {
	event, err := whippy.ParseEvent(whippytest.CallEnded())
	if err != nil {
		return err
	}
	call, _ := event.Data.(*whippy.Call)
	recording, _ := call.Recording()
	_, err = c.whippy.Download(ctx, recording, io.Discard)
	return err
}

func october(day int) time.Time { return time.Date(2026, time.October, day, 0, 0, 0, 0, time.UTC) }
