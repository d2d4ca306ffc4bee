package ringsensetest_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

const (
	insightsPath = "/ai/ringsense/v1/public/accounts/"
	jwtGrant     = "urn:ietf:params:oauth:grant-type:jwt-bearer"
)

// call is a request as a program in another language would send it.
type call struct {
	method, target, id, secret, token, contentType, body string
}

func (c call) send(t *testing.T, server http.Handler) (*http.Response, string) {
	t.Helper()
	if c.method == "" {
		c.method = http.MethodGet
	}
	req := httptest.NewRequestWithContext(t.Context(), c.method, c.target, strings.NewReader(c.body))
	if c.id != "" {
		req.SetBasicAuth(c.id, c.secret)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.contentType != "" {
		req.Header.Set("Content-Type", c.contentType)
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, req)
	answer := w.Result()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Header.Get("RCRequestId") == "" {
		t.Error("the answer has no RCRequestId")
	}
	return answer, string(body)
}

type errorBody struct {
	ErrorCode string `json:"errorCode"`
	OAuth     string `json:"error"`
	Errors    []struct {
		ErrorCode string `json:"errorCode"`
	} `json:"errors"`
}

func login() call {
	return call{
		method: http.MethodPost, target: "/restapi/oauth/token", id: ringsensetest.ClientID, secret: ringsensetest.ClientSecret,
		contentType: "application/x-www-form-urlencoded; charset=utf-8",
		body:        url.Values{"grant_type": {jwtGrant}, "assertion": {ringsensetest.UserJWT}}.Encode(),
	}
}

func TestTokenGrant(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	server.SetTokenLifetime(10 * time.Minute)
	answer, body := login().send(t, server)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("got %s", answer.Status)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"access_token": "fake-access-token-1", "token_type": "bearer", "expires_in": 600.0, "scope": "ReadAccounts ReadCallLog SubscriptionWebhook RingSense",
		"owner_id": ringsensetest.ExtensionID, "endpoint_id": "fake-endpoint", "session_id": "fake-session",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	server.SetScope(false)
	if _, body := login().send(t, server); strings.Contains(body, " RingSense") {
		t.Errorf("got %s, want no RingSense among the scopes", body)
	}
}

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	form := func(fields ...string) func(*call) {
		values := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			values.Set(fields[i], fields[i+1])
		}
		return func(c *call) { c.body = values.Encode() }
	}
	tests := []struct {
		name   string
		change func(*call)
		error  string
	}{
		{"no basic authentication", func(c *call) { c.id = "" }, "invalid_client"},
		{"wrong secret", func(c *call) { c.secret = "wrong" }, "invalid_client"},
		{"wrong client id", func(c *call) { c.id = "wrong" }, "invalid_client"},
		{"JSON", func(c *call) { c.contentType = "application/json" }, "invalid_request"},
		{"another grant", form("grant_type", "password", "assertion", ringsensetest.UserJWT), "unsupported_grant_type"},
		{"no assertion", form("grant_type", jwtGrant), "invalid_request"},
		{"wrong assertion", form("grant_type", jwtGrant, "assertion", "wrong"), "invalid_grant"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := login()
			tt.change(&c)
			answer, body := c.send(t, ringsensetest.NewServer())
			var got errorBody
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if answer.StatusCode != http.StatusBadRequest || got.OAuth != tt.error || !strings.HasPrefix(got.Errors[0].ErrorCode, "OAU-") {
				t.Errorf("got %s %s, want 400 %s", answer.Status, body, tt.error)
			}
		})
	}
}

