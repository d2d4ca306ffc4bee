package ringsense_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// candidates of a 404, each of which a person should think of.
var candidates = [...]string{"not be ready", "no licence", "not have been recorded", "retention", "the id or the domain is wrong", "another account"}

func TestErrorBodies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		status  int
		body    string
		code    string
		message string
		details []ringsense.ErrorDetail
		is      []error
		isNot   []error
		text    []string
	}{
		{
			name: "insights not found, errors alone", status: 404,
			body: `{"errors":[{"errorCode":"RAH-3001","message":"Nothing here"}]}`,
			code: "RAH-3001", message: "Nothing here",
			details: []ringsense.ErrorDetail{{Code: "RAH-3001", Message: "Nothing here"}},
			is:      []error{ringsense.ErrNotFound, ringsense.ErrInsightsNotFound},
			text:    candidates[:],
		},
		{
			name: "path unknown to the gateway", status: 404,
			body: `{"errorCode":"AGW-404","message":"No route","errors":[{"errorCode":"AGW-404","message":"No route"}]}`,
			code: "AGW-404", message: "No route",
			details: []ringsense.ErrorDetail{{Code: "AGW-404", Message: "No route"}},
			is:      []error{ringsense.ErrNotFound}, isNot: []error{ringsense.ErrInsightsNotFound},
			text: []string{"not provisioned", "base URL"},
		},
		{
			name: "not found without a code", status: 404, body: `{}`,
			is: []error{ringsense.ErrNotFound}, isNot: []error{ringsense.ErrInsightsNotFound},
			text: append([]string{"not provisioned"}, candidates[:]...),
		},
		{
			name: "scope missing, old word on top", status: 403,
			body: `{"errorCode":"InsufficientPermissions","message":"Old","errors":[{"errorCode":"CMN-401",` +
				`"message":"New","permissionName":"RingSense"}],"permissionName":"RingSense"}`,
			code: "CMN-401", message: "New",
			details: []ringsense.ErrorDetail{{Code: "CMN-401", Message: "New", Parameter: "RingSense"}},
			is:      []error{ringsense.ErrForbidden, ringsense.ErrScopeMissing}, isNot: []error{ringsense.ErrPermissionMissing},
			text: []string{"scope", "new access token", "new JWT"},
		},
		{
			name: "permission missing, code on top", status: 403,
			body: `{"errorCode":"CMN-408","message":"No","permissionName":"ReadCompanyCallRecording"}`,
			code: "CMN-408", message: "No",
			details: []ringsense.ErrorDetail{{Code: "CMN-408", Message: "No", Parameter: "ReadCompanyCallRecording"}},
			is:      []error{ringsense.ErrForbidden, ringsense.ErrPermissionMissing}, isNot: []error{ringsense.ErrScopeMissing},
			text: []string{"AI Conversation Expert - Access Insights", "ReadRingSenseInsights", "ReadCompanyCallRecording"},
		},
		{
			name: "permission missing, second of two errors", status: 403,
			body: `{"errors":[{"errorCode":"CMN-402","message":"a"},{"errorCode":"RAH-3005","message":"b"}]}`,
			code: "CMN-402", message: "a",
			details: []ringsense.ErrorDetail{{Code: "CMN-402", Message: "a"}, {Code: "RAH-3005", Message: "b"}},
			is:      []error{ringsense.ErrForbidden, ringsense.ErrPermissionMissing},
		},
		{
			name: "forbidden for another reason", status: 403, body: `{"errorCode":"CMN-403","message":"No"}`,
			code: "CMN-403", message: "No",
			is: []error{ringsense.ErrForbidden}, isNot: []error{ringsense.ErrScopeMissing, ringsense.ErrPermissionMissing},
		},
		{
			name: "OAuth body", status: 401,
			body: `{"error":"invalid_token","error_description":"Gone","errors":[{"errorCode":"OAU-210","message":"Expired",` +
				`"parameters":[{"parameterName":"access_token","parameterValue":"hidden"}]}]}`,
			code: "OAU-210", message: "Expired",
			details: []ringsense.ErrorDetail{{Code: "OAU-210", Message: "Expired", Parameter: "access_token"}},
			is:      []error{ringsense.ErrUnauthorized}, text: []string{"expired, revoked"},
		},
		{
			name: "OAuth body without errors", status: 401, body: `{"error":"invalid_token","error_description":"Gone"}`,
			code: "invalid_token", message: "Gone", is: []error{ringsense.ErrUnauthorized},
		},
		{
			name: "bad parameter", status: 400,
			body: `{"errorCode":"InvalidParameter","errors":[{"errorCode":"CMN-101","message":"Bad","parameterName":"insightTypes",` +
				`"parameterValue":"hidden","extra":{"a":[1]}}]}`,
			code: "CMN-101", message: "Bad",
			details: []ringsense.ErrorDetail{{Code: "CMN-101", Message: "Bad", Parameter: "insightTypes"}},
			is:      []error{ringsense.ErrInvalidRequest},
		},
		{name: "page of a proxy", status: 403, body: "<html>hidden</html>", is: []error{ringsense.ErrForbidden}},
		{name: "no body", status: 418, is: []error{ringsense.ErrInvalidRequest}},
		{
			name: "other kinds of values", status: 400,
			body: `{"errorCode":["a"],"message":{"b":1},"error":7,"errors":[null,"text",{"errorCode":{"c":1},"parameters":"d"},{"parameters":[]}]}`,
			code: "7", details: []ringsense.ErrorDetail{{}, {Message: "text"}, {}, {}},
			is: []error{ringsense.ErrInvalidRequest},
		},
		{
			name: "errors that are no list", status: 400, body: `{"errorCode":"CMN-101","errors":{"errorCode":"b"}}`,
			code: "CMN-101", is: []error{ringsense.ErrInvalidRequest},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			server.Fail(ringsensetest.Fault{Op: "SessionInsights", N: -1, Status: tt.status, Body: tt.body})
			_, err := server.Client().SessionInsights(t.Context(), "s-1")
			failed, ok := errors.AsType[*ringsense.Error](err)
			if !ok {
				t.Fatalf("got %v, want an *Error", err)
			}
			if failed.StatusCode != tt.status || failed.Code != tt.code || failed.Message != tt.message || failed.RequestID == "" {
				t.Errorf("got %+v", failed)
			}
			if diff := cmp.Diff(tt.details, failed.Details); diff != "" {
				t.Errorf("details (-want +got):\n%s", diff)
			}
			checkKinds(t, err, tt.is, tt.isNot)
			for _, text := range tt.text {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("the text %q lacks %q", err, text)
				}
			}
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("the text %q shows the body", err)
			}
			if string(failed.Body()) != tt.body {
				t.Errorf("got the body %q", failed.Body())
			}
		})
	}
}

