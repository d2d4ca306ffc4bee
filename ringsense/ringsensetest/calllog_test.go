package ringsensetest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

const callLogPath = "/restapi/v1.0/account/~/call-log"

// The white space is there to be kept.
const (
	inbound = `{ "id":"a", "startTime":"2024-05-01T10:00:00.000Z","direction":"Inbound","type":"Voice","sessionId":"1",` +
		`"telephonySessionId":"s-1","from":{"phoneNumber":"+12125550101"},"to":{"extensionNumber":"101"},` +
		`"extension":{"id":1000000101},"recording":{"id":"7","type":"Automatic"},"legs":[{"master":true}],"lastModifiedTime":"2024-05-01T10:02:00Z" }`
	outbound = `{"id":"b","startTime":"2024-05-01T11:00:00+00:00","direction":"Outbound","type":"Voice","sessionId":"2",` +
		`"legs":[{"extension":{"id":"202"},"to":{"phoneNumber":"12125550102"},"recording":{"type":"OnDemand"}}]}`
	fax = `{"id":"c","startTime":"2024-05-01T12:00:00.000Z","type":"Fax","from":{"extensionNumber":"303"}}`
)

func newCallLog(t *testing.T) *ringsensetest.Server {
	t.Helper()
	server := ringsensetest.NewServer()
	for _, doc := range []string{outbound, fax, inbound} {
		if err := server.AddCallJSON([]byte(doc)); err != nil {
			t.Fatal(err)
		}
	}
	return server
}

type callLogAnswer struct {
	Records    []json.RawMessage            `json:"records"`
	Navigation map[string]map[string]string `json:"navigation"`
	Paging     map[string]int               `json:"paging"`
}

func (a *callLogAnswer) ids(t *testing.T) string {
	t.Helper()
	var ids strings.Builder
	for _, record := range a.Records {
		var r struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(record, &r); err != nil {
			t.Fatal(err)
		}
		ids.WriteString(r.ID)
	}
	return ids.String()
}

