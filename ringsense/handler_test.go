package ringsense_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/pipeserver"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

const handlerToken = "the-token-of-these-tests"

func ignoreEvent(context.Context, *ringsense.Event) error { return nil }

// inbox keeps the titles of the recordings that a handler's function got.
type inbox struct {
	mu     sync.Mutex
	titles []string
}

func (i *inbox) take(_ context.Context, e *ringsense.Event) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if e.Insights == nil {
		i.titles = append(i.titles, "no insights")
	} else {
		i.titles = append(i.titles, e.Insights.Title)
	}
	return nil
}

func (i *inbox) seen() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.titles
}

func newHandler(t testing.TB, fn func(context.Context, *ringsense.Event) error, opts ...ringsense.HandlerOption) *ringsense.EventHandler {
	t.Helper()
	h, err := ringsense.NewEventHandler(fn, append([]ringsense.HandlerOption{ringsense.WithVerificationToken(handlerToken)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// eventOf is the event of a recording with that title, which is new each time that
// its modification is.
func eventOf(id, title string, modified time.Time, edits ...ringsensetest.EventEdit) []byte {
	return ringsensetest.EventPayload(&ringsense.RecordingInsights{
		SourceRecordID: id, Domain: ringsense.DomainPBX, Title: title, LastModifiedTime: modified,
	}, edits...)
}

var someDay = time.Date(2026, 10, 5, 9, 30, 0, 0, time.UTC)

func eventRequest(body []byte, changes ...func(*http.Request)) *http.Request {
	req := httptest.NewRequest(http.MethodPost, "https://hooks.test/ringsense", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	req.Header.Set("Verification-Token", handlerToken)
	for _, change := range changes {
		change(req)
	}
	return req
}

func withHeader(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header[http.CanonicalHeaderKey(name)] = values }
}

func serve(h http.Handler, req *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

// The handshake comes while the subscription is made, before any event.
func TestHandshake(t *testing.T) {
	t.Parallel()
	const long = "aZ09._~+/=-"
	most := strings.Repeat(long, 47)[:512]
	for name, test := range map[string]struct {
		request *http.Request
		status  int
		echo    string
	}{
		"as the service makes it": {eventRequest(nil, withHeader("Validation-Token", "0e8f-2b"), withHeader("Content-Type")), 200, "0e8f-2b"},
		"of one character":        {eventRequest(nil, withHeader("Validation-Token", "a")), 200, "a"},
		"of the greatest length":  {eventRequest(nil, withHeader("Validation-Token", most)), 200, most},
		"one character more":      {eventRequest(nil, withHeader("Validation-Token", most+"a")), 400, ""},
		"without a token":         {eventRequest(nil), 400, ""},
		"with an empty token":     {eventRequest(nil, withHeader("Validation-Token", "")), 400, ""},
		"with a script":           {eventRequest(nil, withHeader("Validation-Token", "<script>")), 400, ""},
		"with a space":            {eventRequest(nil, withHeader("Validation-Token", "a b")), 400, ""},
		"with a colon":            {eventRequest(nil, withHeader("Validation-Token", "a:b")), 400, ""},
		"with a percent sign":     {eventRequest(nil, withHeader("Validation-Token", "a%0d")), 400, ""},
		"with a brace":            {eventRequest(nil, withHeader("Validation-Token", "{a")), 400, ""},
		"with a tab":              {eventRequest(nil, withHeader("Validation-Token", "a\tb")), 400, ""},
		"with lines":              {eventRequest(nil, withHeader("Validation-Token", "a\r\nX-Other: b")), 400, ""},
		"beyond ASCII":            {eventRequest(nil, withHeader("Validation-Token", "é")), 400, ""},
		"with two tokens":         {eventRequest(nil, withHeader("Validation-Token", "a", "a")), 400, ""},
		"without verification":    {eventRequest(nil, withHeader("Validation-Token", "a"), withHeader("Verification-Token")), 200, "a"},
		"without any token":       {eventRequest(nil, withHeader("Verification-Token")), 401, ""},
		"verified by the wrong":   {eventRequest(nil, withHeader("Validation-Token", "a"), withHeader("Verification-Token", "a-guess-of-a-token")), 401, ""},
		"verified by an empty":    {eventRequest(nil, withHeader("Validation-Token", "a"), withHeader("Verification-Token", "")), 401, ""},
		"verified twice":          {eventRequest(nil, withHeader("Validation-Token", "a"), withHeader("Verification-Token", handlerToken, handlerToken)), 400, ""},
		"by GET":                  {withMethod(eventRequest(nil, withHeader("Validation-Token", "a")), http.MethodGet), 405, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var in inbox
			w := serve(newHandler(t, in.take), test.request)
			want := http.Header{}
			if test.echo != "" {
				want["Validation-Token"], want["Content-Type"] = []string{test.echo}, []string{"application/json"}
				want["X-Content-Type-Options"] = []string{"nosniff"}
			}
			if test.status == http.StatusMethodNotAllowed {
				want["Allow"] = []string{"POST"}
			}
			if diff := cmp.Diff(want, w.Header()); w.Code != test.status || diff != "" {
				t.Errorf("status %d, want %d; header (-want +got):\n%s", w.Code, test.status, diff)
			}
			if w.Body.Len() != 0 || len(in.seen()) != 0 {
				t.Errorf("a body of %d bytes and events %v", w.Body.Len(), in.seen())
			}
		})
	}
}

func withMethod(req *http.Request, method string) *http.Request {
	req.Method = method
	return req
}

// The service counts all bytes of the answer, also those that net/http adds.
func TestHandshakeIsShort(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newHandler(t, ignoreEvent))
	defer server.Close()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	token := strings.Repeat("x", 512)
	_, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: hooks.test\r\nContent-Length: 0\r\nConnection: close\r\n"+
		"Validation-Token: %s\r\nVerification-Token: %s\r\n\r\n", token, handlerToken)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(bufio.NewReader(conn))
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") || !strings.Contains(string(answer), "\r\nValidation-Token: "+token+"\r\n") {
		t.Fatalf("got %q, %v", answer, err)
	}
	if len(answer) > 1024 {
		t.Errorf("the answer has %d bytes; want at most 1024", len(answer))
	}
}

// What is not the service's, or not as it should be, never reaches the function.
func TestNeverReachesTheFunction(t *testing.T) {
	t.Parallel()
	payload := eventOf("31", "A call", someDay)
	for name, test := range map[string]struct {
		request *http.Request
		status  int
	}{
		"unverified":            {eventRequest(payload, withHeader("Verification-Token")), 401},
		"an empty token":        {eventRequest(payload, withHeader("Verification-Token", "")), 401},
		"forged":                {eventRequest(payload, withHeader("Verification-Token", "a-guess-of-a-token")), 401},
		"the token's beginning": {eventRequest(payload, withHeader("Verification-Token", handlerToken[:16])), 401},
		"the token and more":    {eventRequest(payload, withHeader("Verification-Token", handlerToken+"x")), 401},
		"two tokens":            {eventRequest(payload, withHeader("Verification-Token", handlerToken, "a-guess-of-a-token")), 400},
		"two validation tokens": {eventRequest(payload, withHeader("Validation-Token", "a", "b")), 400},
		"oversized":             {eventRequest(append(payload, bytes.Repeat([]byte(" "), 64<<10)...)), 413},
		"gzipped":               {eventRequest(zipped(payload), withHeader("Content-Encoding", "gzip")), 415},
		"a form":                {eventRequest(payload, withHeader("Content-Type", "application/x-www-form-urlencoded")), 415},
		"a GET":                 {withMethod(eventRequest(payload), http.MethodGet), 405},
		"cut":                   {eventRequest(payload[:len(payload)-1]), 400},
		"no event":              {eventRequest([]byte(`{"a":1}`)), 400},
		"two in one":            {eventRequest(append(payload, payload...)), 400},
		"blank":                 {eventRequest([]byte(" "), withHeader("Validation-Token", "a")), 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var in inbox
			var log strings.Builder
			logger := slog.New(slog.NewTextHandler(&log, nil))
			w := serve(newHandler(t, in.take, ringsense.WithMaxBodyBytes(32<<10), ringsense.WithHandlerLogger(logger)), test.request)
			if w.Code != test.status || w.Body.Len() != 0 || len(in.seen()) != 0 {
				t.Errorf("got status %d, a body of %d bytes and events %v; want %d, nothing and none", w.Code, w.Body.Len(), in.seen(), test.status)
			}
			if text := log.String(); strings.Count(text, "\n") != 1 || strings.Contains(text, "token-of") || strings.Contains(text, "A call") {
				t.Errorf("logged: %s", text)
			}
		})
	}
}

