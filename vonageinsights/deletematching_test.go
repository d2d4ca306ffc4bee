package vonageinsights_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// ofAda are the sessions of a caller over three years.
var ofAda = vonageinsights.Query{
	From: may, To: may.AddDate(3, 0, 0),
	Filter: vonageinsights.Where(field.Source.Is("ada")), PageSize: 3,
}

// callers returns a fake with n sessions each of ada and bob, at the same times.
func callers(n int) *vonageinsightstest.Server {
	server := vonageinsightstest.NewServer()
	for i := range n {
		server.Add(sessionOf("ada", i), sessionOf("bob", i))
	}
	return server
}

func sessionOf(source string, i int) *vonageinsights.Session {
	at := may.AddDate(0, 0, 50*i).Add(24*time.Hour - time.Microsecond)
	return &vonageinsights.Session{ID: fmt.Sprintf("%s-%02d", source, i), SessionStartTime: at, Source: source}
}

// idsOfCaller lists what there is, ascending.
func idsOfCaller(source string, from, to int) []string {
	list := []string{}
	for i := from; i < to; i++ {
		list = append(list, sessionOf(source, i).ID)
	}
	return list
}

// left are the ids of all that is there.
func left(t *testing.T, server *vonageinsightstest.Server) []string {
	t.Helper()
	all := ids(t, server.Client(), vonageinsights.Query{From: ofAda.From, To: ofAda.To})
	slices.Sort(all)
	return all
}

// deletions counts the requests to delete.
func deletions(server *vonageinsightstest.Server) (n int) {
	for _, request := range server.Requests() {
		if request.Method == http.MethodDelete {
			n++
		}
	}
	return n
}

