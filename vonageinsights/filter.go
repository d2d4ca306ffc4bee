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
func Where(must ...field.Clause) Filter { return Filter{}.with(must, nil, nil) }

// Not returns f without the sessions that meet any of the clauses. Calling it
// again adds to the clauses.
func (f Filter) Not(clauses ...field.Clause) Filter { return f.with(nil, clauses, nil) }

// Any returns f narrowed to the sessions that meet at least one of the clauses.
// Calling it again adds to the clauses, of which one is then enough.
func (f Filter) Any(clauses ...field.Clause) Filter { return f.with(nil, nil, clauses) }

// with returns a copy of f with more clauses. Its lists are parts of one, with no
// room left to append to.
func (f Filter) with(must, mustNot, should []field.Clause) Filter {
	all := slices.Concat(f.Must, must, f.MustNot, mustNot, f.Should, should)
	first := len(f.Must) + len(must)
	second := first + len(f.MustNot) + len(mustNot)
	return Filter{cut(all, 0, first), cut(all, first, second), cut(all, second, len(all))}
}

// cut returns a part of list, nil for one without clauses.
func cut(list []field.Clause, from, to int) []field.Clause {
	if from == to {
		return nil
	}
	return list[from:to:to]
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

// AppendText appends the filter to b as it is sent, as compact JSON with a list for
// each group that has clauses, such as {"must":[{"term":{"id":"7"}}]}. It returns an
// error that names the first clause which cannot be sent, see [field.Clause].
func (f Filter) AppendText(b []byte) ([]byte, error) {
	groups := [...]struct {
		key     string
		clauses []field.Clause
	}{{"must", f.Must}, {"must_not", f.MustNot}, {"should", f.Should}}
	const roomForOne = 64 // enough for most
	b = slices.Grow(b, roomForOne*(len(f.Must)+len(f.MustNot)+len(f.Should)))
	b = append(b, '{')
	separator := ""
	for _, group := range groups {
		if len(group.clauses) == 0 {
			continue
		}
		b = append(b, separator...)
		b = append(b, '"')
		b = append(b, group.key...)
		b = append(b, `":`...)
		var err error
		if b, err = appendClauses(b, group.clauses); err != nil {
			return b, fmt.Errorf("the filter's %s%w", group.key, err)
		}
		separator = ","
	}
	return append(b, '}'), nil
}

func appendClauses(b []byte, clauses []field.Clause) ([]byte, error) {
	separator := byte('[')
	for i := range clauses {
		var err error
		b = append(b, separator)
		if b, err = clauses[i].AppendText(b); err != nil {
			return b, fmt.Errorf("[%d]: %w", i, err)
		}
		separator = ','
	}
	return append(b, ']'), nil
}