func zipped(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(body)
	_ = w.Close()
	return b.Bytes()
}

// Subscriptions of another kind have the handshake's header on each event, and want
// it back; one that cannot be echoed is no reason to lose the event.
func TestEventWithValidationToken(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{"0e8f-2b": "0e8f-2b", "<script>": "", strings.Repeat("a", 513): ""} {
		var in inbox
		w := serve(newHandler(t, in.take), eventRequest(eventOf("31", "A call", someDay), withHeader("Validation-Token", sent)))
		if w.Code != http.StatusOK || w.Header().Get("Validation-Token") != want || len(in.seen()) != 1 {
			t.Errorf("%.10s: status %d, echo %q, events %v; want 200, %q and one", sent, w.Code, w.Header().Get("Validation-Token"), in.seen(), want)
		}
	}
}

// Tokens are replaced one after the other.
func TestSeveralTokens(t *testing.T) {
	t.Parallel()
	tokens := []string{ringsense.NewVerificationToken(), ringsense.NewVerificationToken()}
	h, err := ringsense.NewEventHandler(ignoreEvent, ringsense.WithVerificationToken(tokens...))
	if err != nil {
		t.Fatal(err)
	}
	for i, token := range append(tokens, ringsense.NewVerificationToken()) {
		want := []int{200, 200, 401}[i]
		if w := serve(h, eventRequest(eventOf("31", "A call", someDay), withHeader("Verification-Token", token))); w.Code != want {
			t.Errorf("token %d: status %d, want %d", i+1, w.Code, want)
		}
	}
}

