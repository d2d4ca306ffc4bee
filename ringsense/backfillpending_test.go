package ringsense_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// TestBackfillPending: what is not there yet is asked for again at the end and
// whenever the export is resumed, until it is given up a day later.
func TestBackfillPending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		start := time.Now()
		server.AddCall(recordedCall("a", start, "soon", "never"), recordedCall("b", start.Add(time.Minute), "there", "late", "empty"))
		server.Add(insightsOf("there"), &ringsense.RecordingInsights{SourceRecordID: "empty"})
		time.Sleep(time.Hour)
		client := server.Client()
		q := ringsense.CallLogQuery{From: start}
		var givenUp []string
		report := ringsense.OnGiveUp(func(id string, reason error) { givenUp = append(givenUp, id+": "+reason.Error()) })

		e := client.Backfill(q, report)
		var first []string
		for r, err := range e.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			first = append(first, r.SourceRecordID)
			if len(first) == 1 {
				server.Add(insightsOf("soon"))
			}
		}
		if diff := cmp.Diff([]string{"there", "soon"}, first); diff != "" {
			t.Errorf("first run (-want +got):\n%s", diff)
		}
		if p := e.Progress(); p.Items != 2 || p.Pending != 3 || p.Skipped != 0 || p.Causes != nil {
			t.Errorf("progress of the first run: %+v", p)
		}

		time.Sleep(12 * time.Hour)
		server.Add(insightsOf("late"))
		e = client.Backfill(q, ringsense.ResumeFrom(e.Checkpoint()), report)
		if diff := cmp.Diff([]string{"late"}, readAll(t, e)); diff != "" {
			t.Errorf("second run (-want +got):\n%s", diff)
		}

		time.Sleep(12 * time.Hour)
		e = client.Backfill(q, ringsense.ResumeFrom(e.Checkpoint()), report)
		if got := readAll(t, e); len(got) > 0 || len(givenUp) != 2 {
			t.Errorf("third run: got %v and gave up %v", got, givenUp)
		}
		p := e.Progress()
		if p.Items != 3 || p.Pending != 0 || p.Skipped != 2 || len(p.Causes) != 2 || !p.At.Equal(start.Add(time.Hour)) {
			t.Errorf("progress of the third run: %+v", p)
		}
		for cause, n := range p.Causes {
			if n != 1 || !strings.Contains(strings.Join(givenUp, "\n"), cause) {
				t.Errorf("%d for %q, want one of %q", n, cause, givenUp)
			}
		}
		for _, want := range []string{"licence", "may not be ready", "retention"} {
			if !strings.Contains(givenUp[0], want) {
				t.Errorf("%q does not name the cause %q", givenUp[0], want)
			}
		}
		before := len(server.Requests())
		e = client.Backfill(q, ringsense.ResumeFrom(e.Checkpoint()))
		if got := readAll(t, e); len(got) > 0 || len(server.Requests()) != before || e.Progress().Skipped != 2 {
			t.Errorf("fourth run: got %v, %d requests, %+v", got, len(server.Requests())-before, e.Progress())
		}
	})
}

func TestGiveUpAtOnce(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(5, 1, 3)
	e := server.Client().Backfill(backfillQuery, ringsense.GiveUpAfter(0))
	readAll(t, e)
	if p := e.Progress(); p.Items != 3 || p.Pending != 0 || p.Skipped != 2 || len(p.Causes) != 1 {
		t.Errorf("got %+v", p)
	}
}

// TestBackfillCauses: what was given up says why.
func TestBackfillCauses(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		``: "may not be ready", // the fake's own answer
		`{"sourceRecordId":"r000000","insights":{}}`: "not finished",
	} {
		server := manyCalls(2, time.Hour)
		if body != "" {
			server.Fail(ringsensetest.Fault{Op: "RecordingInsights", N: -1, Status: http.StatusOK, Body: body})
		}
		e := server.Client().Backfill(backfillQuery, ringsense.GiveUpAfter(0))
		readAll(t, e)
		p := e.Progress()
		for cause, n := range p.Causes {
			if n != 2 || !strings.Contains(cause, want) {
				t.Errorf("got %d for %q, want 2 for %q", n, cause, want)
			}
		}
		if p.Skipped != 2 || p.Pending != 0 || len(p.Causes) != 1 {
			t.Errorf("got %+v", p)
		}
	}
}