// TestFakeRefusals: what the service itself would say to these.
func TestFakeRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		set  func(*ringsensetest.Server)
		id   string
		opts []ringsense.Option
		code string
		is   error
	}{
		{name: "unknown id", id: "31", code: "RAH-3001", is: ringsense.ErrInsightsNotFound},
		{name: "no scope", id: callID, set: func(s *ringsensetest.Server) { s.SetScope(false) }, code: "CMN-401", is: ringsense.ErrScopeMissing},
		{
			name: "no permission", id: callID, set: func(s *ringsensetest.Server) { s.SetPermission(false) },
			code: "RAH-3005", is: ringsense.ErrPermissionMissing,
		},
		{
			name: "base URL with the path of another interface", id: callID, code: "AGW-404", is: ringsense.ErrNotFound,
			opts: []ringsense.Option{ringsense.WithBaseURL("https://ringcentral.test/restapi/v1.0")},
			set: func(s *ringsensetest.Server) {
				s.Fail(ringsensetest.Fault{Status: 200, Body: `{"access_token":"fake","token_type":"bearer","expires_in":3600}`})
			},
		},
		{
			name: "another account", id: callID, code: "CMN-102", is: ringsense.ErrNotFound,
			opts: []ringsense.Option{ringsense.WithAccount("77")},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			if tt.set != nil {
				tt.set(server)
			}
			_, err := server.Client(tt.opts...).RecordingInsights(t.Context(), tt.id)
			failed, ok := errors.AsType[*ringsense.Error](err)
			if !ok || failed.Code != tt.code || !errors.Is(err, tt.is) {
				t.Errorf("got %v, want code %s and %q", err, tt.code, tt.is)
			}
			if got := len(server.Requests()); got != 2 {
				t.Errorf("got %d requests, want a login and one request", got)
			}
		})
	}
}

