package ringsense

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/option"
	"github.com/callinsights/callinsights-go/internal/poll"
)

const (
	// defaultCheck and shortestCheck are for CheckEvery.
	defaultCheck  = 5 * time.Minute
	shortestCheck = time.Minute
	// shortestKept is the shortest lifetime that can be kept up.
	shortestKept = 10 * time.Minute
	firstRetry   = 5 * time.Second
	leastPause   = time.Second
	// longestAsked is how long the service may ask to wait.
	longestAsked = time.Hour
	// lastChance is how long before the end of a subscription the next one is
	// made at the latest.
	lastChance = 30 * time.Second
)

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
	// filters are its filters in the service's own spelling.
	filters []string
	// overdue is why it could not be renewed, nil if that is not due.
	overdue error
	// lived says that there has been a subscription, and own holds the ids.
	lived bool
	own   map[string]bool
	// failures counts those in a row.
	failures int
	// inDoubt says that a subscription may have been made without an answer. It
	// is none of the strangers, which were there before; nil if that is not known.
	inDoubt   bool
	strangers map[string]bool
}

func newKeeper(c *Client, s SubscriptionRequest, opts []KeepOption) (*keeper, error) {
	s.EventFilters = slices.Clone(s.EventFilters)
	k := &keeper{client: c, request: s, interval: defaultCheck, report: func(SubscriptionChange) {}, own: make(map[string]bool)}
	if err := option.Apply(opts, KeepOption.apply, k); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.lifetime() < shortestKept {
		return nil, fault.Invalid("ExpiresIn is %v, which is too short to be kept up; want %v at least", s.ExpiresIn, shortestKept)
	}
	if half := s.lifetime() / 2; k.interval > half {
		return nil, fault.Invalid("CheckEvery: %v is more than %v, half of the lifetime of the subscription", k.interval, half)
	}
	return k, nil
}

func (k *keeper) tell(kind ChangeKind, s *Subscription, err error) {
	k.report(SubscriptionChange{Kind: kind, Subscription: s, Err: err})
}

// pass makes the service have what it should have: one subscription at the
// address, not about to expire. It takes no longer than an interval. One request
// that fails does not keep it from what it can do without.
func (k *keeper) pass(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, k.interval)
	defer cancel()
	if err := k.renewIfDue(ctx); k.endsPass(err) {
		return err
	}
	all, notListed := k.list(ctx)
	if k.endsPass(notListed) && (k.kept != nil || k.isFinal(notListed)) {
		return notListed // no wait that is asked for keeps a lost one from being replaced
	}
	all, err := k.inspect(ctx, all, notListed)
	if err != nil {
		return err
	}
	if err := k.replace(ctx, all, notListed); err != nil {
		return err
	}
	k.remove(ctx, all, everyOne)
	if notListed != nil {
		return notListed
	}
	return k.overdue
}

// endsPass reports whether nothing else is to be sent after a failure.
func (k *keeper) endsPass(err error) bool {
	return err != nil && (poll.AskedToWait(err) > 0 || k.isFinal(err))
}

