package ringsensetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/fakekit"
	"github.com/callinsights/callinsights-go/ringsense"
)

const (
	// deliveryTimeout is how long an address may take, and maxHandshake how
	// long its answer to the handshake may be, headers and all.
	deliveryTimeout = 3 * time.Second
	maxHandshake    = 1024
	// maxReceipt is what the fake reads of the answer to an event.
	maxReceipt = 64 << 10
)

// SetReceiver makes the fake send its handshakes and events to handler, such as that
// of [ringsense.NewEventHandler], in memory, whatever the address of a subscription
// is.
func (s *Server) SetReceiver(handler http.Handler) {
	if handler == nil {
		s.SetDelivery(nil)
		return
	}
	s.SetDelivery(fakekit.Transport{Handler: handler})
}

// SetDelivery makes the fake send its handshakes and events through transport, to
// the address of each subscription: [http.DefaultTransport] reaches programs on
// this machine and beyond. For [net/http/httptest.NewTLSServer] give
// srv.Client().Transport; otherwise subscribing fails with SUB-524. With nil, as at
// first, nothing is sent: every subscription is made without a handshake, and
// [Server.Deliver] fails.
func (s *Server) SetDelivery(transport http.RoundTripper) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscriptions.transport = transport
}

// DeliveryRules are what may happen to events on their way. The zero value sends
// each event once and in order.
type DeliveryRules struct {
	// Duplicates is how many more times each event is sent.
	Duplicates int
	// Reversed sends the events of one call of Deliver last to first, as the
	// service promises no order.
	Reversed bool
	// ValidationToken, if not empty, comes with every event in the header
	// Validation-Token, as one page of the vendor has it.
	ValidationToken string
	// BlacklistAfter is after how many failed deliveries in a row a subscription
	// is blacklisted; 0 is never. The service goes by time instead, and does not
	// say by how much.
	BlacklistAfter int
}

// SetDeliveryRules changes what happens to events from now on.
func (s *Server) SetDeliveryRules(rules DeliveryRules) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscriptions.rules = rules
}

// Delivery is an event that the fake sent to an address.
type Delivery struct {
	// SubscriptionID is the subscription that it was sent for.
	SubscriptionID string
	// Status is that of the answer, 0 if none came.
	Status int
	// Err is why the service would take the delivery for a failure: no answer in
	// 3 seconds, or another status than 200. It is nil otherwise.
	Err error
}

// Deliver sends events, such as those of [EventPayload], to the address of each
// subscription that lives and has a filter for them, one after the other, and
// returns what became of each; so the program subscribes first, or the test by
// [ringsense.Client.Subscribe]. The subscriptionId of an event is replaced by that
// of the subscription; a record without an envelope is sent as it is. An event that
// nobody has subscribed is sent to nobody, and a subscription that ends or is
// blacklisted on the way gets no more.
//
// The error is one of a payload that is no event, of a fake without a receiver
// (see [Server.SetReceiver]), or of ctx. A delivery that fails is no error, and
// is not repeated, as no repeat is documented
// (developers.ringcentral.com/guide/notifications/webhooks/receiving).
func (s *Server) Deliver(ctx context.Context, payloads ...[]byte) ([]Delivery, error) {
	s.mu.Lock()
	transport, rules := s.subscriptions.transport, s.subscriptions.rules
	s.mu.Unlock()
	if transport == nil {
		return nil, errors.New("ringsensetest: Deliver: there is no receiver; see SetReceiver and SetDelivery")
	}
	var letters []letter
	for i, payload := range payloads {
		more, err := s.letters(payload)
		if err != nil {
			return nil, fmt.Errorf("ringsensetest: Deliver: payload %d: %w", i+1, err)
		}
		for range 1 + max(0, rules.Duplicates) {
			letters = append(letters, more...)
		}
	}
	if rules.Reversed {
		slices.Reverse(letters)
	}
	var deliveries []Delivery
	for _, l := range letters {
		if !s.accepts(l.to.id) {
			continue
		}
		status, err := l.send(ctx, transport, rules.ValidationToken)
		if ctx.Err() != nil {
			return deliveries, ctx.Err()
		}
		s.settle(l.to.id, err == nil, rules)
		deliveries = append(deliveries, Delivery{l.to.id, status, err})
	}
	return deliveries, nil
}

// letter is an event on its way.
type letter struct {
	to   subscription
	body []byte
}

