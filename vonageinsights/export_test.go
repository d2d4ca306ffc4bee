package vonageinsights_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// exported reads an export to its end.
func exported(t testing.TB, read *callinsights.Export[vonageinsights.Session]) []string {
	t.Helper()
	got := []string{}
	for session, err := range read.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, session.ID)
	}
	return got
}

// scattered are the offsets of ten sessions, of which some share a millisecond.
func scattered() []time.Duration {
	const us, h = time.Microsecond, time.Hour
	return []time.Duration{0, h, h, h + us, h + 2*us, 2 * h, 3 * h, 3 * h, 4 * h, 5 * h}
}

// TestCheckpoints: after every session, and whatever it is that stops the loop,
// the checkpoint goes on behind that session.
func TestCheckpoints(t *testing.T) {
	t.Parallel()
	for name, opts := range ways() {
		for direction, order := range map[string][]field.Order{"ascending": nil, "descending": {field.SessionStartTime.Desc()}} {
			t.Run(name+" "+direction, func(t *testing.T) {
				t.Parallel()
				server := filled(scattered()...)
				query := wholeMay
				query.PageSize, query.SortBy = 3, order
				all := ids(t, server.Client(), query)
				for stop := range all {
					read := server.Client().Export(query, opts...)
					n := 0
					for _, err := range read.All(t.Context()) {
						if n++; err != nil || n > stop {
							break
						}
					}
					// The one at hand is covered.
					resumed := server.Client().Export(query, append(opts, vonageinsights.ResumeFrom(read.Checkpoint()))...)
					if diff := cmp.Diff(all[stop+1:], exported(t, resumed)); diff != "" {
						t.Errorf("resumed after %d (-want +got):\n%s", stop+1, diff)
					}
					if items := resumed.Progress().Items; items != len(all) {
						t.Errorf("resumed after %d: %d items in the end, want %d", stop+1, items, len(all))
					}
				}
			})
		}
	}
}

func TestCheckpointBeforeTheFirst(t *testing.T) {
	t.Parallel()
	server := filled(scattered()...)
	read := server.Client().Export(wholeMay)
	resumed := server.Client().Export(wholeMay, vonageinsights.ResumeFrom(read.Checkpoint()))
	if got := exported(t, resumed); len(got) != 10 {
		t.Errorf("got %v, want all", got)
	}
}

