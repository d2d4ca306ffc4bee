package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/examples/internal/program"
	"github.com/callinsights/callinsights-go/examples/internal/programtest"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestMain lets the tests run the program itself, to kill it.
func TestMain(m *testing.M) { os.Exit(programtest.Main(m, main)) }

func TestWithoutFlags(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), nil, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	if want := "600 sessions written\n"; stdout.String() != want {
		t.Errorf("got %q, want %q", stdout.String(), want)
	}
	if want := "600 of 600 sessions, at 2025-06-"; !strings.HasPrefix(stderr.String(), want) {
		t.Errorf("progress is %q, want %q", stderr.String(), want)
	}
	if strings.Contains(stderr.String(), "The range ends") {
		t.Errorf("got %q, where the fake has no sessions to come", stderr.String())
	}
	if want := "-out FILE keeps it.\n"; !strings.HasSuffix(stderr.String(), want) {
		t.Errorf("got %q, which does not say where the file is", stderr.String())
	}
}

// TestNothing: where nothing matches, the program says where it has looked.
func TestNothing(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"-sessions", "7", "-source", "+" + demo.Caller}, &stdout, io.Discard); err != nil {
		t.Fatal(err)
	}
	want := "0 sessions written. Looked at: fake of 7 sessions, from 2024-01-08T00:00:00Z to 2025-06-30T23:59:59Z. " +
		"Numbers have no plus as a rule: try -source without it.\n"
	if diff := cmp.Diff(want, stdout.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"sessions.jsonl": {"-sessions", "4"},
		"sessions.csv":   {"-sessions", "12", "-format", "csv"},
		"filtered.csv":   {"-format", "csv", "-source", demo.Caller, "-text", "boiler refund", "-from", "2024-05-01", "-to", "2024-12-31"},
		"nothing.csv":    {"-format", "csv", "-agent", "nobody"},
		"parallel.csv":   {"-sessions", "12", "-format", "csv", "-parallel", "3", "-every", "1"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), name)
			if err := run(t.Context(), append(args, "-out", out), io.Discard, io.Discard); err != nil {
				t.Fatal(err)
			}
			got := read(t, out)
			golden := filepath.Join("testdata", strings.Replace(name, "parallel", "sessions", 1))
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(read(t, golden)), string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestRows: what a row holds is read back as it was, but for the guard against
// formulas.
func TestRows(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"":                     "",
		"12025550143":          "12025550143",
		"+12025550143":         "'+12025550143",
		`=HYPERLINK("http:x")`: `'=HYPERLINK("http:x")`,
		"-1":                   "'-1",
		"@SUM(A1)":             "'@SUM(A1)",
		"\t=1":                 "\t'=1",
		"\r=1":                 "\r'=1",
		"\n=1":                 "\n'=1",
		" \x00\ufeff\u00a0@A1": " \x00\ufeff\u00a0'@A1",
		"\uff1d1":              "'\uff1d1",
		"\uff0b1":              "'\uff0b1",
		"\uff0d1":              "'\uff0d1",
		"\uff201":              "'\uff201",
		"x;=1;y; -1":           "x;'=1;y; '-1",
		"x\t+1":                "x\t'+1",
		"hello\n\t=1":          "hello\n\t'=1",
		"a, =1; b-1":           "a, =1; b-1",
		"a=1":                  "a=1",
		"'=1":                  "'=1",
		`say "hi", twice`:      `say "hi", twice`,
		"Zoë\nQuill":           "Zoë\nQuill",
	} {
		var b bytes.Buffer
		if err := putRow(&b, &vonageinsights.Session{ID: "s-1", AgentInformation: vonageinsights.AgentInformation{Name: cell}}); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(b.String(), "\r\n") {
			t.Errorf("the row of %q ends with %q", cell, b.String())
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != len(columns) {
			t.Fatalf("the row of %q is %v, %v", cell, rows, err)
		}
		// A carriage return is no part of a text in CSV.
		if got, want := rows[0][5], strings.ReplaceAll(want, "\r", ""); got != want {
			t.Errorf("%q became %q, want %q", cell, got, want)
		}
	}
}

