package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMain lets the tests run the program itself, to end it by force.
func TestMain(m *testing.M) {
	if arguments, ok := os.LookupEnv("PIPELINE_ARGUMENTS"); ok {
		if err := json.Unmarshal([]byte(arguments), &os.Args); err != nil {
			panic(err)
		}
		main() // which ends the process
	}
	os.Exit(m.Run())
}

func noEnv(string) string { return "" }

// TestDemo: the program does its job without flags, ends, and says what it did.
func TestDemo(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), nil, noEnv, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	want := `sent       160 events and notices, some of them twice; 8 jobs of 2 exports
events     120, each once
calls      690: 60 recordings of RingSense, 20 calls of Whippy, 610 sessions of AI Studio
exports      8 jobs done, with 600 sessions
given up     0
`
	if diff := cmp.Diff(want, stdout.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil || !bytes.Contains(readme, stdout.Bytes()) {
		t.Errorf("README.md shows something else, %v", err)
	}
}

// TestRefused: nothing runs unless all is well, and the reason says what to do.
func TestRefused(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	for name, test := range map[string]struct {
		args string
		want string
	}{
		"no such role":        {"serve", `"serve" is no role; -help lists them`},
		"a flag and no role":  {"-parts 3", `"-parts" is no role; -help lists them`},
		"no stream":           {"receive", "-nats URL, or -store FOLDER"},
		"no folder":           {"nats -nats nats://127.0.0.1:1", "-store must name"},
		"nobody reaches it":   {"nats -store x -nats-listen=", "-nats-listen the address"},
		"two streams":         {"work -nats nats://127.0.0.1:1 -store x", "-nats URL, or -store FOLDER"},
		"an argument":         {"work x", `unexpected argument "x"`},
		"unknown flag":        {"nats -port 1", "-port"},
		"password in the URL": {"work -nats nats://u:" + secret + "@127.0.0.1:1", "NATS_USER"},
		"odd URL":             {"work -nats nats://u:" + secret + "@[::1", "want a URL"},
		"no subscriber":       {"subscribe -address https://calls.example.com", "RC_USER_JWT"},
		"nobody there":        {"work -nats nats://127.0.0.1:1", "-nats: cannot connect"},
		"open to the world":   {"nats -store x -nats-listen 0.0.0.0:4222", "-nats-listen 0.0.0.0:4222"},
		"no port":             {"nats -store x -nats-listen 127.0.0.1", "-nats-listen 127.0.0.1"},
		"not a day":           {"export -nats nats://127.0.0.1:1 -from yesterday", "2024-01-01"},
		"no days":             {"export -nats nats://127.0.0.1:1", "-from and -to"},
		"days backwards":      {"export -nats nats://127.0.0.1:1 -from 2024-01-02 -to 2024-01-01", "-to is before -from"},
		"a day to come":       {"export -nats nats://127.0.0.1:1 -from 2024-01-01 -to 2999-12-31", "-to must be a day that is over"},
		"settings of others":  {"work -nats nats://127.0.0.1:1 -ack-wait 1s", "are for setup"},
		"no parts":            {"export -nats nats://127.0.0.1:1 -from 2024-01-01 -to 2024-01-02 -parts 0", "-parts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			err := run(t.Context(), strings.Fields(test.args), noEnv, io.Discard, &stderr)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error()+stderr.String(), secret) {
				t.Error("the password is shown")
			}
			if _, err := os.Lstat("x"); err == nil {
				t.Error("a folder was made")
			}
		})
	}
}

// TestHelp: the roles are listed as in the documentation of the program, and each of
// them has a list of its flags.
func TestHelp(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	documented := regexp.MustCompile(`(?m)^//\tpipeline (\w+) +(.*)$`).FindAllStringSubmatch(string(source), -1)
	if len(documented) != 8 {
		t.Errorf("%d roles are documented", len(documented))
	}
	for _, help := range []string{"-h", "-help", "--help", "help"} {
		var stderr bytes.Buffer
		if err := run(t.Context(), []string{help}, noEnv, io.Discard, &stderr); !errors.Is(err, flag.ErrHelp) {
			t.Errorf("%s: got %v", help, err)
		}
		listed := regexp.MustCompile(`(?m)^  (\w+) +(.*)$`).FindAllStringSubmatch(stderr.String(), -1)
		if diff := cmp.Diff(columns(documented), columns(listed)); diff != "" {
			t.Errorf("%s (-documented +listed):\n%s", help, diff)
		}
	}
	for _, role := range documented {
		var stderr bytes.Buffer
		if err := run(t.Context(), []string{role[1], "-h"}, noEnv, io.Discard, &stderr); !errors.Is(err, flag.ErrHelp) || !strings.HasPrefix(stderr.String(), "Usage of pipeline "+role[1]+":") {
			t.Errorf("%s -h: got %v and %q", role[1], err, stderr.String())
		}
	}
}

// columns are what matched the groups of a pattern.
func columns(matches [][]string) (all [][]string) {
	for _, match := range matches {
		all = append(all, match[1:])
	}
	return all
}

// TestDemoInterrupted: a demonstration that is interrupted ends at once.
func TestDemoInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, noEnv, io.Discard, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
