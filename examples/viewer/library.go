package main

import (
	"cmp"
	"fmt"
	"slices"
)

// library holds the calls that were read, each once.
type library struct {
	all      []*conversation // newest first, once sorted
	byKey    map[string]*conversation
	max      int64  // bytes that calls may take
	left     int64  // of them
	place    string // that is being read
	problems []problem
	unlisted int // problems beyond those
}

// problem is a place in a file that could not be read, and what is wrong there.
type problem struct{ Place, What string }

// maxProblems is how many problems are listed.
const maxProblems = 100

func newLibrary(maxBytes int64) *library {
	return &library{byKey: make(map[string]*conversation), max: maxBytes, left: maxBytes}
}

// overhead is about what a conversation takes beyond the text it was read from,
// which is there twice: as it was said and as it is searched.
const overhead = 1 << 10

// add takes a conversation. Of several versions of one, such as the events of a
// call that began, ended and was analysed, the latest stays.
func (l *library) add(c *conversation, documentBytes int) error {
	if c.ID == "" {
		c.ID = fmt.Sprintf("unnamed %d", len(l.byKey)+1) // nothing tells it from others
	}
	key := c.key()
	old := l.byKey[key]
	if old != nil && old.modified.After(c.modified) {
		return nil
	}
	c.place = l.place
	c.finish()
	c.bytes = int64(documentBytes+c.folded.bytes()) + overhead
	l.left -= c.bytes
	if old != nil {
		l.left += old.bytes
	}
	if l.left < 0 {
		return fmt.Errorf("-max-mib %d is %w", l.max>>20, errFull)
	}
	l.byKey[key] = c
	return nil
}

// report notes a place that could not be read.
func (l *library) report(place string, what error) {
	if len(l.problems) < maxProblems {
		l.problems = append(l.problems, problem{place, shorten(what.Error(), maxTitle)})
		return
	}
	l.unlisted++
}

// sort puts the calls in the order in which they are listed.
func (l *library) sort() {
	l.all = l.all[:0]
	for _, c := range l.byKey {
		l.all = append(l.all, c)
	}
	slices.SortFunc(l.all, func(a, b *conversation) int {
		return cmp.Or(b.Start.Compare(a.Start), cmp.Compare(a.Service, b.Service), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Medium, b.Medium))
	})
}

// position returns where a call is in the list, -1 if it is not there.
func (l *library) position(key string) int {
	c := l.byKey[key]
	if c == nil {
		return -1
	}
	return slices.Index(l.all, c)
}
