package ringsense_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

const hook = "https://hooks.example.com/ringsense"

func hookRequest() ringsense.SubscriptionRequest {
	return ringsense.SubscriptionRequest{
		EventFilters:      ringsense.InsightsFilters(ringsense.DomainPBX),
		Address:           hook,
		VerificationToken: "a-token-of-the-test",
	}
}

// echo is the least that a handler of events does.
func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Validation-Token", r.Header.Get("Validation-Token"))
	w.Header().Set("Content-Type", "application/json")
}

// TestSubscriptionLife goes through all that can be done with a subscription.
func TestSubscriptionLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		server.SetReceiver(http.HandlerFunc(echo))
		client := server.Client()
		start := time.Now()

		made, err := client.Subscribe(t.Context(), hookRequest())
		if err != nil {
			t.Fatal(err)
		}
		if made.ID == "" || made.Status != ringsense.SubscriptionActive || made.DeliveryMode.Address != hook || made.RawJSON() == "" ||
			!made.ExpirationTime.Equal(start.Add(7*24*time.Hour)) || made.ExpiresIn != 7*24*3600 {
			t.Errorf("got %+v", made)
		}
		want := []string{"/ai/ringsense/v1/public/accounts/" + ringsensetest.AccountID + "/domains/pbx/insights"}
		if diff := cmp.Diff(want, made.EventFilters); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}

		time.Sleep(24 * time.Hour)
		renewed, err := client.RenewSubscription(t.Context(), made.ID)
		if err != nil || !renewed.ExpirationTime.Equal(start.Add(8*24*time.Hour)) {
			t.Errorf("renewed: got %v, %v", renewed, err)
		}
		updated, err := client.UpdateSubscription(t.Context(), made.ID, ringsense.SubscriptionRequest{
			EventFilters: ringsense.InsightsFilters(ringsense.DomainRCV, ringsense.DomainRCX), ExpiresIn: time.Hour + time.Millisecond,
		})
		if err != nil || len(updated.EventFilters) != 2 || updated.ExpiresIn != 3600 {
			t.Errorf("updated: got %v, %v", updated, err)
		}
		seen, err := client.Subscription(t.Context(), made.ID)
		if err != nil || seen.ID != made.ID {
			t.Errorf("seen: got %v, %v", seen, err)
		}
		all, err := client.Subscriptions(t.Context())
		if err != nil || len(all) != 1 || all[0].ID != made.ID {
			t.Errorf("listed: got %v, %v", all, err)
		}
		if err := client.Unsubscribe(t.Context(), made.ID); err != nil {
			t.Error(err)
		}
		if err := client.Unsubscribe(t.Context(), made.ID); !errors.Is(err, ringsense.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
		all, err = client.Subscriptions(t.Context())
		if err != nil || len(all) != 0 {
			t.Errorf("listed: got %v, %v, want none", all, err)
		}

		var sent []string
		for _, r := range server.Requests() {
			if r.Op == "Token" {
				continue
			}
			sent = append(sent, fmt.Sprintf("%s: %s %s %s", r.Op, r.Method, strings.TrimPrefix(r.Path, "/restapi/v1.0/subscription"), r.Body))
		}
		const filter = `"/ai/ringsense/v1/public/accounts/~/domains/`
		wantSent := []string{
			`Subscribe: POST  {"deliveryMode":{"address":"` + hook + `","transportType":"WebHook","verificationToken":"REMOVED"},` +
				`"eventFilters":[` + filter + `pbx/insights"],"expiresIn":604800}`,
			"RenewSubscription: POST /" + made.ID + "/renew ",
			"UpdateSubscription: PUT /" + made.ID + ` {"eventFilters":[` + filter + `rcv/insights",` + filter + `rcx/insights"],"expiresIn":3600}`,
			"Subscription: GET /" + made.ID + " ",
			"Subscriptions: GET  ",
			"Unsubscribe: DELETE /" + made.ID + " ",
			"Unsubscribe: DELETE /" + made.ID + " ",
			"Subscriptions: GET  ",
		}
		if diff := cmp.Diff(wantSent, sent); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}