// TestWrongIDs: the service does not tell what is wrong with an id or a domain,
// so the error names all that it may be.
func TestWrongIDs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		id     string
		domain ringsense.Domain
	}{
		"of another domain":             {callID, ringsense.DomainRCX},
		"of a domain that is not known": {callID, "fax"},
		"of another account or nothing": {"3199999999999", ringsense.DomainPBX},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newServer(t).Client()
			_, recordErr := client.RecordingInsights(t.Context(), tt.id, ringsense.InDomain(tt.domain))
			_, sessionErr := client.SessionInsights(t.Context(), tt.id, ringsense.InDomain(tt.domain))
			for _, err := range []error{recordErr, sessionErr} {
				if !errors.Is(err, ringsense.ErrInsightsNotFound) {
					t.Fatalf("got %v, want ErrInsightsNotFound", err)
				}
				for _, text := range candidates {
					if !strings.Contains(err.Error(), text) {
						t.Errorf("the text %q lacks %q", err, text)
					}
				}
			}
		})
	}
}

// TestAnotherAccount: where the service says which id it does not know, so does
// the error.
func TestAnotherAccount(t *testing.T) {
	t.Parallel()
	foreign := newServer(t).Client(ringsense.WithAccount("77"))
	_, record := foreign.RecordingInsights(t.Context(), callID)
	_, session := foreign.SessionInsights(t.Context(), "s-1")
	_, wait := foreign.WaitRecordingInsights(t.Context(), callID)
	_, backfill := read(t, foreign.Backfill(backfillQuery), nil)
	for err, parameter := range map[error]string{
		record: "accountId", session: "accountId", wait: "accountId", backfill: "accountId",
	} {
		for _, want := range []string{parameter, "CMN-102", "of another account than that of the login"} {
			if !errors.Is(err, ringsense.ErrNotFound) || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want ErrNotFound with %q", err, want)
			}
		}
	}
}

// TestAbsence: the error says in which domain the insights are not, once that
// there are none, and which id a session goes by.
func TestAbsence(t *testing.T) {
	t.Parallel()
	const rest = "the insights may not be ready yet, the owner may have no licence, the call may not have been recorded, " +
		"they may be past their retention time (one year by default), or the id or the domain is wrong, or the id is one of another account"
	const session = "; or for phone calls it is the telephonySessionId, s-..., not the sessionId"
	ask := func(record bool, id string, domain ringsense.Domain) error {
		client := newServer(t).Client()
		if record {
			_, err := client.RecordingInsights(t.Context(), id, ringsense.InDomain(domain))
			return err
		}
		_, err := client.SessionInsights(t.Context(), id, ringsense.InDomain(domain))
		return err
	}
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"recording":             {ask(true, "31", ringsense.DomainPBX), rest + " (asked for in domain pbx)"},
		"of a meeting":          {ask(true, "31", ringsense.DomainRCV), rest + " (asked for in domain rcv)"},
		"session":               {ask(false, "s-31", ringsense.DomainPBX), rest + " (asked for in domain pbx)"},
		"session of another id": {ask(false, "31", ringsense.DomainPBX), rest + session + " (asked for in domain pbx)"},
		"session of a meeting":  {ask(false, "31", ringsense.DomainRCV), rest + " (asked for in domain rcv)"},
	} {
		failed, ok := errors.AsType[*ringsense.Error](tt.err)
		if !ok || !errors.Is(tt.err, ringsense.ErrInsightsNotFound) || failed.Err.Error() != tt.want {
			t.Errorf("%s: got %v, want %q", name, tt.err, tt.want)
		}
	}
}

