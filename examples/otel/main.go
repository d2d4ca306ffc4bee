// Otel shows what the clients do as traces and metrics of OpenTelemetry: each call
// with its attempts, waits and rate limits.
//
//	go -C examples/otel run .
//
// needs neither credentials nor a network: fakes inside the program take the place of
// the services, and what was measured is printed. With -otlp, or the variable
// OTEL_EXPORTER_OTLP_ENDPOINT, it goes to a collector by OTLP over HTTP instead:
//
//	go -C examples/otel run . -otlp http://127.0.0.1:4318
//
// Two files are for programs of your own: transport.go, for WithHTTPClient, and
// observer.go, for WithObserver.
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/program"
)

const programName = "otel"

// endpointVariable is where OpenTelemetry's own settings have the collector.
const endpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT"

func main() {
	os.Exit(program.Run(programName, run))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet(programName, flag.ContinueOnError)
	collector := flags.String("otlp", "", "address of a collector, such as http://127.0.0.1:4318; without it, $"+endpointVariable+" if that is set")
	if err := program.Parse(flags, args, stderr); err != nil {
		return err
	}
	t, err := newTelemetry(ctx, *collector, stdout)
	if err != nil {
		return err
	}
	err = callAll(ctx, t)
	// What was measured is worth having after a failure or an interruption too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, t.finish(ctx))
}
