package vonageinsights

import (
	"time"

	"github.com/callinsights/callinsights-go/internal/export"
	"github.com/callinsights/callinsights-go/internal/fault"
)

const checkpointKind = "vonageinsights-export-1"

// savedExport is what a checkpoint holds.
type savedExport struct {
	Query queryMark   `json:"query"`
	State exportState `json:"state"`
}

// queryMark tells the queries of checkpoints apart.
type queryMark struct {
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	Descending bool      `json:"descending,omitempty"`
	Region     Region    `json:"region"`
	// Filter and Fields are hashes. That of the filter is so short that very many
	// filters share it: from a longer one, a phone number could be found by trying
	// them all. So one other filter in 65,536 is not noticed.
	Filter string `json:"filter"`
	Fields string `json:"fields"`
}

func (p *plan) mark(region Region, q Query) queryMark {
	filter, _ := q.Filter.AppendText(nil) // has been encoded before, as have the fields
	fields, _ := appendFields(nil, q.Fields)
	return queryMark{
		From: p.whole.from.UTC(), To: p.whole.to.UTC(), Descending: p.descending, Region: region,
		Filter: export.Digest(filter, 2), Fields: export.Digest(fields, 8),
	}
}

// same says which part of the query is another one than that of the checkpoint.
func (m queryMark) same(query queryMark) error {
	var part string
	switch {
	case !m.From.Equal(query.From):
		part = "From"
	case !m.To.Equal(query.To):
		part = "To"
	case m.Descending != query.Descending:
		part = "SortBy"
	case m.Region != query.Region:
		part = "region"
	case m.Filter != query.Filter:
		part = "Filter"
	case m.Fields != query.Fields:
		part = "Fields"
	default:
		return nil
	}
	return fault.Invalid("ResumeFrom: the checkpoint is of another query, whose %s differs", part)
}

// readCheckpoint returns the state of a checkpoint of this query.
func readCheckpoint(checkpoint Checkpoint, query queryMark) (*exportState, error) {
	var saved savedExport
	if err := export.Open(checkpointKind, "an export", string(checkpoint), &saved); err != nil {
		return nil, fault.Invalid("ResumeFrom: %v", err)
	}
	if err := saved.Query.same(query); err != nil {
		return nil, err
	}
	if !saved.State.isOf(query) {
		return nil, fault.Invalid("ResumeFrom: the checkpoint is damaged: its place is outside of the query's range")
	}
	return &saved.State, nil
}

// isOf reports whether the place is one that the query can have come to.
func (s *exportState) isOf(query queryMark) bool {
	return len(s.IDs) == 0 || !s.At.Before(millisecond(query.From)) && !s.At.After(query.To)
}
