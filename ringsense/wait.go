package ringsense

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
)

const opWait = "WaitRecordingInsights"

// How often [Client.WaitRecordingInsights] asks.
const (
	firstPoll   = 10 * time.Second
	longestPoll = 90 * time.Second
	pollGrowth  = 1.6
	// lastPoll is how long before the end of the context the last request is.
	lastPoll = 10 * time.Second
)

// What was seen of a recording that is waited for, where no error tells.
var (
	errNotAnswered = errors.New("the service has not answered")
	errStillEmpty  = errors.New("the recording is known, but none of the wanted insights was there")
)

// WaitRecordingInsights asks for the insights of one recording, with the id and
// the options of [Client.RecordingInsights], until at least one of the wanted
// kinds is there: of those that [OnlyTypes] names, or of any. To wait for the
// transcript, name it. Kinds that are made later than the first are fetched by
// another call.
//
// Insights are made within minutes of the end of a recording as a rule, without
// a promise. The service says "not yet" in two ways, by [ErrInsightsNotFound]
// and by a recording without insights, and it never says "never": the recording
// of a user without a licence looks like one that is not ready. The wait lasts
// as long as ctx, so give that a deadline. There is a request after some 10
// seconds, then less often, at last every 90, and another one some seconds
// before the deadline. They count against the rate limit of
// [Client.RecordingInsights].
//
// Neither [ErrUnavailable] nor [ErrRateLimited] ends the wait, which thus
// outlives an outage. All other errors do, such as those of a missing scope,
// permission or login, and of a path that the gateway does not know. See
// developers.ringcentral.com/guide/ai/ace.
//
// The error at the end of ctx says what was seen last. It matches
// [context.DeadlineExceeded] or [context.Canceled] and, if the last request
// failed, the kind of that failure, such as ErrInsightsNotFound.
func (c *Client) WaitRecordingInsights(ctx context.Context, sourceRecordID string, opts ...InsightOption) (*RecordingInsights, error) {
	q, err := newInsightQuery(opts)
	if err != nil {
		return nil, c.pipeline.Refuse(ctx, opWait, err)
	}
	seen, interval := errNotAnswered, firstPoll
	for {
		r, err := fetch(ctx, c, opWait, "records", "sourceRecordID", sourceRecordID, opts, (*RecordingInsights).decode)
		if err == nil {
			if r.Insights.ready(q.types) {
				return r, nil
			}
			err = errStillEmpty
		}
		switch {
		case mayPass(err):
			seen = err
		case !isContextError(err):
			return nil, err
		}
		if ended := pause(ctx, interval, askedToWait(err)); ended != nil {
			return nil, neverCame(seen, ended)
		}
		interval = min(time.Duration(float64(interval)*pollGrowth), longestPoll)
	}
}

// mayPass reports whether what was seen is worth another request.
func mayPass(err error) bool {
	passing := []error{errStillEmpty, ErrInsightsNotFound, ErrUnavailable, ErrRateLimited}
	return slices.ContainsFunc(passing, func(kind error) bool { return errors.Is(err, kind) })
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// ready reports whether there is an insight of one of the types, or of any type
// if none is named.
func (i *Insights) ready(types []InsightType) bool {
	if len(types) == 0 {
		types = []InsightType{
			TypeTranscript, TypeSummary, TypeHighlights, TypeNextSteps, TypeBulletedSummary,
			TypeAIScore, TypeCallNotes, TypeSentiment, "QnA",
		}
		for kind := range i.Extra {
			types = append(types, InsightType(kind))
		}
	}
	return slices.ContainsFunc(types, i.has)
}

func (i *Insights) has(t InsightType) bool {
	if t == TypeTranscript {
		return len(i.Transcript) > 0
	}
	if list := i.kind(string(t)); list != nil {
		return len(*list) > 0
	}
	return !isBlank(i.Extra[string(t)])
}

// isBlank reports whether a kind of insight that has no field holds nothing.
func isBlank(raw json.RawMessage) bool {
	text := strings.Join(strings.Fields(string(raw)), "")
	return slices.Contains([]string{"", "null", "[]", "{}", `""`}, text)
}

// askedToWait is how long the service asked to wait, by the answer to the call
// or to the login that it needed; 0 if it did not.
func askedToWait(err error) (wait time.Duration) {
	for {
		e, ok := errors.AsType[*Error](err)
		if !ok {
			return wait
		}
		wait, err = max(wait, e.RetryAfter), e.Err
	}
}

// pause waits until the next request, which is up to a fifth earlier than
// interval says, so that programs that began together do not ask together, but
// not before the service wants it. It returns why there is none, if so.
func pause(ctx context.Context, interval, atLeast time.Duration) error {
	jitter := 0.8 + 0.2*rand.Float64() //nolint:gosec // not a secret
	wait := max(time.Duration(float64(interval)*jitter), atLeast)
	if deadline, ok := ctx.Deadline(); ok {
		if left := time.Until(deadline); wait >= left {
			wait = left - lastPoll
			if wait < max(lastPoll, atLeast) {
				return context.DeadlineExceeded
			}
		}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// neverCame is the error of a wait that ended so, after the service was seen in
// that state.
func neverCame(seen, ended error) error {
	e := &Error{Vendor: vendor, Op: opWait}
	cause := seen
	if last, ok := errors.AsType[*Error](seen); ok {
		failed := *last
		e, cause = &failed, last.Err
	}
	over := fmt.Errorf("the wait is over: %w", ended)
	switch {
	case cause == nil:
		e.Err = over
	case errors.Is(seen, ErrUnavailable):
		// A failure without an answer is known by its lack of a status, which
		// says nothing once the cause is that of the context.
		e.Err = fault.New(cause.Error()+"; "+over.Error(), cause, over, ErrUnavailable)
	default:
		e.Err = fmt.Errorf("%w; %w", cause, over)
	}
	return e
}
