package vonageinsights

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights/field"
)

// MaxRange is the longest range of one request, and so of [Client.SearchPage]: the
// service allows 60 days and does not say whether that includes their very end.
// [Client.Search] and [Client.Export] take any range.
const MaxRange = 60*24*time.Hour - time.Microsecond

// maxQuery is how long a query string may be. Gateways refuse longer ones in
// ways that do not say so.
const maxQuery = 8 << 10

// Query says which sessions are wanted, as described on
// studio.docs.ai.vonage.com/api-integration/vai-integration-guide.
type Query struct {
	// From and To are the first and the last moment at which a session may have
	// begun. Both are required and included, in years 0 to 9999, to the
	// microsecond; what is smaller is cut off. For whole days see [Days]. For
	// SearchPage they may be at most [MaxRange] apart.
	//
	// To may be in the future. The end is To as it was when Search or Export was
	// called, never the clock: sessions that begin meanwhile are read if they begin
	// by then. A To far ahead costs a request for each 60 days until then.
	From, To time.Time
	// Filter narrows the range down; its zero value does not.
	Filter Filter
	// SortBy orders the sessions by its first key, then by the next one. Without
	// any, the order is the service's own for SearchPage, and by start time,
	// ascending, for Search and Export, which take no other key.
	SortBy []field.Order
	// Fields are those that the sessions shall have; none for all of them. An
	// object brings all that it is made of.
	Fields []field.Path
	// PageNumber is the page that SearchPage returns, from 0. Search and Export
	// page by themselves and refuse one.
	PageNumber int
	// PageSize is how many sessions one answer has at most. 0 leaves it to the
	// service for SearchPage, and is 100 for Search and Export. They take more than
	// 10,000 for 10,000, and ask for 1,000 where more than a page of sessions began
	// within one millisecond. The service may send fewer.
	PageSize int
}

// Days returns the first and the last moment of a range of whole days in UTC,
// both included, for a query's From and To: Days(t, t) is the day of t.
func Days(from, to time.Time) (first, last time.Time) {
	const day = 24 * time.Hour
	return from.UTC().Truncate(day), to.UTC().Truncate(day).Add(day - time.Microsecond)
}

// Split divides the query into n queries for parts of its range, in the order of
// time and of about the same length, for as many programs or machines: together
// they have each session of the query, and no two of them have the same. The
// range is cut at whole milliseconds; one of fewer than n milliseconds makes fewer
// queries, n below 1 counts as 1, and n above 100,000 as that. All else is copied,
// so that the queries share no memory.
//
// A query without a proper range is not divided: it is refused when it is sent.
func (q Query) Split(n int) []Query {
	if q.check() != nil {
		return []Query{q.clone()}
	}
	rest := q.span()
	count := rest.milliseconds()
	n = int(min(int64(max(n, 1)), maxParts, count))
	queries := make([]Query, n)
	for i := range queries {
		length := count / int64(n)
		if int64(i) < count%int64(n) {
			length++
		}
		var part span
		part, rest = rest.part(length, false)
		queries[i] = q.clone()
		queries[i].From, queries[i].To = part.from.UTC(), part.to.UTC()
	}
	return queries
}

const maxParts = 100_000

// clone returns a query that shares no memory with q.
func (q Query) clone() Query {
	q.Filter = q.Filter.Any()
	q.SortBy = slices.Clone(q.SortBy)
	q.Fields = slices.Clone(q.Fields)
	return q
}

func (q Query) span() span {
	return span{q.From.Truncate(time.Microsecond), q.To.Truncate(time.Microsecond)}
}

// encode checks the query for one page and returns it percent-encoded, with its
// parameters in the order of the service's page.
func (q Query) encode() (string, error) {
	fixed, err := q.fixed()
	if err != nil {
		return "", err
	}
	if whole := q.span(); whole.to.Sub(whole.from) > MaxRange {
		return "", fmt.Errorf("the query reaches over %d days; the service searches less than 60 days (MaxRange) at once, and SearchPage asks it once: use Search or Export",
			whole.to.Sub(whole.from)/(24*time.Hour))
	}
	query := encodeQuery(q.From, q.To, q.PageNumber, q.PageSize, fixed)
	return query, checkLength(query, q.Filter)
}

