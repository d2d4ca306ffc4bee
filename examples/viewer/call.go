package main

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
)

// turnsPerPage is how many turns a page of a call has. A call of an hour is on one
// as a rule.
const turnsPerPage = 500

// callBody is a page of a call.
type callBody struct {
	*conversation
	Shown        paging // of the turns
	Query        string
	Heading      []piece
	Timeline     *timeline // of all pages
	Said         []said
	Hits         []int  // first turns with a word of Query on each page; none if there is one page
	PageHost     string // of Page, "" if that is no address to follow
	Newer, Older string // other calls

	found words // of Query
	notes room  // for texts that are not Said
}

// To is the address of a turn, seen from this page.
func (b *callBody) To(turn int) string {
	if page := pageOfTurn(turn); page != b.Shown.Page {
		return b.address(b.Query, page) + anchor(turn)
	}
	return anchor(turn)
}

// Earlier is the address of what was said before this page, "" if that is nothing.
func (b *callBody) Earlier() string { return b.transcript(b.Shown.Page - 1) }

// Later is the address of what was said after it.
func (b *callBody) Later() string { return b.transcript(b.Shown.Page + 1) }

func (b *callBody) transcript(page int) string {
	if page < 1 || page > b.Shown.Pages {
		return ""
	}
	return b.address(b.Query, page) + "#transcript"
}

// address is where a page of a call is, with what was searched for.
func (c *conversation) address(query string, page int) string {
	values := url.Values{}
	if query != "" {
		values.Set("q", query)
	}
	setPage(values, page)
	address := url.URL{Path: "/calls/" + c.key(), RawQuery: values.Encode()}
	return address.String()
}

// pageOfTurn is the page that has a turn.
func pageOfTurn(number int) int { return (number-1)/turnsPerPage + 1 }

// anchor is where a turn is on its page.
func anchor(turn int) string { return "#turn-" + strconv.Itoa(turn) }

// maxListed is how many of a kind are listed, such as next steps.
const maxListed = 200

// firsts are as much of a list as a page has.
type firsts[T any] struct {
	Shown []T
	More  int // are not shown
}

func firstsOf[T any](all []T) firsts[T] {
	shown := all[:min(len(all), maxListed)]
	return firsts[T]{shown, len(all) - len(shown)}
}

// said is a turn as the page has it.
type said struct {
	Number  int
	Speaker speaker
	At      string // "" where the service sends no times
	Text    []piece
	Rest    string // where the rest of the text is
	Follows bool   // one by the same speaker
}

func (s *site) call(w http.ResponseWriter, r *http.Request) {
	at := s.calls.position(r.PathValue("key"))
	if at < 0 {
		s.fail(w, http.StatusNotFound, "There is no such call. It may be in a file that was not opened.")
		return
	}
	values := r.URL.Query()
	page, err := parsePage(values)
	query, errQuery := parseQuery(values)
	if err := cmp.Or(err, errQuery); err != nil {
		s.fail(w, http.StatusBadRequest, err.Error())
		return
	}
	c := s.calls.all[at]
	found := newWords(query)
	shown := pageOf(page, len(c.Turns), turnsPerPage)
	body := callBody{
		conversation: c, Shown: shown, Query: query, Heading: found.mark(c.Title),
		Timeline: draw(c, shown.Page), Said: sayings(c, shown, found), PageHost: hostOf(c.Page),
		found: found, notes: maxTexts,
	}
	if shown.Pages > 1 {
		body.Hits = found.onPages(c)
	}
	if at > 0 {
		body.Newer = "/calls/" + s.calls.all[at-1].key()
	}
	if at+1 < len(s.calls.all) {
		body.Older = "/calls/" + s.calls.all[at+1].key()
	}
	s.render(w, http.StatusOK, "call", c.Title, &body)
}

// sayings are the turns of a page.
func sayings(c *conversation, shown paging, found words) []said {
	turns := c.Turns[shown.First-1 : shown.Last]
	all := make([]said, len(turns))
	left := room(maxTexts)
	for i := range turns {
		t := &turns[i]
		text := c.part(&left, t.Text, found)
		all[i] = said{
			Number: shown.First + i, Speaker: c.Speakers[t.Speaker], Text: found.mark(text.Text), Rest: text.Rest,
			Follows: i > 0 && turns[i-1].Speaker == t.Speaker,
		}
		if c.Timed {
			all[i].At = clock(t.Start)
		}
	}
	return all
}

// maxAddress is how many bytes an address may have that is followed.
const maxAddress = 2000

// hostOf is the host of an address that may be shown as a link, which says where
// it leads.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxAddress || u.Scheme != "https" || u.User != nil {
		return ""
	}
	return u.Host
}
