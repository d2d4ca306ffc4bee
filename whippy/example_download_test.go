package whippy_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// A program that keeps the recording of a call in a file, after its event has been
// acknowledged. The host of the file is played here; a program of yours leaves
// WithHTTPClient out.
func ExampleClient_Download() {
	client, err := whippy.NewClient(whippy.WithMaxAttachmentBytes(64<<20), whippy.WithHTTPClient(&http.Client{Transport: fileHost("RIFF a short sound")}))
	if err != nil {
		panic(err)
	}
	folder, err := os.MkdirTemp("", "recordings")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()

	event, err := whippy.ParseEvent(whippytest.CallEnded()) // one that was verified
	if err != nil {
		panic(err)
	}
	call, ok := event.Data.(*whippy.Call)
	if !ok {
		return // the event of something else
	}
	size, err := saveRecording(context.Background(), client, call, filepath.Join(folder, "call.wav"))
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(size, "bytes")
	// Output:
	// 18 bytes
}

// saveRecording writes the recording to a file, which is there whole or not at all.
func saveRecording(ctx context.Context, client *whippy.Client, call *whippy.Call, path string) (size int64, err error) {
	recording, ok := call.Recording()
	if !ok {
		return 0, errors.New("the call has no recording: it comes with call.ended")
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
	return client.Download(ctx, recording, file)
}

// fileHost is a host, in memory, that has the same file everywhere.
type fileHost string

func (h fileHost) RoundTrip(*http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	_, err := io.WriteString(answer, string(h))
	return answer.Result(), err
}
