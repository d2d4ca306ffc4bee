// Vonage-export writes the sessions of a range of time at AI Studio to a file, as
// JSON lines or as CSV. It can be interrupted at any moment, even by a power cut,
// and started again: each session is in the file once.
//
//	go run ./examples/vonage-export
//
// needs neither credentials nor a network: it runs on a fake inside the program,
// writes into a temporary folder and prints what it found. With -live it asks
// the real service:
//
//	VONAGE_AI_STUDIO_KEY=... \
//	go run ./examples/vonage-export -live -region eu -from 2024-01-01 -to 2024-12-31 \
//		-status ended -parallel 4 -out sessions.jsonl
//
// Both days are included. Progress goes to standard error. Beside the file there
// is another one, with .checkpoint added to its name, which the program needs to go
// on. It goes on if there is one, and up to the moment of the first run where there
// is no -to.
//
// JSON lines are the sessions as the service sent them, and all there is to have.
// CSV, as of RFC 4180, is for spreadsheets. These take a cell that begins with one
// of = + - @ for a formula, which a caller could dictate; so a cell that begins
// with one of them, with a tab or with the end of a line has an apostrophe in
// front. To get the text back, take off an apostrophe that is followed by one of
// those.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/callinsights/callinsights-go/examples/internal/studio"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode(err, os.Stderr))
}

func exitCode(err error, stderr io.Writer) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "vonage-export: interrupted; run it again with the same flags to go on")
		return 130
	default:
		fmt.Fprintln(stderr, "vonage-export:", err)
		return 1
	}
}

// settings are what the flags say.
type settings struct {
	studio.Request
	format   format
	out      string
	parallel int
	every    int // sessions between two checkpoints
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if s.out == "" {
		folder, err := os.MkdirTemp("", "vonage-export-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(folder) }()
		s.out = filepath.Join(folder, "sessions."+s.format.name)
	}
	progress, err := export(ctx, s, stderr)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d sessions written\n", progress.Items)
	return nil
}

func parse(args []string, stderr io.Writer) (settings, error) {
	s := settings{format: formats[0]}
	flags := flag.NewFlagSet("vonage-export", flag.ContinueOnError)
	flags.SetOutput(stderr)
	s.Flags(flags)
	flags.Func("format", "jsonl or csv (jsonl unless set)", s.setFormat)
	flags.StringVar(&s.out, "out", "", "file to write to; without -live a temporary one unless set")
	flags.IntVar(&s.parallel, "parallel", 1, "how many pages to read at a time")
	flags.IntVar(&s.every, "every", 500, "store the place reached after so many sessions")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case s.every < 1:
		return s, errors.New("-every must be 1 at least")
	case s.Live && s.out == "":
		return s, errors.New("-live needs -out")
	}
	return s, nil
}
