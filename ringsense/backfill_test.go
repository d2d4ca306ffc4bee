package ringsense_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
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

func insightsOf(id string) *ringsense.RecordingInsights {
	return &ringsense.RecordingInsights{
		SourceRecordID: id, Insights: ringsense.Insights{Summary: []ringsense.Insight{{Value: "About " + id}}},
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

// TestBackfillInterrupted: whatever the place, resuming loses nothing and
// doubles nothing, and Checkpoint covers the item at hand.
func TestBackfillInterrupted(t *testing.T) {
	t.Parallel()
	const n = 60
	late := []int{0, 7, 8, 59}
	var want []string
	for i, id := range numbered(n) {
		if !slices.Contains(late, i) {
			want = append(want, id)
		}
	}
	for seed := range uint64(20) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 1))
			server := callsWithInsights(n, late...)
			client := server.Client()
			q := backfillQuery
			q.PerPage = 1 + random.IntN(20)
			var got []string
			var opts []ringsense.BackfillOption
			for runs := 0; ; runs++ {
				e := client.Backfill(q, opts...)
				steps := 1 + random.IntN(12)
				ids, err := read(t, e, func(n int) bool { return n == steps })
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, ids...)
				p := e.Progress()
				if p.Items != len(got) || p.Skipped != 0 {
					t.Errorf("progress %+v after %d items", p, len(got))
				}
				if len(ids) < steps {
					if p.Pending != len(late) {
						t.Errorf("%d are pending, want %d", p.Pending, len(late))
					}
					break
				}
				if runs > n {
					t.Fatal("no end")
				}
				q.PerPage = 1 + random.IntN(20) // no part of what the query asks for
				opts = []ringsense.BackfillOption{ringsense.ResumeFrom(e.Checkpoint())}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

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

// TestBackfillOddAnswers: one recording that the service cannot serve holds up
// no other, and what concerns all of them ends the export.
func TestBackfillOddAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status  int
		body    string
		n       int
		want    error // nil if the others go on
		pending string
	}{
		"no code":            {404, `{}`, 1, nil, "no insights"},
		"page of a proxy":    {404, `<html>`, 1, nil, "no insights"},
		"unknown recording":  {404, `{"errors":[{"errorCode":"CMN-102"}]}`, 1, nil, "no insights"},
		"bad id":             {400, `{"errorCode":"CMN-101"}`, 1, nil, "does not accept"},
		"of another shape":   {200, `{"insights":7}`, 1, nil, "cannot be read"},
		"empty":              {200, ``, 1, nil, "cannot be read"},
		"failing":            {500, ``, 1, nil, "fails"},
		"failing twice":      {502, `<html>`, 2, ringsense.ErrUnavailable, ""},
		"empty twice":        {200, ``, 2, ringsense.ErrInvalidResponse, ""},
		"no such path":       {404, `{"errorCode":"AGW-404"}`, 1, ringsense.ErrNotFound, ""},
		"no scope":           {403, `{"errors":[{"errorCode":"CMN-401"}]}`, 1, ringsense.ErrScopeMissing, ""},
		"no permission":      {403, `{"errors":[{"errorCode":"RAH-3005"}]}`, 1, ringsense.ErrPermissionMissing, ""},
		"redirected":         {302, ``, 1, ringsense.ErrInvalidResponse, ""},
		"limited":            {429, ``, 1, ringsense.ErrRateLimited, ""},
		"refused for itself": {409, ``, 1, ringsense.ErrInvalidRequest, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // a limit lasts half a minute
				server := callsWithInsights(6)
				client := server.Client(ringsense.WithRetry(ringsense.RetryPolicy{MaxAttempts: 1}))
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
				// The third recording comes at the end, when it is asked for again.
				want := []string{"r000000", "r000001", "r000003", "r000004", "r000005", "r000002"}
				if diff := cmp.Diff(want, ids); diff != "" || err != nil {
					t.Errorf("error %v, (-want +got):\n%s", err, diff)
				}
			})
		})
	}
}

