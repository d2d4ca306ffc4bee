package ringsense

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/option"
	"github.com/callinsights/callinsights-go/internal/transport"
)

const (
	opRecordingInsights = "RecordingInsights"
	opSessionInsights   = "SessionInsights"
)

// RecordingInsights returns the insights of one recording.
//
// sourceRecordID is, for phone calls ([DomainPBX], the default), the id of the
// recording from the call log; for video meetings ([DomainRCV]) the id of the
// meeting; for the other domains the one that an event carried.
//
// A recording whose insights are not ready yet is either an
// [ErrInsightsNotFound] or a success with empty Insights. Beside the errors
// that the package documentation lists, an empty or malformed id or option is
// an [ErrInvalidRequest], and nothing is sent. See
// developers.ringcentral.com/guide/ai/ace.
func (c *Client) RecordingInsights(ctx context.Context, sourceRecordID string, opts ...InsightOption) (*RecordingInsights, error) {
	return fetch(ctx, c, opRecordingInsights, "records", "sourceRecordID", sourceRecordID, opts, (*RecordingInsights).decode)
}

// SessionInsights returns the insights of all recordings of one session, of
// which a call that was transferred has several.
//
// sourceSessionID is, for phone calls, the call log's telephonySessionId, such
// as "s-a1b2c3", and not its sessionId. The errors are those of
// [Client.RecordingInsights]. See developers.ringcentral.com/guide/ai/ace.
func (c *Client) SessionInsights(ctx context.Context, sourceSessionID string, opts ...InsightOption) (*SessionInsights, error) {
	return fetch(ctx, c, opSessionInsights, "sessions", "sourceSessionID", sourceSessionID, opts, (*SessionInsights).decode)
}

func fetch[T any](ctx context.Context, c *Client, op, kind, idName, id string, opts []InsightOption,
	decode func(*T, *jsonpull.Decoder),
) (*T, error) {
	c = c.made()
	q, err := newInsightQuery(opts)
	if err != nil {
		return nil, c.pipeline.Refuse(ctx, op, err)
	}
	if id == "" || strings.TrimSpace(id) != id {
		return nil, c.pipeline.Refuse(ctx, op, fault.Invalid("%s is empty or has space around it", idName))
	}
	v := new(T)
	err = c.pipeline.Call(ctx, transport.Request{
		Op:     op,
		Method: http.MethodGet,
		Path: []string{
			"ai", "ringsense", "v1", "public",
			"accounts", c.account, "domains", string(q.domain), kind, id, "insights",
		},
		Query: q.encode(),
	}, func(body []byte) error {
		return jsonpull.ParseObject(string(body), func(d *jsonpull.Decoder) { decode(v, d) })
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// InsightOption changes what [Client.RecordingInsights],
// [Client.WaitRecordingInsights] and [Client.SessionInsights] ask for.
type InsightOption interface{ apply(*insightQuery) error }

type insightQuery struct {
	domain Domain
	types  []InsightType
}

type insightOptionFunc func(*insightQuery) error

func (f insightOptionFunc) apply(q *insightQuery) error { return f(q) }

// InDomain asks for a recording or session of another domain than [DomainPBX].
func InDomain(d Domain) InsightOption {
	return insightOptionFunc(func(q *insightQuery) error {
		if d == "" {
			return fault.Invalid("InDomain: the domain is empty; leave the option out for phone calls")
		}
		q.domain = d
		return nil
	})
}

// OnlyTypes asks for some kinds of insight instead of all; used twice, for
// those of both. The parameter is part of the vendor's API description, though
// not of its guide.
func OnlyTypes(types ...InsightType) InsightOption {
	return insightOptionFunc(func(q *insightQuery) error {
		if len(types) == 0 || slices.Contains(types, "") {
			return fault.Invalid("OnlyTypes: name at least one type, and none that is empty; leave the option out for all")
		}
		for _, t := range types {
			if !slices.Contains(q.types, t) {
				q.types = append(q.types, t)
			}
		}
		return nil
	})
}

func newInsightQuery(opts []InsightOption) (*insightQuery, error) {
	q := &insightQuery{domain: DomainPBX}
	if err := option.Apply(opts, InsightOption.apply, q); err != nil {
		return nil, err
	}
	return q, nil
}

// encode repeats the key for each type, as the service wants lists.
func (q *insightQuery) encode() string {
	var pairs []string
	for _, t := range q.types {
		pairs = append(pairs, "insightTypes="+strings.ReplaceAll(url.QueryEscape(string(t)), "+", "%20"))
	}
	return strings.Join(pairs, "&")
}
