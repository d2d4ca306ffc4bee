package vonageinsightstest_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

func TestRemove(t *testing.T) {
	t.Parallel()
	server := newServer(t, calls...)
	server.Remove("oil", "unknown", "oil", "air")
	if diff := gocmp.Diff([]string{"gas"}, search(t, server)); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
	answer, body := call{target: root + "/search/oil"}.send(t, server)
	checkRefusal(t, answer, body, http.StatusNotFound, "Session not found")
	if err := server.AddJSON([]byte(calls[1])); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff([]string{"gas", "oil"}, search(t, server)); diff != "" {
		t.Errorf("added again (-want +got):\n%s", diff)
	}
}

// TestDeletedForGood: what a session was to get later does not bring it back, and its
// file goes with it.
func TestDeletedForGood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := withRecording(t, recordedSession, vonageinsightstest.Recording{Kind: vonageinsights.RecordingPath, After: time.Minute})
		answer, _ := call{http.MethodDelete, root + "/a%2F1?session_start_time=2031-05-01", ""}.send(t, server)
		if answer.StatusCode != http.StatusNoContent {
			t.Fatalf("got %s", answer.Status)
		}
		time.Sleep(time.Minute)
		for _, later := range []call{{target: root + "/a%2F1"}, {target: "/recordings/x/a%2F1.mp3", key: "-"}} {
			if answer, _ := later.send(t, server); answer.StatusCode != http.StatusNotFound {
				t.Errorf("%s: got %s, want 404", later.target, answer.Status)
			}
		}
	})
}

// TestAddAfter: late sessions are unknown, then as if they were added then.
func TestAddAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
		session := func(id string) *vonageinsights.Session {
			return &vonageinsights.Session{ID: id, SessionStartTime: start}
		}
		server := vonageinsightstest.NewServer()
		changed := session("minute")
		server.AddAfter(time.Hour, session("hour"), session("removed"))
		server.AddAfter(time.Minute, changed, session("removed"))
		server.AddAfter(0, session("now"))
		changed.ID = "changed"
		server.Add(session("first"))
		for _, step := range []struct {
			after time.Duration
			want  string
		}{
			{0, "now first"},
			{time.Minute - 1, "now first"},
			{1, "now first minute removed"},
			{time.Hour, "now first minute hour"},
		} {
			time.Sleep(step.after)
			if diff := gocmp.Diff(strings.Fields(step.want), search(t, server)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, target := range []string{"/hour?session_start_time=2026-03-02", "/search/hour"} {
				answer, _ := call{target: root + target}.send(t, server)
				if found := answer.StatusCode == http.StatusOK; found != strings.Contains(step.want, "hour") {
					t.Errorf("%s: got %s", target, answer.Status)
				}
			}
			if strings.Contains(step.want, "removed") {
				server.Remove("removed") // also the one that is still to come
			}
		}
	})
}

// during is a writer that does something while an answer is being sent.
type during struct {
	*httptest.ResponseRecorder
	do func()
}

func (d *during) Write(p []byte) (int, error) {
	if d.do != nil {
		d.do()
		d.do = nil
	}
	return d.ResponseRecorder.Write(p)
}

// TestPageIsSnapshot: what changes while a page is sent is seen by the next.
func TestPageIsSnapshot(t *testing.T) {
	t.Parallel()
	for _, sort := range []string{"", "session_start_time:desc,id:asc"} {
		t.Run("sorted "+sort, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, calls...)
			before := search(t, server, "sort_by", sort)
			w := &during{ResponseRecorder: httptest.NewRecorder(), do: func() {
				server.Remove("gas", "oil")
				if err := server.AddJSON([]byte(`{"id":"new","session_start_time":"2026-03-01"}`)); err != nil {
					t.Error(err)
				}
			}}
			target := root + "?" + encoded("from_date", "2026-03-01", "to_date", "2026-03-31", "sort_by", sort)
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
			req.Header.Set("X-Vgai-Key", vonageinsightstest.APIKey)
			server.ServeHTTP(w, req)
			var got []string
			for _, hit := range decodePage(t, w.Body.String()).Hits {
				got = append(got, hit.ID)
			}
			if diff := gocmp.Diff(before, got); diff != "" {
				t.Errorf("the page (-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff([]string{"air", "new"}, search(t, server)); diff != "" {
				t.Errorf("the next one (-want +got):\n%s", diff)
			}
		})
	}
}

