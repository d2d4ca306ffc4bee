package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/examples/internal/programtest"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// TestMain lets the tests run the program itself, to kill it.
func TestMain(m *testing.M) { os.Exit(programtest.Main(m, main)) }

func TestOutput(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), nil, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	want := "265 recordings written\n5 are pending, without all of their insights: the service may have those some hours later, and the fake never has\n"
	if diff := cmp.Diff(want, stdout.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if want := regexp.MustCompile(`(?m)^up to 20\d\d-\d\d-\d\d \d\d:\d\d: 265 written, 5 pending, 0 given up$`); !want.MatchString(stderr.String()) {
		t.Errorf("progress is %q", stderr.String())
	}
	if want := "-out FILE keeps it.\n"; !strings.HasSuffix(stderr.String(), want) {
		t.Errorf("got %q, which does not say where the file is", stderr.String())
	}
}

// TestReport: another run is advised where it may find more.
func TestReport(t *testing.T) {
	t.Parallel()
	causes := map[string]int{"no insights": 1}
	for name, test := range map[string]struct {
		live     bool
		progress callinsights.Progress
		want     string
	}{
		"nothing":           {true, callinsights.Progress{}, "0 recordings written\n"},
		"all there":         {true, callinsights.Progress{Items: 2}, "2 recordings written\n"},
		"one of each":       {true, callinsights.Progress{Items: 1, Pending: 1, Skipped: 1, Causes: causes}, "1 recording written\n1 is pending, without all of its insights: run the program again in some hours\n1 was given up:\n     1  no insights\n"},
		"several":           {true, callinsights.Progress{Items: 3, Pending: 2, Skipped: 2}, "3 recordings written\n2 are pending, without all of their insights: run the program again in some hours\n2 were given up:\n"},
		"one of the fake":   {false, callinsights.Progress{Items: 1, Pending: 1}, "1 recording written\n1 is pending, without all of its insights: the service may have those some hours later, and the fake never has\n"},
		"all from the fake": {false, callinsights.Progress{Items: 1}, "1 recording written\n"},
	} {
		var stdout bytes.Buffer
		s := settings{live: test.live}
		if err := s.report(&stdout, test.progress); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, stdout.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// wanted are the recordings of the fake that have insights.
func wanted(calls int) []string {
	var ids []string
	for i := range calls {
		for n := range 2 {
			if i%50 != 49 && (n == 0 || i%12 == 11) {
				ids = append(ids, recordingOf(i, n).ID)
			}
		}
	}
	return ids
}

func written(t *testing.T, path string) []string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var ids []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var r ringsense.RecordingInsights
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("line %d: %v", len(ids)+1, err)
		}
		ids = append(ids, r.SourceRecordID)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return ids
}

