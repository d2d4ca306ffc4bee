package ringsense

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

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

const (
	// DefaultSubscriptionLifetime is how long a subscription lives unless
	// SubscriptionRequest.ExpiresIn says otherwise. It is the service's own
	// default, and is always sent.
	DefaultSubscriptionLifetime = 7 * 24 * time.Hour
	// MaxSubscriptionLifetime is the longest lifetime that the service grants,
	// ten years.
	MaxSubscriptionLifetime = 315360000 * time.Second
)

const (
	minVerificationToken = 16
	maxVerificationToken = 512
)

// InsightsFilters returns the event filters for new insights in the given
// domains, for SubscriptionRequest.EventFilters: one for each, as listed on
// developers.ringcentral.com/guide/notifications/event-filters/ace-event-filter.
// No domain gives no filter.
func InsightsFilters(domains ...Domain) []string {
	var filters []string
	for _, domain := range domains {
		filters = append(filters, "/ai/ringsense/v1/public/accounts/~/domains/"+url.PathEscape(string(domain))+"/insights")
	}
	return filters
}

// NewVerificationToken returns a random token for
// SubscriptionRequest.VerificationToken, of 26 letters and digits. The handler
// of the events must know it before the subscription is made.
func NewVerificationToken() string { return rand.Text() }

// SubscriptionRequest is what a subscription is made of. Printed and logged, it
// shows neither the token nor the query of the address.
type SubscriptionRequest struct {
	// EventFilters say which events are sent: those of [InsightsFilters], or
	// any others of developers.ringcentral.com/guide/notifications/event-filters.
	EventFilters []string
	// Address is where events are sent. It must begin with https://; http:// is
	// for loopback addresses only, which the service does not reach, but a fake
	// of it does.
	Address string
	// VerificationToken comes with every event, in the header
	// Verification-Token, and is all that tells an event from a forgery, as
	// events are not signed: 16 to 512 characters of printable ASCII without
	// spaces. [NewVerificationToken] makes one.
	VerificationToken string `json:"-"`
	// ExpiresIn is how long the subscription lives, in whole seconds up to
	// [MaxSubscriptionLifetime]; 0 is [DefaultSubscriptionLifetime].
	ExpiresIn time.Duration
}

// Format writes the same for every verb, without the token and without the
// query of the address.
func (s SubscriptionRequest) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "subscription of %d event filters to %s", len(s.EventFilters), withoutQuery(s.Address))
}

// LogValue returns the filters, the address without its query and the lifetime.
func (s SubscriptionRequest) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Any("event_filters", s.EventFilters),
		slog.String("address", withoutQuery(s.Address)),
		slog.Duration("expires_in", s.lifetime()),
	)
}

// withoutQuery leaves out of an address what may hold a secret.
func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that is not a URL"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

func (s SubscriptionRequest) lifetime() time.Duration {
	if s.ExpiresIn == 0 {
		return DefaultSubscriptionLifetime
	}
	return s.ExpiresIn.Truncate(time.Second)
}

// check refuses what the service would, and what would be heard by others. Its
// errors show neither the address, which may hold a secret, nor the token.
func (s SubscriptionRequest) check() error {
	if err := s.checkChangeable(); err != nil {
		return err
	}
	if err := checkAddress(s.Address); err != nil {
		return err
	}
	token := s.VerificationToken
	switch {
	case len(token) < minVerificationToken:
		return transport.Invalid("the VerificationToken has less than %d characters; NewVerificationToken makes one", minVerificationToken)
	case len(token) > maxVerificationToken:
		return transport.Invalid("the VerificationToken has more than %d characters", maxVerificationToken)
	case strings.ContainsFunc(token, isOdd):
		return transport.Invalid("the VerificationToken holds a space or a character that is not printable ASCII")
	}
	return nil
}

// isOdd reports whether a character is a space or not printable ASCII.
func isOdd(r rune) bool { return r <= ' ' || r > '~' }

