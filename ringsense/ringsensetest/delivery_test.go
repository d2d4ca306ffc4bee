package ringsensetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/fakekit"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

func memory(h http.Handler) http.RoundTripper { return fakekit.Transport{Handler: h} }

// mailbox is a handler of events that keeps what it gets.
type mailbox struct {
	mu     sync.Mutex
	events []*ringsense.Event
	bodies []string
	header http.Header
	status int
}

func (m *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Validation-Token", r.Header.Get("Validation-Token"))
	w.Header().Set("Content-Type", "application/json")
	body, err := io.ReadAll(r.Body)
	if err != nil || len(body) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.status != 0 {
		w.WriteHeader(m.status)
	}
	m.header = r.Header
	m.bodies = append(m.bodies, string(body))
	if event, err := ringsense.ParseEvent(body); err == nil {
		m.events = append(m.events, event)
	}
}

// ids are those of the recordings of the events.
func (m *mailbox) ids() string {
	var ids []string
	for _, e := range m.events {
		ids = append(ids, e.Insights.SourceRecordID)
	}
	m.events, m.bodies = nil, nil
	return strings.Join(ids, " ")
}

func payload(id string, domain ringsense.Domain) []byte {
	return ringsensetest.EventPayload(&ringsense.RecordingInsights{SourceRecordID: id, Domain: domain})
}

