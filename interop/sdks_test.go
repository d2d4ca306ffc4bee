package interop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// report is what a program prints: the answers as its SDK hands them out.
type report struct {
	Refused     refusal                   `json:"refused"` // the login with a wrong JWT
	AccessToken string                    `json:"accessToken"`
	Recording   json.RawMessage           `json:"recording"`
	Part        json.RawMessage           `json:"part"` // of the recording
	Session     session                   `json:"session"`
	Permission  json.RawMessage           `json:"permission"`
	Calls       []json.RawMessage         `json:"calls"`
	Pages       int                       `json:"pages"` // of the calls
	Created     *ringsense.Subscription   `json:"created"`
	Listed      []*ringsense.Subscription `json:"listed"`
	Found       *ringsense.Subscription   `json:"found"`
	Updated     *ringsense.Subscription   `json:"updated"`
	Renewed     *ringsense.Subscription   `json:"renewed"`
	Gone        refusal                   `json:"gone"` // the subscription after its end
}

type session struct {
	Records []json.RawMessage `json:"records"`
}

type refusal struct {
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// TestSDKs: the fake is what the vendor's own SDKs take for the service, and
// they read from it what the Go client reads.
func TestSDKs(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"ringcentral-sdk.mjs", "rc-ex-core.mjs"} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			own := w.subscribe(t)
			got := run(t, program, w.task())
			w.checkLogin(t, got)
			w.checkInsights(t, got)
			w.checkPermission(t, got)
			w.checkCallLog(t, got)
			w.checkSubscriptions(t, got, own)
		})
	}
}

// run fails the test if there is no Node, or nothing for it to run.
func run(t *testing.T, program string, what task) *report {
	t.Helper()
	needModules(t)
	input, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", program)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TASK=" + string(input)} // no proxy
	var problem bytes.Buffer
	cmd.Stderr = &problem
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("node %s, which needs Node 20 or later: %v\n%s", program, err, &problem)
	}
	got := new(report)
	if err := json.Unmarshal(output, got); err != nil {
		t.Fatalf("%s printed no report: %v", program, err)
	}
	return got
}

// needModules fails the test if npm has not brought the SDKs.
func needModules(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("node_modules/.package-lock.json"); err != nil {
		t.Fatal("the SDKs are not here: run npm ci --ignore-scripts --no-audit --no-fund in the folder interop, or .ci/run interop")
	}
}

// checkLogin: a wrong JWT is refused to the SDK as it is to the client, and the
// token of the right one ends with the logout.
func (w *world) checkLogin(t *testing.T, got *report) {
	t.Helper()
	_, err := w.login(t, w.task().WrongJWT).Subscriptions(t.Context())
	want := refusalOf(err)
	want.Message = "The assertion is not valid" // the client repeats no text that may quote a credential
	if diff := cmp.Diff(want, got.Refused); diff != "" || got.Refused.Code != "OAU-129" {
		t.Errorf("login with a wrong JWT (-client +SDK):\n%s", diff)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/restapi/v1.0/subscription", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+got.AccessToken)
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("the token is answered with %s after the logout, want 401", answer.Status)
	}
}

// refusalOf is what the service said: of a call whose login failed, to the login.
func refusalOf(err error) refusal {
	said := refusal{Message: fmt.Sprint(err)}
	for failed, ok := errors.AsType[*ringsense.Error](err); ok; failed, ok = errors.AsType[*ringsense.Error](failed.Err) {
		said = refusal{failed.StatusCode, failed.Code, failed.Message}
	}
	return said
}

func (w *world) checkInsights(t *testing.T, got *report) {
	t.Helper()
	record, err := w.client.RecordingInsights(t.Context(), recordingID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "recording (-fake +SDK)", w.recordings[0], got.Recording)
	same(t, "recording (-client +SDK)", json.RawMessage(record.RawJSON()), got.Recording)

	part, err := w.client.RecordingInsights(t.Context(), recordingID, ringsense.OnlyTypes(ringsense.TypeSummary, ringsense.TypeNextSteps))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "part of a recording (-client +SDK)", json.RawMessage(part.RawJSON()), got.Part)
	same(t, "insights of that part (-fake +SDK)", insightsOf(t, w.recordings[0], w.task().InsightTypes...), insightsOf(t, got.Part))

	session, err := w.client.SessionInsights(t.Context(), sessionID)
	if err != nil {
		t.Fatal(err)
	}
	var records []json.RawMessage
	for _, r := range session.Records {
		records = append(records, json.RawMessage(r.RawJSON()))
	}
	same(t, "session (-fake +SDK)", w.recordings, got.Session.Records)
	same(t, "session (-client +SDK)", records, got.Session.Records)
}

