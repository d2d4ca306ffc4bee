package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// job is a part of an export. Its parts have each session of the export, and no two
// of them have the same.
type job struct {
	Export string    `json:"export"` // the range as a whole
	Part   int       `json:"part"`   // from 1
	Parts  int       `json:"parts"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Again  int       `json:"again,omitempty"` // to do one anew that is done
}

// maxParts is the most jobs of an export: a day each for more than a quarter of a
// century.
const maxParts = 10_000

// split cuts an export into jobs.
func split(q vonageinsights.Query, parts, again int) ([]job, error) {
	switch {
	case q.From.IsZero() || q.To.IsZero():
		return nil, errors.New("-from and -to must say which days")
	case q.To.Before(q.From):
		return nil, errors.New("-to is before -from")
	case parts < 1 || parts > maxParts:
		return nil, fmt.Errorf("-parts must be 1 to %d", maxParts)
	}
	name := q.From.Format(time.RFC3339Nano) + "/" + q.To.Format(time.RFC3339Nano)
	queries := q.Split(parts)
	jobs := make([]job, len(queries))
	for i, part := range queries {
		jobs[i] = job{name, i + 1, len(queries), part.From, part.To, again}
	}
	return jobs, nil
}

// key names the job in the stream and in the database.
func (j job) key() string {
	key := fmt.Sprintf("export:%s:%d/%d", j.Export, j.Part, j.Parts)
	if j.Again > 0 {
		key += fmt.Sprintf(":again-%d", j.Again)
	}
	return key
}

func (j job) encode() ([]byte, error) { return json.Marshal(j) }

func parseJob(data []byte) (job, error) {
	var j job
	if err := json.Unmarshal(data, &j); err != nil {
		return j, errors.New("the job cannot be decoded")
	}
	if j.Export == "" || j.Part < 1 || j.From.IsZero() || j.To.Before(j.From) {
		return j, errors.New("the job has no range")
	}
	return j, nil
}

// exportFlags are the flags of an export.
type exportFlags struct {
	query vonageinsights.Query
	parts int
	again int
}

func (x *exportFlags) add(flags *flag.FlagSet) {
	day := func(set func(first, last time.Time)) func(string) error {
		return func(text string) error {
			t, err := time.Parse(time.DateOnly, text)
			if err != nil {
				return errors.New("want a day such as 2024-01-01")
			}
			set(vonageinsights.Days(t, t))
			return nil
		}
	}
	flags.Func("from", "the first day, in UTC, such as 2024-01-01", day(func(first, _ time.Time) { x.query.From = first }))
	flags.Func("to", "the last day, included", day(func(_, last time.Time) { x.query.To = last }))
	flags.IntVar(&x.parts, "parts", 24, "into how many jobs it is cut; more than there are workers, so that none is idle while one has a busy month")
	flags.IntVar(&x.again, "again", 0, "1 to export anew what was exported, 2 to do so once more, and so on")
}

// putJobs puts jobs into the stream, and returns how many were not there. It may be
// repeated: a job that is known, or done, is not done twice.
func (s *stream) putJobs(ctx context.Context, jobs []job) (added int, err error) {
	for _, j := range jobs {
		data, err := j.encode()
		if err != nil {
			return added, err
		}
		isNew, err := s.put(ctx, subjectExport, j.key(), data, nil)
		if err != nil {
			return added, err
		}
		if isNew {
			added++
		}
	}
	return added, nil
}

// dealExport does a job, from where whoever had it before has come to.
func (w *worker) dealExport(ctx, stopping context.Context, m message) error {
	j, err := parseJob(m.data)
	if err != nil {
		return callinsights.Permanent(err)
	}
	at, err := w.store.progress(ctx, j.key())
	if err != nil || at.done {
		return err
	}
	options := []vonageinsights.ExportOption{vonageinsights.Prefetch(1)}
	if at.checkpoint != "" {
		options = append(options, vonageinsights.ResumeFrom(at.checkpoint))
	}
	export := w.vonage.Export(vonageinsights.Query{From: j.From, To: j.To, PageSize: w.settings.every}, options...)
	var calls []call
	save := func(finished bool) error {
		to := progress{export.Checkpoint(), export.Progress().Items, finished}
		if err := w.store.advance(ctx, j.key(), at, to, calls); err != nil {
			return err
		}
		at, calls = to, calls[:0]
		return nil
	}
	for session, err := range export.All(stopping) {
		if err != nil {
			return errors.Join(err, save(false))
		}
		if calls = append(calls, sessionOf(session)); len(calls) == w.settings.every {
			if err := save(false); err != nil {
				return err
			}
		}
	}
	return save(true)
}
