package vonageinsights_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// A program that knows of a call as it ends, waits for its recording and keeps it
// in a file.
func ExampleClient_DownloadRecording() {
	folder, err := os.MkdirTemp("", "recordings")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute) // some calls have no recording, ever
	defer cancel()
	path := filepath.Join(folder, "call.mp3")
	day := time.Date(2031, time.May, 4, 0, 0, 0, 0, time.UTC)
	size, err := saveRecording(ctx, recordedCall().Client(), "s-1", day, path)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		fmt.Println("there is no recording, or not yet:", err)
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(size, "bytes")
	}
	// Output:
	// 17 bytes
}

// saveRecording writes the recording to a file, which is there whole or not at all.
func saveRecording(ctx context.Context, client *vonageinsights.Client, id string, startedAt time.Time, path string) (size int64, err error) {
	session, err := client.WaitRecording(ctx, id, startedAt)
	if err != nil {
		return 0, err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "unfinished-*")
	if err != nil {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, file.Close())
		if err == nil {
			err = os.Rename(file.Name(), path)
		}
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	// Where a session holds a path alone, this is what it is below.
	base := vonageinsights.RelativeTo(vonageinsightstest.RecordingBase)
	return client.DownloadRecording(ctx, session.Recording(), file, base)
}

// recordedCall is a service with a session that has a recording.
func recordedCall() *vonageinsightstest.Server {
	server := vonageinsightstest.NewServer()
	server.Add(&vonageinsights.Session{ID: "s-1", SessionStartTime: time.Date(2031, time.May, 4, 9, 15, 0, 0, time.UTC)})
	server.AddRecording("s-1", vonageinsightstest.Recording{
		Kind: vonageinsights.RecordingPath, Data: []byte("ID3 a short sound"),
	})
	return server
}
