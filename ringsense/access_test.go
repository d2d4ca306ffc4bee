package ringsense_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// answers are the checks by kind and name.
func answers(access *ringsense.Access) map[string]ringsense.Answer {
	all := make(map[string]ringsense.Answer)
	for _, check := range access.Checks {
		all[string(check.Kind)+" "+check.Name] = check.Answer
	}
	return all
}

func TestCheckAccess(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		set  func(*ringsensetest.Server)
		want map[string]ringsense.Answer // of what is not as usual
	}{
		"everything":                {func(*ringsensetest.Server) {}, nil},
		"no scope":                  {func(s *ringsensetest.Server) { s.SetScope(false) }, map[string]ringsense.Answer{"scope RingSense": "no"}},
		"no permission":             {func(s *ringsensetest.Server) { s.SetPermission(false) }, map[string]ringsense.Answer{"permission ReadRingSenseInsights": "no"}},
		"no company call log":       {func(s *ringsensetest.Server) { s.SetCompanyCallLog(false) }, map[string]ringsense.Answer{"permission FullCompanyCallLog": "no"}},
		"a question forbidden":      {func(s *ringsensetest.Server) { refuse(s, http.StatusForbidden) }, map[string]ringsense.Answer{"permission ReadRingSenseInsights": "unknown"}},
		"a question not known":      {func(s *ringsensetest.Server) { refuse(s, http.StatusNotFound) }, map[string]ringsense.Answer{"permission ReadRingSenseInsights": "unknown"}},
		"for everybody and oneself": {func(s *ringsensetest.Server) { s.SetPermissionScopes("Account", "Self") }, nil},
		"for whom is not said":      {func(s *ringsensetest.Server) { s.SetPermissionScopes() }, nil},
		"for oneself": {func(s *ringsensetest.Server) { s.SetPermissionScopes("Self") }, map[string]ringsense.Answer{
			"permission ReadRingSenseInsights": "unknown", "permission ReadCompanyCallRecording": "unknown", "permission FullCompanyCallLog": "unknown",
		}},
		"an answer without one": {
			func(s *ringsensetest.Server) {
				s.Fail(ringsensetest.Fault{Op: "CheckAccess", Status: http.StatusOK, Body: `{"uri":"https://x.test/"}`})
			}, map[string]ringsense.Answer{"permission ReadRingSenseInsights": "unknown"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			test.set(server)
			access, err := server.Client().CheckAccess(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]ringsense.Answer{
				"scope RingSense": "yes", "scope ReadCallLog": "yes", "scope SubscriptionWebhook": "yes",
				"permission ReadRingSenseInsights": "yes", "permission ReadCompanyCallRecording": "yes",
				"permission FullCompanyCallLog": "yes", "permission ReadCallLog": "yes",
				"licence AI Conversation Expert": "unknown",
			}
			maps.Copy(want, test.want)
			if diff := cmp.Diff(want, answers(access)); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
			for _, check := range access.Checks {
				if (check.Step == "") != (check.Answer == ringsense.AnswerYes) || check.For == "" {
					t.Errorf("%s: step %q for %q", check.Name, check.Step, check.For)
				}
			}
			if n := count(server, "CheckAccess"); n != 4 {
				t.Errorf("%d questions, want one for each permission", n)
			}
		})
	}
}

func refuse(s *ringsensetest.Server, status int) {
	s.Fail(ringsensetest.Fault{Op: "CheckAccess", Status: status, Body: `{"errors":[{"errorCode":"CMN-401","message":"No","permissionName":"ReadAccounts"}]}`})
}

// TestAccessDetails: what the service says of a permission is all there.
func TestAccessDetails(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	doc := document(t, "permission_check.json")
	server.Fail(ringsensetest.Fault{Op: "CheckAccess", Status: http.StatusOK, Body: string(doc)})
	access, err := server.Client().CheckAccess(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check, ok := access.Check(ringsense.AccessPermission, "ReadRingSenseInsights")
	if !ok || check.Answer != ringsense.AnswerYes || check.Err != nil {
		t.Fatalf("got %+v, %v", check, ok)
	}
	want := &ringsense.PermissionCheck{
		URI: "https://platform.example.com/restapi/v1.0/account/5500000001/extension/4400000009/authz-profile/check?permissionId=ReadRingSenseInsights", Successful: new(true),
		Details: &ringsense.PermissionDetails{
			Permission: ringsense.Permission{
				URI: "https://platform.example.com/restapi/v1.0/dictionary/permission/ReadRingSenseInsights", ID: "ReadRingSenseInsights",
				SiteCompatible: "Independent", ReadOnly: true, Assignable: true, PermissionsCapabilities: json.RawMessage(`{"enabled": true}`),
				Extra: map[string]json.RawMessage{"since": json.RawMessage(`"2025"`)},
			},
			EffectiveRole: ringsense.EffectiveRole{
				URI: "https://platform.example.com/restapi/v1.0/account/5500000001/user-role/77", ID: "77",
				Extra: map[string]json.RawMessage{"displayName": json.RawMessage(`"Analyst"`)},
			},
			Scopes: []string{"Account", "Self"},
			Extra:  map[string]json.RawMessage{"until": json.RawMessage(`null`)},
		},
		Extra: map[string]json.RawMessage{"cached": json.RawMessage(`false`)},
	}
	if diff := cmp.Diff(want, check.Permission, exportedOnly()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(doc)), check.Permission.RawJSON()); diff != "" {
		t.Errorf("RawJSON (-want +got):\n%s", diff)
	}
	wantScopes := []string{"ReadAccounts", "ReadCallLog", "SubscriptionWebhook", "RingSense"}
	if diff := cmp.Diff(wantScopes, access.Scopes); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
	if _, ok := access.Check(ringsense.AccessScope, "ReadRingSenseInsights"); ok {
		t.Error("found a check that is none")
	}
}

