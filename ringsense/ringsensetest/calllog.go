package ringsensetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
)

// callLog is what the fake knows of calls, and how it serves them.
type callLog struct {
	calls     []*call // newest first, as is seen in the field
	ids       map[string]bool
	noTotals  bool
	noScope   bool
	noCompany bool
	repeated  int
}

// call is a record of the call log.
type call struct {
	document  []byte
	id        string
	startTime time.Time
	record    callFields
}

// callFields are those that the filters look at.
type callFields struct {
	ID                 string         `json:"id"`
	SessionID          string         `json:"sessionId"`
	TelephonySessionID string         `json:"telephonySessionId"`
	StartTime          string         `json:"startTime"`
	Type               string         `json:"type"`
	Direction          string         `json:"direction"`
	From               callParty      `json:"from"`
	To                 callParty      `json:"to"`
	Extension          callExtension  `json:"extension"`
	Recording          *callRecording `json:"recording"`
	Legs               []callLeg      `json:"legs"`
}

type callLeg struct {
	From      callParty      `json:"from"`
	To        callParty      `json:"to"`
	Extension callExtension  `json:"extension"`
	Recording *callRecording `json:"recording"`
}

type callParty struct {
	PhoneNumber     string `json:"phoneNumber"`
	ExtensionNumber string `json:"extensionNumber"`
}

type callExtension struct {
	ID json.RawMessage `json:"id"`
}

type callRecording struct {
	Type string `json:"type"`
}

// AddCall adds calls to the call log as [Server.AddCallJSON] does, in the form
// that they encode to. It panics on a nil call and on one that AddCallJSON or
// encoding refuses, as it is made for tests.
func (s *Server) AddCall(calls ...*ringsense.CallRecord) {
	for _, c := range calls {
		if c == nil {
			panic("ringsensetest: AddCall: nil call")
		}
		document, err := c.MarshalJSON()
		if err == nil {
			err = s.addCallJSON(document)
		}
		if err != nil {
			panic("ringsensetest: AddCall: " + err.Error())
		}
	}
}

// AddCallJSON adds a call to the call log, to be served byte for byte; without
// its legs and its lastModifiedTime, and so re-encoded, to those who do not ask
// for the detailed view. It replaces one added before with the same id.
//
// The document must be an object with an id and a startTime, and may otherwise
// hold what it likes. The insights of its recordings are added by themselves;
// see [Server.Add].
func (s *Server) AddCallJSON(document []byte) error {
	if err := s.addCallJSON(document); err != nil {
		return fmt.Errorf("ringsensetest: AddCallJSON: %w", err)
	}
	return nil
}

