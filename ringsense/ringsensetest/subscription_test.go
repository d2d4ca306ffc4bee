package ringsensetest_test

import (
	"context"
	"encoding/json"
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

const (
	subscriptionPath = "/restapi/v1.0/subscription"
	pbxFilter        = "/ai/ringsense/v1/public/accounts/~/domains/pbx/insights"
	hookMode         = `"deliveryMode":{"transportType":"WebHook","address":"https://hooks.example.com/a"}`
)

// ask sends a request with a JSON body to the fake.
func ask(t *testing.T, server *ringsensetest.Server, method, path, body string) (status int, answer map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://ringcentral.test"+subscriptionPath+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+server.IssueToken())
	req.Header.Set("Content-Type", "application/json")
	resp, err := memory(server).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	_ = json.NewDecoder(resp.Body).Decode(&answer) // is empty after a deletion
	return resp.StatusCode, answer
}

func TestSubscriptionRefusals(t *testing.T) {
	t.Parallel()
	create := func(members string) string { return `{` + members + `}` }
	filters := `"eventFilters":["` + pbxFilter + `"]`
	tests := map[string]struct {
		method, path, body string
		status             int
		code               string
	}{
		"no JSON":                {"POST", "", `{"verificationToken":"hidden`, 400, "CMN-101"},
		"no filters":             {"POST", "", create(hookMode), 400, "CMN-101"},
		"unknown domain":         {"POST", "", create(`"eventFilters":["/ai/ringsense/v1/public/accounts/~/domains/fax/insights"],` + hookMode), 400, "SUB-508"},
		"no insights":            {"POST", "", create(`"eventFilters":["/ai/ringsense/v1/public/accounts/~/domains/pbx/notes"],` + hookMode), 400, "SUB-508"},
		"another account":        {"POST", "", create(`"eventFilters":["/ai/ringsense/v1/public/accounts/77/domains/pbx/insights"],` + hookMode), 400, "SUB-508"},
		"unknown path":           {"POST", "", create(`"eventFilters":["/restapi/v1.0/accounts"],` + hookMode), 400, "SUB-508"},
		"no time":                {"POST", "", create(filters + `,"expiresIn":0,` + hookMode), 400, "CMN-101"},
		"more than ten years":    {"POST", "", create(filters + `,"expiresIn":315360001,` + hookMode), 400, "CMN-101"},
		"no delivery mode":       {"POST", "", create(filters), 400, "CMN-101"},
		"another transport":      {"POST", "", create(filters + `,"deliveryMode":{"transportType":"PubNub","address":"https://a.example.com"}`), 400, "CMN-101"},
		"no address":             {"POST", "", create(filters + `,"deliveryMode":{"transportType":"WebHook"}`), 400, "CMN-101"},
		"no TLS":                 {"POST", "", create(filters + `,"deliveryMode":{"transportType":"WebHook","address":"http://a.example.com"}`), 400, "SUB-523"},
		"unknown subscription":   {"GET", "/x", "", 404, "CMN-102"},
		"renew unknown":          {"POST", "/x/renew", "", 404, "CMN-102"},
		"update unknown":         {"PUT", "/x", create(filters), 404, "CMN-102"},
		"update without filters": {"PUT", "/fake-subscription-1", `{"expiresIn":60}`, 400, "CMN-101"},
		"update without JSON":    {"PUT", "/fake-subscription-1", `x`, 400, "CMN-101"},
		"unknown action":         {"POST", "/fake-subscription-1/resume", "", 404, "AGW-404"},
		"another path":           {"GET", "s", "", 404, "AGW-404"},
		"an action on the list":  {"POST", "/renew", "", 404, "AGW-404"},
		"an action twice":        {"POST", "/fake-subscription-1/renew/renew", "", 404, "AGW-404"},
		"an action by GET":       {"GET", "/fake-subscription-1/renew", "", 404, "AGW-404"},
		"delete them all":        {"DELETE", "", "", 404, "AGW-404"},
		"another method":         {"PATCH", "/fake-subscription-1", "", 404, "AGW-404"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			if status, answer := ask(t, server, "POST", "", create(filters+","+hookMode)); status != http.StatusOK {
				t.Fatal(status, answer)
			}
			status, answer := ask(t, server, tt.method, tt.path, tt.body)
			if status != tt.status || answer["errorCode"] != tt.code {
				t.Errorf("got %d %v, want %d %s", status, answer, tt.status, tt.code)
			}
			for _, r := range server.Requests() {
				if strings.Contains(string(r.Body), "hidden") {
					t.Errorf("the journal shows %s", r.Body)
				}
			}
		})
	}
}

