package vonageinsightstest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxRange        = 60 * day
	defaultPageSize = "10"
)

// search is what the parameters of a search ask for.
type search struct {
	precision  time.Duration
	first, end time.Time // the first is included
	filter     filter
	orders     []order
	projection projection
	from, size int // the page's place among the results
}

func (s *Server) serveSearch(w http.ResponseWriter, r *http.Request, query url.Values) {
	if strings.ContainsAny(r.URL.RawQuery, "{}") {
		writePage(w, query, 0, nil, nil)
		return
	}
	rules := s.rules()
	q, err := parseSearch(query, rules)
	if err == nil {
		err = s.checkSort(q.orders)
	}
	if err != nil {
		writeInvalid(w, err)
		return
	}
	found := slices.DeleteFunc(s.between(q.first, q.end), func(d *document) bool { return !q.filter.matches(d) })
	total := len(found)
	page := q.cut(found, min(q.from, total), min(q.from+q.size, total))
	writePage(w, query, min(total, rules.window), page, q.projection)
}

func (s *Server) between(first, end time.Time) []*document {
	s.lock()
	defer s.mu.Unlock()
	return s.store.between(first, end)
}

func parseSearch(query url.Values, rules rules) (search, error) {
	q := search{precision: rules.precision}
	var errs [5]error
	q.first, q.end, errs[0] = parseRange(query.Get("from_date"), query.Get("to_date"), rules)
	q.from, q.size, errs[1] = parsePage(query, rules)
	q.filter, errs[2] = parseFilter(query.Get("filter_by"), rules.precision)
	q.orders, errs[3] = parseSort(query.Get("sort_by"))
	q.projection, errs[4] = parseProjection(query.Get("project_fields"))
	return q, cmp.Or(errs[:]...)
}

// parseRange returns the range that the parameters stand for, without its end.
func parseRange(from, to string, rules rules) (first, end time.Time, err error) {
	first, fromLast, ok := span(from, rules.precision)
	if !ok {
		return first, end, errors.New("from_date is not a time without a zone")
	}
	toFirst, last, ok := span(to, rules.precision)
	switch {
	case !ok:
		return first, end, errors.New("to_date is not a time without a zone")
	case last.Before(first):
		return first, end, errors.New("from_date is after to_date")
	case toFirst.Sub(first) > maxRange:
		return first, end, errors.New("from_date and to_date are more than 60 days apart")
	}
	if rules.exclusiveEnds && first.Equal(fromLast) { // no date alone
		first = first.Add(rules.precision)
	}
	if rules.exclusiveEnds && toFirst.Equal(last) {
		return first, last, nil
	}
	return first, last.Add(rules.precision), nil
}

func parsePage(query url.Values, rules rules) (from, size int, err error) {
	number, err := strconv.Atoi(pageNumber(query))
	if err != nil || number < 0 {
		return 0, 0, errors.New("page_number is not an integer from 0")
	}
	size, err = strconv.Atoi(pageSize(query))
	if err != nil || size < 1 {
		return 0, 0, errors.New("page_size is not an integer from 1")
	}
	if rules.maxPageSize > 0 {
		size = min(size, rules.maxPageSize)
	}
	if number >= rules.window/size { // where a product might not fit into an int
		return 0, 0, errors.New("page_number and page_size reach beyond the first " + strconv.Itoa(rules.window) + " results")
	}
	return number * size, size, nil
}

func pageNumber(query url.Values) string { return cmp.Or(query.Get("page_number"), "0") }

func pageSize(query url.Values) string { return cmp.Or(query.Get("page_size"), defaultPageSize) }

// writePage writes the answer of a search session by session, so that one who
// reads slowly has the first before the last is sent.
func writePage(w http.ResponseWriter, query url.Values, total int, hits []*document, fields projection) {
	w.Header().Set("Content-Type", contentType)
	b := bytes.NewBufferString(`{"total":` + strconv.Itoa(total) + `,"hits":[`)
	for i, hit := range hits {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(fields.of(hit))
		if _, err := b.WriteTo(w); err != nil {
			return // the reader has gone away
		}
	}
	b.WriteString(`],"page_size":`)
	b.Write(encode(pageSize(query)))
	b.WriteString(`,"page_number":`)
	b.Write(encode(pageNumber(query)))
	b.WriteByte('}')
	_, _ = b.WriteTo(w)
}

// unmarshal reads a parameter that is JSON, with numbers as they are written.
func unmarshal(text string, v any) error {
	if !json.Valid([]byte(text)) {
		return errors.New("not valid JSON") // such as a value with something behind it
	}
	return decoder([]byte(text)).Decode(v)
}
