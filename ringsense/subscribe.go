package ringsense

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// The operations on subscriptions.
const (
	opSubscribe          = "Subscribe"
	opSubscriptions      = "Subscriptions"
	opSubscription       = "Subscription"
	opUpdateSubscription = "UpdateSubscription"
	opRenewSubscription  = "RenewSubscription"
	opUnsubscribe        = "Unsubscribe"
)

// DisabledFiltersError is the cause of the error of a call that made or changed
// a subscription of which the service then switched filters off: no events come
// for those. It matches [ErrForbidden], and [ErrScopeMissing] or
// [ErrPermissionMissing] where the codes say so.
type DisabledFiltersError struct {
	// Subscription is the one that was made or changed. It is there.
	Subscription *Subscription
}

// Error names the filters and the codes of the reasons.
func (e *DisabledFiltersError) Error() string {
	if e.Subscription == nil {
		return "the service has switched off filters"
	}
	var b strings.Builder
	b.WriteString("the service has switched off ")
	for i, disabled := range e.Subscription.DisabledFilters {
		if i > 0 {
			b.WriteString(", ")
		}
		path, _, _ := strings.Cut(disabled.Filter, "?")
		fmt.Fprintf(&b, "%.200q (%.50q)", path, disabled.Reason)
	}
	b.WriteString(": the app may lack the scope of a filter, or the user the permission; the subscription is there with the other filters")
	return b.String()
}

// Unwrap returns the kinds of the failure.
func (e *DisabledFiltersError) Unwrap() []error {
	kinds := []error{ErrForbidden}
	if e.Subscription == nil {
		return kinds
	}
	for _, disabled := range e.Subscription.DisabledFilters {
		switch disabled.Reason {
		case "CMN-401":
			kinds = append(kinds, ErrScopeMissing)
		case "CMN-408", "RAH-3005":
			kinds = append(kinds, ErrPermissionMissing)
		}
	}
	return kinds
}

// Subscribe makes a subscription: from then on the service sends the events of
// the filters to the address. It takes the app scope SubscriptionWebhook, and
// the scopes and permissions of the filters.
//
// Before it answers, the service asks the address by an empty POST with the
// header Validation-Token, which must come back within 3 seconds. So the handler
// must be up, and know the VerificationToken, before Subscribe is called. See
// developers.ringcentral.com/guide/notifications/webhooks/creating-webhooks.
//
// A subscription ends after SubscriptionRequest.ExpiresIn, silently, unless it
// is renewed; [Client.KeepSubscribed] sees to that.
//
// What is wrong with the request is an [ErrInvalidRequest], and nothing is sent.
// If the service switches filters off, Subscribe returns the subscription, which
// is there, and an error with a [*DisabledFiltersError], which names them.
//
// A subscription is not made again after a failure that leaves open whether it
// was, as there would be two then that send every event. The error says so, and
// [Client.Subscriptions] tells.
func (c *Client) Subscribe(ctx context.Context, s SubscriptionRequest) (*Subscription, error) {
	c = c.made()
	if err := s.check(); err != nil {
		return nil, c.pipeline.Refuse(ctx, opSubscribe, err)
	}
	sub, err := c.sendSubscription(ctx, opSubscribe, http.MethodPost, nil, s.encode, opaque.NewSecret(s.VerificationToken))
	if failed, ok := errors.AsType[*Error](err); ok {
		failed = withoutToken(failed, s.VerificationToken)
		if mayHaveBeenDone(failed) {
			failed = inDoubt(failed)
		}
		err = failed
	}
	return sub, err
}

// withoutToken returns a copy of e without the verification token, which the
// service may quote from the request.
func withoutToken(e *Error, token string) *Error {
	clean := *e
	clean.Details = slices.Clone(e.Details)
	texts := []*string{&clean.Code, &clean.Message, &clean.RequestID}
	for i := range clean.Details {
		detail := &clean.Details[i]
		texts = append(texts, &detail.Code, &detail.Message, &detail.Parameter)
	}
	for _, text := range texts {
		*text = strings.ReplaceAll(*text, token, "REDACTED")
	}
	return &clean
}

// mayHaveBeenDone reports whether a call that failed may have done what it was
// to do.
func mayHaveBeenDone(e *Error) bool {
	return e.Attempts > 0 && (errors.Is(e, ErrUnavailable) || errors.Is(e, ErrInvalidResponse) || isContextError(e))
}

var errMayBeThere = errors.New("the subscription may have been made all the same: " +
	"look for its address among Subscriptions before making it again")

// inDoubt returns a copy of e, as an observer may have that.
func inDoubt(e *Error) *Error {
	doubtful := *e
	switch {
	case e.Err == nil:
		doubtful.Err = errMayBeThere
	case errors.Is(e, ErrUnavailable):
		doubtful.Err = fault.New(e.Err.Error()+"; "+errMayBeThere.Error(), e.Err, errMayBeThere, ErrUnavailable)
	default:
		doubtful.Err = fmt.Errorf("%w; %w", e.Err, errMayBeThere)
	}
	return &doubtful
}

// Subscriptions returns all subscriptions of the user of the login with this
// app, also those that other programs made. Verification tokens are not part of
// them. It takes the app scope SubscriptionWebhook. See
// developers.ringcentral.com/guide/notifications/webhooks.
func (c *Client) Subscriptions(ctx context.Context) ([]*Subscription, error) {
	c = c.made()
	var list subscriptionList
	err := c.pipeline.Call(ctx, transport.Request{
		Op: opSubscriptions, Method: http.MethodGet, Path: subscriptionPath(),
	}, func(body []byte) error {
		return jsonpull.ParseObject(string(body), list.decode)
	})
	if err != nil {
		return nil, err
	}
	return list.records, nil
}

