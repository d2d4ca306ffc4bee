// Reader is a program that reads sessions and does nothing else. It does the job
// that its argument describes, and prints how many bytes of memory it had at most. It
// gives up when its input ends, also if that is because its parent died.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/callinsights/callinsights-go/benchmarks/reading"
)

func main() {
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		stop()
	}()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "reader:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("%d arguments; want a job", len(args))
	}
	var job reading.Job
	if err := json.Unmarshal([]byte(args[0]), &job); err != nil {
		return fmt.Errorf("a job: %w", err)
	}
	if err := job.Do(ctx, func() {}); err != nil {
		return err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	peak, err := residentPeak(string(status))
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, peak)
	return nil
}

// residentPeak finds the most bytes that the process had in memory at once, those of
// its program included. What getrusage says is that of the parent too, as exec keeps
// it.
func residentPeak(status string) (int, error) {
	_, rest, _ := strings.Cut(status, "\nVmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	number, isSize := strings.CutSuffix(strings.TrimSpace(line), " kB")
	kibibytes, err := strconv.Atoi(number)
	if !isSize || err != nil {
		return 0, errors.New("/proc/self/status has no VmHWM in kB")
	}
	return kibibytes << 10, nil
}
