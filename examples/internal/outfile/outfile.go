// Package outfile is a file that a program writes for hours, over several runs
// if need be. Beside it is another one, with the place that has been reached, so
// that what is in the file and where the program goes on agree, however a run
// ends.
package outfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/callinsights/callinsights-go"
)

// File is the file and its place. What the file holds beyond that place was
// written by a run that came to a sudden end, and is cut off by the next one.
type File struct {
	path   string
	saved  Place
	stored []byte // is how saved is stored, nil if it is not yet
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
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder: name a file in it", path)
	}
	f := &File{path: path}
	var err error
	f.stored, err = os.ReadFile(f.placePath())
	if errors.Is(err, fs.ErrNotExist) {
		// A run that ended early leaves an empty file.
		if info, err := os.Lstat(path); err == nil && (info.Size() > 0 || !info.Mode().IsRegular()) {
			return nil, fmt.Errorf("%s exists and has no checkpoint beside it: move it away or choose another file", path)
		}
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(f.stored, &f.saved); err != nil || f.saved.Length < 0 || f.saved.Checkpoint == "" {
		return nil, fmt.Errorf("%s is damaged: move it and %s away to begin anew", f.placePath(), path)
	}
	return f, nil
}

// Saved returns the place that is stored.
func (f *File) Saved() Place { return f.saved }

// CheckSetting refuses to go on with another value of a setting than the first
// run had.
func (f *File) CheckSetting(name, value string) error {
	if was, stored := f.saved.Settings[name]; stored && was != value {
		return fmt.Errorf("%s was begun with the %s %q and not %q: go on with that one, or choose another file", f.path, name, was, value)
	}
	return nil
}

// refused says what to do where the stored checkpoint was refused, as it is with
// another query. The SDK's error for that begins with the option's name.
func (f *File) refused(err error) error {
	if f.saved.Checkpoint == "" || !strings.Contains(err.Error(), "ResumeFrom: ") {
		return err
	}
	return fmt.Errorf("%w; %s was begun with other flags: give those to go on, or another -out; to begin anew, move it and %s away",
		err, f.path, f.placePath())
}

func (f *File) placePath() string { return f.path + ".checkpoint" }

// begin opens the file at the stored place. That of a new one is stored before
// anything is written, so that it is known for what it is however early this run
// ends. Nothing is written for a query that was refused, which has no checkpoint.
func (f *File) begin(start callinsights.Checkpoint, settings map[string]string, header []byte) (err error) {
	if start == "" {
		return nil
	}
	if f.file, err = os.OpenFile(f.path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	if err := f.take(); err != nil {
		return err
	}
	if f.saved.Checkpoint == "" {
		if err := f.store(Place{Checkpoint: start, Settings: settings}); err != nil {
			return err
		}
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

// take makes sure that no other run writes the file, nor has done so since Open.
func (f *File) take() error {
	if isTaken(f.file) {
		return f.otherRun()
	}
	now, err := Open(f.path)
	if err == nil && !bytes.Equal(now.stored, f.stored) {
		err = f.otherRun()
	}
	return err
}

func (f *File) otherRun() error {
	return fmt.Errorf("another run writes %s: wait until it has ended, or choose another file", f.path)
}

// lost says what to do where one of the two files is no longer where it was.
func (f *File) lost(path string) error {
	return fmt.Errorf("%s was moved or removed while this run was under way: put %s and %s back to go on, or move what is left of them away to begin anew",
		path, f.path, f.placePath())
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
	if _, err := os.Lstat(f.path); errors.Is(err, fs.ErrNotExist) {
		return f.lost(f.path)
	}
	if err := f.buffer.Flush(); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	return f.store(Place{Checkpoint: checkpoint, Length: f.length, Settings: f.saved.Settings})
}

// store replaces the stored place as a whole or not at all, unless it is another
// run's.
func (f *File) store(p Place) error {
	now, err := os.ReadFile(f.placePath())
	if err != nil && f.stored != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return f.lost(f.placePath())
		}
		return err
	}
	if !bytes.Equal(now, f.stored) {
		return f.otherRun()
	}
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	// Of a run that was killed here, the next one takes the file over.
	file, err := os.OpenFile(f.placePath()+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
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
		f.saved, f.stored = p, data
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