func TestNewEventHandlerRefuses(t *testing.T) {
	t.Parallel()
	token := ringsense.WithVerificationToken(handlerToken)
	for name, test := range map[string]struct {
		opts []ringsense.HandlerOption
		want string
	}{
		"nothing to verify by":  {nil, "want one of WithVerificationToken, "},
		"verified and not":      {[]ringsense.HandlerOption{token, ringsense.WithoutVerification()}, "want one of WithVerificationToken, "},
		"no token":              {[]ringsense.HandlerOption{ringsense.WithVerificationToken()}, "WithVerificationToken: there is no token"},
		"an empty token":        {[]ringsense.HandlerOption{ringsense.WithVerificationToken("")}, "WithVerificationToken: the VerificationToken has less than 16"},
		"one empty of two":      {[]ringsense.HandlerOption{ringsense.WithVerificationToken(handlerToken, "")}, "WithVerificationToken: the VerificationToken has less than 16"},
		"a short token":         {[]ringsense.HandlerOption{ringsense.WithVerificationToken("hidden-hidden")}, "WithVerificationToken: the VerificationToken has less than 16"},
		"a token with a line":   {[]ringsense.HandlerOption{ringsense.WithVerificationToken("hidden-hidden-hidden\n")}, "WithVerificationToken: the VerificationToken holds a space"},
		"a nil option":          {[]ringsense.HandlerOption{token, nil}, "option 2 is nil"},
		"no log":                {[]ringsense.HandlerOption{token, ringsense.WithDeliveryLog(nil)}, "WithDeliveryLog: "},
		"no bytes":              {[]ringsense.HandlerOption{token, ringsense.WithMaxBodyBytes(0)}, "WithMaxBodyBytes: "},
		"no time":               {[]ringsense.HandlerOption{token, ringsense.WithHandlerTimeout(0)}, "WithHandlerTimeout: "},
		"no lease":              {[]ringsense.HandlerOption{token, ringsense.WithLease(0)}, "WithLease: "},
		"a lease that is short": {[]ringsense.HandlerOption{token, ringsense.WithLease(time.Second)}, "WithLease: "},
		"none at once":          {[]ringsense.HandlerOption{token, ringsense.WithMaxConcurrent(0)}, "WithMaxConcurrent: "},
		"no dead letter":        {[]ringsense.HandlerOption{token, ringsense.WithDeadLetter(nil)}, "WithDeadLetter: "},
		"no logger":             {[]ringsense.HandlerOption{token, ringsense.WithHandlerLogger(nil)}, "WithHandlerLogger: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, err := ringsense.NewEventHandler(ignoreEvent, test.opts...)
			if h != nil {
				t.Error("got a handler")
			}
			checkRefused(t, err, "NewEventHandler: "+test.want)
		})
	}
	_, err := ringsense.NewEventHandler(nil, token)
	checkRefused(t, err, "NewEventHandler: ")
}

