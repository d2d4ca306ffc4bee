package ringsensetest

import (
	"net/http"
	"net/url"
	"strings"
)

// The operations, named after the methods of the client.
const (
	opToken     = "Token"
	opClose     = "Close"
	opRecording = "RecordingInsights"
	opSession   = "SessionInsights"
	opCallLog   = "CallRecordings"
	opAccess    = "CheckAccess"
	opGet       = "Get"

	opSubscribe          = "Subscribe"
	opSubscriptions      = "Subscriptions"
	opSubscription       = "Subscription"
	opUpdateSubscription = "UpdateSubscription"
	opRenewSubscription  = "RenewSubscription"
	opUnsubscribe        = "Unsubscribe"
)

// operations are all of the above: those that a [Fault] may name.
func operations() []string {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.op
	}
	return names
}

// route is what the path of a request asks for. op is empty for an unknown one.
type route struct{ op, account, domain, id string }

const insightsRoot = "/ai/ringsense/v1/public/accounts/"

// routeOf looks at the path as it was sent, where an id may hold %2F. There is
// no /restapi/v1.0 before the paths of insights
// (developers.ringcentral.com/guide/ai/ace).
func routeOf(r *http.Request) route {
	path := r.URL.EscapedPath()
	if path == "/restapi/oauth/token" && r.Method == http.MethodPost {
		return route{op: opToken}
	}
	if path == "/restapi/oauth/revoke" && r.Method == http.MethodPost {
		return route{op: opClose}
	}
	if call, ok := callLogRoute(path); ok && r.Method == http.MethodGet {
		return call
	}
	if access, ok := accessRoute(path); ok && r.Method == http.MethodGet {
		return access
	}
	if subscription, ok := subscriptionRoute(path, r.Method); ok {
		return subscription
	}
	rest, ok := strings.CutPrefix(path, insightsRoot)
	if !ok || r.Method != http.MethodGet {
		return route{}
	}
	parts := strings.Split(rest, "/") // account, domains, domain, records, id, insights
	if len(parts) != 6 || parts[1] != "domains" || parts[5] != "insights" || strings.EqualFold(parts[0], "%7E") {
		return route{}
	}
	op, ok := map[string]string{"records": opRecording, "sessions": opSession}[parts[3]]
	if !ok || parts[4] == "" {
		return route{}
	}
	return route{op: op, account: unescape(parts[0]), domain: unescape(parts[2]), id: unescape(parts[4])}
}

// origin is the host that a request was sent to, which the addresses in its
// answer are on.
func origin(r *http.Request) string {
	if r.TLS == nil && r.URL.Scheme != "https" {
		return "http://" + r.Host
	}
	return "https://" + r.Host
}

// unescape cannot fail on a part of a path that net/url has taken apart.
func unescape(part string) string {
	text, _ := url.PathUnescape(part)
	return text
}
