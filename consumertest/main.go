// Consumer is a program outside of the module: it compiles against the public
// API, and links what a user's program would link.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/whippy"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "consumer:", err)
		os.Exit(1)
	}
}

// run does one thing with each package, with credentials from the environment.
func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("consumer", flag.ContinueOnError)
	record := flags.String("record", "", "id of a recording to fetch from RingSense")
	agent := flags.String("agent", "", "id of an AI Studio agent whose sessions of the last week to list")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *record != "":
		return printRecording(ctx, out, *record)
	case *agent != "":
		return printSessions(ctx, out, *agent)
	default:
		return printEvent(in, out)
	}
}

func printRecording(ctx context.Context, out io.Writer, id string) error {
	auth, err := ringsense.JWTFromEnv()
	if err != nil {
		return err
	}
	client, err := ringsense.NewClient(auth)
	if err != nil {
		return err
	}
	record, err := client.RecordingInsights(ctx, id)
	if err != nil {
		return err
	}
	for turn := range record.Turns() {
		fmt.Fprintf(out, "%s: %s\n", turn.Speaker, turn.Text)
	}
	return nil
}

func printSessions(ctx context.Context, out io.Writer, agent string) error {
	client, err := vonageinsights.NewClient(os.Getenv("VONAGE_AI_STUDIO_KEY"), vonageinsights.EU)
	if err != nil {
		return err
	}
	now := time.Now()
	query := vonageinsights.Query{
		From: now.AddDate(0, 0, -7), To: now,
		Filter: vonageinsights.Where(field.AgentInformationID.Is(agent)),
	}
	for session, err := range client.Search(ctx, query) {
		if err != nil {
			return err
		}
		fmt.Fprintln(out, session.ID, session.SessionStartTime)
	}
	return nil
}

func printEvent(in io.Reader, out io.Writer) error {
	payload, err := io.ReadAll(in)
	if err != nil || len(payload) == 0 {
		return err
	}
	event, err := whippy.ParseEvent(payload)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, event.Type, event.RequestID)
	return nil
}