// keyLog is a delivery log that remembers what it was asked for.
type keyLog struct {
	ringsense.DeliveryLog

	seen []string
}

func (k *keyLog) Begin(ctx context.Context, key string, lease time.Duration) (ringsense.Claim, error) {
	k.seen = append(k.seen, key)
	return k.DeliveryLog.Begin(ctx, key, lease)
}

func TestKeys(t *testing.T) {
	t.Parallel()
	hash := func(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }
	named := func(uuid string) ringsensetest.EventEdit {
		return func(e *ringsense.Event) { e.UUID = uuid }
	}
	bare := func(e *ringsense.Event) { *e = ringsense.Event{Insights: e.Insights} }
	const reminder = `{"uuid":"","event":"/restapi/v1.0/subscription/~?threshold=60&interval=15","body":{"id":1}}`
	nameless := eventOf("31", "A call", someDay, named(""))
	undated := eventOf("31", "A call", time.Time{}, bare)
	for name, test := range map[string]struct {
		payload []byte
		want    string
	}{
		"an event":             {eventOf("31", "A call", someDay, named("7-uuid")), "ringsense:event:7-uuid"},
		"a name with a colon":  {eventOf("31", "A call", someDay, named("7:uuid")), "ringsense:event:7:uuid"},
		"a long name":          {eventOf("31", "A call", someDay, named(strings.Repeat("u", 300))), "ringsense:event:" + hash(`["event" "`+strings.Repeat("u", 300)+`"]`)},
		"an odd name":          {eventOf("31", "A call", someDay, named("a\x00b")), "ringsense:event:" + hash(`["event" "a\x00b"]`)},
		"an id with a colon":   {eventOf("3:1", "A call", someDay, bare), "ringsense:record:" + hash(`["record" "pbx" "3:1" "2026-10-05T09:30:00Z"]`)},
		"a record":             {eventOf("31", "A call", someDay.In(time.FixedZone("", 3600)), bare), "ringsense:record:pbx:31:2026-10-05T09:30:00Z"},
		"a record without day": {undated, "ringsense:text:" + hash(string(undated))},
		"a nameless event":     {nameless, "ringsense:text:" + hash(string(nameless))},
		"a nameless reminder":  {[]byte(reminder), "ringsense:text:" + hash(reminder)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var in inbox
			log := &keyLog{DeliveryLog: ringsense.NewMemoryDeliveryLog(0, 0)}
			h := newHandler(t, in.take, ringsense.WithDeliveryLog(log))
			event, err := ringsense.ParseEvent(test.payload)
			if err != nil {
				t.Fatal(err)
			}
			if w := serve(h, eventRequest(test.payload)); w.Code != http.StatusOK {
				t.Errorf("status %d", w.Code)
			}
			if err := h.Handle(t.Context(), event); err != nil {
				t.Error(err)
			}
			if got := event.DeliveryKey(); got != test.want {
				t.Errorf("DeliveryKey is %q, want %q", got, test.want)
			}
			if diff := cmp.Diff([]string{test.want, test.want}, log.seen); diff != "" || len(in.seen()) != 1 {
				t.Errorf("%d calls, want one; keys (-want +got):\n%s", len(in.seen()), diff)
			}
		})
	}
}

