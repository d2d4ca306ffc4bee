package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/examples/internal/programtest"
)

func TestMain(m *testing.M) { os.Exit(programtest.Main(m, main)) }

// TestProgram starts the program, asks it for a page of a file, and ends it by each
// of two signals.
func TestProgram(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "calls.jsonl")
	if err := os.WriteFile(file, []byte(recordA+"\nbroken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	programtest.Interrupted(t, []string{file},
		func(t *testing.T, address string) {
			t.Helper()
			if page := fetch(t, address); !strings.Contains(page, "Record A") || !strings.Contains(page, "1 place could not be read") {
				t.Errorf("the page is %s", page)
			}
		},
		func(t *testing.T, stderr string) {
			t.Helper()
			for _, want := range []string{file + `:2: "not a JSON object"`, "\n1 call. Runs until it is interrupted.\n"} {
				if !strings.Contains(stderr, want) {
					t.Errorf("standard error lacks %q:\n%s", want, stderr)
				}
			}
		})
}

// TestWrittenByExamples opens what the other example programs write.
func TestWrittenByExamples(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command to run the programs with")
	}
	folder := t.TempDir()
	for name, test := range map[string]struct {
		args    []string
		service service
		calls   int
	}{
		"vonage-export":      {[]string{"-sessions", "70"}, serviceVonage, 70},
		"ringsense-backfill": {[]string{"-calls", "40"}, serviceRingSense, 0}, // some are not recorded
		"receiver":           {[]string{"-for", "1s"}, "", 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(folder, name+".jsonl")
			args := append([]string{"run", "github.com/callinsights/callinsights-go/examples/" + name, "-out", file}, test.args...)
			if text, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
				t.Fatalf("%v:\n%s", err, text)
			}
			lines, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := test.calls
			if want == 0 {
				want = bytes.Count(lines, []byte("\n"))
			}
			calls, err := load(settings{maxMiB: 64, files: []string{file}}, io.Discard)
			if err != nil || len(calls.problems) > 0 {
				t.Fatalf("%v, %v", err, calls.problems)
			}
			if len(calls.all) != want || want == 0 {
				t.Errorf("got %d calls, want %d", len(calls.all), want)
			}
			for _, c := range calls.all {
				if test.service != "" && c.Service != test.service {
					t.Errorf("a call of %s", c.Service)
				}
			}
		})
	}
}

func fetch(t *testing.T, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRefused: what the program does not begin with, and why.
func TestRefused(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	missing := filepath.Join(t.TempDir(), "missing.jsonl")
	big := filepath.Join(t.TempDir(), "big.jsonl")
	long := strings.ReplaceAll(recordA, "Record A", strings.Repeat("long ", 300<<10))
	if err := os.WriteFile(big, []byte(long), 0o600); err != nil {
		t.Fatal(err)
	}
	programtest.Refuses(t, run, programtest.Refusals{
		"port taken":              {[]string{"-addr", taken.Addr().String()}, "-addr " + taken.Addr().String()},
		"every network":           {[]string{"-addr", "0.0.0.0:0"}, "-host"},
		"every network, unnamed":  {[]string{"-addr", ":0"}, "-host"},
		"another name":            {[]string{"-addr", "localhost.example.com:80"}, "-host"},
		"no port":                 {[]string{"-addr", "127.0.0.1"}, "missing port"},
		"host with a port":        {[]string{"-host", "example.com:80"}, "without a port"},
		"host with a path":        {[]string{"-host", "example.com/x"}, "without a port"},
		"no host":                 {[]string{"-host", ""}, "without a port"},
		"no memory":               {[]string{"-max-mib", "0"}, "-max-mib 0"},
		"more memory than counts": {[]string{"-max-mib", "9999999999"}, "want 1 to"},
		"too much":                {[]string{"-max-mib", "1", big}, big + ":1: -max-mib 1 is too little to keep this call too: raise it, or open a part of the files"},
		"a table":                 {[]string{filepath.Join(t.TempDir(), "calls.CSV")}, "calls.CSV: a CSV holds no whole calls: export them with -format jsonl"},
		"no file":                 {[]string{missing}, "missing.jsonl"},
		"flag after a file":       {[]string{big, "-addr", "127.0.0.1:0"}, "-addr comes after a file: flags go first"},
		"unknown flag":            {[]string{"-port", "1"}, "-port"},
	})
}

// TestMissing: where a file may be missing because of go -C, the program says so.
func TestMissing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path   string
		advice bool
	}{
		"relative": {"missing.jsonl", true},
		"whole":    {filepath.Join(t.TempDir(), "missing.jsonl"), false},
	} {
		err := openFile(test.path, newLibrary(1<<30))
		if !errors.Is(err, fs.ErrNotExist) || strings.HasSuffix(err.Error(), "; go -C changes the folder, so give a whole path") != test.advice {
			t.Errorf("%s: got %v, want advice: %t", name, err, test.advice)
		}
	}
}

// TestAddress: what is printed is what a browser can open.
func TestAddress(t *testing.T) {
	t.Parallel()
	listener, err := listen(t.Context(), settings{addr: "127.0.0.1:0", hosts: []string{"calls.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := address(listener, nil), "http://127.0.0.1:"+port+"/"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := address(listener, []string{"calls.example.com"}), "http://calls.example.com:"+port+"/"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestBroken: a server that cannot go on ends the program, with its error.
func TestBroken(t *testing.T) {
	t.Parallel()
	listener, err := listen(t.Context(), settings{addr: "localhost:0"})
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if err := serve(t.Context(), listener, http.NotFoundHandler()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}
