package ringsense_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/ringsense"
)

const subscriptionDocument = "subscription.json"

// TestSubscriptionDocument holds the document against encoding/json.
func TestSubscriptionDocument(t *testing.T) {
	t.Parallel()
	doc := document(t, subscriptionDocument)
	s := jsontest.Decodes[ringsense.Subscription](t, doc)
	if s == nil {
		t.Fatal("the document is refused")
	}
	if s.RawJSON() != strings.TrimSpace(string(doc)) {
		t.Errorf("RawJSON is %q", s.RawJSON())
	}
	got, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	jsontest.SameDocument(t, doc, got)
	golden(t, "subscription.golden", append(got, '\n'))
}

func TestSubscriptionNoFieldForgotten(t *testing.T) {
	t.Parallel()
	jsontest.NoFieldForgotten[ringsense.Subscription](t)
	jsontest.NoFieldForgotten[ringsense.DisabledFilter](t)
	jsontest.NoFieldForgotten[ringsense.DeliveryMode](t)
	jsontest.NoFieldForgotten[ringsense.BlacklistedData](t)
}

func TestSubscriptionMutations(t *testing.T) {
	t.Parallel()
	for doc := range jsontest.Mutations(document(t, subscriptionDocument), 1, 500) {
		jsontest.Decodes[ringsense.Subscription](t, doc)
	}
}

func FuzzSubscription(f *testing.F) {
	f.Add(document(f, subscriptionDocument))
	f.Add([]byte(`{"id":7,"expiresIn":"60","blacklistedData":null,"disabledFilters":[null]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if s := jsontest.Decodes[ringsense.Subscription](t, doc); s != nil {
			_ = s.LogValue()
		}
	})
}

// TestSubscriptionTolerances: what is taken although the vendor's description
// has it otherwise.
func TestSubscriptionTolerances(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		doc string
		is  func(s *ringsense.Subscription) bool
	}{
		"seconds as a text":       {`{"expiresIn":"90"}`, func(s *ringsense.Subscription) bool { return s.ExpiresIn == 90 }},
		"number as the id":        {`{"id":17}`, func(s *ringsense.Subscription) bool { return s.ID == "17" }},
		"no blacklist":            {`{"blacklistedData":null}`, func(s *ringsense.Subscription) bool { return s.BlacklistedData == nil }},
		"time without a zone":     {`{"creationTime":"2026-11-20T09:30:00"}`, func(s *ringsense.Subscription) bool { return s.CreationTime.Hour() == 9 }},
		"no delivery mode":        {`{"deliveryMode":null}`, func(s *ringsense.Subscription) bool { return s.DeliveryMode.Address == "" }},
		"delivery mode, repeated": {`{"deliveryMode":{"address":"a"},"deliveryMode":{}}`, func(s *ringsense.Subscription) bool { return s.DeliveryMode.Address == "" }},
		"unknown status":          {`{"status":"Resting"}`, func(s *ringsense.Subscription) bool { return s.Status == "Resting" }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := new(ringsense.Subscription)
			if err := json.Unmarshal([]byte(tt.doc), s); err != nil || !tt.is(s) {
				t.Errorf("got %+v, %v", s, err)
			}
		})
	}
}

// TestSubscriptionLogs neither the address nor anything else but ids and counts.
func TestSubscriptionLogs(t *testing.T) {
	t.Parallel()
	s := new(ringsense.Subscription)
	if err := json.Unmarshal(document(t, subscriptionDocument), s); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", slog.Any("subscription", s))
	for _, want := range []string{"subscription.id=7c0f2a61", "status=Blacklisted", "event_filters=2", "disabled_filters=1", "2026-11-27"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the log lacks %q: %s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "hooks") {
		t.Errorf("the log shows the address: %s", b.String())
	}
}

// TestSubscriptionRequestHides the token and the query, wherever it is printed.
func TestSubscriptionRequestHides(t *testing.T) {
	t.Parallel()
	s := ringsense.SubscriptionRequest{
		EventFilters:      ringsense.InsightsFilters(ringsense.DomainPBX, ringsense.DomainRCX),
		Address:           "https://hooks.example.com/a%2Fb?auth_token=hidden-query",
		VerificationToken: "hidden-token-hidden-token",
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", slog.Any("request", s))
	encoded, err := json.Marshal([]any{s})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{log.String(), strings.ReplaceAll(string(encoded), "hidden-query", "")} // the address is the user's to store
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		texts = append(texts, fmt.Sprintf(verb, s), fmt.Sprintf(verb, &s), fmt.Sprintf(verb, []any{s}))
	}
	for _, text := range texts {
		if strings.Contains(text, "hidden") || !strings.Contains(text, "hooks.example.com/a%2Fb") {
			t.Errorf("got %s", text)
		}
	}
	if got, want := fmt.Sprint(ringsense.SubscriptionRequest{Address: "https://hidden\x7f"}), "subscription of 0 event filters to an address that is not a URL"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
