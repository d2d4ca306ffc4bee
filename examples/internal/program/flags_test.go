package program_test

import (
	"bytes"
	"errors"
	"flag"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/examples/internal/program"
)

// What is wrong is said by the error alone, which the program prints.
func TestParse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args []string
		err  string
		says string
	}{
		"nothing":        {nil, "", ""},
		"a flag":         {[]string{"-n", "3"}, "", ""},
		"an argument":    {[]string{"-n", "3", "x"}, `unexpected argument "x"`, ""},
		"unknown flag":   {[]string{"-port", "1"}, "flag provided but not defined: -port; -help lists the flags", ""},
		"value missing":  {[]string{"-n"}, "flag needs an argument: -n; -help lists the flags", ""},
		"help":           {[]string{"-help"}, flag.ErrHelp.Error(), "Usage of copy:\n  -n int\n    \thow many\n"},
		"help, and more": {[]string{"-n", "3", "-h", "x"}, flag.ErrHelp.Error(), "Usage of copy:\n  -n int\n    \thow many\n"},
	} {
		flags := flag.NewFlagSet("copy", flag.ContinueOnError)
		flags.Int("n", 0, "how many")
		var stderr bytes.Buffer
		err := program.Parse(flags, tt.args, &stderr)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff([]string{tt.err, tt.says}, []string{got, stderr.String()}); diff != "" {
			t.Errorf("%s: error and output (-want +got):\n%s", name, diff)
		}
		if help := tt.says != ""; errors.Is(err, flag.ErrHelp) != help {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestParseWithArguments(t *testing.T) {
	t.Parallel()
	flags := flag.NewFlagSet("copy", flag.ContinueOnError)
	n := flags.Int("n", 0, "how many")
	var stderr bytes.Buffer
	if err := program.ParseWithArguments(flags, []string{"-n", "3", "from", "to"}, &stderr); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"from", "to"}, flags.Args()); diff != "" || *n != 3 || stderr.Len() > 0 {
		t.Errorf("got -n %d and %q, arguments (-want +got):\n%s", *n, stderr.String(), diff)
	}
}

func TestIsLocal(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.8.9.10": true, "::1": true,
		"": false, "0.0.0.0": false, "::": false, "192.0.2.1": false, "localhost.example.com": false, "127.0.0.1:80": false, "[::1]": false,
	} {
		if got := program.IsLocal(host); got != want {
			t.Errorf("%q: got %t, want %t", host, got, want)
		}
	}
}
