package vonageinsightstest_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// march is the whole of March 2026.
func march() vonageinsights.Query {
	first, last := vonageinsights.Days(
		time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, time.March, 31, 0, 0, 0, 0, time.UTC))
	return vonageinsights.Query{From: first, To: last}
}

// TestClient: what the client writes is what the fake reads.
func TestClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t, calls...)
		server.SetMaxPageSize(1)
		client := server.Client()
		q := march()
		q.Filter = vonageinsights.Where(field.TranscriptionClient.Matches("shut up")).Not(field.ID.Is("air")).
			Any(field.ChannelDataDuration.Is(60000), field.ChannelDataDuration.Is(90000))
		q.SortBy = []field.Order{field.SessionStartTime.Desc()}
		q.Fields = []field.Path{field.AgentInformationName}
		var got []string
		for session, err := range client.Search(t.Context(), q) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, session.AgentInformation.Name)
		}
		if diff := cmp.Diff([]string{"desk", "Desk"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}

		start := time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
		session, err := client.Session(t.Context(), "gas", start)
		if err != nil {
			t.Fatal(err)
		}
		if session.RawJSON() != calls[0] {
			t.Errorf("got %s", session.RawJSON())
		}
		if err := client.DeleteSession(t.Context(), "gas", start); err != nil {
			t.Error(err)
		}
		if _, err := client.FindSession(t.Context(), "gas"); !errors.Is(err, vonageinsights.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	})
}

// TestAdd: the fake has a copy, in the form that sessions encode to.
func TestAdd(t *testing.T) {
	t.Parallel()
	server := vonageinsightstest.NewServer()
	session := &vonageinsights.Session{
		ID: "made", SessionStartTime: time.Date(2026, time.March, 2, 1, 0, 0, 5000, time.FixedZone("", 7200)),
		ParamsList: []vonageinsights.Parameter{{Name: "code", Value: "<b>"}},
		TagsList:   []vonageinsights.TagCount{{Tag: "vip", Count: 2}},
	}
	want, err := json.Marshal(session)
	if err != nil {
		t.Fatal(err)
	}
	server.Add(session, &vonageinsights.Session{ID: "other", SessionStartTime: session.SessionStartTime})
	session.ID = "changed"
	q := march()
	q.From, q.To = session.SessionStartTime, session.SessionStartTime
	q.Filter = vonageinsights.Where(field.Parameter("code").Is("<b>"), field.Tag("vip").Is(2))
	page, err := server.Client().SearchPage(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if page.Total != 1 || len(page.Sessions) != 1 || page.Sessions[0].RawJSON() != string(want) {
		t.Errorf("got %d sessions, %+v, want %s", page.Total, page.Sessions, want)
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	server := vonageinsightstest.NewServer()
	for _, tt := range []struct {
		name, want string
		do         func()
	}{
		{"refused option", "WithBaseURL", func() { server.Client(vonageinsights.WithBaseURL("")) }},
		{"nil session", "nil session", func() { server.Add(nil) }},
		{"session without an id", "no id", func() { server.Add(&vonageinsights.Session{SessionStartTime: start}) }},
		{"session without a start", "no session_start_time", func() { server.Add(&vonageinsights.Session{ID: "a"}) }},
		{"nil session for later", "AddAfter: nil session", func() { server.AddAfter(time.Hour, nil) }},
		{"negative results", "-1 results", func() { server.SetResultWindow(-1) }},
		{"precision of a second", "1s; want", func() { server.SetPrecision(time.Second) }},
		{"no precision", "0s; want", func() { server.SetPrecision(0) }},
		{"fault that never stalls", "DelayAfter 5", func() { server.Fail(vonageinsightstest.Fault{DelayAfter: 5}) }},
		{"session that does not encode", "Add: ", func() {
			server.Add(&vonageinsights.Session{
				ID: "a", SessionStartTime: start, Extra: map[string]json.RawMessage{"x": json.RawMessage(`{`)},
			})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if text, ok := recover().(string); !ok || !strings.Contains(text, tt.want) {
					t.Errorf("got the panic %q, want %q", text, tt.want)
				}
			}()
			tt.do()
		})
	}
}

// TestOverHTTP: under a path, by a client of the program's own making.
func TestOverHTTP(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.StripPrefix("/fake", newServer(t, lamp, chair)))
	t.Cleanup(web.Close)
	client, err := vonageinsights.NewClient(vonageinsightstest.APIKey, vonageinsights.US,
		vonageinsights.WithBaseURL(web.URL+"/fake"), vonageinsights.WithHTTPClient(web.Client()))
	if err != nil {
		t.Fatal(err)
	}
	session, err := client.FindSession(t.Context(), "s2")
	if err != nil {
		t.Fatal(err)
	}
	if session.RawJSON() != strings.TrimSpace(chair) {
		t.Errorf("got %s", session.RawJSON())
	}
}

// TestSlowReader: a reader who stops after the first session of a page, and
// goes away, does not keep the fake from answering others.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // which fails if a goroutine stays behind
		server := newServer(t, calls...)
		client := server.Client()
		seen := 0
		for _, err := range client.Search(t.Context(), march()) {
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if err := client.DeleteSession(t.Context(), "oil", time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)); err != nil {
				t.Fatal(err)
			}
			break
		}
		if diff := cmp.Diff([]string{"gas", "air"}, search(t, server)); diff != "" || seen != 1 {
			t.Errorf("saw %d sessions; left (-want +got):\n%s", seen, diff)
		}
	})
}

// TestBrokenPages: a page that stalls or breaks off after its first session.
func TestBrokenPages(t *testing.T) {
	t.Parallel()
	documents := alike(3)
	firstSession := len(`{"total":3,"hits":[`) + len(documents[0])
	tests := map[string]struct {
		fault          vonageinsightstest.Fault
		first, last    time.Duration // when they came
		requests, seen int
	}{
		"whole":   {vonageinsightstest.Fault{Op: "Session", Status: 500}, 0, 0, 1, 3},
		"late":    {vonageinsightstest.Fault{Op: "Search", Delay: time.Second}, time.Second, time.Second, 1, 3},
		"stalled": {vonageinsightstest.Fault{Op: "Search", Delay: time.Second, DelayAfter: firstSession + 1}, 0, time.Second, 1, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := newServer(t, documents...)
				server.Fail(tt.fault)
				start, came := time.Now(), []time.Duration(nil)
				for _, err := range server.Client().Search(t.Context(), march()) {
					if err != nil {
						t.Fatal(err)
					}
					came = append(came, time.Since(start))
				}
				if len(came) != tt.seen || came[0] != tt.first || came[len(came)-1] != tt.last || len(server.Requests()) != tt.requests {
					t.Errorf("sessions came after %v in %d requests; want %d, after %v to %v", came, len(server.Requests()), tt.seen, tt.first, tt.last)
				}
			})
		})
	}
	t.Run("cut", func(t *testing.T) {
		t.Parallel()
		server := newServer(t, documents...)
		server.Fail(vonageinsightstest.Fault{Op: "Search", CutAfter: firstSession})
		web := httptest.NewServer(server)
		t.Cleanup(web.Close)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+root+"?from_date=2026-03-01&to_date=2026-03-31", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Vgai-Key", vonageinsightstest.APIKey)
		answer, err := web.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		if want := `{"total":3,"hits":[` + documents[0]; string(body) != want || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %q and %v, want the first session and no more", body, err)
		}
	})
}
