package ringsense

import (
	"context"
	"log/slog"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
)

const opKeepSubscribed = "KeepSubscribed"

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
	// ChangeLost: the subscription is blacklisted, changed or gone, or cannot be
	// renewed, as Err says, and another one is about to be made.
	ChangeLost ChangeKind = "lost"
	// ChangeRemoved: another subscription with the same address was ended, or one
	// that was made with filters that the service switched off.
	ChangeRemoved ChangeKind = "removed"
	// ChangeFailed: a request failed, as Err says, and will be made again. A check
	// that succeeds after it is not reported.
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

// LogValue returns the kind, the id of the subscription and the error, but not
// the address, which may hold a secret.
func (c SubscriptionChange) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("kind", string(c.Kind))}
	if c.Subscription != nil {
		attrs = append(attrs, slog.Any("subscription", c.Subscription.LogValue()))
	}
	if c.Err != nil {
		attrs = append(attrs, slog.String("error", c.Err.Error()))
	}
	return slog.GroupValue(attrs...)
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
			return fault.Invalid("OnSubscriptionChange: the function is nil")
		}
		k.report = report
		return nil
	})
}

// CheckEvery sets how often KeepSubscribed looks after its subscription, which
// is also the longest that it waits to try again what failed: 5 minutes unless
// set, a minute at least, and at most half of the lifetime of the subscription.
// It takes a request each time, which counts against the rate limits.
func CheckEvery(interval time.Duration) KeepOption {
	return keepOptionFunc(func(k *keeper) error {
		if interval < shortestCheck {
			return fault.Invalid("CheckEvery: %v is less than %v", interval, shortestCheck)
		}
		k.interval = interval
		return nil
	})
}

// KeepSubscribed makes a subscription and holds it until ctx ends, whose error
// it then returns. It renews the subscription before half of its lifetime is
// over, looks after it in between (see [CheckEvery]), and makes another one when
// it is blacklisted, expired, changed or gone, or when it cannot be renewed and is
// about to expire. [OnSubscriptionChange] tells of all that. The handler must be
// up before, as for [Client.Subscribe].
//
// It assumes to be the only one that subscribes the address: it ends every other
// subscription of the same user and app with the same address, where only the
// host may be in other letters. Those are what an earlier run left behind, whose
// verification token nobody can look up. The one that it holds stays when ctx
// ends, so that nothing is missed while a program is restarted;
// [Client.Unsubscribe] ends it. Two programs, or two instances of one, need two
// addresses.
//
// It survives failures that may pass, however long they last: it tries again
// after some seconds, then less often, at last as often as CheckEvery says. It
// also waits for as long as the service asks to, but then not for more than an
// hour, nor for more than half of what is left of the subscription's lifetime.
// With little of it left, another subscription is made in spite of that, if the
// service lets it. While the service can neither list its subscriptions nor show
// the one that is held, that one counts as live, unless the service says that it
// does not exist.
//
// It ends with the error of what will not pass by itself: a request that is wrong
// or refused, a login that is refused, and filters that the service switches off
// ([*DisabledFiltersError]). A renewal that is refused is none of these: another
// subscription is made. Once there has been a subscription, the handler may be
// down for a while: that the address does not answer as it must (SUB-524,
// SUB-525), the limit of subscriptions (SUB-505), [ErrNotFound] and refusals
// without a code, such as those of a proxy, then count as what may pass.
//
// The service does not send again what it could not deliver. After ChangeLost or
// a long outage, [Client.Backfill] finds the phone calls that were missed.
//
// SubscriptionRequest.ExpiresIn must be 10 minutes at least, or 0. A short one
// ends what a program that is gone left behind; a long one outlives outages.
func (c *Client) KeepSubscribed(ctx context.Context, s SubscriptionRequest, opts ...KeepOption) error {
	c = c.made()
	k, err := newKeeper(c, s, opts)
	if err == nil && ctx == nil {
		err = fault.Invalid("the context is nil")
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
