package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// workerFlags are the flags of a worker.
type workerFlags struct {
	workerSettings

	db                              string
	ringSenseURL, vonageURL, region string
}

// workerSettings are what a worker has to know.
type workerSettings struct {
	parallel   int    // messages of each lane at a time
	every      int    // sessions between two checkpoints, and in a page
	maxDeliver uint64 // deliveries of a message before it is given up
}

func (w *workerFlags) add(flags *flag.FlagSet) {
	dbFlag(flags, &w.db)
	flags.IntVar(&w.parallel, "parallel", 2, "how many messages of each kind to deal with at a time")
	flags.IntVar(&w.every, "every", 100, "sessions of an export between two checkpoints, and in a page")
	flags.Uint64Var(&w.maxDeliver, "max-deliver", 60, "deliveries after which a message is given up; 60 take two days")
	flags.StringVar(&w.ringSenseURL, "ringsense", "", "another address of RingSense, such as that of examples/sandbox")
	flags.StringVar(&w.vonageURL, "vonage", "", "another address of AI Studio, such as that of examples/sandbox")
	flags.StringVar(&w.region, "region", "", "of AI Studio, eu or us; VONAGE_AI_STUDIO_REGION in the environment if empty")
}

// open makes the worker of a process. A service without credentials has no client:
// its messages are for other workers.
func (w *workerFlags) open(ctx context.Context, getenv func(string) string, s *stream, log *slog.Logger) (*worker, error) {
	if w.parallel < 1 || w.every < 1 || w.maxDeliver < 1 {
		return nil, errors.New("-parallel, -every and -max-deliver must be 1 at least")
	}
	made := &worker{settings: w.workerSettings, stream: s, log: log}
	var err error
	if made.ringSense, err = ringSenseClient(getenv, w.ringSenseURL); err != nil {
		return nil, err
	}
	if made.vonage, err = vonageClient(getenv, w.vonageURL, w.region); err != nil {
		return nil, err
	}
	made.store, err = openStore(ctx, w.db)
	return made, err
}

// worker takes messages from the stream. What it did is in the database before it
// says so to the stream; if it does not come to that, the message comes again, to
// this one or another, and finds what was done.
type worker struct {
	settings  workerSettings
	stream    *stream
	store     *store
	ringSense *ringsense.Client      // nil without credentials
	vonage    *vonageinsights.Client // nil without credentials
	log       *slog.Logger
}

// message is one of the stream, for those who deal with it.
type message struct {
	key, subject string
	data         []byte
	reason       string // why it is no event, if it is none
}

// lane is a kind of message, and what is to be done with one. It is done well when
// deal returns nil. stopping ends when the worker is asked to end, and ctx somewhat
// later.
type lane struct {
	name string
	deal func(ctx, stopping context.Context, m message) error
}

// lanes are those that this worker can deal with.
func (w *worker) lanes() []lane {
	lanes := []lane{{"whippy", w.dealWhippy}, {"undecodable", w.dealUndecodable}}
	if w.ringSense != nil {
		lanes = append(lanes, lane{"ringsense", w.dealRingSense})
	}
	if w.vonage != nil {
		lanes = append(lanes, lane{"vonage", w.dealNotice}, lane{"export", w.dealExport})
	}
	return lanes
}

// String names the kinds of message that the worker deals with.
func (w *worker) String() string {
	var names []string
	for _, l := range w.lanes() {
		names = append(names, l.name)
	}
	return strings.Join(names, ", ")
}

// run works until ctx ends, and closes the database.
func (w *worker) run(ctx context.Context) error {
	err := w.work(ctx)
	return errors.Join(err, w.store.close())
}

// work takes messages until ctx ends, and then finishes what is under way, or gives
// it back.
func (w *worker) work(ctx context.Context) error {
	lanes := w.lanes()
	consumers := make([]jetstream.Consumer, len(lanes))
	for i, l := range lanes {
		var err error
		if consumers[i], err = w.consumer(ctx, l.name); err != nil {
			return unlessEnded(ctx, err)
		}
	}
	var group sync.WaitGroup
	for i, l := range lanes {
		for range w.settings.parallel {
			group.Go(func() { w.take(ctx, l, consumers[i]) })
		}
	}
	group.Wait()
	return nil
}

