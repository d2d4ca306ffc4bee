package ringsense

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/poll"
)

const opWait = "WaitRecordingInsights"

// How often [Client.WaitRecordingInsights] asks.
const (
	firstPoll   = 10 * time.Second
	longestPoll = 90 * time.Second
	pollGrowth  = 1.6
)

// errStillEmpty is what was seen of a recording where no error tells.
func errStillEmpty() error {
	return fault.New("the recording is known, but none of the wanted insights was there", ErrInsightsNotFound)
}

// WaitRecordingInsights asks for the insights of one recording, with the id and
// the options of [Client.RecordingInsights], until at least one of the wanted
// kinds is there: of those that [OnlyTypes] names, or of any. To wait for the
// transcript, name it. Kinds that are made later than the first are fetched by
// another call.
//
// Insights are made within minutes of the end of a recording as a rule, without a
// promise. The service says "not yet" in two ways, by [ErrInsightsNotFound] (or an
// [ErrNotFound] of its own without a code) and by a recording without insights, and it
// never says "never": a mistyped id and the recording of a user without a licence look
// like one that is not ready, and a mistyped host like one that is out of order. The
// wait lasts as long as ctx, so give that a deadline. There is a request after some 10
// seconds, then less often, at last every 90, and another one some seconds before the
// deadline. None is sent before the service wants it, even if that is after the
// deadline. They count against the rate limit of [Client.RecordingInsights].
//
// Neither [ErrUnavailable] nor [ErrRateLimited] ends the wait, which thus
// outlives an outage. All other errors do, such as those of a missing scope,
// permission or login, and of a path that the gateway, or a proxy before it,
// does not know. See developers.ringcentral.com/guide/ai/ace.
//
// The error at the end of ctx says what was seen last. It matches
// [context.DeadlineExceeded] or [context.Canceled], and the kind of what was seen:
// ErrInsightsNotFound (ErrNotFound if there was no code) after either "not yet", whose
// text names the reasons that there may be; ErrUnavailable after a failure, whose text
// names the fault, such as a host that does not exist; ErrRateLimited. It matches no
// kind if there never was an answer nor a failure.
func (c *Client) WaitRecordingInsights(ctx context.Context, sourceRecordID string, opts ...InsightOption) (*RecordingInsights, error) {
	c = c.made()
	q, err := newInsightQuery(opts)
	if err != nil {
		return nil, c.pipeline.Refuse(ctx, opWait, err)
	}
	var r *RecordingInsights
	wait := poll.Poll{Vendor: vendor, Op: opWait, Interval: pollInterval, Passes: mayPass}
	err = wait.Until(ctx, func() (err error) {
		r, err = fetch(ctx, c, opWait, "records", "sourceRecordID", sourceRecordID, opts, (*RecordingInsights).decode)
		if err == nil && !r.Insights.ready(q.types) {
			err = errStillEmpty()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

func pollInterval(n int) time.Duration {
	return time.Duration(min(float64(firstPoll)*math.Pow(pollGrowth, float64(n-1)), float64(longestPoll)))
}

// mayPass reports whether what was seen is worth another request.
func mayPass(err error, _ int) bool {
	return notYet(err) || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrRateLimited)
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
