package vonageinsightstest

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
)

// filter is what filter_by asks for.
type filter struct{ must, mustNot, should []clause }

// clause reports whether a document matches it.
type clause func(*document) bool

func (f filter) matches(d *document) bool {
	matches := func(c clause) bool { return c(d) }
	fails := func(c clause) bool { return !c(d) }
	return !slices.ContainsFunc(f.must, fails) && !slices.ContainsFunc(f.mustNot, matches) &&
		(len(f.should) == 0 || slices.ContainsFunc(f.should, matches))
}

// wireClause is {"term": {"id": "7"}}.
type wireClause map[string]map[string]any

func parseFilter(text string, precision time.Duration) (filter, error) {
	var f filter
	if text == "" {
		return f, nil
	}
	var groups map[string][]wireClause
	if err := unmarshal(text, &groups); err != nil || groups == nil {
		return f, errors.New("filter_by is not a JSON object of lists of clauses")
	}
	for _, group := range []struct {
		name    string
		clauses *[]clause
	}{{"must", &f.must}, {"must_not", &f.mustNot}, {"should", &f.should}} {
		wire, present := groups[group.name]
		if present && wire == nil {
			return f, errors.New("filter_by: " + group.name + " is not a list")
		}
		for _, w := range wire {
			c, err := w.parse(precision)
			if err != nil {
				return f, errors.New("filter_by: " + group.name + ": " + err.Error())
			}
			*group.clauses = append(*group.clauses, c)
		}
		delete(groups, group.name)
	}
	if len(groups) > 0 {
		return f, errors.New("filter_by has a key other than must, must_not and should")
	}
	return f, nil
}

func (w wireClause) parse(precision time.Duration) (clause, error) {
	if len(w) != 1 {
		return nil, errors.New("a clause has one key, term or match")
	}
	for operator, condition := range w {
		if len(condition) != 1 {
			return nil, errors.New("a clause has one field")
		}
		for path, want := range condition {
			switch operator {
			case "term":
				return term(path, want, precision)
			case "match":
				return match(path, want)
			}
		}
	}
	return nil, errors.New("only term and match clauses are supported")
}

// term compares exactly, but for dates, which stand for all of the day.
func term(path string, want any, precision time.Duration) (clause, error) {
	low, ok := valueOf(path, want)
	if !ok {
		return nil, errors.New("the value of a term is not a string, a number or a boolean")
	}
	high := low
	if text, ok := want.(string); ok && isTime(path) {
		first, last, ok := span(text, precision)
		if !ok {
			return nil, errors.New("the value of a term on a time is not a time without a zone")
		}
		low, high = timeValue(first), timeValue(last)
	}
	return func(d *document) bool {
		return !isText(path) && slices.ContainsFunc(d.values(path, precision), func(v value) bool {
			return low.compare(v) <= 0 && v.compare(high) <= 0
		})
	}, nil
}

// match is for one word in common.
func match(path string, want any) (clause, error) {
	text, ok := want.(string)
	if !ok {
		return nil, errors.New("the value of a match is not a string")
	}
	wanted := words(text)
	return func(d *document) bool {
		return !isID(path) && slices.ContainsFunc(d.values(path, time.Microsecond), func(v value) bool {
			return slices.ContainsFunc(words(v.text), func(word string) bool {
				return slices.Contains(wanted, word)
			})
		})
	}, nil
}

// words returns the words of a text in lower case.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.In(r, unicode.Letter, unicode.Number, unicode.Mark, unicode.So) // So has the emoji
	})
}
