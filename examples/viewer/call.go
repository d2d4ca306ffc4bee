package main

import (
	"net/http"
	"net/url"
	"strings"
)

// callBody is a call.
type callBody struct {
	*conversation
	Query        string
	Heading      []piece
	Timeline     *timeline
	Said         []said
	PageHost     string // of Page, "" if that is no address to follow
	Newer, Older string
}

// said is a turn as the page has it.
type said struct {
	Number  int
	Speaker speaker
	At      string // "" where the service sends no times
	Text    []piece
	Follows bool // one by the same speaker
}

func (s *site) call(w http.ResponseWriter, r *http.Request) {
	at := s.calls.position(r.PathValue("key"))
	if at < 0 {
		s.fail(w, http.StatusNotFound, "There is no such call. It may be in a file that was not opened.")
		return
	}
	c := s.calls.all[at]
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	found := newWords(query)
	body := callBody{
		conversation: c, Query: query, Heading: found.mark(c.Title),
		Timeline: draw(c), Said: sayings(c, found), PageHost: hostOf(c.Page),
	}
	if at > 0 {
		body.Newer = "/calls/" + s.calls.all[at-1].key()
	}
	if at+1 < len(s.calls.all) {
		body.Older = "/calls/" + s.calls.all[at+1].key()
	}
	s.render(w, http.StatusOK, "call", c.Title, body)
}

func sayings(c *conversation, found words) []said {
	all := make([]said, len(c.Turns))
	for i := range c.Turns {
		t := &c.Turns[i]
		all[i] = said{
			Number: i + 1, Speaker: c.Speakers[t.Speaker], Text: found.mark(t.Text),
			Follows: i > 0 && c.Turns[i-1].Speaker == t.Speaker,
		}
		if c.Timed {
			all[i].At = clock(t.Start)
		}
	}
	return all
}

// hostOf is the host of an address that may be shown as a link, which says where
// it leads.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil {
		return ""
	}
	return u.Host
}
