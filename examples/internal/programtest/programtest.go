// Package programtest is what the tests of the example programs share.
package programtest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// variable is set where the test binary is to be the program.
const variable = "BE_THE_PROGRAM"

// Main is for TestMain. It runs the tests, or main for a process of [Command], and
// returns the exit code.
func Main(m *testing.M, main func()) int {
	if _, ok := os.LookupEnv(variable); ok {
		main()
		return 0
	}
	return m.Run()
}

// Command is the program in a process of its own, which ends with the test. The
// package needs a TestMain with [Main].
func Command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := exec.CommandContext(t.Context(), self, args...) //nolint:gosec // the test binary with arguments of its own
	program.Env = append(os.Environ(), variable+"=1")
	return program
}

// Interrupted starts the program, calls running with the first line that it
// prints, and interrupts it, by each of the two signals in turn. The program has
// to take that for success. What it says on standard error goes to ended.
func Interrupted(t *testing.T, args []string, running func(t *testing.T, line string), ended func(t *testing.T, stderr string)) {
	t.Helper()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			program := Command(t, args...)
			var stderr bytes.Buffer
			program.Stderr = &stderr
			stdout, err := program.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := program.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(stdout).ReadString('\n')
			if err != nil {
				t.Fatalf("the program has printed no line: %v, %v: %s", err, program.Wait(), stderr.String())
			}
			running(t, strings.TrimSuffix(line, "\n"))
			if err := program.Process.Signal(signal); err != nil {
				t.Error(err)
			}
			if err := program.Wait(); err != nil {
				t.Errorf("the program ended with %v", err)
			}
			ended(t, stderr.String())
		})
	}
}

// Refusals are what a program does not begin with, by name: the arguments, and what
// the error has to hold.
type Refusals map[string]struct {
	Args []string
	Want string
}

// Refuses checks that run fails with each of the arguments, with -help as it must,
// and, with none, when nobody reads what it prints.
func Refuses(t *testing.T, run func(ctx context.Context, args []string, stdout, stderr io.Writer) error, refusals Refusals) {
	t.Helper()
	for name, test := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(t.Context(), test.Args, unwritable{}, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.Want) {
				t.Errorf("got %v, want an error with %q", err, test.Want)
			}
		})
	}
	var stderr bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, unwritable{}, &stderr); !errors.Is(err, flag.ErrHelp) || stderr.Len() == 0 {
		t.Errorf("-help: got %v and %q", err, stderr.String())
	}
	if err := run(t.Context(), nil, unwritable{}, io.Discard); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("without anybody to read: got %v", err)
	}
}

// unwritable is a standard output that nobody reads. With it, no server runs on.
type unwritable struct{}

func (unwritable) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
