package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/go-github/v92/github"
	"github.com/stripe/stripe-go/v85"
	stripehook "github.com/stripe/stripe-go/v85/webhook"

	"github.com/callinsights/callinsights-go/benchmarks/plain"
	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// The names of the ways to receive, which the targets refer to.
const (
	unsignedJSON  = "`io.ReadAll`, `json.Unmarshal`, unsigned"
	githubStyle   = "go-github's `ValidatePayload`, `json.Unmarshal`"
	stripeStyle   = "stripe-go's `ConstructEvent`, `json.Unmarshal`"
	verifiedAll   = "`io.ReadAll`, `Verifier.Verify`, `ParseEvent`"
	verifiedAgain = "a buffer used again, `Verifier.Verify`, `ParseEvent`"
	eventHandler  = "`NewEventHandler`"
	emptyHandler  = "a handler that does nothing"
)

const signingKey = "the key of an application"

// receiveTables measure receivers, in memory and over HTTP.
func receiveTables(atLeast time.Duration) []table {
	return []table{
		receiveSpeed(256, atLeast),
		receiveAllocations(256),
		receiveHTTP(10_000),
		receiveHTTPAllocations(10_000),
	}
}

// receiveSpeed measures what it takes to have an event that can be believed, n
// different ones in turn.
func receiveSpeed(n int, atLeast time.Duration) table {
	return table{
		name:  "receive",
		title: "Receiving an event",
		about: "A `call.analyzed` of Whippy, from the request in memory to the typed event.",
		unit:  nanoseconds(),
		variants: receiveVariants(n, func(work func() error) (float64, error) {
			return timeOf(work, atLeast)
		}),
		targets: []target{
			{verifiedAgain, unsignedJSON, 3.5},
			{verifiedAgain, githubStyle, 4},
			{verifiedAgain, stripeStyle, 12},
		},
	}
}

// receiveAllocations counts what the same allocates.
func receiveAllocations(n int) table {
	return table{
		name:   "receive-allocations",
		title:  "Allocations of receiving an event",
		about:  "In memory, by the same ways.",
		rounds: 2, // they hardly differ
		unit:   allocations(),
		variants: receiveVariants(n, func(work func() error) (float64, error) {
			return allocationsOf(work, 2)
		}),
	}
}

// receiving is a way to receive events: how the sender signs one, and what the
// receiver makes of a request.
type receiving struct {
	name string
	sign func(*plain.Event) (*delivery, error)
	take func(*http.Request) (gist, error)
}

func receiveVariants(n int, measure gauge) []variant {
	var list []variant
	for _, way := range []receiving{
		{unsignedJSON, unsigned, takeUnsigned},
		{githubStyle, signedAsGitHub, takeGitHub},
		{stripeStyle, signedAsStripe, takeStripe},
		{verifiedAll, signedAsWhippy, takeVerified(readAll)},
		{verifiedAgain, signedAsWhippy, takeVerified(readAgain())},
	} {
		list = append(list, variant{way.name, func(context.Context, string) (float64, error) {
			e, err := makeEvents(n, way.sign)
			if err != nil {
				return 0, err
			}
			all, err := measure(func() error { return e.each(way.take) })
			return all / float64(n), err
		}})
	}
	return list
}

// delivery is a request as it is sent.
type delivery struct {
	body   string
	header http.Header
}

func unsigned(event *plain.Event) (*delivery, error) {
	return &delivery{string(encode(event)), http.Header{"Content-Type": {"application/json"}}}, nil
}

func signedAsWhippy(event *plain.Event) (*delivery, error) {
	body := encode(event)
	return &delivery{string(body), whippytest.NewRequest(signingKey, body).Header}, nil
}

func signedAsGitHub(event *plain.Event) (*delivery, error) {
	body, mac := encode(event), hmac.New(sha256.New, []byte(signingKey))
	_, _ = mac.Write(body) // a hash takes all
	return &delivery{string(body), http.Header{
		"Content-Type": {"application/json"}, github.SHA256SignatureHeader: {"sha256=" + hex.EncodeToString(mac.Sum(nil))},
	}}, nil
}

// signedAsStripe puts the call into Stripe's envelope, as its package takes no
// other.
func signedAsStripe(event *plain.Event) (*delivery, error) {
	body, err := json.Marshal(map[string]any{
		"object": "event", "id": event.RequestID, "type": event.Event, "api_version": stripe.APIVersion,
		"created": event.CreatedAt.Unix(), "data": map[string]any{"object": event.Data},
	})
	signed := stripehook.GenerateTestSignedPayload(&stripehook.UnsignedPayload{Payload: body, Secret: signingKey})
	return &delivery{string(body), http.Header{"Content-Type": {"application/json"}, "Stripe-Signature": {signed.Header}}}, err
}

func takeUnsigned(r *http.Request) (gist, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return gist{}, err
	}
	return decoded(body)
}

