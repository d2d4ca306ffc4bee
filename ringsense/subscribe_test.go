package ringsense_test

import (
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
	withFilter := func(filter string) func(*ringsense.SubscriptionRequest) {
		return func(s *ringsense.SubscriptionRequest) { s.EventFilters = append(s.EventFilters, filter) }
	}
	remind := func(threshold, interval time.Duration) func(*ringsense.SubscriptionRequest) {
		return withFilter(ringsense.ReminderFilter(threshold, interval))
	}
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
		"late reminder":          {remind(302401*time.Second, time.Hour), "threshold of the reminder is not from 2 to 302400 seconds"},
		"reminder at the end":    {remind(time.Second, time.Second), "threshold of the reminder"},
		"rare reminder":          {remind(time.Hour, 1801*time.Second), "interval of the reminder is not from 1 to 1800 seconds"},
		"reminder all the time":  {remind(time.Hour, time.Second-1), "interval of the reminder"},
		"negative reminder":      {remind(time.Hour, -time.Second), "interval of the reminder"},
		"reminder in words":      {withFilter("/restapi/v1.0/subscription/~?interval=1&threshold=hidden"), "threshold of the reminder"},
		"reminder, short life": {func(s *ringsense.SubscriptionRequest) {
			s.EventFilters, s.ExpiresIn = []string{ringsense.ReminderFilter(time.Hour, time.Minute)}, time.Hour
		}, "threshold of the reminder is not from 2 to 1800 seconds"},
		"negative lifetime": {func(s *ringsense.SubscriptionRequest) { s.ExpiresIn = -time.Hour }, "ExpiresIn is -1h0m0s"},
		"part of a second":  {func(s *ringsense.SubscriptionRequest) { s.ExpiresIn = time.Millisecond }, "ExpiresIn is 1ms"},
		"eleven years":      {func(s *ringsense.SubscriptionRequest) { s.ExpiresIn = 11 * 365 * 24 * time.Hour }, "ExpiresIn is 96360h"},
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

// TestReminderFilter: it is one that the service takes, with the other ones or
// alone, and filters of one's own pass.
func TestReminderFilter(t *testing.T) {
	t.Parallel()
	reminder := ringsense.ReminderFilter(12*time.Hour, 6*time.Hour+time.Millisecond)
	if diff := cmp.Diff(reminderFilter, reminder); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	client := ringsensetest.NewServer().Client()
	for name, filters := range map[string][]string{
		"with insights":      append(ringsense.InsightsFilters(ringsense.DomainPBX), reminder),
		"alone":              {reminder},
		"at the limits":      {ringsense.ReminderFilter(84*time.Hour, 42*time.Hour)},
		"as often as can be": {ringsense.ReminderFilter(2*time.Second, time.Second)},
		"without numbers":    {"/restapi/v1.0/subscription/~"},
		"of another thing":   {"/restapi/v1.0/account/~/presence?threshold=x&interval=y"},
	} {
		s := hookRequest()
		s.EventFilters = filters
		if _, err := client.Subscribe(t.Context(), s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