// fixed checks the query and returns the part of it that is the same for all
// pages, percent-encoded.
func (q Query) fixed() ([]byte, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	fixed, text := make([]byte, 0, 1024), make([]byte, 0, 512) // enough for most
	var err error
	if len(q.SortBy) > 0 {
		for i, order := range q.SortBy {
			if i > 0 {
				text = append(text, ',')
			}
			if text, err = order.AppendText(text); err != nil {
				return nil, fmt.Errorf("the query's SortBy[%d]: %w", i, err)
			}
		}
		fixed = appendParameter(fixed, "sort_by", text)
	}
	if len(q.Fields) > 0 {
		if text, err = appendFields(text[:0], q.Fields); err != nil {
			return nil, err
		}
		fixed = appendParameter(fixed, "project_fields", text)
	}
	if !q.Filter.isEmpty() {
		if text, err = q.Filter.AppendText(text[:0]); err != nil {
			return nil, err
		}
		fixed = appendParameter(fixed, "filter_by", text)
	}
	return fixed, nil
}

// appendFields appends them as a list in JSON.
func appendFields(text []byte, fields []field.Path) ([]byte, error) {
	text = append(text, '[')
	for i, path := range fields {
		if i > 0 {
			text = append(text, ',')
		}
		var err error
		if text, err = field.AppendPath(text, path); err != nil {
			return nil, fmt.Errorf("the query's Fields[%d]: %w", i, err)
		}
	}
	return append(text, ']'), nil
}

func (q Query) check() error {
	switch {
	case q.From.IsZero():
		return errors.New("the query has no From; a range is required")
	case q.To.IsZero():
		return errors.New("the query has no To; a range is required")
	case !sendable(q.From):
		return fmt.Errorf("the query's From is in year %d; it must be from 0 to 9999", q.From.UTC().Year())
	case !sendable(q.To):
		return fmt.Errorf("the query's To is in year %d; it must be from 0 to 9999", q.To.UTC().Year())
	case q.span().isEmpty():
		return fmt.Errorf("the query's From is after its To: %s is later than %s", q.From.Format(time.RFC3339Nano), q.To.Format(time.RFC3339Nano))
	case q.PageNumber < 0:
		return fmt.Errorf("the query's PageNumber is %d; pages count from 0", q.PageNumber)
	case q.PageSize < 0:
		return fmt.Errorf("the query's PageSize is %d; it cannot be negative", q.PageSize)
	}
	return nil
}

// sendable reports whether t has a year of four digits in UTC.
func sendable(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 0 && year <= 9999
}

func encodeQuery(from, to time.Time, page, size int, fixed []byte) string {
	var value [32]byte
	b := make([]byte, 0, 160+len(fixed))
	b = appendParameter(b, "from_date", appendTime(value[:0], from))
	b = appendParameter(b, "to_date", appendTime(value[:0], to))
	b = appendParameter(b, "page_number", strconv.AppendInt(value[:0], int64(page), 10))
	if size > 0 {
		b = appendParameter(b, "page_size", strconv.AppendInt(value[:0], int64(size), 10))
	}
	if len(fixed) > 0 {
		b = append(append(b, '&'), fixed...)
	}
	return string(b)
}

// checkLength refuses a query string that is too long, which is the filter's
// doing as a rule.
func checkLength(query string, filter Filter) error {
	if len(query) <= maxQuery {
		return nil
	}
	text, _ := filter.AppendText(nil) // has been encoded before
	return fmt.Errorf("the query is %d bytes long when it is encoded, %d of them its filter; more than %d may not arrive: ask with several shorter filters",
		len(query), len(appendParameter(nil, "filter_by", text)), maxQuery)
}

// appendTime appends t as the service takes it: in UTC, which is not written,
// to the microsecond.
func appendTime(b []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(b, "2006-01-02T15:04:05.000000")
}

// appendParameter appends a parameter to a query, percent-encoded. Braces that
// are sent as they are give an answer without hits, and a space is %20, not a
// plus.
func appendParameter(b []byte, key string, value []byte) []byte {
	const hexDigits = "0123456789ABCDEF"
	if len(b) > 0 {
		b = append(b, '&')
	}
	b = append(b, key...)
	b = append(b, '=')
	for _, c := range value {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '.', c == '_', c == '~':
			b = append(b, c)
		default:
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&0xf])
		}
	}
	return b
}
