package ringsense_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// A program that writes the insights of all calls of a morning to a file. A line
// holds a recording and the checkpoint behind it, which are so written at once: the
// program may be interrupted or killed at any moment, and goes on behind the last
// line that is whole, with no recording lost and none there twice.
func ExampleClient_Backfill() {
	folder, err := os.MkdirTemp("", "backfill")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, "calls.jsonl")
	client, query := morning()

	ctx, interrupt := context.WithCancel(context.Background()) // or signal.NotifyContext
	err = backfill(ctx, client, query, path, func(title string) {
		fmt.Println("first run:", title)
		if title == "Front desk" {
			interrupt()
		}
	})
	fmt.Println("interrupted:", errors.Is(err, context.Canceled))

	err = backfill(context.Background(), client, query, path, func(title string) {
		fmt.Println("second run:", title)
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// first run: Brakes
	// first run: Front desk
	// interrupted: true
	// second run: Workshop
	// 3 recordings, 1 pending, 0 given up
}

// entry is a line of the file. The last one of a run has no recording: its checkpoint
// knows since when those are pending that have no insights yet.
type entry struct {
	Recording  *ringsense.RecordingInsights `json:"recording,omitempty"`
	Checkpoint callinsights.Checkpoint      `json:"checkpoint"`
}

// backfill appends to the file what it does not have yet, and calls written for each
// recording. Run it again some hours later: by then, what is pending may have its
// insights.
func backfill(ctx context.Context, client *ringsense.Client, query ringsense.CallLogQuery, path string, written func(title string)) (err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	last, err := lastEntry(file)
	if err != nil {
		return err
	}
	var options []ringsense.BackfillOption
	if last.Checkpoint != "" {
		options = append(options, ringsense.ResumeFrom(last.Checkpoint))
	}
	lines := json.NewEncoder(file)
	export := client.Backfill(query, options...)
	for recording, err := range export.All(ctx) {
		if err != nil {
			return err
		}
		if err := lines.Encode(entry{recording, export.Checkpoint()}); err != nil {
			return err
		}
		written(recording.Title)
	}
	if err := lines.Encode(entry{Checkpoint: export.Checkpoint()}); err != nil {
		return err
	}
	progress := export.Progress()
	fmt.Printf("%d recordings, %d pending, %d given up\n", progress.Items, progress.Pending, progress.Skipped)
	return file.Sync()
}

// lastEntry returns the last line, and leaves the file at its end. What is behind
// it was being written when the program was killed, and is cut off.
func lastEntry(file *os.File) (last entry, err error) {
	var text []byte
	var size int64
	for lines := bufio.NewReader(file); ; {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return last, err
		}
		text, size = line, size+int64(len(line))
	}
	if err := file.Truncate(size); err != nil {
		return last, err
	}
	if _, err := file.Seek(size, io.SeekStart); err != nil || size == 0 {
		return last, err
	}
	return last, json.Unmarshal(text, &last)
}

// morning is a service with four calls, of which the last one has no insights yet.
func morning() (*ringsense.Client, ringsense.CallLogQuery) {
	server := ringsensetest.NewServer()
	from := time.Date(2026, time.May, 4, 8, 0, 0, 0, time.UTC)
	for i, title := range []string{"Brakes", "Front desk", "Workshop", ""} {
		id := fmt.Sprintf("310000000003%d", i)
		server.AddCall(&ringsense.CallRecord{
			ID: fmt.Sprint("call-", i), StartTime: from.Add(time.Duration(i) * time.Hour),
			Recording: &ringsense.CallLogRecording{ID: id, Type: ringsense.RecordingAutomatic},
		})
		if title != "" {
			server.Add(&ringsense.RecordingInsights{
				SourceRecordID: id, Title: title,
				Insights: ringsense.Insights{Transcript: []ringsense.Utterance{{SpeakerID: "p-1", Text: "Good morning."}}},
			})
		}
	}
	return server.Client(), ringsense.CallLogQuery{From: from, To: from.Add(4 * time.Hour)}
}
