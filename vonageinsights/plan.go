package vonageinsights

import (
	"errors"
	"slices"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights/field"
)

// searchPageSize is the size of the pages of Search and Export unless the query
// has one.
const searchPageSize = 100

// plan is a query for all sessions of its range, checked and taken down when
// it was handed over.
type plan struct {
	op                   string
	whole                span
	descending           bool
	size                 int
	fixed                []byte
	stripID, stripStarts bool
}

func newPlan(op string, q Query) (*plan, error) {
	// No page has more sessions than the service lists.
	p := &plan{op: op, whole: q.span(), size: min(q.PageSize, countedUpTo)}
	if p.size == 0 {
		p.size = searchPageSize
	}
	start := field.SessionStartTime.Asc()
	switch {
	case q.PageNumber != 0:
		return nil, errors.New("the query has a PageNumber: " + op + " finds its pages itself; SearchPage returns a single one")
	case len(q.SortBy) == 0 || slices.Equal(q.SortBy, []field.Order{start}):
	case slices.Equal(q.SortBy, []field.Order{field.SessionStartTime.Desc()}):
		p.descending = true
		start = field.SessionStartTime.Desc()
	default:
		return nil, errors.New("the query has a SortBy of its own: " + op +
			" goes by session_start_time alone, ascending or descending; SearchPage takes any order")
	}
	q.SortBy = []field.Order{start, field.ID.Asc()}
	if len(q.Fields) > 0 {
		p.stripID = !asksFor(q.Fields, field.ID)
		p.stripStarts = !asksFor(q.Fields, field.SessionStartTime)
		q.Fields = slices.Clone(q.Fields)
		if p.stripID {
			q.Fields = append(q.Fields, field.ID)
		}
		if p.stripStarts {
			q.Fields = append(q.Fields, field.SessionStartTime)
		}
	}
	var err error
	if p.fixed, err = q.fixed(); err != nil {
		return nil, err
	}
	return p, checkLength(p.query(p.whole, 1e9, countedUpTo), q.Filter) // no page has a longer number
}

func asksFor(fields []field.Path, wanted field.Path) bool {
	return slices.ContainsFunc(fields, func(f field.Path) bool { return f != nil && f.String() == wanted.String() })
}

// query returns the query string for a page of what began in s.
func (p *plan) query(s span, page, size int) string {
	s = s.asked()
	return encodeQuery(s.from, s.to, page, size, p.fixed)
}

// before reports whether a comes before b in the order of the search.
func (p *plan) before(a, b time.Time) bool {
	if p.descending {
		return a.After(b)
	}
	return a.Before(b)
}

// strip takes off what was asked for only to find the next page.
func (p *plan) strip(session *Session) {
	if p.stripID {
		session.ID = ""
	}
	if p.stripStarts {
		session.SessionStartTime = time.Time{}
	}
}
