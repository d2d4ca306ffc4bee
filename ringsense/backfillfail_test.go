package ringsense_test

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// once turns repeats off.
func once() ringsense.Option { return ringsense.WithRetry(ringsense.RetryPolicy{MaxAttempts: 1}) }

// failingFor is a service that fails for some recordings.
func failingFor(server http.Handler, ids ...string) ringsense.Option {
	return through(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.ContainsFunc(ids, func(id string) bool { return strings.HasSuffix(r.URL.Path, "/records/"+id+"/insights") }) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		server.ServeHTTP(w, r)
	}))
}

// TestBackfillOddAnswers: one recording that the service cannot serve holds up
// no other and is not given up, and what concerns all of them ends the export.
func TestBackfillOddAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		n      int
		want   error // nil if the others go on
	}{
		"no code":           {404, `{}`, 1, nil},
		"no code twice":     {404, `{}`, 2, nil},
		"page of a proxy":   {404, `<html>`, 1, nil},
		"page twice":        {404, `<html>`, 2, ringsense.ErrNotFound},
		"list twice":        {404, `[]`, 2, ringsense.ErrNotFound},
		"null twice":        {404, `null`, 2, ringsense.ErrNotFound},
		"unknown recording": {404, `{"errors":[{"errorCode":"CMN-102"}]}`, 1, nil},
		"unknown twice":     {404, `{"errors":[{"errorCode":"CMN-102"}]}`, 2, nil},
		"bad id":            {400, `{"errorCode":"CMN-101"}`, 1, nil},
		"bad id twice":      {400, `{"errorCode":"CMN-101"}`, 2, nil},
		"forbidden":         {403, `{"errorCode":"X-1"}`, 1, nil},
		"conflict":          {409, ``, 1, nil},
		"conflict twice":    {409, ``, 2, ringsense.ErrInvalidRequest},
		"coded outage":      {503, `{"errorCode":"CMN-201"}`, 2, ringsense.ErrUnavailable},
		"coded timeout":     {408, `{"errorCode":"CMN-201"}`, 2, ringsense.ErrUnavailable},
		"gone":              {410, ``, 1, nil},
		"unprocessable":     {422, ``, 1, nil},
		"illegal":           {451, ``, 1, nil},
		"of another shape":  {200, `{"insights":7}`, 1, nil},
		"shape twice":       {200, `{"insights":7}`, 2, ringsense.ErrInvalidResponse},
		"empty":             {200, ``, 1, nil},
		"empty twice":       {200, ``, 2, ringsense.ErrInvalidResponse},
		"failing":           {500, ``, 1, nil},
		"failing twice":     {502, `<html>`, 2, ringsense.ErrUnavailable},
		"no such path":      {404, `{"errorCode":"AGW-404"}`, 1, ringsense.ErrNotFound},
		"no scope":          {403, `{"errors":[{"errorCode":"CMN-401"}]}`, 1, ringsense.ErrScopeMissing},
		"no permission":     {403, `{"errors":[{"errorCode":"RAH-3005"}]}`, 1, ringsense.ErrPermissionMissing},
		"no login":          {401, ``, 2, ringsense.ErrUnauthorized},
		"redirected":        {302, ``, 1, ringsense.ErrInvalidResponse},
		"limited":           {429, ``, 1, ringsense.ErrRateLimited},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // a limit lasts half a minute
				server := callsWithInsights(6)
				client := server.Client(once())
				e := client.Backfill(backfillQuery, ringsense.GiveUpAfter(0))
				ids, err := read(t, e, func(n int) bool {
					if n == 2 {
						server.Fail(ringsensetest.Fault{
							Op: "RecordingInsights", N: test.n, Status: test.status, Body: test.body,
							Header: http.Header{"Content-Length": {strconv.Itoa(len(test.body))}},
						})
					}
					return false
				})
				if test.want != nil {
					if !errors.Is(err, test.want) || len(ids) != 2 {
						t.Errorf("got %v after %v, want %v after two", err, ids, test.want)
					}
					rest := readAll(t, client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint())))
					slices.Sort(rest)
					if diff := cmp.Diff(numbered(6), append(ids, rest...)); diff != "" {
						t.Errorf("resumed (-want +got):\n%s", diff)
					}
					return
				}
				// Those come at the end, when they are asked for again.
				all := numbered(6)
				want := append(slices.Concat(all[:2], all[2+test.n:]), all[2:2+test.n]...)
				if diff := cmp.Diff(want, ids); diff != "" || err != nil {
					t.Errorf("error %v, (-want +got):\n%s", err, diff)
				}
			})
		})
	}
}

