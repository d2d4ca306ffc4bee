package outfile_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/examples/internal/outfile"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// TestDamaged: a stored place that says nothing is damaged and no new beginning,
// and the file is left alone.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]string{
		"empty":           "",
		"cut short":       `{"checkpoint":"x","len`,
		"null":            `null`,
		"nothing":         `{}`,
		"no checkpoint":   `{"length":3}`,
		"negative length": `{"checkpoint":"x","length":-1}`,
		"another kind":    `{"checkpoint":["x"],"length":3}`,
	} {
		path := filepath.Join(t.TempDir(), "calls.jsonl")
		for file, text := range map[string]string{path: "{}\n", path + ".checkpoint": place} {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := outfile.Open(path)
		if err == nil || !strings.Contains(err.Error(), ".checkpoint is damaged: move it and ") {
			t.Errorf("%s: got %v", name, err)
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != "{}\n" {
			t.Errorf("%s: the file holds %q afterwards, %v", name, data, err)
		}
	}
}

// TestTwoRuns: of two runs on a file the second is refused, whether it reads the
// place before or after the first has moved it, and tears nothing.
func TestTwoRuns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "calls.txt")
	early := open(t, path)
	first := open(t, path)
	var late *outfile.File
	items := 0
	err := into(t, first, 30, func() {
		items++
		if items == 25 {
			late = open(t, path)
			for _, other := range []*outfile.File{early, late} {
				if err := into(t, other, 30, func() { t.Error("another run has written") }); err == nil || !strings.Contains(err.Error(), "another run writes ") {
					t.Errorf("another run while one is under way: got %v", err)
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]*outfile.File{"before the first began": early, "while it ran": late} {
		if err := into(t, f, 30, func() {}); err == nil || !strings.Contains(err.Error(), "another run writes ") {
			t.Errorf("a run that read the place %s: got %v", name, err)
		}
	}
	check(t, path, strings.Repeat("item\n", 30))
}

// TestAnotherRunsPlace: where there are no locks, a run that finds the place moved
// by another one stores none of its own.
func TestAnotherRunsPlace(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "calls.txt")
	const theirs = `{"checkpoint":"theirs","length":0}`
	err := into(t, open(t, path), 30, func() {
		if err := os.WriteFile(path+".checkpoint", []byte(theirs), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	if err == nil || !strings.Contains(err.Error(), "another run writes ") {
		t.Errorf("got %v", err)
	}
	check(t, path+".checkpoint", theirs)
}

// TestMovedAway: a run whose files are taken from it says so, and what to do. It makes
// none in their place, and goes on once they are back.
func TestMovedAway(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open cannot be moved there")
	}
	for name, suffixes := range map[string][]string{"both": {"", ".checkpoint"}, "the file": {""}, "the checkpoint": {".checkpoint"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, away := filepath.Join(t.TempDir(), "calls.txt"), filepath.Join(t.TempDir(), "calls.txt")
			move := func(from, to string) {
				for _, suffix := range suffixes {
					if err := os.Rename(from+suffix, to+suffix); err != nil {
						t.Fatal(err)
					}
				}
			}
			items := 0
			err := into(t, open(t, path), 30, func() {
				if items++; items == 15 {
					move(path, away)
				}
			})
			want := path + suffixes[0] + " was moved or removed while this run was under way: put " +
				path + " and " + path + ".checkpoint back to go on, or move what is left of them away to begin anew"
			if err == nil || err.Error() != want {
				t.Errorf("got %v, want %q", err, want)
			}
			for _, suffix := range suffixes {
				if _, err := os.Lstat(path + suffix); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("there is a new %s, %v", path+suffix, err)
				}
			}
			move(away, path)
			if err := into(t, open(t, path), 30, func() {}); err != nil {
				t.Errorf("once they are back: %v", err)
			}
			check(t, path, strings.Repeat("item\n", 30))
		})
	}
}

// TestKilledWhileStoring: what such a run leaves is taken over, and gone afterwards.
func TestKilledWhileStoring(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "calls.txt")
	for file, text := range map[string]string{path: "", path + ".checkpoint.new": `{"checkpoint":"a longer one than that of the next run","len`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := into(t, open(t, path), 30, func() {}); err != nil {
		t.Fatal(err)
	}
	check(t, path, strings.Repeat("item\n", 30))
	if again := open(t, path); again.Saved().Length != 150 {
		t.Errorf("got the place %+v", again.Saved())
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 2 {
		t.Errorf("got the files %v, %v", files, err)
	}
}

// TestCheckSetting: what the first run settled is asked for again, if it did.
func TestCheckSetting(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "calls.txt")
	f := open(t, path)
	if err := f.CheckSetting("service", "a"); err != nil {
		t.Errorf("before the first run: %v", err)
	}
	if err := into(t, f, 1, func() {}); err != nil {
		t.Fatal(err)
	}
	again := open(t, path)
	for _, pair := range [][2]string{{"service", "a"}, {"format", "csv"}} {
		if err := again.CheckSetting(pair[0], pair[1]); err != nil {
			t.Errorf("%v: %v", pair, err)
		}
	}
	if err := again.CheckSetting("service", "b"); err == nil || !strings.Contains(err.Error(), `begun with the service "a" and not "b"`) {
		t.Errorf("another service: got %v", err)
	}
}

// TestAnotherQuery: whoever asks for something else than the first run is told which
// files hold that, and what to do; and then it works. A query that is wrong itself has
// nothing to do with files.
func TestAnotherQuery(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "calls.txt")
	another, server := wholeDay(), service(3)
	another.To = another.To.AddDate(0, 0, 1)
	wrong := fill(t, open(t, path), server, vonageinsights.Query{From: another.From}, func() {})
	if wrong == nil || strings.Contains(wrong.Error(), path) {
		t.Errorf("a wrong query: got %v", wrong)
	}
	if err := fill(t, open(t, path), server, wholeDay(), func() {}); err != nil {
		t.Fatal(err)
	}
	wrong = fill(t, open(t, path), server, vonageinsights.Query{From: another.To, To: another.From}, func() {})
	if wrong == nil || strings.Contains(wrong.Error(), path) {
		t.Errorf("a wrong query, to go on with: got %v", wrong)
	}
	err := fill(t, open(t, path), server, another, func() {})
	want := "; " + path + " was begun with other flags: give those to go on, or another -out; to begin anew, move it and " + path + ".checkpoint away"
	if err == nil || !strings.Contains(err.Error(), "the checkpoint is of another query") || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want it to end with %q", err, want)
	}
	if !errors.Is(err, vonageinsights.ErrInvalidRequest) {
		t.Errorf("%v has lost its cause", err)
	}
	check(t, path, strings.Repeat("item\n", 3))
	server.Fail(vonageinsightstest.Fault{Status: 403})
	if err := fill(t, open(t, path), server, wholeDay(), func() {}); !errors.Is(err, vonageinsights.ErrForbidden) || strings.Contains(err.Error(), path) {
		t.Errorf("refused by the service: got %v", err)
	}
	for _, file := range []string{path, path + ".checkpoint"} {
		if err := os.Rename(file, file+".old"); err != nil {
			t.Fatal(err)
		}
	}
	if err := fill(t, open(t, path), service(4), another, func() {}); err != nil {
		t.Errorf("anew: %v", err)
	}
	check(t, path, strings.Repeat("item\n", 4))
}

