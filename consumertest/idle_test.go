package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A program that fetches a page, to which more imports and statements are added.
const fetcher = `package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"

%s
)

func main() {
	if len(os.Args) == 2 {
		resp, err := http.Get(os.Args[1])
		if err == nil {
			_, err = io.Copy(os.Stdout, resp.Body)
		}
		fmt.Println(err)
		return
	}
%s
	fmt.Println(runtime.NumGoroutine())
}
`

const imported = `
	_ "github.com/callinsights/callinsights-go"
	_ "github.com/callinsights/callinsights-go/ringsense"
	_ "github.com/callinsights/callinsights-go/vonageinsights"
	_ "github.com/callinsights/callinsights-go/vonageinsights/field"
	_ "github.com/callinsights/callinsights-go/whippy"`

const used = `
	"context"
	"errors"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/whippy"`

const makeAll = `
	_, err1 := ringsense.NewClient(ringsense.JWT("client", "secret", "a.b.c"))
	_, err2 := vonageinsights.NewClient("key", vonageinsights.EU)
	_, err3 := whippy.NewClient()
	verifier, err4 := whippy.NewVerifier([]string{"secret"})
	_, err5 := whippy.NewEventHandler(func(context.Context, *whippy.Event) error { return nil }, whippy.WithVerifier(verifier))
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		fmt.Println(err)
	}`

// build makes the stripped program with those imports and statements, and returns
// its file.
func build(t *testing.T, imports, statements string) string {
	t.Helper()
	dir := t.TempDir()
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	if err := os.WriteFile(source, fmt.Appendf(nil, fetcher, imports, statements), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", program, source)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// TestImportsWeighLittle: what a program pays for importing all packages.
func TestImportsWeighLittle(t *testing.T) {
	t.Parallel()
	const most = 600_000
	size := func(program string) int64 {
		info, err := os.Stat(program)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	without, with := size(build(t, "", "")), size(build(t, imported, ""))
	if t.Logf("%d bytes, and %d more with the packages", without, with-without); with-without > most {
		t.Errorf("the packages add %d bytes to a program that imports them, want at most %d", with-without, most)
	}
}

// TestNothingRunsUntilItIsCalled: the packages do no work when a program starts,
// and neither they nor what they make leaves a goroutine.
func TestNothingRunsUntilItIsCalled(t *testing.T) {
	t.Parallel()
	for name, program := range map[string]struct{ imports, statements string }{
		"imported": {imported, ""},
		"made":     {used, makeAll},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), build(t, program.imports, program.statements))
			cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
			var trace strings.Builder
			cmd.Stderr = &trace
			out, err := cmd.Output()
			if got := string(out); err != nil || got != "1\n" {
				t.Errorf("the program printed %q (%v), want that there is 1 goroutine", got, err)
			}
			if !strings.Contains(trace.String(), "init net/http @") {
				t.Errorf("no trace of what was done at the start:\n%s", trace.String())
			}
			for line := range strings.Lines(trace.String()) {
				if strings.HasPrefix(line, "init github.com/callinsights/") {
					t.Errorf("work when the program starts: %s", line)
				}
			}
		})
	}
}
