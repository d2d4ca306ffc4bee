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
	first, last time.Time // both included
	filter      filter
	orders      []order
	projection  projection
	number      int
	size        int
}

func (s *Server) serveSearch(w http.ResponseWriter, r *http.Request, query url.Values) {
	if strings.ContainsAny(r.URL.RawQuery, "{}") {
		writePage(w, query, 0, nil, nil)
		return
	}
	q, err := parseSearch(query)
	if err == nil {
		err = s.checkSort(q.orders)
	}
	if err != nil {
		writeInvalid(w, err)
		return
	}
	found, maxSize := s.window(q.first, q.last)
	found = slices.DeleteFunc(found, func(d *document) bool { return !q.filter.matches(d.index) })
	if maxSize > 0 {
		q.size = min(q.size, maxSize)
	}
	writePage(w, query, len(found), q.page(sorted(found, q.orders)), q.projection)
}

func parseSearch(query url.Values) (search, error) {
	var q search
	var errs [5]error
	q.first, q.last, errs[0] = parseRange(query.Get("from_date"), query.Get("to_date"))
	q.number, q.size, errs[1] = parsePage(query)
	q.filter, errs[2] = parseFilter(query.Get("filter_by"))
	q.orders, errs[3] = parseSort(query.Get("sort_by"))
	q.projection, errs[4] = parseProjection(query.Get("project_fields"))
	return q, cmp.Or(errs[:]...)
}

func parseRange(from, to string) (first, last time.Time, err error) {
	first, _, ok := span(from)
	if !ok {
		return first, last, errors.New("from_date is not a time without a zone")
	}
	end, last, ok := span(to)
	switch {
	case !ok:
		return first, last, errors.New("to_date is not a time without a zone")
	case last.Before(first):
		return first, last, errors.New("from_date is after to_date")
	case end.Sub(first) > maxRange:
		return first, last, errors.New("from_date and to_date are more than 60 days apart")
	}
	return first, last, nil
}

func parsePage(query url.Values) (number, size int, err error) {
	number, err = strconv.Atoi(pageNumber(query))
	if err != nil || number < 0 {
		return 0, 0, errors.New("page_number is not an integer from 0")
	}
	size, err = strconv.Atoi(pageSize(query))
	if err != nil || size < 1 {
		return 0, 0, errors.New("page_size is not an integer from 1")
	}
	return number, size, nil
}

func pageNumber(query url.Values) string { return cmp.Or(query.Get("page_number"), "0") }

func pageSize(query url.Values) string { return cmp.Or(query.Get("page_size"), defaultPageSize) }

// window returns the sessions that began in a range, and the largest page.
func (s *Server) window(first, last time.Time) (found []*document, maxPageSize int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.documents {
		if !d.start.Before(first) && !d.start.After(last) {
			found = append(found, d)
		}
	}
	return found, s.maxPageSize
}

// page returns the part of found that was asked for.
func (q search) page(found []*document) []*document {
	if q.number > len(found)/q.size {
		return nil // also where a product would not fit into an int
	}
	found = found[q.number*q.size:]
	return found[:min(q.size, len(found))]
}

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