func TestDeleteMatching(t *testing.T) {
	t.Parallel()
	all := vonageinsights.Query{From: ofAda.From, To: ofAda.To}
	with := func(change func(*vonageinsights.Query)) vonageinsights.Query {
		q := ofAda
		change(&q)
		return q
	}
	tests := map[string]struct {
		query vonageinsights.Query
		opts  []vonageinsights.DeleteOption
		want  vonageinsights.Deletion
		left  []string
	}{
		"filter":        {ofAda, nil, vonageinsights.Deletion{Matched: 20, Deleted: 20}, idsOfCaller("bob", 0, 20)},
		"newest first":  {with(func(q *vonageinsights.Query) { q.SortBy = []field.Order{field.SessionStartTime.Desc()} }), nil, vonageinsights.Deletion{Matched: 20, Deleted: 20}, idsOfCaller("bob", 0, 20)},
		"other fields":  {with(func(q *vonageinsights.Query) { q.Fields = []field.Path{field.Source} }), nil, vonageinsights.Deletion{Matched: 20, Deleted: 20}, idsOfCaller("bob", 0, 20)},
		"part of range": {with(func(q *vonageinsights.Query) { q.To = q.From.AddDate(0, 0, 101) }), nil, vonageinsights.Deletion{Matched: 3, Deleted: 3}, append(idsOfCaller("ada", 3, 20), idsOfCaller("bob", 0, 20)...)},
		"no match":      {with(func(q *vonageinsights.Query) { q.Filter = vonageinsights.Where(field.Source.Is("eve")) }), nil, vonageinsights.Deletion{}, append(idsOfCaller("ada", 0, 20), idsOfCaller("bob", 0, 20)...)},
		"all":           {all, []vonageinsights.DeleteOption{vonageinsights.AllowDeletingAll()}, vonageinsights.Deletion{Matched: 40, Deleted: 40}, []string{}},
		"a raw clause": {with(func(q *vonageinsights.Query) {
			q.Filter = vonageinsights.Where(field.Raw([]byte(`{"term":{"source":"ada"}}`)))
		}), nil, vonageinsights.Deletion{Matched: 20, Deleted: 20}, idsOfCaller("bob", 0, 20)},
		"none of bob":   {with(func(q *vonageinsights.Query) { q.Filter = vonageinsights.Where().Not(field.Source.Is("bob")) }), nil, vonageinsights.Deletion{Matched: 20, Deleted: 20}, idsOfCaller("bob", 0, 20)},
		"any of ada":    {with(func(q *vonageinsights.Query) { q.Filter = vonageinsights.Where().Any(field.Source.Is("ada")) }), nil, vonageinsights.Deletion{Matched: 20, Deleted: 20}, idsOfCaller("bob", 0, 20)},
		"all, filtered": {ofAda, []vonageinsights.DeleteOption{vonageinsights.AllowDeletingAll()}, vonageinsights.Deletion{Matched: 20, Deleted: 20}, idsOfCaller("bob", 0, 20)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := callers(20)
			client, before := server.Client(), left(t, server)
			var listed, deleted []string
			opts := append(test.opts,
				vonageinsights.OnListed(func(id string, startedAt time.Time) { listed = append(listed, id+startedAt.String()) }),
				vonageinsights.OnDeleted(func(id string, startedAt time.Time, gone bool) {
					if len(listed) != test.want.Matched || gone {
						t.Errorf("%s is deleted after %d were listed, gone %v", id, len(listed), gone)
					}
					deleted = append(deleted, id+startedAt.String())
				}))

			dry, err := client.DeleteMatching(t.Context(), test.query, append(opts, vonageinsights.DryRun())...)
			if want := (vonageinsights.Deletion{Matched: test.want.Matched}); err != nil || dry != want {
				t.Errorf("dry run: got %+v, %v, want %+v", dry, err, want)
			}
			if n := deletions(server); n > 0 || len(deleted) > 0 {
				t.Errorf("the dry run sent %d deletions", n)
			}
			if diff := cmp.Diff(before, left(t, server)); diff != "" {
				t.Errorf("after the dry run (-want +got):\n%s", diff)
			}
			plan := listed
			listed = nil

			got, err := client.DeleteMatching(t.Context(), test.query, opts...)
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
			if diff := cmp.Diff(plan, deleted); diff != "" {
				t.Errorf("the dry run and what was deleted (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.left, left(t, server)); diff != "" {
				t.Errorf("what is left (-want +got):\n%s", diff)
			}
			if again, err := client.DeleteMatching(t.Context(), test.query, test.opts...); err != nil || again != (vonageinsights.Deletion{}) {
				t.Errorf("again: got %+v, %v, want nothing", again, err)
			}
		})
	}
}