// lineup are the sessions of the fake that has so many, as ids in their order.
func lineup(t *testing.T, fake *vonageinsightstest.Server) (ids []string) {
	t.Helper()
	from, to := demo.Years()
	for session, err := range fake.Client().Search(t.Context(), vonageinsights.Query{From: from, To: to, PageSize: 1000}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, session.ID)
	}
	return ids
}

// written are the ids in a file.
func written(t *testing.T, path string) (ids []string) {
	t.Helper()
	data := read(t, path)
	if strings.HasSuffix(path, ".csv") {
		rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			ids = append(ids, row[0])
		}
		return ids
	}
	lines := json.NewDecoder(bytes.NewReader(data))
	for {
		var session vonageinsights.Session
		if err := lines.Decode(&session); errors.Is(err, io.EOF) {
			return ids
		} else if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, session.ID)
	}
}

// TestKilled ends the program by force, or interrupts it, whenever the file has
// reached a random length, and starts it again until it is done: each session is
// in the file once, in its place.
func TestKilled(t *testing.T) {
	t.Parallel()
	fake := demo.StudioYears(6000)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	want := lineup(t, fake)
	tests := map[string]struct {
		signal os.Signal
		code   int
	}{
		"killed.jsonl":      {syscall.SIGKILL, -1},
		"killed.csv":        {syscall.SIGKILL, -1},
		"interrupted.jsonl": {os.Interrupt, 130},
		"interrupted.csv":   {os.Interrupt, 130},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(uint64(len(name)), 7))
			out := filepath.Join(t.TempDir(), name)
			ends := 0
			for {
				running := start(t, server.URL, out, random)
				code, complaint := running.end(out, size(out)+1+random.Int64N(600_000), test.signal)
				if code == 0 {
					break
				}
				if ends++; code != test.code || (code == 130) != strings.Contains(complaint, "run it again with the same flags") {
					t.Fatalf("the program ended with %d: %s", code, complaint)
				}
			}
			if ends == 0 {
				t.Error("it was done before it could be ended")
			}
			if diff := cmp.Diff(want, written(t, out)); diff != "" {
				t.Errorf("after %d ends (-want +got):\n%s", ends, diff)
			}
		})
	}
}

// process is the program, as it runs.
type process struct {
	*exec.Cmd
	complaint bytes.Buffer
}

