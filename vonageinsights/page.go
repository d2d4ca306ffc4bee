package vonageinsights

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"reflect"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// Page is one answer to a search. It keeps nothing of the answer but these.
type Page struct {
	// Total is how many sessions the query has, on all pages. 10,000 means at
	// least so many: search engines stop counting there.
	Total int `json:"total"`
	// PageNumber is what the service says it is, as a rule what was asked for.
	PageNumber int `json:"page_number"`
	// PageSize is likewise: the service may send fewer sessions without saying
	// so here.
	PageSize int `json:"page_size"`
	// Sessions are those of the page, in the order asked for. Where the service sends
	// null for them it is an empty list, and where it sends no hits at all it is nil.
	Sessions []*Session `json:"hits"`
}

func (p *Page) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.IntAlways("total", int64(p.Total))
		jsonpull.WriteList(w, "hits", p.Sessions, func(session **Session, w *jsonpull.Writer) {
			if *session == nil {
				session = new(new(Session))
			}
			(*session).encode(w)
		})
		w.IntAlways("page_size", int64(p.PageSize))
		w.IntAlways("page_number", int64(p.PageNumber))
	})
}

// MarshalJSON writes the page as the service does, but its numbers as numbers
// where the service has texts.
func (p Page) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(p.encode) }

// UnmarshalJSON replaces the page by the one that data holds. The fault is a
// [*DecodeError].
func (p *Page) UnmarshalJSON(data []byte) error {
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		return nil
	}
	page, _, err := decodePage(data)
	if err == nil {
		*p = *page
	}
	return err
}

// LogValue returns counts, not what was said.
func (p Page) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("total", p.Total),
		slog.Int("page_number", p.PageNumber),
		slog.Int("page_size", p.PageSize),
		slog.Int("sessions", len(p.Sessions)),
	)
}

// SearchPage returns one page of the sessions that q wants, in any order. It is
// for lists that people turn the pages of: sessions that begin meanwhile move
// others to the next page, and what is beyond the first 10,000 is out of reach.
// Its range is at most [MaxRange] long. [Client.Search] returns all sessions of any
// range.
//
// No hits are no error, but may have other reasons than that there are none:
// the sessions are in another region, or q asks for a field that does not exist.
//
// The error matches [ErrInvalidRequest] if q is refused, before it is sent or
// by the service, which answers 401 then, as it does to a wrong key: see
// [ErrUnauthorized] in the package documentation. See
// studio.docs.ai.vonage.com/api-integration/vai-integration-guide.
func (c *Client) SearchPage(ctx context.Context, q Query) (*Page, error) {
	c = c.made()
	query, err := q.encode()
	if err != nil {
		return nil, c.pipeline.Refuse(ctx, opSearchPage, err)
	}
	var page *Page
	err = c.pipeline.Call(ctx, transport.Request{Op: opSearchPage, Path: searchPath(), Query: query}, func(body []byte) error {
		var isPage bool
		if page, isPage, err = decodePage(body); err == nil && !isPage {
			return errNoPage
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return page, nil
}

func searchPath() []string { return []string{"insights", "sessions"} }

var errNoPage = errors.New("the answer is no page of sessions: it has neither hits nor a total")

// decodePage decodes a page whose sessions do not hold on to each other's text.
func decodePage(body []byte) (page *Page, isPage bool, err error) {
	var sessions []*Session
	page, isPage, err = readPage(jsonpull.NewBufferedStream(body), func(session *Session) bool {
		sessions = append(sessions, session)
		return true
	})
	if err == nil && len(sessions) > 0 {
		page.Sessions = sessions
	}
	return page, isPage, err
}

// readPage reads a page and hands each session to yield as soon as it is there,
// until yield returns false. The page that it returns has an empty list of
// sessions if it has hits. isPage reports whether it has what pages have.
func readPage(s *jsonpull.Stream, yield func(*Session) bool) (page *Page, isPage bool, err error) {
	page = new(Page)
	for obj := s.Object(); obj.Next(); {
		switch obj.Key() {
		case "total":
			s.Value(func(d *jsonpull.Decoder) { page.Total = d.Int() })
			isPage = true
		case "page_number":
			s.Value(func(d *jsonpull.Decoder) { page.PageNumber = d.Int() })
		case "page_size":
			s.Value(func(d *jsonpull.Decoder) { page.PageSize = d.Int() })
		case "hits":
			if page.Sessions != nil {
				s.Fail(errors.New("the page has hits twice"))
			}
			page.Sessions, isPage = []*Session{}, true
			if !readHits(s, yield) {
				return page, isPage, nil
			}
		default:
			s.Skip()
		}
	}
	if err := s.End(); err != nil {
		return nil, isPage, err
	}
	return page, isPage, nil
}

// readHits reports whether yield wanted all of them.
func readHits(s *jsonpull.Stream, yield func(*Session) bool) bool {
	size := int(reflect.TypeFor[Session]().Size())
	for hits := s.Array(); hits.Next(); {
		s.Spend(size)
		session := new(Session)
		s.Value(session.decode)
		if s.Err() != nil {
			return true
		}
		if !yield(session) {
			return false
		}
	}
	return true
}
