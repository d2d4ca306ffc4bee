package ringsense

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// callLogPage is an answer of the call log.
type callLogPage struct {
	records []*CallRecord
	// nextPage is the address of the next page, empty on the last one, and next
	// its number, 0 there.
	nextPage string
	next     int
}

func (l *callLog) page(ctx context.Context, w logWindow, number int) (*callLogPage, error) {
	var page *callLogPage
	err := l.client.pipeline.Call(ctx, transport.Request{
		Op: opCallRecordings, Path: l.path, Query: l.query(w, number),
	}, func(body []byte) (err error) {
		page, err = decodeCallLogPage(body)
		if err == nil && page.nextPage != "" {
			page.next, err = l.client.nextPage(page.nextPage, number)
		}
		return err
	})
	return page, err
}

// decodeCallLogPage decodes a page whose records do not hold on to each
// other's text. The number of pages, which may be missing, plays no part.
func decodeCallLogPage(body []byte) (*callLogPage, error) {
	page := new(callLogPage)
	listed := false
	s := jsonpull.NewBufferedStream(body)
	for obj := s.Object(); obj.Next(); {
		switch obj.Key() {
		case "records":
			if listed {
				s.Fail(errors.New("the page has records twice"))
			}
			listed = true
			page.records = readCallRecords(s)
		case "navigation":
			s.Value(page.decodeNavigation)
		default:
			s.Skip()
		}
	}
	if err := s.End(); err != nil {
		return nil, err
	}
	if !listed {
		return nil, errors.New("the answer is no page of a call log: it has no records")
	}
	return page, nil
}

func readCallRecords(s *jsonpull.Stream) []*CallRecord {
	var records []*CallRecord
	size := int(reflect.TypeFor[CallRecord]().Size())
	for list := s.Array(); list.Next(); {
		s.Spend(size)
		record := new(CallRecord)
		s.Value(record.decode)
		records = append(records, record)
	}
	return records
}

func (p *callLogPage) decodeNavigation(d *jsonpull.Decoder) {
	p.nextPage = ""
	for obj := d.Object(); obj.Next(); {
		if obj.Key != "nextPage" {
			continue
		}
		for link := d.Object(); link.Next(); {
			if link.Key == "uri" {
				p.nextPage = d.String()
			}
		}
	}
}

var (
	errForeignPage = errors.New("the address of the next page is not one of this service")
	errSamePage    = errors.New("the address of the next page does not lead on")
)

// nextPage returns the number of the page that address names. Nothing else of
// the address is used, so that no answer decides where a token is sent. It may
// be an address of the service itself where the base URL is that of a proxy.
func (c *Client) nextPage(address string, number int) (int, error) {
	u, err := url.Parse(address)
	if err != nil {
		return 0, errForeignPage
	}
	if origin := u.Scheme + "://" + u.Host; u.Host != "" &&
		!strings.EqualFold(origin, c.pipeline.Origin()) && !strings.EqualFold(origin, DefaultBaseURL) {
		return 0, errForeignPage
	}
	next, err := strconv.Atoi(u.Query().Get("page"))
	if err != nil || next <= number {
		return 0, errSamePage
	}
	return next, nil
}