func TestSubscriptionLogin(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	answer, body := call{target: subscriptionPath}.send(t, server)
	if answer.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "AGW-402") {
		t.Errorf("got %d %s, want 401 AGW-402", answer.StatusCode, body)
	}
	server.SetSubscriptionScope(false)
	status, refused := ask(t, server, "GET", "", "")
	if status != http.StatusForbidden || refused["permissionName"] != "SubscriptionWebhook" {
		t.Errorf("got %d %v, want 403", status, refused)
	}
	server.SetSubscriptionScope(true)
	status, list := ask(t, server, "GET", "", "")
	if diff := cmp.Diff([]any{}, list["records"]); status != http.StatusOK || diff != "" {
		t.Errorf("got %d (-want +got):\n%s", status, diff)
	}
}

// TestSubscriptionLimit: thirty at a time, of which those that end make room.
func TestSubscriptionLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		body := `{"eventFilters":["` + pbxFilter + `"],"expiresIn":60,` + hookMode + `}`
		make30 := func(want int) {
			t.Helper()
			made := 0
			for range 31 {
				status, answer := ask(t, server, "POST", "", body)
				if status == http.StatusOK {
					made++
				} else if answer["errorCode"] != "SUB-505" {
					t.Errorf("got %d %v", status, answer)
				}
			}
			if made != want {
				t.Errorf("made %d, want %d", made, want)
			}
		}
		make30(30)
		if status, _ := ask(t, server, "DELETE", "/fake-subscription-7", ""); status != http.StatusNoContent {
			t.Errorf("got %d, want 204", status)
		}
		make30(1)
		time.Sleep(time.Minute)
		make30(30)
		if n := len(server.Subscriptions()); n != 30 {
			t.Errorf("%d are listed, want 30", n)
		}
	})
}

// TestSubscriptionEnds after its time, which is a week unless said otherwise.
func TestSubscriptionEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		body := `{"eventFilters":["` + pbxFilter + `"],` + hookMode + `}`
		_, made := ask(t, server, "POST", "", body)
		id, _ := made["id"].(string)
		time.Sleep(7*24*time.Hour - time.Second)
		for _, renew := range [][2]string{{"POST", "/" + id + "/renew"}, {"PUT", "/" + id}} {
			if status, answer := ask(t, server, renew[0], renew[1], ""); status != http.StatusOK || answer["expiresIn"] != 604800.0 {
				t.Errorf("got %d %v", status, answer)
			}
		}
		if status, answer := ask(t, server, "PUT", "/"+id, `{"eventFilters":["/restapi/v1.0/account/~/telephony/sessions?withRecordings=true"],"expiresIn":90}`); status != http.StatusOK || answer["expiresIn"] != 90.0 {
			t.Errorf("got %d %v", status, answer)
		}
		time.Sleep(90 * time.Second)
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			if status, answer := ask(t, server, method, "/"+id, ""); status != http.StatusNotFound || answer["errorCode"] != "SUB-507" {
				t.Errorf("%s: got %d %v, want 404 SUB-507", method, status, answer)
			}
		}
	})
}

// TestHandshake: what the service asks of an address before it sends events.
func TestHandshake(t *testing.T) {
	t.Parallel()
	answer := func(status int, token, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if token == "" {
				token = r.Header.Get("Validation-Token")
			}
			w.Header().Set("Validation-Token", token)
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	tests := map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"good":                 {answer(200, "", "application/json", ""), ""},
		"good, with a charset": {answer(200, "", "application/json; charset=utf-8", "{}"), ""},
		"another status":       {answer(204, "", "application/json", ""), "status 204"},
		"another token":        {answer(200, "x", "application/json", ""), "Validation-Token"},
		"no token":             {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "application/json") }, "Validation-Token"},
		"another type":         {answer(200, "", "text/plain", ""), "Content-Type"},
		"no type":              {answer(200, "", "", ""), "Content-Type"},
		"too long a body":      {answer(200, "", "application/json", strings.Repeat("x", 1000)), "1024 bytes"},
		"too long a header": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-A", strings.Repeat("x", 950))
			answer(200, "", "application/json", "")(w, r)
		}, "1024 bytes"},
		"just in time": {func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(2999 * time.Millisecond)
			answer(200, "", "application/json", "")(w, r)
		}, ""},
		"too late": {func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(3001 * time.Millisecond)
			answer(200, "", "application/json", "")(w, r)
		}, "in time"},
		"broken off": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "in time"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				var got *http.Request
				server.SetReceiver(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if got = r; len(server.Subscriptions()) != 0 {
						t.Error("the subscription is there before the address has answered")
					}
					tt.handler(w, r)
				}))
				_, err := server.Client().Subscribe(t.Context(), request())
				time.Sleep(time.Second) // the slow one comes to its end
				if got == nil || got.Method != http.MethodPost || got.ContentLength != 0 || got.URL.String() != request().Address ||
					len(got.Header.Get("Validation-Token")) < 20 || got.Header.Get("Verification-Token") != request().VerificationToken {
					t.Errorf("the address got %+v", got)
				}
				if tt.want == "" {
					if err != nil || len(server.Subscriptions()) != 1 {
						t.Errorf("got %v and %d subscriptions", err, len(server.Subscriptions()))
					}
					return
				}
				refused, ok := errors.AsType[*ringsense.Error](err)
				if !ok || refused.Code != "SUB-525" || !strings.Contains(refused.Message, tt.want) || len(server.Subscriptions()) != 0 {
					t.Errorf("got %v, want SUB-525 and %q", err, tt.want)
				}
			})
		})
	}
}

