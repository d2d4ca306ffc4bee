package ringsense_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// kept is a KeepSubscribed that runs.
type kept struct {
	server *ringsensetest.Server
	client *ringsense.Client
	cancel context.CancelFunc
	ended  chan error

	mu      sync.Mutex
	changes []ringsense.SubscriptionChange
}

// keep starts KeepSubscribed and waits until it has nothing to do. It is to be
// called in a bubble.
func keep(t *testing.T, server *ringsensetest.Server, s ringsense.SubscriptionRequest, opts ...ringsense.Option) *kept {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	k := &kept{server: server, client: server.Client(opts...), cancel: cancel, ended: make(chan error, 1)}
	go func() {
		k.ended <- k.client.KeepSubscribed(ctx, s, ringsense.OnSubscriptionChange(func(c ringsense.SubscriptionChange) {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.changes = append(k.changes, c)
		}))
	}()
	synctest.Wait()
	return k
}

// take returns the kinds of the changes since it was called last.
func (k *kept) take() string {
	synctest.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	var kinds []string
	for _, c := range k.changes {
		kinds = append(kinds, string(c.Kind))
	}
	k.changes = nil
	return strings.Join(kinds, " ")
}

func (k *kept) expect(t *testing.T, what, want string) {
	t.Helper()
	if got := k.take(); got != want {
		t.Errorf("%s: got the changes %q, want %q", what, got, want)
	}
}

// live returns the subscriptions to the hook that work, one as a rule.
func live(t *testing.T, server *ringsensetest.Server, want int) []*ringsense.Subscription {
	t.Helper()
	var list []*ringsense.Subscription
	for _, s := range server.Subscriptions() {
		if s.DeliveryMode.Address == hook && s.Status == ringsense.SubscriptionActive {
			list = append(list, s)
		}
	}
	if len(list) != want {
		t.Fatalf("%d subscriptions live, want %d", len(list), want)
	}
	return list
}

// stop ends KeepSubscribed and checks how it ends.
func (k *kept) stop(t *testing.T) {
	t.Helper()
	k.cancel()
	if err := <-k.ended; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "KeepSubscribed") {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestKeepSubscribedRenews(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		server.SetReceiver(http.HandlerFunc(echo))
		s := hookRequest()
		s.ExpiresIn = 24 * time.Hour
		k := keep(t, server, s)
		k.expect(t, "at first", "created")
		id := live(t, server, 1)[0].ID
		for range 20 {
			time.Sleep(12*time.Hour + time.Second)
			if got := k.take(); !slices.Equal(slices.Compact(strings.Fields(got)), []string{"renewed"}) {
				t.Errorf("got the changes %q, want renewals", got)
			}
			sub := live(t, server, 1)[0]
			if left := time.Until(sub.ExpirationTime); sub.ID != id || left < 12*time.Hour-time.Minute {
				t.Errorf("%s lives for %v, want %s for more than half of its lifetime", sub.ID, left, id)
			}
		}
		k.stop(t)
		if live(t, server, 1)[0].ID != id {
			t.Error("the subscription did not stay")
		}
	})
}

// TestKeepSubscribedMends what befalls a subscription.
func TestKeepSubscribedMends(t *testing.T) {
	t.Parallel()
	type harm = func(ctx context.Context, k *kept, id string) error
	fail := func(f ringsensetest.Fault) harm {
		return func(_ context.Context, k *kept, _ string) error {
			k.server.Fail(f)
			return nil
		}
	}
	listed := func(records string) harm {
		return func(_ context.Context, k *kept, id string) error {
			records := strings.NewReplacer("ID", id, "HOOK", hook).Replace(records)
			k.server.Fail(ringsensetest.Fault{Op: "Subscriptions", Status: 200, Body: `{"records":[` + records + `]}`})
			return nil
		}
	}
	// second makes another subscription, whose end meets with faults.
	second := func(faults ...ringsensetest.Fault) harm {
		return func(ctx context.Context, k *kept, _ string) error {
			for _, f := range faults {
				f.Op = "Unsubscribe"
				k.server.Fail(f)
			}
			_, err := k.client.Subscribe(ctx, hookRequest())
			return err
		}
	}
	blacklisted := func(_ context.Context, k *kept, id string) error {
		k.server.Blacklist(id, "no answer")
		return nil
	}
	deleted := func(ctx context.Context, k *kept, id string) error { return k.client.Unsubscribe(ctx, id) }
	changed := func(ctx context.Context, k *kept, id string) error {
		_, err := k.client.UpdateSubscription(ctx, id, ringsense.SubscriptionRequest{EventFilters: ringsense.InsightsFilters(ringsense.DomainRCX)})
		return err
	}
	const check = 5 * time.Minute
	tests := map[string]struct {
		befall  harm
		after   time.Duration
		changes string
		same    bool
	}{
		"blacklisted":       {blacklisted, check, "lost removed created", false},
		"deleted":           {deleted, check, "lost created", false},
		"changed":           {changed, check, "lost created removed", false},
		"of another status": {listed(`{"id":"ID","status":"Resting","deliveryMode":{"address":"HOOK"}}`), check, "lost removed created", false},
		"fewer filters":     {listed(`{"id":"ID","deliveryMode":{"address":"HOOK"}}`), check, "lost created removed", false},
		"a list of nothing": {listed(``), check, "", true},
		"gone, at renewal": {
			fail(ringsensetest.Fault{Op: "RenewSubscription", Status: 404, Body: `{"errorCode":"SUB-507"}`}),
			84 * time.Hour, "lost created removed", false,
		},
		"a second one": {second(), check, "removed", true},
		"a second one that is gone before it is removed": {second(ringsensetest.Fault{Status: 404}), check, "", true},
		"a second one that cannot be removed":            {second(ringsensetest.Fault{Status: 403, Body: `{"errorCode":"CMN-408"}`}), 2 * check, "failed removed", true},
		"a list that fails":                              {fail(ringsensetest.Fault{Op: "Subscriptions", N: 4, Status: 503}), 6 * time.Minute, "failed", true},
		"a renewal that fails": {
			fail(ringsensetest.Fault{Op: "RenewSubscription", N: 2, Status: 503}),
			85 * time.Hour, "failed " + "failed renewed", true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				server.SetReceiver(http.HandlerFunc(echo))
				k := keep(t, server, hookRequest())
				k.expect(t, "at first", "created")
				id := live(t, server, 1)[0].ID
				if err := tt.befall(t.Context(), k, id); err != nil {
					t.Fatal(err)
				}
				time.Sleep(tt.after)
				k.expect(t, "then", tt.changes)
				time.Sleep(10 * time.Minute) // whatever was left to do
				if same := live(t, server, 1)[0].ID == id; same != tt.same {
					t.Errorf("the same subscription lives: %t, want %t", same, tt.same)
				}
				k.stop(t)
			})
		})
	}
}

