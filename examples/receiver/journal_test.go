package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
)

// mustOpen opens a journal that the test closes.
func mustOpen(t *testing.T, path string) *journal {
	t.Helper()
	j, err := openJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.close() })
	return j
}

// handle does with an event what a handler does, without committing it.
func handle(t *testing.T, j *journal, key, event string) (callinsights.Claim, bool) {
	t.Helper()
	claim, err := j.Begin(t.Context(), key, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if claim.State != callinsights.ClaimNew {
		return claim, false
	}
	added, err := j.add(line{Key: key, Event: []byte(event)})
	if err != nil {
		t.Fatal(err)
	}
	return claim, added
}

func text(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestJournal: a line is all that tells an event that was handled.
func TestJournal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	j := mustOpen(t, path)
	claim, added := handle(t, j, "a", "{ \"n\": 1.50,\n \"x\": \"<&é\" }")
	if !added {
		t.Fatal("the event is not new")
	}
	// Before it is committed, as for a program that was killed in between.
	if again, _ := handle(t, j, "a", `{}`); again.State != callinsights.ClaimDone {
		t.Errorf("after the line was written: got %v", again.State)
	}
	if err := j.Commit(t.Context(), "a", claim.Token); err != nil {
		t.Error(err)
	}
	// By a function that has outlived its lease.
	if added, err := j.add(line{Key: "a", Event: []byte(`{}`)}); added || err != nil {
		t.Errorf("a second line with the key: got %t, %v", added, err)
	}
	want := "{\"key\":\"a\",\"event\":{\"n\":1.50,\"x\":\"<&é\"}}\n"
	if diff := cmp.Diff(want, text(t, path)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	next := mustOpen(t, path)
	if again, _ := handle(t, next, "a", `{}`); again.State != callinsights.ClaimDone {
		t.Errorf("after a restart: got %v", again.State)
	}
	if _, added := handle(t, next, "b", `{}`); !added {
		t.Error("after a restart, another event is not new")
	}
}

// TestReleased: an event that failed comes again.
func TestReleased(t *testing.T) {
	t.Parallel()
	j := mustOpen(t, filepath.Join(t.TempDir(), "events.jsonl"))
	ctx := t.Context()
	claim, err := j.Begin(ctx, "a", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if busy, err := j.Begin(ctx, "a", time.Minute); err != nil || busy.State != callinsights.ClaimBusy {
		t.Errorf("while it is handled: got %v, %v", busy.State, err)
	}
	if err := j.Release(ctx, "a", claim.Token); err != nil {
		t.Error(err)
	}
	if _, added := handle(t, j, "a", `{}`); !added {
		t.Error("it is not new")
	}
}

// TestTorn: what a killed program left of a line is cut off, wherever it ends,
// and its event is written when it comes again.
func TestTorn(t *testing.T) {
	t.Parallel()
	const first, second = `{"key":"a","event":{}}` + "\n", `{"key":"b","event":{"n":2}}` + "\n"
	path := filepath.Join(t.TempDir(), "events.jsonl")
	for length := range len(second) {
		if err := os.WriteFile(path, []byte(first+second[:length]), 0o600); err != nil {
			t.Fatal(err)
		}
		j := mustOpen(t, path)
		if diff := cmp.Diff(first, text(t, path)); diff != "" {
			t.Errorf("%d bytes (-want +got):\n%s", length, diff)
		}
		if _, added := handle(t, j, "b", `{"n":2}`); !added {
			t.Errorf("%d bytes: the event is not new", length)
		}
		if diff := cmp.Diff(first+second, text(t, path)); diff != "" {
			t.Errorf("%d bytes, and the event again (-want +got):\n%s", length, diff)
		}
	}
}

// TestPowerCut: what a file system may leave of the last line, which is more and
// less than what was written, is cut off as well.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	const first = `{"key":"a","event":{}}` + "\n"
	zeros := strings.Repeat("\x00", 100)
	for name, last := range map[string]string{
		"zeros":                 zeros,
		"a few zeros":           zeros[:3],
		"zeros and a line feed": zeros + "\n",
		"zeros in the line":     `{"key":"b","event":{"n":"` + zeros + `"}}` + "\n",
		"zeros at its end":      `{"key":"b","event":` + zeros,
		"a line that is cut":    `{"key":"b","event":{"n":"` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "events.jsonl")
			if err := os.WriteFile(path, []byte(first+last), 0o600); err != nil {
				t.Fatal(err)
			}
			j := mustOpen(t, path)
			if diff := cmp.Diff(first, text(t, path)); diff != "" || !j.has("a") || j.has("b") {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestForeign: a file of somebody else is left as it is.
func TestForeign(t *testing.T) {
	t.Parallel()
	const good = `{"key":"a","event":{}}` + "\n"
	for name, test := range map[string]struct{ file, want string }{
		"text":             {"My notes\nof today\n", "line 1 "},
		"text, unfinished": {"My notes", "line 1 "},
		"other JSON":       {`{"sourceRecordId":"7"}` + "\n", "line 1 "},
		"JSON, unfinished": {`{"sourceRecordId":"7"`, "line 1 "},
		"after a line":     {good + "My notes", "line 2 "},
		"an empty key":     {good + `{"key":"","event":{}}` + "\n", "line 2 "},
		"an empty line":    {good + "\n" + good, "line 2 "},
		"zeros before one": {good + "\x00\x00\n" + good, "line 2 "},
		"torn before one":  {good + `{"key":"b` + "\n" + good, "line 2 "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "events.jsonl")
			if err := os.WriteFile(path, []byte(test.file), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := openJournal(path)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "not written by this program") {
				t.Errorf("got %v", err)
			}
			if diff := cmp.Diff(test.file, text(t, path)); diff != "" {
				t.Errorf("the file has changed (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUnwritable: what could not be written was not handled, and nothing is
// written behind what may be half a line.
func TestUnwritable(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	j := mustOpen(t, path)
	writable := j.file
	var err error
	if j.file, err = os.Open(path); err != nil {
		t.Fatal(err)
	}
	if _, err := j.add(line{Key: "a"}); err == nil || j.has("a") {
		t.Errorf("got %v, and handled is %t", err, j.has("a"))
	}
	_ = j.file.Close()
	j.file = writable
	if _, err := j.add(line{Key: "a"}); err == nil || !strings.Contains(err.Error(), "cannot be written any more") {
		t.Errorf("the next time: got %v", err)
	}
	if got := text(t, path); got != "" {
		t.Errorf("the file holds %q", got)
	}
	if _, err := j.add(line{Key: "b", Event: []byte(`{`)}); !callinsights.IsPermanent(err) {
		t.Errorf("an event that is no JSON: got %v", err)
	}
}

// weak is a file that writes or stores nothing once its disk is full.
type weak struct {
	storage

	full string // what fails: write or sync
}

var errFull = errors.New("no space left on device")

func (w *weak) Write(p []byte) (int, error) {
	if w.full != "write" {
		return w.storage.Write(p)
	}
	n, _ := w.storage.Write(p[:len(p)/2])
	return n, errFull
}

func (w *weak) Sync() error {
	if w.full == "sync" {
		return errFull
	}
	return w.storage.Sync()
}

// TestFullDisk: a line that is not surely on the disk is not in the file either,
// and its event is taken when it comes again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"write", "sync"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			const first, second = `{"key":"a","event":{}}` + "\n", `{"key":"b","event":{}}` + "\n"
			path := filepath.Join(t.TempDir(), "events.jsonl")
			j := mustOpen(t, path)
			disk := &weak{storage: j.file}
			j.file = disk
			if _, added := handle(t, j, "a", `{}`); !added {
				t.Error("the first event is not new")
			}
			disk.full = what
			if added, err := j.add(line{Key: "b", Event: []byte(`{}`)}); added || !errors.Is(err, errFull) || j.has("b") {
				t.Errorf("on a full disk: got %t, %v, and handled is %t", added, err, j.has("b"))
			}
			if diff := cmp.Diff(first, text(t, path)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			disk.full = ""
			if _, added := handle(t, j, "b", `{}`); !added {
				t.Error("the event is not new when it comes again")
			}
			if diff := cmp.Diff(first+second, text(t, path)); diff != "" {
				t.Errorf("afterwards (-want +got):\n%s", diff)
			}
		})
	}
}
