package program

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// Parse reads the flags of a program that takes nothing else. See
// [ParseWithArguments].
func Parse(flags *flag.FlagSet, args []string, stderr io.Writer) error {
	if err := ParseWithArguments(flags, args, stderr); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return nil
}

// ParseWithArguments reads the flags and leaves what follows them to flags.Args.
// With -help it tells stderr what there is, and fails with [flag.ErrHelp]. It
// prints no other failure, as [Code] does, and once is enough.
func ParseWithArguments(flags *flag.FlagSet, args []string, stderr io.Writer) error {
	flags.SetOutput(io.Discard)
	err := flags.Parse(args)
	flags.SetOutput(stderr)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, flag.ErrHelp):
		flags.Usage()
		return err
	default:
		return fmt.Errorf("%w; -help lists the flags", err)
	}
}
