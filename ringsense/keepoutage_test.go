package ringsense_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// TestKeepSubscribedPartialOutage: as long as one can be made there is a
// subscription, whatever else is out of order and asks to wait, and there are
// never many.
func TestKeepSubscribedPartialOutage(t *testing.T) {
	t.Parallel()
	const hour, week = time.Hour, 7 * 24 * time.Hour
	asks := func(status int, after string) ringsensetest.Fault {
		return ringsensetest.Fault{Status: status, Header: http.Header{"Retry-After": {after}}}
	}
	of := func(op string, f ringsensetest.Fault) ringsensetest.Fault {
		f.Op = op
		return f
	}
	down, page := ringsensetest.Fault{Status: 503}, ringsensetest.Fault{Status: 404, Body: "<html>"}
	coded := func(status int, code string) ringsensetest.Fault {
		return ringsensetest.Fault{Status: status, Body: `{"errorCode":"` + code + `"}`}
	}
	noList := of("Subscriptions", down)
	tests := map[string]struct {
		faults             []ringsensetest.Fault
		interval, lifetime time.Duration
		made               int // at most, in 15 hours
	}{
		"list asks to wait, renewal fails": {
			[]ringsensetest.Fault{of("Subscriptions", asks(503, "30")), of("RenewSubscription", down)}, 5 * time.Minute, 6 * hour, 3,
		},
		"list is limited, renewal hangs": {
			[]ringsensetest.Fault{of("Subscriptions", asks(429, "60")), of("RenewSubscription", ringsensetest.Fault{Delay: 48 * hour})}, 5 * time.Minute, 6 * hour, 3,
		},
		"renewal asks to wait":           {[]ringsensetest.Fault{of("RenewSubscription", asks(503, "30"))}, 5 * time.Minute, 6 * hour, 3},
		"renewal asks, rarely looked at": {[]ringsensetest.Fault{of("RenewSubscription", asks(503, "30"))}, hour, 6 * hour, 4},
		"renewal asks, short lifetime":   {[]ringsensetest.Fault{of("RenewSubscription", asks(503, "3600"))}, 5 * time.Minute, 20 * time.Minute, 100},
		"list alone, rarely looked at":   {[]ringsensetest.Fault{noList}, 15 * time.Minute, 30 * time.Minute, 40},
		"list hangs, rarely looked at": {
			[]ringsensetest.Fault{of("Subscriptions", ringsensetest.Fault{Delay: 48 * hour})}, 15 * time.Minute, 30 * time.Minute, 40,
		},
		"neither is listed or shown, pages": {[]ringsensetest.Fault{of("Subscriptions", page), of("Subscription", page)}, 5 * time.Minute, week, 1},
		"not listed, a page for the one":    {[]ringsensetest.Fault{noList, of("Subscription", page)}, 5 * time.Minute, week, 1},
		"not listed, the one is refused":    {[]ringsensetest.Fault{noList, of("Subscription", coded(400, "CMN-101"))}, 5 * time.Minute, week, 1},
		"not listed, the path is unknown":   {[]ringsensetest.Fault{noList, of("Subscription", coded(404, "AGW-404"))}, 5 * time.Minute, week, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				ctx, cancel := context.WithTimeout(t.Context(), 16*hour)
				defer cancel()
				s := hookRequest()
				s.ExpiresIn = tt.lifetime
				made, ended := 0, make(chan error, 1)
				client := server.Client()
				go func() {
					ended <- client.KeepSubscribed(ctx, s, ringsense.CheckEvery(tt.interval), ringsense.OnSubscriptionChange(func(c ringsense.SubscriptionChange) {
						if c.Kind == ringsense.ChangeCreated {
							made++
						}
					}))
				}()
				synctest.Wait()
				for _, f := range tt.faults {
					f.N = -1
					server.Fail(f)
				}
				if missing := without(server, 15*hour); missing > 0 {
					t.Errorf("there was none for %v", missing)
				}
				if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want it to go on", err)
				}
				if made > tt.made {
					t.Errorf("%d were made, want %d at most", made, tt.made)
				}
				time.Sleep(72 * hour) // what hangs ends
			})
		})
	}
}