func TestDeleteMatchingRefuses(t *testing.T) {
	t.Parallel()
	with := func(change func(*vonageinsights.Query)) vonageinsights.Query {
		q := ofAda
		change(&q)
		return q
	}
	filter := func(f vonageinsights.Filter) vonageinsights.Query {
		return with(func(q *vonageinsights.Query) { q.Filter = f })
	}
	tests := map[string]struct {
		query vonageinsights.Query
		opt   vonageinsights.DeleteOption
		says  string
	}{
		"no filter":          {filter(vonageinsights.Filter{}), vonageinsights.OnListed(func(string, time.Time) {}), "option AllowDeletingAll"},
		"no filter, dry run": {filter(vonageinsights.Filter{}), vonageinsights.DryRun(), "option AllowDeletingAll"},
		"empty lists":        {filter(vonageinsights.Filter{Must: []field.Clause{}, MustNot: []field.Clause{}, Should: []field.Clause{}}), vonageinsights.DryRun(), "option AllowDeletingAll"},
		"Where of nothing":   {filter(vonageinsights.Where().Not().Any()), vonageinsights.DryRun(), "option AllowDeletingAll"},
		"raw of nothing":     {filter(vonageinsights.Where(field.Raw([]byte(` { } `)))), vonageinsights.DryRun(), "option AllowDeletingAll"},
		"raw of all":         {filter(vonageinsights.Where(field.Raw([]byte(`{"match_all":{"boost":1}}`)))), vonageinsights.DryRun(), "option AllowDeletingAll"},
		"any of all":         {filter(vonageinsights.Where().Any(field.Source.Is("ada"), field.Raw([]byte(`{}`)))), vonageinsights.DryRun(), "option AllowDeletingAll"},
		"empty clause":       {filter(vonageinsights.Where(field.Clause{})), vonageinsights.DryRun(), "must[0]"},
		"no range":           {vonageinsights.Query{Filter: ofAda.Filter}, vonageinsights.DryRun(), "no From"},
		"upside down":        {with(func(q *vonageinsights.Query) { q.To = q.From.Add(-1) }), vonageinsights.DryRun(), "From is after its To"},
		"page":               {with(func(q *vonageinsights.Query) { q.PageNumber = 2 }), vonageinsights.DryRun(), "DeleteMatching finds its pages itself"},
		"order":              {with(func(q *vonageinsights.Query) { q.SortBy = []field.Order{field.Source.Asc()} }), vonageinsights.DryRun(), "DeleteMatching goes by session_start_time alone"},
		"filter too long":    {filter(vonageinsights.Where(field.Source.Is(strings.Repeat("x", 9000)))), vonageinsights.DryRun(), "of them its filter"},
		"nil option":         {ofAda, nil, "option 2 is nil"},
		"OnListed of nil":    {ofAda, vonageinsights.OnListed(nil), "OnListed: the function is nil"},
		"OnDeleted of nil":   {ofAda, vonageinsights.OnDeleted(nil), "OnDeleted: the function is nil"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := callers(2)
			none := vonageinsights.OnDeleted(func(string, time.Time, bool) { t.Error("something was deleted") })
			got, err := server.Client().DeleteMatching(t.Context(), test.query, none, test.opt)
			if got != (vonageinsights.Deletion{}) {
				t.Errorf("got %+v", got)
			}
			checkRefused(t, err, "DeleteMatching", test.says)
			if sent := server.Requests(); len(sent) > 0 {
				t.Errorf("%d requests were sent", len(sent))
			}
		})
	}
	var none context.Context
	_, err := callers(1).Client().DeleteMatching(none, ofAda)
	checkRefused(t, err, "DeleteMatching", "the context is nil")
}

// stopping interrupts its caller at one request, before or after it is dealt
// with, and counts the sessions that were deleted.
type stopping struct {
	http.Handler
	at, seen int
	after    bool
	stop     func()
	deleted  map[string]int
}

func (s *stopping) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.seen++
	now := s.seen == s.at
	if now && !s.after {
		s.interrupt()
	}
	if r.Method == http.MethodDelete {
		w = &noting{w, func() { s.deleted[r.URL.Path]++ }}
	}
	s.Handler.ServeHTTP(w, r)
	if now {
		s.interrupt()
	}
}

// interrupt stops the caller, who is gone when the request ends without an answer.
func (s *stopping) interrupt() {
	s.stop()
	time.Sleep(time.Second)
	panic(http.ErrAbortHandler)
}

// noting notes an answer of 204, and keeps it until the handler ends.
type noting struct {
	http.ResponseWriter
	done func()
}

func (n *noting) WriteHeader(status int) {
	if status == http.StatusNoContent {
		n.done()
		return
	}
	n.ResponseWriter.WriteHeader(status)
}