// TestRevocation ends a token, and is as strict as the login.
func TestRevocation(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	login().send(t, server)
	revoke := login()
	revoke.target, revoke.body = "/restapi/oauth/revoke", "token=fake-access-token-1"
	for name, change := range map[string]func(*call){
		"no basic authentication":    func(c *call) { c.id = "" },
		"a form that is called JSON": func(c *call) { c.contentType = "application/json" },
		"JSON": func(c *call) {
			c.contentType, c.body = "application/json", `{"token":"fake-access-token-1"}`
		},
		"JSON that is called a form": func(c *call) { c.body = `{"token":"fake-access-token-1"}` },
		"no token":                   func(c *call) { c.body = "" },
	} {
		refused := revoke
		change(&refused)
		if answer, body := refused.send(t, server); answer.StatusCode != http.StatusBadRequest || !strings.Contains(body, "OAU-") {
			t.Errorf("%s: got %s %s, want 400", name, answer.Status, body)
		}
	}
	insights := call{target: insightsPath + "~/domains/pbx/records/31/insights", token: "fake-access-token-1"}
	if answer, _ := insights.send(t, server); answer.StatusCode == http.StatusUnauthorized {
		t.Error("a refused revocation ended the token")
	}
	for range 2 {
		if answer, body := revoke.send(t, server); answer.StatusCode != http.StatusOK || body != "" {
			t.Errorf("got %s %q, want 200 and nothing", answer.Status, body)
		}
	}
	if answer, body := insights.send(t, server); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("got %s %s after the revocation, want 401", answer.Status, body)
	}
	for _, r := range server.Requests() {
		if strings.Contains(string(r.Body), "fake-access-token") {
			t.Errorf("the journal of %s holds the token", r.Op)
		}
	}
}

// The journal holds no credential of any grant, also of those that are refused.
func TestJournalHoldsNoCredentialOfALogin(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]url.Values{
		"JWT":                {"grant_type": {jwtGrant}, "assertion": {"private"}},
		"client in the body": {"grant_type": {jwtGrant}, "client_id": {"public"}, "client_secret": {"private"}},
		"client's JWT":       {"grant_type": {jwtGrant}, "client_assertion": {"private"}},
		"password":           {"grant_type": {"password"}, "username": {"public"}, "password": {"private"}},
		"refresh token":      {"grant_type": {"refresh_token"}, "refresh_token": {"private"}},
		"code":               {"grant_type": {"authorization_code"}, "code": {"private"}, "code_verifier": {"private"}},
		"access token":       {"access_token": {"private"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			attempt := login()
			attempt.body = form.Encode()
			attempt.send(t, server)
			journal := server.Requests()
			if len(journal) != 1 || len(journal[0].Body) == 0 || strings.Contains(string(journal[0].Body), "private") {
				t.Errorf("the journal has %d requests, or a credential", len(journal))
			}
		})
	}
}

func newServer(t *testing.T) *ringsensetest.Server {
	t.Helper()
	server := ringsensetest.NewServer()
	for _, doc := range []string{phone, renamed, meeting} {
		if err := server.AddJSON([]byte(doc)); err != nil {
			t.Fatal(err)
		}
	}
	return server
}

// The white space is there to be kept.
const (
	phone = "{ \"sourceRecordId\": \"31\", \"sourceSessionId\":\"s-1\",\n \"insights\": {\"Summary\": [{\"value\":\"a\"}]," +
		" \"HighLights\": [{\"value\":\"b\"}], \"AIScore\": []} } "
	renamed = "\ufeff{\"domains\":\"pbx\",\"sourceRecordId\":32,\"sourceSessionId\":\"s-1\"}"
	meeting = `{"domain":"rcv","sourceRecordId":"a!b@c/d","sourceSessionId":"a!b@c/d","insights":{"QnA":[]}}`
)

