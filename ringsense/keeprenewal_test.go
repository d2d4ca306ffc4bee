package ringsense_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// without sleeps and returns how long there was no subscription that works.
func without(server *ringsensetest.Server, d time.Duration) (missing time.Duration) {
	const step = 10 * time.Second
	for range int(d / step) {
		time.Sleep(step)
		if !slices.ContainsFunc(server.Subscriptions(), func(s *ringsense.Subscription) bool { return s.Status == ringsense.SubscriptionActive }) {
			missing += step
		}
	}
	return missing
}

// TestKeepSubscribedCannotRenew: while renewal fails it looks after the
// subscription as ever, and the next one is there before it ends.
func TestKeepSubscribedCannotRenew(t *testing.T) {
	t.Parallel()
	tests := map[string]ringsensetest.Fault{
		"out of order": {Status: 500},
		"a proxy":      {Status: 403, Body: "<html>"},
		"no answer":    {Delay: time.Hour},
		"not usable":   {Status: 200, Body: "<html>"},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				fault.Op, fault.N = "RenewSubscription", -1
				server.Fail(fault)
				s := hookRequest()
				s.ExpiresIn = 2 * time.Hour
				k := keep(t, server, s)
				if missing := without(server, 12*time.Hour); missing > 0 {
					t.Errorf("there was none for %v", missing)
				}
				changes := k.take()
				if !strings.Contains(changes, "failed lost created removed") || strings.Count(changes, "created") > 8 {
					t.Errorf("got the changes %q", changes)
				}
				live(t, server, 1)
				time.Sleep(time.Until(server.Subscriptions()[0].ExpirationTime) - 50*time.Minute) // renewal is due
				server.Blacklist(live(t, server, 1)[0].ID, "")
				if missing := without(server, 10*time.Minute); missing > 5*time.Minute {
					t.Errorf("blacklisted, there was none for %v", missing)
				}
				k.stop(t)
				time.Sleep(time.Hour)
			})
		})
	}
}

// TestKeepSubscribedRefusedRenewal: a subscription that may not be renewed is
// replaced, whatever the reason; only a login that is refused ends it all.
func TestKeepSubscribedRefusedRenewal(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		code   string
	}{
		"status of the subscription":   {400, "SUB-406"},
		"forbidden":                    {403, "SUB-406"},
		"ended":                        {404, "SUB-507"},
		"ended, with an unlikely code": {400, "SUB-507"},
		"ended, gone":                  {410, "SUB-507"},
		"scope":                        {403, "CMN-401"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				k := keep(t, server, hookRequest())
				id := live(t, server, 1)[0].ID
				k.expect(t, "at first", "created")
				server.Fail(ringsensetest.Fault{Op: "RenewSubscription", Status: tt.status, Body: `{"errorCode":"` + tt.code + `"}`})
				time.Sleep(84 * time.Hour)
				k.expect(t, "when renewal is refused", "lost created removed")
				if live(t, server, 1)[0].ID == id {
					t.Error("the same subscription lives")
				}
				k.stop(t)
			})
		})
	}
}

// TestKeepSubscribedLists: without a list, or with one that lags behind, it asks
// for its subscription alone, and makes another one if that is lost.
func TestKeepSubscribedLists(t *testing.T) {
	t.Parallel()
	broken := ringsensetest.Fault{Op: "Subscriptions", N: -1, Status: 500}
	lagging := ringsensetest.Fault{Op: "Subscriptions", N: -1, Status: 200, Body: `{"records":[]}`}
	hanging := ringsensetest.Fault{Op: "Subscriptions", N: -1, Delay: time.Hour}
	unsubscribe := func(t *testing.T, k *kept, id string) {
		t.Helper()
		if err := k.client.Unsubscribe(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	blacklist := func(_ *testing.T, k *kept, id string) { k.server.Blacklist(id, "") }
	nothing := func(*testing.T, *kept, string) {}
	asked := func(f ringsensetest.Fault) func(*testing.T, *kept, string) {
		return func(_ *testing.T, k *kept, _ string) {
			f.Op = "Subscription"
			k.server.Fail(f)
		}
	}
	tests := map[string]struct {
		list    ringsensetest.Fault
		befall  func(*testing.T, *kept, string)
		changes string // the different ones, in order
		same    bool
	}{
		"lagging":                   {lagging, nothing, "", true},
		"lagging, gone":             {lagging, unsubscribe, "lost created", false},
		"lagging, blacklisted":      {lagging, blacklist, "lost removed created", false},
		"lagging, nobody tells":     {lagging, asked(ringsensetest.Fault{N: 4, Status: 500}), "failed", true},
		"lagging, refused":          {lagging, asked(ringsensetest.Fault{Status: 400, Body: `{"errorCode":"SUB-406"}`}), "lost created", false},
		"out of order":              {broken, nothing, "failed", true},
		"out of order, gone":        {broken, unsubscribe, "lost created failed", false},
		"out of order, blacklisted": {broken, blacklist, "lost removed created failed", false},
		"no answer":                 {hanging, nothing, "failed", true},
		"no answer, gone":           {hanging, unsubscribe, "lost created failed", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				k := keep(t, server, hookRequest())
				k.expect(t, "at first", "created")
				id := live(t, server, 1)[0].ID
				tt.befall(t, k, id)
				server.Fail(tt.list)
				if missing := without(server, 30*time.Minute); missing > 7*time.Minute {
					t.Errorf("there was none for %v", missing)
				}
				if got := strings.Join(slices.Compact(strings.Fields(k.take())), " "); got != tt.changes {
					t.Errorf("got the changes %q, want %q", got, tt.changes)
				}
				found := slices.ContainsFunc(server.Subscriptions(), func(s *ringsense.Subscription) bool {
					return s.ID == id && s.Status == ringsense.SubscriptionActive
				})
				if tt.same && !found {
					t.Error("the subscription is gone")
				}
				k.stop(t)
				time.Sleep(time.Hour)
			})
		})
	}
}