// TestChangesWhilePaging says nothing itself: the race detector does.
func TestChangesWhilePaging(t *testing.T) {
	t.Parallel()
	server := newServer(t, calls...)
	var running sync.WaitGroup
	for worker := range 4 {
		running.Go(func() {
			for i := range 20 {
				id := strconv.Itoa(worker*100 + i)
				start := time.Date(2026, time.March, 1+i%20, worker, 0, 0, 0, time.UTC)
				server.Add(&vonageinsights.Session{ID: id, SessionStartTime: start})
				server.AddAfter(time.Microsecond, &vonageinsights.Session{ID: id + "-late", SessionStartTime: start})
				search(t, server, "sort_by", "session_start_time:asc", "filter_by", `{"must_not":[{"term":{"status":"open"}}]}`)
				search(t, server, "sort_by", "status:asc")
				server.Remove(id)
			}
		})
	}
	running.Wait()
	if got := search(t, server); len(got) < len(calls) || len(got) > len(calls)+80 {
		t.Errorf("got %d sessions", len(got))
	}
}

// entry is a session of the plain evaluation that the fake is held against.
type entry struct {
	id    string
	start time.Time
	place int
}

// plain is what a search finds, written as plainly as possible.
func plain(all map[string]entry, first, last time.Time, precision time.Duration, sort string) []string {
	var found []entry
	for _, e := range all {
		e.start = e.start.Truncate(precision)
		if !e.start.Before(first.Truncate(precision)) && !e.start.After(last.Truncate(precision)) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b entry) int {
		byStart, byID, byPlace := a.start.Compare(b.start), cmp.Compare(a.id, b.id), cmp.Compare(a.place, b.place)
		switch sort {
		case "session_start_time:asc,id:asc":
			return cmp.Or(byStart, byID)
		case "session_start_time:desc,id:asc":
			return cmp.Or(-byStart, byID)
		case "session_start_time:desc":
			return cmp.Or(-byStart, byPlace)
		case "id:desc":
			return -byID
		}
		return byPlace
	})
	ids := make([]string, 0, len(found))
	for _, e := range found {
		ids = append(ids, e.id)
	}
	return ids
}

// TestPagesAreThePlainResult: whatever was added, replaced and removed, in any
// order, the pages of a search are together the plain result.
func TestPagesAreThePlainResult(t *testing.T) {
	t.Parallel()
	base := time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
	for seed := range uint64(16) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 5))
			moment := func() time.Time { return base.Add(time.Duration(r.IntN(20)) * 300 * time.Microsecond) }
			server, all, places := vonageinsightstest.NewServer(), map[string]entry{}, 0
			for range 150 {
				id := strconv.Itoa(r.IntN(60))
				if r.IntN(4) == 0 {
					server.Remove(id)
					delete(all, id)
					continue
				}
				e, known := all[id]
				if !known {
					places++
					e = entry{id: id, place: places}
				}
				if !known || r.IntN(2) == 0 {
					e.start = moment()
				}
				all[id] = e
				server.Add(&vonageinsights.Session{ID: id, SessionStartTime: e.start})
				if r.IntN(8) > 0 {
					continue // most changes are seen together
				}
				checkPages(t, server, all, r, moment)
			}
			checkPages(t, server, all, r, moment)
		})
	}
}

func checkPages(t *testing.T, server *vonageinsightstest.Server, all map[string]entry, r *rand.Rand, moment func() time.Time) {
	t.Helper()
	const layout = "2006-01-02T15:04:05.000000"
	first, last := moment(), moment()
	if last.Before(first) {
		first, last = last, first
	}
	precision := []time.Duration{time.Microsecond, time.Millisecond}[r.IntN(2)]
	server.SetPrecision(precision)
	for _, sort := range []string{"", "session_start_time:asc,id:asc", "session_start_time:desc,id:asc", "session_start_time:desc", "id:desc"} {
		got, size := []string{}, 1+r.IntN(9)
		for number := 0; ; number++ {
			page := search(t, server, "from_date", first.Format(layout), "to_date", last.Format(layout), "sort_by", sort,
				"page_size", strconv.Itoa(size), "page_number", strconv.Itoa(number))
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
		}
		if diff := gocmp.Diff(plain(all, first, last, precision, sort), got); diff != "" {
			t.Errorf("%v to %v by %v, sorted %q (-want +got):\n%s", first, last, precision, sort, diff)
		}
	}
}
