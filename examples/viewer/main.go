// Viewer shows calls as web pages on this machine: a list with search and filters,
// and each call as a timeline with a lane for each speaker, with what was said, the
// summary and the next steps. It opens the files that the other examples write:
//
//	go -C examples/viewer run . "$PWD/calls.jsonl" "$PWD/events.jsonl"
//
// Without a file it shows calls of a made-up company, from all three services. It
// needs neither credentials nor a network, prints its address, and runs until it is
// interrupted. What can be read of a file is shown, and what cannot is named on
// standard error and on a page.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/callinsights/callinsights-go/examples/internal/program"
)

const programName = "viewer"

func main() {
	os.Exit(program.Run(programName, run))
}

// settings are what the flags and arguments say.
type settings struct {
	addr   string
	hosts  []string // names under which browsers may ask, besides those of this machine
	maxMiB int64
	files  []string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	calls, err := load(s, stderr)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, s)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(stdout, address(listener, s.hosts)); err != nil {
		_ = listener.Close()
		return err
	}
	fmt.Fprintf(stderr, "%s. Runs until it is interrupted.\n", program.Counted(len(calls.all), "call", "calls"))
	for _, p := range calls.problems {
		fmt.Fprintf(stderr, "%s: %q\n", p.Place, p.What) // quoted, as a terminal obeys what it reads
	}
	if n := calls.unlisted; n > 0 {
		fmt.Fprintf(stderr, "and %s that could not be read\n", program.Counted(n, "more place", "more places"))
	}
	return serve(ctx, listener, newSite(calls, s.hosts))
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet(programName, flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: viewer [flags] [FILE...]")
		flags.PrintDefaults()
	}
	flags.StringVar(&s.addr, "addr", "127.0.0.1:0", "address to listen on; port 0 is one that is free")
	flags.Func("host", "name or number by which browsers on other machines reach this one; may be repeated", func(host string) error {
		if host == "" || strings.ContainsAny(host, ":/") && !isIP(host) {
			return errors.New("want a name or a number without a port, such as calls.example.com")
		}
		s.hosts = append(s.hosts, host)
		return nil
	})
	flags.Int64Var(&s.maxMiB, "max-mib", 1024, "how much text of calls to keep in memory, in MiB; a text counts twice, as it was said and as it is searched")
	if err := program.ParseWithArguments(flags, args, stderr); err != nil {
		return s, err
	}
	s.files = flags.Args()
	for _, file := range s.files {
		if strings.HasPrefix(file, "-") {
			return s, fmt.Errorf("%s comes after a file: flags go first; a file of that name is ./%s", file, file)
		}
	}
	if s.maxMiB < 1 || s.maxMiB > 1<<20 {
		return s, fmt.Errorf("-max-mib %d: want 1 to %d", s.maxMiB, 1<<20)
	}
	return s, nil
}

// load reads the files, or makes the calls to show without any.
func load(s settings, stderr io.Writer) (*library, error) {
	calls := newLibrary(s.maxMiB << 20)
	if len(s.files) == 0 {
		return calls, addDemo(calls)
	}
	for _, path := range s.files {
		fmt.Fprintln(stderr, "reading", path) // which takes seconds for some hundred MiB
		if err := openFile(path, calls); err != nil {
			return nil, err
		}
	}
	calls.sort()
	return calls, nil
}
