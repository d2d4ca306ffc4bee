// Package program is how the example programs begin and end.
package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Run runs the program with that name until it ends or is interrupted, which ends
// the context of run, and returns its exit code. A second interruption ends the
// process at once.
func Run(name string, run func(ctx context.Context, args []string, stdout, stderr io.Writer) error) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	return Code(name, err, os.Stderr)
}

// Code is the exit code of the program with that name, whose run ended with err.
// It tells stderr why that is not 0.
func Code(name string, err error, stderr io.Writer) int {
	_, goesOn := errors.AsType[*resumable](err)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, context.Canceled) && goesOn:
		fmt.Fprintln(stderr, name+": interrupted; run it again with the same flags to go on")
		return 130
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, name+": interrupted")
		return 130
	default:
		fmt.Fprintln(stderr, name+":", err)
		return 1
	}
}

// Resumable marks the error of a run from which the next one goes on; nil stays
// nil.
func Resumable(err error) error {
	if err == nil {
		return nil
	}
	return &resumable{err}
}

type resumable struct{ error }

func (r *resumable) Unwrap() error { return r.error }