// pause is how long to wait after a pass that began then. It is measured from
// the beginning, so that a pass that hangs does not put off the next one.
func (k *keeper) pause(began time.Time, err error) time.Duration {
	delay, asked := k.interval, longestAsked
	if err == nil {
		k.failures = 0
	} else {
		delay = min(delay, firstRetry<<min(k.failures, 30))
		k.failures++
	}
	next := began.Add(time.Duration(float64(delay) * (0.8 + 0.2*rand.Float64()))) //nolint:gosec // not a secret
	if k.kept != nil {
		due := k.renew
		if !due.After(began) { // the renewal failed
			due = k.expires.Add(-lastChance)
		}
		if due.Before(next) {
			next = due
		}
		asked = min(asked, time.Until(k.expires)/2)
	}
	return max(time.Until(next), min(asked, poll.AskedToWait(err)), leastPause)
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

// isLoss reports whether the answer to a request for one subscription means that
// it cannot be held, be it gone or not. Whether another one can be made is for the
// service to say when it is.
func (k *keeper) isLoss(err error) bool {
	return errors.Is(err, ErrNotFound) || err != nil && k.isFinal(err) && !errors.Is(err, ErrUnauthorized)
}

// isGone reports whether the service itself says that there is no such
// subscription. It is asked where a list fails as well: if both are out of order,
// each pass would make another subscription, and none could be found and removed.
func isGone(err error) bool {
	refused, ok := errors.AsType[*Error](err)
	return ok && errors.Is(err, ErrNotFound) && refused.Code != "" && refused.Code != codeUnknownPath
}

// hold notes that the subscription lives as long as that, counted from before
// it was asked for. Our own clock measures it, as the service's may differ.
func (k *keeper) hold(s *Subscription, asked time.Time) {
	lifetime := k.request.lifetime()
	if granted := s.ExpiresIn; granted > 0 && granted < int64(lifetime/time.Second) {
		lifetime = max(time.Duration(granted)*time.Second, 2*shortestCheck)
	}
	k.kept, k.lived, k.overdue = s, true, nil
	k.own[s.ID] = true
	k.expires = asked.Add(lifetime)
	k.renew = asked.Add(time.Duration(float64(lifetime) * (0.4 + 0.1*rand.Float64()))) //nolint:gosec // not a secret
}

// begin holds another one than before.
func (k *keeper) begin(kind ChangeKind, s *Subscription, filters []string, asked time.Time) {
	k.inDoubt = false
	k.filters = filters
	if len(filters) == 0 { // the answer does not tell
		k.filters = k.request.EventFilters
	}
	k.hold(s, asked)
	k.tell(kind, s, nil)
}

func (k *keeper) lose(why error) {
	k.tell(ChangeLost, k.kept, why)
	k.kept = nil
}

var (
	errExpired     = errors.New("the subscription expired before it could be renewed")
	errBlacklisted = errors.New("the service has blacklisted the subscription, as it could not deliver to the address")
	errChanged     = errors.New("the filters of the subscription were changed by somebody else")
)

// renewIfDue goes by the id alone, so that a service that cannot list does not
// keep a subscription from being renewed. If renewal fails until little is left,
// the subscription counts as lost while it lives: the next one is made before it
// ends. There are two intervals left then, as a pass may take one.
func (k *keeper) renewIfDue(ctx context.Context) error {
	now := time.Now()
	switch {
	case k.kept == nil || now.Before(k.renew):
		return nil
	case !now.Before(k.expires):
		k.lose(errExpired)
		return nil
	}
	renewed, err := k.renewal(ctx, k.kept.ID)
	switch {
	case err == nil:
		k.hold(renewed, now)
		k.tell(ChangeRenewed, renewed, nil)
	case k.isLoss(err), !k.isFinal(err) && time.Until(k.expires) <= 2*k.interval:
		k.lose(err)
		return nil
	}
	k.overdue = err
	return err
}

// renewal leaves time for the rest of a pass.
func (k *keeper) renewal(ctx context.Context, id string) (*Subscription, error) {
	ctx, cancel := context.WithTimeout(ctx, k.interval/3)
	defer cancel()
	return k.client.RenewSubscription(ctx, id)
}

// list returns our own subscriptions and the others with the address, and notes
// which there are before another one is made. It leaves time for the rest of a
// pass.
func (k *keeper) list(ctx context.Context) ([]*Subscription, error) {
	ctx, cancel := context.WithTimeout(ctx, k.interval/3)
	defer cancel()
	all, err := k.client.Subscriptions(ctx)
	if !k.inDoubt {
		k.strangers = nil
	}
	if !k.inDoubt && err == nil {
		k.strangers = make(map[string]bool)
		for _, s := range all {
			k.strangers[s.ID] = true
		}
	}
	return slices.DeleteFunc(all, func(s *Subscription) bool {
		return !k.own[s.ID] && !sameAddress(s.DeliveryMode.Address, k.request.Address)
	}), err
}

// inspect looks at the subscription among all those that are listed. If it is
// not among them it is asked for, as a list may lag behind, and added to them.
func (k *keeper) inspect(ctx context.Context, all []*Subscription, notListed error) ([]*Subscription, error) {
	if k.kept == nil {
		return all, nil
	}
	i := slices.IndexFunc(all, func(s *Subscription) bool { return s.ID == k.kept.ID })
	if i < 0 {
		s, err := k.client.Subscription(ctx, k.kept.ID)
		switch {
		case k.isLoss(err) && notListed != nil && !isGone(err):
			return all, nil // neither tells anything
		case k.isLoss(err):
			k.lose(err)
			return all, nil
		case err != nil:
			return all, err
		}
		i, all = len(all), append(all, s)
	}
	k.kept = all[i]
	switch {
	case k.kept.Status == SubscriptionBlacklisted:
		k.lose(errBlacklisted)
	case !k.kept.works():
		k.lose(fmt.Errorf("the status of the subscription is %.50q", k.kept.Status))
	case len(k.kept.DisabledFilters) > 0:
		return all, &Error{Vendor: vendor, Op: opKeepSubscribed, Err: k.kept.disabled()}
	case !sameFilters(k.kept.EventFilters, k.filters):
		k.lose(errChanged)
	}
	return all, nil
}

// replace sees to it that there is a subscription. It does without the list if
// there has been one that is lost: what is left of it is removed later.
func (k *keeper) replace(ctx context.Context, all []*Subscription, notListed error) error {
	switch {
	case k.kept != nil:
		return nil
	case notListed != nil && (k.inDoubt || !k.lived):
		return notListed
	case k.inDoubt:
		if adopted, err := k.adopt(ctx, all); adopted || err != nil {
			return err
		}
	}
	return k.create(ctx, all)
}

// adopt takes over what was made without an answer. Its token is the one that
// was sent, which cannot be said of any other subscription. How old it is cannot
// be said either, so it is renewed.
func (k *keeper) adopt(ctx context.Context, all []*Subscription) (bool, error) {
	i := slices.IndexFunc(all, func(s *Subscription) bool {
		return !k.strangers[s.ID] && s.works() && len(s.DisabledFilters) == 0 && sameFilters(s.EventFilters, k.request.EventFilters)
	})
	if i < 0 || k.strangers == nil {
		return false, nil
	}
	now := time.Now()
	renewed, err := k.renewal(ctx, all[i].ID)
	switch {
	case k.isLoss(err):
		return false, nil
	case err != nil:
		return false, err
	}
	k.begin(ChangeAdopted, renewed, all[i].EventFilters, now)
	return true, nil
}

// create makes a subscription, after those that do not work are out of the way.
// Those that do work are removed only when there is the new one.
func (k *keeper) create(ctx context.Context, all []*Subscription) error {
	k.remove(ctx, all, func(s *Subscription) bool { return !s.works() })
	now := time.Now()
	created, err := k.client.Subscribe(ctx, k.request)
	if refused, ok := errors.AsType[*Error](err); ok && refused.Code == "SUB-505" && k.remove(ctx, all, everyOne) > 0 {
		// Now there is a place for it.
		created, err = k.client.Subscribe(ctx, k.request)
	}
	if err == nil {
		k.begin(ChangeCreated, created, created.EventFilters, now)
		return nil
	}
	if created != nil {
		k.end(ctx, created) // filters are switched off, and nobody will hold it
	}
	if failed, ok := errors.AsType[*Error](err); ok && mayHaveBeenDone(failed) {
		k.inDoubt = true
	}
	return err
}

// remove ends those subscriptions that are to go, except for the one that is
// kept. One that cannot be ended is no reason to stop: it is listed again the next
// time. It returns how many are gone.
func (k *keeper) remove(ctx context.Context, all []*Subscription, goes func(*Subscription) bool) (gone int) {
	for i, s := range all {
		if s == nil || !goes(s) || k.kept != nil && s.ID == k.kept.ID {
			continue
		}
		if k.end(ctx, s) {
			all[i] = nil
			gone++
		}
	}
	return gone
}

func everyOne(*Subscription) bool { return true }

// end reports whether the subscription is gone.
func (k *keeper) end(ctx context.Context, s *Subscription) bool {
	switch err := k.client.Unsubscribe(ctx, s.ID); {
	case err == nil:
		k.tell(ChangeRemoved, s, nil)
	case !errors.Is(err, ErrNotFound):
		k.tell(ChangeFailed, s, err)
		return false
	}
	return true
}