// consumer finds the consumer of a lane, which may take a while when the servers of
// a cluster are busy with themselves.
func (w *worker) consumer(ctx context.Context, name string) (jetstream.Consumer, error) {
	for {
		consumer, err := w.stream.js.Consumer(ctx, streamName, name)
		switch {
		case err == nil:
			return consumer, nil
		case errors.Is(err, jetstream.ErrConsumerNotFound):
			return nil, fmt.Errorf("there is no consumer %s: run %s setup first", name, programName)
		}
		w.log.Warn("the stream does not answer", slog.String("lane", name), slog.Any("error", err))
		if !pause(ctx, time.Second) {
			return nil, ctx.Err()
		}
	}
}

// take deals with one message after the other. It asks for a single one each time:
// what waits in a worker would have its time run out there.
func (w *worker) take(ctx context.Context, l lane, consumer jetstream.Consumer) {
	ackWait := consumer.CachedInfo().Config.AckWait
	for ctx.Err() == nil {
		msg, err := consumer.Next(jetstream.FetchContext(ctx))
		switch {
		case err == nil:
			w.handle(ctx, l, msg, ackWait)
		case ctx.Err() != nil, errors.Is(err, nats.ErrTimeout): // nothing came
		default:
			w.log.Warn("the stream gives nothing", slog.String("lane", l.name), slog.Any("error", err))
			pause(ctx, time.Second)
		}
	}
}

// handle deals with a message, and says what came of it.
func (w *worker) handle(stopping context.Context, l lane, msg jetstream.Msg, ackWait time.Duration) {
	meta, err := msg.Metadata()
	if err != nil {
		w.log.Error("a message that is not of a stream", slog.Any("error", err))
		return
	}
	ctx, cancel := outlast(stopping, patience)
	defer cancel()
	m := message{msg.Headers().Get(jetstream.MsgIDHeader), msg.Subject(), msg.Data(), msg.Headers().Get(reasonHeader)}
	if meta.NumDelivered > w.settings.maxDeliver {
		// Whoever had it before did not live to say what is wrong with it.
		err = errPoison
	} else {
		alive := stayAlive(ctx, msg, ackWait/3)
		err = l.deal(ctx, stopping, m)
		alive()
	}
	w.settle(ctx, msg, m, l.name, verdictOn(err, meta.NumDelivered, w.settings.maxDeliver, stopping.Err() != nil))
}

// settle does what was decided.
func (w *worker) settle(ctx context.Context, msg jetstream.Msg, m message, lane string, v verdict) {
	log := w.log.With(slog.String("lane", lane), slog.String("key", m.key))
	if v.fate == givenUp {
		if err := w.store.bury(ctx, letter{m.key, m.subject, v.reason.Error(), m.data}); err != nil {
			v = verdict{fate: again, after: time.Minute, reason: errors.Join(v.reason, err)}
		}
	}
	var err error
	switch v.fate {
	case done:
		err = msg.DoubleAck(ctx)
	case givenUp:
		log.Error("given up, see dead_letters", slog.Any("error", v.reason))
		err = msg.DoubleAck(ctx)
	case again:
		log.Warn("comes again", slog.Duration("after", v.after), slog.Any("error", v.reason))
		err = msg.NakWithDelay(v.after)
	case elsewhere:
		log.Warn("is dealt with elsewhere", slog.Any("error", v.reason))
	}
	if err != nil {
		// It comes again when its time is over, and finds what was done.
		log.Warn("the stream was not told", slog.Any("error", err))
	}
}

// stayAlive tells the stream every now and then that a message is being dealt with,
// until the function that it returns is called.
func stayAlive(ctx context.Context, msg jetstream.Msg, every time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() {
		for pause(ctx, every) {
			_ = msg.InProgress() // if it does not get there, the message may come twice
		}
	})
	return func() {
		cancel()
		group.Wait()
	}
}

// unlessEnded drops the error of something that was told to end.
func unlessEnded(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}

// outlast returns a context that ends some time after the other one.
func outlast(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		pause(longer, by)
		cancel()
	})
	return longer, func() {
		stop()
		cancel()
	}
}

// pause waits, and reports whether that was not cut short.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
