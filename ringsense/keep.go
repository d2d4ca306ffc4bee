package ringsense

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/transport"
)

const opKeepSubscribed = "KeepSubscribed"

const (
	// defaultCheck and shortestCheck are for CheckEvery.
	defaultCheck  = 5 * time.Minute
	shortestCheck = time.Minute
	// shortestKept is the shortest lifetime that can be kept up.
	shortestKept = 10 * time.Minute
	firstRetry   = 5 * time.Second
	leastPause   = time.Second
)

// ChangeKind says what a [SubscriptionChange] is about.
type ChangeKind string

// The kinds of a change.
const (
	// ChangeCreated: the subscription was made. If there was one before, see
	// ChangeLost, events may have been missed in between.
	ChangeCreated ChangeKind = "created"
	// ChangeAdopted: the subscription was found that an earlier attempt made,
	// whose answer was lost.
	ChangeAdopted ChangeKind = "adopted"
	// ChangeRenewed: the subscription lives on.
	ChangeRenewed ChangeKind = "renewed"
	// ChangeLost: the subscription is blacklisted, changed or gone, as Err says,
	// and another one is about to be made.
	ChangeLost ChangeKind = "lost"
	// ChangeRemoved: another subscription with the same address was ended.
	ChangeRemoved ChangeKind = "removed"
	// ChangeFailed: a request failed, as Err says, and will be made again.
	ChangeFailed ChangeKind = "failed"
)

// SubscriptionChange is what [Client.KeepSubscribed] reports.
type SubscriptionChange struct {
	Kind ChangeKind
	// Subscription is the one concerned, as it was seen last; nil for a failure
	// that concerns none.
	Subscription *Subscription
	// Err is why, of ChangeLost and ChangeFailed; otherwise nil.
	Err error
}

// KeepOption changes how [Client.KeepSubscribed] works.
type KeepOption interface{ apply(*keeper) error }

type keepOptionFunc func(*keeper) error

func (f keepOptionFunc) apply(k *keeper) error { return f(k) }

// OnSubscriptionChange calls report for each change. It is called one at a time
// and within KeepSubscribed, which waits for it.
func OnSubscriptionChange(report func(SubscriptionChange)) KeepOption {
	return keepOptionFunc(func(k *keeper) error {
		if report == nil {
			return transport.Invalid("OnSubscriptionChange: the function is nil")
		}
		k.report = report
		return nil
	})
}

// CheckEvery sets how often KeepSubscribed looks after its subscription, which
// is also the longest that it waits to try again what failed: 5 minutes unless
// set, and a minute at least. It takes a request each time, which counts against
// the rate limits.
func CheckEvery(interval time.Duration) KeepOption {
	return keepOptionFunc(func(k *keeper) error {
		if interval < shortestCheck {
			return transport.Invalid("CheckEvery: %v is less than %v", interval, shortestCheck)
		}
		k.interval = interval
		return nil
	})
}

// KeepSubscribed makes a subscription and holds it until ctx ends, whose error
// it then returns. It renews the subscription before half of its lifetime is
// over, looks after it in between (see [CheckEvery]), and makes another one when
// it is blacklisted, expired, changed or gone. [OnSubscriptionChange] tells of
// all that. The handler must be up before, as for [Client.Subscribe].
//
// It assumes to be the only one that subscribes the address: it ends every other
// subscription of the same user and app with the same address, letter for letter.
// Those are what an earlier run left behind, whose verification token nobody can
// look up. The one that it holds stays when ctx ends, so that nothing is missed
// while a program is restarted; [Client.Unsubscribe] ends it. Two programs, or
// two instances of one, need two addresses.
//
// It survives failures that may pass, however long they last: it tries again
// after some seconds, then less often, at last as often as CheckEvery says, and
// never before the service wants it. It ends with the error of what will not
// pass by itself: a request that is wrong or refused, a login that is refused,
// and filters that the service switches off ([*DisabledFiltersError]). Once there
// has been a subscription, the handler may be down for a while: that the address
// does not answer as it must (SUB-524, SUB-525), the limit of subscriptions
// (SUB-505), [ErrNotFound] and refusals without a code, such as those of a proxy,
// then count as what may pass.
//
// The service does not send again what it could not deliver. After ChangeLost or
// a long outage, [Client.Backfill] finds the phone calls that were missed.
//
// SubscriptionRequest.ExpiresIn must be 10 minutes at least, or 0. A short one
// ends what a program that is gone left behind; a long one outlives outages.
func (c *Client) KeepSubscribed(ctx context.Context, s SubscriptionRequest, opts ...KeepOption) error {
	k, err := newKeeper(c, s, opts)
	if err == nil && ctx == nil {
		err = transport.Invalid("the context is nil")
	}
	if err != nil {
		return c.pipeline.Refuse(ctx, opKeepSubscribed, err)
	}
	for {
		began := time.Now()
		err := k.pass(ctx)
		if ctx.Err() == nil && err != nil {
			if k.isFinal(err) {
				return err
			}
			k.tell(ChangeFailed, nil, err)
		}
		if !sleep(ctx, k.pause(began, err)) {
			return &Error{Vendor: vendor, Op: opKeepSubscribed, Err: ctx.Err()}
		}
	}
}

