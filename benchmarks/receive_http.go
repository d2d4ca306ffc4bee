package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/callinsights/callinsights-go/benchmarks/plain"
	"github.com/callinsights/callinsights-go/whippy"
)

// senders is how many connections there are.
const senders = 8

// receiveHTTP measures how long a receiver is busy with a request where more are
// waiting: the time from the first one to the last answer by their number.
func receiveHTTP(n int) table {
	return table{
		name:  "receive-http",
		title: "Receiving events over HTTP",
		about: fmt.Sprintf("The time for each of %d different events that come over %d connections which are kept, "+
			"to a server that has a process and a core of its own. `NewEventHandler` does more than the others: it bounds the time "+
			"that a body and the function may take, and calls the function once for an event that comes twice.", n, senders),
		unit:     nanoseconds(),
		variants: receiveHTTPVariants(n, func(took time.Duration, _, _ receiverState) float64 { return float64(took) }),
		targets:  []target{{verifiedAgain, unsignedJSON, 1.7}, {eventHandler, unsignedJSON, 1.7}},
	}
}

// receiveHTTPAllocations counts what the same allocates.
func receiveHTTPAllocations(n int) table {
	return table{
		name:   "receive-http-allocations",
		title:  "Allocations of receiving an event over HTTP",
		about:  "In the same process, those of `net/http` included, as a handler that does nothing shows them.",
		rounds: 2, // they hardly differ
		unit:   allocations(),
		variants: receiveHTTPVariants(n, func(_ time.Duration, before, after receiverState) float64 {
			return float64(after.Mallocs - before.Mallocs)
		}),
	}
}

// serving is a way to receive events over HTTP.
type serving struct {
	name    string
	sign    func(*plain.Event) (*delivery, error)
	handler func(*inbox) (http.Handler, error)
}

func servings() []serving {
	return []serving{
		{unsignedJSON, unsigned, taking(takeUnsigned)},
		{stripeStyle, signedAsStripe, taking(takeStripe)},
		{verifiedAgain, signedAsWhippy, taking(takeVerifiedAtOnce())},
		{eventHandler, signedAsWhippy, handlingEvents},
		{emptyHandler, unsigned, doingNothing},
	}
}

func receiveHTTPVariants(n int, result func(took time.Duration, before, after receiverState) float64) []variant {
	var list []variant
	for _, way := range servings() {
		list = append(list, variant{way.name, func(ctx context.Context, _ string) (float64, error) {
			took, before, after, err := way.measure(ctx, n)
			return result(took, before, after) / float64(n), err
		}})
	}
	return list
}

// measure sends n events to a receiver that was just started, so that they are new
// to it.
func (way serving) measure(ctx context.Context, n int) (took time.Duration, before, after receiverState, err error) {
	e, err := makeEvents(n, way.sign)
	if err != nil {
		return 0, before, after, err
	}
	requests := e.requests()
	fake, err := start(ctx, &corpus{Days: 1, Events: n, Receiver: way.name}, io.Discard)
	if err != nil {
		return 0, before, after, err
	}
	defer fake.stop()
	if before, err = stateOf(ctx, fake.url); err != nil {
		return 0, before, after, err
	}
	began := time.Now()
	err = bombard(ctx, strings.TrimPrefix(fake.url, "http://"), requests)
	took = time.Since(began)
	if err != nil {
		return 0, before, after, err
	}
	if after, err = stateOf(ctx, fake.url); err == nil && after.Understood != int64(n) {
		err = fmt.Errorf("%d events were understood, want %d", after.Understood, n)
	}
	return took, before, after, err
}

// requests are the events as they go over the wire.
func (e *events) requests() [][]byte {
	list := make([][]byte, len(e.deliveries))
	for i, d := range e.deliveries {
		var text strings.Builder
		text.WriteString("POST /whippy HTTP/1.1\r\nHost: receiver.test\r\n")
		_ = d.header.Write(&text) // to memory
		fmt.Fprintf(&text, "Content-Length: %d\r\n\r\n%s", len(d.body), d.body)
		list[i] = []byte(text.String())
	}
	return list
}

// bombard has the senders share the requests between them.
func bombard(ctx context.Context, address string, requests [][]byte) error {
	errs := make([]error, senders)
	var group sync.WaitGroup
	for i := range senders {
		share := requests[len(requests)*i/senders : len(requests)*(i+1)/senders]
		group.Go(func() { errs[i] = send(ctx, address, share) })
	}
	group.Wait()
	return errors.Join(errs...)
}

// send sends each request when the one before was answered. It does as little as
// can be, so that the receiver never waits for it.
func send(ctx context.Context, address string, requests [][]byte) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	const good, end = "HTTP/1.1 200 OK\r\n", "\r\n\r\n"
	answer := make([]byte, 4<<10)
	for _, request := range requests {
		if _, err := conn.Write(request); err != nil {
			return err
		}
		n, err := conn.Read(answer) // without a body, it comes in one piece
		if err != nil {
			return err
		}
		if n < len(good) || string(answer[:len(good)]) != good || string(answer[n-len(end):n]) != end {
			return errors.New("an event was not acknowledged")
		}
	}
	return nil
}

// receiverState is what a receiver says of itself.
type receiverState struct {
	Understood int64  `json:"understood"`
	Mallocs    uint64 `json:"mallocs"`
}

func stateOf(ctx context.Context, url string) (receiverState, error) {
	var state receiverState
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return state, err
	}
	client := &http.Client{Transport: new(http.Transport)}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return state, err
	}
	defer response.Body.Close()
	return state, json.NewDecoder(response.Body).Decode(&state)
}

// inbox is a receiver: events that come by POST go to its handler, and it counts
// those that were understood.
type inbox struct {
	gists []gist

	handler    http.Handler
	understood atomic.Int64
}

// newInbox is what the process of a receiver serves. It keeps to one core, as the
// senders have the other one.
func newInbox(c *corpus) (*inbox, error) {
	runtime.GOMAXPROCS(1)
	for _, way := range servings() {
		if way.name != c.Receiver {
			continue
		}
		in := &inbox{gists: gistsOf(c.Events)}
		handler, err := way.handler(in)
		in.handler = handler
		return in, err
	}
	return nil, fmt.Errorf("-serve: there is no receiver %q", c.Receiver)
}

func (in *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		in.handler.ServeHTTP(w, r)
		return
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	_, _ = w.Write(encode(receiverState{in.understood.Load(), stats.Mallocs}))
}

func (in *inbox) put(got gist, err error) error {
	if err == nil {
		err = check(got, in.gists)
	}
	if err == nil {
		in.understood.Add(1)
	}
	return err
}

func taking(take func(*http.Request) (gist, error)) func(*inbox) (http.Handler, error) {
	return func(in *inbox) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := in.put(take(r)); err != nil {
				w.WriteHeader(http.StatusBadRequest)
			}
		}), nil
	}
}

func handlingEvents(in *inbox) (http.Handler, error) {
	verifier, err := whippy.NewVerifier([]string{signingKey})
	if err != nil {
		return nil, err
	}
	return whippy.NewEventHandler(func(_ context.Context, event *whippy.Event) error {
		return in.put(gistOfEvent(event))
	}, whippy.WithVerifier(verifier))
}

func doingNothing(in *inbox) (http.Handler, error) {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { in.understood.Add(1) }), nil
}
