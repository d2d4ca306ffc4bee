package whippy_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/pipeserver"
	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

func ignore(context.Context, *whippy.Event) error { return nil }

// inbox is what a handler's function was called with. Its answers are those of
// errs, then nil.
type inbox struct {
	mu     sync.Mutex
	events []string
	errs   []error
}

func (i *inbox) take(_ context.Context, e *whippy.Event) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.events = append(i.events, string(e.Type))
	if len(i.errs) == 0 {
		return nil
	}
	err := i.errs[0]
	i.errs = i.errs[1:]
	return err
}

func (i *inbox) seen() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.events
}

// handler is one that checks signatures by the time of the test, which is that of
// the machine unless the test is in a bubble.
func handler(t testing.TB, fn func(context.Context, *whippy.Event) error, opts ...whippy.HandlerOption) *whippy.EventHandler {
	t.Helper()
	v, err := whippy.NewVerifier([]string{secret, "the next key"})
	if err != nil {
		t.Fatal(err)
	}
	h, err := whippy.NewEventHandler(fn, append([]whippy.HandlerOption{whippy.WithVerifier(v)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func serve(h http.Handler, req *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

// What is not Whippy's, or not as it should be, never reaches the function, and the
// answer does not say why.
func TestNeverReachesTheFunction(t *testing.T) {
	t.Parallel()
	payload := whippytest.CallEnded()
	request := func(opts ...whippytest.RequestOption) *http.Request {
		return whippytest.NewRequest(secret, payload, opts...)
	}
	header := func(name string, values ...string) *http.Request {
		req := request()
		req.Header[http.CanonicalHeaderKey(name)] = values
		return req
	}
	good := request().Header.Get(whippy.SignatureHeader)
	for name, test := range map[string]struct {
		request *http.Request
		status  int
	}{
		"forged":                    {whippytest.NewRequest("a guess", payload), 401},
		"signed with an empty key":  {whippytest.NewRequest("", payload), 401},
		"signed for another body":   {withBody(request(), whippytest.CallStarted()), 401},
		"a byte changed":            {withBody(request(), bytes.Replace(payload, []byte("45"), []byte("46"), 1)), 401},
		"decoded and encoded":       {withBody(request(), append([]byte(" "), payload...)), 401},
		"stale":                     {request(whippytest.SignedAt(time.Now().Add(-10 * time.Minute))), 401},
		"of the future":             {request(whippytest.SignedAt(time.Now().Add(10 * time.Minute))), 401},
		"unsigned":                  {header(whippy.SignatureHeader), 401},
		"with an empty signature":   {header(whippy.SignatureHeader, ""), 401},
		"with a signature of zeros": {header(whippy.SignatureHeader, "t=0,v1="+strings.Repeat("0", 64)), 401},
		"with a doubled header":     {header(whippy.SignatureHeader, good, good), 400},
		"with a long header":        {header(whippy.SignatureHeader, good+strings.Repeat(",a=b", 300)), 401},
		"empty":                     {withBody(header(whippy.SignatureHeader), nil), 401},
		"empty and signed":          {whippytest.NewRequest(secret, nil), 400},
		"oversized":                 {whippytest.NewRequest(secret, append(payload, bytes.Repeat([]byte(" "), 64<<10)...)), 413},
		"gzipped":                   {request(whippytest.Gzipped()), 415},
		"gzipped in all but name":   {withoutEncoding(request(whippytest.Gzipped())), 401},
		"cut":                       {request(whippytest.CutAfter(100)), 400},
		"a form":                    {header("Content-Type", "application/x-www-form-urlencoded"), 415},
		"a GET":                     {withMethod(request(), http.MethodGet), 405},
		"a PUT":                     {withMethod(request(), http.MethodPut), 405},
		"no JSON":                   {whippytest.NewRequest(secret, []byte("<html>")), 400},
		"two events in one":         {whippytest.NewRequest(secret, append(payload, payload...)), 400},
		"a doubled key":             {whippytest.NewRequest(secret, []byte(`{"event":"call.ended","data":{},"event":"ping"}`)), 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var in inbox
			var log strings.Builder
			logger := slog.New(slog.NewTextHandler(&log, nil))
			w := serve(handler(t, in.take, whippy.WithMaxBodyBytes(32<<10), whippy.WithHandlerLogger(logger)), test.request)
			if w.Code != test.status || w.Body.Len() != 0 || len(in.seen()) != 0 {
				t.Errorf("got status %d, a body of %d bytes and events %v; want %d, nothing and none", w.Code, w.Body.Len(), in.seen(), test.status)
			}
			if text := log.String(); strings.Count(text, "\n") != 1 || strings.Contains(text, secret) || strings.Contains(text, "Noor") {
				t.Errorf("logged: %s", text)
			}
		})
	}
}

func withBody(req *http.Request, body []byte) *http.Request {
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return req
}

func withMethod(req *http.Request, method string) *http.Request {
	req.Method = method
	return req
}

func withoutEncoding(req *http.Request) *http.Request {
	req.Header.Del("Content-Encoding")
	return req
}

// A body that does not come in time is not waited for.
func TestSlowRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var in inbox
		dial, end := pipeserver.Serve(handler(t, in.take))
		defer end()
		connection := dial()
		began := time.Now()
		payload := whippytest.CallEnded()
		go func() {
			_ = whippytest.NewRequest(secret, payload, whippytest.CutAfter(len(payload)-1)).Write(connection)
		}()
		answer := make([]byte, 12)
		if _, err := io.ReadFull(connection, answer); err != nil || string(answer) != "HTTP/1.1 408" {
			t.Errorf("got %q, %v; want status 408", answer, err)
		}
		if took := time.Since(began); took != 8*time.Second || len(in.seen()) != 0 {
			t.Errorf("after %v with %d events; want 8s and none", took, len(in.seen()))
		}
	})
}

// Every type reaches the function, known or not: a service that answers a new one
// with an error loses it. The address does not count, nor do unknown versions.
func TestEveryEventTypeIsHandled(t *testing.T) {
	t.Parallel()
	var in inbox
	h := handler(t, in.take)
	want := make([]string, 0, len(eventTypes))
	for i, kind := range append(eventTypes, "audit.exported") {
		req := whippytest.NewRequest("the next key", whippytest.Sample(kind), whippytest.To(fmt.Sprintf("https://proxy.test:%d/a?b=c", 8000+i)))
		if w := serve(h, req); w.Code != http.StatusOK {
			t.Errorf("%s: status %d", kind, w.Code)
		}
		want = append(want, string(kind))
	}
	if diff := cmp.Diff(want, in.seen()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// eventTypes are those that the package has a constant of.
var eventTypes = []whippy.EventType{
	whippy.EventCallStarted, whippy.EventCallEnded, whippy.EventCallAnalyzed,
	whippy.EventMessageCreated, whippy.EventMessageUpdated,
	whippy.EventConversationCreated, whippy.EventConversationUpdated,
	whippy.EventContactCreated, whippy.EventContactUpdated,
	whippy.EventCampaignCreated, whippy.EventCampaignUpdated, whippy.EventLeadNew,
	whippy.EventMessageTemplateCreated, whippy.EventMessageTemplateUpdated, whippy.EventMessageTemplateDeleted,
	whippy.EventSequenceCreated, whippy.EventSequenceUpdated, whippy.EventStepCreated, whippy.EventStepUpdated,
	whippy.EventStepContactCreated, whippy.EventStepContactUpdated,
	whippy.EventSequenceRunCreated, whippy.EventSequenceRunUpdated,
}

// An event is the same if it tells the same, whatever request it comes with.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	log := whippy.NewMemoryDeliveryLog(0, 0)
	message := func(what string) []byte {
		return []byte(`{"data":{"id":"m-1"},"event":"message.` + what + `","request_id":"r-1"}`)
	}
	for name, options := range map[string][][]whippy.HandlerOption{ // of each handler
		"own log":    {nil},
		"shared log": {{whippy.WithDeliveryLog(log)}, {whippy.WithDeliveryLog(log)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var in inbox
			var handlers []*whippy.EventHandler
			for _, opts := range options {
				handlers = append(handlers, handler(t, in.take, opts...))
			}
			renamed := func(e *whippy.Event, _ *whippy.Call) {
				e.RequestID, e.CreatedAt = "another", e.CreatedAt.Add(time.Minute)
			}
			changed := func(_ *whippy.Event, c *whippy.Call) { c.UpdatedAt = c.UpdatedAt.Add(time.Minute) }
			for i, payload := range [][]byte{
				whippytest.CallAnalyzed(), // overtook the one before
				whippytest.CallEnded(), whippytest.CallEnded(), whippytest.CallEnded(renamed),
				whippytest.CallEnded(changed), whippytest.CallAnalyzed(),
				message("created"), message("updated"), message("created"),
			} {
				for _, h := range handlers {
					if w := serve(h, whippytest.NewRequest(secret, payload)); w.Code != http.StatusOK {
						t.Errorf("delivery %d: status %d", i, w.Code)
					}
				}
			}
			if diff := cmp.Diff([]string{"call.analyzed", "call.ended", "call.ended", "message.created", "message.updated"}, in.seen()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What comes back to a state that it had is an event of its own: other data than
// that of calls and messages may not say when it changed, so the event's time does.
func TestStateThatComesBack(t *testing.T) {
	t.Parallel()
	const blocked, free = `{"id":"c-1","blocked":true}`, `{"id":"c-1","blocked":false}`
	for name, test := range map[string]struct {
		times []string
		want  []string
	}{
		"each at its time":       {[]string{`"2026-11-21T10:00:00Z"`, `"2026-11-21T10:01:00Z"`, `"2026-11-21T10:02:00Z"`}, []string{blocked, free, blocked}},
		"times of another form":  {[]string{"1", "2", "3"}, []string{blocked, free, blocked}},
		"the first, sent again":  {[]string{`"2026-11-21T10:00:00Z"`, `"2026-11-21T10:01:00Z"`, `"2026-11-21T10:00:00Z"`}, []string{blocked, free}},
		"the same, in two zones": {[]string{`"2026-11-21T10:00:00Z"`, `"2026-11-21T10:01:00Z"`, `"2026-11-21T11:00:00.0+01:00"`}, []string{blocked, free}},
		"without a time":         {[]string{"null", "null", "null"}, []string{blocked, free}},
	} {
		for log, opts := range map[string][]whippy.HandlerOption{
			"own log":              nil,
			"log of the program's": {whippy.WithDeliveryLog(whippy.NewMemoryDeliveryLog(0, 0))},
		} {
			t.Run(name+", "+log, func(t *testing.T) {
				t.Parallel()
				var got []string
				h := handler(t, func(_ context.Context, e *whippy.Event) error {
					contact, _ := e.Data.(*whippy.Unknown)
					got = append(got, string(contact.Raw))
					return nil
				}, opts...)
				for i, data := range []string{blocked, free, blocked} {
					payload := fmt.Appendf(nil, `{"data":%s,"event":"contact.updated","created_at":%s,"request_id":"r-%d"}`, data, test.times[i], i)
					if w := serve(h, whippytest.NewRequest(secret, payload)); w.Code != http.StatusOK {
						t.Errorf("delivery %d: status %d", i, w.Code)
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

// Not a byte is read of who has no signature that could be one; what is signed in a
// way of the user's own is read first.
func TestUnsignedIsNotRead(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	mac := strings.Repeat("0", 64)
	own, err := whippy.NewVerifier([]string{secret}, whippy.WithScheme(func(http.Header, []byte) (whippy.Signature, error) {
		return whippy.Signature{}, whippy.ErrSignatureMissing
	}))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		header []string
		opt    whippy.HandlerOption
		status int
		read   int
	}{
		"missing":             {nil, nil, 401, 0},
		"empty":               {[]string{""}, nil, 401, 0},
		"doubled":             {[]string{"t=1,v1=" + mac, "t=1,v1=" + mac}, nil, 400, 0},
		"over a KiB":          {[]string{"t=1,v1=" + mac + strings.Repeat(" ", 1<<10)}, nil, 401, 0},
		"no pairs":            {[]string{"garbage"}, nil, 401, 0},
		"no time":             {[]string{"v1=" + strings.Repeat("ab", 32)}, nil, 401, 0},
		"no signature":        {[]string{"t=1"}, nil, 401, 0},
		"a wrong one":         {[]string{"t=1,v1=" + mac}, nil, 401, size},
		"of a scheme of ours": {nil, whippy.WithVerifier(own), 401, size},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := []whippy.HandlerOption{}
			if test.opt != nil {
				opts = append(opts, test.opt)
			}
			body := &counter{Reader: bytes.NewReader(make([]byte, size))}
			req := httptest.NewRequest(http.MethodPost, "/", body)
			req.ContentLength = -1
			req.Header[whippy.SignatureHeader] = test.header
			w := serve(handler(t, ignore, opts...), req)
			if w.Code != test.status || body.read != test.read {
				t.Errorf("status %d after %d bytes, want %d after %d", w.Code, body.read, test.status, test.read)
			}
		})
	}
}

// counter counts what is read.
type counter struct {
	io.Reader

	read int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += n
	return n, err
}

// The media type is what a sender may leave out, if the signature is good.
func TestWithoutMediaType(t *testing.T) {
	t.Parallel()
	req := whippytest.NewRequest(secret, whippytest.CallEnded())
	req.Header.Del("Content-Type")
	var in inbox
	if w := serve(handler(t, in.take), req); w.Code != http.StatusOK || len(in.seen()) != 1 {
		t.Errorf("status %d after %v, want 200 after one event", w.Code, in.seen())
	}
}

// Acknowledged means handled: what failed comes again.
func TestRetries(t *testing.T) {
	t.Parallel()
	errOwn := errors.New("the database is away")
	for name, test := range map[string]struct {
		errs []error
		want []int
	}{
		"handled":                  {nil, []int{200}},
		"failed once":              {[]error{errOwn}, []int{500, 200}},
		"failed twice":             {[]error{errOwn, errOwn}, []int{500, 500, 200}},
		"failed for ever":          {[]error{errOwn, errOwn, errOwn}, []int{500, 500, 500}},
		"not mended by repetition": {[]error{whippy.Permanent(errOwn), errOwn, nil}, []int{500, 500, 200}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				in := inbox{errs: test.errs}
				h := handler(t, in.take)
				if diff := cmp.Diff(test.want, whippytest.Deliver(t.Context(), h, secret, whippytest.CallEnded())); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if len(in.seen()) != len(test.want) {
					t.Errorf("called %d times", len(in.seen()))
				}
			})
		})
	}
}

func TestDeadLetter(t *testing.T) {
	t.Parallel()
	var dead []string
	take := func(_ context.Context, payload []byte, err error) error {
		kind := "neither"
		switch {
		case whippy.IsPermanent(err):
			kind = "permanent"
		case errors.Is(err, whippy.ErrInvalidResponse):
			kind = "undecodable"
		}
		dead = append(dead, kind+" "+string(payload))
		return nil
	}
	h := handler(t, func(context.Context, *whippy.Event) error {
		return whippy.Permanent(errors.New("no such customer"))
	}, whippy.WithDeadLetter(take))
	for _, payload := range []string{`{"event":"ping", "data":1}`, `{"event":`} {
		if w := serve(h, whippytest.NewRequest(secret, []byte(payload))); w.Code != http.StatusOK {
			t.Errorf("%s: status %d", payload, w.Code)
		}
	}
	if err := h.Handle(t.Context(), &whippy.Event{Type: "ping", Data: &whippy.Unknown{Raw: []byte("2")}}); err != nil {
		t.Error(err)
	}
	want := []string{
		`permanent {"event":"ping", "data":1}`, `undecodable {"event":`, `permanent {"data":2,"event":"ping","request_id":""}`,
	}
	if diff := cmp.Diff(want, dead); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// keys is a delivery log that remembers what it was asked for.
type keys struct {
	whippy.DeliveryLog

	seen []string
}

func (k *keys) Begin(ctx context.Context, key string, lease time.Duration) (whippy.Claim, error) {
	k.seen = append(k.seen, key)
	return k.DeliveryLog.Begin(ctx, key, lease)
}

// A queue and a request have the same key, which begins with the name of the
// package and is made of the type and the exact text of the data.
func TestHandle(t *testing.T) {
	t.Parallel()
	var in inbox
	log := &keys{DeliveryLog: whippy.NewMemoryDeliveryLog(0, 0)}
	h := handler(t, in.take, whippy.WithDeliveryLog(log))
	const sent = `{"request_id":"r-1","data": { "id":"c-1"} ,"event":"call.ended"}`
	byHand := &whippy.Event{Type: whippy.EventMessageCreated, Data: &whippy.Message{ID: "m-1"}}
	for _, event := range []*whippy.Event{parse(t, sent), parse(t, strings.Replace(sent, "r-1", "r-2", 1)), byHand, byHand} {
		if err := h.Handle(t.Context(), event); err != nil {
			t.Error(err)
		}
	}
	if w := serve(h, whippytest.NewRequest(secret, []byte(sent))); w.Code != http.StatusOK {
		t.Errorf("status %d", w.Code)
	}
	if diff := cmp.Diff([]string{"call.ended", "message.created"}, in.seen()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	key := func(kind, data string) string {
		return fmt.Sprintf("whippy:%x", sha256.Sum256([]byte(kind+"\x00"+data)))
	}
	call, message := key("call.ended", `{ "id":"c-1"}`), key("message.created", `{"id":"m-1"}`)
	if diff := cmp.Diff([]string{call, call, message, message, call}, log.seen); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if got := byHand.DeliveryKey(); got != message {
		t.Errorf("DeliveryKey is %q, want %q", got, message)
	}
	if got, want := (&whippy.Event{Type: "odd"}).DeliveryKey(), key("odd", ""); got != want {
		t.Errorf("without data, DeliveryKey is %q, want %q", got, want)
	}
}

func TestHandleFails(t *testing.T) {
	t.Parallel()
	var in inbox
	h := handler(t, in.take)
	replaced := parse(t, `{"event":"ping","data":1}`)
	replaced.Data = nil
	broken := parse(t, `{"event":"call.ended","data":{}}`)
	broken.Data = &whippy.Call{Extra: map[string]json.RawMessage{"x": json.RawMessage("{")}}
	for name, event := range map[string]*whippy.Event{
		"nil":                     nil,
		"zero":                    {},
		"without data":            {Type: whippy.EventCallEnded},
		"broken data":             {Type: whippy.EventCallEnded, Data: broken.Data},
		"data removed":            replaced,
		"a call that is none":     {Type: whippy.EventCallEnded, Data: (*whippy.Call)(nil)},
		"an unknown that is none": {Type: "ping", Data: (*whippy.Unknown)(nil)},
		"data swapped":            broken,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if event != nil {
				_ = event.DeliveryKey() // must not fail either
			}
			if err := h.Handle(t.Context(), event); !errors.Is(err, whippy.ErrInvalidRequest) || !strings.HasPrefix(err.Error(), "whippy: EventHandler.Handle: ") || strings.Count(err.Error(), "whippy: ") != 1 {
				t.Errorf("got %v; want ErrInvalidRequest", err)
			}
		})
	}
	t.Run("no context", func(t *testing.T) {
		t.Parallel()
		var none context.Context
		if err := h.Handle(none, parse(t, `{"event":"ping","data":1}`)); !errors.Is(err, whippy.ErrInvalidRequest) {
			t.Errorf("got %v; want ErrInvalidRequest", err)
		}
	})
	t.Run("the function", func(t *testing.T) {
		t.Parallel()
		errOwn := errors.New("not today")
		h := handler(t, func(context.Context, *whippy.Event) error { return errOwn })
		if err := h.Handle(t.Context(), parse(t, `{"event":"ping","data":1}`)); !errors.Is(err, errOwn) {
			t.Errorf("got %v", err)
		}
	})
	t.Cleanup(func() {
		if len(in.seen()) != 0 {
			t.Errorf("the function was called for %v", in.seen())
		}
	})
}

// A function that outlives its request keeps its claim, and Drain waits for it.
func TestSlowFunction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		h := handler(t, func(context.Context, *whippy.Event) error {
			calls++
			time.Sleep(30 * time.Second)
			return nil
		})
		event := parse(t, string(whippytest.CallEnded()))
		began := time.Now()
		w := serve(h, whippytest.NewRequest(secret, whippytest.CallEnded()))
		if took := time.Since(began); w.Code != http.StatusServiceUnavailable || took != 10*time.Second {
			t.Errorf("got status %d after %v; want 503 after 10s", w.Code, took)
		}
		if err := h.Handle(t.Context(), event); !errors.Is(err, whippy.ErrBusy) {
			t.Errorf("got %v; want ErrBusy", err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := h.Drain(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("drained after a second: %v", err)
		}
		if err := h.Drain(t.Context()); err != nil || time.Since(began) != 30*time.Second {
			t.Errorf("drained after %v with %v; want 30s and nil", time.Since(began), err)
		}
		if err := h.Handle(t.Context(), event); err != nil || calls != 1 {
			t.Errorf("got %v after %d calls; want nil and one", err, calls)
		}
	})
}

func TestNewEventHandlerRefuses(t *testing.T) {
	t.Parallel()
	v := whippy.WithVerifier(verifier(t, 0))
	for name, test := range map[string]struct {
		opts []whippy.HandlerOption
		want string
	}{
		"nothing to verify by":     {nil, "want one of WithVerifier, "},
		"verified and not":         {[]whippy.HandlerOption{v, whippy.WithoutVerification()}, "want one of WithVerifier, "},
		"no verifier":              {[]whippy.HandlerOption{whippy.WithVerifier(nil)}, "WithVerifier: "},
		"a verifier without a key": {[]whippy.HandlerOption{whippy.WithVerifier(&whippy.Verifier{})}, "WithVerifier: "},
		"a nil option":             {[]whippy.HandlerOption{v, nil}, "option 2 is nil"},
		"no log":                   {[]whippy.HandlerOption{v, whippy.WithDeliveryLog(nil)}, "WithDeliveryLog: "},
		"no bytes":                 {[]whippy.HandlerOption{v, whippy.WithMaxBodyBytes(0)}, "WithMaxBodyBytes: "},
		"no time":                  {[]whippy.HandlerOption{v, whippy.WithHandlerTimeout(0)}, "WithHandlerTimeout: "},
		"no lease":                 {[]whippy.HandlerOption{v, whippy.WithLease(0)}, "WithLease: "},
		"a lease that is short":    {[]whippy.HandlerOption{v, whippy.WithLease(time.Second)}, "WithLease: "},
		"none at once":             {[]whippy.HandlerOption{v, whippy.WithMaxConcurrent(0)}, "WithMaxConcurrent: "},
		"no dead letter":           {[]whippy.HandlerOption{v, whippy.WithDeadLetter(nil)}, "WithDeadLetter: "},
		"no logger":                {[]whippy.HandlerOption{v, whippy.WithHandlerLogger(nil)}, "WithHandlerLogger: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, err := whippy.NewEventHandler(ignore, test.opts...)
			if h != nil || !errors.Is(err, whippy.ErrInvalidRequest) || !strings.HasPrefix(err.Error(), "whippy: NewEventHandler: "+test.want) {
				t.Errorf("got %v, %v; want %s", h, err, test.want)
			}
		})
	}
	if _, err := whippy.NewEventHandler(nil, v); !errors.Is(err, whippy.ErrInvalidRequest) {
		t.Errorf("no function: got %v", err)
	}
}

func TestOverloaded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, err := whippy.NewEventHandler(func(context.Context, *whippy.Event) error {
			time.Sleep(time.Second)
			return nil
		}, whippy.WithoutVerification(), whippy.WithMaxConcurrent(1), whippy.WithLease(time.Hour), whippy.WithHandlerTimeout(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		wait.Go(func() {
			if w := serve(h, whippytest.NewRequest("any", whippytest.CallEnded())); w.Code != http.StatusOK {
				t.Errorf("first: status %d", w.Code)
			}
		})
		synctest.Wait()
		if w := serve(h, whippytest.NewRequest("any", whippytest.CallStarted())); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("second: status %d with %v; want 503 and Retry-After", w.Code, w.Header())
		}
		wait.Wait()
	})
}

// 64 senders, each with its own events and some of all, over the network.
func TestManySenders(t *testing.T) {
	t.Parallel()
	const senders, each = 64, 8
	var calls atomic.Int64
	h := handler(t, func(context.Context, *whippy.Event) error {
		calls.Add(1)
		return nil
	}, whippy.WithMaxConcurrent(senders))
	server := httptest.NewServer(h)
	defer server.Close()
	client := server.Client()
	var wait sync.WaitGroup
	for sender := range senders {
		wait.Go(func() {
			for i := range each {
				for range 2 {
					req := whippytest.NewRequest(secret, whippytest.CallEvents(sender*each + i)[1], whippytest.To(server.URL))
					answer, err := client.Do(req)
					if err != nil {
						t.Error(err)
						return
					}
					_ = answer.Body.Close()
					if answer.StatusCode != http.StatusOK {
						t.Errorf("status %d", answer.StatusCode)
					}
				}
			}
		})
	}
	wait.Wait()
	if got := calls.Load(); got != senders*each {
		t.Errorf("handled %d events; want %d", got, senders*each)
	}
}

// Whatever comes, the function is called only for what was signed and is an event.
func FuzzEventHandler(f *testing.F) {
	good := whippytest.NewRequest(secret, []byte(body), whippytest.SignedAt(time.Unix(signedAt, 0)))
	f.Add("POST", good.Header.Get(whippy.SignatureHeader), "application/json", "", body)
	f.Add("POST", "", "application/json", "", body)
	f.Add("GET", "t=1,v1="+macHex, "text/html", "gzip", "{}")
	f.Fuzz(func(t *testing.T, method, header, media, encoding, body string) {
		called := false
		h, err := whippy.NewEventHandler(func(_ context.Context, e *whippy.Event) error {
			called = true
			if e.RawJSON() != strings.TrimSpace(strings.TrimPrefix(body, "\ufeff")) {
				t.Error("the event is not what was sent")
			}
			return nil
		}, whippy.WithVerifier(verifier(t, 0)))
		if err != nil {
			t.Fatal(err)
		}
		for _, signed := range []bool{false, true} {
			req := whippytest.NewRequest(secret, []byte(body), whippytest.SignedAt(time.Unix(signedAt, 0)))
			if !signed {
				req.Method = method
				req.Header.Set(whippy.SignatureHeader, header)
				req.Header.Set("Content-Type", media)
				req.Header.Set("Content-Encoding", encoding)
			}
			called = false
			w := serve(h, req)
			if !signed && called && !wasSigned(header, body) {
				t.Errorf("called for %q, which nobody signed", header)
			}
			_, err := whippy.ParseEvent([]byte(body))
			if signed && (w.Code == http.StatusOK) != (err == nil) {
				t.Errorf("status %d for a signed body that parses with %v", w.Code, err)
			}
			if called && w.Code != http.StatusOK || w.Body.Len() != 0 {
				t.Errorf("status %d, called %v, a body of %d bytes", w.Code, called, w.Body.Len())
			}
		}
	})
}