func takeGitHub(r *http.Request) (gist, error) {
	body, err := github.ValidatePayload(r, []byte(signingKey))
	if err != nil {
		return gist{}, err
	}
	return decoded(body)
}

func decoded(body []byte) (gist, error) {
	var event plain.Event
	err := json.Unmarshal(body, &event)
	return gistOf(&event.Data), err
}

func takeStripe(r *http.Request) (gist, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return gist{}, err
	}
	event, err := stripehook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), signingKey)
	if err != nil {
		return gist{}, err
	}
	var call plain.Call
	err = json.Unmarshal(event.Data.Raw, &call)
	return gistOf(&call), err
}

func takeVerified(read func(*http.Request) ([]byte, error)) func(*http.Request) (gist, error) {
	verifier, refusal := whippy.NewVerifier([]string{signingKey})
	return func(r *http.Request) (gist, error) {
		body, err := read(r)
		if err = errors.Join(refusal, err); err != nil {
			return gist{}, err
		}
		if err := verifier.Verify(r.Header, body); err != nil {
			return gist{}, err
		}
		event, err := whippy.ParseEvent(body)
		if err != nil {
			return gist{}, err
		}
		return gistOfEvent(event)
	}
}

// takeVerifiedAtOnce is for several requests at once, each with a buffer of its own.
func takeVerifiedAtOnce() func(*http.Request) (gist, error) {
	takers := sync.Pool{New: func() any {
		take := takeVerified(readAgain())
		return &take
	}}
	return func(r *http.Request) (gist, error) {
		take := takers.Get().(*func(*http.Request) (gist, error)) //nolint:errcheck,forcetypeassert // there is nothing else in the pool
		defer takers.Put(take)
		return (*take)(r)
	}
}

func readAll(r *http.Request) ([]byte, error) { return io.ReadAll(r.Body) }

// readAgain reads into one buffer, as neither Verify nor ParseEvent keeps a body.
func readAgain() func(*http.Request) ([]byte, error) {
	var buffer []byte
	return func(r *http.Request) ([]byte, error) {
		n := int(r.ContentLength)
		buffer = slices.Grow(buffer[:0], n)[:n]
		_, err := io.ReadFull(r.Body, buffer)
		return buffer, err
	}
}

// gist is what a receiver must have understood of an event: of its begin, its
// middle and its end.
type gist struct {
	id, lastFile  string
	body, summary int // bytes
	duration      float64
}

func gistOf(call *plain.Call) gist {
	g := gist{id: call.ID, body: len(call.Body), summary: len(call.Metadata.Analysis.CallSummary), duration: call.Metadata.Duration}
	if n := len(call.Attachments); n > 0 {
		g.lastFile = call.Attachments[n-1].URL
	}
	return g
}

func gistOfEvent(event *whippy.Event) (gist, error) {
	call, ok := event.Data.(*whippy.Call)
	if !ok || call.Analysis() == nil || call.Metadata.DurationMs == nil || len(call.Attachments) == 0 {
		return gist{}, errors.New("not a call that was analysed")
	}
	return gist{
		id: call.ID, lastFile: call.Attachments[len(call.Attachments)-1].URL,
		body: len(call.Body), summary: len(call.Analysis().CallSummary), duration: *call.Metadata.DurationMs,
	}, nil
}

// gistsOf are those of the first n events.
func gistsOf(n int) []gist {
	list := make([]gist, n)
	for i := range list {
		list[i] = gistOf(&callAnalyzed(i).Data)
	}
	return list
}

// check finds the event by its id, which begins with its number.
func check(got gist, all []gist) error {
	number, _, _ := strings.Cut(got.id, "-")
	i, err := strconv.ParseUint(number, 16, 32)
	if err != nil || i >= uint64(len(all)) {
		return fmt.Errorf("there is no event %q", got.id)
	}
	if got != all[i] {
		return fmt.Errorf("event %q was not understood", got.id)
	}
	return nil
}

// events are requests as they are sent, and what there is to understand of each.
type events struct {
	deliveries []*delivery
	gists      []gist
}

func makeEvents(n int, sign func(*plain.Event) (*delivery, error)) (*events, error) {
	e := &events{gists: gistsOf(n)}
	for i := range n {
		d, err := sign(callAnalyzed(i))
		if err != nil {
			return nil, err
		}
		e.deliveries = append(e.deliveries, d)
	}
	return e, nil
}

// each takes each of the events, from a request in memory.
func (e *events) each(take func(*http.Request) (gist, error)) error {
	var body replay
	request := &http.Request{Method: http.MethodPost, Body: &body}
	for _, d := range e.deliveries {
		body.Reset(d.body)
		request.Header, request.ContentLength = d.header, int64(len(d.body))
		got, err := take(request)
		if err == nil {
			err = check(got, e.gists)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// replay is the body of a request in memory.
type replay struct{ strings.Reader }

func (*replay) Close() error { return nil }
