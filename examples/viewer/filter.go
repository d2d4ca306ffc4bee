package main

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/callinsights/callinsights-go"
)

// filter is what the form above the list asks for. The zero value wants all calls.
type filter struct {
	Query     string
	By        callinsights.Role // who has to say it; "" for anywhere
	Service   service
	Direction direction
	Sentiment sentiment
	From, To  time.Time // days in UTC, both included
	Length    string    // a value of lengths
	Page      int       // from 1

	words words
}

// lengths are the ranges of time that a call may take: at least Min and less than
// Max, where Max 0 is no limit.
var lengths = [...]struct {
	Value, Label string
	Min, Max     time.Duration
}{
	{"0-1", "under 1 minute", 0, time.Minute},
	{"1-5", "1 to 5 minutes", time.Minute, 5 * time.Minute},
	{"5-15", "5 to 15 minutes", 5 * time.Minute, 15 * time.Minute},
	{"15-60", "15 to 60 minutes", 15 * time.Minute, time.Hour},
	{"60-", "1 hour or more", time.Hour, 0},
}

// parseFilter reads the values of the form. The error says which one is wrong.
func parseFilter(v url.Values) (filter, error) {
	f := filter{
		By: callinsights.Role(v.Get("by")), Service: service(v.Get("service")),
		Direction: direction(v.Get("direction")), Sentiment: sentiment(v.Get("sentiment")), Length: v.Get("length"),
	}
	var err error
	if f.Query, err = parseQuery(v); err != nil {
		return f, err
	}
	f.words = newWords(f.Query)
	for _, field := range [...]struct{ name, allowed string }{
		{"by", "agent customer"},
		{"service", "ringsense vonage whippy"},
		{"direction", "inbound outbound"},
		{"sentiment", "positive neutral negative none"},
		{"length", "0-1 1-5 5-15 15-60 60-"},
	} {
		if value := v.Get(field.name); value != "" && !isOneOf(value, field.allowed) {
			return f, fmt.Errorf("%s: %q is not one of: %s", field.name, value, field.allowed)
		}
	}
	for _, field := range [...]struct {
		name string
		day  *time.Time
	}{{"from", &f.From}, {"to", &f.To}} {
		if err := parseDay(field.day, v.Get(field.name)); err != nil {
			return f, fmt.Errorf("%s: %w", field.name, err)
		}
	}
	f.Page, err = parsePage(v)
	return f, err
}

// maxQuery is how many characters a query may have: a page has it in each of its links.
const maxQuery = 200

// parseQuery reads what an address searches for.
func parseQuery(v url.Values) (string, error) {
	query := strings.TrimSpace(v.Get("q"))
	if n := utf8.RuneCountInString(query); n > maxQuery {
		return "", fmt.Errorf("q: a search may have %d characters, and this one has %d: leave out some words", maxQuery, n)
	}
	return query, nil
}

func isOneOf(value, allowed string) bool {
	for word := range strings.FieldsSeq(allowed) {
		if word == value {
			return true
		}
	}
	return false
}

func parseDay(day *time.Time, text string) error {
	if text == "" {
		return nil
	}
	parsed, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return fmt.Errorf("%q is not a day such as 2026-10-31", text)
	}
	*day = parsed
	return nil
}

// values are those of the form again, for the address of a page of the same list.
func (f *filter) values(page int) url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("q", f.Query)
	set("by", string(f.By))
	set("service", string(f.Service))
	set("direction", string(f.Direction))
	set("sentiment", string(f.Sentiment))
	set("from", day(f.From))
	set("to", day(f.To))
	set("length", f.Length)
	setPage(v, page)
	return v
}

// day is how a form has a day, "" for none.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// wants reports whether a call is one of those asked for.
func (f *filter) wants(c *conversation) bool {
	switch {
	case f.Service != "" && c.Service != f.Service,
		f.Direction != "" && c.Direction != f.Direction,
		f.Sentiment == "none" && c.Sentiment != "",
		f.Sentiment != "" && f.Sentiment != "none" && c.Sentiment != f.Sentiment,
		!f.From.IsZero() && c.Start.Before(f.From),
		!f.To.IsZero() && (c.Start.IsZero() || !c.Start.Before(f.To.AddDate(0, 0, 1))),
		!f.wantsLength(c.Length):
		return false
	}
	return f.words.in(&c.folded, f.By)
}

// wantsLength is false for a call whose length is not known, if one is asked for.
func (f *filter) wantsLength(length time.Duration) bool {
	for _, l := range lengths {
		if l.Value == f.Length {
			return length > 0 && length >= l.Min && (l.Max == 0 || length < l.Max)
		}
	}
	return f.Length == ""
}

// find returns the calls that are asked for, newest first.
func (f *filter) find(l *library) []*conversation {
	var found []*conversation
	for _, c := range l.all {
		if f.wants(c) {
			found = append(found, c)
		}
	}
	return found
}