// TestCheckpointAfterTheEnd: what turns up behind the last session is yielded
// by an export that goes on there.
func TestCheckpointAfterTheEnd(t *testing.T) {
	t.Parallel()
	server := filled(scattered()...)
	read := server.Client().Export(wholeMay)
	exported(t, read)
	server.Add(&vonageinsights.Session{ID: "early", SessionStartTime: may.Add(time.Minute)},
		&vonageinsights.Session{ID: "late", SessionStartTime: may.AddDate(0, 0, 20)})
	read = server.Client().Export(wholeMay, vonageinsights.ResumeFrom(read.Checkpoint()))
	for range 2 { // also when it is ranged over again
		if diff := cmp.Diff([]string{"late"}, exported(t, read)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(callinsights.Progress{Items: 11, At: may.AddDate(0, 0, 20), Total: 11}, read.Progress()); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

func TestCheckpointAfterAnError(t *testing.T) {
	t.Parallel()
	server := filled(scattered()...)
	query := wholeMay
	query.PageSize = 4
	read := server.Client().Export(query)
	var got []string
	var last error
	for session, err := range read.All(t.Context()) {
		if last = err; session != nil {
			got = append(got, session.ID)
			server.Fail(vonageinsightstest.Fault{Status: 403, N: 1})
		}
	}
	if !errors.Is(last, vonageinsights.ErrForbidden) {
		t.Fatalf("the loop ended with %v", last)
	}
	server = filled(scattered()...)
	got = append(got, exported(t, server.Client().Export(query, vonageinsights.ResumeFrom(read.Checkpoint())))...)
	if diff := cmp.Diff(ids(t, server.Client(), query), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCheckpointsAreSmall, and hold nothing of what the filter says.
func TestCheckpointsAreSmall(t *testing.T) {
	t.Parallel()
	server := filled(scattered()...)
	query := wholeMay
	query.Filter = vonageinsights.Filter{}.Not(field.Source.Is("12025550143"))
	query.Fields = []field.Path{field.Status}
	read := server.Client().Export(query)
	n := 0
	for _, err := range read.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		text := string(read.Checkpoint())
		_, data, _ := strings.Cut(strings.TrimPrefix(text, "vonageinsights-export-1."), ".")
		plain, err := base64.RawURLEncoding.DecodeString(data)
		if err != nil || len(text) > 500 || strings.Contains(string(plain), "12025550143") {
			t.Errorf("%d bytes, %v: %s", len(text), err, plain)
		}
	}
	if n != 10 {
		t.Errorf("got %d sessions, want 10", n)
	}
}

// TestCheckpointsHideTheFilter: what stands for it is too short to find out what
// it was, and nothing else depends on it.
func TestCheckpointsHideTheFilter(t *testing.T) {
	t.Parallel()
	client := filled().Client()
	type saved struct {
		Query struct {
			Filter string `json:"filter"`
			Fields string `json:"fields"`
		} `json:"query"`
	}
	read := func(number string) saved {
		query := wholeMay
		query.Filter = vonageinsights.Where(field.Source.Is(number))
		text := string(client.Export(query).Checkpoint())
		plain, err := base64.RawURLEncoding.DecodeString(text[strings.LastIndexByte(text, '.')+1:])
		if err != nil {
			t.Fatal(err)
		}
		var s saved
		if err := json.Unmarshal(plain, &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	one, other := read("12025550143"), read("12025550144")
	if one.Query.Fields != other.Query.Fields || one.Query.Fields == "" {
		t.Errorf("the fields are %q and %q with another filter", one.Query.Fields, other.Query.Fields)
	}
	if one.Query.Filter == other.Query.Filter || len(one.Query.Filter) != 4 {
		t.Errorf("the filters are %q and %q, want two bytes", one.Query.Filter, other.Query.Filter)
	}
}

// TestExportMayBeResumedOtherwise: the page size and the ways of reading may be
// others, and fields that were asked for only to page do not show.
func TestExportMayBeResumedOtherwise(t *testing.T) {
	t.Parallel()
	server := filled(scattered()...)
	query := wholeMay
	query.Fields, query.PageSize = []field.Path{field.Status}, 2
	read := server.Client().Export(query, vonageinsights.Parallel(3))
	for _, err := range read.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	query.PageSize = 50
	n := 0
	for session, err := range server.Client().Export(query, vonageinsights.ResumeFrom(read.Checkpoint())).All(t.Context()) {
		if err != nil || session.ID != "" || !session.SessionStartTime.IsZero() || session.Status != vonageinsights.StatusEnded {
			t.Fatalf("got %v, %v", session, err)
		}
		n++
	}
	if n != 9 {
		t.Errorf("got %d sessions, want 9", n)
	}
}

// TestExportProgress: the total is known from the second page on, if all that
// is left is within one request.
func TestExportProgress(t *testing.T) {
	t.Parallel()
	server := filled(scattered()...)
	query := wholeMay
	query.PageSize = 6
	tests := map[string]struct {
		to   time.Time
		opts []vonageinsights.ExportOption
		want []int // total at each item
	}{
		"one request":   {june, nil, []int{-1, -1, -1, -1, -1, -1, 10, 10, 10, 10}},
		"years":         {may.AddDate(3, 0, 0), nil, []int{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1}},
		"reading ahead": {june, []vonageinsights.ExportOption{vonageinsights.Parallel(2)}, []int{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			query := query
			query.To = test.to
			read := server.Client().Export(query, test.opts...)
			if diff := cmp.Diff(callinsights.Progress{Total: -1}, read.Progress()); diff != "" {
				t.Errorf("at first (-want +got):\n%s", diff)
			}
			for range read.All(t.Context()) { //nolint:errcheck // that it is left counts
				break
			}
			if p := read.Progress(); p.Items != 1 || p.Total != -1 {
				t.Errorf("when the loop was left: %+v", p)
			}
			var got []int
			for session, err := range read.All(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				p := read.Progress()
				got = append(got, p.Total)
				if p.Items != len(got) || !p.At.Equal(session.SessionStartTime.Truncate(time.Millisecond)) {
					t.Errorf("at item %d: %+v", len(got), p)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("totals (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(callinsights.Progress{Items: 10, At: may.Add(5 * time.Hour), Total: 10}, read.Progress()); diff != "" {
				t.Errorf("in the end (-want +got):\n%s", diff)
			}
		})
	}
}

// TestExportProgressBeginsAnew when it is ranged over again.
func TestExportProgressBeginsAnew(t *testing.T) {
	t.Parallel()
	server := filled(scattered()...)
	read := server.Client().Export(wholeMay)
	exported(t, read)
	server.Fail(vonageinsightstest.Fault{Status: http.StatusForbidden})
	n := 0
	for session, err := range read.All(t.Context()) {
		if n++; session != nil || !errors.Is(err, vonageinsights.ErrForbidden) {
			t.Errorf("got %v, %v", session, err)
		}
	}
	if n != 1 {
		t.Errorf("got %d values, want one error", n)
	}
	if diff := cmp.Diff(callinsights.Progress{Total: -1}, read.Progress()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExportRefuses(t *testing.T) {
	t.Parallel()
	server := filled(scattered()...)
	client := server.Client()
	american, err := vonageinsights.NewClient("a-key", vonageinsights.US)
	if err != nil {
		t.Fatal(err)
	}
	good := client.Export(wholeMay).Checkpoint()
	signed := func(json string) callinsights.Checkpoint {
		text := base64.RawURLEncoding.EncodeToString([]byte(json))
		return callinsights.Checkpoint(fmt.Sprintf("vonageinsights-export-1.%08x.%s", crc32.ChecksumIEEE([]byte(text)), text))
	}
	plain, _ := base64.RawURLEncoding.DecodeString(string(good[strings.LastIndexByte(string(good), '.')+1:]))
	at := func(time string) callinsights.Checkpoint {
		return signed(strings.Replace(string(plain), `"state":{}`, `"state":{"at":"`+time+`","ids":["a"],"items":1}`, 1))
	}
	from := func(c callinsights.Checkpoint) []vonageinsights.ExportOption {
		return []vonageinsights.ExportOption{vonageinsights.ResumeFrom(c)}
	}
	one := func(o vonageinsights.ExportOption) []vonageinsights.ExportOption {
		return []vonageinsights.ExportOption{nil, o}[1:]
	}
	query := func(change func(*vonageinsights.Query)) vonageinsights.Query {
		q := wholeMay
		change(&q)
		return q
	}
	tests := map[string]struct {
		client *vonageinsights.Client
		query  vonageinsights.Query
		opts   []vonageinsights.ExportOption
		says   string
	}{
		"no range":              {client, vonageinsights.Query{}, nil, "the query has no From"},
		"upside down":           {client, vonageinsights.Query{From: june, To: may}, nil, "the query's From is after its To"},
		"a negative page size":  {client, query(func(q *vonageinsights.Query) { q.PageSize = -2 }), nil, "PageSize is -2"},
		"a page":                {client, query(func(q *vonageinsights.Query) { q.PageNumber = 1 }), nil, "Export finds its pages itself; SearchPage"},
		"another order":         {client, query(func(q *vonageinsights.Query) { q.SortBy = []field.Order{field.ID.Asc()} }), nil, "Export goes by session_start_time alone, ascending or descending; SearchPage takes any order"},
		"a nil option":          {client, wholeMay, one(nil), "option 1 is nil"},
		"no page at a time":     {client, wholeMay, one(vonageinsights.Parallel(0)), "Parallel: 0 pages at a time; it must be from 1 to 128"},
		"too many at a time":    {client, wholeMay, one(vonageinsights.Parallel(129)), "Parallel: 129"},
		"no page ahead":         {client, wholeMay, one(vonageinsights.Prefetch(0)), "Prefetch: 0 pages ahead; it must be from 1 to 128"},
		"too many ahead":        {client, wholeMay, one(vonageinsights.Prefetch(129)), "Prefetch: 129"},
		"no checkpoint":         {client, wholeMay, from(""), "ResumeFrom: this is no checkpoint of an export"},
		"one of something else": {client, wholeMay, from("ringsense-backfill-1.00000000."), "no checkpoint of an export"},
		"half a checkpoint":     {client, wholeMay, from(good[:len(good)/2]), "damaged: it was cut short or changed"},
		"no JSON":               {client, wholeMay, from(signed("{")), "damaged"},
		"of another shape":      {client, wholeMay, from(signed(`{"state":[]}`)), "damaged"},
		"a place after it":      {client, wholeMay, from(at("2032-01-01T00:00:00Z")), "its place is outside of the query's range"},
		"a place before it":     {client, wholeMay, from(at("2031-04-30T23:59:59.999Z")), "its place is outside of the query's range"},
		"of another start":      {client, query(func(q *vonageinsights.Query) { q.From = q.From.Add(time.Hour) }), from(good), "another query, whose From differs"},
		"of another end":        {client, query(func(q *vonageinsights.Query) { q.To = q.To.Add(time.Hour) }), from(good), "another query, whose To differs"},
		"of another order":      {client, query(func(q *vonageinsights.Query) { q.SortBy = []field.Order{field.SessionStartTime.Desc()} }), from(good), "another query, whose SortBy differs"},
		"of another filter":     {client, query(func(q *vonageinsights.Query) { q.Filter = vonageinsights.Where(field.ID.Is("a")) }), from(good), "another query, whose Filter differs"},
		"of other fields":       {client, query(func(q *vonageinsights.Query) { q.Fields = []field.Path{field.Status} }), from(good), "another query, whose Fields differs"},
		"of another region":     {american, wholeMay, from(good), "another query, whose region differs"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := len(server.Requests())
			read := test.client.Export(test.query, test.opts...)
			checkRefusedOnce(t, read.All(t.Context()), "Export", test.says)
			if len(server.Requests()) != before || read.Checkpoint() != "" {
				t.Errorf("%d requests, checkpoint %q; want none", len(server.Requests())-before, read.Checkpoint())
			}
		})
	}
}

func TestExportSpellsOneQueryInOneWay(t *testing.T) {
	t.Parallel()
	client := filled(scattered()...).Client()
	query := wholeMay
	query.From = query.From.In(time.FixedZone("west", -5*60*60)).Add(999)
	query.SortBy = []field.Order{field.SessionStartTime.Asc()}
	got := exported(t, client.Export(wholeMay, vonageinsights.ResumeFrom(client.Export(query).Checkpoint())))
	if len(got) != 10 {
		t.Errorf("got %v, want all", got)
	}
}

// FuzzResumeFrom: whatever text a checkpoint is, it is refused, or it goes on at
// some place of its query.
func FuzzResumeFrom(f *testing.F) {
	server := filled(scattered()...)
	client := server.Client()
	read := client.Export(wholeMay)
	f.Add(string(read.Checkpoint()), "")
	exported(f, read)
	f.Add(string(read.Checkpoint()), "")
	f.Add("", `{"query":{},"state":{"at":"2031-05-01T01:00:00Z","ids":["s001",""],"items":-1}}`)
	f.Fuzz(func(t *testing.T, text, plain string) {
		if plain != "" {
			data := base64.RawURLEncoding.EncodeToString([]byte(plain))
			text = fmt.Sprintf("vonageinsights-export-1.%08x.%s", crc32.ChecksumIEEE([]byte(data)), data)
		}
		var last string
		for session, err := range client.Export(wholeMay, vonageinsights.ResumeFrom(callinsights.Checkpoint(text))).All(t.Context()) {
			if err != nil {
				if !errors.Is(err, vonageinsights.ErrInvalidRequest) {
					t.Errorf("got %v, want an ErrInvalidRequest", err)
				}
				return
			}
			if session.ID <= last {
				t.Errorf("%s after %s", session.ID, last)
			}
			last = session.ID
		}
	})
}