// TestKeepSubscribedLongWaits: a service that asks to wait for days is asked
// again, in time for the subscription.
func TestKeepSubscribedLongWaits(t *testing.T) {
	t.Parallel()
	later := http.Header{"Retry-After": {"864000"}}
	for name, fault := range map[string]ringsensetest.Fault{
		"list":    {Op: "Subscriptions", N: 2, Status: 503, Header: later},
		"renewal": {Op: "RenewSubscription", N: 2, Status: 503, Header: later},
		"any":     {Status: 503, Header: later},
	} {
		for _, lifetime := range []time.Duration{time.Hour, 6 * time.Hour} {
			t.Run(name+", "+lifetime.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := ringsensetest.NewServer()
					s := hookRequest()
					s.ExpiresIn = lifetime
					k := keep(t, server, s)
					server.Fail(fault)
					if missing := without(server, 24*time.Hour); missing > 0 {
						t.Errorf("there was none for %v", missing)
					}
					if got := k.take(); !strings.Contains(got, "failed") || strings.Contains(got, "lost") {
						t.Errorf("got the changes %.200q", got)
					}
					k.stop(t)
				})
			})
		}
	}
}

// TestKeepSubscribedHangs: requests that hang neither put off the next pass nor
// make one longer than an interval.
func TestKeepSubscribedHangs(t *testing.T) {
	t.Parallel()
	const leastPause = time.Second
	for op, interval := range map[string]time.Duration{"Subscribe": 5 * time.Minute, "Subscriptions": 5 * time.Minute, "Unsubscribe": time.Minute} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				client := server.Client()
				if _, err := client.Subscribe(t.Context(), hookRequest()); err != nil { // there is one to be removed
					t.Fatal(err)
				}
				server.Fail(ringsensetest.Fault{Op: op, N: -1, Delay: 24 * time.Hour})
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
				defer cancel()
				var failed []time.Time
				err := client.KeepSubscribed(ctx, hookRequest(), ringsense.CheckEvery(interval), ringsense.OnSubscriptionChange(func(c ringsense.SubscriptionChange) {
					if c.Kind == ringsense.ChangeFailed {
						failed = append(failed, time.Now())
					}
				}))
				if !errors.Is(err, context.DeadlineExceeded) || len(failed) < int(2*time.Hour/interval)-5 {
					t.Errorf("%d failures and %v", len(failed), err)
				}
				for i := 10; i < len(failed); i++ { // at last as often as can be
					if apart := failed[i].Sub(failed[i-1]); apart > interval+leastPause {
						t.Errorf("failure %d comes %v after the one before, want %v at most", i, apart, interval)
					}
				}
				time.Sleep(24 * time.Hour)
			})
		})
	}
}

// TestKeepSubscribedLongWaitAtFirst: an hour is the most, then as ever.
func TestKeepSubscribedLongWaitAtFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		server.Fail(ringsensetest.Fault{Op: "Subscribe", Status: 503, Header: http.Header{"Retry-After": {"864000"}}})
		k := keep(t, server, hookRequest())
		k.expect(t, "at first", "failed")
		time.Sleep(time.Hour - time.Second)
		k.expect(t, "during the wait", "")
		time.Sleep(2 * time.Second)
		k.expect(t, "after the wait", "created")
		k.stop(t)
	})
}

// TestKeepSubscribedNeedsAList to make the first subscription, and when one may
// have been made already.
func TestKeepSubscribedNeedsAList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		noList := ringsensetest.Fault{Op: "Subscriptions", N: 8, Status: 500}
		server.Fail(noList)
		k := keep(t, server, hookRequest())
		time.Sleep(10 * time.Minute)
		k.expect(t, "at first", "failed "+"failed created")

		server.Fail(ringsensetest.Fault{Op: "Subscribe", Status: 502})
		server.Fail(ringsensetest.Fault{Op: "Subscriptions", Delay: time.Nanosecond}) // the next one is in order
		server.Fail(noList)
		server.Blacklist(live(t, server, 1)[0].ID, "")
		time.Sleep(10 * time.Minute)
		k.expect(t, "in doubt", "lost removed"+strings.Repeat(" failed", 3)+" created")

		if err := k.client.Unsubscribe(t.Context(), live(t, server, 1)[0].ID); err != nil {
			t.Fatal(err)
		}
		server.Fail(noList)
		time.Sleep(10 * time.Minute)
		k.expect(t, "the doubt is over", "lost created failed"+" failed")
		live(t, server, 1)
		k.stop(t)
	})
}

// TestKeepSubscribedHangingRenewal leaves time to look after the subscription,
// however short a pass is.
func TestKeepSubscribedHangingRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		server.Fail(ringsensetest.Fault{Op: "RenewSubscription", N: -1, Delay: 24 * time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), 13*time.Hour)
		defer cancel()
		s := hookRequest()
		s.ExpiresIn = 24 * time.Hour
		ended := make(chan error, 1)
		client := server.Client()
		go func() { ended <- client.KeepSubscribed(ctx, s, ringsense.CheckEvery(time.Minute)) }()
		time.Sleep(12*time.Hour + 30*time.Minute) // the renewal is due
		server.Blacklist(live(t, server, 1)[0].ID, "")
		if missing := without(server, 20*time.Minute); missing > time.Minute {
			t.Errorf("there was none for %v", missing)
		}
		if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		time.Sleep(24 * time.Hour)
	})
}
