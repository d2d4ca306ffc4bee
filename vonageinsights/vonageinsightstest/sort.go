package vonageinsightstest

import (
	"cmp"
	"errors"
	"slices"
	"strings"
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
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range orders {
		has := func(d *document) bool { return len(d.index[o.path]) > 0 }
		if isText(o.path) || !isSortable(o.path) && !slices.ContainsFunc(s.documents, has) {
			return errors.New("sort_by has a field that cannot be sorted by")
		}
	}
	return nil
}

func sorted(documents []*document, orders []order) []*document {
	if len(orders) == 0 {
		return documents
	}
	type row struct {
		document *document
		keys     []value
	}
	rows := make([]row, len(documents))
	for i, d := range documents {
		rows[i].document = d
		for _, o := range orders {
			rows[i].keys = append(rows[i].keys, o.key(d.index))
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		for i, o := range orders {
			if c := o.compare(a.keys[i], b.keys[i]); c != 0 {
				return c
			}
		}
		return 0
	})
	for i, r := range rows {
		documents[i] = r.document
	}
	return documents
}

// key returns the value that counts: the one that comes first in this order.
func (o order) key(x index) value {
	values := x[o.path]
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
