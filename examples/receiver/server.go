package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/program"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/whippy"
)

// patience is how long events that are under way may take at the end.
const patience = 15 * time.Second

// receiver is the server.
type receiver struct {
	journal  *journal
	listener net.Listener
	mux      *http.ServeMux
	handlers []eventHandler
	log      *slog.Logger

	mu     sync.Mutex // of stdout
	stdout io.Writer
	added  int // events that are new in the file
}

// eventHandler is what the handlers of both services are.
type eventHandler interface {
	http.Handler
	Drain(ctx context.Context) error
}

// open opens the address and then the file, so that two programs with the same
// settings do not get at it. Nothing is answered yet.
func open(ctx context.Context, s settings, stdout, stderr io.Writer) (*receiver, error) {
	r := &receiver{mux: http.NewServeMux(), log: slog.New(slog.NewTextHandler(stderr, nil)), stdout: stdout}
	var err error
	if r.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", s.listen); err != nil {
		if _, ok := errors.AsType[*net.AddrError](err); ok {
			err = fmt.Errorf("%w, want one such as 127.0.0.1:8080", err)
		}
		return nil, fmt.Errorf("-listen %s: %w", s.listen, err)
	}
	if r.journal, err = openJournal(s.out); err != nil {
		_ = r.listener.Close()
		return nil, fmt.Errorf("-out: %w", err)
	}
	if err := errors.Join(r.mountRingSense(s.tokens), r.mountWhippy(s.secrets)); err != nil {
		_ = r.listener.Close()
		_ = r.journal.close()
		return nil, err
	}
	return r, nil
}

func (r *receiver) mountRingSense(tokens []string) error {
	if len(tokens) == 0 {
		return nil
	}
	handler, err := ringsense.NewEventHandler(r.keepRingSense, ringsense.WithVerificationToken(tokens...),
		ringsense.WithDeliveryLog(r.journal), ringsense.WithDeadLetter(r.bury("ringsense")), ringsense.WithHandlerLogger(r.log))
	if err != nil {
		return fmt.Errorf("%s: %w", tokensVariable, err)
	}
	r.mount("/ringsense", handler)
	return nil
}

func (r *receiver) mountWhippy(secrets []string) error {
	if len(secrets) == 0 {
		return nil
	}
	verifier, err := whippy.NewVerifier(secrets)
	if err != nil {
		return fmt.Errorf("%s: %w", secretsVariable, err)
	}
	handler, err := whippy.NewEventHandler(r.keepWhippy, whippy.WithVerifier(verifier),
		whippy.WithDeliveryLog(r.journal), whippy.WithDeadLetter(r.bury("whippy")), whippy.WithHandlerLogger(r.log))
	if err != nil {
		return err
	}
	r.mount("/whippy", handler)
	return nil
}

func (r *receiver) mount(path string, handler eventHandler) {
	r.mux.Handle(path, handler)
	r.handlers = append(r.handlers, handler)
}

func (r *receiver) url() string { return "http://" + r.listener.Addr().String() }

// serve answers requests until ctx ends or the server fails.
func (r *receiver) serve(ctx context.Context) error {
	return program.Serve(ctx, r.listener, r.mux, r.log, patience, r.end)
}

// end waits for the functions, which may outlive their requests, and closes the file.
func (r *receiver) end(ctx context.Context) error {
	var err error
	for _, handler := range r.handlers {
		err = errors.Join(err, handler.Drain(ctx))
	}
	return errors.Join(err, r.journal.close())
}

// keepRingSense is the function that handles the events of RingSense.
func (r *receiver) keepRingSense(_ context.Context, e *ringsense.Event) error {
	text := "ringsense  " + e.Filter
	if e.Insights != nil {
		// Quoted, as callers choose their names, and a terminal obeys what it reads.
		text = fmt.Sprintf("ringsense  %s  %q", e.Insights.SourceRecordID, e.Insights.Title)
	}
	return r.keep(e.DeliveryKey(), e.RawJSON(), text)
}

// keepWhippy is the function that handles the events of Whippy.
func (r *receiver) keepWhippy(_ context.Context, e *whippy.Event) error {
	id := e.RequestID
	switch data := e.Data.(type) {
	case *whippy.Call:
		id = data.ID
	case *whippy.Message:
		id = data.ID
	}
	return r.keep(e.DeliveryKey(), e.RawJSON(), fmt.Sprintf("whippy     %s  %q", e.Type, id))
}

// keep writes an event to the file, and prints text if it was not there.
func (r *receiver) keep(key, event, text string) error {
	added, err := r.journal.add(line{Key: key, Event: json.RawMessage(event)})
	if err != nil || !added {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.added++
	fmt.Fprintln(r.stdout, text)
	return nil
}

// bury returns a function that writes what comes from a service and cannot be
// decoded to the same file, by the key that the handlers claim it with.
func (r *receiver) bury(service string) func(context.Context, []byte, error) error {
	return func(_ context.Context, payload []byte, reason error) error {
		sum := sha256.Sum256(payload)
		_, err := r.journal.add(line{Key: service + ":undecodable:" + hex.EncodeToString(sum[:]), Error: reason.Error(), Payload: payload})
		return err
	}
}
