// Vonage-erase deletes the sessions at AI Studio of somebody who asks to be
// forgotten, or any others. Without -delete it only shows which ones these are.
//
//	go run ./examples/vonage-erase
//
// needs neither credentials nor a network: it runs on a fake inside the program,
// and shows the sessions of one caller. With -live it asks the real service:
//
//	VONAGE_AI_STUDIO_KEY=... \
//	go run ./examples/vonage-erase -live -region eu -from 2020-01-01 -source 12025550143
//
// Have a look at what it prints, ids and times but nothing of what was said, then
// run it again with -delete, and with the -to that it prints if there was none: so
// no newer session is deleted that nobody has seen. That can be interrupted and
// repeated. Run it without -delete some time later: nothing may match any more.
//
// Days are those of UTC, and both are included. A moment such as
// 2024-01-01T09:30:00Z does as well. The day or moment of -to must be over, as
// otherwise sessions that nobody has seen would be deleted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/examples/internal/program"
	"github.com/callinsights/callinsights-go/examples/internal/studio"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

func main() {
	os.Exit(program.Run(programName, run))
}

const programName = "vonage-erase"

// settings are what the flags say.
type settings struct {
	studio.Request
	delete, all bool
	// again are the flags that -delete takes to reach what a dry run has shown.
	again string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	client, err := s.Client(programName)
	if err != nil {
		return err
	}
	return program.Resumable(erase(ctx, client, s, stdout))
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet(programName, flag.ContinueOnError)
	s.Flags(flags, "now")
	flags.BoolVar(&s.delete, "delete", false, "delete the sessions, for good")
	flags.BoolVar(&s.all, "all", false, "mean every session of the range, if nothing else narrows it down")
	if err := program.Parse(flags, args, stderr); err != nil {
		return s, err
	}
	if !s.Live && s.Unfiltered() && !s.all {
		s.OfCaller(demo.Caller)
	}
	if s.Unfiltered() && !s.all {
		return s, errors.New("set one of -source, -agent, -status and -text, or -all for every session of the range")
	}
	if err := s.CheckOver("sessions that nobody has seen would be deleted"); err != nil {
		return s, err
	}
	s.again = "-delete"
	open := s.Live && s.To.IsZero() // until now, which will be later
	if err := s.Complete(); err != nil {
		return s, err
	}
	if open {
		s.again = "-to " + s.To.Format(time.RFC3339Nano) + " -delete"
	}
	return s, nil
}

// erase shows the sessions or deletes them, and says how many there were.
func erase(ctx context.Context, client *vonageinsights.Client, s settings, w io.Writer) error {
	show := func(did, id string, startedAt time.Time) {
		fmt.Fprintf(w, "%-8s %s  %s\n", did, id, startedAt.Format(time.DateTime))
	}
	var opts []vonageinsights.DeleteOption
	if s.all {
		opts = append(opts, vonageinsights.AllowDeletingAll())
	}
	if s.delete {
		opts = append(opts, vonageinsights.OnDeleted(func(id string, startedAt time.Time, gone bool) {
			if gone {
				show("gone", id, startedAt)
			} else {
				show("deleted", id, startedAt)
			}
		}))
	} else {
		opts = append(opts, vonageinsights.DryRun(), vonageinsights.OnListed(func(id string, startedAt time.Time) {
			show("matches", id, startedAt)
		}))
	}
	done, err := client.DeleteMatching(ctx, s.Query(), opts...)
	switch {
	case err == nil && done.Matched == 0:
		fmt.Fprintf(w, "no session matches. %s\n", s.Advice())
	case s.delete:
		fmt.Fprintf(w, "%s matched, %s deleted, %s gone already, %s refused\n", program.Counted(done.Matched, "session", "sessions"),
			program.Counted(done.Deleted, "was", "were"), program.Counted(done.Gone, "was", "were"), program.Counted(done.Refused, "was", "were"))
	case err == nil:
		fmt.Fprintf(w, "%s, none was deleted: run it again with %s to delete what matches\n", program.Counted(done.Matched, "session matches", "sessions match"), s.again)
	}
	return err
}
