package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/program"
)

// all is the stream, a receiver and a worker.
func (p *process) all(ctx context.Context) error {
	var e engineFlags
	var r receiverFlags
	var w workerFlags
	if err := p.parse("all", e.add, r.add, w.add); err != nil {
		return err
	}
	return p.with(ctx, e, func(ctx context.Context, s *stream) error {
		receiver, err := newReceiver(ctx, r.settings(p.getenv), s, p.log)
		if err != nil {
			return err
		}
		worker, err := w.open(ctx, p.getenv, s, p.log)
		if err != nil {
			return errors.Join(err, receiver.listener.Close())
		}
		fmt.Fprintf(p.stdout, "listening on %s, working on %s\n", receiver.url(), worker)
		return together(ctx, receiver.serve, worker.run)
	})
}

// nats is the stream alone, until it is told to end.
func (p *process) nats(ctx context.Context) error {
	var e engineFlags
	if err := p.parse("nats", e.add); err != nil {
		return err
	}
	if e.store == "" || e.listen == "" {
		return errors.New("-store must name the folder of the stream, and -nats-listen the address where others reach it")
	}
	return p.with(ctx, e, func(ctx context.Context, s *stream) error {
		fmt.Fprintln(p.stdout, "listening on", s.engine.server.ClientURL())
		<-ctx.Done()
		return nil
	})
}

// receive is a receiver.
func (p *process) receive(ctx context.Context) error {
	var e engineFlags
	var r receiverFlags
	if err := p.parse("receive", e.add, r.add); err != nil {
		return err
	}
	return p.with(ctx, e, func(ctx context.Context, s *stream) error {
		receiver, err := newReceiver(ctx, r.settings(p.getenv), s, p.log)
		if err != nil {
			return err
		}
		fmt.Fprintln(p.stdout, "listening on", receiver.url())
		return receiver.serve(ctx)
	})
}

// work is a worker.
func (p *process) work(ctx context.Context) error {
	var e engineFlags
	var w workerFlags
	if err := p.parse("work", e.add, w.add); err != nil {
		return err
	}
	return p.with(ctx, e, func(ctx context.Context, s *stream) error {
		worker, err := w.open(ctx, p.getenv, s, p.log)
		if err != nil {
			return err
		}
		fmt.Fprintln(p.stdout, "working on", worker)
		return worker.run(ctx)
	})
}

// export puts the parts of an export into the stream.
func (p *process) export(ctx context.Context) error {
	var e engineFlags
	var x exportFlags
	if err := p.parse("export", e.add, x.add); err != nil {
		return err
	}
	if x.query.To.After(time.Now()) {
		return errors.New("-to must be a day that is over: what begins after the export has come there would be missed")
	}
	jobs, err := split(x.query, x.parts, x.again)
	if err != nil {
		return err
	}
	return p.with(ctx, e, func(ctx context.Context, s *stream) error {
		added, err := s.putJobs(ctx, jobs)
		if err == nil {
			fmt.Fprintf(p.stdout, "%d jobs, %d of them new to the stream\n", len(jobs), added)
		}
		return err
	})
}

// retry puts what was given up into the stream once more.
func (p *process) retry(ctx context.Context) error {
	var e engineFlags
	var db string
	if err := p.parse("retry", e.add, func(flags *flag.FlagSet) { dbFlag(flags, &db) }); err != nil {
		return err
	}
	return p.with(ctx, e, func(ctx context.Context, s *stream) error {
		database, err := openStore(ctx, db)
		if err != nil {
			return err
		}
		n, err := retryAll(ctx, s, database, time.Now())
		fmt.Fprintln(p.stdout, n, "dead letters sent again")
		return errors.Join(err, database.close())
	})
}

// setup makes the stream.
func (p *process) setup(ctx context.Context) error {
	var e engineFlags
	if err := p.parse("setup", e.add); err != nil {
		return err
	}
	e.makes = true
	return p.with(ctx, e, func(context.Context, *stream) error {
		fmt.Fprintln(p.stdout, "the stream", streamName, "is as it was wished for")
		return nil
	})
}

// parse reads the flags of a role.
func (p *process) parse(role string, add ...func(*flag.FlagSet)) error {
	flags := flag.NewFlagSet(programName+" "+role, flag.ContinueOnError)
	for _, add := range add {
		add(flags)
	}
	return program.Parse(flags, p.args, p.stderr)
}

// with does something with the stream, and leaves it after that.
func (p *process) with(ctx context.Context, e engineFlags, do func(context.Context, *stream) error) error {
	if e.url != "" && !e.makes && e.settings != defaultSettings() {
		return errors.New("-replicas, -duplicates, -ack-wait, -ack-pending and -max-bytes are for setup, or for a stream in this process")
	}
	e.user, e.password = p.getenv("NATS_USER"), p.getenv("NATS_PASSWORD")
	s, err := e.open(ctx, p.log)
	if err != nil {
		return err
	}
	defer s.close()
	return do(ctx, s)
}

// together runs all of them until ctx ends or one of them does, and waits for the rest.
func together(ctx context.Context, runs ...func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, len(runs))
	for _, run := range runs {
		go func() { ended <- run(ctx) }()
	}
	var err error
	for range runs {
		err = errors.Join(err, <-ended)
		stop()
	}
	return err
}
