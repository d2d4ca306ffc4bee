package ringsensetest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

func TestPermissionQuestions(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.SetPermission(false)
	server.SetCompanyCallLog(false)
	token := server.IssueToken()
	const account = "/restapi/v1.0/account/"
	tests := map[string]struct {
		method, target, token string
		status                int
		want                  string
	}{
		"granted":            {"GET", account + "~/extension/~/authz-profile/check?permissionId=ReadCompanyCallRecording", token, 200, `"successful":true,"details":`},
		"granted, own ids":   {"GET", account + "1000000001/extension/1000000101/authz-profile/check?permissionId=ReadCallLog", token, 200, `"id":"ReadCallLog"`},
		"not granted":        {"GET", account + "~/extension/~/authz-profile/check?permissionId=ReadRingSenseInsights", token, 200, `"successful":false}`},
		"not granted, other": {"GET", account + "~/extension/~/authz-profile/check?permissionId=FullCompanyCallLog", token, 200, `"successful":false}`},
		"not known":          {"GET", account + "~/extension/~/authz-profile/check?permissionId=Fly", token, 400, "CMN-101"},
		"no question":        {"GET", account + "~/extension/~/authz-profile/check", token, 400, "CMN-101"},
		"no token":           {"GET", account + "~/extension/~/authz-profile/check?permissionId=ReadCallLog", "", 401, "AGW-402"},
		"another account":    {"GET", account + "7/extension/~/authz-profile/check?permissionId=ReadCallLog", token, 404, "CMN-102"},
		"escaped tilde":      {"GET", account + "%7E/extension/~/authz-profile/check?permissionId=ReadCallLog", token, 404, "AGW-404"},
		"other method":       {"POST", account + "~/extension/~/authz-profile/check?permissionId=ReadCallLog", token, 404, "AGW-404"},
		"other path":         {"GET", account + "~/extension/~/authz-profile?permissionId=ReadCallLog", token, 404, "AGW-404"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, body := call{method: test.method, target: test.target, token: test.token}.send(t, server)
			if answer.StatusCode != test.status || !strings.Contains(body, test.want) {
				t.Errorf("got %s %s, want %d with %q", answer.Status, body, test.status, test.want)
			}
		})
	}
}

func TestPermissionScopes(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	question := call{target: "/restapi/v1.0/account/~/extension/~/authz-profile/check?permissionId=ReadCallLog", token: server.IssueToken()}
	if _, body := question.send(t, server); !strings.Contains(body, `"scopes":["Account"]`) {
		t.Errorf("at first: got %s", body)
	}
	server.SetPermissionScopes("Self", "Group")
	if _, body := question.send(t, server); !strings.Contains(body, `"scopes":["Self","Group"]`) {
		t.Errorf("then: got %s", body)
	}
}

func TestAddedAnswers(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	document := []byte(` {"meetings": []}`)
	server.AddAnswer("/rcvideo/v1/history/meetings", document)
	server.AddAnswer("/restapi/oauth/token", document)
	document[2] = 'x' // later changes are not seen
	history := call{target: "/rcvideo/v1/history/meetings?type=All", token: server.IssueToken()}
	answer, body := history.send(t, server)
	if answer.StatusCode != http.StatusOK || body != ` {"meetings": []}` || !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
		t.Errorf("got %s %q", answer.Status, body)
	}
	history.method = http.MethodPost
	if answer, body := history.send(t, server); answer.StatusCode != http.StatusNotFound || !strings.Contains(body, "AGW-404") {
		t.Errorf("POST: got %s %s", answer.Status, body)
	}
	history.method, history.token = "", ""
	if answer, body := history.send(t, server); answer.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "AGW-402") {
		t.Errorf("without a token: got %s %s", answer.Status, body)
	}
	if _, body := login().send(t, server); !strings.Contains(body, "access_token") {
		t.Errorf("an answer took the place of the login: %s", body)
	}
	if got := server.Requests()[0].Op; got != "Get" {
		t.Errorf("got the operation %q, want Get", got)
	}
}

func TestAddAnswerPanics(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{
		"a query":         "/rcvideo/v1/history/meetings?type=All",
		"a fragment":      "/rcvideo/v1/history/meetings#1",
		"no slash":        "rcvideo/v1/history/meetings",
		"no path":         "",
		"a whole address": "https://ringcentral.test/rcvideo/v1/history/meetings",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "ringsensetest: AddAnswer: the path has") {
					t.Errorf("panic with %q, want one about the path", text)
				}
			}()
			ringsensetest.NewServer().AddAnswer(path, nil)
		})
	}
}

func TestEventPayload(t *testing.T) {
	t.Parallel()
	record := &ringsense.RecordingInsights{
		SourceRecordID: "31", LastModifiedTime: time.Date(2026, 3, 9, 14, 9, 40, 0, time.UTC),
		Insights: ringsense.Insights{Summary: []ringsense.Insight{{Value: "a"}}},
	}
	payload := ringsensetest.EventPayload(record)
	event, err := ringsense.ParseEvent(payload)
	if err != nil {
		t.Fatal(err)
	}
	if event.Filter != "/ai/ringsense/v1/public/accounts/1000000001/domains/pbx/insights" || event.AccountID != ringsensetest.AccountID ||
		event.OwnerID != ringsensetest.ExtensionID || event.SubscriptionID != ringsensetest.EventSubscriptionID || len(event.UUID) != 36 ||
		!event.Timestamp.Equal(record.LastModifiedTime.Add(time.Second)) || event.Insights.SourceRecordID != "31" {
		t.Errorf("got %s", payload)
	}
	if string(ringsensetest.EventPayload(record)) != string(payload) {
		t.Error("the same record gives another event")
	}
	changed := *record
	changed.Domain, changed.LastModifiedTime = ringsense.DomainRCV, time.Time{}
	other, err := ringsense.ParseEvent(ringsensetest.EventPayload(&changed, func(e *ringsense.Event) { e.SubscriptionID = "s-9" }))
	if err != nil {
		t.Fatal(err)
	}
	if other.UUID == event.UUID || !strings.Contains(other.Filter, "/rcv/") || other.SubscriptionID != "s-9" || !other.Timestamp.IsZero() {
		t.Errorf("got %+v, want another event", other)
	}
	bare, err := ringsense.ParseEvent(ringsensetest.EventPayload(record, func(e *ringsense.Event) { *e = ringsense.Event{Insights: e.Insights} }))
	if err != nil || bare.Filter != "" || bare.Insights.SourceRecordID != "31" {
		t.Errorf("got %+v, %v; want the record alone", bare, err)
	}
}

func TestEventPayloadPanics(t *testing.T) {
	t.Parallel()
	record := &ringsense.RecordingInsights{SourceRecordID: "31"}
	tests := map[string]struct {
		maker func()
		want  string
	}{
		"nil record": {func() { ringsensetest.EventPayload(nil) }, "nil record"},
		"no event":   {func() { ringsensetest.EventPayload(record, func(e *ringsense.Event) { e.Filter = "/x" }) }, "cannot be written"},
		"no JSON": {func() {
			ringsensetest.EventPayload(&ringsense.RecordingInsights{Extra: map[string]json.RawMessage{"a": json.RawMessage("{")}})
		}, "a"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, "ringsensetest: EventPayload: ") || !strings.Contains(text, test.want) {
					t.Errorf("panic with %q, want one about %q", text, test.want)
				}
			}()
			test.maker()
		})
	}
}