// TestAbsenceElsewhere: of another resource the error knows no domain.
func TestAbsenceElsewhere(t *testing.T) {
	t.Parallel()
	server := historyServer()
	server.Fail(ringsensetest.Fault{Op: "Get", Status: http.StatusNotFound, Body: `{"errors":[{"errorCode":"RAH-3001","message":"Nothing"}]}`})
	err := server.Client().Get(t.Context(), historyPath(), nil, new(any))
	if !errors.Is(err, ringsense.ErrInsightsNotFound) || strings.Contains(err.Error(), "asked for in domain") {
		t.Errorf("got %v", err)
	}
}

// TestUnknownSubscription: whatever is done to it, one that is not there is to be
// made anew.
func TestUnknownSubscription(t *testing.T) {
	t.Parallel()
	client := ringsensetest.NewServer().Client()
	_, got := client.Subscription(t.Context(), "77")
	_, renewed := client.RenewSubscription(t.Context(), "77")
	_, updated := client.UpdateSubscription(t.Context(), "77", ringsense.SubscriptionRequest{EventFilters: ringsense.InsightsFilters(ringsense.DomainPBX)})
	for name, err := range map[string]error{"get": got, "renew": renewed, "update": updated, "end": client.Unsubscribe(t.Context(), "77")} {
		if !errors.Is(err, ringsense.ErrNotFound) || !strings.Contains(err.Error(), "the subscription does not exist, or has ended: make it anew") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestRepeated: a failure that passes is not the caller's, one that lasts is.
func TestRepeated(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		fault    ringsensetest.Fault
		is       error
		attempts int
	}{
		{"gateway fails twice", ringsensetest.Fault{N: 2, Status: http.StatusBadGateway, Body: "<html>"}, nil, 3},
		{"gateway fails for good", ringsensetest.Fault{N: -1, Status: http.StatusBadGateway, Body: "<html>"}, ringsense.ErrUnavailable, 4},
		{"rate limit", ringsensetest.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"30"}}}, nil, 2},
		{
			"rate limit for too long",
			ringsensetest.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"600"}}},
			ringsense.ErrRateLimited, 1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := newServer(t)
				tt.fault.Op = "RecordingInsights"
				server.Fail(tt.fault)
				start := time.Now()
				_, err := server.Client().RecordingInsights(t.Context(), callID)
				if !errors.Is(err, tt.is) {
					t.Errorf("got %v, want %v", err, tt.is)
				}
				if got := count(server, "RecordingInsights"); got != tt.attempts {
					t.Errorf("got %d attempts, want %d", got, tt.attempts)
				}
				if waited := time.Since(start); waited > 90*time.Second {
					t.Errorf("waited %v", waited)
				}
			})
		})
	}
}

// TestRefinedSentinels match their kind by themselves.
func TestRefinedSentinels(t *testing.T) {
	t.Parallel()
	for refined, kind := range map[error]error{
		ringsense.ErrScopeMissing:      ringsense.ErrForbidden,
		ringsense.ErrPermissionMissing: ringsense.ErrForbidden,
		ringsense.ErrInsightsNotFound:  ringsense.ErrNotFound,
	} {
		if !errors.Is(refined, kind) {
			t.Errorf("%q is not %q", refined, kind)
		}
	}
}
