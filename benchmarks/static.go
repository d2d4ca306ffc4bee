package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// static serves pages that were made beforehand, so that the process which serves
// does nothing but write.
type static struct {
	from  string            // where the range of all sessions begins
	pages map[string][]byte // by size
	rests map[string][]byte // what follows on a page: its last session once more
	rate  int
}

// wireTime is how a program may write a time in a query.
const wireTime = "2006-01-02T15:04:05.000000"

func newStatic(c *corpus) (*static, error) {
	s := &static{from: c.query().From.Format(wireTime), pages: map[string][]byte{}, rests: map[string][]byte{}, rate: c.Rate}
	all := c.sorted()
	for _, size := range c.Pages {
		if size < 1 || size > c.Sessions {
			return nil, fmt.Errorf("-serve: a page of %d sessions; there are %d", size, c.Sessions)
		}
		key := strconv.Itoa(size)
		s.pages[key] = encode(pageWith(all[:size]))
		s.rests[key] = encode(pageWith(all[size-1 : size]))
	}
	s.pages[""] = encode(c.called()) // whoever names no size asks for a session
	return s, nil
}

func (s *static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	answers := s.rests
	if query.Get("from_date") <= s.from {
		answers = s.pages
	}
	body, ok := answers[query.Get("page_size")]
	if !ok {
		http.Error(w, "no page of this size was made", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_ = s.write(r.Context(), w, body) // what is missing, the client misses
}

// write writes body, no faster than the wire would carry it.
func (s *static) write(ctx context.Context, w http.ResponseWriter, body []byte) error {
	if s.rate == 0 {
		_, err := w.Write(body)
		return err
	}
	const packet = 4 << 10
	wire, began := http.NewResponseController(w), time.Now()
	for sent := 0; sent < len(body) && ctx.Err() == nil; {
		n, err := w.Write(body[sent:min(sent+packet, len(body))])
		if err != nil {
			return err
		}
		if err := wire.Flush(); err != nil {
			return err
		}
		sent += n
		time.Sleep(time.Until(began.Add(time.Duration(sent) * time.Second / time.Duration(s.rate))))
	}
	return ctx.Err()
}
