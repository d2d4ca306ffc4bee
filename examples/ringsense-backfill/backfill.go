package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/examples/internal/outfile"
	"github.com/callinsights/callinsights-go/examples/internal/program"
	"github.com/callinsights/callinsights-go/ringsense"
)

// backfill writes all recordings to the file, or the rest of them if an earlier
// run was interrupted.
func backfill(ctx context.Context, client *ringsense.Client, s settings, stdout, stderr io.Writer) (err error) {
	out, err := outfile.Open(s.out)
	if err != nil {
		return err
	}
	defer func() {
		if closing := out.Close(); err == nil {
			err = closing
		}
	}()
	if err := out.CheckSetting(serviceKey, s.service()); err != nil {
		return err
	}
	var opts []ringsense.BackfillOption
	if place := out.Saved(); place.Checkpoint != "" {
		opts = append(opts, ringsense.ResumeFrom(place.Checkpoint))
	}
	opts = append(opts, ringsense.OnGiveUp(func(id string, reason error) {
		fmt.Fprintf(stderr, "given up: recording %s: %v\n", id, reason)
	}))
	export := client.Backfill(s.query, opts...)
	said := time.Now()
	run := outfile.Run[ringsense.RecordingInsights]{
		Export: export, Put: putLine, Every: s.every, Settings: map[string]string{serviceKey: s.service()},
		Show: func() {
			if time.Since(said) >= time.Second {
				said = time.Now()
				show(stderr, export.Progress())
			}
		},
	}
	err = run.Into(ctx, out)
	show(stderr, export.Progress())
	if err != nil {
		return err
	}
	return s.report(stdout, export.Progress())
}

// serviceKey is what the next run has to know of the first.
const serviceKey = "service"

func putLine(w io.Writer, recording *ringsense.RecordingInsights) error {
	data, err := json.Marshal(recording)
	if err != nil {
		return err
	}
	_, err = w.Write(append(data, '\n'))
	return err
}

// show says how far a backfill has come, once it has begun.
func show(w io.Writer, p callinsights.Progress) {
	if p.At.IsZero() {
		return
	}
	fmt.Fprintf(w, "up to %s: %d written, %d pending, %d given up\n", p.At.UTC().Format("2006-01-02 15:04"), p.Items, p.Pending, p.Skipped)
}

// report says what there is now, and what there may be later: of the service, as the
// fake is the same one in each run.
func (s *settings) report(w io.Writer, p callinsights.Progress) error {
	var text strings.Builder
	fmt.Fprintln(&text, program.Counted(p.Items, "recording", "recordings"), "written")
	if p.Pending > 0 {
		advice := "run the program again in some hours"
		if !s.live {
			advice = "the service may have those some hours later, and the fake never has"
		}
		pending := program.Counted(p.Pending, "is pending, without all of its insights", "are pending, without all of their insights")
		fmt.Fprintf(&text, "%s: %s\n", pending, advice)
	}
	if p.Skipped > 0 {
		fmt.Fprintf(&text, "%s:\n", program.Counted(p.Skipped, "was given up", "were given up"))
	}
	for _, cause := range slices.Sorted(maps.Keys(p.Causes)) {
		fmt.Fprintf(&text, "%6d  %s\n", p.Causes[cause], cause)
	}
	_, err := io.WriteString(w, text.String())
	return err
}
