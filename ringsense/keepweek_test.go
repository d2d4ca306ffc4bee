package ringsense_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// trouble is a service that is out of order at times.
type trouble struct {
	next http.RoundTripper
	mode atomic.Int32
}

const (
	inOrder    = iota
	refusing   // 503
	forbidding // a proxy's page
	silent
	limiting  // 429
	lossyMode // changes are made and the answers lost
	modes
)

func (d *trouble) RoundTrip(req *http.Request) (*http.Response, error) {
	reply := func(status int, header http.Header) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header, Body: http.NoBody, Request: req}, nil
	}
	switch d.mode.Load() {
	case refusing:
		return reply(http.StatusServiceUnavailable, http.Header{})
	case forbidding:
		return reply(http.StatusForbidden, http.Header{"Content-Type": {"text/html"}})
	case limiting:
		return reply(http.StatusTooManyRequests, http.Header{"Retry-After": {"30"}})
	case silent:
		<-req.Context().Done()
		return nil, req.Context().Err()
	case lossyMode:
		answer, err := d.next.RoundTrip(req)
		if req.Method == http.MethodGet || strings.Contains(req.URL.Path, "oauth") {
			return answer, err
		}
		if err == nil {
			_ = answer.Body.Close()
			err = errors.New("connection reset")
		}
		return nil, err
	}
	return d.next.RoundTrip(req)
}

// TestKeepSubscribedForAWeek of outages, blacklisting and deletions: there is
// never a longer time without a live subscription than one interval, while the
// service is in order; and never more than one for longer than that.
func TestKeepSubscribedForAWeek(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { keepForAWeek(t, rand.New(rand.NewPCG(seed, 7))) })
		})
	}
}

func keepForAWeek(t *testing.T, random *rand.Rand) {
	t.Helper()
	const interval, step = 5 * time.Minute, 20 * time.Second
	server := ringsensetest.NewServer()
	server.SetReceiver(http.HandlerFunc(echo))
	between := &trouble{next: inMemoryTransport(server)}
	s := hookRequest()
	s.ExpiresIn = 6 * time.Hour // so that the longest outages are longer
	changes := map[ringsense.ChangeKind]int{}
	ctx, cancel := context.WithTimeout(t.Context(), 7*24*time.Hour)
	defer cancel()
	ended := make(chan error, 1)
	client := server.Client(ringsense.WithHTTPClient(&http.Client{Transport: between}))
	go func() {
		ended <- client.KeepSubscribed(ctx, s, ringsense.CheckEvery(interval), ringsense.OnSubscriptionChange(func(c ringsense.SubscriptionChange) {
			changes[c.Kind]++
		}))
	}()
	vandal := server.Client()
	var without, tooMany, longest time.Duration
	hits, outages := 0, 0
	var back time.Time // when the service is in order again
	for ctx.Err() == nil {
		time.Sleep(step)
		switch {
		case time.Now().Before(back):
			without, tooMany = 0, 0
			continue
		case !back.IsZero():
			between.mode.Store(inOrder)
			back = time.Time{}
		case random.IntN(500) == 0 && ctx.Err() == nil:
			outages++
			between.mode.Store(int32(1 + random.IntN(modes-1)))
			back = time.Now().Add(time.Duration(random.Int64N(int64(2 * time.Minute << random.IntN(9)))))
			continue
		}
		alive := 0
		for _, sub := range server.Subscriptions() {
			if sub.Status == ringsense.SubscriptionActive {
				alive++
			}
		}
		without, tooMany = grow(without, step, alive == 0), grow(tooMany, step, alive > 1)
		longest = max(longest, without)
		if without > interval || tooMany > interval {
			t.Fatalf("%v without a subscription and %v with several, %v after the start", without, tooMany, time.Since(epoch))
		}
		if alive > 0 && random.IntN(750) == 0 {
			hits++
			vandalise(t, server, vandal, random)
		}
	}
	if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	time.Sleep(10 * time.Minute) // a login may be under way
	if changes[ringsense.ChangeCreated] < 5 || changes[ringsense.ChangeRenewed] < 5 || changes[ringsense.ChangeLost] < 5 || hits < 5 || outages < 5 {
		t.Errorf("%d hits, %d outages, changes %v: that was no test", hits, outages, changes)
	}
	t.Logf("%d hits, %d outages, changes %v, at most %v without", hits, outages, changes, longest)
}

// epoch is when the clock of a bubble begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func grow(d, step time.Duration, grows bool) time.Duration {
	if !grows {
		return 0
	}
	return d + step
}

// vandalise harms a subscription in one of the ways there are.
func vandalise(t *testing.T, server *ringsensetest.Server, client *ringsense.Client, random *rand.Rand) {
	t.Helper()
	list := server.Subscriptions()
	id := list[random.IntN(len(list))].ID
	var err error
	switch random.IntN(4) {
	case 0:
		server.Blacklist(id, "no answer")
	case 1:
		err = client.Unsubscribe(t.Context(), id)
	case 2:
		_, err = client.UpdateSubscription(t.Context(), id, ringsense.SubscriptionRequest{EventFilters: ringsense.InsightsFilters(ringsense.DomainRCX)})
	case 3:
		_, err = client.Subscribe(t.Context(), hookRequest())
	}
	if err != nil && !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
}
