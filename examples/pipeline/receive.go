package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/callinsights/callinsights-go/examples/internal/program"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/whippy"
)

// The variables that hold the secrets of those who send.
const (
	ringSenseVariable = "RC_VERIFICATION_TOKENS"
	whippyVariable    = "WHIPPY_API_KEYS"
	noticeVariable    = "VONAGE_NOTICE_TOKENS"
)

// maxEventBytes is how large an event may be: a long meeting comes with all of its
// transcript.
const maxEventBytes = 4 << 20

// receiverFlags are the flags of a receiver.
type receiverFlags struct{ listen string }

func (r *receiverFlags) add(flags *flag.FlagSet) {
	flags.StringVar(&r.listen, "listen", "127.0.0.1:8080", "address for webhooks; put something before it that ends TLS and changes nothing else")
}

func (r *receiverFlags) settings(getenv func(string) string) receiverSettings {
	return receiverSettings{r.listen, strings.Fields(getenv(ringSenseVariable)), strings.Fields(getenv(whippyVariable)), strings.Fields(getenv(noticeVariable))}
}

// receiverSettings are what a receiver has to know: where it listens, and the
// secrets of each service.
type receiverSettings struct {
	listen                     string
	ringSense, whippy, notices []string
}

// receiver takes what the services send, and answers when it is in the stream. It
// remembers nothing that matters: there may be any number of them, and they may end
// at any moment.
type receiver struct {
	stream   *stream
	listener net.Listener
	mux      *http.ServeMux
	drains   []func(context.Context) error
	log      *slog.Logger
}

// newReceiver opens the address. Nothing is answered yet.
func newReceiver(ctx context.Context, settings receiverSettings, s *stream, log *slog.Logger) (*receiver, error) {
	r := &receiver{stream: s, mux: http.NewServeMux(), log: log}
	if len(settings.ringSense)+len(settings.whippy)+len(settings.notices) == 0 {
		return nil, fmt.Errorf("nobody may send anything: set %s, %s or %s in the environment", ringSenseVariable, whippyVariable, noticeVariable)
	}
	err := errors.Join(r.mountRingSense(settings.ringSense), r.mountWhippy(settings.whippy), r.mountNotices(settings.notices))
	if err != nil {
		return nil, err
	}
	if r.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", settings.listen); err != nil {
		return nil, fmt.Errorf("-listen %s: %w", settings.listen, err)
	}
	return r, nil
}

func (r *receiver) mountRingSense(tokens []string) error {
	if len(tokens) == 0 {
		return nil
	}
	handler, err := ringsense.NewEventHandler(func(ctx context.Context, e *ringsense.Event) error {
		return r.put(ctx, subjectRingSense, e.DeliveryKey(), []byte(e.RawJSON()), nil)
	}, ringsense.WithVerificationToken(tokens...), ringsense.WithMaxBodyBytes(maxEventBytes),
		ringsense.WithDeadLetter(r.undecodable("ringsense")), ringsense.WithHandlerLogger(r.log))
	if err != nil {
		return fmt.Errorf("%s: %w", ringSenseVariable, err)
	}
	r.mux.Handle("/ringsense", handler)
	r.drains = append(r.drains, handler.Drain)
	return nil
}

func (r *receiver) mountWhippy(secrets []string) error {
	if len(secrets) == 0 {
		return nil
	}
	verifier, err := whippy.NewVerifier(secrets)
	if err != nil {
		return fmt.Errorf("%s: %w", whippyVariable, err)
	}
	handler, err := whippy.NewEventHandler(func(ctx context.Context, e *whippy.Event) error {
		return r.put(ctx, subjectWhippy, e.DeliveryKey(), []byte(e.RawJSON()), nil)
	}, whippy.WithVerifier(verifier), whippy.WithMaxBodyBytes(maxEventBytes),
		whippy.WithDeadLetter(r.undecodable("whippy")), whippy.WithHandlerLogger(r.log))
	if err != nil {
		return err
	}
	r.mux.Handle("/whippy", handler)
	r.drains = append(r.drains, handler.Drain)
	return nil
}

func (r *receiver) mountNotices(tokens []string) error {
	if len(tokens) == 0 {
		return nil
	}
	handler, err := newNoticeHandler(tokens, func(ctx context.Context, n notice) error {
		return r.put(ctx, subjectVonage, n.key(), n.encode(), nil)
	}, r.log)
	if err != nil {
		return fmt.Errorf("%s: %w", noticeVariable, err)
	}
	r.mux.Handle("/vonage", handler)
	return nil
}

func (r *receiver) put(ctx context.Context, subject, key string, data []byte, header nats.Header) error {
	_, err := r.stream.put(ctx, subject, key, data, header)
	return err
}

// undecodable returns a function that takes what a service has sent and is no
// event: it goes the same way, so that a person can look at it.
func (r *receiver) undecodable(service string) func(context.Context, []byte, error) error {
	return func(ctx context.Context, payload []byte, reason error) error {
		sum := sha256.Sum256(payload)
		key := service + ":undecodable:" + hex.EncodeToString(sum[:])
		return r.put(ctx, subjectUndecodable+"."+service, key, payload, nats.Header{reasonHeader: {reason.Error()}})
	}
}

func (r *receiver) url() string { return "http://" + r.listener.Addr().String() }

// serve answers requests until ctx ends or the server fails.
func (r *receiver) serve(ctx context.Context) error {
	return program.Serve(ctx, r.listener, r.mux, r.log, patience, r.end)
}

// end waits for what requests have begun.
func (r *receiver) end(ctx context.Context) error {
	var err error
	for _, drain := range r.drains {
		err = errors.Join(err, drain(ctx))
	}
	return err
}