// sleep waits and reports whether ctx still lives.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// keeper is what KeepSubscribed knows. Its requests go by the names of the
// methods that they are those of, as the rate gate learns by them.
type keeper struct {
	client   *Client
	request  SubscriptionRequest
	interval time.Duration
	report   func(SubscriptionChange)

	// kept is the subscription, nil if there is none, and these are its times.
	kept           *Subscription
	renew, expires time.Time
	// lived says that there has been a subscription.
	lived bool
	// failures counts those in a row.
	failures int
	// inDoubt says that a subscription may have been made without an answer. It
	// is none of the strangers, which were there before.
	inDoubt   bool
	strangers map[string]bool
}

func newKeeper(c *Client, s SubscriptionRequest, opts []KeepOption) (*keeper, error) {
	s.EventFilters = slices.Clone(s.EventFilters)
	k := &keeper{client: c, request: s, interval: defaultCheck, report: func(SubscriptionChange) {}}
	for i, opt := range opts {
		if opt == nil {
			return nil, transport.Invalid("option %d is nil", i+1)
		}
		if err := opt.apply(k); err != nil {
			return nil, err
		}
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.lifetime() < shortestKept {
		return nil, transport.Invalid("ExpiresIn is %v, which is too short to be kept up; want %v at least", s.ExpiresIn, shortestKept)
	}
	return k, nil
}

func (k *keeper) tell(kind ChangeKind, s *Subscription, err error) {
	k.report(SubscriptionChange{Kind: kind, Subscription: s, Err: err})
}

// pass makes the service have what it should have: one subscription at the
// address, not about to expire. It takes no longer than an interval.
func (k *keeper) pass(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, k.interval)
	defer cancel()
	if err := k.renewIfDue(ctx); err != nil {
		return err
	}
	all, err := k.client.Subscriptions(ctx)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(s *Subscription) bool { return s.DeliveryMode.Address != k.request.Address })
	if err := k.inspect(all); err != nil {
		return err
	}
	if err := k.adopt(ctx, all); err != nil {
		return err
	}
	if k.kept == nil {
		if err := k.create(ctx, all); err != nil {
			return err
		}
	}
	k.remove(ctx, all, everyOne)
	return nil
}

// pause is how long to wait after a pass that began then. It is measured from
// the beginning, so that a pass that hangs does not put off the next one.
func (k *keeper) pause(began time.Time, err error) time.Duration {
	delay := k.interval
	if err == nil {
		k.failures = 0
	} else {
		delay = min(delay, firstRetry<<min(k.failures, 30))
		k.failures++
	}
	next := began.Add(time.Duration(float64(delay) * (0.8 + 0.2*rand.Float64()))) //nolint:gosec // not a secret
	if err == nil && k.renew.Before(next) {
		next = k.renew
	}
	return max(time.Until(next), askedToWait(err), leastPause)
}

// isFinal reports whether err will not pass by itself.
func (k *keeper) isFinal(err error) bool {
	if errors.Is(err, ErrUnavailable) || errors.Is(err, ErrRateLimited) || errors.Is(err, ErrInvalidResponse) || isContextError(err) {
		return false
	}
	if _, disabled := errors.AsType[*DisabledFiltersError](err); disabled || !k.lived || errors.Is(err, ErrUnauthorized) {
		return true
	}
	refused, ok := errors.AsType[*Error](err)
	passing := []string{"", "SUB-505", "SUB-524", "SUB-525"}
	return ok && !errors.Is(err, ErrNotFound) && !slices.Contains(passing, refused.Code)
}

// hold notes that the subscription lives as long as that, counted from before
// it was asked for. Our own clock measures it, as the service's may differ.
func (k *keeper) hold(s *Subscription, asked time.Time) {
	lifetime := k.request.lifetime()
	if granted := s.ExpiresIn; granted > 0 && granted < int64(lifetime/time.Second) {
		lifetime = max(time.Duration(granted)*time.Second, 2*shortestCheck)
	}
	k.kept, k.lived = s, true
	k.expires = asked.Add(lifetime)
	k.renew = asked.Add(time.Duration(float64(lifetime) * (0.4 + 0.1*rand.Float64()))) //nolint:gosec // not a secret
}

func (k *keeper) lose(why error) {
	k.tell(ChangeLost, k.kept, why)
	k.kept = nil
}

var (
	errExpired     = errors.New("the subscription expired before it could be renewed")
	errGone        = errors.New("the service does not list the subscription any longer")
	errBlacklisted = errors.New("the service has blacklisted the subscription, as it could not deliver to the address")
	errChanged     = errors.New("the filters of the subscription were changed by somebody else")
)

