// Ringsense-backfill writes the insights of all recorded phone calls of a range
// of time to a file, one JSON object a line. It can be interrupted or killed at
// any moment, and started again: each recording is in the file once.
//
//	go run ./examples/ringsense-backfill
//
// needs neither credentials nor a network: it runs on a fake inside the program,
// writes into a temporary folder and prints what it found. With -live it asks
// the real service:
//
//	RC_APP_CLIENT_ID=... RC_APP_CLIENT_SECRET=... RC_USER_JWT=... \
//	go run ./examples/ringsense-backfill -live -from 2026-10-01 -out calls.jsonl
//
// Progress goes to standard error. Beside the file there is another one, with
// .checkpoint added to its name, which the program needs to go on. It goes on if
// there is one. As insights may come hours after a call, run it again with the
// same flags while it reports recordings as pending.
//
// What it writes ends with the day of -to, which is included, or with the time of
// the first run. For calls that are newer, use another file. A call is in the
// service's log when it has ended, under the time at which it began, so let -to be
// the day before yesterday, or begin with -from a day before the end of the last
// range.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/program"
	"github.com/callinsights/callinsights-go/ringsense"
)

func main() {
	os.Exit(program.Run(programName, run))
}

const programName = "ringsense-backfill"

// settings are what the flags say.
type settings struct {
	live  bool
	url   string // of the service, if it is another one
	query ringsense.CallLogQuery
	out   string
	calls int // of the fake
	every int // recordings between two checkpoints
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	client, err := connect(&s)
	if err != nil {
		return err
	}
	if s.out != "" {
		return program.Resumable(backfill(ctx, client, s, stdout, stderr))
	}
	folder, err := os.MkdirTemp("", programName+"-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	s.out = filepath.Join(folder, "calls.jsonl")
	if err := backfill(ctx, client, s, stdout, stderr); err != nil {
		return err
	}
	fmt.Fprintln(stderr, "The file was a temporary one: -out FILE keeps it.")
	return nil
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet(programName, flag.ContinueOnError)
	flags.BoolVar(&s.live, "live", false, "ask the real service, with the credentials in the environment")
	flags.StringVar(&s.url, "url", "", "with -live: another address of the service, such as that of examples/sandbox")
	flags.Func("from", "the first day, such as 2026-10-01 (UTC); needed with -live", dayFlag(func(day time.Time) { s.query.From = day }))
	flags.Func("to", "the last day (UTC), included, which must be over; without it, until the first run",
		dayFlag(func(day time.Time) { s.query.To = day.AddDate(0, 0, 1).Add(-time.Millisecond) }))
	flags.StringVar(&s.query.ExtensionID, "extension", "", `read the call log of this extension, "~" for your own, instead of the account's`)
	flags.StringVar(&s.out, "out", "", "file to write to, needed with -live; without it, a temporary one")
	flags.IntVar(&s.calls, "calls", demoCalls, "without -live: how many calls the fake has")
	flags.IntVar(&s.every, "every", 50, "store the place reached after so many recordings")
	if err := program.Parse(flags, args, stderr); err != nil {
		return s, err
	}
	switch {
	case s.every < 1 || s.calls < 0:
		return s, errors.New("-every must be 1 at least, and -calls 0")
	case s.url != "" && !s.live:
		return s, errors.New("-url needs -live")
	case s.query.To.After(time.Now()):
		return s, errors.New("-to must be a day that is over in UTC, as calls to come would be missed; leave it out to read until now")
	case s.live && (s.out == "" || s.query.From.IsZero()):
		return s, errors.New("-live needs -from and -out")
	}
	return s, nil
}

// dayFlag takes a day, which begins at midnight in UTC.
func dayFlag(set func(day time.Time)) func(string) error {
	return func(text string) error {
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return errors.New("want a day such as 2026-10-01")
		}
		if !day.After(time.Time{}) { // which stands for no day at all
			return errors.New("no call is that old: want a day such as 2026-10-01")
		}
		set(day)
		return nil
	}
}