// TestDeliver sends events to whom they concern.
func TestDeliver(t *testing.T) {
	t.Parallel()
	server, box := ringsensetest.NewServer(), new(mailbox)
	server.SetReceiver(box)
	phone := subscribe(t, server, ringsense.DomainPBX)
	both := subscribe(t, server, ringsense.DomainPBX, ringsense.DomainRCV)
	switched := subscribe(t, server, ringsense.DomainMSTeams)
	server.DisableFilter(ringsense.InsightsFilters(ringsense.DomainMSTeams)[0], "CMN-408")

	got, err := server.Deliver(t.Context(), payload("1", ringsense.DomainPBX), payload("2", ringsense.DomainRCV), payload("3", ringsense.DomainRCX), payload("4", ringsense.DomainMSTeams))
	want := []ringsensetest.Delivery{{SubscriptionID: phone, Status: 200}, {SubscriptionID: both, Status: 200}, {SubscriptionID: both, Status: 200}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if box.header.Get("Verification-Token") != request().VerificationToken || box.header.Get("Content-Type") != "application/json; charset=UTF-8" ||
		box.header.Get("Validation-Token") != "" {
		t.Errorf("got the header %v", box.header)
	}
	for i, e := range box.events {
		if e.SubscriptionID != want[i].SubscriptionID || e.AccountID != ringsensetest.AccountID {
			t.Errorf("got the event %+v", e)
		}
	}
	if ids := box.ids(); ids != "1 1 2" {
		t.Errorf("got the events %s", ids)
	}

	server.DisableFilter(ringsense.InsightsFilters(ringsense.DomainMSTeams)[0], "")
	server.Blacklist(phone, "")
	if _, err := server.Deliver(t.Context(), payload("1", ringsense.DomainPBX), payload("4", ringsense.DomainMSTeams)); err != nil {
		t.Error(err)
	}
	for _, e := range box.events {
		if e.SubscriptionID == phone || e.Insights.SourceRecordID == "4" && e.SubscriptionID != switched {
			t.Errorf("got the event %+v", e)
		}
	}
	if ids := box.ids(); ids != "1 4" {
		t.Errorf("got the events %s, want none for a blacklisted subscription", ids)
	}
}

// TestDeliverBareRecord: without an envelope, byte for byte.
func TestDeliverBareRecord(t *testing.T) {
	t.Parallel()
	server, box := ringsensetest.NewServer(), new(mailbox)
	server.SetReceiver(box)
	subscribe(t, server, ringsense.DomainPBX)
	const bare, of = `{ "sourceRecordId": "31" }`, `{"sourceRecordId":"31","domain":"rcv"}`
	if got, err := server.Deliver(t.Context(), []byte(bare), []byte(of)); err != nil || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	if diff := cmp.Diff([]string{bare}, box.bodies); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDeliverReminder: an event of another filter, whose parameters are no part
// of the event.
func TestDeliverReminder(t *testing.T) {
	t.Parallel()
	server, box := ringsensetest.NewServer(), new(mailbox)
	server.SetReceiver(box)
	s := request()
	s.EventFilters = append(s.EventFilters, "/restapi/v1.0/subscription/~?threshold=60&interval=15")
	if _, err := server.Client().Subscribe(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	event := []byte(`{"uuid":"u-1","event":"/restapi/v1.0/subscription/~","body":{"expiresIn":59}}`)
	if got, err := server.Deliver(t.Context(), event); err != nil || len(got) != 1 || len(box.events) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestDeliveryRules: twice, in disorder, and with a token on every event.
func TestDeliveryRules(t *testing.T) {
	t.Parallel()
	server, box := ringsensetest.NewServer(), new(mailbox)
	server.SetReceiver(box)
	subscribe(t, server, ringsense.DomainPBX)
	events := [][]byte{payload("1", ""), payload("2", ""), payload("3", "")}
	for _, tt := range []struct {
		rules ringsensetest.DeliveryRules
		want  string
	}{
		{ringsensetest.DeliveryRules{}, "1 2 3"},
		{ringsensetest.DeliveryRules{Duplicates: 1}, "1 1 2 2 3 3"},
		{ringsensetest.DeliveryRules{Duplicates: -1, Reversed: true}, "3 2 1"},
		{ringsensetest.DeliveryRules{Duplicates: 1, Reversed: true, ValidationToken: "v-1"}, "3 3 2 2 1 1"},
	} {
		server.SetDeliveryRules(tt.rules)
		if _, err := server.Deliver(t.Context(), events...); err != nil {
			t.Fatal(err)
		}
		if got := box.ids(); got != tt.want || box.header.Get("Validation-Token") != tt.rules.ValidationToken {
			t.Errorf("%+v: got %s with %v", tt.rules, got, box.header)
		}
	}
}

// TestDeliveryFails: what the service takes for a failure, and what comes of
// several in a row.
func TestDeliveryFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, box := ringsensetest.NewServer(), new(mailbox)
		slow := 0 * time.Second
		server.SetReceiver(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(slow)
			box.ServeHTTP(w, r)
		}))
		id := subscribe(t, server, ringsense.DomainPBX)
		server.SetDeliveryRules(ringsensetest.DeliveryRules{BlacklistAfter: 2})
		deliver := func(status int, ok bool) {
			t.Helper()
			got, err := server.Deliver(t.Context(), payload("1", ""))
			if err != nil || len(got) != 1 || got[0].Status != status || (got[0].Err == nil) != ok {
				t.Errorf("got %+v, %v, want status %d", got, err, status)
			}
		}
		deliver(200, true)
		box.status = 500
		deliver(500, false)
		box.status = 0
		deliver(200, true)
		box.status = 202
		deliver(202, false)
		box.status, slow = 0, 4*time.Second
		deliver(0, false)
		time.Sleep(5 * time.Second)

		sub := server.Subscriptions()[0]
		if sub.ID != id || sub.Status != ringsense.SubscriptionBlacklisted || sub.BlacklistedData == nil || sub.BlacklistedData.Reason == "" {
			t.Errorf("got %+v, want a blacklisted subscription", sub)
		}
		if got, err := server.Deliver(t.Context(), payload("1", "")); err != nil || len(got) != 0 {
			t.Errorf("got %v, %v, want nothing sent", got, err)
		}
	})
}