// renewIfDue goes by the id alone, so that a service that cannot list does not
// keep a subscription from being renewed.
func (k *keeper) renewIfDue(ctx context.Context) error {
	now := time.Now()
	switch {
	case k.kept == nil || now.Before(k.renew):
		return nil
	case !now.Before(k.expires):
		k.lose(errExpired)
		return nil
	}
	renewed, err := k.client.RenewSubscription(ctx, k.kept.ID)
	switch {
	case errors.Is(err, ErrNotFound):
		k.lose(err)
		return nil
	case err != nil:
		return err
	}
	k.hold(renewed, now)
	k.tell(ChangeRenewed, renewed, nil)
	return nil
}

// inspect looks at the subscription among all those with the address.
func (k *keeper) inspect(all []*Subscription) error {
	if k.kept == nil {
		return nil
	}
	i := slices.IndexFunc(all, func(s *Subscription) bool { return s.ID == k.kept.ID })
	if i < 0 {
		k.lose(errGone)
		return nil
	}
	k.kept = all[i]
	switch {
	case k.kept.Status == SubscriptionBlacklisted:
		k.lose(errBlacklisted)
	case !k.kept.works():
		k.lose(fmt.Errorf("the status of the subscription is %.50q", k.kept.Status))
	case len(k.kept.DisabledFilters) > 0:
		return &Error{Vendor: vendor, Op: opKeepSubscribed, Err: k.kept.disabled()}
	case !sameFilters(k.kept.EventFilters, k.request.EventFilters):
		k.lose(errChanged)
	}
	return nil
}

// adopt takes over what was made without an answer. Its token is the one that
// was sent, which cannot be said of any other subscription. How old it is cannot
// be said either, so it is renewed.
func (k *keeper) adopt(ctx context.Context, all []*Subscription) error {
	if k.kept != nil || !k.inDoubt {
		return nil
	}
	i := slices.IndexFunc(all, func(s *Subscription) bool {
		return !k.strangers[s.ID] && s.works() && len(s.DisabledFilters) == 0 && sameFilters(s.EventFilters, k.request.EventFilters)
	})
	if i < 0 {
		return nil
	}
	now := time.Now()
	renewed, err := k.client.RenewSubscription(ctx, all[i].ID)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil // it is gone again
	case err != nil:
		return err
	}
	k.inDoubt = false
	k.hold(renewed, now)
	k.tell(ChangeAdopted, renewed, nil)
	return nil
}

// create makes a subscription, after those that do not work are out of the way.
// Those that do work are removed only when there is the new one.
func (k *keeper) create(ctx context.Context, all []*Subscription) error {
	if !k.inDoubt {
		k.strangers = make(map[string]bool)
		for _, s := range all {
			k.strangers[s.ID] = true
		}
	}
	k.remove(ctx, all, func(s *Subscription) bool { return !s.works() })
	now := time.Now()
	created, err := k.client.Subscribe(ctx, k.request)
	if refused, ok := errors.AsType[*Error](err); ok && refused.Code == "SUB-505" && k.remove(ctx, all, everyOne) > 0 {
		// Now there is a place for it.
		created, err = k.client.Subscribe(ctx, k.request)
	}
	if err == nil {
		k.inDoubt = false
		k.hold(created, now)
		k.tell(ChangeCreated, created, nil)
		return nil
	}
	if failed, ok := errors.AsType[*Error](err); ok && mayHaveBeenDone(failed) {
		k.inDoubt = true
	}
	return err
}

// remove ends the subscriptions with the address that are to go, except for the
// one that is kept. One that cannot be ended is no reason to stop: it is listed
// again the next time. It returns how many are gone.
func (k *keeper) remove(ctx context.Context, all []*Subscription, goes func(*Subscription) bool) (gone int) {
	for i, s := range all {
		if s == nil || !goes(s) || k.kept != nil && s.ID == k.kept.ID {
			continue
		}
		switch err := k.client.Unsubscribe(ctx, s.ID); {
		case err == nil:
			k.tell(ChangeRemoved, s, nil)
		case errors.Is(err, ErrNotFound):
		default:
			k.tell(ChangeFailed, s, err)
			continue
		}
		all[i] = nil
		gone++
	}
	return gone
}

func everyOne(*Subscription) bool { return true }

// sameFilters reports whether two sets of filters are the same, where the
// service may have put an id in the place of "~".
func sameFilters(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(filter string) bool {
		return !slices.ContainsFunc(b, func(other string) bool { return sameFilter(filter, other) })
	})
}

func sameFilter(a, b string) bool {
	pathA, queryA, _ := strings.Cut(a, "?")
	pathB, queryB, _ := strings.Cut(b, "?")
	partsA, partsB := strings.Split(pathA, "/"), strings.Split(pathB, "/")
	return len(partsA) == len(partsB) && sameQuery(queryA, queryB) &&
		slices.EqualFunc(partsA, partsB, func(x, y string) bool { return x == y || x == "~" || y == "~" })
}

// sameQuery does not mind the order of the parameters.
func sameQuery(a, b string) bool {
	valuesA, errA := url.ParseQuery(a)
	valuesB, errB := url.ParseQuery(b)
	return a == b || errA == nil && errB == nil && valuesA.Encode() == valuesB.Encode()
}
