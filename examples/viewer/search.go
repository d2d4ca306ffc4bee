package main

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/callinsights/callinsights-go"
)

// words are what to search for, in lower case: a call has to have all of them.
type words []string

// maxWords is how many words of a query count: each is looked for in every call.
const maxWords = 20

// maxWord is how many bytes of a word count: it is compared at each place of a text
// where it may begin.
const maxWord = 64

func newWords(query string) words {
	all := allWords(query)
	return all[:min(len(all), maxWords)]
}

// allWords are also those of a query that do not count.
func allWords(query string) words {
	var all words
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if len(word) > maxWord {
			word = strings.ToValidUTF8(word[:maxWord], "")
		}
		if !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all
}

// in reports whether a conversation has all words: anywhere, or in what one side
// of it says.
func (w words) in(text *folded, by callinsights.Role) bool {
	for _, word := range w {
		var found bool
		switch by {
		case callinsights.RoleAgent:
			found = strings.Contains(text.agent, word)
		case callinsights.RoleCustomer:
			found = strings.Contains(text.customer, word)
		default:
			found = strings.Contains(text.rest, word) || strings.Contains(text.customer, word) || strings.Contains(text.agent, word)
		}
		if !found {
			return false
		}
	}
	return true
}

// piece is a part of a text that was found, or that was not.
type piece struct {
	Text  string
	Found bool
}

// mark divides a text into what was searched for and the rest.
func (w words) mark(text string) []piece {
	if len(w) == 0 {
		return []piece{{Text: text}}
	}
	var pieces []piece
	rest := 0 // where what is not in pieces begins
	for i := 0; i < len(text); {
		size := w.at(text[i:])
		if size == 0 {
			_, size = utf8.DecodeRuneInString(text[i:])
			i += size
			continue
		}
		if rest < i {
			pieces = append(pieces, piece{Text: text[rest:i]})
		}
		pieces = append(pieces, piece{text[i : i+size], true})
		i += size
		rest = i
	}
	if rest < len(text) {
		pieces = append(pieces, piece{Text: text[rest:]})
	}
	return pieces
}

// excerpt is as much of a text as there is room for, so that what was found first
// is in it. What comes after that, which may be very long, is not divided.
func (w words) excerpt(text string, characters int) []piece {
	if before := w.before(text); before != "" && utf8.RuneCountInString(text) > characters {
		if kept := lastOf(before, characters/2); kept != before {
			if _, words, ok := strings.Cut(kept, " "); ok {
				kept = words
			}
			text = "…" + kept + text[len(before):]
		}
	}
	return w.mark(shorten(text, characters))
}

// before is what a text has before what was found first, "" if nothing was.
func (w words) before(text string) string {
	if len(w) == 0 {
		return ""
	}
	for i := range text {
		if w.at(text[i:]) > 0 {
			return text[:i]
		}
	}
	return ""
}

// lastOf is the end of a text, of so many characters at most.
func lastOf(text string, characters int) string {
	start := len(text)
	for ; characters > 0 && start > 0; characters-- {
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	return text[start:]
}

// at is how many bytes the longest word takes that a text begins with, 0 if there is
// none.
func (w words) at(text string) int {
	longest := 0
	for _, word := range w {
		n := 0
		fits := true
		for _, want := range word {
			r, size := utf8.DecodeRuneInString(text[n:])
			if size == 0 || unicode.ToLower(r) != want {
				fits = false
				break
			}
			n += size
		}
		if fits {
			longest = max(longest, n)
		}
	}
	return longest
}

// firstTurn is the number of the first turn, from 1, that has one of the words
// and is of that side, if it is given; 0 if there is none.
func (w words) firstTurn(c *conversation, role callinsights.Role) int {
	for i := range c.Turns {
		if role != "" && c.Speakers[c.Turns[i].Speaker].Role != role {
			continue
		}
		if w.anyIn(c.Turns[i].Text) {
			return i + 1
		}
	}
	return 0
}

// onPages are the numbers of the turns that are the first of their page to have one
// of the words.
func (w words) onPages(c *conversation) []int {
	var first []int
	for i := 0; i < len(c.Turns); i++ {
		if w.anyIn(c.Turns[i].Text) {
			first = append(first, i+1)
			i = pageOfTurn(i+1)*turnsPerPage - 1 // the rest of the page does not matter
		}
	}
	return first
}

// endBehind reports whether one of the words ends in text behind shown, with which
// text begins.
func (w words) endBehind(shown, text string) bool {
	if len(w) == 0 {
		return false
	}
	end, folded := len(strings.ToLower(shown)), strings.ToLower(text)
	return slices.ContainsFunc(w, func(word string) bool {
		at := strings.LastIndex(folded, word)
		return at >= 0 && at+len(word) > end
	})
}

func (w words) anyIn(text string) bool {
	folded := strings.ToLower(text)
	return slices.ContainsFunc(w, func(word string) bool { return strings.Contains(folded, word) })
}