// TestDeliveryStops: a subscription that ends, or is blacklisted, in the middle of a
// call of Deliver gets no more of its events; another one gets all of them.
func TestDeliveryStops(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rules ringsensetest.DeliveryRules
		end   func(ctx context.Context, server *ringsensetest.Server, id string) (status int)
		want  int // deliveries
	}{
		"too many failures": {
			ringsensetest.DeliveryRules{BlacklistAfter: 2},
			func(context.Context, *ringsensetest.Server, string) int { return http.StatusInternalServerError }, 2,
		},
		"too many, of duplicates": {
			ringsensetest.DeliveryRules{BlacklistAfter: 1, Duplicates: 1},
			func(context.Context, *ringsensetest.Server, string) int { return http.StatusInternalServerError }, 1,
		},
		"blacklisted": {
			ringsensetest.DeliveryRules{},
			func(_ context.Context, server *ringsensetest.Server, id string) int {
				server.Blacklist(id, "")
				return http.StatusOK
			}, 1,
		},
		"unsubscribed": {
			ringsensetest.DeliveryRules{},
			func(ctx context.Context, server *ringsensetest.Server, id string) int {
				_ = server.Client().Unsubscribe(ctx, id)
				return http.StatusOK
			}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, box := ringsensetest.NewServer(), new(mailbox)
			server.SetReceiver(box)
			ending, other := subscribe(t, server, ringsense.DomainPBX), subscribe(t, server, ringsense.DomainPBX)
			server.SetReceiver(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err == nil && bytes.Contains(body, []byte(ending)) {
					w.WriteHeader(tt.end(r.Context(), server, ending))
				}
			}))
			server.SetDeliveryRules(tt.rules)
			deliveries, err := server.Deliver(t.Context(), payload("1", ""), payload("2", ""), payload("3", ""))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			for _, d := range deliveries {
				got[d.SubscriptionID]++
			}
			want := map[string]int{ending: tt.want, other: 3 * (1 + tt.rules.Duplicates)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("deliveries of each subscription (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDeliveryToTheRemoved: a subscription that its own event ends.
func TestDeliveryToTheRemoved(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	var id string
	server.SetReceiver(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 0 {
			if err := server.Client().Unsubscribe(r.Context(), id); err != nil {
				t.Error(err)
			}
		}
		new(mailbox).ServeHTTP(w, r)
	}))
	id = subscribe(t, server, ringsense.DomainPBX)
	if got, err := server.Deliver(t.Context(), payload("1", "")); err != nil || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestDeliverRefuses(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	if _, err := server.Deliver(t.Context(), payload("1", "")); err == nil || !strings.Contains(err.Error(), "SetReceiver") {
		t.Errorf("got %v", err)
	}
	server.SetReceiver(new(mailbox))
	subscribe(t, server, ringsense.DomainPBX)
	for name, tt := range map[string]struct{ payload, want string }{
		"list":           {`["hidden"]`, "not a JSON object"},
		"something else": {`{"hidden":1}`, "neither an event nor a record"},
		"truncated":      {`{"sourceRecordId":"hidden`, "not a JSON object"},
	} {
		if _, err := server.Deliver(t.Context(), payload("1", ""), []byte(tt.payload)); err == nil ||
			!strings.Contains(err.Error(), "payload 2: it is "+tt.want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := server.Deliver(ctx, payload("1", "")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	server.SetReceiver(nil)
	if _, err := server.Deliver(t.Context(), payload("1", "")); err == nil {
		t.Error("events are sent without a receiver")
	}
}

// TestDeliveryOverLoopback: over a real network, with and without a certificate
// that the fake trusts.
func TestDeliveryOverLoopback(t *testing.T) {
	t.Parallel()
	box := new(mailbox)
	plain, secure := httptest.NewServer(box), httptest.NewTLSServer(box)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	server := ringsensetest.NewServer()
	client := server.Client()
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	at := func(address string) error {
		s := request()
		s.Address = address
		_, err := client.Subscribe(t.Context(), s)
		return err
	}
	server.SetDelivery(transport)
	if err := at(plain.URL + "/hook"); err != nil {
		t.Error(err)
	}
	if err := at(secure.URL); err == nil || !strings.Contains(err.Error(), "SUB-524") {
		t.Errorf("got %v, want SUB-524", err)
	}
	server.SetDelivery(secure.Client().Transport)
	if err := at(secure.URL); err != nil {
		t.Error(err)
	}
	got, err := server.Deliver(t.Context(), payload("7", ""))
	if err != nil || len(got) != 2 || slices.ContainsFunc(got, func(d ringsensetest.Delivery) bool { return d.Err != nil }) || box.ids() != "7 7" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestEventKeepsItsBody: of an event, nothing but the subscription is changed.
func TestEventKeepsItsBody(t *testing.T) {
	t.Parallel()
	server, box := ringsensetest.NewServer(), new(mailbox)
	server.SetReceiver(box)
	id := subscribe(t, server, ringsense.DomainPBX)
	event := payload("1", ringsense.DomainPBX)
	if _, err := server.Deliver(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	var want, got map[string]any
	for doc, into := range map[string]*map[string]any{string(event): &want, box.bodies[0]: &got} {
		if err := json.NewDecoder(bytes.NewReader([]byte(doc))).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	want["subscriptionId"] = id
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
