// Benchmarks measures the module against what a program would use instead, side
// by side in one run, and prints tables as Markdown:
//
//	go -C benchmarks run .
//
// Each table says what it measures, has the median and the spread of each way to
// do it, and for each target whether it was reached. Missed ones are no failure:
// a busy machine misses some. -only takes a part of the tables, by name, and
// -count the number of rounds, in each of which all ways of a table take a turn.
//
// What is asked over HTTP is a fake in another process, which the program starts
// itself. Where peaks of memory are compared, each way runs in a process of its own, of the
// program in reader/.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

// settings are what the flags say.
type settings struct {
	count int
	only  string
	serve string // not empty: be the fake
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	switch {
	case err != nil:
		return err
	case s.serve != "":
		return serve(ctx, s.serve, stdin, stdout)
	}
	chosen := matching(tables(), s.only)
	if len(chosen) == 0 {
		return fmt.Errorf("-only: no table has %q in its name; there are %s", s.only, names(tables()))
	}
	return report(ctx, chosen, s.count, stdout, stderr)
}

func report(ctx context.Context, chosen []table, rounds int, stdout, stderr io.Writer) error {
	fmt.Fprintf(stdout, "%s %s/%s, %d cores, -count %d.\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds)
	for _, t := range chosen {
		if t.system != "" && t.system != runtime.GOOS {
			fmt.Fprintf(stderr, "leaving out %s, which can be measured on %s alone\n", t.name, t.system)
			continue
		}
		fmt.Fprintf(stderr, "measuring %s\n", t.name)
		r, err := t.measure(ctx, rounds, stderr)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		fmt.Fprint(stdout, "\n", r.markdown(), r.takenOff())
	}
	return nil
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&s.count, "count", 6, "rounds of each table")
	flags.StringVar(&s.only, "only", "", "measure only the tables with this in their name, of "+names(tables()))
	flags.StringVar(&s.serve, "serve", "", "for the program itself: serve this corpus until the end of the input")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case s.count < 1:
		return s, fmt.Errorf("-count is %d; it must be at least 1", s.count)
	}
	return s, nil
}

func matching(all []table, part string) []table {
	var chosen []table
	for _, t := range all {
		if strings.Contains(t.name, part) {
			chosen = append(chosen, t)
		}
	}
	return chosen
}

func names(all []table) string {
	list := make([]string, len(all))
	for i, t := range all {
		list[i] = t.name
	}
	return strings.Join(list, ", ")
}