// TestSubscribeRefuses what is wrong, and sends nothing.
func TestSubscribeRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		edit func(*ringsense.SubscriptionRequest)
		want string
	}{
		"no filters":             {func(s *ringsense.SubscriptionRequest) { s.EventFilters = nil }, "EventFilters is empty"},
		"filter without a slash": {func(s *ringsense.SubscriptionRequest) { s.EventFilters = []string{"/a", "hidden"} }, "event filter 2"},
		"filter with a space":    {func(s *ringsense.SubscriptionRequest) { s.EventFilters = []string{"/hidden b"} }, "event filter 1"},
		"filter beyond ASCII":    {func(s *ringsense.SubscriptionRequest) { s.EventFilters = []string{"/a", "/hidden\xff"} }, "event filter 2"},
		"address beyond ASCII":   {func(s *ringsense.SubscriptionRequest) { s.Address = "https://hooks.example.com/hidden\xff" }, "printable ASCII"},
		"filter twice":           {func(s *ringsense.SubscriptionRequest) { s.EventFilters = []string{"/a", "/b", "/a"} }, "event filter 3 is the same"},
		"no address":             {func(s *ringsense.SubscriptionRequest) { s.Address = "" }, "Address is empty"},
		"address without https":  {func(s *ringsense.SubscriptionRequest) { s.Address = "http://hooks.example.com/hidden" }, "must begin with https://"},
		"other scheme":           {func(s *ringsense.SubscriptionRequest) { s.Address = "ftp://hooks.example.com/hidden" }, "does not begin with https://"},
		"address without a host": {func(s *ringsense.SubscriptionRequest) { s.Address = "https:///hidden" }, "no host"},
		"opaque address":         {func(s *ringsense.SubscriptionRequest) { s.Address = "https:hidden" }, "no host"},
		"address with user info": {func(s *ringsense.SubscriptionRequest) { s.Address = "https://u:hidden@hooks.example.com" }, "user name or password"},
		"address with fragment":  {func(s *ringsense.SubscriptionRequest) { s.Address = hook + "#hidden" }, "fragment"},
		"address with a space":   {func(s *ringsense.SubscriptionRequest) { s.Address = hook + "/ hidden" }, "space"},
		"address no URL":         {func(s *ringsense.SubscriptionRequest) { s.Address = "https://hidden:port" }, "not a URL"},
		"no token":               {func(s *ringsense.SubscriptionRequest) { s.VerificationToken = "" }, "less than 16 characters"},
		"short token":            {func(s *ringsense.SubscriptionRequest) { s.VerificationToken = "hidden" }, "less than 16 characters"},
		"long token":             {func(s *ringsense.SubscriptionRequest) { s.VerificationToken = strings.Repeat("hidden", 100) }, "more than 512"},
		"token of two lines":     {func(s *ringsense.SubscriptionRequest) { s.VerificationToken = "hidden-hidden-hidden\r\nX: y" }, "printable ASCII"},
		"token beyond ASCII":     {func(s *ringsense.SubscriptionRequest) { s.VerificationToken = "hidden-hidden-hidden-é" }, "printable ASCII"},
		"negative lifetime":      {func(s *ringsense.SubscriptionRequest) { s.ExpiresIn = -time.Hour }, "ExpiresIn is -1h0m0s"},
		"part of a second":       {func(s *ringsense.SubscriptionRequest) { s.ExpiresIn = time.Millisecond }, "ExpiresIn is 1ms"},
		"eleven years":           {func(s *ringsense.SubscriptionRequest) { s.ExpiresIn = 11 * 365 * 24 * time.Hour }, "ExpiresIn is 96360h"},
	}
	server := ringsensetest.NewServer()
	client := server.Client()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := hookRequest()
			tt.edit(&s)
			_, err := client.Subscribe(t.Context(), s)
			checkRefused(t, err, tt.want)
			checkRefused(t, client.KeepSubscribed(t.Context(), s), tt.want)
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("the error shows what is not to be seen: %v", err)
			}
		})
	}
	t.Cleanup(func() {
		if n := len(server.Requests()); n != 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

// TestSubscribeLoopback: an address of this machine needs no TLS.
func TestSubscribeLoopback(t *testing.T) {
	t.Parallel()
	client := ringsensetest.NewServer().Client()
	for _, address := range []string{"http://localhost:8080/hook", "http://127.0.0.1/", "http://[::1]:80"} {
		s := hookRequest()
		s.Address = address
		if _, err := client.Subscribe(t.Context(), s); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestSubscriptionRefuses ids and changes that make no sense, and sends nothing.
func TestSubscriptionRefuses(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	client := server.Client()
	update := func(id string, s ringsense.SubscriptionRequest) error {
		_, err := client.UpdateSubscription(t.Context(), id, s)
		return err
	}
	for _, id := range []string{"", " a", "a\n", "..", "."} {
		_, get := client.Subscription(t.Context(), id)
		_, renew := client.RenewSubscription(t.Context(), id)
		filters := ringsense.SubscriptionRequest{EventFilters: []string{"/a"}}
		for _, err := range []error{get, renew, update(id, filters), client.Unsubscribe(t.Context(), id)} {
			if !errors.Is(err, ringsense.ErrInvalidRequest) {
				t.Errorf("id %q: got %v, want ErrInvalidRequest", id, err)
			}
		}
	}
	checkRefused(t, update("a", ringsense.SubscriptionRequest{}), "EventFilters is empty")
	checkRefused(t, update("a", ringsense.SubscriptionRequest{EventFilters: []string{"/a"}, Address: hook}), "cannot be changed")
	checkRefused(t, update("a", ringsense.SubscriptionRequest{EventFilters: []string{"/a"}, VerificationToken: "t"}), "cannot be changed")
	if n := len(server.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestDisabledFilters are named by the error, beside the subscription.
func TestDisabledFilters(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason      string
		match, fail error
	}{
		"scope":        {"CMN-401", ringsense.ErrScopeMissing, ringsense.ErrPermissionMissing},
		"permission":   {"CMN-408", ringsense.ErrPermissionMissing, ringsense.ErrScopeMissing},
		"other reason": {"XYZ-1", ringsense.ErrForbidden, ringsense.ErrInvalidResponse},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			client := server.Client()
			s := hookRequest()
			s.EventFilters = ringsense.InsightsFilters(ringsense.DomainPBX, ringsense.DomainRCV)
			plain, err := client.Subscribe(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			server.DisableFilter(s.EventFilters[1], tt.reason)

			made, madeErr := client.Subscribe(t.Context(), s)
			updated, updateErr := client.UpdateSubscription(t.Context(), plain.ID, ringsense.SubscriptionRequest{EventFilters: s.EventFilters})
			for err, sub := range map[error]*ringsense.Subscription{madeErr: made, updateErr: updated} {
				disabled, ok := errors.AsType[*ringsense.DisabledFiltersError](err)
				if !ok || sub == nil || disabled.Subscription != sub || len(sub.DisabledFilters) != 1 {
					t.Fatalf("got %v, %v", sub, err)
				}
				if !errors.Is(err, tt.match) || !errors.Is(err, ringsense.ErrForbidden) || errors.Is(err, tt.fail) {
					t.Errorf("got %v, want one that matches %q", err, tt.match)
				}
				for _, part := range []string{"/domains/rcv/insights", tt.reason, "switched off"} {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("the error lacks %q: %v", part, err)
					}
				}
				if strings.Contains(err.Error(), "/domains/pbx/") || strings.Contains(err.Error(), "may have been made") {
					t.Errorf("got %v", err)
				}
			}
			if n := len(server.Subscriptions()); n != 2 {
				t.Errorf("%d subscriptions are there, want 2", n)
			}
		})
	}
	t.Run("several", func(t *testing.T) {
		t.Parallel()
		err := &ringsense.DisabledFiltersError{Subscription: &ringsense.Subscription{DisabledFilters: []ringsense.DisabledFilter{
			{Filter: "/a?x=hidden", Reason: "R-1"}, {Filter: "/b", Reason: "R-2"},
		}}}
		if !strings.Contains(err.Error(), `"/a" ("R-1"), "/b" ("R-2")`) {
			t.Errorf("got %v", err)
		}
	})
}

// TestSubscribeInDoubt: what may have been made is not made again, and the
// error says so.
func TestSubscribeInDoubt(t *testing.T) {
	t.Parallel()
	const doubt = "may have been made"
	tests := map[string]struct {
		fault    ringsensetest.Fault
		deadline time.Duration
		want     error
		sent     int
		certain  bool
	}{
		"server error":   {ringsensetest.Fault{N: -1, Status: 500}, 0, ringsense.ErrUnavailable, 1, false},
		"gateway":        {ringsensetest.Fault{N: -1, Status: 503, Body: "<html>"}, 0, ringsense.ErrUnavailable, 1, false},
		"silence":        {ringsensetest.Fault{N: -1, Delay: time.Hour}, 0, ringsense.ErrUnavailable, 1, false},
		"empty success":  {ringsensetest.Fault{Status: 200}, 0, ringsense.ErrInvalidResponse, 1, false},
		"no id":          {ringsensetest.Fault{Status: 200, Body: `{}`}, 0, ringsense.ErrInvalidResponse, 1, false},
		"truncated":      {ringsensetest.Fault{Status: 200, Body: `{"id":"a"`}, 0, ringsense.ErrInvalidResponse, 1, false},
		"trailing data":  {ringsensetest.Fault{Status: 200, Body: `{"id":"a"}{}`}, 0, ringsense.ErrInvalidResponse, 1, false},
		"deadline":       {ringsensetest.Fault{N: -1, Delay: time.Hour}, time.Second, context.DeadlineExceeded, 1, false},
		"rate limit":     {ringsensetest.Fault{N: -1, Status: 429, Header: http.Header{"Retry-After": {"1"}}}, 0, ringsense.ErrRateLimited, 4, true},
		"refused filter": {ringsensetest.Fault{Status: 400, Body: `{"errorCode":"SUB-508","message":"no"}`}, 0, ringsense.ErrInvalidRequest, 1, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				tt.fault.Op = "Subscribe"
				server.Fail(tt.fault)
				ctx := t.Context()
				if tt.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					defer cancel()
				}
				var observed error
				client := server.Client(ringsense.WithObserver(func(_ context.Context, o ringsense.Observation) {
					if o.Op == "Subscribe" {
						observed = o.Err
					}
				}))
				sub, err := client.Subscribe(ctx, hookRequest())
				if sub != nil || !errors.Is(err, tt.want) || strings.Contains(err.Error(), doubt) == tt.certain {
					t.Errorf("got %v, %v, want %q", sub, err, tt.want)
				}
				if observed == nil || strings.Contains(observed.Error(), doubt) {
					t.Errorf("the observer's error was changed: %v", observed)
				}
				sent := 0
				for _, r := range server.Requests() {
					if r.Op == "Subscribe" {
						sent++
					}
				}
				if sent != tt.sent {
					t.Errorf("%d requests were sent, want %d", sent, tt.sent)
				}
			})
		})
	}
}

