package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// What there is room for on a page, in characters.
const (
	maxTitle  = 1000
	maxText   = 10_000  // of one text
	maxTexts  = 500_000 // of all texts of the transcript, and of all others
	leastText = 200     // of a text where the ones before it have taken the room
)

// room is how many characters of text a page still has room for.
type room int

// take returns as much of a text as there is room for, and how many characters more
// it has.
func (r *room) take(text string) (shown string, more int) {
	shown = shorten(text, min(maxText, max(int(*r), leastText)))
	length := utf8.RuneCountInString(shown)
	*r -= room(length)
	if shown != text {
		more = utf8.RuneCountInString(text) - length + 1 // which is the sign that there are more
	}
	return shown, more
}

// part is as much of a text as there was room for, and where the rest is, "" if
// there is none.
type part struct{ Text, Rest string }

// part takes room for a text, in which words are searched for.
func (c *conversation) part(left *room, text string, found words) part {
	shown, more := left.take(text)
	if more == 0 {
		return part{shown, ""}
	}
	rest := fmt.Sprintf("%d more characters are not shown", more)
	if c.place != "" {
		rest = fmt.Sprintf("%d more characters are in %s", more, c.place)
	}
	if found.endBehind(strings.TrimSuffix(shown, "…"), text) {
		rest += ", with what was searched for"
	}
	return part{shown, rest + "."}
}

// Note is as much of a text that is no utterance as there is room for.
func (b *callBody) Note(text string) part { return b.part(&b.notes, text, b.found) }