// TestLastDay: the days of -from and -to are both there as a whole, as in the other
// programs that have these flags.
func TestLastDay(t *testing.T) {
	t.Parallel()
	// Calls, every seven minutes from eight o'clock on. The one after five days begins
	// at midnight.
	const firstDay, twoDays, fourDays, fiveDays = 138, 343, 755, 960
	all := wanted(1000)
	for name, test := range map[string]struct {
		args []string
		want []string
	}{
		"one day":        {[]string{"-from", "2024-03-04", "-to", "2024-03-04"}, wanted(firstDay)},
		"two days":       {[]string{"-from", "2024-03-04", "-to", "2024-03-05"}, wanted(twoDays)},
		"the second day": {[]string{"-from", "2024-03-05", "-to", "2024-03-05"}, wanted(twoDays)[len(wanted(firstDay)):]},
		"until midnight": {[]string{"-from", "2024-03-08", "-to", "2024-03-08"}, wanted(fiveDays)[len(wanted(fourDays)):]},
		"without an end": {[]string{"-from", "2024-03-05"}, all[len(wanted(firstDay)):]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "calls.jsonl")
			if err := run(t.Context(), append([]string{"-calls", "1000", "-out", out}, test.args...), io.Discard, io.Discard); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, written(t, out)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// interrupted ends by itself when it has been asked so often whether it has.
type interrupted struct {
	context.Context
	left   atomic.Int64
	cancel context.CancelFunc
}

func (i *interrupted) Err() error {
	if i.left.Add(-1) == 0 {
		i.cancel()
	}
	return i.Context.Err()
}

// TestInterrupted stops the program at random points, and starts it again until
// it is done: each recording is in the file once.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	const calls = 3000
	random := rand.New(rand.NewPCG(4, 2))
	s := settings{calls: calls, out: filepath.Join(t.TempDir(), "calls.jsonl")}
	client, err := connect(&s)
	if err != nil {
		t.Fatal(err)
	}
	for runs := 1; ; runs++ {
		s.every = 1 + random.IntN(300)
		ctx, cancel := context.WithCancel(t.Context())
		i := &interrupted{Context: ctx, cancel: cancel}
		i.left.Store(1 + random.Int64N(5000))
		err := backfill(i, client, s, io.Discard, io.Discard)
		cancel()
		if err == nil {
			if runs < 5 {
				t.Errorf("the program was done after %d runs", runs)
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(wanted(calls), written(t, s.out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestKilled ends the program by force or as Ctrl-C does, over 10,000 calls,
// whenever the file has reached a random length, and starts it again until it is
// done: each recording is in the file once.
func TestKilled(t *testing.T) {
	t.Parallel()
	const calls = 10_000
	for name, end := range map[string]struct {
		signal os.Signal
		code   int
		says   string
	}{
		"killed":      {os.Kill, -1, ""},
		"interrupted": {os.Interrupt, 130, "interrupted; run it again with the same flags to go on"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if end.signal == os.Interrupt && runtime.GOOS == "windows" {
				t.Skip("there is no such signal")
			}
			random := rand.New(rand.NewPCG(1, 5))
			out := filepath.Join(t.TempDir(), "calls.jsonl")
			kills := 0
			for done := false; !done; {
				code, said := runUntil(t, size(out)+random.Int64N(1_200_000), out, end.signal,
					"-out", out, "-calls", strconv.Itoa(calls), "-every", strconv.Itoa(1+random.IntN(500)))
				switch done = code == 0; {
				case done:
				case code == end.code && strings.HasSuffix(strings.TrimSpace(said), end.says):
					kills++
				default:
					t.Fatalf("it ended with %d: %s", code, said)
				}
			}
			if kills == 0 {
				t.Error("it was never ended")
			}
			if diff := cmp.Diff(wanted(calls), written(t, out)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// runUntil runs the program, and sends it the signal when the file is that long.
// It returns the program's exit code and what it said.
func runUntil(t *testing.T, length int64, out string, signal os.Signal, args ...string) (code int, said string) {
	t.Helper()
	program := programtest.Command(t, args...)
	var stderr bytes.Buffer
	program.Stderr = &stderr
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = program.Wait() // which the exit code says as well
		close(ended)
	}()
	for {
		select {
		case <-ended:
			return program.ProcessState.ExitCode(), stderr.String()
		case <-time.After(time.Millisecond):
			if size(out) > length {
				length = 1 << 60
				if err := program.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
					t.Error(err)
				}
			}
		}
	}
}

func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// TestDoneAgain: a run after the last one changes nothing.
func TestDoneAgain(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "calls.jsonl")
	var before []byte
	for i := range 2 {
		if err := run(t.Context(), []string{"-out", out, "-calls", "30"}, io.Discard, io.Discard); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 && !bytes.Equal(before, data) {
			t.Error("the second run has changed the file")
		}
		before = data
	}
	files, err := filepath.Glob(out + "*")
	if err != nil || len(files) != 2 {
		t.Errorf("got the files %v, %v", files, err)
	}
}

// TestRefused: nothing is written that could not be read again, and nothing is
// written over.
func TestRefused(t *testing.T) {
	t.Parallel()
	const out, state = "calls.jsonl", "calls.jsonl.checkpoint"
	tests := map[string]struct {
		files map[string]string
		args  []string
		want  string
	}{
		"file of somebody else":    {map[string]string{out: "x"}, nil, "has no checkpoint"},
		"damaged checkpoint":       {map[string]string{state: "{"}, nil, "is damaged"},
		"checkpoint of nothing":    {map[string]string{state: `{"checkpoint":"x"}`}, nil, "no checkpoint of a backfill"},
		"range in the future":      {nil, []string{"-from", "9000-01-01"}, "From is in the future"},
		"range upside down":        {nil, []string{"-from", "2024-03-05", "-to", "2024-03-04"}, "upside down"},
		"a day to come":            {nil, []string{"-to", "9000-01-01"}, "-to must be a day that is over in UTC, as calls to come would be missed; leave it out to read until now"},
		"today":                    {nil, []string{"-to", time.Now().UTC().Format(time.DateOnly)}, "-to must be a day that is over in UTC"},
		"no date":                  {nil, []string{"-from", "yesterday"}, "want a day such as 2026-10-01"},
		"the first day of all":     {nil, []string{"-from", "0001-01-01"}, "no call is that old: want a day such as 2026-10-01"},
		"the day before that":      {nil, []string{"-to", "0000-12-31"}, "no call is that old: want a day such as 2026-10-01"},
		"an argument too many":     {nil, []string{"x"}, `"x"`},
		"address of a fake":        {nil, []string{"-url", "http://127.0.0.1:1"}, "-url needs -live"},
		"steps of nothing":         {nil, []string{"-every", "0"}, "-every"},
		"the service needs a file": {nil, []string{"-live", "-out", ""}, "-from"},
		"no such folder":           {nil, []string{"-out", filepath.Join(t.TempDir(), "x", "y")}, "no such file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			for name, text := range test.files {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := run(t.Context(), append([]string{"-out", filepath.Join(folder, out)}, test.args...), io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			for _, name := range []string{out, state} {
				data, err := os.ReadFile(filepath.Join(folder, name))
				if string(data) != test.files[name] || err == nil && test.files[name] == "" {
					t.Errorf("%s holds %q afterwards", name, data)
				}
			}
		})
	}
}

// TestLiveNeedsCredentials names what is missing, and sends nothing.
func TestLiveNeedsCredentials(t *testing.T) {
	t.Setenv("RC_APP_CLIENT_ID", "")
	out := filepath.Join(t.TempDir(), "calls.jsonl")
	err := run(t.Context(), []string{"-live", "-from", "2024-03-05", "-out", out}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "RC_APP_CLIENT_ID") {
		t.Errorf("got %v", err)
	}
}

// TestURL: with -url it is another service that is asked, and the next run asks
// the same one. What has not begun reports no time.
func TestURL(t *testing.T) {
	sandbox := httptest.NewServer(fakeService(30))
	defer sandbox.Close()
	t.Setenv("RC_APP_CLIENT_ID", ringsensetest.ClientID)
	t.Setenv("RC_APP_CLIENT_SECRET", ringsensetest.ClientSecret)
	t.Setenv("RC_USER_JWT", ringsensetest.UserJWT)
	out := filepath.Join(t.TempDir(), "calls.jsonl")
	args := []string{"-live", "-from", "2024-03-04", "-to", "2024-03-05", "-out", out}
	if err := run(t.Context(), append(args, "-url", sandbox.URL), io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted(30), written(t, out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for url, want := range map[string]string{
		"http://127.0.0.1:1": `and not "http://127.0.0.1:1"`,
		"127.0.0.1:1":        "it must look like https://host",
	} {
		if err := run(t.Context(), append(args, "-url", url), io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", url, err, want)
		}
	}
	var stderr bytes.Buffer
	t.Setenv("RC_USER_JWT", "another")
	args = []string{"-live", "-from", "2024-03-04", "-out", filepath.Join(t.TempDir(), "none.jsonl"), "-url", sandbox.URL}
	if err := run(t.Context(), args, io.Discard, &stderr); !errors.Is(err, ringsense.ErrUnauthorized) || stderr.Len() > 0 {
		t.Errorf("got %v after %q, want a refused login and no progress", err, stderr.String())
	}
}

// TestShortened: a file that lost its end cannot be gone on with.
func TestShortened(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "calls.jsonl")
	args := []string{"-out", out, "-calls", "30"}
	if err := run(t.Context(), args, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(out, 100); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "shorter") {
		t.Errorf("got %v", err)
	}
}

// TestAnotherQuery: the checkpoint of a file is good for its query alone.
func TestAnotherQuery(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "calls.jsonl")
	args := []string{"-out", out, "-calls", "30"}
	if err := run(t.Context(), args, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	before := written(t, out)
	err := run(t.Context(), append(args, "-extension", "~"), io.Discard, io.Discard)
	if !errors.Is(err, ringsense.ErrInvalidRequest) || !strings.Contains(err.Error(), "another query") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, written(t, out)); diff != "" {
		t.Errorf("the file has changed (-want +got):\n%s", diff)
	}
}
