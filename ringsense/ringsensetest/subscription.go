package ringsensetest

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/transport"
	"github.com/callinsights/callinsights-go/ringsense"
)

const (
	subscriptionPath = "/restapi/v1.0/subscription"
	maxSubscriptions = 30
	defaultLifetime  = 7 * 24 * time.Hour
)

// subscriptions is what the fake knows of subscriptions, and how it serves them.
type subscriptions struct {
	all       []*subscription
	made      int
	disabled  map[string]string // the reasons, by filter with its ids
	noScope   bool
	transport http.RoundTripper
	rules     DeliveryRules
}

// subscription is one, which stays known after its end.
type subscription struct {
	id, uri          string
	address, token   string
	filters          []string
	created, expires time.Time
	lifetime         time.Duration
	blacklisted      time.Time // zero: it is not
	reason           string
	failed           int // deliveries in a row
	pending          bool
}

func (s *subscription) expired() bool { return !time.Now().Before(s.expires) }

func (s *subscription) isBlacklisted() bool { return !s.blacklisted.IsZero() }

// SetSubscriptionScope says whether the app has the scope SubscriptionWebhook, as
// it does at first. Without it, all requests for subscriptions are answered with
// 403 CMN-401.
func (s *Server) SetSubscriptionScope(granted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscriptions.noScope = !granted
}

// DisableFilter makes subscriptions with that event filter have it switched off,
// for the given reason such as "CMN-401"; an empty reason switches it on again.
// Those that live already are changed too. "~" and the ids of the fake are the
// same.
func (s *Server) DisableFilter(filter, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subscriptions.disabled == nil {
		s.subscriptions.disabled = make(map[string]string)
	}
	s.subscriptions.disabled[withAccount(filter)] = reason
}

// Blacklist makes the service give up the address of a subscription: no event is
// delivered any longer. It reports whether there is such a subscription.
func (s *Server) Blacklist(id, reason string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.subscriptions.find(id)
	if sub == nil {
		return false
	}
	sub.blacklisted, sub.reason = time.Now(), reason
	return true
}

// Subscriptions returns the subscriptions that have not ended, in the order in
// which they were made.
func (s *Server) Subscriptions() []*ringsense.Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*ringsense.Subscription
	for _, sub := range s.subscriptions.listed() {
		list = append(list, s.describe(sub))
	}
	return list
}

// find returns a subscription that has not ended, nil if there is none.
func (l *subscriptions) find(id string) *subscription {
	for _, sub := range l.listed() {
		if sub.id == id {
			return sub
		}
	}
	return nil
}

func (l *subscriptions) listed() []*subscription {
	return slices.DeleteFunc(slices.Clone(l.all), func(s *subscription) bool { return s.pending || s.expired() })
}

// describe is what the service says of a subscription. That the account's id
// stands in the place of "~" in the filters is a guess.
func (s *Server) describe(sub *subscription) *ringsense.Subscription {
	described := &ringsense.Subscription{
		URI: sub.uri, ID: sub.id,
		ExpirationTime: sub.expires.UTC(), ExpiresIn: int64(time.Until(sub.expires) / time.Second),
		Status: ringsense.SubscriptionActive, CreationTime: sub.created.UTC(),
		DeliveryMode: ringsense.DeliveryMode{TransportType: "WebHook", Address: sub.address},
	}
	for _, filter := range sub.filters {
		filter = withAccount(filter)
		described.EventFilters = append(described.EventFilters, filter)
		if reason := s.subscriptions.disabled[filter]; reason != "" {
			described.DisabledFilters = append(described.DisabledFilters, ringsense.DisabledFilter{
				Filter: filter, Reason: reason, Message: "The filter is not allowed",
			})
		}
	}
	if sub.isBlacklisted() {
		described.Status = ringsense.SubscriptionBlacklisted
		described.BlacklistedData = &ringsense.BlacklistedData{BlacklistedAt: sub.blacklisted.UTC(), Reason: sub.reason}
	}
	return described
}

// withAccount puts the ids in the place of "~" after accounts, account and
// extension.
func withAccount(filter string) string {
	parts := strings.Split(filter, "/")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "~" {
			continue
		}
		switch parts[i-1] {
		case "account", "accounts":
			parts[i] = AccountID
		case "extension":
			parts[i] = ExtensionID
		}
	}
	return strings.Join(parts, "/")
}