func getCallLog(t *testing.T, server *ringsensetest.Server, target string) *callLogAnswer {
	t.Helper()
	answer, body := call{target: target, token: server.IssueToken()}.send(t, server)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: got %s %s", target, answer.Status, body)
	}
	got := new(callLogAnswer)
	if err := json.Unmarshal([]byte(body), got); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCallLogFilters(t *testing.T) {
	t.Parallel()
	const day = "dateFrom=2024-05-01T00:00:00Z&dateTo=2024-05-02T00:00:00Z"
	tests := map[string]struct{ path, query, want string }{
		"all, the newest first": {callLogPath, day, "cba"},
		"another name":          {"/restapi/v1.0/account/" + ringsensetest.AccountID + "/call-log", day, "cba"},
		"range":                 {callLogPath, "dateFrom=2024-05-01T10:00:00.000Z&dateTo=2024-05-01T11:00:00.000Z", "ba"},
		"a day before the end":  {callLogPath, "dateTo=2024-05-02T10:30:00Z", "cb"},
		"a day before now":      {callLogPath, "", ""},
		"direction":             {callLogPath, day + "&direction=Inbound", "a"},
		"two directions":        {callLogPath, day + "&direction=Inbound&direction=Outbound", "ba"},
		"type":                  {callLogPath, day + "&type=Fax", "c"},
		"recorded":              {callLogPath, day + "&recordingType=All", "ba"},
		"recorded by a rule":    {callLogPath, day + "&recordingType=Automatic", "a"},
		"recorded by hand":      {callLogPath, day + "&recordingType=OnDemand", "b"},
		"session":               {callLogPath, day + "&sessionId=2", "b"},
		"telephony session":     {callLogPath, day + "&telephonySessionId=s-1", "a"},
		"number":                {callLogPath, day + "&phoneNumber=12125550101", "a"},
		"number of a leg":       {callLogPath, day + "&phoneNumber=12125550102", "b"},
		"short number":          {callLogPath, day + "&extensionNumber=303", "c"},
		"own extension":         {"/restapi/v1.0/account/~/extension/~/call-log", day, "a"},
		"extension of a leg":    {"/restapi/v1.0/account/~/extension/202/call-log", day, "b"},
		"all on a page":         {callLogPath, day + "&perPage=max", "cba"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := getCallLog(t, newCallLog(t), test.path+"?"+test.query).ids(t); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestCallLogViews: the detailed view has the bytes that were added.
func TestCallLogViews(t *testing.T) {
	t.Parallel()
	server := newCallLog(t)
	const query = callLogPath + "?dateTo=2024-05-01T10:00:00Z&view="
	if got := string(getCallLog(t, server, query+"Detailed").Records[0]); got != inbound {
		t.Errorf("got %s", got)
	}
	for _, view := range []string{"Simple", ""} {
		got := string(getCallLog(t, server, strings.TrimSuffix(query+view, "&view=")).Records[0])
		if strings.Contains(got, "legs") || strings.Contains(got, "lastModifiedTime") || !strings.Contains(got, "recording") {
			t.Errorf("%s: got %s", view, got)
		}
	}
}

func TestCallLogPages(t *testing.T) {
	t.Parallel()
	const query = callLogPath + "?dateFrom=2024-05-01T00:00:00Z&dateTo=2024-05-02T00:00:00Z&perPage=2"
	links := func(t *testing.T, server *ringsensetest.Server, page string) (string, string) {
		t.Helper()
		answer := getCallLog(t, server, query+page)
		var names []string
		for _, name := range []string{"firstPage", "previousPage", "nextPage", "lastPage"} {
			if uri := answer.Navigation[name]["uri"]; uri != "" {
				u, err := url.Parse(uri)
				if err != nil || u.Scheme != "http" || u.Query().Get("perPage") != "2" {
					t.Errorf("got %s", uri)
				}
				names = append(names, name+"="+u.Query().Get("page"))
			}
		}
		if answer.Paging["perPage"] != 2 {
			t.Errorf("got %v", answer.Paging)
		}
		return answer.ids(t), strings.Join(names, " ")
	}
	tests := map[string]struct {
		set         func(*ringsensetest.Server)
		page        string
		ids, linked string
	}{
		"first":          {nil, "", "cb", "firstPage=1 nextPage=2 lastPage=2"},
		"second":         {nil, "&page=2", "a", "firstPage=1 previousPage=1 lastPage=2"},
		"beyond":         {nil, "&page=3", "", "firstPage=1 previousPage=2 lastPage=2"},
		"without totals": {func(s *ringsensetest.Server) { s.SetCallLogTotals(false) }, "", "cb", "firstPage=1 nextPage=2"},
		"repeated":       {func(s *ringsensetest.Server) { s.RepeatCalls(1) }, "&page=2", "ba", "firstPage=1 previousPage=1 lastPage=2"},
		"too often":      {func(s *ringsensetest.Server) { s.RepeatCalls(9) }, "&page=2", "ba", "firstPage=1 previousPage=1 lastPage=2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newCallLog(t)
			if test.set != nil {
				test.set(server)
			}
			ids, linked := links(t, server, test.page)
			if ids != test.ids || linked != test.linked {
				t.Errorf("got %q with %q, want %q with %q", ids, linked, test.ids, test.linked)
			}
		})
	}
	server := newCallLog(t)
	want := map[string]int{"perPage": 2, "page": 1, "pageStart": 0, "pageEnd": 1, "totalPages": 2, "totalElements": 3}
	if diff := cmp.Diff(want, getCallLog(t, server, query).Paging); diff != "" {
		t.Errorf("paging (-want +got):\n%s", diff)
	}
}

func TestCallLogRefusals(t *testing.T) {
	t.Parallel()
	company := func(s *ringsensetest.Server) { s.SetCompanyCallLog(false) }
	scope := func(s *ringsensetest.Server) { s.SetCallLogScope(false) }
	tests := map[string]struct {
		target string
		token  string // empty for a good one
		set    func(*ringsensetest.Server)
		status int
		code   string
	}{
		"no token":             {callLogPath, "-", nil, 401, "OAU-213"},
		"no permission":        {callLogPath, "", company, 403, "CMN-408"},
		"permission not asked": {"/restapi/v1.0/account/~/extension/~/call-log", "", company, 200, ""},
		"no scope":             {callLogPath, "", scope, 403, "CMN-401"},
		"no scope, the own":    {"/restapi/v1.0/account/~/extension/~/call-log", "", scope, 403, "CMN-401"},
		"unknown extension":    {"/restapi/v1.0/account/~/extension/77/call-log", "", nil, 404, "CMN-102"},
		"another account":      {"/restapi/v1.0/account/77/call-log", "", nil, 404, "CMN-102"},
		"escaped tilde":        {"/restapi/v1.0/account/%7E/call-log", "", nil, 404, "AGW-404"},
		"no extension":         {"/restapi/v1.0/account/~/extension//call-log", "", nil, 404, "AGW-404"},
		"no account":           {"/restapi/v1.0/account//call-log", "", nil, 404, "AGW-404"},
		"longer path":          {callLogPath + "/x/y/call-log", "", nil, 404, "AGW-404"},
		"start":                {callLogPath + "?dateFrom=yesterday", "", nil, 400, "CMN-101"},
		"end":                  {callLogPath + "?dateTo=today", "", nil, 400, "CMN-101"},
		"page":                 {callLogPath + "?page=0", "", nil, 400, "CMN-101"},
		"page that is none":    {callLogPath + "?page=x", "", nil, 400, "CMN-101"},
		"page size":            {callLogPath + "?perPage=1001", "", nil, 400, "CMN-101"},
		"view":                 {callLogPath + "?view=Full", "", nil, 400, "CMN-101"},
		"recording type":       {callLogPath + "?recordingType=None", "", nil, 400, "CMN-101"},
		"direction":            {callLogPath + "?direction=Inbound&direction=Up", "", nil, 400, "CMN-101"},
		"two numbers":          {callLogPath + "?phoneNumber=1&extensionNumber=2", "", nil, 400, "CMN-101"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newCallLog(t)
			if test.set != nil {
				test.set(server)
			}
			token := test.token
			if token == "" {
				token = server.IssueToken()
			}
			answer, body := call{target: test.target, token: token}.send(t, server)
			if answer.StatusCode != test.status || !strings.Contains(body, test.code) {
				t.Errorf("got %s %s, want %d %s", answer.Status, body, test.status, test.code)
			}
		})
	}
	server := newCallLog(t)
	company(server)
	server.SetCompanyCallLog(true)
	getCallLog(t, server, callLogPath)
}

// TestCallLogNamesOneParameter: of several that are wrong always the same one.
func TestCallLogNamesOneParameter(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ query, want string }{
		"one":               {"type=Telex", "type"},
		"all":               {"type=Telex&direction=Up&view=Full&recordingType=None", "recordingType"},
		"all but the first": {"type=Telex&direction=Up&view=Full", "view"},
		"the last two":      {"type=Telex&direction=Up", "direction"},
		"a page before":     {"type=Telex&page=0", "page"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newCallLog(t)
			for range 20 { // as often as chance would not agree
				_, body := call{target: callLogPath + "?" + tt.query, token: server.IssueToken()}.send(t, server)
				if !strings.Contains(body, `"parameterName":"`+tt.want+`"`) {
					t.Fatalf("got %s, want the parameter %s", body, tt.want)
				}
			}
		})
	}
}

func TestAddCallRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, doc, want string }{
		{"nothing", "", "not a JSON object"},
		{"a list", `["hidden"]`, "not a JSON object"},
		{"no id", `{"startTime":"2024-05-01T10:00:00Z"}`, "no id"},
		{"no time", `{"id":"hidden"}`, "no startTime"},
		{"another shape", `{"id":"hidden","legs":7}`, "not shaped"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := ringsensetest.NewServer().AddCallJSON([]byte(tt.doc))
			if err == nil || !strings.HasPrefix(err.Error(), "ringsensetest: AddCallJSON: the document ") ||
				!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hidden") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	for want, bad := range map[string]*ringsense.CallRecord{
		"nil call": nil,
		"ringsensetest: AddCall: the document has no id": {},
		"not valid JSON": {ID: "a", Extra: map[string]json.RawMessage{"x": json.RawMessage("{")}},
	} {
		func() {
			defer func() {
				if text, ok := recover().(string); !ok || !strings.Contains(text, want) {
					t.Errorf("got the panic %q, want %q", text, want)
				}
			}()
			ringsensetest.NewServer().AddCall(bad)
		}()
	}
}

// TestAddCallAgain: of calls with one id the last one counts.
func TestAddCallAgain(t *testing.T) {
	t.Parallel()
	server := newCallLog(t)
	if err := server.AddCallJSON([]byte("\ufeff" + strings.Replace(inbound, "10:00", "13:00", 1))); err != nil {
		t.Fatal(err)
	}
	got := getCallLog(t, server, callLogPath+"?dateFrom=2024-05-01T00:00:00Z&dateTo=2024-05-02T00:00:00Z")
	if ids := got.ids(t); ids != "acb" {
		t.Errorf("got %q", ids)
	}
}

// TestCallLogOverHTTP: the address of the next page is one of the server, also
// under a path.
func TestCallLogOverHTTP(t *testing.T) {
	t.Parallel()
	server := newCallLog(t)
	web := httptest.NewServer(http.StripPrefix("/fake", server))
	t.Cleanup(web.Close)
	client, err := ringsense.NewClient(
		ringsense.JWT(ringsensetest.ClientID, ringsensetest.ClientSecret, ringsensetest.UserJWT),
		ringsense.WithBaseURL(web.URL+"/fake"), ringsense.WithHTTPClient(web.Client()))
	if err != nil {
		t.Fatal(err)
	}
	var found, calls int
	for r, err := range client.CallRecordings(t.Context(), ringsense.CallLogQuery{From: time.Date(2024, time.May, 1, 0, 0, 0, 0, time.UTC), PerPage: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		if found++; r.Call.ID == "a" || r.Call.ID == "b" {
			calls++
		}
	}
	if found != 1 || calls != 1 { // the other call has a recording without an id
		t.Errorf("got %d recordings", found)
	}
}
