package vonageinsightstest

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
)

// order is one key of sort_by.
type order struct {
	path       string
	descending bool
}

func parseSort(text string) ([]order, error) {
	if text == "" {
		return nil, nil
	}
	var orders []order
	for key := range strings.SplitSeq(text, ",") {
		place := strings.LastIndexByte(key, ':')
		if place < 0 || key[place:] != ":asc" && key[place:] != ":desc" {
			return nil, errors.New("sort_by is not a comma-separated list of field:asc or field:desc")
		}
		orders = append(orders, order{path: key[:place], descending: key[place:] == ":desc"})
	}
	return orders, nil
}

// checkSort refuses what the engine would not sort by: objects, texts, and what
// neither the vendor's page nor a document has.
func (s *Server) checkSort(orders []order) error {
	s.lock()
	defer s.mu.Unlock()
	for _, o := range orders {
		has := func(d *document) bool { return len(d.values(o.path, time.Microsecond)) > 0 }
		if isText(o.path) || !isSortable(o.path) && !slices.ContainsFunc(s.store.byStart, has) {
			return errors.New("sort_by has a field that cannot be sorted by")
		}
	}
	return nil
}

// cut returns the sessions from one place in the order of the search to another,
// of those found, which are in the order of the store. That is cheap where the
// search goes by start: only those that began at the same time are sorted.
func (q search) cut(found []*document, from, to int) []*document {
	if from >= to {
		return nil
	}
	if len(q.orders) > 0 && q.orders[0].path == startTime {
		first, last := from, to-1
		if q.orders[0].descending {
			first, last = len(found)-to, len(found)-1-from
		}
		low := startingFrom(found, found[first].start.Truncate(q.precision))
		high := startingFrom(found, found[last].start.Truncate(q.precision).Add(q.precision))
		before := low
		if q.orders[0].descending {
			before = len(found) - high
		}
		found, from, to = found[low:high], from-before, to-before
	}
	q.sort(found)
	return found[from:to]
}

// sort leaves documents that are alike in the order in which they were added.
func (q search) sort(documents []*document) {
	type row struct {
		document *document
		keys     []value
	}
	rows := make([]row, len(documents))
	for i, d := range documents {
		rows[i].document = d
		for _, o := range q.orders {
			rows[i].keys = append(rows[i].keys, o.key(d, q.precision))
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		for i, o := range q.orders {
			if c := o.compare(a.keys[i], b.keys[i]); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.document.place, b.document.place)
	})
	for i, r := range rows {
		documents[i] = r.document
	}
}

// key returns the value that counts: the one that comes first in this order.
func (o order) key(d *document, precision time.Duration) value {
	values := d.values(o.path, precision)
	if len(values) == 0 {
		return value{}
	}
	return slices.MinFunc(values, o.compare)
}

// compare has documents without a value last in both directions.
func (o order) compare(a, b value) int {
	switch {
	case a.kind == kindNone || b.kind == kindNone:
		return cmp.Compare(b.kind, a.kind)
	case o.descending:
		return b.compare(a)
	}
	return a.compare(b)
}