// TestSubscribeEcho: a token that the service quotes is not shown.
func TestSubscribeEcho(t *testing.T) {
	t.Parallel()
	token := hookRequest().VerificationToken
	server := ringsensetest.NewServer()
	server.Fail(ringsensetest.Fault{
		Op: "Subscribe", Status: 400, Header: http.Header{"Rcrequestid": {"for-" + token}},
		Body: `{"errorCode":"CMN-101","message":"bad ` + token + `","errors":[{"errorCode":"CMN-101","message":"bad ` + token + `","parameterName":"` + token + `"}]}`,
	})
	_, err := server.Client().Subscribe(t.Context(), hookRequest())
	refused, ok := errors.AsType[*ringsense.Error](err)
	if !ok || refused.Message != "bad REDACTED" || refused.RequestID != "for-REDACTED" || strings.Contains(fmt.Sprintf("%+v %v", *refused, refused.Details), token) {
		t.Errorf("got %v with %+v", err, refused)
	}
}

// TestSubscriptionErrors: each code has its advice.
func TestSubscriptionErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		code   string
		kind   error
		want   string
	}{
		"limit":       {403, "SUB-505", ringsense.ErrForbidden, "30 at most"},
		"expired":     {404, "SUB-507", ringsense.ErrNotFound, "make a new one"},
		"filters":     {400, "SUB-508", ringsense.ErrInvalidRequest, "event filter"},
		"no TLS":      {400, "SUB-523", ringsense.ErrInvalidRequest, "https addresses only"},
		"certificate": {400, "SUB-524", ringsense.ErrInvalidRequest, "certificate of the address"},
		"handshake":   {400, "SUB-525", ringsense.ErrInvalidRequest, "within 3 seconds"},
		"scope":       {403, "CMN-401", ringsense.ErrScopeMissing, "details name"},
		"permission":  {403, "CMN-408", ringsense.ErrPermissionMissing, "details name"},
		"path":        {404, "AGW-404", ringsense.ErrNotFound, "gateway does not know the path"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			server.Fail(ringsensetest.Fault{Op: "Subscribe", Status: tt.status, Body: `{"errorCode":"` + tt.code + `","message":"no"}`})
			_, err := server.Client().Subscribe(t.Context(), hookRequest())
			refused, ok := errors.AsType[*ringsense.Error](err)
			if !ok || refused.Code != tt.code || !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q and %q", err, tt.kind, tt.want)
			}
		})
	}
}