// subscriptionRoute takes the path of a request for subscriptions apart, as
// listed in the API reference of developers.ringcentral.com.
func subscriptionRoute(path, method string) (route, bool) {
	rest, ok := strings.CutPrefix(path, subscriptionPath)
	if !ok || rest != "" && rest[0] != '/' {
		return route{}, false
	}
	id, action, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	type request struct {
		method string
		one    bool // and not the list
		action string
	}
	op := map[request]string{
		{http.MethodPost, false, ""}:     opSubscribe,
		{http.MethodGet, false, ""}:      opSubscriptions,
		{http.MethodGet, true, ""}:       opSubscription,
		{http.MethodPut, true, ""}:       opUpdateSubscription,
		{http.MethodDelete, true, ""}:    opUnsubscribe,
		{http.MethodPost, true, "renew"}: opRenewSubscription,
	}[request{method, id != "", action}]
	return route{op: op, id: unescape(id)}, op != ""
}

func (s *Server) serveSubscription(w http.ResponseWriter, r *http.Request, route route) {
	if refused := s.subscriptionRefusal(r); refused != nil {
		refused.write(w)
		return
	}
	switch route.op {
	case opSubscribe:
		s.serveSubscribe(w, r)
	case opSubscriptions:
		writeJSON(w, http.StatusOK, map[string]any{
			"uri": origin(r) + subscriptionPath, "records": append([]*ringsense.Subscription{}, s.Subscriptions()...),
		})
	default:
		s.serveOne(w, r, route)
	}
}