// TestDeleteMatchingInterrupted stops it at each of its requests, and repeats it:
// each session that matches is deleted once and all else stays.
func TestDeleteMatchingInterrupted(t *testing.T) {
	t.Parallel()
	const n = 7
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			finished := false
			synctest.Test(t, func(t *testing.T) {
				server := callers(n)
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				s := &stopping{Handler: server, at: at, after: after, stop: stop, deleted: map[string]int{}}
				client := through(t, s)
				got, err := client.DeleteMatching(ctx, ofAda)
				time.Sleep(time.Minute) // until the interrupted request has ended, too
				finished = s.seen < at
				switch {
				case finished && err != nil || !finished && !errors.Is(err, context.Canceled):
					t.Fatalf("at %d: %v", at, err)
				case got.Deleted+got.Gone > len(s.deleted) || len(s.deleted)-got.Deleted > 1:
					t.Errorf("at %d: got %+v after %d deletions", at, got, len(s.deleted))
				case len(s.deleted) > 0 && got.Matched != n:
					t.Errorf("at %d: deleted before all were listed: %+v", at, got)
				}
				deleted := len(s.deleted)
				s.at = 0
				rest, err := client.DeleteMatching(t.Context(), ofAda)
				if want := (vonageinsights.Deletion{Matched: n - deleted, Deleted: n - deleted}); err != nil || rest != want {
					t.Errorf("at %d: the repeat got %+v, %v, want %+v", at, rest, err, want)
				}
				if diff := cmp.Diff(idsOfCaller("bob", 0, n), left(t, server)); diff != "" {
					t.Errorf("at %d: what is left (-want +got):\n%s", at, diff)
				}
				for path, times := range s.deleted {
					if times != 1 {
						t.Errorf("at %d: %s was deleted %d times", at, path, times)
					}
				}
			})
			if finished {
				if at < 2*n {
					t.Errorf("it was finished after %d requests", at-1)
				}
				break
			}
		}
	}
}

