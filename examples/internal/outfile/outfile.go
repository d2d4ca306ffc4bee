// Package outfile is a file that a program writes for hours, over several runs
// if need be. Beside it is another one, with the place that has been reached, so
// that what is in the file and where the program goes on agree, however a run
// ends.
package outfile

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/callinsights/callinsights-go"
)

// File is the file and its place. What the file holds beyond that place was
// written by a run that came to a sudden end, and is cut off by the next one.
type File struct {
	path   string
	saved  Place // as it is stored
	file   *os.File
	buffer *bufio.Writer
	length int64 // of the file with what is still in buffer
}

// Place is what is stored.
type Place struct {
	// Checkpoint is that of the export, empty before the first run.
	Checkpoint callinsights.Checkpoint `json:"checkpoint"`
	// Length is how long the file was then.
	Length int64 `json:"length"`
	// Settings are what else the next run has to know of the first.
	Settings map[string]string `json:"settings,omitempty"`
}

// Open reads the stored place, if there is one. It changes nothing.
func Open(path string) (*File, error) {
	f := &File{path: path}
	data, err := os.ReadFile(f.placePath())
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(path); err == nil {
			return nil, fmt.Errorf("%s exists and has no checkpoint beside it: move it away or choose another file", path)
		}
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &f.saved); err != nil || f.saved.Length < 0 || f.saved.Checkpoint == "" {
		return nil, fmt.Errorf("%s is damaged: move it and %s away to begin anew", f.placePath(), path)
	}
	return f, nil
}

// Saved returns the place that is stored.
func (f *File) Saved() Place { return f.saved }

func (f *File) placePath() string { return f.path + ".checkpoint" }

// begin opens the file at the stored place. A new one is preceded by its place,
// so that it is known for what it is however early this run ends. Nothing is
// written for a query that was refused, which has no checkpoint.
func (f *File) begin(start callinsights.Checkpoint, settings map[string]string, header []byte) (err error) {
	if start == "" {
		return nil
	}
	if f.saved.Checkpoint == "" {
		if err := f.store(Place{Checkpoint: start, Settings: settings}); err != nil {
			return err
		}
	}
	if f.file, err = os.OpenFile(f.path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	f.buffer, f.length = bufio.NewWriter(f.file), f.saved.Length
	end, err := f.file.Seek(0, io.SeekEnd)
	if err == nil && end < f.length {
		err = fmt.Errorf("%s is shorter than when it was left: move it and %s away to begin anew", f.path, f.placePath())
	}
	if err == nil {
		err = f.file.Truncate(f.length)
	}
	if err == nil {
		_, err = f.file.Seek(f.length, io.SeekStart)
	}
	if err == nil && f.length == 0 {
		_, err = f.Write(header)
	}
	return err
}

// Write adds to the file, for [Run].
func (f *File) Write(data []byte) (int, error) {
	n, err := f.buffer.Write(data)
	f.length += int64(n)
	return n, err
}

// save stores the place, once the file surely holds what is before it.
func (f *File) save(checkpoint callinsights.Checkpoint) error {
	if f.file == nil {
		return nil
	}
	if err := f.buffer.Flush(); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	return f.store(Place{Checkpoint: checkpoint, Length: f.length, Settings: f.saved.Settings})
}

// store replaces the stored place as a whole or not at all.
func (f *File) store(p Place) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(f.path), filepath.Base(f.placePath())+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // which is gone if all went well
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(file.Name(), f.placePath())
	}
	if err == nil {
		f.saved = p
	}
	return err
}

// Close closes the file. What was written behind the stored place is not part of it.
func (f *File) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}
