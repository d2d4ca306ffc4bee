package ringsense

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/transport"
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

const reminderPath = "/restapi/v1.0/subscription/~"

// ReminderFilter returns the event filter for reminders that the subscription
// itself is about to end, for SubscriptionRequest.EventFilters: the first comes
// when it has threshold left to live, and then one each interval, unless it is
// renewed. Both count in whole seconds. threshold is at most half of the
// subscription's lifetime, and interval at least a second and at most half of
// threshold; any other is refused when the filter is used. See
// developers.ringcentral.com/guide/notifications.
//
// The body of such an event, which [Event.Body] holds, says in expiresIn how
// many seconds are left. [Client.KeepSubscribed] renews without it.
func ReminderFilter(threshold, interval time.Duration) string {
	return fmt.Sprintf("%s?threshold=%d&interval=%d", reminderPath, threshold/time.Second, interval/time.Second)
}

// checkReminder is about a filter for reminders that has both parameters.
func checkReminder(filter string, lifetime time.Duration) error {
	path, query, _ := strings.Cut(filter, "?")
	values, _ := url.ParseQuery(query)
	if path != reminderPath || !values.Has("threshold") || !values.Has("interval") {
		return nil
	}
	// What is no number is 0 or the largest one, and so refused.
	threshold, _ := strconv.ParseInt(values.Get("threshold"), 10, 64)
	interval, _ := strconv.ParseInt(values.Get("interval"), 10, 64)
	switch longest := int64(lifetime / time.Second / 2); {
	case threshold < 2 || threshold > longest:
		return fault.Invalid("the threshold of the reminder is not from 2 to %d seconds, half of the lifetime (ExpiresIn)", longest)
	case interval < 1 || interval > threshold/2:
		return fault.Invalid("the interval of the reminder is not from 1 to %d seconds, half of its threshold", threshold/2)
	}
	return nil
}

// NewVerificationToken returns a random token for
// SubscriptionRequest.VerificationToken, of 26 letters and digits. The handler
// of the events must know it before the subscription is made.
func NewVerificationToken() string { return rand.Text() }

// SubscriptionRequest is what a subscription is made of. Printed and logged, it
// shows neither the token nor the query of the address.
type SubscriptionRequest struct {
	// EventFilters say which events are sent: those of [InsightsFilters] and
	// [ReminderFilter], or any others of developers.ringcentral.com/guide/notifications/event-filters.
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
	return checkVerificationToken(s.VerificationToken)
}

func checkVerificationToken(token string) error {
	switch {
	case len(token) < minVerificationToken:
		return fault.Invalid("the VerificationToken has less than %d characters; NewVerificationToken makes one", minVerificationToken)
	case len(token) > maxVerificationToken:
		return fault.Invalid("the VerificationToken has more than %d characters", maxVerificationToken)
	case strings.ContainsFunc(token, isOdd):
		return fault.Invalid("the VerificationToken holds a space or a character that is not printable ASCII")
	}
	return nil
}

// isOdd reports whether a character is a space or not printable ASCII.
func isOdd(r rune) bool { return r <= ' ' || r > '~' }

// checkChangeable is about what can also be changed later.
func (s SubscriptionRequest) checkChangeable() error {
	if s.ExpiresIn != 0 && (s.ExpiresIn < time.Second || s.ExpiresIn > MaxSubscriptionLifetime) {
		return fault.Invalid("ExpiresIn is %v; want 1s to %v, or 0 for %v", s.ExpiresIn, MaxSubscriptionLifetime, DefaultSubscriptionLifetime)
	}
	if len(s.EventFilters) == 0 {
		return fault.Invalid("EventFilters is empty; InsightsFilters makes those for insights")
	}
	for i, filter := range s.EventFilters {
		if !strings.HasPrefix(filter, "/") || strings.ContainsFunc(filter, isOdd) {
			return fault.Invalid("event filter %d does not begin with a slash, or holds a space or a character that is not printable ASCII", i+1)
		}
		if slices.Contains(s.EventFilters[:i], filter) {
			return fault.Invalid("event filter %d is the same as an earlier one", i+1)
		}
		if err := checkReminder(filter, s.lifetime()); err != nil {
			return err
		}
	}
	return nil
}

func checkAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case address == "":
		return fault.Invalid("the Address is empty; it must look like https://host/path")
	case err != nil || strings.ContainsFunc(address, isOdd):
		return fault.Invalid("the Address is not a URL, or holds a space or a character that is not printable ASCII")
	case u.Scheme != "https" && u.Scheme != "http":
		return fault.Invalid("the Address does not begin with https://")
	case u.Opaque != "" || u.Hostname() == "":
		return fault.Invalid("the Address has no host; it must look like https://host/path")
	case u.User != nil:
		return fault.Invalid("the Address holds a user name or password; events are told by the VerificationToken")
	case strings.Contains(address, "#"):
		return fault.Invalid("the Address holds a fragment")
	case u.Scheme == "http" && !transport.IsLoopback(u.Hostname()):
		return fault.Invalid("the Address must begin with https://; http is for this machine alone (localhost, 127.0.0.1, ::1)")
	}
	return nil
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
