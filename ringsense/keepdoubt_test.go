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

// lossy loses the answers to some requests.
type lossy struct {
	next http.RoundTripper
	lose func(*http.Request) bool
}

func (l lossy) RoundTrip(req *http.Request) (*http.Response, error) {
	answer, err := l.next.RoundTrip(req)
	if err == nil && l.lose(req) {
		_ = answer.Body.Close()
		return nil, errors.New("connection reset")
	}
	return answer, err
}

// TestKeepSubscribedAdopts what it made although the answer was lost, and
// nothing that was there before, as that has another token.
func TestKeepSubscribedAdopts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		var tokens []string
		server.SetReceiver(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength > 0 {
				tokens = append(tokens, r.Header.Get("Verification-Token"))
			}
			echo(w, r)
		}))
		old := hookRequest()
		old.VerificationToken = "the-token-of-a-former-run"
		if _, err := server.Client().Subscribe(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		lost := 0
		k := keep(t, server, hookRequest(), ringsense.WithHTTPClient(&http.Client{Transport: lossy{
			inMemoryTransport(server), func(r *http.Request) bool {
				if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/subscription") || lost > 0 {
					return false
				}
				lost++
				return true
			},
		}}))
		k.expect(t, "the answer is lost", "failed")
		live(t, server, 2)
		time.Sleep(6 * time.Second)
		k.expect(t, "then", "adopted removed")
		live(t, server, 1)
		if _, err := server.Deliver(t.Context(), ringsensetest.EventPayload(&ringsense.RecordingInsights{SourceRecordID: "31"})); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{hookRequest().VerificationToken}, tokens); diff != "" {
			t.Errorf("tokens (-want +got):\n%s", diff)
		}
		k.stop(t)
	})
}

// TestKeepSubscribedInDoubt: what was not made is made, and what cannot be
// renewed is not adopted.
func TestKeepSubscribedInDoubt(t *testing.T) {
	t.Parallel()
	made := `{"records":[` + strings.ReplaceAll(madeWith(``), aReminder, "") + `]}`
	tests := map[string]struct {
		faults  []ringsensetest.Fault
		changes string
	}{
		"not made": {nil, "failed created"},
		"made and gone": {[]ringsensetest.Fault{
			{Op: "Subscriptions", Status: 200, Body: `{"records":[]}`}, {Op: "Subscriptions", Status: 200, Body: made},
		}, "failed created"},
		"made, renewal fails": {[]ringsensetest.Fault{
			{Op: "Subscriptions", Status: 200, Body: `{"records":[]}`},
			{Op: "Subscriptions", Status: 200, Body: made},
			{Op: "RenewSubscription", Status: 500},
		}, "failed " + "failed created"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				server.Fail(ringsensetest.Fault{Op: "Subscribe", Status: 502})
				for _, f := range tt.faults {
					server.Fail(f)
				}
				k := keep(t, server, hookRequest())
				time.Sleep(30 * time.Second)
				k.expect(t, "after a failure", tt.changes)
				live(t, server, 1)
				k.stop(t)
			})
		})
	}
}

// aReminder is a second filter, in a list of them.
const aReminder = `,"/restapi/v1.0/subscription/~?interval=30&threshold=60"`

// madeWith is a subscription in a list, with more members.
func madeWith(more string) string {
	return `{"id":"x","eventFilters":["/ai/ringsense/v1/public/accounts/~/domains/pbx/insights"` + aReminder + `],` +
		`"deliveryMode":{"address":"` + hook + `"}` + more + `}`
}

// TestKeepSubscribedAdoptsWhatItMade, in another spelling too, and nothing else.
func TestKeepSubscribedAdoptsWhatItMade(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		record  string
		adopted bool
	}{
		"made":            {madeWith(``), true},
		"with an account": {strings.ReplaceAll(madeWith(``), "accounts/~", "accounts/"+ringsensetest.AccountID), true},
		"host, capitals":  {strings.ReplaceAll(madeWith(``), "hooks.example", "Hooks.Example"), true},
		"blacklisted":     {madeWith(`,"status":"Blacklisted"`), false},
		"filters off":     {madeWith(`,"disabledFilters":[{"filter":"/x","reason":"CMN-401"}]`), false},
		"another domain":  {strings.ReplaceAll(madeWith(``), "/pbx/", "/rcv/"), false},
		"another query":   {strings.ReplaceAll(madeWith(``), "=30", "=20"), false},
		"an odd query":    {strings.ReplaceAll(madeWith(``), "=30", "=%zz"), false},
		"another path":    {strings.ReplaceAll(madeWith(``), "/insights", "/insights/more"), false},
		"a filter less":   {strings.ReplaceAll(madeWith(``), aReminder, ""), false},
		"another address": {strings.ReplaceAll(madeWith(``), hook, hook+"/other"), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				for _, fault := range []ringsensetest.Fault{
					{Op: "Subscribe", Status: 502},
					{Op: "Subscriptions", Status: 200, Body: `{"records":[]}`},
					{Op: "Subscriptions", Status: 200, Body: `{"records":[` + tt.record + `]}`},
					{Op: "RenewSubscription", Status: 200, Body: `{"id":"x","expiresIn":604800}`},
				} {
					server.Fail(fault)
				}
				s := hookRequest()
				s.EventFilters = append(s.EventFilters, ringsense.ReminderFilter(time.Minute, 30*time.Second))
				k := keep(t, server, s)
				k.expect(t, "the answer is lost", "failed")
				time.Sleep(6 * time.Second)
				if got, want := k.take(), map[bool]string{true: "adopted", false: "created"}[tt.adopted]; got != want {
					t.Errorf("got the changes %q, want %q", got, want)
				}
				k.stop(t)
			})
		})
	}
}

// TestKeepSubscribedDoubtWithoutList: what was there before a subscription was
// made is not known then, so that nothing is adopted.
func TestKeepSubscribedDoubtWithoutList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		k := keep(t, server, hookRequest())
		k.expect(t, "at first", "created")
		if err := k.client.Unsubscribe(t.Context(), live(t, server, 1)[0].ID); err != nil {
			t.Fatal(err)
		}
		foreign := hookRequest()
		foreign.VerificationToken = "a-token-of-somebody-else"
		if _, err := k.client.Subscribe(t.Context(), foreign); err != nil {
			t.Fatal(err)
		}
		server.Fail(ringsensetest.Fault{Op: "Subscriptions", N: 4, Status: 500})
		server.Fail(ringsensetest.Fault{Op: "Subscribe", Status: 502})
		time.Sleep(6 * time.Minute)
		k.expect(t, "then", "lost failed created removed")
		live(t, server, 1)
		k.stop(t)
	})
}