// With AI Notes a call has two events, and the second may hold more: neither stands
// for the other, with an envelope or without.
func TestSecondEventOfACall(t *testing.T) {
	t.Parallel()
	bare := func(e *ringsense.Event) { *e = ringsense.Event{Insights: e.Insights} }
	for name, edits := range map[string][]ringsensetest.EventEdit{"events": nil, "records": {bare}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var in inbox
			h := newHandler(t, in.take)
			notes, whole := eventOf("31", "notes", someDay, edits...), eventOf("31", "whole", someDay.Add(time.Minute), edits...)
			for _, payload := range [][]byte{whole, notes, whole, notes} {
				if w := serve(h, eventRequest(payload)); w.Code != http.StatusOK {
					t.Errorf("status %d", w.Code)
				}
			}
			if diff := cmp.Diff([]string{"whole", "notes"}, in.seen()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestHandleFails(t *testing.T) {
	t.Parallel()
	errOwn := errors.New("not today")
	h := newHandler(t, func(context.Context, *ringsense.Event) error { return errOwn })
	for name, event := range map[string]*ringsense.Event{"nil": nil, "zero": {}, "a filter without insights": {Filter: ringsense.InsightsFilters(ringsense.DomainPBX)[0]}} {
		checkRefused(t, h.Handle(t.Context(), event), "EventHandler.Handle: ")
		if t.Failed() {
			t.Fatal(name)
		}
	}
	var none context.Context
	checkRefused(t, h.Handle(none, &ringsense.Event{}), "the context or the event is nil")
	byHand := &ringsense.Event{Insights: &ringsense.RecordingInsights{SourceRecordID: "31"}}
	if err := h.Handle(t.Context(), byHand); !errors.Is(err, errOwn) {
		t.Errorf("got %v", err)
	}
	var dead string
	h = newHandler(t, func(context.Context, *ringsense.Event) error { return ringsense.Permanent(errOwn) },
		ringsense.WithDeadLetter(func(_ context.Context, payload []byte, err error) error {
			if !ringsense.IsPermanent(err) || !errors.Is(err, errOwn) {
				t.Errorf("given up for %v, want what Permanent marked", err)
			}
			dead = string(payload)
			return nil
		}))
	if err := h.Handle(t.Context(), byHand); err != nil || !strings.Contains(dead, `"sourceRecordId":"31"`) {
		t.Errorf("got %v and %s", err, dead)
	}
}

// The service waits 3 s, so a function that takes longer is not waited for, and
// has its event to itself until it returns.
func TestSlowFunction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		h := newHandler(t, func(context.Context, *ringsense.Event) error {
			calls++
			time.Sleep(20 * time.Second)
			return nil
		}, ringsense.WithLease(time.Hour), ringsense.WithMaxConcurrent(2))
		payload := eventOf("31", "A call", someDay)
		began := time.Now()
		w := serve(h, eventRequest(payload))
		if took := time.Since(began); w.Code != http.StatusServiceUnavailable || took != 2500*time.Millisecond {
			t.Errorf("got status %d after %v; want 503 after 2.5s", w.Code, took)
		}
		if w := serve(h, eventRequest(payload)); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("busy: status %d with %v", w.Code, w.Header())
		}
		if err := h.Drain(t.Context()); err != nil || time.Since(began) != 20*time.Second {
			t.Errorf("drained after %v with %v", time.Since(began), err)
		}
		if w := serve(h, eventRequest(payload)); w.Code != http.StatusOK || calls != 1 {
			t.Errorf("status %d after %d calls; want 200 and one", w.Code, calls)
		}
	})
}

// A body that drips is given up in time for an answer within the service's 3 s.
func TestSlowRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var in inbox
		dial, end := pipeserver.Serve(newHandler(t, in.take))
		defer end()
		connection := dial()
		began := time.Now()
		go func() {
			_, _ = fmt.Fprintf(connection, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\nVerification-Token: %s\r\n\r\n{", handlerToken)
		}()
		answer := make([]byte, 12)
		if _, err := io.ReadFull(connection, answer); err != nil || string(answer) != "HTTP/1.1 408" {
			t.Errorf("got %q, %v; want status 408", answer, err)
		}
		if took := time.Since(began); took != 2*time.Second || len(in.seen()) != 0 {
			t.Errorf("after %v with %d events; want 2s and none", took, len(in.seen()))
		}
	})
}

