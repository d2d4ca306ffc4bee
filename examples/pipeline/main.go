// Pipeline is what to do when one machine is not enough: receivers, a stream and
// workers, each as many processes as it takes. A receiver answers a webhook once
// the stream has confirmed the event; a worker takes it from there, fetches what
// belongs to it and writes both into a database under a key, so that whoever is
// killed, and however often an event is sent, everything is there once. An export
// of years is cut into jobs for the same workers.
//
//	go -C examples/pipeline run .
//
// needs neither credentials nor a network: it runs all of it in one process on
// fakes of the services, until all is done, and says what came of it. For real use
// there are roles, each of which is a process:
//
//	pipeline all        the three below, on one machine
//	pipeline nats       the stream
//	pipeline receive    events of RingSense and Whippy, notices of AI Studio
//	pipeline work       what is in the stream, into the database
//	pipeline export     puts an export of AI Studio into the stream, and ends
//	pipeline retry      puts what was given up into the stream once more, and ends
//	pipeline subscribe  holds the subscription of RingSense
//	pipeline setup      makes the stream in a cluster, or changes its settings, and ends
//
// Each of them says with -help what it can be told. The stream is NATS JetStream:
// that of a server or cluster with -nats, or one inside of the process with -store.
// README.md says what to start where, and what the settings are for.
//
// Secrets are in the environment: RC_VERIFICATION_TOKENS, WHIPPY_API_KEYS and
// VONAGE_NOTICE_TOKENS for receivers, several of each divided by spaces;
// RC_APP_CLIENT_ID, RC_APP_CLIENT_SECRET and RC_USER_JWT, and VONAGE_AI_STUDIO_KEY
// with VONAGE_AI_STUDIO_REGION, for workers; NATS_USER and NATS_PASSWORD for all that
// use -nats. A worker deals with what it has credentials for.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/callinsights/callinsights-go/examples/internal/program"
)

const programName = "pipeline"

func main() {
	os.Exit(program.Run(programName, func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		return run(ctx, args, os.Getenv, stdout, stderr)
	}))
}

// process is what every role has to do with the world outside.
type process struct {
	args           []string // behind the role
	getenv         func(string) string
	stdout, stderr io.Writer
	log            *slog.Logger
}

// run does what the first argument names, or the demonstration.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	p := process{args, getenv, stdout, stderr, slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	if len(args) == 0 {
		return p.demonstrate(ctx)
	}
	p.args = args[1:]
	for _, r := range roles {
		if r.name == args[0] {
			return r.run(&p, ctx)
		}
	}
	switch args[0] {
	case "-h", "-help", "--help", "help":
		usage(stderr)
		return flag.ErrHelp
	default:
		return fmt.Errorf("%q is no role; -help lists them", args[0])
	}
}

// roles are what a process can be.
var roles = [...]struct {
	name, does string
	run        func(*process, context.Context) error
}{
	{"all", "the three below, on one machine", (*process).all},
	{"nats", "the stream", (*process).nats},
	{"receive", "events of RingSense and Whippy, notices of AI Studio", (*process).receive},
	{"work", "what is in the stream, into the database", (*process).work},
	{"export", "puts an export of AI Studio into the stream, and ends", (*process).export},
	{"retry", "puts what was given up into the stream once more, and ends", (*process).retry},
	{"subscribe", "holds the subscription of RingSense", (*process).subscribe},
	{"setup", "makes the stream in a cluster, or changes its settings, and ends", (*process).setup},
}

// usage says what there is.
func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: pipeline            all of it on fakes of the services, until all is done")
	fmt.Fprintln(w, "       pipeline ROLE ...   one process of it:")
	for _, r := range roles {
		fmt.Fprintf(w, "  %-10s %s\n", r.name, r.does)
	}
	fmt.Fprintln(w, "pipeline ROLE -help lists the flags of a role; README.md says what to start where.")
}