func TestAccessMissing(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	server.SetScope(false)
	server.SetPermission(false)
	access, err := server.Client().CheckAccess(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	missing := access.Missing()
	if len(missing) != 2 || missing[0].Kind != ringsense.AccessScope || missing[1].Kind != ringsense.AccessPermission {
		t.Fatalf("got %+v, want the scope and the permission", missing)
	}
	if !strings.Contains(missing[0].Step, "new access token") || !strings.Contains(missing[1].Step, "AI Conversation Expert - Access Insights") {
		t.Errorf("got the steps %q and %q", missing[0].Step, missing[1].Step)
	}
	refused := missing[1].Permission
	if refused == nil || refused.Successful == nil || *refused.Successful || refused.Details != nil {
		t.Errorf("got %+v, want the refusal of the service", refused)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("access", slog.Any("access", access), slog.Any("check", refused))
	granted, _ := access.Check(ringsense.AccessPermission, "ReadCallLog")
	slog.New(slog.NewTextHandler(&log, nil)).Info("granted", slog.Any("check", granted.Permission))
	if text := log.String(); !strings.Contains(text, "check.permission=ReadCallLog check.successful=true") || !strings.Contains(text, `"access.scope RingSense"=no`) || !strings.Contains(text, "check.successful=false") || strings.Contains(text, "https") {
		t.Errorf("got the log %s", text)
	}
}

// TestAccessOfForbiddenQuestions: the refusal is there to be read.
func TestAccessOfForbiddenQuestions(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	refuse(server, http.StatusForbidden)
	access, err := server.Client().CheckAccess(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check, _ := access.Check(ringsense.AccessPermission, "ReadRingSenseInsights")
	refused, ok := errors.AsType[*ringsense.Error](check.Err)
	if !ok || !errors.Is(check.Err, ringsense.ErrScopeMissing) || refused.Details[0].Parameter != "ReadAccounts" || check.Permission != nil {
		t.Errorf("got %+v, want the error of the service", check)
	}
	if !strings.Contains(check.Step, "see Err") || !strings.Contains(check.Step, "Access Insights") || strings.Contains(check.Err.Error(), "insights") {
		t.Errorf("got the step %q and the error %v", check.Step, check.Err)
	}
}

// TestAccessWithTokensOfOnesOwn: what their source says of their scopes counts.
func TestAccessWithTokensOfOnesOwn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		extra map[string]any
		want  ringsense.Answer
		step  string
	}{
		"scopes":          {map[string]any{"scope": "ringsense  ReadAccounts"}, ringsense.AnswerYes, ""},
		"other scopes":    {map[string]any{"scope": "ReadAccounts"}, ringsense.AnswerNo, "add the scope"},
		"blank scopes":    {map[string]any{"scope": " "}, ringsense.AnswerUnknown, "does not tell"},
		"nothing":         {nil, ringsense.AnswerUnknown, "does not tell"},
		"of another kind": {map[string]any{"scope": 7}, ringsense.AnswerUnknown, "does not tell"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			token := (&oauth2.Token{AccessToken: server.IssueToken()}).WithExtra(test.extra)
			client, err := ringsense.NewClient(ringsense.OAuth2(oauth2.StaticTokenSource(token)),
				ringsense.WithBaseURL("https://ringcentral.test"), through(server))
			if err != nil {
				t.Fatal(err)
			}
			access, err := client.CheckAccess(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			check, _ := access.Check(ringsense.AccessScope, "RingSense")
			if check.Answer != test.want || !strings.Contains(check.Step, test.step) {
				t.Errorf("got %q, %q; want %q, %q", check.Answer, check.Step, test.want, test.step)
			}
		})
	}
}

func TestCheckAccessFails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault ringsensetest.Fault
		is    error
	}{
		"login refused": {ringsensetest.Fault{Op: "Token", N: -1, Status: 400, Body: `{"error":"invalid_grant"}`}, ringsense.ErrUnauthorized},
		"token refused": {ringsensetest.Fault{Op: "CheckAccess", N: -1, Status: 401}, ringsense.ErrUnauthorized},
		"down":          {ringsensetest.Fault{Op: "CheckAccess", N: -1, Status: 502, Body: "<html>"}, ringsense.ErrUnavailable},
		"HTML":          {ringsensetest.Fault{Op: "CheckAccess", N: -1, Status: 200, Body: "<html>"}, ringsense.ErrInvalidResponse},
		"a list":        {ringsensetest.Fault{Op: "CheckAccess", N: -1, Status: 200, Body: "[]"}, ringsense.ErrInvalidResponse},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				server.Fail(test.fault)
				access, err := server.Client().CheckAccess(t.Context())
				failed, ok := errors.AsType[*ringsense.Error](err)
				if access != nil || !ok || failed.Op != "CheckAccess" || !errors.Is(err, test.is) {
					t.Errorf("got %v, %v; want %v", access, err, test.is)
				}
			})
		})
	}
	var none context.Context
	server := ringsensetest.NewServer()
	_, err := server.Client().CheckAccess(none)
	checkLocal(t, err, "CheckAccess", "context is nil")
	if n := len(server.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestAccessForOneself: the advice says what the matter is.
func TestAccessForOneself(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	server.SetPermissionScopes("Self")
	access, err := server.Client().CheckAccess(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check, _ := access.Check(ringsense.AccessPermission, "ReadRingSenseInsights")
	if !strings.Contains(check.Step, "for himself alone") || !strings.Contains(check.Step, "give the user a role") || check.Err != nil {
		t.Errorf("got the step %q and the error %v", check.Step, check.Err)
	}
	if diff := cmp.Diff([]string{"Self"}, check.Permission.Details.Scopes); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
}

// TestAccessToAnotherAccount: what is refused because of WithAccount says so.
func TestAccessToAnotherAccount(t *testing.T) {
	t.Parallel()
	client := ringsensetest.NewServer().Client(ringsense.WithAccount("7000000007"))
	access, err := client.CheckAccess(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	permissions := 0
	for _, check := range access.Checks {
		if check.Kind != ringsense.AccessPermission {
			continue
		}
		permissions++
		if check.Answer != ringsense.AnswerUnknown || check.Err == nil || !strings.Contains(check.Step, "leave WithAccount out") {
			t.Errorf("%s: got %q with the step %q and the error %v", check.Name, check.Answer, check.Step, check.Err)
		}
	}
	if permissions != 4 {
		t.Errorf("got %d permissions, want 4", permissions)
	}
	err = soleError(t, client.CallRecordings(t.Context(), ringsense.CallLogQuery{From: march, To: march.AddDate(0, 0, 1)}))
	if !errors.Is(err, ringsense.ErrNotFound) || !strings.Contains(err.Error(), "WithAccount") {
		t.Errorf("got %v, want an ErrNotFound that names WithAccount", err)
	}
}

// TestCheckAccessOfAccount asks about the account of the client.
func TestCheckAccessOfAccount(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	if _, err := server.Client(ringsense.WithAccount(ringsensetest.AccountID)).CheckAccess(t.Context()); err != nil {
		t.Fatal(err)
	}
	requests := server.Requests()
	got, want := requests[1], "/restapi/v1.0/account/1000000001/extension/~/authz-profile/check"
	if got.Method != http.MethodGet || got.Path != want || got.Query.Get("permissionId") != "ReadRingSenseInsights" {
		t.Errorf("got %s %s %v", got.Method, got.Path, got.Query)
	}
}

func TestPermissionDocuments(t *testing.T) {
	t.Parallel()
	jsontest.NoFieldForgotten[ringsense.PermissionCheck](t)
	jsontest.NoFieldForgotten[ringsense.PermissionDetails](t)
	jsontest.NoFieldForgotten[ringsense.Permission](t)
	jsontest.NoFieldForgotten[ringsense.EffectiveRole](t)
	doc := document(t, "permission_check.json")
	check := jsontest.Decodes[ringsense.PermissionCheck](t, doc)
	written, err := json.Marshal(check)
	if err != nil {
		t.Fatal(err)
	}
	jsontest.SameDocument(t, doc, written)
	for doc := range jsontest.Mutations(doc, 1, 300) {
		jsontest.Decodes[ringsense.PermissionCheck](t, doc)
	}
}

func FuzzPermissionCheck(f *testing.F) {
	f.Add(document(f, "permission_check.json"))
	f.Add([]byte(`{"successful":false}`))
	f.Add([]byte(`{"successful":null,"details":null}`))
	f.Fuzz(func(t *testing.T, doc []byte) { jsontest.Decodes[ringsense.PermissionCheck](t, doc) })
}
