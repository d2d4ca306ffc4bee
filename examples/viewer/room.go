package main

import (
	"fmt"
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

// rest says where the rest of a text is, "" if there is none.
func (c *conversation) rest(more int) string {
	switch {
	case more == 0:
		return ""
	case c.place == "":
		return fmt.Sprintf("%d more characters are not shown.", more)
	}
	return fmt.Sprintf("%d more characters are in %s.", more, c.place)
}

// note is a text that is no utterance.
type note struct{ Text, Rest string }

// Note is as much of such a text as there is room for.
func (b *callBody) Note(text string) note {
	shown, more := b.notes.take(text)
	return note{shown, b.rest(more)}
}