// TestDeleteMatchingWhileOthersWrite: what was added when the list was made
// stays, until the call is repeated, and what somebody else deleted is gone.
func TestDeleteMatchingWhileOthersWrite(t *testing.T) {
	t.Parallel()
	server := callers(5)
	client, gone := server.Client(), []string{}
	more := vonageinsights.OnDeleted(func(id string, _ time.Time, was bool) {
		if id == "ada-01" {
			server.Add(sessionOf("ada", 7), sessionOf("bob", 7))
			server.Remove("ada-02", "ada-04")
		}
		if was {
			gone = append(gone, id)
		}
	})
	got, err := client.DeleteMatching(t.Context(), ofAda, more)
	if want := (vonageinsights.Deletion{Matched: 5, Deleted: 3, Gone: 2}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if diff := cmp.Diff([]string{"ada-02", "ada-04"}, gone); diff != "" {
		t.Errorf("what was gone (-want +got):\n%s", diff)
	}
	want := append(idsOfCaller("bob", 0, 5), "bob-07")
	if diff := cmp.Diff(append([]string{"ada-07"}, want...), left(t, server)); diff != "" {
		t.Errorf("after the first (-want +got):\n%s", diff)
	}
	got, err = client.DeleteMatching(t.Context(), ofAda)
	if want := (vonageinsights.Deletion{Matched: 1, Deleted: 1}); err != nil || got != want {
		t.Errorf("the repeat: got %+v, %v, want %+v", got, err, want)
	}
	if diff := cmp.Diff(want, left(t, server)); diff != "" {
		t.Errorf("after the repeat (-want +got):\n%s", diff)
	}
}

// TestDeleteMatchingWhenItFails: passing faults are repeated, others end it with
// the counts so far.
func TestDeleteMatchingWhenItFails(t *testing.T) {
	t.Parallel()
	status := func(op string, status, n int) vonageinsightstest.Fault {
		return vonageinsightstest.Fault{Op: op, Status: status, N: n}
	}
	tests := map[string]struct {
		fault vonageinsightstest.Fault
		after int // deletions before it
		want  vonageinsights.Deletion
		kind  error
		op    string
		left  int
	}{
		"429":                   {status("DeleteSession", 429, 2), 2, vonageinsights.Deletion{Matched: 5, Deleted: 5}, nil, "", 0},
		"503":                   {status("DeleteSession", 503, 2), 2, vonageinsights.Deletion{Matched: 5, Deleted: 5}, nil, "", 0},
		"503 of the list":       {status("Search", 503, 2), 0, vonageinsights.Deletion{Matched: 5, Deleted: 5}, nil, "", 0},
		"503 for ever":          {status("DeleteSession", 503, -1), 2, vonageinsights.Deletion{Matched: 5, Deleted: 2}, vonageinsights.ErrUnavailable, "DeleteSession", 3},
		"401 of the list":       {status("Search", 401, 1), 0, vonageinsights.Deletion{}, vonageinsights.ErrUnauthorized, "Search", 5},
		"404 of the list":       {status("Search", 404, 1), 0, vonageinsights.Deletion{}, vonageinsights.ErrNotFound, "Search", 5},
		"401 of a deletion":     {status("DeleteSession", 401, 1), 3, vonageinsights.Deletion{Matched: 5, Deleted: 3}, vonageinsights.ErrInvalidRequest, "DeleteSession", 2},
		"403 of a deletion":     {status("DeleteSession", 403, 1), 0, vonageinsights.Deletion{Matched: 5}, vonageinsights.ErrForbidden, "DeleteSession", 5},
		"answer lost":           {vonageinsightstest.Fault{Op: "DeleteSession", CutAfter: -1}, 1, vonageinsights.Deletion{Matched: 5, Deleted: 5}, nil, "", 0},
		"list that breaks off":  {vonageinsightstest.Fault{Op: "Search", CutAfter: 60}, 0, vonageinsights.Deletion{Matched: 5, Deleted: 5}, nil, "", 0},
		"second page forbidden": {vonageinsightstest.Fault{Op: "Search", Status: 403}, -1, vonageinsights.Deletion{Matched: 3}, vonageinsights.ErrForbidden, "Search", 5},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := callers(5)
				if test.after == 0 {
					server.Fail(test.fault)
				}
				n := 0
				at := func(when int) {
					if when == test.after {
						server.Fail(test.fault)
					}
				}
				got, err := server.Client().DeleteMatching(t.Context(), allWithinAPage(test.after >= 0),
					vonageinsights.OnListed(func(id string, _ time.Time) {
						if id == "ada-02" {
							at(-1)
						}
					}),
					vonageinsights.OnDeleted(func(string, time.Time, bool) { n++; at(n) }))
				if got != test.want || !errors.Is(err, test.kind) {
					t.Errorf("got %+v, %v, want %+v, %v", got, err, test.want, test.kind)
				}
				if failed, ok := errors.AsType[*vonageinsights.Error](err); ok != (test.op != "") || ok && failed.Op != test.op {
					t.Errorf("got the error %v, want one of %q", err, test.op)
				}
				want := append(idsOfCaller("ada", 5-test.left, 5), idsOfCaller("bob", 0, 5)...)
				if diff := cmp.Diff(want, remaining(t, server, 5)); diff != "" {
					t.Errorf("what is left (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestDeleteMatchingWhenAnAnswerIsLost: the session is gone, and counted so.
func TestDeleteMatchingWhenAnAnswerIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := ofAda
		q.To = q.From.AddDate(0, 0, 55)
		server := callers(3)
		lost := &stopping{Handler: server, at: 2, after: true, stop: func() {}, deleted: map[string]int{}}
		got, err := through(t, lost).DeleteMatching(t.Context(), q)
		if want := (vonageinsights.Deletion{Matched: 2, Deleted: 1, Gone: 1}); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	})
}

// allWithinAPage is the query, with its answer on one page or on several.
func allWithinAPage(one bool) vonageinsights.Query {
	q := ofAda
	if one {
		q.PageSize = 100
	}
	return q
}

// remaining asks the fake for each session, as faults may hold up searches.
func remaining(t *testing.T, server *vonageinsightstest.Server, n int) []string {
	t.Helper()
	there := map[string]bool{}
	client := server.Client(vonageinsights.WithRetry(vonageinsights.RetryPolicy{MaxAttempts: 1}))
	for _, id := range append(idsOfCaller("ada", 0, n), idsOfCaller("bob", 0, n)...) {
		if _, err := client.FindSession(t.Context(), id); err == nil {
			there[id] = true
		}
	}
	return slices.Sorted(maps.Keys(there))
}

// TestDeleteMatchingWithoutAnAnswer: what code of the user's calls "not found" is
// no session that is gone.
func TestDeleteMatchingWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	lost := fmt.Errorf("the vault has no such secret: %w", vonageinsights.ErrNotFound)
	server := callers(3)
	asked, sent := 0, 0
	for name, client := range map[string]*vonageinsights.Client{
		"the key": server.Client(vonageinsights.WithAPIKeyFunc(func(context.Context) (string, error) {
			if asked++; asked > 1 {
				return "", lost
			}
			return vonageinsightstest.APIKey, nil
		})),
		"the transport": onWire(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			if sent++; sent > 1 {
				return nil, lost
			}
			return respond(http.StatusOK, `{"total":1,"hits":[{"id":"ada-00","session_start_time":"2031-05-01T09:00:00"}]}`)(r)
		}), vonageinsights.WithRetry(vonageinsights.RetryPolicy{MaxAttempts: 1})),
	} {
		q := allWithinAPage(true)
		q.To = q.From.AddDate(0, 0, 40)
		got, err := client.DeleteMatching(t.Context(), q)
		if want := (vonageinsights.Deletion{Matched: 1}); got != want || !errors.Is(err, vonageinsights.ErrUnavailable) || errors.Is(err, vonageinsights.ErrNotFound) {
			t.Errorf("%s: got %+v, %v, want %+v and an ErrUnavailable alone", name, got, err, want)
		}
	}
}