func open(t *testing.T, path string) *outfile.File {
	t.Helper()
	f, err := outfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// into writes so many items, ten from one place to the next.
func into(t *testing.T, f *outfile.File, items int, each func()) error {
	t.Helper()
	return fill(t, f, service(items), wholeDay(), each)
}

func wholeDay() vonageinsights.Query {
	start := time.Date(2031, 5, 1, 0, 0, 0, 0, time.UTC)
	return vonageinsights.Query{From: start, To: start.AddDate(0, 0, 1)}
}

func service(items int) *vonageinsightstest.Server {
	server := vonageinsightstest.NewServer()
	for i := range items {
		server.Add(&vonageinsights.Session{ID: fmt.Sprintf("s-%03d", i), SessionStartTime: wholeDay().From.Add(time.Duration(i) * time.Second)})
	}
	return server
}

// fill writes what a query finds.
func fill(t *testing.T, f *outfile.File, server *vonageinsightstest.Server, query vonageinsights.Query, each func()) error {
	t.Helper()
	var opts []vonageinsights.ExportOption
	if at := f.Saved().Checkpoint; at != "" {
		opts = append(opts, vonageinsights.ResumeFrom(at))
	}
	run := outfile.Run[vonageinsights.Session]{
		Export:   server.Client().Export(query, opts...),
		Settings: map[string]string{"service": "a"}, Every: 10, Show: each,
		Put: func(w io.Writer, _ *vonageinsights.Session) error {
			_, err := io.WriteString(w, "item\n")
			return err
		},
	}
	err := run.Into(t.Context(), f)
	if closing := f.Close(); closing != nil {
		t.Error(closing)
	}
	return err
}

func check(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", filepath.Base(path), diff)
	}
}