// TestKeepSubscribedOwnsTheAddress: what others left behind at the address goes,
// once there is a subscription of its own, and the rest stays.
func TestKeepSubscribedOwnsTheAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		client := server.Client()
		for i := range 30 {
			s := hookRequest()
			if i == 0 {
				s.Address += "/other"
			}
			if _, err := client.Subscribe(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		before := live(t, server, 29)
		server.Blacklist(before[28].ID, "")
		if server.Blacklist("nobody", "") {
			t.Error("what is not there was blacklisted")
		}
		k := keep(t, server, hookRequest())
		k.expect(t, "with a place to be had", "removed created"+strings.Repeat(" removed", 28))
		k.stop(t)
		if all := server.Subscriptions(); len(all) != 2 || all[0].DeliveryMode.Address == hook {
			t.Errorf("got %v, want that of another address and the new one", all)
		}

		for range 28 {
			if _, err := client.Subscribe(t.Context(), hookRequest()); err != nil {
				t.Fatal(err)
			}
		}
		k = keep(t, server, hookRequest())
		k.expect(t, "without a place", strings.Repeat("removed ", 29)+"created")
		live(t, server, 1)
		k.stop(t)
	})
}

// TestKeepSubscribedExpires: an outage that lasts longer than the subscription.
func TestKeepSubscribedExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		between := &trouble{next: inMemoryTransport(server)}
		k := keep(t, server, hookRequest(), ringsense.WithHTTPClient(&http.Client{Transport: between}))
		between.mode.Store(refusing)
		time.Sleep(8 * 24 * time.Hour)
		live(t, server, 0)
		if got := k.take(); !strings.HasPrefix(got, "created failed") || !strings.Contains(got, " lost failed") {
			t.Errorf("got the changes %.100q", got)
		}
		between.mode.Store(inOrder)
		time.Sleep(5 * time.Minute)
		k.expect(t, "in order again", "created")
		live(t, server, 1)
		k.stop(t)
	})
}

// TestKeepSubscribedWaits as long as the service wants.
func TestKeepSubscribedWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		server.Fail(ringsensetest.Fault{Op: "Subscriptions", Status: 503, Header: http.Header{"Retry-After": {"3600"}}})
		start := time.Now()
		k := keep(t, server, hookRequest())
		k.expect(t, "at first", "failed")
		time.Sleep(time.Hour - time.Second)
		k.expect(t, "during the wait", "")
		time.Sleep(2 * time.Second)
		k.expect(t, "after the wait", "created")
		if n := len(server.Requests()); n != 5 { // two tokens, as the first one ended
			t.Errorf("%d requests in %v, want 5", n, time.Since(start))
		}
		k.stop(t)
	})
}

// TestKeepSubscribedShortGrants are not renewed all the time.
func TestKeepSubscribedShortGrants(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		server.Fail(ringsensetest.Fault{Op: "Subscribe", Status: 200, Body: `{"id":"a","expiresIn":1}`})
		server.Fail(ringsensetest.Fault{Op: "Subscriptions", Status: 200, Body: `{"records":[]}`})
		k := keep(t, server, hookRequest())
		time.Sleep(40 * time.Second)
		k.expect(t, "a moment later", "created")
		time.Sleep(time.Minute)
		k.expect(t, "a minute later", "lost created")
		k.stop(t)
	})
}