// TestBlacklist: nothing but a subscription that has not ended can be given up.
func TestBlacklist(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	s := request()
	s.EventFilters = []string{"/restapi/v1.0/account/~/extension/~/presence"}
	made, err := server.Client().Subscribe(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if server.Blacklist("nobody", "") || !server.Blacklist(made.ID, "no answer") {
		t.Error("the wrong subscription was found")
	}
	if _, answer := ask(t, server, "PUT", "/"+made.ID, `{"eventFilters":["`+s.EventFilters[0]+`"]}`); answer["status"] != "Blacklisted" {
		t.Errorf("got %v", answer)
	}
	got := server.Subscriptions()[0]
	want := []string{"/restapi/v1.0/account/" + ringsensetest.AccountID + "/extension/" + ringsensetest.ExtensionID + "/presence"}
	if diff := cmp.Diff(want, got.EventFilters); diff != "" || got.BlacklistedData.Reason != "no answer" {
		t.Errorf("got %v (-want +got):\n%s", got.BlacklistedData, diff)
	}
	for _, r := range server.Requests() {
		if r.Op == "UpdateSubscription" && string(r.Body) != `{"eventFilters":["`+s.EventFilters[0]+`"]}` {
			t.Errorf("got the request %s", r.Body)
		}
	}
	server.DisableFilter(s.EventFilters[0], "CMN-401")
	if got := server.Subscriptions()[0].DisabledFilters; len(got) != 1 || got[0].Filter != want[0] || got[0].Reason != "CMN-401" {
		t.Errorf("got the disabled filters %v", got)
	}
}

func request() ringsense.SubscriptionRequest {
	return ringsense.SubscriptionRequest{
		EventFilters: []string{pbxFilter}, Address: "https://hooks.example.com/a?b=c", VerificationToken: "a-token-of-the-test",
	}
}

// subscribe makes a subscription to the given domains.
func subscribe(t *testing.T, server *ringsensetest.Server, domains ...ringsense.Domain) string {
	t.Helper()
	s := request()
	s.EventFilters = ringsense.InsightsFilters(domains...)
	made, err := server.Client().Subscribe(context.WithoutCancel(t.Context()), s)
	if err != nil {
		t.Fatal(err)
	}
	return made.ID
}

// TestDisableFilter: "~" and the id of the account are the same filter.
func TestDisableFilter(t *testing.T) {
	t.Parallel()
	const placed = "/ai/ringsense/v1/public/accounts/" + ringsensetest.AccountID + "/domains/pbx/insights"
	tilde := ringsense.InsightsFilters(ringsense.DomainPBX)[0]
	for _, disabled := range []string{tilde, placed} {
		for _, subscribed := range []string{tilde, placed} {
			server := ringsensetest.NewServer()
			server.SetReceiver(&mailbox{})
			server.DisableFilter(disabled, "CMN-401")
			s := ringsense.SubscriptionRequest{
				EventFilters: []string{subscribed}, Address: "https://hooks.example.com/", VerificationToken: "a-token-of-the-test",
			}
			if _, err := server.Client().Subscribe(t.Context(), s); !errors.Is(err, ringsense.ErrScopeMissing) {
				t.Errorf("%s is off, %s is not: %v", disabled, subscribed, err)
			}
			deliver := func() int {
				delivered, err := server.Deliver(t.Context(), ringsensetest.EventPayload(&ringsense.RecordingInsights{SourceRecordID: "31"}))
				if err != nil {
					t.Error(err)
				}
				return len(delivered)
			}
			if n := deliver(); n != 0 {
				t.Errorf("%d events are delivered for a filter that is off", n)
			}
			if server.DisableFilter(subscribed, ""); deliver() != 1 {
				t.Error("no event is delivered for a filter that is on again")
			}
		}
	}
}