// TestDeleteMatchingOfWhatIsRefused: sessions that cannot be deleted hold up none
// of the others.
func TestDeleteMatchingOfWhatIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int // of the service; 0 for an id that this package refuses
		want   vonageinsights.Deletion
		left   []string
	}{
		"an odd id": {0, vonageinsights.Deletion{Matched: 4, Deleted: 3, Refused: 1}, []string{"ada/00"}},
		"400":       {400, vonageinsights.Deletion{Matched: 3, Deleted: 2, Refused: 1}, []string{"ada-00"}},
		"422":       {422, vonageinsights.Deletion{Matched: 3, Deleted: 2, Refused: 1}, []string{"ada-00"}},
		"405":       {405, vonageinsights.Deletion{Matched: 3}, []string{"ada-00", "ada-01", "ada-02"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := callers(3)
			if test.status == 0 {
				server.Add(&vonageinsights.Session{ID: "ada/00", SessionStartTime: may, Source: "ada"})
			} else {
				server.Fail(vonageinsightstest.Fault{Op: "DeleteSession", Status: test.status})
			}
			var deleted []string
			got, err := server.Client().DeleteMatching(t.Context(), ofAda,
				vonageinsights.OnDeleted(func(id string, _ time.Time, _ bool) { deleted = append(deleted, id) }))
			if failed, ok := errors.AsType[*vonageinsights.Error](err); got != test.want || !ok || failed.Op != "DeleteSession" || !errors.Is(err, vonageinsights.ErrInvalidRequest) {
				t.Errorf("got %+v, %v, want %+v and the refusal", got, err, test.want)
			}
			if len(deleted) != test.want.Deleted {
				t.Errorf("OnDeleted got %v", deleted)
			}
			if diff := cmp.Diff(append(test.left, idsOfCaller("bob", 0, 3)...), left(t, server)); diff != "" {
				t.Errorf("what is left (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDeleteMatchingIsObserved by the names of what it is made of.
func TestDeleteMatchingIsObserved(t *testing.T) {
	t.Parallel()
	var ops []string
	observer := vonageinsights.WithObserver(func(_ context.Context, o vonageinsights.Observation) { ops = append(ops, o.Op) })
	client := callers(2).Client(observer)
	for _, q := range []vonageinsights.Query{allWithinAPage(true), {}} {
		_, _ = client.DeleteMatching(t.Context(), q)
	}
	slices.Sort(ops)
	if diff := cmp.Diff([]string{"DeleteMatching", "DeleteSession", "Search"}, slices.Compact(ops)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
