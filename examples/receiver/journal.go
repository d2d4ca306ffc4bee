package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go"
)

// journal is the file of the events that came in and the delivery log in one: a
// line holds an event with its key, and an event was handled if its line is there.
// So both are one write, and agree however the program ends. The claims of events
// that are being handled end with the program, and need no file.
type journal struct {
	*callinsights.MemoryDeliveryLog // of claims; it may forget what has a line

	mu    sync.Mutex
	file  storage
	size  int64               // of the lines that are surely on the disk
	known map[string]struct{} // the keys of these lines
	worn  error               // why nothing can be written any more
}

// storage is what a journal needs of an [os.File].
type storage interface {
	io.ReadWriteCloser
	Name() string
	Sync() error
	Truncate(size int64) error
}

// line is what the file holds of an event, or of a body that is none.
type line struct {
	Key     string          `json:"key"` // first, as lineStart says
	Event   json.RawMessage `json:"event,omitempty"`
	Error   string          `json:"error,omitempty"`   // why the body is no event
	Payload []byte          `json:"payload,omitempty"` // the body, in base64
}

// lineStart is what each line begins with.
const lineStart = `{"key":"`

// openJournal reads the keys of a file, or makes a new one. A last line that is
// not whole was written by a program that was killed, or whose machine was, and is
// cut off: its event was not acknowledged, and comes again.
func openJournal(path string) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600) //nolint:gosec // the file that the user names
	if err != nil {
		return nil, err
	}
	j := &journal{
		MemoryDeliveryLog: callinsights.NewMemoryDeliveryLog(0, 0),
		file:              file, known: make(map[string]struct{}),
	}
	err = j.load()
	if err == nil {
		err = file.Truncate(j.size)
	}
	if err == nil {
		err = file.Sync() // what was read may not be on the disk yet
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return j, nil
}

// load reads the whole lines.
func (j *journal) load() error {
	for reader := bufio.NewReader(j.file); ; {
		text, err := reader.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		var l line
		if err != nil || json.Unmarshal(text, &l) != nil || l.Key == "" {
			if _, err := reader.Peek(1); err != nil && isTorn(text) {
				return nil
			}
			return fmt.Errorf("%s: line %d was not written by this program: move the file away or choose another one", j.file.Name(), len(j.known)+1)
		}
		j.known[l.Key] = struct{}{}
		j.size += int64(len(text))
	}
}

// isTorn tells a last line that was not finished from the end of somebody else's
// file. Where the power was cut, there may be zeros in place of a part of it.
func isTorn(text []byte) bool {
	if bytes.HasSuffix(text, []byte("\n")) && json.Valid(text) {
		return false
	}
	start := text[:min(len(text), len(lineStart))]
	zeros := bytes.HasPrefix(text, []byte{0}) && len(bytes.Trim(text, "\x00\n")) == 0
	return zeros || strings.HasPrefix(lineStart, string(start))
}

// syncFolder stores the name of a new file. Windows does not need it.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path) //nolint:gosec // that of the file that the user names
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	return folder.Sync()
}

// Begin is that of a [callinsights.DeliveryLog].
func (j *journal) Begin(ctx context.Context, key string, lease time.Duration) (callinsights.Claim, error) {
	if j.has(key) {
		return callinsights.Claim{State: callinsights.ClaimDone}, nil
	}
	return j.MemoryDeliveryLog.Begin(ctx, key, lease)
}

func (j *journal) has(key string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	_, ok := j.known[key]
	return ok
}

// add writes a line and returns when it is on the disk, and does nothing if there
// is one with its key.
func (j *journal) add(l line) (added bool, err error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(l); err != nil {
		return false, callinsights.Permanent(err) // no repetition makes it JSON
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, ok := j.known[l.Key]; ok {
		return false, nil // by one that has outlived its lease
	}
	if err := j.write(text.Bytes()); err != nil {
		return false, err
	}
	j.known[l.Key] = struct{}{}
	return true, nil
}

// write appends all of text or nothing: an event that was not acknowledged must
// not be known to the next program, as it may not be on the disk.
func (j *journal) write(text []byte) error {
	if j.worn != nil {
		return j.worn
	}
	_, err := j.file.Write(text)
	if err == nil {
		err = j.file.Sync()
	}
	if err == nil {
		j.size += int64(len(text))
		return nil
	}
	if cut := j.file.Truncate(j.size); cut != nil {
		j.worn = fmt.Errorf("the file cannot be written any more: %w", errors.Join(err, cut))
	}
	return err
}

// close closes the file. A function that runs still fails.
func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.file.Close()
}