// TestBackfillFailing: which recordings fail decides whether the service does,
// and none of them is given up or keeps the others from their turn.
func TestBackfillFailing(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		failing []int
		late    []int
		runs    int // until all is read that can be
		pending int
		err     error // of the last of them
	}{
		"one":                     {[]int{3}, nil, 1, 1, nil},
		"the last one":            {[]int{7}, nil, 1, 1, nil},
		"two apart":               {[]int{2, 5}, nil, 1, 2, ringsense.ErrUnavailable},
		"two around a late one":   {[]int{2, 4}, []int{3}, 1, 2, nil},
		"two in a row":            {[]int{2, 3}, nil, 2, 2, ringsense.ErrUnavailable},
		"many in a row":           {[]int{1, 2, 3, 4}, nil, 4, 4, ringsense.ErrUnavailable},
		"the last one and others": {[]int{1, 7}, nil, 1, 2, ringsense.ErrUnavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := callsWithInsights(8, test.late...)
			var ids, want []string
			for i, id := range numbered(8) {
				if slices.Contains(test.failing, i) {
					ids = append(ids, id)
				} else if !slices.Contains(test.late, i) {
					want = append(want, id)
				}
			}
			client := server.Client(once(), failingFor(server, ids...))
			opts := []ringsense.BackfillOption{ringsense.GiveUpAfter(0)}
			var got []string
			var err error
			var progress callinsights.Progress
			for range test.runs {
				e := client.Backfill(backfillQuery, opts...)
				var found []string
				found, err = read(t, e, nil)
				got, progress = append(got, found...), e.Progress()
				opts = []ringsense.BackfillOption{ringsense.GiveUpAfter(0), ringsense.ResumeFrom(e.Checkpoint())}
			}
			if diff := cmp.Diff(want, got); diff != "" || !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v; (-want +got):\n%s", err, test.err, diff)
			}
			if progress.Pending != test.pending || progress.Skipped != len(test.late) {
				t.Errorf("got %+v, want %d pending, and %d given up", progress, test.pending, len(test.late))
			}
			rest := readAll(t, server.Client().Backfill(backfillQuery, opts...)) // in order again
			slices.Sort(rest)
			if diff := cmp.Diff(ids, rest); diff != "" {
				t.Errorf("when the service is back (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBackfillFailingStarvesNobody: however many fail, insights that have come
// are found.
func TestBackfillFailingStarvesNobody(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(8, 1, 3, 5)
	client := server.Client(once(), failingFor(server, "r000001", "r000003"))
	e := client.Backfill(backfillQuery)
	_, err := read(t, e, nil)
	server.Add(insightsOf("r000005"))
	var got []string
	for range 3 {
		e = client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
		var ids []string
		ids, err = read(t, e, nil)
		got = append(got, ids...)
	}
	if diff := cmp.Diff([]string{"r000005"}, got); diff != "" || !errors.Is(err, ringsense.ErrUnavailable) {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}
}

// TestBackfillOutage: what has been pending for long is not given up because of
// an outage.
func TestBackfillOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := callsWithInsights(4, 1, 2)
		client := server.Client()
		e := client.Backfill(backfillQuery)
		got := readAll(t, e)
		time.Sleep(25 * time.Hour)
		server.Add(insightsOf("r000001"), insightsOf("r000002"))
		server.Fail(ringsensetest.Fault{Op: "RecordingInsights", N: 8, Status: http.StatusServiceUnavailable})
		e = client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
		if ids, err := read(t, e, nil); !errors.Is(err, ringsense.ErrUnavailable) || len(ids) > 0 {
			t.Errorf("got %v, %v", ids, err)
		}
		e = client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
		got = append(got, readAll(t, e)...)
		slices.Sort(got)
		if diff := cmp.Diff(numbered(4), got); diff != "" || e.Progress().Skipped != 0 {
			t.Errorf("progress %+v, (-want +got):\n%s", e.Progress(), diff)
		}
	})
}

// TestBackfillRefusedID: an id that cannot be asked for holds up no other.
func TestBackfillRefusedID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{" 1", "..", strings.Repeat("9", 600), "a\u0001"} {
		server := ringsensetest.NewServer()
		server.AddCall(recordedCall("a", march, id), recordedCall("b", march.Add(time.Minute), "2"))
		server.Add(insightsOf("2"))
		e := server.Client().Backfill(backfillQuery)
		if diff := cmp.Diff([]string{"2"}, readAll(t, e)); diff != "" || e.Progress().Pending != 1 {
			t.Errorf("%.10q: %+v, (-want +got):\n%s", id, e.Progress(), diff)
		}
		resumed := server.Client().Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
		checkLocal(t, soleError(t, resumed.All(nil)), "Backfill", "context is nil") //nolint:staticcheck // what a caller may do wrong
	}
}

// TestBackfillNoAnswer: a recording for which no answer comes holds up no other,
// and two in a row end the export.
func TestBackfillNoAnswer(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]ringsensetest.Fault{
		"broken off": {CutAfter: -1},
		"silent":     {Delay: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for f.N = 1; f.N <= 2; f.N++ {
					server := callsWithInsights(4)
					f.Op = "RecordingInsights"
					server.Fail(f)
					client := server.Client(once())
					e := client.Backfill(backfillQuery)
					got, err := read(t, e, nil)
					if down := f.N == 2; down != errors.Is(err, ringsense.ErrUnavailable) || down != (err != nil) {
						t.Errorf("%d without an answer: got %v", f.N, err)
					}
					got = append(got, readAll(t, client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint())))...)
					slices.Sort(got)
					if diff := cmp.Diff(numbered(4), got); diff != "" {
						t.Errorf("%d without an answer (-want +got):\n%s", f.N, diff)
					}
					time.Sleep(time.Hour) // what is silent ends
				}
			})
		})
	}
}
