// Quickstart does the main job of each package once and prints what it finds:
// it fetches the insights of a recording from RingSense, searches a month of
// AI Studio sessions at Vonage and deletes one, and decodes the three events
// that Whippy sends about a call.
//
//	go run ./examples/quickstart
//
// needs neither credentials nor a network: the services are fakes inside the
// program. With -live it asks the real ones instead, and deletes nothing there:
//
//	RC_APP_CLIENT_ID=... RC_APP_CLIENT_SECRET=... RC_USER_JWT=... \
//	VONAGE_AI_STUDIO_KEY=... VONAGE_AI_STUDIO_REGION=eu \
//	go run ./examples/quickstart -live -recording 3104417225019
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"

	"github.com/callinsights/callinsights-go/examples/internal/program"
)

func main() { os.Exit(program.Run("quickstart", run)) }

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	live := flags.Bool("live", false, "ask the real services, with the credentials in the environment")
	recording := flags.String("recording", "", "with -live: id of the recording to fetch from RingSense")
	if err := program.Parse(flags, args, stderr); err != nil {
		return err
	}
	if *recording != "" && !*live {
		return errors.New("-recording needs -live")
	}
	var s services
	var err error
	if *live {
		s, err = dialServices(*recording)
	} else {
		s, err = startFakes()
	}
	if err != nil {
		return err
	}
	if err := showRecording(ctx, stdout, s); err != nil {
		return err
	}
	if err := showSessions(ctx, stdout, s); err != nil {
		return err
	}
	return showCall(stdout)
}
