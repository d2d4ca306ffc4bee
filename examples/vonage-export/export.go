package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/examples/internal/outfile"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// What the next run has to know of the first: the format, and the end of the
// range where that was the moment of the first run.
const (
	formatKey = "format"
	endKey    = "to"
)

// export writes all sessions to the file, or the rest of them if an earlier run
// was interrupted.
func export(ctx context.Context, s settings, stderr io.Writer) (done callinsights.Progress, err error) {
	out, err := outfile.Open(s.out)
	if err != nil {
		return done, err
	}
	defer func() {
		if closing := out.Close(); err == nil {
			err = closing
		}
	}()
	place := out.Saved()
	if err := s.adopt(place); err != nil {
		return done, err
	}
	client, err := s.Client("vonage-export")
	if err != nil {
		return done, err
	}
	var opts []vonageinsights.ExportOption
	if s.parallel != 1 {
		opts = append(opts, vonageinsights.Parallel(s.parallel))
	}
	if place.Checkpoint != "" {
		opts = append(opts, vonageinsights.ResumeFrom(place.Checkpoint))
	}
	sessions := client.Export(s.Query(), opts...)
	meter := newMeter(stderr, s.From, s.To)
	run := outfile.Run[vonageinsights.Session]{
		Export: sessions, Every: s.every,
		Settings: map[string]string{formatKey: s.format.name, endKey: s.To.Format(time.RFC3339Nano)},
		Header:   s.format.header(),
		Put:      s.format.put,
		Show:     func() { meter.show(sessions.Progress()) },
	}
	err = run.Into(ctx, out)
	meter.end(sessions.Progress())
	return sessions.Progress(), err
}

// adopt takes over what the first run has settled, and completes the rest.
func (s *settings) adopt(place outfile.Place) error {
	if place.Checkpoint == "" {
		return s.Complete()
	}
	if was := place.Settings[formatKey]; was != s.format.name {
		return fmt.Errorf("%s was begun as %q: go on with -format %s, or choose another file", s.out, was, was)
	}
	if s.To.IsZero() {
		end, err := time.Parse(time.RFC3339Nano, place.Settings[endKey])
		if err != nil {
			return fmt.Errorf("the checkpoint of %s does not say where its range ends: set -to", s.out)
		}
		s.To = end
	}
	return s.Complete()
}
