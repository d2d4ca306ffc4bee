// Receiver is one server for the events of RingSense and of Whippy. It checks who
// sends them, takes each once however often it is sent, and appends it to a file,
// one JSON object a line, before it says that it has it. It can be ended at any
// moment, even by a power cut: what it has acknowledged is in the file, once.
//
//	go run ./examples/receiver
//
// needs neither credentials nor a network: for ten seconds fakes of both services
// send it events, each of them twice, and it prints what came in. The last one has a
// forged signature and is refused, as the log says. With secrets in the environment
// it is a server for the real services:
//
//	RC_VERIFICATION_TOKENS=... WHIPPY_API_KEYS=... \
//	go run ./examples/receiver -listen 127.0.0.1:8080 -out events.jsonl
//
// RC_VERIFICATION_TOKENS holds the VerificationToken of your subscriptions, a secret of
// your own of 16 characters at least, such as openssl rand -hex 16 makes, and
// WHIPPY_API_KEYS the key that Whippy signs with. Both may hold several, divided by
// spaces, while one replaces another.
//
// The paths are /ringsense and /whippy; a service without a secret has none. The
// services want https://, so put something in front that ends TLS. It must not
// change the body, which Whippy has signed. Events of RingSense come once there is
// a subscription, see Client.Subscribe and Client.KeepSubscribed.
//
// A body that comes from the service and cannot be decoded is a line too, with
// what is wrong with it. One program at a time may write to a file. SIGINT and
// SIGTERM end it once the events that are under way are in the file; a second one
// ends it at once.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/program"
)

// The variables that hold the secrets.
const (
	tokensVariable  = "RC_VERIFICATION_TOKENS"
	secretsVariable = "WHIPPY_API_KEYS" //nolint:gosec // a name, and no secret
)

func main() {
	os.Exit(program.Run("receiver", func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		return run(ctx, args, os.Getenv, stdout, stderr)
	}))
}

// settings are what flags and environment say.
type settings struct {
	tokens  []string // verification tokens of RingSense
	secrets []string // API keys of Whippy
	listen  string
	out     string
	demo    time.Duration // 0: no demonstration
}

func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s, err := parse(args, getenv, stderr)
	if err != nil {
		return err
	}
	if s.demo > 0 {
		return demonstrate(ctx, s, stdout, stderr)
	}
	r, err := open(ctx, s, stdout, stderr)
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, "listening on", r.url())
	return r.serve(ctx)
}

func parse(args []string, getenv func(string) string, stderr io.Writer) (settings, error) {
	s := settings{tokens: strings.Fields(getenv(tokensVariable)), secrets: strings.Fields(getenv(secretsVariable))}
	flags := flag.NewFlagSet("receiver", flag.ContinueOnError)
	flags.StringVar(&s.listen, "listen", "", "address to listen on; without it, 127.0.0.1:8080")
	flags.StringVar(&s.out, "out", "", "file to append to")
	flags.DurationVar(&s.demo, "for", 0, "run a demonstration for so long; 10s where nothing is set")
	if err := program.Parse(flags, args, stderr); err != nil {
		return s, err
	}
	configured := len(s.tokens)+len(s.secrets) > 0 || s.listen != "" || s.out != ""
	if s.demo == 0 && !configured {
		s.demo = 10 * time.Second
	}
	switch {
	case s.demo < 0:
		return s, errors.New("-for must not be negative")
	case s.demo > 0 && s.listen != "":
		return s, errors.New("-listen is not for the demonstration, which listens on a port that is free")
	case s.demo > 0:
		return s, nil
	// Without this, a server that was started with an empty environment would fill
	// its file with made-up events.
	case len(s.tokens)+len(s.secrets) == 0:
		return s, fmt.Errorf("set %s, %s or both in the environment, or -for 10s for a demonstration", tokensVariable, secretsVariable)
	case s.out == "":
		return s, errors.New("-out must name the file to append to")
	}
	s.listen = cmp.Or(s.listen, "127.0.0.1:8080")
	return s, nil
}