// The whole way on the fake: the handshake of a subscription, events that come
// twice and last to first, and a handler that shares its log after a restart.
func TestHandlerOnTheFake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var in inbox
		log := ringsense.NewMemoryDeliveryLog(0, 0)
		server := ringsensetest.NewServer()
		server.SetReceiver(newHandler(t, in.take, ringsense.WithDeliveryLog(log)))
		request := ringsense.SubscriptionRequest{
			EventFilters: ringsense.InsightsFilters(ringsense.DomainPBX), Address: "https://hooks.test/ringsense", VerificationToken: "another-token-than-that",
		}
		client := server.Client()
		if sub, err := client.Subscribe(t.Context(), request); err == nil {
			t.Fatalf("subscribed with a token that the handler does not know: %v", sub)
		}
		request.VerificationToken = handlerToken
		if _, err := client.Subscribe(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		var payloads [][]byte
		var want []string
		for i := range 5 {
			title := fmt.Sprintf("call %d", i)
			payloads = append(payloads, eventOf(title, title, someDay))
			want = append(want, title)
		}
		slices.Reverse(want)
		server.SetDeliveryRules(ringsensetest.DeliveryRules{Duplicates: 2, Reversed: true, ValidationToken: "0e8f-2b", BlacklistAfter: 1})
		for range 2 {
			deliveries, err := server.Deliver(t.Context(), payloads...)
			if err != nil || len(deliveries) != 15 {
				t.Fatalf("%d deliveries, %v; want 15", len(deliveries), err)
			}
			for _, d := range deliveries {
				if d.Err != nil {
					t.Errorf("the service would count a failure: %v", d.Err)
				}
			}
			server.SetReceiver(newHandler(t, in.take, ringsense.WithDeliveryLog(log)))
		}
		if diff := cmp.Diff(want, in.seen()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// 64 senders, each with its own events and each of them twice, over the network.
func TestManySenders(t *testing.T) {
	t.Parallel()
	const senders, each = 64, 8
	var calls atomic.Int64
	h := newHandler(t, func(context.Context, *ringsense.Event) error {
		calls.Add(1)
		return nil
	})
	server := httptest.NewServer(h)
	defer server.Close()
	client := server.Client()
	var wait sync.WaitGroup
	for sender := range senders {
		wait.Go(func() {
			for i := range 2 * each {
				if err := post(t.Context(), client, server.URL, eventOf(fmt.Sprint(sender, i/2), "A call", someDay)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	if got := calls.Load(); got != senders*each {
		t.Errorf("handled %d events; want %d", got, senders*each)
	}
}

func post(ctx context.Context, client *http.Client, url string, payload []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Verification-Token", handlerToken)
	answer, err := client.Do(req)
	if err != nil {
		return err
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	return nil
}

// Whatever becomes of a request, neither its tokens nor what it tells are logged, and
// an error of Handle holds no more.
func TestHandlerShowsNothing(t *testing.T) {
	t.Parallel()
	const hidden = "hidden-token-of-a-handshake"
	payload := eventOf("31", hidden, someDay)
	echoed := withHeader("Validation-Token", hidden)
	for name, test := range map[string]struct {
		fn      func(context.Context, *ringsense.Event) error
		request *http.Request
		outcome string
	}{
		"handshake":   {ignoreEvent, eventRequest(nil, echoed), "handshake"},
		"handled":     {ignoreEvent, eventRequest(payload, echoed), "handled"},
		"failed":      {func(context.Context, *ringsense.Event) error { return io.ErrClosedPipe }, eventRequest(payload, echoed), "failed"},
		"panic":       {func(_ context.Context, e *ringsense.Event) error { panic(e.Insights.Title) }, eventRequest(payload, echoed), "failed"},
		"undecodable": {ignoreEvent, eventRequest([]byte(`{"event":"`+hidden+`"`), echoed), "undecodable"},
		"refused":     {ignoreEvent, eventRequest(payload, echoed, withHeader("Verification-Token", hidden)), "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			h := newHandler(t, test.fn, ringsense.WithHandlerLogger(slog.New(slog.NewTextHandler(&log, nil))))
			serve(h, test.request)
			event, err := ringsense.ParseEvent(payload)
			if err != nil {
				t.Fatal(err)
			}
			text := log.String()
			if !strings.Contains(text, "outcome="+test.outcome) {
				t.Errorf("logged: %s", text)
			}
			text += fmt.Sprintf("%v %+v", h.Handle(t.Context(), event), h) + log.String()
			if strings.Contains(text, hidden) || strings.Contains(text, handlerToken) {
				t.Errorf("it shows: %s", text)
			}
		})
	}
}

// The log tells a token that is missing, as after a subscription without one, from a
// wrong one, as after a change.
func TestHandlerSaysWhatIsWrongWithTheToken(t *testing.T) {
	t.Parallel()
	payload := eventOf("31", "a call", someDay)
	for name, test := range map[string]struct {
		request *http.Request
		reason  string
	}{
		"missing": {eventRequest(payload, withHeader("Verification-Token")), "no verification token"},
		"empty":   {eventRequest(payload, withHeader("Verification-Token", "")), "none of those"},
		"wrong":   {eventRequest(payload, withHeader("Verification-Token", "that-of-last-week")), "none of those"},
	} {
		var log strings.Builder
		answer := serve(newHandler(t, ignoreEvent, ringsense.WithHandlerLogger(slog.New(slog.NewTextHandler(&log, nil)))), test.request)
		if answer.Code != http.StatusUnauthorized || !strings.Contains(log.String(), test.reason) {
			t.Errorf("%s: status %d, logged %s; want 401 and %q", name, answer.Code, log.String(), test.reason)
		}
	}
}

// Where the body alone says that a request is no event, the dead letter function
// gets it, once.
func TestUndecodable(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{
		"no JSON":       `<html>`,
		"no event":      `{"a":1}`,
		"a bad record":  `{"sourceRecordId":"31","speakerInfo":7}`,
		"two in one":    `{"event":"/x"}{"event":"/x"}`,
		"two of one id": `{"sourceRecordId":"31","sourceRecordId":"32"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var in inbox
			var dead []string
			h := newHandler(t, in.take, ringsense.WithDeadLetter(func(_ context.Context, payload []byte, err error) error {
				if !errors.Is(err, ringsense.ErrInvalidResponse) {
					t.Errorf("got %v, want ErrInvalidResponse", err)
				}
				dead = append(dead, string(payload))
				return nil
			}))
			for range 2 {
				if w := serve(h, eventRequest([]byte(payload))); w.Code != http.StatusOK || len(in.seen()) != 0 {
					t.Errorf("status %d and events %v, want 200 and none", w.Code, in.seen())
				}
			}
			if diff := cmp.Diff([]string{payload}, dead); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever comes, the function is called only for an event with the token; nothing
// but a safe validation token is ever echoed, and none without the token.
func FuzzEventHandler(f *testing.F) {
	f.Add("POST", handlerToken, "0e8f-2b", "application/json", []byte(nil))
	f.Add("POST", handlerToken, "", "application/json", eventOf("31", "A call", someDay))
	f.Add("POST", "", "<a>\r\n", "text/html", []byte("{}"))
	f.Fuzz(func(t *testing.T, method, token, validation, media string, body []byte) {
		called := false
		h := newHandler(t, func(context.Context, *ringsense.Event) error {
			called = true
			return nil
		})
		req := withMethod(eventRequest(body, withHeader("Verification-Token", token), withHeader("Content-Type", media)), method)
		if validation != "" {
			req.Header.Set("Validation-Token", validation)
		}
		w := serve(h, req)
		if echo := w.Header().Get("Validation-Token"); echo != "" {
			safe := len(echo) <= 512 && strings.Trim(echo, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~+/=-") == ""
			if echo != validation || token != handlerToken || !safe {
				t.Errorf("echoed %q of %q", echo, validation)
			}
		}
		_, err := ringsense.ParseEvent(body)
		if called && (token != handlerToken || method != http.MethodPost || err != nil) {
			t.Errorf("called with token %q, method %q and a body that parses with %v", token, method, err)
		}
		if acknowledged := w.Code == http.StatusOK; acknowledged != called && len(body) > 0 || w.Body.Len() != 0 {
			t.Errorf("status %d, called %v, a body of %d bytes", w.Code, called, w.Body.Len())
		}
	})
}
