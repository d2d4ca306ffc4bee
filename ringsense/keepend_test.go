package ringsense_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// TestKeepSubscribedEnds with the error of what will not pass.
func TestKeepSubscribedEnds(t *testing.T) {
	t.Parallel()
	answer := func(op string, status int, body string) func(*ringsensetest.Server) {
		return func(s *ringsensetest.Server) {
			s.Fail(ringsensetest.Fault{Op: op, N: -1, Status: status, Body: body})
		}
	}
	tests := map[string]struct {
		befall func(*ringsensetest.Server)
		// first and later say whether it ends when there has not been a
		// subscription yet, and when there has.
		first, later error
		filters      bool // the error names the filters that are switched off
	}{
		"login":          {answer("Token", 400, `{"error":"invalid_grant"}`), ringsense.ErrUnauthorized, nil, false},
		"token":          {answer("Subscriptions", 401, ``), ringsense.ErrUnauthorized, ringsense.ErrUnauthorized, false},
		"scope":          {func(s *ringsensetest.Server) { s.SetSubscriptionScope(false) }, ringsense.ErrScopeMissing, ringsense.ErrScopeMissing, false},
		"filters":        {answer("Subscribe", 400, `{"errorCode":"SUB-508"}`), ringsense.ErrInvalidRequest, ringsense.ErrInvalidRequest, false},
		"handshake":      {answer("Subscribe", 400, `{"errorCode":"SUB-525"}`), ringsense.ErrInvalidRequest, nil, false},
		"limit":          {answer("Subscribe", 403, `{"errorCode":"SUB-505"}`), ringsense.ErrForbidden, nil, false},
		"proxy":          {answer("Subscribe", 403, `<html>`), ringsense.ErrForbidden, nil, false},
		"path":           {answer("Subscribe", 404, `{"errorCode":"AGW-404"}`), ringsense.ErrNotFound, nil, false},
		"outage":         {answer("Subscribe", 503, ``), nil, nil, false},
		"HTML":           {answer("Subscribe", 200, `<html>`), nil, nil, false},
		"silence":        {func(s *ringsensetest.Server) { s.Fail(ringsensetest.Fault{N: -1, Delay: time.Hour}) }, nil, nil, false},
		"rate limit":     {answer("Subscribe", 429, ``), nil, nil, false},
		"switched off":   {func(s *ringsensetest.Server) { s.DisableFilter(hookRequest().EventFilters[0], "CMN-408") }, ringsense.ErrPermissionMissing, ringsense.ErrPermissionMissing, true},
		"nothing at all": {func(*ringsensetest.Server) {}, nil, nil, false},
	}
	for name, tt := range tests {
		for _, lived := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", later"}[lived], func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := ringsensetest.NewServer()
					want := tt.first
					if !lived {
						tt.befall(server)
					}
					k := keep(t, server, hookRequest())
					if lived {
						want = tt.later
						for _, s := range live(t, server, 1) {
							server.Blacklist(s.ID, "")
						}
						tt.befall(server)
					}
					time.Sleep(30 * time.Minute)
					synctest.Wait()
					if want == nil {
						k.stop(t)
						time.Sleep(10 * time.Minute) // a login may be under way
						return
					}
					select {
					case err := <-k.ended:
						if !errors.Is(err, want) {
							t.Errorf("got %v, want %q", err, want)
						}
						if _, ok := errors.AsType[*ringsense.DisabledFiltersError](err); ok != tt.filters {
							t.Errorf("got the error %v, whose filters are named: %t", err, ok)
						}
					default:
						t.Errorf("it has not ended, want %q", want)
						k.stop(t)
					}
				})
			})
		}
	}
	t.Run("switched off while it lives", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server := ringsensetest.NewServer()
			k := keep(t, server, hookRequest())
			server.DisableFilter(hookRequest().EventFilters[0], "CMN-401")
			if err := <-k.ended; !errors.Is(err, ringsense.ErrScopeMissing) || !strings.Contains(err.Error(), "KeepSubscribed") {
				t.Errorf("got %v, want ErrScopeMissing", err)
			}
		})
	})
}

func TestKeepSubscribedRefuses(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	client := server.Client()
	short := hookRequest()
	short.ExpiresIn = time.Minute
	tests := map[string]struct {
		s    ringsense.SubscriptionRequest
		opt  ringsense.KeepOption
		want string
	}{
		"nil option":     {hookRequest(), nil, "option 1 is nil"},
		"nil callback":   {hookRequest(), ringsense.OnSubscriptionChange(nil), "OnSubscriptionChange"},
		"short interval": {hookRequest(), ringsense.CheckEvery(time.Second), "CheckEvery: 1s is less than 1m0s"},
		"short lifetime": {short, ringsense.CheckEvery(time.Minute), "too short to be kept up"},
		"long interval":  {hookRequest(), ringsense.CheckEvery(84*time.Hour + 1), "CheckEvery: 84h0m0.000000001s is more than 84h0m0s, half of the lifetime"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkRefused(t, client.KeepSubscribed(t.Context(), tt.s, tt.opt), tt.want)
		})
	}
	checkRefused(t, client.KeepSubscribed(nil, hookRequest()), "context is nil") //nolint:staticcheck // what happens if it is
	t.Cleanup(func() {
		if n := len(server.Requests()); n != 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

// TestKeepSubscribedLeavesNothing behind that was made with filters switched off,
// however often it is started.
func TestKeepSubscribedLeavesNothing(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	s := hookRequest()
	s.EventFilters = ringsense.InsightsFilters(ringsense.DomainPBX, ringsense.DomainRCV)
	server.DisableFilter(s.EventFilters[1], "CMN-401")
	for range 3 {
		var changes []ringsense.ChangeKind
		err := server.Client().KeepSubscribed(t.Context(), s, ringsense.OnSubscriptionChange(func(c ringsense.SubscriptionChange) {
			changes = append(changes, c.Kind)
		}))
		if _, ok := errors.AsType[*ringsense.DisabledFiltersError](err); !ok {
			t.Errorf("got %v, want a DisabledFiltersError", err)
		}
		if diff := cmp.Diff([]ringsense.ChangeKind{ringsense.ChangeRemoved}, changes); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
	}
	if left := server.Subscriptions(); len(left) != 0 {
		t.Errorf("%v is left, want nothing", left)
	}
}

// TestKeepSubscribedKeepsItsRequest, whatever becomes of the caller's slice.
func TestKeepSubscribedKeepsItsRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		s := hookRequest()
		k := keep(t, server, s)
		s.EventFilters[0] = "/restapi/v1.0/account/~/presence"
		server.Blacklist(live(t, server, 1)[0].ID, "")
		time.Sleep(5 * time.Minute)
		if filters := live(t, server, 1)[0].EventFilters; len(filters) != 1 || !strings.Contains(filters[0], "/domains/pbx/") {
			t.Errorf("got the filters %q", filters)
		}
		k.stop(t)
	})
}