func (s *Server) subscriptionRefusal(r *http.Request) *errorAnswer {
	if refused := s.tokenRefusal(r); refused != nil {
		return refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.subscriptions.noScope {
		return nil
	}
	return noScope("SubscriptionWebhook")
}

// serveOne answers requests for one subscription.
func (s *Server) serveOne(w http.ResponseWriter, r *http.Request, route route) {
	body, _ := io.ReadAll(r.Body) // is in memory
	answer, refused := s.changeOne(route, body)
	switch {
	case refused != nil:
		refused.write(w)
	case answer == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		writeJSON(w, http.StatusOK, answer)
	}
}

// changeOne returns nothing for a subscription that is ended.
func (s *Server) changeOne(route route, body []byte) (*ringsense.Subscription, *errorAnswer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := &s.subscriptions
	sub := list.find(route.id)
	if sub == nil {
		return nil, list.missing(route.id)
	}
	switch route.op {
	case opUnsubscribe:
		list.drop(sub)
		return nil, nil
	case opRenewSubscription:
		sub.renew()
	case opUpdateSubscription:
		if refused := sub.update(body); refused != nil {
			return nil, refused
		}
	}
	return s.describe(sub), nil
}

func (l *subscriptions) drop(sub *subscription) {
	l.all = slices.DeleteFunc(l.all, func(other *subscription) bool { return other == sub })
}

func (s *subscription) renew() { s.expires = time.Now().Add(s.lifetime) }

// update takes new filters; an empty body renews.
func (s *subscription) update(body []byte) *errorAnswer {
	if len(body) == 0 {
		s.renew()
		return nil
	}
	wanted, refused := readSubscription(body)
	if refused == nil {
		refused = wanted.checkEvents()
	}
	if refused != nil {
		return refused
	}
	s.filters, s.lifetime = wanted.EventFilters, wanted.lifetime()
	s.renew()
	return nil
}

// missing tells one that has expired from one that never was. The answer to the
// second is a guess from the meaning that the page on errors gives the code, and
// the status of the first is seen in the field.
func (l *subscriptions) missing(id string) *errorAnswer {
	for _, sub := range l.all {
		if sub.id == id && !sub.pending {
			return restError(http.StatusNotFound, errorDetail{ErrorCode: "SUB-507", Message: "Subscription is expired"})
		}
	}
	return restError(http.StatusNotFound, errorDetail{
		ErrorCode: "CMN-102", Message: "Resource for parameter [subscriptionId] is not found", Parameter: "subscriptionId",
	})
}

// wantedSubscription is the body of a request.
type wantedSubscription struct {
	EventFilters []string `json:"eventFilters"`
	ExpiresIn    *int64   `json:"expiresIn"`
	DeliveryMode struct {
		TransportType     string `json:"transportType"`
		Address           string `json:"address"`
		VerificationToken string `json:"verificationToken"`
	} `json:"deliveryMode"`
}

func readSubscription(body []byte) (*wantedSubscription, *errorAnswer) {
	wanted := new(wantedSubscription)
	if json.Unmarshal(body, wanted) != nil {
		return nil, restError(http.StatusBadRequest, errorDetail{ErrorCode: "CMN-101", Message: "Cannot parse the body"})
	}
	return wanted, nil
}

func (q *wantedSubscription) lifetime() time.Duration {
	if q.ExpiresIn == nil {
		return defaultLifetime
	}
	return time.Duration(*q.ExpiresIn) * time.Second
}

// checkEvents refuses a request without filters, one with a filter that the
// service does not know, and a lifetime that it does not give.
func (q *wantedSubscription) checkEvents() *errorAnswer {
	if len(q.EventFilters) == 0 {
		return badParameter("eventFilters")
	}
	if q.ExpiresIn != nil && (*q.ExpiresIn < 1 || *q.ExpiresIn > 315360000) {
		return badParameter("expiresIn")
	}
	if !slices.ContainsFunc(q.EventFilters, isUnknownFilter) {
		return nil
	}
	return restError(http.StatusBadRequest, errorDetail{ErrorCode: "SUB-508", Message: "Event filters are not valid"})
}

// isUnknownFilter looks at all of a filter of insights, and at the beginning of any
// other.
func isUnknownFilter(filter string) bool {
	path := filterPath(filter)
	if rest, ok := strings.CutPrefix(path, insightsRoot+AccountID+"/domains/"); ok {
		domain, found := strings.CutSuffix(rest, "/insights")
		return !found || !slices.Contains([]string{"pbx", "rcv", "rcx", "ms-teams", "nice-incontact"}, domain)
	}
	return !strings.HasPrefix(path, "/restapi/v1.0/account/"+AccountID+"/") && !strings.HasPrefix(path, "/restapi/v1.0/subscription/")
}

// checkDelivery refuses what is not a webhook, and an address without TLS but
// for those of this machine, which the service could not reach.
func (q *wantedSubscription) checkDelivery() *errorAnswer {
	if q.DeliveryMode.TransportType != "WebHook" {
		return badParameter("deliveryMode.transportType")
	}
	u, err := url.Parse(q.DeliveryMode.Address)
	switch {
	case err != nil || u.Host == "":
		return badParameter("deliveryMode.address")
	case u.Scheme != "https" && (u.Scheme != "http" || !transport.IsLoopback(u.Hostname())):
		return handshakeError("SUB-523", "HTTPS is required")
	}
	return nil
}

// serveSubscribe makes a subscription once its address has answered. Meanwhile
// it takes up one of the places.
func (s *Server) serveSubscribe(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // is in memory
	wanted, refused := readSubscription(body)
	if refused == nil {
		refused = cmp.Or(wanted.checkEvents(), wanted.checkDelivery())
	}
	if refused != nil {
		refused.write(w)
		return
	}
	sub := s.reserve(wanted, origin(r))
	if sub == nil {
		restError(http.StatusForbidden, errorDetail{ErrorCode: "SUB-505", Message: "Subscriptions limit is exceeded"}).write(w)
		return
	}
	if refused = s.shakeHands(r.Context(), sub); refused != nil {
		s.withdraw(sub)
		refused.write(w)
		return
	}
	writeJSON(w, http.StatusOK, s.begin(sub))
}

func (s *Server) withdraw(sub *subscription) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscriptions.drop(sub)
}

func (s *Server) begin(sub *subscription) *ringsense.Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub.pending, sub.created = false, time.Now()
	sub.renew()
	return s.describe(sub)
}

// reserve takes one of the places, and returns nil if there is none left.
func (s *Server) reserve(wanted *wantedSubscription, origin string) *subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := &s.subscriptions
	taken := 0
	for _, sub := range list.all {
		if sub.pending || !sub.expired() {
			taken++
		}
	}
	if taken >= maxSubscriptions {
		return nil
	}
	list.made++
	id := "fake-subscription-" + strconv.Itoa(list.made)
	sub := &subscription{
		id: id, uri: origin + subscriptionPath + "/" + id, pending: true,
		address: wanted.DeliveryMode.Address, token: wanted.DeliveryMode.VerificationToken,
		filters: wanted.EventFilters, lifetime: wanted.lifetime(),
	}
	list.all = append(list.all, sub)
	return sub
}
