package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
)

// backfill writes all recordings to the file, or the rest of them if an earlier
// run was interrupted.
func backfill(ctx context.Context, client *ringsense.Client, s settings, stderr io.Writer) (progress callinsights.Progress, err error) {
	out, err := openOutput(s.out)
	if err != nil {
		return progress, err
	}
	defer func() {
		if closing := out.close(); err == nil {
			err = closing
		}
	}()
	var opts []ringsense.BackfillOption
	if out.saved.Checkpoint != "" {
		opts = append(opts, ringsense.ResumeFrom(out.saved.Checkpoint))
	}
	opts = append(opts, ringsense.OnGiveUp(func(id string, reason error) {
		fmt.Fprintf(stderr, "given up: recording %s: %v\n", id, reason)
	}))
	export := client.Backfill(s.query, opts...)
	err = write(ctx, export, out, s.every, stderr)
	return export.Progress(), err
}

// write stores the place reached now and then, and at the end however it comes.
func write(ctx context.Context, export *callinsights.Export[ringsense.RecordingInsights], out *output, every int, stderr io.Writer) error {
	if err := out.begin(export.Checkpoint()); err != nil {
		return err
	}
	var failure error
	unsaved := 0
	said := time.Now()
	for recording, err := range export.All(ctx) {
		if err != nil {
			failure = err
			break
		}
		if err := out.append(recording); err != nil {
			return err // the place stored last is good, and this one is not
		}
		if unsaved++; unsaved < every {
			continue
		}
		if err := out.save(export.Checkpoint()); err != nil {
			return err
		}
		unsaved = 0
		if time.Since(said) >= time.Second {
			said = time.Now()
			fmt.Fprintln(stderr, line(export.Progress()))
		}
	}
	if err := out.save(export.Checkpoint()); err != nil {
		return err
	}
	fmt.Fprintln(stderr, line(export.Progress()))
	return failure
}

func line(p callinsights.Progress) string {
	return fmt.Sprintf("%s: %d written, %d pending, %d given up", p.At.UTC().Format("2006-01-02 15:04"), p.Items, p.Pending, p.Skipped)
}

// report says what there is now, and what there may be later.
func report(w io.Writer, p callinsights.Progress) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%d recordings written\n", p.Items)
	if p.Pending > 0 {
		fmt.Fprintf(&text, "%d have no insights yet: run the program again in some hours\n", p.Pending)
	}
	if p.Skipped > 0 {
		fmt.Fprintf(&text, "%d were given up:\n", p.Skipped)
	}
	for _, cause := range slices.Sorted(maps.Keys(p.Causes)) {
		fmt.Fprintf(&text, "%6d  %s\n", p.Causes[cause], cause)
	}
	_, err := io.WriteString(w, text.String())
	return err
}