type subscriptionList struct{ records []*Subscription }

func (l *subscriptionList) decode(d *jsonpull.Decoder) {
	listed := false
	for obj := d.Object(); obj.Next(); {
		if obj.Key == "records" && d.Kind() == '[' {
			l.records, listed = jsonpull.Pointers(d, (*Subscription).decode), true
		}
	}
	if !listed {
		d.Fail(errors.New("not a list of subscriptions: it has no records"))
	}
}

// Subscription returns one subscription. One that does not exist, or no longer,
// is an [ErrNotFound]. See
// developers.ringcentral.com/guide/notifications/webhooks.
func (c *Client) Subscription(ctx context.Context, id string) (*Subscription, error) {
	return c.callSubscription(ctx, opSubscription, http.MethodGet, id)
}

// UpdateSubscription replaces the event filters and the lifetime of a
// subscription, which counts from now. Address and VerificationToken cannot be
// changed and must be empty: make a new subscription for that.
//
// The errors are those of [Client.Subscribe], and [ErrNotFound] for a
// subscription that does not exist, or no longer. The call may be made again
// after any failure. See developers.ringcentral.com/guide/notifications/webhooks.
func (c *Client) UpdateSubscription(ctx context.Context, id string, s SubscriptionRequest) (*Subscription, error) {
	c = c.made()
	err := checkSubscriptionID(id)
	if err == nil {
		err = s.checkChangeable()
	}
	if err == nil && (s.Address != "" || s.VerificationToken != "") {
		err = fault.Invalid("the Address and the VerificationToken of a subscription cannot be changed: " +
			"leave them empty, or make a new subscription")
	}
	if err != nil {
		return nil, c.pipeline.Refuse(ctx, opUpdateSubscription, err)
	}
	return c.sendSubscription(ctx, opUpdateSubscription, http.MethodPut, []string{id}, func(w *jsonpull.Writer) {
		w.Object(func() { s.encodeChangeable(w) })
	})
}

// RenewSubscription makes a subscription live as long again, from now, as it was
// made for. One that has ended, or does not exist, is an [ErrNotFound] and must
// be made anew. The call is not repeated by itself after a failure that leaves
// open whether it was done, and may be made again after any. See
// developers.ringcentral.com/guide/notifications/webhooks.
func (c *Client) RenewSubscription(ctx context.Context, id string) (*Subscription, error) {
	return c.callSubscription(ctx, opRenewSubscription, http.MethodPost, id, "renew")
}

// Unsubscribe ends a subscription. One that does not exist, or no longer, is an
// [ErrNotFound]. See developers.ringcentral.com/guide/notifications/webhooks.
func (c *Client) Unsubscribe(ctx context.Context, id string) error {
	c = c.made()
	if err := checkSubscriptionID(id); err != nil {
		return c.pipeline.Refuse(ctx, opUnsubscribe, err)
	}
	return c.pipeline.Call(ctx, transport.Request{
		Op: opUnsubscribe, Method: http.MethodDelete, Path: subscriptionPath(id),
	}, nil)
}

func subscriptionPath(rest ...string) []string {
	return append([]string{"restapi", "v1.0", "subscription"}, rest...)
}

func checkSubscriptionID(id string) error {
	if id == "" || strings.TrimSpace(id) != id {
		return fault.Invalid("the id of the subscription is empty or has space around it")
	}
	return nil
}

// callSubscription makes a call without a body that answers with a subscription.
func (c *Client) callSubscription(ctx context.Context, op, method, id string, rest ...string) (*Subscription, error) {
	c = c.made()
	if err := checkSubscriptionID(id); err != nil {
		return nil, c.pipeline.Refuse(ctx, op, err)
	}
	sub := new(Subscription)
	err := c.pipeline.Call(ctx, transport.Request{
		Op: op, Method: method, Path: append(subscriptionPath(id), rest...),
	}, sub.read)
	if err != nil {
		return nil, err
	}
	return sub, nil
}

// sendSubscription makes a call whose body encode writes. If filters are
// switched off it returns both the subscription and an error. The secrets are in
// the body, which the service may repeat.
func (c *Client) sendSubscription(ctx context.Context, op, method string, rest []string, encode func(*jsonpull.Writer),
	secrets ...opaque.Secret,
) (*Subscription, error) {
	body, err := jsonpull.Marshal(encode)
	if err != nil {
		return nil, c.pipeline.Refuse(ctx, op, err)
	}
	sub := new(Subscription)
	err = c.pipeline.Call(ctx, transport.Request{
		Op: op, Method: method, Path: subscriptionPath(rest...), Body: body, ContentType: "application/json", Secrets: secrets,
	}, func(body []byte) error {
		if err := sub.read(body); err != nil {
			return err
		}
		return sub.disabled()
	})
	if disabled, ok := errors.AsType[*DisabledFiltersError](err); ok {
		return disabled.Subscription, err
	}
	if err != nil {
		return nil, err
	}
	return sub, nil
}

// read decodes an answer.
func (s *Subscription) read(body []byte) error {
	if err := jsonpull.ParseObject(string(body), s.decode); err != nil {
		return err
	}
	if s.ID == "" {
		return errors.New("the answer is no subscription: it has no id")
	}
	return nil
}

// disabled returns an error if filters are switched off.
func (s *Subscription) disabled() error {
	if len(s.DisabledFilters) == 0 {
		return nil
	}
	return &DisabledFiltersError{Subscription: s}
}
