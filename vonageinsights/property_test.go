package vonageinsights_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// TestReadsAllOfARange compares reads of random sessions, of which many share a
// millisecond, by every way there is to read them, with an evaluation in memory.
func TestReadsAllOfARange(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(rand.New(rand.NewPCG(seed, 5)), false)
				got := w.read(t)
				if diff := cmp.Diff(idsOf(maps.Keys(w.wanted)), idsOf(slices.Values(got))); diff != "" {
					t.Errorf("%s (-want +got):\n%s", w, diff)
				}
			})
		})
	}
}

// TestReadsWhileSessionsComeAndGo: what was there all the time is read once,
// whatever is added and removed meanwhile, and nothing else than what was there
// at some time.
func TestReadsWhileSessionsComeAndGo(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(rand.New(rand.NewPCG(seed, 6)), true)
				got := w.read(t)
				for _, s := range got {
					if !w.wanted[s] && !w.passing[s] {
						t.Errorf("%s: %s should not be there", w, s.id)
					}
				}
				for s := range w.wanted {
					if !w.passing[s] && !slices.Contains(got, s) {
						t.Errorf("%s: %s was lost", w, s.id)
					}
				}
			})
		})
	}
}

// row is a session of a world.
type row struct {
	id     string
	at     time.Time
	status vonageinsights.Status
	source string
	said   string    // words
	tags   [2]string // each of the category of its place
}

func (s row) session() *vonageinsights.Session {
	session := &vonageinsights.Session{
		ID: s.id, SessionStartTime: s.at, Status: s.status, Source: s.source,
		Transcription: []vonageinsights.Utterance{{SpeakerKey: "agent", Text: "red green blue"}, {SpeakerKey: "client", Text: s.said}},
	}
	for i, tag := range s.tags {
		session.FlowData.CollectedTags = append(session.FlowData.CollectedTags, vonageinsights.Tag{Tag: tag, Category: strconv.Itoa(i)})
	}
	return session
}

// kind is a clause, and whether it wants a session.
type kind struct {
	clause field.Clause
	wants  func(row) bool
}

func kinds() []kind {
	return []kind{
		{field.Status.Is(string(vonageinsights.StatusEnded)), func(s row) bool { return s.status == vonageinsights.StatusEnded }},
		{field.Source.Is("1"), func(s row) bool { return s.source == "1" }},
		{field.Source.Is("2"), func(s row) bool { return s.source == "2" }},
		{field.TranscriptionClient.Matches("Red, GREEN!"), func(s row) bool {
			return strings.Contains(s.said, "red") || strings.Contains(s.said, "green")
		}},
		{field.FlowDataCollectedTagsTag.Is("gold"), func(s row) bool { return slices.Contains(s.tags[:], "gold") }},
		{field.FlowDataCollectedTagsCategory.Is("7"), func(row) bool { return false }},
	}
}

// world is a fake with random sessions and a random query for some of them.
type world struct {
	r        *rand.Rand
	server   *vonageinsightstest.Server
	rows     []row
	query    vonageinsights.Query
	matches  func(row) bool
	changing bool
	how      []string
	// wanted are the sessions that the query has, and passing those that were
	// not there all the time.
	wanted, passing map[row]bool
}

func newWorld(r *rand.Rand, changing bool) *world {
	w := &world{r: r, server: vonageinsightstest.NewServer(), changing: changing, wanted: map[row]bool{}, passing: map[row]bool{}}
	length := []time.Duration{0, 3 * time.Millisecond, time.Hour, 59 * 24 * time.Hour, 200 * 24 * time.Hour, 3 * 365 * 24 * time.Hour}[r.IntN(6)]
	w.query.From = may.Add(time.Duration(r.IntN(3000)) * time.Microsecond)
	w.query.To = w.query.From.Add(length + time.Duration(r.IntN(3000))*time.Microsecond)
	w.query.PageSize = 1 + r.IntN(12)
	if r.IntN(2) == 0 {
		w.query.SortBy = []field.Order{field.SessionStartTime.Desc()}
	}
	w.chooseFilter()
	w.server.SetMaxPageSize(r.IntN(8))
	w.server.SetExclusiveEnds(r.IntN(2) == 0)
	if r.IntN(2) == 0 {
		w.server.SetPrecision(time.Millisecond)
	}
	near := []time.Duration{0, time.Microsecond, 300 * time.Microsecond, time.Millisecond, length / 50}
	at := w.query.From.Add(-time.Duration(r.IntN(2000)) * time.Microsecond)
	for range r.IntN(70) {
		w.add(at)
		at = at.Add(near[r.IntN(len(near))])
	}
	for _, end := range []time.Time{w.query.From, w.query.To} {
		for range r.IntN(6) {
			w.add(end.Add(time.Duration(r.IntN(5)-2) * []time.Duration{time.Microsecond, time.Millisecond / 2}[r.IntN(2)]))
		}
	}
	return w
}

