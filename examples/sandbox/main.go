// Sandbox serves fakes of RingSense and of Vonage AI Studio Insights over HTTP,
// with a few days of believable calls: for curl, and for programs in other
// languages. It prints one line of JSON, with the addresses, the credentials and
// some ids, and runs until it is interrupted:
//
//	go run ./examples/sandbox
//
// What to try goes to standard error. Both fakes listen on this machine alone, as
// everybody knows their credentials; -ringsense and -vonage choose the ports.
//
// Who subscribes to events gets one every few seconds, see -event-every, at an
// address of this machine, which may be http:// here.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/program"
)

func main() { os.Exit(program.Run("sandbox", run)) }

// settings are what the flags say.
type settings struct {
	ringsense, vonage string        // addresses to listen on
	eventEvery        time.Duration // 0: no events
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	box, err := open(ctx, s, stderr)
	if err != nil {
		return err
	}
	defer box.close()
	line := box.describe()
	if err := json.NewEncoder(stdout).Encode(line); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "Runs until it is interrupted. To try it with curl:\n\n%s\n", line.recipes())
	return box.serve(ctx, s.eventEvery, stderr)
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.StringVar(&s.ringsense, "ringsense", "127.0.0.1:0", "address for RingSense; port 0 is one that is free")
	flags.StringVar(&s.vonage, "vonage", "127.0.0.1:0", "address for Vonage AI Studio Insights")
	flags.DurationVar(&s.eventEvery, "event-every", 5*time.Second, "time between two events for those who subscribe; 0 sends none")
	if err := program.Parse(flags, args, stderr); err != nil {
		return s, err
	}
	if s.eventEvery < 0 {
		return s, errors.New("-event-every must not be negative")
	}
	return s, nil
}
