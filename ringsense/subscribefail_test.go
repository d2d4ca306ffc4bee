package ringsense_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

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
				if sent := count(server, "Subscribe"); sent != tt.sent {
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
		"handshake":   {400, "SUB-525", ringsense.ErrInvalidRequest, "with status 401 the handler may not know this VerificationToken"},
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