// TestSubscriptionsAnswers that cannot be used are not taken for no subscription.
func TestSubscriptionsAnswers(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"empty": "", "no records": `{"uri":"x"}`, "records of null": `{"records":null}`, "list": `[]`, "null": `null`,
		"HTML": "<html>", "cut": `{"records":[`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			server.Fail(ringsensetest.Fault{Op: "Subscriptions", N: -1, Status: 200, Body: body})
			if got, err := server.Client(ringsense.WithRetry(ringsense.RetryPolicy{MaxAttempts: 1})).Subscriptions(t.Context()); !errors.Is(err, ringsense.ErrInvalidResponse) || got != nil {
				t.Errorf("got %v, %v, want ErrInvalidResponse", got, err)
			}
		})
	}
	server := ringsensetest.NewServer()
	server.Fail(ringsensetest.Fault{Op: "Subscription", Status: 200, Body: `{"status":"Active"}`})
	if _, err := server.Client().Subscription(t.Context(), "a"); !errors.Is(err, ringsense.ErrInvalidResponse) || !strings.Contains(err.Error(), "no id") {
		t.Errorf("got %v, want ErrInvalidResponse", err)
	}
}

func TestNewVerificationToken(t *testing.T) {
	t.Parallel()
	var tokens []string
	for range 100 {
		token := ringsense.NewVerificationToken()
		if len(token) < 26 || strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
			t.Errorf("got %q", token)
		}
		tokens = append(tokens, token)
	}
	slices.Sort(tokens)
	if len(slices.Compact(tokens)) != 100 {
		t.Error("tokens are repeated")
	}
}

func TestInsightsFilters(t *testing.T) {
	t.Parallel()
	var want []string
	domains := []ringsense.Domain{
		ringsense.DomainPBX, ringsense.DomainRCV, ringsense.DomainRCX, ringsense.DomainMSTeams, ringsense.DomainNICE,
	}
	for _, d := range []string{"pbx", "rcv", "rcx", "ms-teams", "nice-incontact"} {
		want = append(want, "/ai/ringsense/v1/public/accounts/~/domains/"+d+"/insights")
	}
	if diff := cmp.Diff(want, ringsense.InsightsFilters(domains...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := ringsense.InsightsFilters(); got != nil {
		t.Errorf("got %v for no domain", got)
	}
}