// TestBackfillHalfMade: insights without a transcript may be the first of them
// while the recording is new. Later on they are all there is.
func TestBackfillHalfMade(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	tests := map[string]struct {
		age       time.Duration // of the call, at the first run
		recorded  bool          // whether the insights tell when the recording began
		noNotes   bool          // at the first run
		complete  time.Duration // when the transcript comes, after the first run; 0 is never
		giveUp    time.Duration // 0 is a day
		runs      []int         // recordings of each run, 12 hours apart
		utterance int
	}{
		"the transcript comes":        {age: time.Hour, complete: time.Hour, runs: []int{0, 1, 0}, utterance: 1},
		"it comes late":               {age: time.Hour, complete: 20 * time.Hour, runs: []int{0, 0, 1}, utterance: 1},
		"it never comes":              {age: time.Hour, runs: []int{0, 0, 1, 0}},
		"it never comes, known start": {age: 13 * time.Hour, recorded: true, runs: []int{0, 1, 0}},
		"nothing, then never more":    {age: time.Hour, noNotes: true, runs: []int{0, 0, 1, 0}},
		"an old recording":            {age: day, runs: []int{1, 0}},
		"longer":                      {age: day, giveUp: 2 * day, runs: []int{0, 0, 0, 0, 1}},
		"at once":                     {age: time.Hour, giveUp: time.Nanosecond, runs: []int{1, 0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				start := time.Now()
				server.AddCall(recordedCall("a", start, "1"))
				notes := &ringsense.RecordingInsights{
					SourceRecordID: "1", Insights: ringsense.Insights{CallNotes: []ringsense.Insight{{Value: "Call back."}}},
				}
				if test.recorded {
					notes.RecordingStartTime = start
				}
				if !test.noNotes {
					server.Add(notes)
				}
				time.Sleep(test.age)
				if test.complete > 0 {
					time.AfterFunc(test.complete, func() { server.Add(insightsOf("1")) })
				}
				q := ringsense.CallLogQuery{From: start.Add(-time.Hour), To: time.Now()}
				var opts []ringsense.BackfillOption
				if test.giveUp != 0 {
					opts = append(opts, ringsense.GiveUpAfter(test.giveUp))
				}
				options := len(opts)
				var runs []int
				for range test.runs {
					found := 0
					e := server.Client().Backfill(q, opts...)
					for r, err := range e.All(t.Context()) {
						if err != nil {
							t.Fatal(err)
						}
						if found++; len(r.Insights.Transcript) != test.utterance {
							t.Errorf("got %d utterances, want %d", len(r.Insights.Transcript), test.utterance)
						}
					}
					if p := e.Progress(); p.Items+p.Pending != 1 || p.Skipped != 0 {
						t.Errorf("got %+v", p)
					}
					runs, opts = append(runs, found), append(opts[:options], ringsense.ResumeFrom(e.Checkpoint()))
					if test.noNotes {
						server.Add(notes)
					}
					time.Sleep(12 * time.Hour)
				}
				if diff := cmp.Diff(test.runs, runs); diff != "" {
					t.Errorf("recordings of the runs (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestBackfillInterruptedWhilePending: however short the runs are, each of
// those that are pending has its turn.
func TestBackfillInterruptedWhilePending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := callsWithInsights(10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
		client := server.Client()
		e := client.Backfill(backfillQuery)
		readAll(t, e)
		server.Add(insightsOf("r000009"))
		var got []string
		for range 2 { // each is interrupted at the sixth request
			server.Fail(ringsensetest.Fault{Op: "RecordingInsights", N: 5})
			server.Fail(ringsensetest.Fault{Op: "RecordingInsights", Delay: time.Hour})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			e = client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
			for r, err := range e.All(ctx) {
				if err == nil {
					got = append(got, r.SourceRecordID)
				}
			}
			cancel()
			time.Sleep(time.Hour)
		}
		if diff := cmp.Diff([]string{"r000009"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestBackfillLeftWhilePending: the loop can be left anywhere.
func TestBackfillLeftWhilePending(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(4, 0, 1, 2)
	client := server.Client()
	e := client.Backfill(backfillQuery)
	got, err := read(t, e, func(n int) bool {
		if n == 1 {
			server.Add(insightsOf("r000001"), insightsOf("r000002"))
		}
		return n == 2
	})
	if err != nil {
		t.Fatal(err)
	}
	e = client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
	got = append(got, readAll(t, e)...)
	if diff := cmp.Diff([]string{"r000003", "r000001", "r000002"}, got); diff != "" || e.Progress().Pending != 1 {
		t.Errorf("%d pending, (-want +got):\n%s", e.Progress().Pending, diff)
	}
}
