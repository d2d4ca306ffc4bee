package ringsense

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"strconv"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// callLogPage is an answer of the call log.
type callLogPage struct {
	records []listedCall
	// nextPage is the address of the next page, empty on the last one, and next
	// its number, 0 there.
	nextPage string
	next     int
}

// listedCall is a call of a page, and what of it could not be read.
type listedCall struct {
	record *CallRecord
	fault  *DecodeError
}

// page asks for a page of a piece of the log. empty is how many pages before it
// held nothing.
func (l *callLog) page(ctx context.Context, w logWindow, number, empty int) (*callLogPage, error) {
	var page *callLogPage
	err := l.client.pipeline.Call(ctx, transport.Request{
		Op: opCallRecordings, Path: l.path, Query: l.query(w, number),
	}, func(body []byte) (err error) {
		if page, err = decodeCallLogPage(body); err != nil || page.nextPage == "" {
			return err
		}
		if len(page.records) == 0 && empty >= maxEmptyPages {
			return errEmptyPages
		}
		page.next, err = nextPage(page.nextPage, number)
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

func readCallRecords(s *jsonpull.Stream) []listedCall {
	var records []listedCall
	size := int(reflect.TypeFor[CallRecord]().Size())
	for list := s.Array(); list.Next(); {
		s.Spend(size)
		listed := listedCall{record: new(CallRecord)}
		s.Value(func(d *jsonpull.Decoder) {
			listed.fault = d.TakeOr(listed.record.decode, func(d *jsonpull.Decoder) {
				*listed.record = CallRecord{}
				listed.record.decodeTrace(d)
			})
		})
		records = append(records, listed)
	}
	return records
}

// decodeTrace takes what leads to the recordings of a call and nothing else, so
// that an odd member that is not needed for that hides none.
func (r *CallRecord) decodeTrace(d *jsonpull.Decoder) {
	mark := d.Mark()
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "id":
			r.ID = d.String()
		case "telephonySessionId":
			r.TelephonySessionID = d.String()
		case "startTime":
			r.StartTime = d.Time()
		case "recording":
			r.Recording = jsonpull.Pointer(d, (*CallLogRecording).decodeTrace)
		case "legs":
			r.Legs = jsonpull.List(d, (*CallLeg).decodeTrace)
		}
	}
	r.raw = d.From(mark)
}

func (l *CallLeg) decodeTrace(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "telephonySessionId":
			l.TelephonySessionID = d.String()
		case "recording":
			l.Recording = jsonpull.Pointer(d, (*CallLogRecording).decodeTrace)
		}
	}
}

func (r *CallLogRecording) decodeTrace(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		if obj.Key == "id" {
			r.ID = d.String()
		}
	}
}

func (p *callLogPage) decodeNavigation(d *jsonpull.Decoder) {
	p.nextPage = ""
	for obj := d.Object(); obj.Next(); {
		if obj.Key != "nextPage" {
			continue
		}
		p.nextPage = ""
		for link := d.Object(); link.Next(); {
			if link.Key == "uri" {
				p.nextPage = d.String()
			}
		}
	}
}

// maxEmptyPages is how many pages in a row may hold nothing and still have a
// next one.
const maxEmptyPages = 3

var (
	errSamePage   = errors.New("the address of the next page does not lead on")
	errEmptyPages = errors.New("page after page is empty and has a next one")
)

// nextPage returns the number of the page that address names. Nothing else of
// the address is used, so that no answer decides where a token is sent.
func nextPage(address string, number int) (int, error) {
	u, err := url.Parse(address)
	if err != nil {
		return 0, errSamePage // which does not quote it
	}
	next, err := strconv.Atoi(u.Query().Get("page"))
	if err != nil || next <= number {
		return 0, errSamePage
	}
	return next, nil
}
