package vonageinsights_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// A program that keeps a folder with all sessions of a range, a file for each, and
// the checkpoint in a file of its own, after every 100 sessions. Started again, it
// goes on from there. The sessions that it had since then come once more and
// replace their files, so that each is there once.
func ExampleClient_Export() {
	path, err := os.MkdirTemp("", "export")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(path) }()
	client, query := year()

	ctx, interrupt := context.WithCancel(context.Background()) // or signal.NotifyContext
	err = exportTo(ctx, client, query, path, func(progress callinsights.Progress) {
		fmt.Println("first run:", progress.Items, "sessions, until", progress.At.Format(time.DateOnly))
		interrupt()
	})
	fmt.Println("interrupted:", errors.Is(err, context.Canceled))

	err = exportTo(context.Background(), client, query, path, func(progress callinsights.Progress) {
		fmt.Println("second run:", progress.Items, "sessions, until", progress.At.Format(time.DateOnly))
	})
	if err != nil {
		fmt.Println(err)
	}
	files, err := fs.Glob(os.DirFS(path), "session-*")
	fmt.Println(len(files), "files", err)
	// Output:
	// first run: 100 sessions, until 2031-04-10
	// interrupted: true
	// second run: 200 sessions, until 2031-07-19
	// second run: 250 sessions, until 2031-09-07
	// 250 files <nil>
}

// stepSize is how many sessions a run that is interrupted fetches again at most.
const stepSize = 100

// exportTo writes the sessions that the folder does not have yet, and calls stored
// whenever it has stored the checkpoint.
func exportTo(ctx context.Context, client *vonageinsights.Client, query vonageinsights.Query, path string, stored func(callinsights.Progress)) error {
	folder, err := os.OpenRoot(path)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	options := []vonageinsights.ExportOption{vonageinsights.Parallel(4)}
	switch checkpoint, err := folder.ReadFile("checkpoint"); {
	case err == nil:
		options = append(options, vonageinsights.ResumeFrom(callinsights.Checkpoint(checkpoint)))
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	export := client.Export(query, options...)
	store := func() error {
		if err := replace(folder, "checkpoint", []byte(export.Checkpoint())); err != nil {
			return err
		}
		stored(export.Progress())
		return nil
	}
	for session, err := range export.All(ctx) {
		if err != nil {
			return err
		}
		text, err := json.Marshal(session)
		if err != nil {
			return err
		}
		if err := replace(folder, "session-"+url.PathEscape(session.ID)+".json", text); err != nil {
			return err
		}
		if export.Progress().Items%stepSize == 0 {
			if err := store(); err != nil {
				return err
			}
		}
	}
	return store()
}

// replace writes a file that is there whole or not at all, whenever the program
// ends.
func replace(folder *os.Root, name string, text []byte) error {
	if err := folder.WriteFile("unfinished", text, 0o600); err != nil {
		return err
	}
	return folder.Rename("unfinished", name)
}

// year is a service with a session for each of 250 days.
func year() (*vonageinsights.Client, vonageinsights.Query) {
	server := vonageinsightstest.NewServer()
	from := time.Date(2031, time.January, 1, 0, 0, 0, 0, time.UTC)
	for day := range 250 {
		server.Add(&vonageinsights.Session{
			ID:               fmt.Sprintf("4f1d0c8e-%04d", day),
			SessionStartTime: from.AddDate(0, 0, day).Add(9 * time.Hour),
		})
	}
	return server.Client(), vonageinsights.Query{From: from, To: from.AddDate(1, 0, 0)}
}