// checkChangeable is about what can also be changed later.
func (s SubscriptionRequest) checkChangeable() error {
	if len(s.EventFilters) == 0 {
		return transport.Invalid("EventFilters is empty; InsightsFilters makes those for insights")
	}
	for i, filter := range s.EventFilters {
		if !strings.HasPrefix(filter, "/") || strings.ContainsFunc(filter, isOdd) {
			return transport.Invalid("event filter %d does not begin with a slash, or holds a space or a character that is not printable ASCII", i+1)
		}
		if slices.Contains(s.EventFilters[:i], filter) {
			return transport.Invalid("event filter %d is the same as an earlier one", i+1)
		}
	}
	if s.ExpiresIn != 0 && (s.ExpiresIn < time.Second || s.ExpiresIn > MaxSubscriptionLifetime) {
		return transport.Invalid("ExpiresIn is %v; want 1s to %v, or 0 for %v", s.ExpiresIn, MaxSubscriptionLifetime, DefaultSubscriptionLifetime)
	}
	return nil
}

func checkAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case address == "":
		return transport.Invalid("the Address is empty; it must look like https://host/path")
	case err != nil || strings.ContainsFunc(address, isOdd):
		return transport.Invalid("the Address is not a URL, or holds a space or a character that is not printable ASCII")
	case u.Scheme != "https" && u.Scheme != "http":
		return transport.Invalid("the Address does not begin with https://")
	case u.Opaque != "" || u.Hostname() == "":
		return transport.Invalid("the Address has no host; it must look like https://host/path")
	case u.User != nil:
		return transport.Invalid("the Address holds a user name or password; events are told by the VerificationToken")
	case strings.Contains(address, "#"):
		return transport.Invalid("the Address holds a fragment")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return transport.Invalid("the Address must begin with https://; http is for this machine alone (localhost, 127.0.0.1, ::1)")
	}
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

func (s SubscriptionRequest) encodeChangeable(w *jsonpull.Writer) {
	w.Strings("eventFilters", s.EventFilters)
	w.Int("expiresIn", int64(s.lifetime()/time.Second))
}

func (s SubscriptionRequest) encode(w *jsonpull.Writer) {
	w.Object(func() {
		s.encodeChangeable(w)
		w.Key("deliveryMode")
		w.Object(func() {
			w.StringAlways("transportType", "WebHook")
			w.StringAlways("address", s.Address)
			w.StringAlways("verificationToken", s.VerificationToken)
		})
	})
}

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
	err := checkSubscriptionID(id)
	if err == nil {
		err = s.checkChangeable()
	}
	if err == nil && (s.Address != "" || s.VerificationToken != "") {
		err = transport.Invalid("the Address and the VerificationToken of a subscription cannot be changed: " +
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
		return transport.Invalid("the id of the subscription is empty or has space around it")
	}
	return nil
}

// callSubscription makes a call without a body that answers with a subscription.
func (c *Client) callSubscription(ctx context.Context, op, method, id string, rest ...string) (*Subscription, error) {
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

// subscriptionHint is what a code for subscriptions advises, nil for another.
// The codes are listed on developers.ringcentral.com/guide/basics/errors.
func subscriptionHint(has func(codes ...string) bool) error {
	switch {
	case has("SUB-505"):
		return errors.New("the user has too many subscriptions with this app, 30 at most: end some of those that Subscriptions lists")
	case has("SUB-507"):
		return errors.New("the subscription has ended: make a new one")
	case has("SUB-508"):
		return errors.New("the service does not know an event filter, or the app may not use it")
	case has("SUB-523"):
		return errors.New("the service sends events to https addresses only")
	case has("SUB-524"):
		return errors.New("the certificate of the address is not valid, or comes without those that it was issued by")
	case has("SUB-525"):
		return errors.New("the address did not answer the empty POST as it must: within 3 seconds, with status 200, " +
			"the header Validation-Token as it came, Content-Type application/json, and at most 1024 bytes in all")
	}
	return nil
}
