package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// patience is how long requests that are under way may take at the end.
const patience = 3 * time.Second

// box is the sandbox: two fakes and where they listen.
type box struct {
	ringsense *ringsensetest.Server
	vonage    *vonageinsightstest.Server
	events    [][]byte
	listeners [2]net.Listener // of ringsense and of vonage
}

// open fills the fakes and opens their addresses. Nothing is answered yet.
func open(ctx context.Context, s settings, stderr io.Writer) (*box, error) {
	b := new(box)
	var err error
	if b.ringsense, err = demo.RingSense(); err != nil {
		return nil, err
	}
	b.ringsense.SetDelivery(localTransport(stderr))
	if b.vonage, err = demo.Studio(); err != nil {
		return nil, err
	}
	if b.events, err = demo.Events(); err != nil {
		return nil, err
	}
	if b.listeners[0], err = listen(ctx, "ringsense", s.ringsense); err != nil {
		return nil, err
	}
	if b.listeners[1], err = listen(ctx, "vonage", s.vonage); err != nil {
		_ = b.listeners[0].Close()
		return nil, err
	}
	return b, nil
}

func (b *box) close() {
	for _, listener := range b.listeners {
		_ = listener.Close()
	}
}

func (b *box) describe() line {
	return newLine("http://"+b.listeners[0].Addr().String(), "http://"+b.listeners[1].Addr().String())
}

// serve answers requests until ctx ends or a server fails, and then lets those
// that are under way end.
func (b *box) serve(ctx context.Context, eventEvery time.Duration, stderr io.Writer) error {
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var group sync.WaitGroup
	for i, fake := range [...]http.Handler{b.ringsense, b.vonage} {
		server := &http.Server{Handler: fake, ReadHeaderTimeout: time.Minute}
		group.Go(func() { stop(server.Serve(b.listeners[i])) })
		group.Go(func() { shutDown(running, server) })
	}
	if eventEvery > 0 {
		group.Go(func() { b.sendEvents(running, eventEvery, stderr) })
	}
	group.Wait()
	if ctx.Err() != nil {
		return nil // interrupted, as is meant to be
	}
	return context.Cause(running)
}

// shutDown waits for the end of running and then ends the server.
func shutDown(running context.Context, server *http.Server) {
	<-running.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(running), patience)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close()
	}
}

// sendEvents sends one event after the other to those who have subscribed it,
// and begins anew after the last.
func (b *box) sendEvents(ctx context.Context, every time.Duration, stderr io.Writer) {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for next := 0; ; next = (next + 1) % len(b.events) {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		deliveries, err := b.ringsense.Deliver(ctx, b.events[next])
		if err != nil {
			return // of ctx, as the events are good
		}
		for _, d := range deliveries {
			fmt.Fprintf(stderr, "event for %s: %s\n", d.SubscriptionID, outcome(d))
		}
	}
}

func outcome(d ringsensetest.Delivery) string {
	if d.Err != nil {
		return d.Err.Error()
	}
	return "delivered"
}