// TestBackfillCauses: what was given up says why.
func TestBackfillCauses(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"insights":7}`:               "cannot be read",
		`{"sourceRecordId":"r000000"}`: "not finished",
	} {
		server := manyCalls(2, time.Hour)
		server.Fail(ringsensetest.Fault{Op: "RecordingInsights", N: -1, Status: http.StatusOK, Body: body})
		e := server.Client().Backfill(backfillQuery, ringsense.GiveUpAfter(0))
		readAll(t, e)
		p := e.Progress()
		for cause, n := range p.Causes {
			if n != 2 || !strings.Contains(cause, want) {
				t.Errorf("got %d for %q, want 2 for %q", n, cause, want)
			}
		}
		if p.Skipped != 2 || len(p.Causes) != 1 {
			t.Errorf("got %+v", p)
		}
	}
}

// TestBackfillCancelled keeps what was reached, also while it asks again.
func TestBackfillCancelled(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(8, 2, 4, 6)
	client := server.Client()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	e := client.Backfill(backfillQuery)
	var got []string
	for r, err := range e.All(ctx) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			continue
		}
		if got = append(got, r.SourceRecordID); len(got) == 5 { // of those that are there
			server.Add(insightsOf("r000004"), insightsOf("r000006"))
		}
		if len(got) == 6 { // the first of those that came late
			cancel()
		}
	}
	p := e.Progress()
	if p.Items != 6 || p.Pending != 2 {
		t.Errorf("got %+v", p)
	}
	e = client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
	got = append(got, readAll(t, e)...)
	want := []string{"r000000", "r000001", "r000003", "r000005", "r000007", "r000004", "r000006"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p := e.Progress(); p.Items != 7 || p.Pending != 1 {
		t.Errorf("got %+v", p)
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

// TestBackfillEnd: a To that was left open stays what it was at the beginning.
func TestBackfillEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		start := time.Now()
		server.AddCall(recordedCall("a", start.Add(time.Minute), "1"))
		server.Add(insightsOf("1"), insightsOf("2"))
		time.Sleep(time.Hour)
		client := server.Client()
		q := ringsense.CallLogQuery{From: start}
		e := client.Backfill(q)
		time.Sleep(time.Hour)
		server.AddCall(recordedCall("b", start.Add(90*time.Minute), "2"))
		e = client.Backfill(q, ringsense.ResumeFrom(e.Checkpoint()))
		if diff := cmp.Diff([]string{"1"}, readAll(t, e)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if !e.Progress().At.Equal(start.Add(time.Hour)) {
			t.Errorf("ended at %v", e.Progress().At)
		}
	})
}

// TestBackfillClockBehind: a machine whose clock is behind may go on with an
// export whose end is now by the clock of another one.
func TestBackfillClockBehind(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(3)
	q := ringsense.CallLogQuery{From: march}
	checkpoint := server.Client().Backfill(q).Checkpoint()
	synctest.Test(t, func(t *testing.T) { // whose clock is at the year 2000
		server := callsWithInsights(3)
		if diff := cmp.Diff(numbered(3), readAll(t, server.Client().Backfill(q, ringsense.ResumeFrom(checkpoint)))); diff != "" {
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

// TestBackfillFailsWhileLookingBack: a resumed export reads some of the log
// again, and when that fails its place is still the one it came from.
func TestBackfillFailsWhileLookingBack(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(30)
	client := server.Client()
	e := client.Backfill(backfillQuery)
	got, err := read(t, e, func(n int) bool { return n == 20 })
	if err != nil {
		t.Fatal(err)
	}
	server.Fail(ringsensetest.Fault{Op: "CallRecordings"}) // one page as it is, and then
	server.Fail(ringsensetest.Fault{Op: "CallRecordings", Status: http.StatusForbidden, Body: `{"errorCode":"CMN-408"}`})
	e = client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint()))
	if ids, err := read(t, e, nil); !errors.Is(err, ringsense.ErrPermissionMissing) || len(ids) > 0 {
		t.Fatalf("got %v, %v", ids, err)
	}
	got = append(got, readAll(t, client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint())))...)
	if diff := cmp.Diff(numbered(30), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// wrongTime is a service that is wrong about when one of the calls began.
type wrongTime struct {
	next http.RoundTripper
	at   string
}

func (w wrongTime) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	changed := strings.ReplaceAll(string(body), w.at, "1990-01-01T00:00:00Z")
	answer.Body, answer.ContentLength = io.NopCloser(strings.NewReader(changed)), int64(len(changed))
	return answer, err
}

// TestBackfillWrongTime: a call that claims to be older than the place reached
// is not taken for one that was passed.
func TestBackfillWrongTime(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	wrong := march.Add(90 * time.Minute)
	server.AddCall(recordedCall("a", march.Add(10*time.Minute), "1"), recordedCall("b", wrong, "2"))
	server.Add(insightsOf("1"), insightsOf("2"))
	client := server.Client(ringsense.WithHTTPClient(&http.Client{
		Transport: wrongTime{inMemoryTransport(server), wrong.Format(time.RFC3339)},
	}))
	e := client.Backfill(backfillQuery)
	got, err := read(t, e, func(n int) bool { return n == 1 })
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, readAll(t, client.Backfill(backfillQuery, ringsense.ResumeFrom(e.Checkpoint())))...)
	if diff := cmp.Diff([]string{"1", "2"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCheckpointRefusals(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(1)
	client := server.Client()
	other, err := ringsense.NewClient(ringsense.JWT("a", "b", "c"), ringsense.WithAccount("77"))
	if err != nil {
		t.Fatal(err)
	}
	good := client.Backfill(backfillQuery).Checkpoint()
	open := client.Backfill(ringsense.CallLogQuery{From: march}).Checkpoint()
	signed := func(json string) callinsights.Checkpoint {
		text := base64.RawURLEncoding.EncodeToString([]byte(json))
		return callinsights.Checkpoint(fmt.Sprintf("ringsense-backfill-1.%08x.%s", crc32.ChecksumIEEE([]byte(text)), text))
	}
	query := func(change func(*ringsense.CallLogQuery)) ringsense.CallLogQuery {
		q := backfillQuery
		change(&q)
		return q
	}
	tests := map[string]struct {
		client     *ringsense.Client
		checkpoint callinsights.Checkpoint
		q          ringsense.CallLogQuery
		want       string
	}{
		"another start":     {client, good, query(func(q *ringsense.CallLogQuery) { q.From = q.From.Add(time.Second) }), "another query, whose From"},
		"another end":       {client, good, query(func(q *ringsense.CallLogQuery) { q.To = q.To.Add(time.Second) }), "another query, whose To"},
		"no end":            {client, good, query(func(q *ringsense.CallLogQuery) { q.To = time.Time{} }), "another query, whose To"},
		"an end":            {client, open, backfillQuery, "another query, whose To"},
		"another extension": {client, good, query(func(q *ringsense.CallLogQuery) { q.ExtensionID = "~" }), "another query, whose account or ExtensionID"},
		"another account":   {other, good, backfillQuery, "another query, whose account"},
		"another number":    {client, good, query(func(q *ringsense.CallLogQuery) { q.PhoneNumber = "+12125550101" }), "another query, whose filter"},
		"empty":             {client, "", backfillQuery, "no checkpoint of a backfill"},
		"of something else": {client, "eyJhIjoxfQ", backfillQuery, "no checkpoint of a backfill"},
		"cut short":         {client, good[:len(good)-3], backfillQuery, "cut short"},
		"only its name":     {client, "ringsense-backfill-1.", backfillQuery, "cut short"},
		"not base64":        {client, "ringsense-backfill-1.5f22a8a9.", backfillQuery, "damaged"},
		"not JSON":          {client, signed("x"), backfillQuery, "damaged"},
		"of another shape":  {client, signed(`{"state":{"pending":7}}`), backfillQuery, "damaged"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := len(server.Requests())
			steps := 0
			for _, err := range test.client.Backfill(test.q, ringsense.ResumeFrom(test.checkpoint)).All(t.Context()) {
				steps++
				checkRefusal(t, err, "Backfill", test.want)
			}
			if steps != 1 || len(server.Requests()) != before {
				t.Errorf("got %d steps", steps)
			}
		})
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
		checkRefusal(t, err, "Backfill", want)
	}
}

// TestCheckpoint: it is one word, without what the query looks for, and of the
// recordings it holds those that are pending alone.
func TestCheckpoint(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(40, 3)
	q := backfillQuery
	q.PhoneNumber = "+12125550101"
	e := server.Client().Backfill(q)
	readAll(t, e)
	text := string(e.Checkpoint())
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) || len(text) > 600 {
		t.Errorf("got %q", text)
	}
	data, err := base64.RawURLEncoding.DecodeString(text[strings.LastIndexByte(text, '.')+1:])
	if err != nil || strings.Contains(string(data), "555") || strings.Count(string(data), "r0000") != 1 {
		t.Errorf("got %s, %v", data, err)
	}
	resumed := server.Client().Backfill(q, ringsense.ResumeFrom(callinsights.Checkpoint(text+"\n")))
	if resumed.Checkpoint() != e.Checkpoint() {
		t.Error("resuming changes the checkpoint")
	}
	if diff := cmp.Diff(e.Progress(), resumed.Progress()); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

// TestBackfillWatched: progress may be looked at from elsewhere.
func TestBackfillWatched(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(50, 3)
	e := server.Client().Backfill(backfillQuery)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for last := 0; last < 49; last = e.Progress().Items {
			if e.Checkpoint() == "" || e.Progress().Items < last {
				t.Error("progress goes back")
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if got := readAll(t, e); len(got) != 49 {
		t.Errorf("got %d", len(got))
	}
	<-done
}

// TestBackfillWithinLimits: the client keeps to the limits of the call log and
// of insights at once, and loses no more time than they cost.
func TestBackfillWithinLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 400
		server := callsWithInsights(n)
		server.SetRateLimits(true)
		q := backfillQuery
		q.PerPage = 10
		start := time.Now()
		e := server.Client().Backfill(q)
		if diff := cmp.Diff(numbered(n), readAll(t, e)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		sent := map[string]int{}
		for _, r := range server.Requests() {
			sent[r.Op]++
		}
		if sent["RecordingInsights"] > n+1 {
			t.Errorf("%d requests for insights, want at most one that was refused", sent["RecordingInsights"])
		}
		took := time.Since(start)
		if took < n/50*time.Minute-time.Minute || took > 30*time.Minute {
			t.Errorf("%d requests for pages, %d for insights took %v", sent["CallRecordings"], sent["RecordingInsights"], took)
		}
	})
}

func FuzzResumeFrom(f *testing.F) {
	server := callsWithInsights(1)
	client := server.Client()
	good := string(client.Backfill(backfillQuery).Checkpoint())
	f.Add(good)
	f.Add(good[:20])
	f.Fuzz(func(t *testing.T, text string) {
		e := client.Backfill(backfillQuery, ringsense.ResumeFrom(callinsights.Checkpoint(text)))
		if strings.TrimSpace(text) == good {
			return
		}
		if _, err := read(t, e, nil); !errors.Is(err, ringsense.ErrInvalidRequest) {
			t.Errorf("got %v for %q", err, text)
		}
	})
}
