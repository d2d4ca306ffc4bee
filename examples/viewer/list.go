package main

import (
	"net/http"
	"strings"
)

// perPage is how many calls a page of the list has.
const perPage = 25

// listBody is the list of calls.
type listBody struct {
	paging // of what was found

	Filter       filter
	Filtered     bool
	Lengths      any
	MaxQuery     int
	MaxWords     int // 0 if all words of Filter.Query count
	Rows         []row
	All          int    // how many calls there are
	Newer, Older string // addresses; "" where there is none
}

// row is a call in the list.
type row struct {
	*conversation
	Link    string
	Title   []piece
	Excerpt []piece // what was found, or else the summary
	Said    string  // who said it, if it was said
	Strip   []bar
}

func (s *site) list(w http.ResponseWriter, r *http.Request) {
	f, err := parseFilter(r.URL.Query())
	if err != nil {
		s.fail(w, http.StatusBadRequest, err.Error())
		return
	}
	found := f.find(s.calls)
	body := listBody{
		paging: pageOf(f.Page, len(found), perPage),
		Filter: f, Filtered: len(f.values(1)) > 0, Lengths: lengths, MaxQuery: maxQuery, All: len(s.calls.all),
	}
	if len(allWords(f.Query)) > maxWords {
		body.MaxWords = maxWords
	}
	for _, c := range found[body.First-1 : body.Last] {
		body.Rows = append(body.Rows, f.row(c))
	}
	if body.Page > 1 {
		body.Newer = "/?" + f.values(body.Page-1).Encode()
	}
	if body.Page < body.Pages {
		body.Older = "/?" + f.values(body.Page+1).Encode()
	}
	s.render(w, http.StatusOK, "list", "Calls", body)
}

// row makes the row of a call.
func (f *filter) row(c *conversation) row {
	const length = 150
	r := row{conversation: c, Link: c.address(f.Query, 1), Title: f.words.mark(c.Title), Strip: strip(c)}
	excerpt := strings.Join(c.Summary, " ")
	if n := f.words.firstTurn(c, f.By); n > 0 {
		said := c.Turns[n-1]
		r.Said, excerpt = c.Speakers[said.Speaker].Name, said.Text
		r.Link = c.address(f.Query, pageOfTurn(n)) + anchor(n)
	} else if excerpt == "" && len(c.Turns) > 0 {
		r.Said, excerpt = c.Speakers[c.Turns[0].Speaker].Name, c.Turns[0].Text
	}
	r.Excerpt = f.words.excerpt(excerpt, length)
	return r
}