func start(t *testing.T, url, out string, random *rand.Rand) *process {
	t.Helper()
	p := &process{Cmd: programtest.Command(t,
		"-live", "-url", url, "-region", "eu", "-from", "2024-01-01", "-out", out, "-format", strings.TrimPrefix(filepath.Ext(out), "."),
		"-parallel", strconv.Itoa(1+random.IntN(4)), "-every", strconv.Itoa(1+random.IntN(500)))}
	p.Stderr = &p.complaint
	p.Env = append(p.Env, "VONAGE_AI_STUDIO_KEY="+vonageinsightstest.APIKey)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// end waits until the program has ended, by a signal once the file is longer than
// limit.
func (p *process) end(out string, limit int64, signal os.Signal) (code int, complaint string) {
	ended := make(chan struct{})
	go func() {
		_ = p.Wait() // the code says it all
		close(ended)
	}()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ended:
			return p.ProcessState.ExitCode(), p.complaint.String()
		case <-look.C:
			if size(out) > limit {
				_ = p.Process.Signal(signal) // unless it has ended
				<-ended
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

// TestInterruptedWithoutAFile: there is nothing to go on from.
func TestInterruptedWithoutAFile(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"a temporary file": {nil, "vonage-export: interrupted\n"},
		"a file":           {[]string{"-out", filepath.Join(t.TempDir(), "x.jsonl")}, "vonage-export: interrupted; run it again with the same flags to go on\n"},
	} {
		var stderr bytes.Buffer
		err := run(ctx, test.args, io.Discard, io.Discard)
		if code := program.Code(programName, err, &stderr); code != 130 || stderr.String() != test.says {
			t.Errorf("%s: got %v, which ends with %d: %s", name, err, code, stderr.String())
		}
	}
}

// TestAgain: a run after the last one changes nothing, and one for something else
// is refused and changes nothing either.
func TestAgain(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "sessions.csv")
	first := []string{"-sessions", "30", "-format", "csv", "-out", out}
	if err := run(t.Context(), first, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	before := read(t, out)
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"the same":       {nil, ""},
		"the same end":   {[]string{"-to", "2025-06-30"}, ""},
		"in parallel":    {[]string{"-parallel", "4", "-every", "1"}, ""},
		"another filter": {[]string{"-status", "ended"}, "another query, whose Filter differs"},
		"another start":  {[]string{"-from", "2024-02-01"}, "another query, whose From differs"},
		"another end":    {[]string{"-to", "2024-02-01"}, "another query, whose To differs"},
		"another format": {[]string{"-format", "jsonl"}, `was begun with the format "csv" and not "jsonl"`},
		"another fake":   {[]string{"-sessions", "31"}, `was begun with the service "fake of 30 sessions" and not "fake of 31 sessions"`},
		"the service":    {[]string{"-live", "-region", "eu"}, `and not "region eu"`},
		"another URL":    {[]string{"-live", "-url", "http://127.0.0.1:1", "-region", "eu"}, `and not "http://127.0.0.1:1"`},
	} {
		err := run(t.Context(), append(first, test.args...), io.Discard, io.Discard)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
		if diff := cmp.Diff(string(before), string(read(t, out))); diff != "" {
			t.Fatalf("%s: the file has changed (-want +got):\n%s", name, diff)
		}
	}
}

// TestUntilNow: without -to the range ends with the moment of the first run, or with
// its -to, which is what that and the next one say. Whoever gives -to knows.
func TestUntilNow(t *testing.T) {
	server := httptest.NewServer(demo.StudioYears(30))
	t.Cleanup(server.Close)
	t.Setenv("VONAGE_AI_STUDIO_KEY", vonageinsightstest.APIKey)
	folder := t.TempDir()
	said := func(name string, more ...string) string {
		var stderr bytes.Buffer
		args := append([]string{"-live", "-url", server.URL, "-region", "eu", "-from", "2024-01-01", "-out", filepath.Join(folder, name)}, more...)
		if err := run(t.Context(), args, io.Discard, &stderr); err != nil {
			t.Fatal(err)
		}
		_, end, _ := strings.Cut(stderr.String(), "The range ends with ")
		end, _, _ = strings.Cut(end, ". Newer sessions need another file.\n")
		return end
	}
	before := time.Now().Truncate(time.Microsecond)
	end := said("open.jsonl")
	if at, err := time.Parse(time.RFC3339Nano, end); err != nil || at.Before(before) || at.After(time.Now()) {
		t.Errorf("it says that the range ends at %q, %v", end, err)
	}
	if again := said("open.jsonl"); again != end {
		t.Errorf("the next run says that it ends at %q, the first %q", again, end)
	}
	if end := said("closed.jsonl", "-to", "2025-06-30"); end != "" {
		t.Errorf("with -to it says that the range ends at %q", end)
	}
	if end := said("closed.jsonl"); end != "2025-06-30T23:59:59.999999Z" {
		t.Errorf("after a run with -to it says that the range ends at %q", end)
	}
}

// TestHalfARow: what a run wrote and did not get to note down is cut off, also
// where there is nothing left to write in its place.
func TestHalfARow(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "sessions.csv")
	args := []string{"-sessions", "30", "-format", "csv", "-out", out}
	if err := run(t.Context(), args, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	before := read(t, out)
	if err := os.WriteFile(out, append(read(t, out), `88412bdd,2025-06-29T0`...), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), args, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(before), string(read(t, out))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRefused: nothing is asked for, and nothing is written.
func TestRefused(t *testing.T) {
	tests := map[string]struct {
		args []string
		want string
	}{
		"unknown format":     {[]string{"-format", "xml"}, "jsonl or csv"},
		"empty filter":       {[]string{"-agent", ""}, "an empty text"},
		"no day":             {[]string{"-to", "tomorrow"}, "want a day"},
		"a day not over":     {[]string{"-to", time.Now().Add(time.Hour).UTC().Format(time.DateOnly)}, "-to must be a day or a moment that is over"},
		"a day to come":      {[]string{"-to", "9000-01-01"}, "-to must be a day or a moment that is over"},
		"a moment to come":   {[]string{"-to", time.Now().Add(time.Hour).Format(time.RFC3339)}, "-to must be a day or a moment that is over"},
		"upside down":        {[]string{"-from", "2024-03-05", "-to", "2024-03-03"}, "From is after its To"},
		"nobody reads":       {[]string{"-parallel", "0"}, "-parallel must be from 1 to 128"},
		"too many read":      {[]string{"-parallel", "129"}, "-parallel must be from 1 to 128"},
		"a folder":           {[]string{"-out", t.TempDir()}, "is a folder: name a file in it"},
		"after the fake":     {[]string{"-from", "2026-01-01"}, "-from 2026-01-01T00:00:00Z is after the end of the range"},
		"steps of nothing":   {[]string{"-every", "0"}, "-every"},
		"fewer than none":    {[]string{"-sessions", "-1"}, "-sessions"},
		"address of a fake":  {[]string{"-url", "http://127.0.0.1:1"}, "-live"},
		"an argument":        {[]string{"x"}, `"x"`},
		"live without a day": {[]string{"-live"}, "-from"},
		"live without -out":  {[]string{"-live", "-from", "2024-01-01", "-out", ""}, "-out"},
		"live without a key": {[]string{"-live", "-from", "2024-01-01", "-region", "eu"}, "VONAGE_AI_STUDIO_KEY"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("VONAGE_AI_STUDIO_KEY", "")
			folder := t.TempDir()
			err := run(t.Context(), append([]string{"-out", filepath.Join(folder, "x.jsonl")}, test.args...), io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if files, err := os.ReadDir(folder); err != nil || len(files) > 0 {
				t.Errorf("got the files %v, %v", files, err)
			}
		})
	}
}

func TestMeter(t *testing.T) {
	t.Parallel()
	from, to := demo.Years()
	middle := from.Add(to.Sub(from) / 2)
	tests := map[string]struct {
		progress callinsights.Progress
		full     int
		text     string
	}{
		"at the start":      {callinsights.Progress{Total: -1}, 0, "0 sessions"},
		"by time":           {callinsights.Progress{Items: 40, At: middle, Total: -1}, 15, "40 sessions, at 2024-10-03 23:59"},
		"by count":          {callinsights.Progress{Items: 40, At: middle, Total: 60}, 20, "40 of 60 sessions, at 2024-10-03 23:59"},
		"by count, of one":  {callinsights.Progress{Total: 1}, 0, "0 of 1 session"},
		"one so far":        {callinsights.Progress{Items: 1, Total: -1}, 0, "1 session"},
		"nothing to do":     {callinsights.Progress{Total: 0}, 30, "0 of 0 sessions"},
		"more than thought": {callinsights.Progress{Items: 3, At: to, Total: 2}, 30, "3 of 2 sessions, at 2025-06-30 23:59"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lines, bar bytes.Buffer
			newMeter(&lines, from, to).end(test.progress)
			if want := test.text + "\n"; lines.String() != want {
				t.Errorf("got the line %q, want %q", lines.String(), want)
			}
			m := meter{w: &bar, bar: true, from: from, to: to, width: 90}
			m.end(test.progress)
			want := "\r[" + strings.Repeat("#", test.full) + strings.Repeat(".", 30-test.full) + "] " + test.text
			if got := strings.TrimRight(bar.String(), " \n"); got != want || bar.Len() != 92 {
				t.Errorf("got the bar %q, want %q", bar.String(), want)
			}
		})
	}
	if isTerminal(&bytes.Buffer{}) {
		t.Error("a buffer is no terminal")
	}
}
