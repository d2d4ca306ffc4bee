package vonageinsights

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/callinsights/callinsights-go/vonageinsights/field"
)

// Filter says which sessions of the range are wanted. Its zero value wants all
// of them. Make one with [Where], or with a Filter's own methods:
//
//	vonageinsights.Where(field.Status.Is("ended")).
//		Not(field.FlowDataCollectedTagsTag.Is("invalid"))
//
// A Filter is a value: its methods return a changed copy, and filters derived
// from one never share memory.
type Filter struct {
	// Must are the clauses that a session has to meet, all of them.
	Must []field.Clause
	// MustNot are the clauses of which a session may meet none.
	MustNot []field.Clause
	// Should are the clauses of which a session has to meet at least one, also
	// where there are other clauses. None of them asks for nothing.
	Should []field.Clause
}

// Where returns a filter for the sessions that meet all of the clauses.
func Where(must ...field.Clause) Filter { return Filter{Must: extend(nil, must)} }

// Not returns f without the sessions that meet any of the clauses. Calling it
// again adds to the clauses.
func (f Filter) Not(clauses ...field.Clause) Filter {
	return Filter{extend(f.Must, nil), extend(f.MustNot, clauses), extend(f.Should, nil)}
}

// Any returns f narrowed to the sessions that meet at least one of the clauses.
// Calling it again adds to the clauses, of which one is then enough.
func (f Filter) Any(clauses ...field.Clause) Filter {
	return Filter{extend(f.Must, nil), extend(f.MustNot, nil), extend(f.Should, clauses)}
}

// extend returns a copy of list with more at its end, which has no room left
// for two users of it to append to.
func extend(list, more []field.Clause) []field.Clause {
	return slices.Clip(slices.Concat(list, more))
}

func (f Filter) isEmpty() bool { return len(f.Must)+len(f.MustNot)+len(f.Should) == 0 }

// narrows reports whether the filter has a clause that says something.
func (f Filter) narrows() bool {
	return slices.ContainsFunc(f.Must, saysSomething) || len(f.MustNot) > 0 ||
		len(f.Should) > 0 && !slices.ContainsFunc(f.Should, saysNothing)
}

func saysSomething(c field.Clause) bool { return !saysNothing(c) }

// saysNothing reports whether every session meets a clause, as one that
// [field.Raw] makes may be.
func saysNothing(c field.Clause) bool {
	text, err := c.AppendText(nil)
	var clause map[string]json.RawMessage
	if err != nil || json.Unmarshal(text, &clause) != nil {
		return false
	}
	_, all := clause["match_all"]
	return all || len(clause) == 0
}

// appendJSON appends the filter as the service takes it: an object with a list
// for each group that has clauses.
func (f Filter) appendJSON(b []byte) ([]byte, error) {
	separator := byte('{')
	for _, group := range [...]struct {
		key     string
		clauses []field.Clause
	}{{"must", f.Must}, {"must_not", f.MustNot}, {"should", f.Should}} {
		if len(group.clauses) == 0 {
			continue
		}
		b = append(b, separator, '"')
		b = append(b, group.key...)
		b = append(b, '"', ':')
		bracket := byte('[')
		for i, clause := range group.clauses {
			var err error
			b = append(b, bracket)
			if b, err = clause.AppendText(b); err != nil {
				return b, fmt.Errorf("the filter's %s[%d]: %w", group.key, i, err)
			}
			bracket = ','
		}
		b = append(b, ']')
		separator = ','
	}
	return append(b, '}'), nil
}
