package ringsense_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

func insightsOf(id string) *ringsense.RecordingInsights {
	return &ringsense.RecordingInsights{
		SourceRecordID: id, Insights: ringsense.Insights{Transcript: []ringsense.Utterance{{Text: "About " + id}}},
	}
}

// callsWithInsights has n calls an hour apart, with the insights of all
// recordings but those that are late.
func callsWithInsights(n int, late ...int) *ringsensetest.Server {
	server := manyCalls(n, time.Hour)
	for i, id := range numbered(n) {
		if !slices.Contains(late, i) {
			server.Add(insightsOf(id))
		}
	}
	return server
}

// read runs an export to its end, or until stop says so after an item.
func read(t *testing.T, e *callinsights.Export[ringsense.RecordingInsights], stop func(n int) bool) (ids []string, err error) {
	t.Helper()
	for r, err := range e.All(t.Context()) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, r.SourceRecordID)
		if stop != nil && stop(len(ids)) {
			break
		}
	}
	return ids, nil
}

func readAll(t *testing.T, e *callinsights.Export[ringsense.RecordingInsights]) []string {
	t.Helper()
	ids, err := read(t, e, nil)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

var backfillQuery = ringsense.CallLogQuery{From: march, To: march.AddDate(0, 2, 0)}

func TestBackfill(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(30)
	e := server.Client().Backfill(backfillQuery)
	if diff := cmp.Diff(callinsights.Progress{Total: -1}, e.Progress()); diff != "" {
		t.Errorf("progress before (-want +got):\n%s", diff)
	}
	for range 2 { // each loop begins anew
		if diff := cmp.Diff(numbered(30), readAll(t, e)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(callinsights.Progress{Items: 30, At: backfillQuery.To, Total: -1}, e.Progress()); diff != "" {
			t.Errorf("progress after (-want +got):\n%s", diff)
		}
	}
	again := server.Client().Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
	before := len(server.Requests())
	if got := readAll(t, again); len(got) > 0 {
		t.Errorf("an export that was finished yields %v", got)
	}
	if n := len(server.Requests()) - before; n > 0 {
		t.Errorf("an export that was finished sends %d requests", n)
	}
}

// TestBackfillLogFails: an error of the call log ends the export too.
func TestBackfillLogFails(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(3)
	server.SetCompanyCallLog(false)
	e := server.Client().Backfill(backfillQuery)
	if ids, err := read(t, e, nil); !errors.Is(err, ringsense.ErrPermissionMissing) || len(ids) > 0 {
		t.Errorf("got %v, %v", ids, err)
	}
	if e.Checkpoint() == "" {
		t.Error("there is no checkpoint")
	}
}

// TestBackfillOneLoop: an export has one place.
func TestBackfillOneLoop(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(3)
	e := server.Client().Backfill(backfillQuery)
	ids, err := read(t, e, func(n int) bool {
		if _, err := read(t, e, nil); !errors.Is(err, ringsense.ErrInvalidRequest) || !strings.Contains(err.Error(), "already") {
			t.Errorf("a second loop after %d items: got %v", n, err)
		}
		return false
	})
	if err != nil || len(ids) != 3 {
		t.Errorf("got %v, %v", ids, err)
	}
}

func TestBackfillOptionRefusals(t *testing.T) {
	t.Parallel()
	for want, opt := range map[string]ringsense.BackfillOption{
		"option 1 is nil": nil,
		"GiveUpAfter":     ringsense.GiveUpAfter(-time.Second),
		"OnGiveUp":        ringsense.OnGiveUp(nil),
	} {
		_, err := read(t, ringsensetest.NewServer().Client().Backfill(backfillQuery, opt), nil)
		checkLocal(t, err, "Backfill", want)
	}
}

// TestBackfillWatched: progress may be looked at from elsewhere.
func TestBackfillWatched(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(50, 3)
	e := server.Client().Backfill(backfillQuery)
	done, looks := make(chan struct{}), make(chan int)
	go func() {
		defer close(done)
		for last := range looks {
			if e.Checkpoint() == "" || e.Progress().Items < last {
				t.Errorf("%+v after %d items", e.Progress(), last)
			}
		}
	}()
	got, err := read(t, e, func(n int) bool {
		looks <- n
		return false
	})
	close(looks)
	<-done
	if err != nil || len(got) != 49 {
		t.Errorf("got %d, %v", len(got), err)
	}
}

// TestBackfillWithinLimits: the client keeps to the limits of the call log and
// of insights at once, and loses no more time than they cost.
func TestBackfillWithinLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 400
		server := callsWithInsights(n)
		server.SetRateLimits(true)
		refused := map[string]int{} // by the group
		client := server.Client(ringsense.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			answer, err := inMemoryTransport(server).RoundTrip(r)
			if err == nil && answer.StatusCode == http.StatusTooManyRequests {
				refused[answer.Header.Get("X-Rate-Limit-Group")]++
			}
			return answer, err
		})}))
		q := backfillQuery
		q.PerPage = 10
		start := time.Now()
		e := client.Backfill(q)
		if diff := cmp.Diff(numbered(n), readAll(t, e)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		pages, insights := count(server, "CallRecordings"), count(server, "RecordingInsights")
		if len(refused) > 0 || insights != n {
			t.Errorf("%d requests for insights of %d recordings, and these were too many: %v", insights, n, refused)
		}
		took := time.Since(start)
		if took < n/50*time.Minute-time.Minute || took > 30*time.Minute {
			t.Errorf("%d requests for pages, %d for insights took %v", pages, insights, took)
		}
	})
}