// letters addresses an event to the subscriptions that want it.
func (s *Server) letters(payload []byte) ([]letter, error) {
	fields, err := members(payload)
	if err != nil {
		return nil, errors.New("it is not a JSON object")
	}
	filter, enveloped := text(fields["event"]), fields["event"] != nil
	if !enveloped {
		record, err := ringsense.ParseEvent(payload)
		if err != nil {
			return nil, errors.New("it is neither an event nor a record of insights")
		}
		filter = insightsFilter(record.Insights.Domain)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var letters []letter
	for _, sub := range s.subscriptions.listed() {
		if sub.isBlacklisted() || !slices.ContainsFunc(sub.filters, func(f string) bool {
			return s.subscriptions.disabled[withAccount(f)] == "" && filterPath(f) == filterPath(filter)
		}) {
			continue
		}
		body := payload
		if enveloped {
			fields["subscriptionId"] = encode(sub.id)
			body = encode(fields)
		}
		letters = append(letters, letter{*sub, body})
	}
	return letters, nil
}

// accepts reports whether a subscription still gets events. What was sent to it
// before may have ended it.
func (s *Server) accepts(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.subscriptions.find(id)
	return sub != nil && !sub.isBlacklisted()
}

// filterPath is what two filters for the same events have in common.
func filterPath(filter string) string {
	path, _, _ := strings.Cut(withAccount(filter), "?")
	return path
}

// send makes one delivery.
func (l *letter) send(ctx context.Context, transport http.RoundTripper, validationToken string) (status int, err error) {
	header := http.Header{"Content-Type": {"application/json; charset=UTF-8"}}
	if validationToken != "" {
		header.Set("Validation-Token", validationToken)
	}
	answer, err := l.to.post(ctx, transport, header, l.body, maxReceipt)
	switch {
	case err != nil:
		return 0, err
	case answer.status != http.StatusOK:
		return answer.status, fmt.Errorf("the address answered with %d, want 200", answer.status)
	}
	return answer.status, nil
}

// settle counts failures.
func (s *Server) settle(id string, delivered bool, rules DeliveryRules) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.subscriptions.find(id)
	switch {
	case sub == nil:
	case delivered:
		sub.failed = 0
	default:
		if sub.failed++; rules.BlacklistAfter > 0 && sub.failed >= rules.BlacklistAfter {
			sub.blacklisted, sub.reason = time.Now(), "The address does not accept events"
		}
	}
}

// receipt is what an address answers.
type receipt struct {
	status int
	header http.Header
	body   []byte
}

// post sends a request to the address and reads its answer, all within the time
// that the service allows.
func (s *subscription) post(ctx context.Context, transport http.RoundTripper, header http.Header, body []byte, limit int64) (*receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address, bytes.NewReader(body)) //nolint:gosec // the address that the test subscribed
	if err != nil {
		return nil, errors.New("the address is not a URL")
	}
	req.Header = header
	req.Header.Set("User-Agent", "RingCentral-Webhook/8.3") // as seen in the field
	if s.token != "" {
		req.Header.Set("Verification-Token", s.token)
	}
	answer, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	return &receipt{answer.StatusCode, answer.Header, text}, err
}

// shakeHands asks the address of a new subscription whether it wants events, as
// developers.ringcentral.com/guide/notifications/webhooks/creating-webhooks
// describes. It returns why the service would not be content.
func (s *Server) shakeHands(ctx context.Context, sub *subscription) *errorAnswer {
	s.mu.Lock()
	transport := s.subscriptions.transport
	s.mu.Unlock()
	if transport == nil {
		return nil
	}
	token := rand.Text()
	answer, err := sub.post(ctx, transport, http.Header{"Validation-Token": {token}}, nil, maxHandshake)
	if err != nil {
		if _, bad := errors.AsType[*tls.CertificateVerificationError](err); bad {
			return handshakeError("SUB-524", "The certificate of the webhook is not valid")
		}
		return handshakeError("SUB-525", "The webhook did not answer in time")
	}
	if why := handshakeFault(answer, token); why != "" {
		return handshakeError("SUB-525", "The webhook's answer is not valid: "+why)
	}
	return nil
}

// handshakeFault is what the service does not accept in the answer.
func handshakeFault(answer *receipt, token string) string {
	kind, _, _ := mime.ParseMediaType(answer.header.Get("Content-Type"))
	switch {
	case answer.status != http.StatusOK:
		return fmt.Sprintf("status %d", answer.status)
	case answer.header.Get("Validation-Token") != token:
		return "no Validation-Token, or another one"
	case kind != "application/json":
		return "Content-Type is not application/json"
	case answer.size() > maxHandshake:
		return "more than 1024 bytes"
	}
	return ""
}

// size counts the bytes of an answer, headers and body.
func (r *receipt) size() int {
	var head bytes.Buffer
	_ = r.header.Write(&head) // to memory
	return len("HTTP/1.1 200 OK\r\n\r\n") + head.Len() + len(r.body)
}

// handshakeError has the codes of the page on errors. The status is a guess.
func handshakeError(code, message string) *errorAnswer {
	return restError(http.StatusBadRequest, errorDetail{ErrorCode: code, Message: message, Parameter: "deliveryMode.address"})
}