func TestInsights(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, target, want string }{
		{"record", "~/domains/pbx/records/31/insights", phone},
		{"record by the account's id", ringsensetest.AccountID + "/domains/pbx/records/31/insights", phone},
		{"record under the old name of its domain", "~/domains/pbx/records/32/insights", renamed},
		{"escaped id", "~/domains/rcv/records/a%21b@c%2Fd/insights", meeting},
		{
			"session", "~/domains/pbx/sessions/s-1/insights",
			`{"records":[` + phone + `,` + strings.TrimPrefix(renamed, "\ufeff") + `],"paging":{"page":1,"pageEnd":1,"pageStart":0,` +
				`"perPage":100,"sortableFields":[],"totalElements":2,"totalPages":1}}`,
		},
		{
			"types", "~/domains/pbx/records/31/insights?insightTypes=Highlights&insightTypes=AIScore&insightTypes=Sentiment",
			`{"insights":{"AIScore":[],"HighLights":[{"value":"b"}]},"sourceRecordId":"31","sourceSessionId":"s-1"}`,
		},
		{"types of a record without insights", "~/domains/pbx/records/32/insights?insightTypes=Summary", renamed},
		{
			"types of a session", "~/domains/rcv/sessions/a!b@c%2Fd/insights?insightTypes=Summary",
			`{"records":[{"domain":"rcv","insights":{},"sourceRecordId":"a!b@c/d","sourceSessionId":"a!b@c/d"}],` +
				`"paging":{"page":1,"pageEnd":0,"pageStart":0,"perPage":100,"sortableFields":[],"totalElements":1,"totalPages":1}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			for range 2 { // what was added is not changed by an answer
				answer, body := call{target: insightsPath + tt.target, token: server.IssueToken()}.send(t, server)
				if answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
					t.Errorf("got %s, %v", answer.Status, answer.Header)
				}
				if diff := cmp.Diff(tt.want, body); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestInsightsRefusals(t *testing.T) {
	t.Parallel()
	const good = "~/domains/pbx/records/31/insights"
	permit := func(scope, permission bool) func(*ringsensetest.Server) {
		return func(s *ringsensetest.Server) {
			s.SetScope(scope)
			s.SetPermission(permission)
		}
	}
	tests := []struct {
		name   string
		call   call
		set    func(*ringsensetest.Server)
		status int
		code   string
		top    string // the code on top of the body
	}{
		{"no token", call{target: good, token: "-"}, nil, 401, "AGW-402", "AGW-402"},
		{"basic authentication", call{target: good, token: "-", id: ringsensetest.ClientID, secret: "x"}, nil, 401, "AGW-402", "AGW-402"},
		{"unknown token", call{target: good, token: ringsensetest.UserJWT}, nil, 401, "OAU-213", "TokenInvalid"},
		{"expired token", call{target: good}, (*ringsensetest.Server).ExpireTokens, 401, "OAU-210", "TokenInvalid"},
		{"no scope", call{target: good}, permit(false, true), 403, "CMN-401", "InsufficientPermissions"},
		{"no permission", call{target: good}, permit(true, false), 403, "RAH-3005", ""},
		{"permitted again", call{target: good}, func(s *ringsensetest.Server) {
			permit(false, false)(s)
			permit(true, true)(s)
		}, 200, "", ""},
		{"unknown record", call{target: "~/domains/pbx/records/33/insights"}, nil, 404, "RAH-3001", ""},
		{"record of another domain", call{target: "~/domains/rcx/records/31/insights"}, nil, 404, "RAH-3001", ""},
		{"unknown session", call{target: "~/domains/pbx/sessions/31/insights"}, nil, 404, "RAH-3001", ""},
		{"another account", call{target: "77/domains/pbx/records/31/insights"}, nil, 404, "CMN-102", "CMN-102"},
		{"escaped tilde", call{target: "%7E/domains/pbx/records/31/insights"}, nil, 404, "AGW-404", "AGW-404"},
		{"escaped tilde in lower case", call{target: "%7e/domains/pbx/records/31/insights"}, nil, 404, "AGW-404", "AGW-404"},
		{"unknown path", call{target: "~/domains/pbx/calls/31/insights"}, nil, 404, "AGW-404", "AGW-404"},
		{"no id", call{target: "~/domains/pbx/records//insights"}, nil, 404, "AGW-404", "AGW-404"},
		{"longer path", call{target: good + "/x"}, nil, 404, "AGW-404", "AGW-404"},
		{"another method", call{method: http.MethodPost, target: good}, nil, 404, "AGW-404", "AGW-404"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			switch tt.call.token {
			case "":
				tt.call.token = server.IssueToken()
			case "-":
				tt.call.token = ""
			}
			if tt.set != nil {
				tt.set(server)
			}
			tt.call.target = insightsPath + tt.call.target
			answer, body := tt.call.send(t, server)
			if answer.StatusCode != tt.status {
				t.Errorf("got %s, want %d", answer.Status, tt.status)
			}
			if tt.status == http.StatusOK {
				return
			}
			var got errorBody
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if len(got.Errors) != 1 || got.Errors[0].ErrorCode != tt.code || got.ErrorCode != tt.top {
				t.Errorf("got %s, want code %q, and %q on top", body, tt.code, tt.top)
			}
		})
	}
}

func TestTokenEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t)
		token := server.IssueToken()
		for _, step := range []struct {
			after  time.Duration
			status int
		}{{0, 200}, {time.Hour - time.Second, 200}, {time.Second, 401}} {
			time.Sleep(step.after)
			answer, _ := call{target: insightsPath + "~/domains/pbx/records/31/insights", token: token}.send(t, server)
			if answer.StatusCode != step.status {
				t.Errorf("after %v more: got %s, want %d", step.after, answer.Status, step.status)
			}
		}
	})
}

func TestUnknownPath(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	answer, body := call{target: "/restapi/v1.0/account/~"}.send(t, server)
	if answer.StatusCode != http.StatusNotFound || !strings.Contains(body, "AGW-404") {
		t.Errorf("got %s %s", answer.Status, body)
	}
	if requests := server.Requests(); len(requests) != 1 || requests[0].Op != "" {
		t.Errorf("got %+v, want one request without an operation", requests)
	}
}

func TestAddJSONRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, doc, want string }{
		{"nothing", "", "not a JSON object"},
		{"broken", `{"sourceRecordId":"hidden"`, "not a JSON object"},
		{"a list", `["hidden"]`, "not a JSON object"},
		{"null", `null`, "not a JSON object"},
		{"no id", `{"title":"hidden"}`, "no sourceRecordId"},
		{"empty id", `{"sourceRecordId":""}`, "no sourceRecordId"},
		{"null id", `{"sourceRecordId":null}`, "no sourceRecordId"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := ringsensetest.NewServer().AddJSON([]byte(tt.doc))
			if err == nil || !strings.HasPrefix(err.Error(), "ringsensetest: AddJSON: the document ") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hidden") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestAdd: the fake has a copy, and the last one counts.
func TestAdd(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	doc := []byte(`{"sourceRecordId":"34","title":"before"}`)
	if err := server.AddJSON(doc); err != nil {
		t.Fatal(err)
	}
	copy(doc, strings.Repeat("x", len(doc)))
	record := &ringsense.RecordingInsights{SourceRecordID: "31", Title: "after <b>"}
	server.Add(record)
	record.Title = "changed"
	client := server.Client()
	for id, want := range map[string]string{"31": "after <b>", "34": "before"} {
		got, err := client.RecordingInsights(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if got.Title != want {
			t.Errorf("%s: got %q, want %q", id, got.Title, want)
		}
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	for _, tt := range []struct {
		name, want string
		do         func()
	}{
		{"refused option", "WithBaseURL", func() { server.Client(ringsense.WithBaseURL("")) }},
		{"nil record", "nil record", func() { server.Add(nil) }},
		{"record without an id", "ringsensetest: Add: the document has no sourceRecordId", func() { server.Add(&ringsense.RecordingInsights{}) }},
		{"record that does not encode", "not valid JSON", func() {
			server.Add(&ringsense.RecordingInsights{Extra: map[string]json.RawMessage{"x": json.RawMessage(`{`)}})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if text, ok := recover().(string); !ok || !strings.Contains(text, tt.want) {
					t.Errorf("got the panic %q, want %q", text, tt.want)
				}
			}()
			tt.do()
		})
	}
}

// TestFaults come in the order of Fail, each for its operation.
func TestFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t)
		server.Fail(ringsensetest.Fault{Op: "SessionInsights", Status: 500, Body: "mine"})
		server.Fail(ringsensetest.Fault{Status: 503, Header: http.Header{"Retry-After": {"7"}}, Body: "any", Delay: time.Second})
		server.Fail(ringsensetest.Fault{N: 2, Delay: time.Second})
		get := call{target: insightsPath + "~/domains/pbx/records/31/insights", token: server.IssueToken()}
		start := time.Now()
		answer, body := get.send(t, server)
		if answer.StatusCode != http.StatusServiceUnavailable || body != "any" || answer.Header.Get("Retry-After") != "7" {
			t.Errorf("got %s %q %v, want the second fault", answer.Status, body, answer.Header)
		}
		for range 3 {
			if answer, body = get.send(t, server); answer.StatusCode != http.StatusOK || body != phone {
				t.Errorf("got %s %q, want the fake's own answer", answer.Status, body)
			}
		}
		if waited := time.Since(start); waited != 3*time.Second {
			t.Errorf("waited %v, want 3s", waited)
		}
	})
}

// TestBrokenAnswer stalls after three bytes and breaks off after five.
func TestBrokenAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t)
		server.Fail(ringsensetest.Fault{Op: "RecordingInsights", Delay: time.Second, DelayAfter: 3, CutAfter: 5})
		start := time.Now()
		record, err := server.Client(ringsense.WithRetry(ringsense.RetryPolicy{MaxAttempts: 1})).RecordingInsights(t.Context(), "31")
		if !errors.Is(err, io.ErrUnexpectedEOF) || time.Since(start) != time.Second {
			t.Errorf("got %v, %v after %v, want an answer that breaks off after a second", record, err, time.Since(start))
		}
	})
}

// TestRequests: what was sent can be looked at, but for credentials.
func TestRequests(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	login().send(t, server)
	call{target: insightsPath + "~/domains/pbx/records/31/insights?insightTypes=a&insightTypes=b", token: "fake-access-token-1"}.send(t, server)
	got := server.Requests()
	for i := range got {
		if h := got[i].Header.Get("Authorization"); h != "REMOVED" {
			t.Errorf("got the header %q", h)
		}
		got[i].Header = nil
	}
	want := []ringsensetest.Request{
		{
			Op: "Token", Method: http.MethodPost, Path: "/restapi/oauth/token", Query: url.Values{},
			Body: []byte("assertion=REMOVED&grant_type=" + url.QueryEscape(jwtGrant)),
		},
		{
			Op: "RecordingInsights", Method: http.MethodGet, Path: insightsPath + "~/domains/pbx/records/31/insights",
			Query: url.Values{"insightTypes": {"a", "b"}}, Body: []byte{},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestOverHTTP: under a path, by a client of the program's own making.
func TestOverHTTP(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	web := httptest.NewServer(http.StripPrefix("/fake", server))
	t.Cleanup(web.Close)
	client, err := ringsense.NewClient(
		ringsense.JWT(ringsensetest.ClientID, ringsensetest.ClientSecret, ringsensetest.UserJWT),
		ringsense.WithBaseURL(web.URL+"/fake"), ringsense.WithHTTPClient(web.Client()))
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.RecordingInsights(t.Context(), "a!b@c/d", ringsense.InDomain(ringsense.DomainRCV))
	if err != nil {
		t.Fatal(err)
	}
	if got.RawJSON() != meeting {
		t.Errorf("got %s", got.RawJSON())
	}
}