// insightsOf are those of a recording, of some kinds if any are named.
func insightsOf(t *testing.T, recording json.RawMessage, kinds ...string) map[string]any {
	t.Helper()
	var fields struct {
		Insights map[string]any `json:"insights"`
	}
	if err := json.Unmarshal(recording, &fields); err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(fields.Insights, func(kind string, _ any) bool { return kinds != nil && !slices.Contains(kinds, kind) })
	return fields.Insights
}

func (w *world) checkPermission(t *testing.T, got *report) {
	t.Helper()
	var want json.RawMessage
	path := []string{"restapi", "v1.0", "account", "~", "extension", "~", "authz-profile", "check"}
	if err := w.client.Get(t.Context(), path, url.Values{"permissionId": {permissionID}}, &want); err != nil {
		t.Fatal(err)
	}
	same(t, "permission (-client +SDK)", want, got.Permission)
}

// checkCallLog: the client yields the oldest call first.
func (w *world) checkCallLog(t *testing.T, got *report) {
	t.Helper()
	var calls []json.RawMessage
	for r, err := range w.client.CallRecordings(t.Context(), ringsense.CallLogQuery{From: w.start}) {
		if err != nil {
			t.Fatal(err)
		}
		calls = slices.Insert(calls, 0, json.RawMessage(r.Call.RawJSON()))
	}
	if got.Pages != 3 {
		t.Errorf("the SDK read %d pages of the call log, want 3", got.Pages)
	}
	same(t, "calls (-fake +SDK)", w.calls, got.Calls)
	same(t, "calls (-client +SDK)", calls, got.Calls)
}

// checkSubscriptions goes through the life of the one that the SDK made beside
// the client's own.
func (w *world) checkSubscriptions(t *testing.T, got *report, own *ringsense.Subscription) {
	t.Helper()
	want := *own
	want.ID, want.URI = got.Created.ID, w.url+"/restapi/v1.0/subscription/"+got.Created.ID
	want.EventFilters = filtersOf(ringsense.DomainPBX)
	changed := want
	changed.EventFilters = filtersOf(ringsense.DomainRCV)
	for _, step := range []struct {
		name           string
		want, got      *ringsense.Subscription
		seconds, least int64
	}{
		{"created", &want, got.Created, 600, 540},
		{"found", &want, got.Found, 600, 540},
		{"updated", &changed, got.Updated, 1200, 1140},
		{"renewed", &changed, got.Renewed, 1200, 1140},
	} {
		// What else it says of time is about another moment.
		ignored := cmpopts.IgnoreFields(ringsense.Subscription{}, "CreationTime", "ExpirationTime", "ExpiresIn")
		if diff := cmp.Diff(step.want, step.got, cmpopts.IgnoreUnexported(ringsense.Subscription{}), ignored); diff != "" {
			t.Errorf("subscription %s (-want +SDK):\n%s", step.name, diff)
		}
		if s := step.got.ExpiresIn; s < step.least || s > step.seconds {
			t.Errorf("subscription %s: %d s to live, want %d to %d", step.name, s, step.least, step.seconds)
		}
	}
	listed := cmp.Diff([]*ringsense.Subscription{own, got.Created}, got.Listed,
		cmpopts.IgnoreUnexported(ringsense.Subscription{}), cmpopts.IgnoreFields(ringsense.Subscription{}, "ExpiresIn"))
	if listed != "" {
		t.Errorf("list of subscriptions (-want +SDK):\n%s", listed)
	}
	_, err := w.client.Subscription(t.Context(), got.Created.ID)
	if diff := cmp.Diff(refusalOf(err), got.Gone); diff != "" || got.Gone.Status != http.StatusNotFound {
		t.Errorf("subscription after its end (-client +SDK):\n%s", diff)
	}
	close(w.handshakes)
	if first, second := <-w.handshakes, <-w.handshakes; first != ownToken || second != sdkToken {
		t.Errorf("the handshakes came with the tokens %q and %q, want those of the subscriptions", first, second)
	}
	if left := w.fake.Subscriptions(); len(left) != 1 || left[0].ID != own.ID {
		t.Errorf("the fake has %d subscriptions, want the client's own", len(left))
	}
}

// filtersOf are those of the service, which has the account's id in them.
func filtersOf(domain ringsense.Domain) []string {
	return []string{"/ai/ringsense/v1/public/accounts/" + ringsensetest.AccountID + "/domains/" + string(domain) + "/insights"}
}

// same compares JSON of which the order of members does not count.
func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(plain(t, want), plain(t, got)); diff != "" {
		t.Errorf("%s:\n%s", what, diff)
	}
}

func plain(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}
