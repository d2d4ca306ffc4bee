package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/examples/internal/program"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// demonstrate runs the receiver for some time, in which fakes of both services send
// it events over the network of this machine.
func demonstrate(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	if s.out == "" {
		folder, err := os.MkdirTemp("", "receiver-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(folder) }()
		s.out = filepath.Join(folder, "events.jsonl")
	}
	s.listen, s.tokens, s.secrets = "127.0.0.1:0", []string{ringsense.NewVerificationToken()}, []string{rand.Text()}
	r, err := open(ctx, s, stdout, stderr)
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- r.serve(serving) }()
	sent, err := sendAll(ctx, s, r.url())
	stop()
	forged := "; a forged one was refused"
	if ctx.Err() != nil {
		forged, err = "", nil // interrupted, as is meant to be
	}
	if err := errors.Join(err, <-ended); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s sent, each twice: %s%s\n",
		program.Counted(sent, "event was", "events were"), program.Counted(r.added, "new line", "new lines"), forged)
	return err
}

// sendAll sends the events of the demonstration, evenly over its time.
func sendAll(ctx context.Context, s settings, url string) (sent int, err error) {
	d, err := newSender(ctx, s, url)
	if err != nil {
		return 0, err
	}
	steps, err := d.steps()
	if err != nil {
		return 0, err
	}
	ticks := time.NewTicker(max(s.demo/time.Duration(len(steps)), 1))
	defer ticks.Stop()
	for _, send := range steps {
		if err := send(ctx); err != nil {
			return sent, err
		}
		sent++
		select {
		case <-ctx.Done():
			return sent, ctx.Err()
		case <-ticks.C:
		}
	}
	return sent, d.forge(ctx)
}

// sender is both services.
type sender struct {
	ringsense *ringsensetest.Server
	transport *http.Transport
	whippy    string // the address of the receiver
	secret    string
}

// newSender subscribes the receiver, which answers the handshake.
func newSender(ctx context.Context, s settings, url string) (*sender, error) {
	fake, err := demo.RingSense()
	if err != nil {
		return nil, err
	}
	d := &sender{fake, &http.Transport{DisableKeepAlives: true}, url + "/whippy", s.secrets[0]}
	fake.SetDelivery(d.transport)
	fake.SetDeliveryRules(ringsensetest.DeliveryRules{Duplicates: 1})
	_, err = fake.Client().Subscribe(ctx, ringsense.SubscriptionRequest{
		EventFilters:      ringsense.InsightsFilters(ringsense.DomainPBX, ringsense.DomainRCV),
		Address:           url + "/ringsense",
		VerificationToken: s.tokens[0],
	})
	return d, err
}

// steps are the events of both services in turn.
func (d *sender) steps() (steps []func(context.Context) error, err error) {
	insights, err := demo.Events()
	if err != nil {
		return nil, err
	}
	calls := slices.Concat(whippytest.CallEvents(1), whippytest.CallEvents(2),
		[][]byte{whippytest.MessageCreated(), whippytest.MessageUpdated()})
	for i := range max(len(insights), len(calls)) {
		if i < len(insights) {
			steps = append(steps, func(ctx context.Context) error { return d.deliver(ctx, insights[i]) })
		}
		if i < len(calls) {
			steps = append(steps, func(ctx context.Context) error { return d.post(ctx, calls[i]) })
		}
	}
	return steps, nil
}

// deliver sends an event of RingSense, twice as the rules say.
func (d *sender) deliver(ctx context.Context, payload []byte) error {
	deliveries, err := d.ringsense.Deliver(ctx, payload)
	for _, delivery := range deliveries {
		err = errors.Join(err, delivery.Err)
	}
	return err
}

// post sends an event of Whippy, twice as services do now and then.
func (d *sender) post(ctx context.Context, payload []byte) error {
	for range 2 {
		if err := d.send(ctx, d.secret, payload, http.StatusOK); err != nil {
			return err
		}
	}
	return nil
}

// forge sends an event as somebody does who has not the secret.
func (d *sender) forge(ctx context.Context) error {
	return d.send(ctx, "a guess", whippytest.CallStarted(), http.StatusUnauthorized)
}

func (d *sender) send(ctx context.Context, secret string, payload []byte, want int) error {
	answer, err := d.transport.RoundTrip(whippytest.NewRequest(secret, payload, whippytest.To(d.whippy)).WithContext(ctx))
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != want {
		return fmt.Errorf("an event of Whippy was answered with %s", answer.Status)
	}
	return nil
}
