// Vonage-export writes the sessions of a range of time at AI Studio to a file, as
// JSON lines or as CSV. It can be interrupted or killed at any moment, and
// started again: each session is in the file once.
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
// Progress goes to standard error. Beside the file there is another one, with
// .checkpoint added to its name, which the program needs to go on. It goes on if
// there is one.
//
// Days are those of UTC, and both are included. A moment such as 2024-01-01T09:30:00Z
// does as well. What -to names must be over, as the file would lack sessions to come.
// Without -to the range ends where that of the first run did: with the moment of that
// run, if it had no -to either. The program prints it. For newer sessions, use another
// file. A session that goes on at the end of the range, or that the service lists
// late, is in the file as it was by then, or not at all: so let -to be the day before
// yesterday, or begin with -from a day before the end of the last range.
//
// JSON lines are the sessions as the service sent them, and all there is to have.
// CSV, as of RFC 4180, is for spreadsheets. These take a cell that begins with one
// of = + - @ for a formula, which a caller could dictate, and some of them split
// cells at semicolons and tabs; so these signs, and their full-width forms, have an
// apostrophe in front where a cell, a line or such a part begins with one, be there
// blanks before it or not. To get the text back, take off the apostrophes there
// that are followed by one of those.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/callinsights/callinsights-go/examples/internal/program"
	"github.com/callinsights/callinsights-go/examples/internal/studio"
)

func main() {
	os.Exit(program.Run(programName, run))
}

const programName = "vonage-export"

// maxParallel is how many pages vonageinsights.Parallel reads at a time.
const maxParallel = 128

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
	if s.out != "" {
		return program.Resumable(export(ctx, s, stdout, stderr))
	}
	folder, err := os.MkdirTemp("", programName+"-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	s.out = filepath.Join(folder, "sessions."+s.format.name)
	if err := export(ctx, s, stdout, stderr); err != nil {
		return err
	}
	fmt.Fprintln(stderr, "The file was a temporary one: -out FILE keeps it.")
	return nil
}

func parse(args []string, stderr io.Writer) (settings, error) {
	s := settings{format: formats[0]}
	flags := flag.NewFlagSet(programName, flag.ContinueOnError)
	s.Flags(flags, "the first run")
	flags.Func("format", "jsonl or csv (jsonl unless set)", s.setFormat)
	flags.StringVar(&s.out, "out", "", "file to write to, needed with -live; without it, a temporary one")
	flags.IntVar(&s.parallel, "parallel", 1, "how many pages to read at a time, up to "+strconv.Itoa(maxParallel))
	flags.IntVar(&s.every, "every", 500, "store the place reached after so many sessions")
	if err := program.Parse(flags, args, stderr); err != nil {
		return s, err
	}
	switch {
	case s.every < 1:
		return s, errors.New("-every must be 1 at least")
	case s.parallel < 1 || s.parallel > maxParallel:
		return s, fmt.Errorf("-parallel must be from 1 to %d", maxParallel)
	case s.Live && s.out == "":
		return s, errors.New("-live needs -out")
	}
	return s, s.CheckOver("sessions to come would be missed")
}
