package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// fake is a process of its own that serves a corpus: its memory and its work are
// not measured.
type fake struct {
	url   string
	child *exec.Cmd
	stdin io.Closer
}

// start runs this program once more as a fake. The end of ctx kills it.
func start(ctx context.Context, c *corpus, stderr io.Writer) (*fake, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	what, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	child := exec.CommandContext(ctx, self, "-serve", string(what)) //nolint:gosec // this very program
	child.Stderr = stderr
	stdin, err := child.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := child.Start(); err != nil {
		return nil, err
	}
	f := &fake{child: child, stdin: stdin}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		f.stop()
		return nil, fmt.Errorf("the fake did not start: %w", err)
	}
	f.url = strings.TrimSpace(line)
	return f, nil
}

// stop ends the process, which the end of its input tells it to do.
func (f *fake) stop() {
	_ = f.stdin.Close()
	_ = f.child.Wait()
}

// serve is what the process does: it prints its URL when it is ready, and ends
// when its input does, also if that is because its parent died.
func serve(ctx context.Context, what string, stdin io.Reader, stdout io.Writer) error {
	var c corpus
	if err := json.Unmarshal([]byte(what), &c); err != nil {
		return fmt.Errorf("-serve: %w", err)
	}
	if c.Days < 1 {
		return fmt.Errorf("-serve: a corpus of %d days; want at least 1", c.Days)
	}
	handler, err := c.handler()
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		_ = server.Close()
	}()
	fmt.Fprintf(stdout, "http://%s\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// handler returns what answers as the corpus says.
func (c *corpus) handler() (http.Handler, error) {
	if c.Receiver != "" {
		return newInbox(c)
	}
	if len(c.Pages) > 0 {
		return newStatic(c)
	}
	server := vonageinsightstest.NewServer()
	server.Fail(vonageinsightstest.Fault{N: -1, Delay: c.Delay})
	return server, c.fill(server)
}
