package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/outfile"
	"github.com/callinsights/callinsights-go/examples/internal/program"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// What the next run has to know of the first: the format, the service, and the end
// of the range where that was the moment of the first run.
const (
	formatKey  = "format"
	serviceKey = "service"
	endKey     = "to"
)

// export writes all sessions to the file, or the rest of them if an earlier run
// was interrupted.
func export(ctx context.Context, s settings, stdout, stderr io.Writer) (err error) {
	out, err := outfile.Open(s.out)
	if err != nil {
		return err
	}
	defer func() {
		if closing := out.Close(); err == nil {
			err = closing
		}
	}()
	untilNow := s.Live && s.To.IsZero()
	if err := s.adopt(out); err != nil {
		return err
	}
	client, err := s.Client(programName)
	if err != nil {
		return err
	}
	var opts []vonageinsights.ExportOption
	if s.parallel != 1 {
		opts = append(opts, vonageinsights.Parallel(s.parallel))
	}
	if start := out.Saved().Checkpoint; start != "" {
		opts = append(opts, vonageinsights.ResumeFrom(start))
	}
	sessions := client.Export(s.Query(), opts...)
	meter := newMeter(stderr, s.From, s.To)
	run := outfile.Run[vonageinsights.Session]{
		Export: sessions, Every: s.every,
		Settings: map[string]string{formatKey: s.format.name, serviceKey: s.Service(), endKey: s.To.Format(time.RFC3339Nano)},
		Header:   s.format.header(),
		Put:      s.format.put,
		Show:     func() { meter.show(sessions.Progress()) },
	}
	err = run.Into(ctx, out)
	meter.end(sessions.Progress())
	if err != nil {
		return err
	}
	if untilNow {
		fmt.Fprintf(stderr, "The range ends with %s. Newer sessions need another file.\n", s.To.Format(time.RFC3339Nano))
	}
	report := program.Counted(sessions.Progress().Items, "session", "sessions") + " written"
	if sessions.Progress().Items == 0 {
		report += ". " + s.Advice()
	}
	_, err = fmt.Fprintln(stdout, report)
	return err
}

// adopt takes over what the first run has settled, and completes the rest.
func (s *settings) adopt(out *outfile.File) error {
	if err := out.CheckSetting(formatKey, s.format.name); err != nil {
		return err
	}
	if err := out.CheckSetting(serviceKey, s.Service()); err != nil {
		return err
	}
	if place := out.Saved(); place.Checkpoint != "" && s.To.IsZero() {
		end, err := time.Parse(time.RFC3339Nano, place.Settings[endKey])
		if err != nil {
			return fmt.Errorf("the checkpoint of %s does not say where its range ends: set -to", s.out)
		}
		s.To = end
	}
	return s.Complete()
}