// chooseFilter fills the three groups of a filter at random.
func (w *world) chooseFilter() {
	var must, should, mustNot []func(row) bool
	f := &w.query.Filter
	for _, k := range kinds() {
		switch w.r.IntN(14) {
		case 0:
			f.Must, must = append(f.Must, k.clause), append(must, k.wants)
		case 1, 2:
			f.Should, should = append(f.Should, k.clause), append(should, k.wants)
		case 3:
			f.MustNot, mustNot = append(f.MustNot, k.clause), append(mustNot, k.wants)
		}
	}
	w.matches = func(s row) bool {
		wanted := func(wants func(row) bool) bool { return wants(s) }
		unwanted := func(wants func(row) bool) bool { return !wants(s) }
		return !slices.ContainsFunc(must, unwanted) && !slices.ContainsFunc(mustNot, wanted) &&
			(len(should) == 0 || slices.ContainsFunc(should, wanted))
	}
}

func (w *world) add(at time.Time) row {
	s := row{
		id: fmt.Sprintf("%03d-%03d", w.r.IntN(1000), len(w.rows)), at: at, source: strconv.Itoa(w.r.IntN(4)),
		said:   strings.Join([]string{"red", "green", "blue"}[w.r.IntN(3):], " "),
		tags:   [2]string{[]string{"gold", "tin"}[w.r.IntN(2)], []string{"gold", "tin", "lead"}[w.r.IntN(3)]},
		status: []vonageinsights.Status{vonageinsights.StatusEnded, vonageinsights.StatusInProgress}[w.r.IntN(2)],
	}
	w.rows = append(w.rows, s)
	w.server.Add(s.session())
	if w.matches(s) && !at.Before(w.query.From) && !at.After(w.query.To) {
		w.wanted[s] = true
	}
	return s
}

// idsOf returns the ids of sessions, sorted.
func idsOf(rows iter.Seq[row]) []string {
	var ids []string
	for s := range rows {
		ids = append(ids, s.id)
	}
	slices.Sort(ids)
	return ids
}

func (w *world) String() string {
	return fmt.Sprintf("%v for %v, pages of %d, %v", w.query.SortBy, w.query.To.Sub(w.query.From), w.query.PageSize, w.how)
}

// read reads all that the query has, by a way chosen at random, and checks that
// the order is right and that nothing comes twice.
func (w *world) read(t *testing.T) []row {
	t.Helper()
	known := map[string]row{}
	var got []row
	for session, err := range w.choose(t.Context()) {
		if err != nil {
			t.Fatalf("%s: %v", w, err)
		}
		for _, s := range w.rows[len(known):] {
			known[s.id] = s
		}
		s := known[session.ID]
		if slices.Contains(got, s) {
			t.Errorf("%s: %s came twice", w, s.id)
		}
		if len(got) > 0 {
			last, at := got[len(got)-1].at.UnixMilli(), s.at.UnixMilli()
			if len(w.query.SortBy) > 0 && at > last || len(w.query.SortBy) == 0 && at < last {
				t.Errorf("%s: %s is out of order", w, s.id)
			}
		}
		got = append(got, s)
		w.disturb()
	}
	return got
}

// disturb adds or removes a session, or breaks the next page off.
func (w *world) disturb() {
	if !w.changing {
		return
	}
	switch w.r.IntN(12) {
	case 0:
		w.server.Fail(vonageinsightstest.Fault{Op: "Search", CutAfter: 1 + w.r.IntN(500)})
	case 1:
		at := w.query.From.Add(time.Duration(w.r.Int64N(int64(w.query.To.Sub(w.query.From)) + 1)))
		w.passing[w.add(at)] = true
	case 2:
		if len(w.rows) > 0 { // where there is one already
			w.passing[w.add(w.rows[w.r.IntN(len(w.rows))].at)] = true
		}
	case 3, 4:
		if len(w.rows) > 0 {
			s := w.rows[w.r.IntN(len(w.rows))]
			w.passing[s] = true
			w.server.Remove(s.id)
		}
	}
}

// choose returns a search, or an export, or one that is killed and resumed.
func (w *world) choose(ctx context.Context) iter.Seq2[*vonageinsights.Session, error] {
	if w.r.IntN(4) == 0 {
		w.how = append(w.how, "search")
		return w.client().Search(ctx, w.query)
	}
	return func(yield func(*vonageinsights.Session, error) bool) {
		opts := w.options()
		for {
			read := w.client().Export(w.query, opts...)
			left := w.r.IntN(40)
			for session, err := range read.All(ctx) {
				if !yield(session, err) {
					return
				}
				if left--; left == 0 {
					break
				}
			}
			if left != 0 {
				return
			}
			w.how = append(w.how, "resumed")
			w.query.PageSize = 1 + w.r.IntN(12)
			opts = append(w.options(), vonageinsights.ResumeFrom(callinsights.Checkpoint(string(read.Checkpoint()))))
		}
	}
}

// client returns a new one, which bears the faults that pile up while it reads
// ahead.
func (w *world) client() *vonageinsights.Client {
	return w.server.Client(vonageinsights.WithRetry(vonageinsights.RetryPolicy{MaxAttempts: 100}))
}

func (w *world) options() (opts []vonageinsights.ExportOption) {
	if w.r.IntN(2) == 0 {
		n := 1 + w.r.IntN(6)
		opts = append(opts, vonageinsights.Parallel(n))
		w.how = append(w.how, "parallel "+strconv.Itoa(n))
	}
	if w.r.IntN(3) == 0 {
		n := 1 + w.r.IntN(3)
		opts = append(opts, vonageinsights.Prefetch(n))
		w.how = append(w.how, "prefetch "+strconv.Itoa(n))
	}
	return opts
}
