package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// documents are the calls of a database.
func documents(t *testing.T, s *store) map[string]string {
	t.Helper()
	return (&plant{T: t}).table(s, `SELECT service || ' ' || id, document FROM calls`)
}

// TestAddEvent: an event is added once, with what belongs to it.
func TestAddEvent(t *testing.T) {
	t.Parallel()
	s := openFile(t)
	e := event{"k-1", "whippy", `{"a":1}`}
	for i, want := range []bool{false, true} {
		known, err := s.known(t.Context(), e.key)
		if err != nil || known != want {
			t.Errorf("before addition %d: known %t, %v", i+1, known, err)
		}
		calls := []call{{service: "whippy", id: fmt.Sprint("c-", i), document: "{}"}}
		if err := s.addEvent(t.Context(), e, calls); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]string{"whippy c-0": "{}"}, documents(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNewestStays: in whatever order the states of a call come, the newest one is
// what is there in the end.
func TestNewestStays(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		s := openFile(t)
		payloads := whippytest.CallEvents(7)
		for _, i := range order {
			e, err := whippy.ParseEvent(payloads[i])
			if err != nil {
				t.Fatal(err)
			}
			c, ok := callOf(e)
			if !ok {
				t.Fatal("no call")
			}
			if err := s.addEvent(t.Context(), event{key: e.DeliveryKey()}, []call{c}); err != nil {
				t.Fatal(err)
			}
		}
		newest, err := whippy.ParseEvent(payloads[2])
		if err != nil {
			t.Fatal(err)
		}
		c, _ := callOf(newest)
		if diff := cmp.Diff(map[string]string{"whippy " + c.id: c.document}, documents(t, s)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", order, diff)
		}
	}
}

// TestVersions: versions of calls are ordered as whippy.Newer orders their events.
func TestVersions(t *testing.T) {
	t.Parallel()
	var events []*whippy.Event
	at := time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	for _, updated := range []time.Time{{}, at, at.Add(time.Nanosecond), at.Add(time.Second), at.In(time.FixedZone("", 3600)), at.AddDate(0, 10, 0)} {
		for _, payload := range whippytest.CallEvents(1, func(_ *whippy.Event, c *whippy.Call) { c.UpdatedAt = updated }) {
			e, err := whippy.ParseEvent(payload)
			if err != nil {
				t.Fatal(err)
			}
			events = append(events, e)
		}
	}
	for _, a := range events {
		for _, b := range events {
			callA, _ := callOf(a)
			callB, _ := callOf(b)
			if got, want := callA.version > callB.version, whippy.Newer(a, b); got != want {
				t.Errorf("%s > %s is %t, want %t", callA.version, callB.version, got, want)
			}
		}
	}
}

// TestAboutNothing: events that are about neither a call nor a message are kept,
// and make no call.
func TestAboutNothing(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string][]byte{
		"of another type": []byte(`{"event":"lead.new","data":{"id":"1"},"request_id":"r"}`),
		"without an id":   whippytest.CallStarted(func(_ *whippy.Event, c *whippy.Call) { c.ID = "" }),
	} {
		e, err := whippy.ParseEvent(payload)
		if err != nil {
			t.Fatal(err)
		}
		if c, ok := callOf(e); ok {
			t.Errorf("%s: got the call %q", name, c.id)
		}
	}
}

// TestAdvance: calls and the checkpoint behind them are written together, by the one
// worker who knows where the job is.
func TestAdvance(t *testing.T) {
	t.Parallel()
	s := openFile(t)
	one, two := progress{"c-1", 1, false}, progress{"c-2", 2, true}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, step := range []struct {
		name     string
		ctx      context.Context
		from, to progress
		id       string
		want     error
	}{
		{"begun", t.Context(), progress{}, one, "a", nil},
		{"begun by another, too", t.Context(), progress{}, two, "b", errTakenOver},
		{"too late", ended, one, two, "c", context.Canceled},
		{"ended", t.Context(), one, two, "d", nil},
		{"by one who was taken for dead", t.Context(), one, two, "e", errTakenOver},
	} {
		err := s.advance(step.ctx, "job", step.from, step.to, []call{{service: "vonage", id: step.id}})
		if !errors.Is(err, step.want) {
			t.Errorf("%s: got %v, want %v", step.name, err, step.want)
		}
	}
	if at, err := s.progress(t.Context(), "job"); err != nil || at != two {
		t.Errorf("the job is at %+v, %v, want %+v", at, err, two)
	}
	if diff := cmp.Diff(map[string]string{"vonage a": "", "vonage d": ""}, documents(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAllOrNothing: what cannot be written as a whole leaves no part behind.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	s := openFile(t)
	if _, err := s.db.ExecContext(t.Context(), `CREATE TRIGGER full BEFORE INSERT ON calls WHEN new.id = 'bad' BEGIN SELECT raise(ABORT, 'no room'); END`); err != nil {
		t.Fatal(err)
	}
	calls := []call{{id: "good"}, {id: "bad"}}
	if err := s.addEvent(t.Context(), event{key: "k"}, calls); err == nil {
		t.Error("the event was added")
	}
	if err := s.advance(t.Context(), "job", progress{}, progress{checkpoint: "c"}, calls); err == nil {
		t.Error("the job has advanced")
	}
	if n, err := s.count(t.Context()); err != nil || n != (counts{}) || len(documents(t, s)) != 0 {
		t.Errorf("got %+v, %v", n, err)
	}
	if at, err := s.progress(t.Context(), "job"); err != nil || at != (progress{}) {
		t.Errorf("the job is at %+v, %v", at, err)
	}
}

// TestManyWriters: those who write at once wait for each other, from the first
// moment of a new file on.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "calls.db")
	const writers, each = 6, 20
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			s, err := openStore(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = s.close() }()
			for i := range each {
				// Every event is written by two of them.
				e := event{key: fmt.Sprint(w/2, "-", i)}
				if err := s.addEvent(t.Context(), e, []call{{service: "whippy", id: e.key}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	s, err := openStore(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.close() }()
	want := counts{events: writers / 2 * each, whippy: writers / 2 * each}
	if n, err := s.count(t.Context()); err != nil || n != want {
		t.Errorf("got %+v, %v, want %+v", n, err, want)
	}
}

// TestOpenStore: the file is the one that was named, and set as it must be.
func TestOpenStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a b?c#d%20e.db")
	s, err := openStore(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.close() }()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("got %v, %v", info, err)
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "10000"} {
		var got string
		if err := s.db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", pragma, got, err, want)
		}
	}
	missing := filepath.Join(t.TempDir(), "no", "such", "folder", "calls.db")
	if _, err := openStore(t.Context(), missing); err == nil || !strings.HasPrefix(err.Error(), "-db: ") {
		t.Errorf("a file that cannot be: %v", err)
	}
	other := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(other, []byte(strings.Repeat("Dear all, ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openStore(t.Context(), other); err == nil {
		t.Error("a file that is no database was taken")
	}
}

// TestLetters: what is given up twice is kept once, and can be forgotten.
func TestLetters(t *testing.T) {
	t.Parallel()
	s := openFile(t)
	a, b := letter{"a", "calls.whippy", "first", []byte("1")}, letter{"b", "calls.vonage", "why", []byte("2")}
	again := a
	again.reason = "second"
	for _, l := range []letter{a, b, again} {
		if err := s.bury(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.letters(t.Context())
	if diff := cmp.Diff([]letter{again, b}, got, cmp.AllowUnexported(letter{})); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if err := s.unbury(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.letters(t.Context()); err != nil || len(got) != 1 {
		t.Errorf("got %d letters, %v, want 1", len(got), err)
	}
}