func (s *Server) addCallJSON(document []byte) error {
	added := &call{document: slices.Clone(withoutMark(document))}
	if _, err := members(document); err != nil {
		return errors.New("the document is not a JSON object")
	}
	if err := json.Unmarshal(added.document, &added.record); err != nil {
		return errors.New("the document is not shaped like a call")
	}
	if added.id = added.record.ID; added.id == "" {
		return errors.New("the document has no id")
	}
	var err error
	if added.startTime, err = time.Parse(time.RFC3339, added.record.StartTime); err != nil {
		return errors.New("the document has no startTime such as 2026-05-04T10:00:00.000Z")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	log := &s.callLog
	if log.ids == nil {
		log.ids = make(map[string]bool)
	}
	if log.ids[added.id] {
		log.calls = slices.DeleteFunc(log.calls, func(c *call) bool { return c.id == added.id })
	}
	log.ids[added.id] = true
	place, _ := slices.BinarySearchFunc(log.calls, added, func(a, b *call) int {
		return cmp.Or(b.startTime.Compare(a.startTime), -1)
	})
	log.calls = slices.Insert(log.calls, place, added)
	return nil
}

// SetCallLogTotals says whether the pages of the call log tell how many pages
// and calls there are, as they do at first. The service may leave that out.
func (s *Server) SetCallLogTotals(sent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callLog.noTotals = !sent
}

// SetCallLogScope says whether the app has the scope ReadCallLog, as it does at
// first. Without it, requests for call logs are answered with 403 CMN-401.
func (s *Server) SetCallLogScope(granted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callLog.noScope = !granted
}

// SetCompanyCallLog says whether the user may read the account's call log, as
// he may at first. Without that, it is answered with 403 CMN-408, and the logs
// of extensions as before.
func (s *Server) SetCompanyCallLog(granted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callLog.noCompany = !granted
}

// RepeatCalls makes each page of the call log begin with the last n calls of
// the page before, as happens when calls are added while somebody pages.
func (s *Server) RepeatCalls(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callLog.repeated = n
}

// callLogRoute takes the path of an account's or an extension's call log apart.
func callLogRoute(path string) (route, bool) {
	rest, ok := strings.CutPrefix(path, "/restapi/v1.0/account/")
	parts := strings.Split(rest, "/") // account, call-log; or account, extension, id, call-log
	switch {
	case !ok || parts[0] == "" || strings.EqualFold(parts[0], "%7E") || parts[len(parts)-1] != "call-log":
		return route{}, false
	case len(parts) == 2:
		return route{op: opCallLog, account: unescape(parts[0])}, true
	case len(parts) == 4 && parts[1] == "extension" && parts[2] != "":
		return route{op: opCallLog, account: unescape(parts[0]), id: unescape(parts[2])}, true
	}
	return route{}, false
}

// serveCallLog answers as developers.ringcentral.com/guide/voice/call-log/api
// describes.
func (s *Server) serveCallLog(w http.ResponseWriter, r *http.Request, route route) {
	if refusal := s.callLogRefusal(r, route); refusal != nil {
		refusal.write(w)
		return
	}
	wanted, wrong := callQuery(r.URL.Query(), route.id)
	if wrong != "" {
		badParameter(wrong).write(w)
		return
	}
	s.mu.Lock()
	log := s.callLog
	log.calls = slices.Clone(log.calls)
	s.mu.Unlock()
	log.calls = slices.DeleteFunc(log.calls, func(c *call) bool { return !wanted.matches(c) })
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_, _ = w.Write(log.page(r, wanted).encode()) //nolint:gosec // JSON, not HTML
}

func (s *Server) callLogRefusal(r *http.Request, route route) *errorAnswer {
	if refusal := s.tokenRefusal(r); refusal != nil {
		return refusal
	}
	if route.account != "~" && route.account != AccountID {
		return otherAccount()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.callLog.noScope:
		return noScope("ReadCallLog")
	case s.callLog.noCompany && route.id == "":
		return noCompanyCallLog()
	case !s.callLog.knows(route.id):
		return unknownExtension()
	}
	return nil
}

// knows reports whether there is such an extension: that of the user, and those
// of the calls.
func (l *callLog) knows(extension string) bool {
	of := wantedCalls{extension: extension}
	return slices.Contains([]string{"", "~", ExtensionID}, extension) ||
		slices.ContainsFunc(l.calls, func(c *call) bool { return of.ofExtension(&c.record) })
}

// wantedCalls is the query of a request.
type wantedCalls struct {
	from, to      time.Time
	extension     string // "" is the account's log
	values        url.Values
	page, perPage int
}

// callQuery returns the name of a parameter that is wrong, if one is; of several,
// always the same. That the ends of the range both count, and what is refused, is
// a guess.
func callQuery(values url.Values, extension string) (wanted wantedCalls, wrong string) {
	wanted = wantedCalls{extension: extension, values: values, page: 1, perPage: 100, to: time.Now()}
	if extension == "~" {
		wanted.extension = ExtensionID
	}
	var err error
	if text := values.Get("dateTo"); text != "" {
		if wanted.to, err = time.Parse(time.RFC3339, text); err != nil {
			return wanted, "dateTo"
		}
	}
	wanted.from = wanted.to.Add(-24 * time.Hour)
	if text := values.Get("dateFrom"); text != "" {
		if wanted.from, err = time.Parse(time.RFC3339, text); err != nil {
			return wanted, "dateFrom"
		}
	}
	if text := values.Get("page"); text != "" {
		if wanted.page, err = strconv.Atoi(text); err != nil || wanted.page < 1 {
			return wanted, "page"
		}
	}
	if text := values.Get("perPage"); text == "max" {
		wanted.perPage = 1000
	} else if text != "" {
		if wanted.perPage, err = strconv.Atoi(text); err != nil || wanted.perPage < 1 || wanted.perPage > 1000 {
			return wanted, "perPage"
		}
	}
	for _, p := range []struct {
		name  string
		known []string
	}{
		{"recordingType", []string{"Automatic", "OnDemand", "All"}},
		{"view", []string{"Simple", "Detailed"}},
		{"direction", []string{"Inbound", "Outbound"}},
		{"type", []string{"Voice", "Fax"}},
	} {
		if slices.ContainsFunc(values[p.name], func(v string) bool { return !slices.Contains(p.known, v) }) {
			return wanted, p.name
		}
	}
	if values.Has("phoneNumber") && values.Has("extensionNumber") {
		return wanted, "extensionNumber"
	}
	return wanted, ""
}

func (q *wantedCalls) matches(c *call) bool {
	one := func(name, value string) bool {
		return !q.values.Has(name) || slices.Contains(q.values[name], value)
	}
	r := &c.record
	return !c.startTime.Before(q.from) && !c.startTime.After(q.to) &&
		one("direction", r.Direction) && one("type", r.Type) &&
		one("sessionId", r.SessionID) && one("telephonySessionId", r.TelephonySessionID) &&
		q.ofExtension(r) && q.ofNumbers(r) && q.recorded(r)
}

func (q *wantedCalls) ofExtension(r *callFields) bool {
	return q.extension == "" || text(r.Extension.ID) == q.extension ||
		slices.ContainsFunc(r.Legs, func(l callLeg) bool { return text(l.Extension.ID) == q.extension })
}

func (q *wantedCalls) ofNumbers(r *callFields) bool {
	parties := []callParty{r.From, r.To}
	for _, leg := range r.Legs {
		parties = append(parties, leg.From, leg.To)
	}
	phone, extension := q.values.Get("phoneNumber"), q.values.Get("extensionNumber")
	return phone == "" && extension == "" || slices.ContainsFunc(parties, func(p callParty) bool {
		return phone != "" && strings.TrimPrefix(p.PhoneNumber, "+") == phone ||
			extension != "" && p.ExtensionNumber == extension
	})
}

// recorded leaves out calls without a recording of the wanted type, of their
// own or of a leg. Without the parameter all calls are wanted.
func (q *wantedCalls) recorded(r *callFields) bool {
	wanted := q.values.Get("recordingType")
	is := func(recording *callRecording) bool {
		return recording != nil && (wanted == "All" || recording.Type == wanted)
	}
	return wanted == "" || is(r.Recording) ||
		slices.ContainsFunc(r.Legs, func(l callLeg) bool { return is(l.Recording) })
}

type callPage struct {
	URI        string              `json:"uri"`
	Records    [][]byte            `json:"-"`
	Navigation map[string]pageLink `json:"navigation"`
	Paging     map[string]int      `json:"paging"`
}

// encode writes the records by hand, so that they keep their bytes.
func (p *callPage) encode() []byte {
	var b bytes.Buffer
	b.WriteString(`{"records":[`)
	b.Write(bytes.Join(p.Records, []byte(",")))
	b.WriteString(`],`)
	b.Write(encode(p)[1:])
	return b.Bytes()
}

type pageLink struct {
	URI string `json:"uri"`
}

// page cuts the wanted page out of the calls. A page beyond the last one is
// empty: a guess.
func (l *callLog) page(r *http.Request, q wantedCalls) *callPage {
	stride := max(1, q.perPage-l.repeated)
	pages := 1 + max(0, len(l.calls)-q.perPage+stride-1)/stride
	start := min((q.page-1)*stride, len(l.calls))
	if q.page > pages {
		start = len(l.calls)
	}
	end := min(start+q.perPage, len(l.calls))
	answer := &callPage{
		URI: pageURI(r, q.page), Navigation: map[string]pageLink{"firstPage": {pageURI(r, 1)}},
		Paging: map[string]int{"perPage": q.perPage, "page": q.page, "pageStart": start, "pageEnd": max(end-1, 0)},
	}
	for _, c := range l.calls[start:end] {
		answer.Records = append(answer.Records, c.view(q.values.Get("view")))
	}
	if q.page < pages {
		answer.Navigation["nextPage"] = pageLink{pageURI(r, q.page+1)}
	}
	if q.page > 1 {
		answer.Navigation["previousPage"] = pageLink{pageURI(r, q.page-1)}
	}
	if !l.noTotals {
		answer.Navigation["lastPage"] = pageLink{pageURI(r, pages)}
		answer.Paging["totalPages"], answer.Paging["totalElements"] = pages, len(l.calls)
	}
	return answer
}

// pageURI is the address of a page.
func pageURI(r *http.Request, page int) string {
	query := r.URL.Query()
	query.Set("page", strconv.Itoa(page))
	u := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: query.Encode()}
	return origin(r) + u.String()
}

func (c *call) view(view string) []byte {
	if view == "Detailed" {
		return c.document
	}
	fields, _ := members(c.document)
	delete(fields, "legs")
	delete(fields, "lastModifiedTime")
	return encode(fields)
}

// The code and the name of the permission are those of the vendor's pages; the
// text is a guess.
func noCompanyCallLog() *errorAnswer {
	const message = "The user needs the permission to read the company's call log"
	return &errorAnswer{http.StatusForbidden, errorBody{
		ErrorCode: "InsufficientPermissions", Message: message, Permission: "FullCompanyCallLog",
		Errors: []errorDetail{{ErrorCode: "CMN-408", Message: message, Permission: "FullCompanyCallLog"}},
	}}
}

// A guess, from the meaning that the page on errors gives the code.
func unknownExtension() *errorAnswer {
	return restError(http.StatusNotFound, errorDetail{
		ErrorCode: "CMN-102", Message: "Resource for parameter [extensionId] is not found", Parameter: "extensionId",
	})
}

func badParameter(name string) *errorAnswer {
	return restError(http.StatusBadRequest, errorDetail{
		ErrorCode: "CMN-101", Message: "Parameter [" + name + "] value is invalid", Parameter: name,
	})
}
