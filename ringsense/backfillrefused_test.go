package ringsense_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// refusingFor is a service that refuses some recordings with a code of its own.
func refusingFor(server http.Handler, ids ...string) ringsense.Option {
	return through(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.ContainsFunc(ids, func(id string) bool { return strings.HasSuffix(r.URL.Path, "/records/"+id+"/insights") }) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"errorCode":"CMN-101","message":"Parameter [sourceRecordId] value is invalid"}`)
			return
		}
		server.ServeHTTP(w, r)
	}))
}

// TestBackfillRefused: recordings that are refused hold up no other, however many
// they are, and are given up in the end, for what the service says.
func TestBackfillRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		refused []string
		opts    []ringsense.BackfillOption
		failed  int // runs that end with an error
		pending []int
	}{
		"two":                 {[]string{"r000003", "r000030"}, nil, 0, []int{2, 2, 0, 0}},
		"three in a row":      {[]string{"r000003", "r000004", "r000005"}, nil, 0, []int{3, 3, 0, 0}},
		"the first two":       {[]string{"r000000", "r000001"}, nil, 1, []int{1, 2, 2, 0}},
		"nothing waited for":  {[]string{"r000003", "r000030"}, []ringsense.BackfillOption{ringsense.GiveUpAfter(0)}, 0, []int{0, 0, 0, 0}},
		"the last one and so": {[]string{"r000039", "r000038"}, nil, 0, []int{2, 2, 0, 0}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const n = 40
				server := callsWithInsights(n)
				client := server.Client(refusingFor(server, tt.refused...))
				var got, givenUp []string
				opts := append(slices.Clone(tt.opts), ringsense.OnGiveUp(func(id string, reason error) {
					givenUp = append(givenUp, id)
					checkKinds(t, reason, []error{ringsense.ErrInvalidRequest}, []error{ringsense.ErrInsightsNotFound})
				}))
				failed, pending := 0, []int(nil)
				var progress ringsense.Progress
				for range len(tt.pending) {
					e := client.Backfill(backfillQuery, opts...)
					ids, err := read(t, e, nil)
					if err != nil {
						failed++
					}
					got, progress = append(got, ids...), e.Progress()
					pending = append(pending, progress.Pending)
					opts = append(opts, ringsense.ResumeFrom(e.Checkpoint()))
					time.Sleep(13 * time.Hour)
				}
				want := slices.DeleteFunc(numbered(n), func(id string) bool { return slices.Contains(tt.refused, id) })
				if diff := cmp.Diff(want, got); diff != "" || failed != tt.failed {
					t.Errorf("%d runs failed, want %d; (-want +got):\n%s", failed, tt.failed, diff)
				}
				if diff := cmp.Diff(tt.pending, pending); diff != "" {
					t.Errorf("pending (-want +got):\n%s", diff)
				}
				slices.Sort(givenUp)
				if diff := cmp.Diff(slices.Sorted(slices.Values(tt.refused)), givenUp); diff != "" {
					t.Errorf("given up (-want +got):\n%s", diff)
				}
				causes := map[string]int{"no insights: the service refuses to give them, with 400 CMN-101": len(tt.refused)}
				if diff := cmp.Diff(causes, progress.Causes); diff != "" {
					t.Errorf("causes (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestBackfillRefusesAll: what is refused before anything was served is not a
// matter of one recording, so that nothing is given up.
func TestBackfillRefusesAll(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(4)
	client := server.Client(refusingFor(server, numbered(4)...))
	opts := []ringsense.BackfillOption{ringsense.GiveUpAfter(0)}
	for range 6 {
		e := client.Backfill(backfillQuery, opts...)
		if ids, err := read(t, e, nil); !errors.Is(err, ringsense.ErrInvalidRequest) || len(ids) > 0 || e.Progress().Skipped > 0 {
			t.Errorf("got %v, %v and %+v", ids, err, e.Progress())
		}
		opts = []ringsense.BackfillOption{ringsense.GiveUpAfter(0), ringsense.ResumeFrom(e.Checkpoint())}
	}
	rest := readAll(t, server.Client().Backfill(backfillQuery, opts...))
	slices.Sort(rest)
	if diff := cmp.Diff(numbered(4), rest); diff != "" {
		t.Errorf("when it is in order (-want +got):\n%s", diff)
	}
}

// TestBackfillGivesUpIDs that cannot be asked for, after the usual time.
func TestBackfillGivesUpIDs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		server.AddCall(recordedCall("a", march, " 1", ".."), recordedCall("b", march.Add(time.Minute), "2"))
		server.Add(insightsOf("2"))
		e := server.Client().Backfill(backfillQuery)
		if diff := cmp.Diff([]string{"2"}, readAll(t, e)); diff != "" || e.Progress().Pending != 2 {
			t.Errorf("%+v, (-want +got):\n%s", e.Progress(), diff)
		}
		time.Sleep(25 * time.Hour)
		e = server.Client().Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
		readAll(t, e)
		causes := map[string]int{"no insights: the id of the recording is none that can be asked for": 2}
		if diff := cmp.Diff(causes, e.Progress().Causes); diff != "" || e.Progress().Pending != 0 {
			t.Errorf("%d pending, causes (-want +got):\n%s", e.Progress().Pending, diff)
		}
	})
}

// TestBackfillWaitsFromTheFirstAnswer: as long as the service fails for a
// recording, the time to give it up does not run.
func TestBackfillWaitsFromTheFirstAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := callsWithInsights(3, 1)
		e := server.Client(once(), failingFor(server, "r000001")).Backfill(backfillQuery)
		readAll(t, e)
		for _, want := range []ringsense.Progress{
			{Items: 2, Pending: 1}, {Items: 2, Pending: 1}, {Items: 2, Skipped: 1},
		} {
			time.Sleep(23 * time.Hour)
			e = server.Client().Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
			readAll(t, e)
			if p := e.Progress(); p.Items != want.Items || p.Pending != want.Pending || p.Skipped != want.Skipped {
				t.Errorf("got %+v, want %+v", p, want)
			}
		}
	})
}
