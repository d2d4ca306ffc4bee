package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The stream, and the subjects in it. Each subject is a lane of its own, so that a
// service in trouble holds up nothing but what is its own.
const (
	streamName         = "CALLS"
	subjectRingSense   = "calls.ringsense"
	subjectWhippy      = "calls.whippy"
	subjectVonage      = "calls.vonage"
	subjectExport      = "calls.export"
	subjectUndecodable = "calls.undecodable" // and behind it the service
)

// laneFilters are the durable consumers, by the subjects that they take.
func laneFilters() map[string]string {
	return map[string]string{
		"ringsense":   subjectRingSense,
		"whippy":      subjectWhippy,
		"vonage":      subjectVonage,
		"export":      subjectExport,
		"undecodable": subjectUndecodable + ".*",
	}
}

// reasonHeader says why a body is no event.
const reasonHeader = "Reason"

// streamSettings are what may differ between one stream and another. README.md
// says what each of them has to be.
type streamSettings struct {
	replicas   int
	duplicates time.Duration
	ackWait    time.Duration
	ackPending int
	maxBytes   int64
}

func (s *streamSettings) add(flags *flag.FlagSet) {
	flags.IntVar(&s.replicas, "replicas", 1, "with setup: on how many servers of a cluster the stream is; 3 for one that survives a machine")
	flags.DurationVar(&s.duplicates, "duplicates", time.Hour, "with setup or -store: how long the stream knows an event again")
	flags.DurationVar(&s.ackWait, "ack-wait", 30*time.Second, "with setup or -store: how long after the last sign of life a message goes to another worker")
	flags.IntVar(&s.ackPending, "ack-pending", 1000, "with setup or -store: how many messages of a kind may be under way at once")
	flags.Int64Var(&s.maxBytes, "max-bytes", 1<<30, "with setup or -store: how much may wait in the stream; beyond that receivers refuse")
}

// defaultSettings are those of a process without flags.
func defaultSettings() streamSettings {
	var s streamSettings
	s.add(flag.NewFlagSet("", flag.ContinueOnError))
	return s
}

// apply makes the stream and its consumers, or changes their settings.
func (s *streamSettings) apply(ctx context.Context, js jetstream.JetStream) error {
	_, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:       streamName,
		Subjects:   []string{"calls.>"},
		Retention:  jetstream.WorkQueuePolicy, // a message goes when it was acknowledged
		Storage:    jetstream.FileStorage,
		Replicas:   s.replicas,
		Duplicates: s.duplicates,
		MaxBytes:   s.maxBytes,
		Discard:    jetstream.DiscardNew, // what was confirmed stays; what is too much is refused
	})
	if err != nil {
		return fmt.Errorf("the stream %s cannot be made: %w", streamName, err)
	}
	for name, subject := range laneFilters() {
		_, err := js.CreateOrUpdateConsumer(ctx, streamName, jetstream.ConsumerConfig{
			Durable:       name,
			FilterSubject: subject,
			AckPolicy:     jetstream.AckExplicitPolicy,
			AckWait:       s.ackWait,
			MaxAckPending: s.ackPending,
			// The server would set a message aside without a word. Workers count
			// deliveries themselves, and keep what they give up.
			MaxDeliver: -1,
		})
		if err != nil {
			return fmt.Errorf("the consumer %s cannot be made: %w", name, err)
		}
	}
	return nil
}

// stream is what receivers put events into, and workers take them from.
type stream struct {
	engine *engine // nil if it is elsewhere
	conn   *nats.Conn
	js     jetstream.JetStream
	log    *slog.Logger
}

// check refuses a stream that would refuse events later.
func (s *stream) check(ctx context.Context) error {
	if limit := s.conn.MaxPayload(); limit < maxPayload {
		return fmt.Errorf("the NATS server takes messages of %d bytes, and events may have %d: set its max_payload to 8MB", limit, maxPayload)
	}
	_, err := s.js.Stream(ctx, streamName)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("there is no stream %s yet: run %s setup first", streamName, programName)
	}
	return err
}

// put returns when the stream has confirmed that it has the message: with a cluster
// when most of its replicas do. One with an id that the stream knows is not added
// again, which is a success too.
func (s *stream) put(ctx context.Context, subject, id string, data []byte, header nats.Header) (added bool, err error) {
	confirmation, err := s.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Data: data, Header: header},
		jetstream.WithMsgID(id), jetstream.WithExpectStream(streamName))
	if err != nil {
		return false, fmt.Errorf("the stream did not confirm: %w", err)
	}
	return !confirmation.Duplicate, nil
}

// waiting returns how many messages are not done.
func (s *stream) waiting(ctx context.Context) (uint64, error) {
	calls, err := s.js.Stream(ctx, streamName)
	if err != nil {
		return 0, err
	}
	return calls.CachedInfo().State.Msgs, nil
}

func (s *stream) close() {
	if s.conn != nil {
		s.conn.Close()
	}
	if s.engine != nil {
		s.engine.stop()
	}
}
