package ringsense

import (
	"time"

	"github.com/callinsights/callinsights-go/internal/export"
	"github.com/callinsights/callinsights-go/internal/fault"
)

// savedBackfill is what a checkpoint holds.
type savedBackfill struct {
	Query queryMark     `json:"query"`
	State backfillState `json:"state"`
}

// queryMark tells the queries of checkpoints apart.
type queryMark struct {
	From time.Time `json:"from"`
	// To is when the range ends, and OpenTo says that the query did not say.
	To     time.Time `json:"to"`
	OpenTo bool      `json:"open_to,omitempty"`
	// Service is where the requests go. Log names the account and the extension.
	// Filter is a hash of the rest, so short that very many filters share it: from a
	// longer one, a phone number could be found by trying them all. So one other
	// filter in 65,536 is not noticed.
	Service string `json:"service"`
	Log     string `json:"log"`
	Filter  string `json:"filter"`
}

func (q *CallLogQuery) mark(c *Client) queryMark {
	return queryMark{
		From: q.From.UTC(), To: q.To.UTC(), OpenTo: q.To.IsZero(),
		Service: c.pipeline.Origin(), Log: c.account + "/" + q.ExtensionID, Filter: export.Digest([]byte(q.filter()), 2),
	}
}

// same says which part of the query is another one than that of the checkpoint.
func (m queryMark) same(query queryMark) error {
	var part string
	switch {
	case !m.From.Equal(query.From):
		part = "From"
	case m.OpenTo != query.OpenTo, !m.OpenTo && !m.To.Equal(query.To):
		part = "To"
	case m.Service != query.Service:
		part = "service (WithBaseURL)"
	case m.Log != query.Log:
		part = "account or ExtensionID"
	case m.Filter != query.Filter:
		part = "filter (PhoneNumber, Direction and the like)"
	default:
		return nil
	}
	return fault.Invalid("ResumeFrom: the checkpoint is of another query, whose %s differs", part)
}

const checkpointKind = "ringsense-backfill-1"

// Checkpoint writes the state down.
func (b *backfill) Checkpoint() string {
	if b.refusal != nil {
		return ""
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return export.Seal(checkpointKind, savedBackfill{b.query, b.state})
}

func readCheckpoint(checkpoint Checkpoint) (*savedBackfill, error) {
	saved := new(savedBackfill)
	if err := export.Open(checkpointKind, "a backfill", string(checkpoint), saved); err != nil {
		return nil, fault.Invalid("ResumeFrom: %v", err)
	}
	return saved, nil
}
