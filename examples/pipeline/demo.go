package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// twice is how much of what is sent is sent twice.
const twice = 0.3

// demonstrate runs all of it in this process, on fakes, until nothing is left to do.
func (p *process) demonstrate(ctx context.Context) (err error) {
	folder, err := os.MkdirTemp("", programName+"-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	secrets := receiverSettings{"127.0.0.1:0", []string{rand.Text()}, []string{rand.Text()}, []string{rand.Text()}}
	w := newWorld(size{meetings: 30, calls: 20, notices: 10, sessions: 600}, secrets)
	e := engineFlags{store: filepath.Join(folder, "stream"), settings: defaultSettings()}
	return p.with(ctx, e, func(ctx context.Context, s *stream) error {
		receiver, err := newReceiver(ctx, secrets, s, p.log)
		if err != nil {
			return err
		}
		db := filepath.Join(folder, "calls.db")
		roles := []func(context.Context) error{receiver.serve}
		for range 2 {
			database, err := openStore(ctx, db)
			if err != nil {
				return err
			}
			worker := &worker{
				settings: workerSettings{parallel: 2, every: 50, maxDeliver: 60}, stream: s, store: database,
				ringSense: w.ringSense.Client(), vonage: w.studio.Client(), log: p.log,
			}
			roles = append(roles, worker.run)
		}
		serving, stop := context.WithCancel(ctx)
		defer stop()
		ended := make(chan error, 1)
		go func() { ended <- together(serving, roles...) }()
		sent, jobs, err := fill(ctx, w, s, receiver.url())
		if err == nil {
			err = s.drained(ctx)
		}
		stop()
		if err := errors.Join(err, <-ended); err != nil {
			return err
		}
		return p.report(ctx, db, sent, jobs)
	})
}

// fill sends what the fakes have to send, and has them exported.
func fill(ctx context.Context, w *world, s *stream, url string) (sent, jobs int, err error) {
	for _, query := range w.exports {
		parts, err := split(query, 4, 0)
		if err != nil {
			return 0, jobs, err
		}
		if _, err := s.putJobs(ctx, parts); err != nil {
			return 0, jobs, err
		}
		jobs += len(parts)
	}
	r := mathrand.New(mathrand.NewPCG(2026, 11)) //nolint:gosec // nothing here is secret
	sent, err = w.sendAll(ctx, r, twice, func() string { return url })
	return sent, jobs, err
}

// drained waits until all that is in the stream is done.
func (s *stream) drained(ctx context.Context) error {
	for {
		if left, err := s.waiting(ctx); err == nil && left == 0 {
			return nil
		}
		if !pause(ctx, 50*time.Millisecond) {
			return ctx.Err()
		}
	}
}

// report says what came of it.
func (p *process) report(ctx context.Context, db string, sent, jobs int) error {
	database, err := openStore(ctx, db)
	if err != nil {
		return err
	}
	defer func() { _ = database.close() }()
	n, err := database.count(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "sent      %4d events and notices, some of them twice; %d jobs of 2 exports\n", sent, jobs)
	fmt.Fprintf(p.stdout, "events    %4d, each once\n", n.events)
	fmt.Fprintf(p.stdout, "calls     %4d: %d recordings of RingSense, %d calls of Whippy, %d sessions of AI Studio\n",
		n.ringSense+n.whippy+n.vonage, n.ringSense, n.whippy, n.vonage)
	fmt.Fprintf(p.stdout, "exports   %4d jobs done, with %d sessions\n", n.jobs, n.exported)
	fmt.Fprintf(p.stdout, "given up  %4d\n", n.letters)
	return nil
}
