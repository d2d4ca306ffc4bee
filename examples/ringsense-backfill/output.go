package main

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

// output is a file of JSON lines and, beside it, the place that it has reached.
// What the file holds beyond that place was written by a run that came to a
// sudden end, and is cut off by the next one.
type output struct {
	path  string
	saved place // as it is stored
	file  *os.File
	lines *bufio.Writer
	long  int64 // length of the file with what is still in lines
}

// place is what is stored: a checkpoint and the length that the file had then.
type place struct {
	Checkpoint callinsights.Checkpoint `json:"checkpoint"`
	Length     int64                   `json:"length"`
}

// openOutput reads the stored place, if there is one.
func openOutput(path string) (*output, error) {
	o := &output{path: path}
	data, err := os.ReadFile(o.placePath())
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(path); err == nil {
			return nil, fmt.Errorf("%s exists and has no checkpoint beside it: move it away or choose another file", path)
		}
		return o, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &o.saved); err != nil || o.saved.Length < 0 {
		return nil, fmt.Errorf("%s is damaged: move it and %s away to begin anew", o.placePath(), path)
	}
	return o, nil
}

func (o *output) placePath() string { return o.path + ".checkpoint" }

// begin opens the file at the stored place. A new one is preceded by its place,
// so that it is known for what it is however early this run ends. Nothing is
// written for a query that was refused, which has no checkpoint.
func (o *output) begin(start callinsights.Checkpoint) (err error) {
	if start == "" {
		return nil
	}
	if o.saved.Checkpoint == "" {
		if err := o.store(place{Checkpoint: start}); err != nil {
			return err
		}
	}
	if o.file, err = os.OpenFile(o.path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	o.lines, o.long = bufio.NewWriter(o.file), o.saved.Length
	end, err := o.file.Seek(0, io.SeekEnd)
	if err == nil && end < o.saved.Length {
		err = fmt.Errorf("%s is shorter than when it was left: move it and %s away to begin anew", o.path, o.placePath())
	}
	if err == nil {
		err = o.file.Truncate(o.saved.Length)
	}
	if err == nil {
		_, err = o.file.Seek(o.saved.Length, io.SeekStart)
	}
	return err
}

// append writes a line.
func (o *output) append(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	n, err := o.lines.Write(append(data, '\n'))
	o.long += int64(n)
	return err
}

// save stores the place, once the file surely holds what is before it.
func (o *output) save(checkpoint callinsights.Checkpoint) error {
	if o.file == nil {
		return nil
	}
	if err := o.lines.Flush(); err != nil {
		return err
	}
	if err := o.file.Sync(); err != nil {
		return err
	}
	return o.store(place{Checkpoint: checkpoint, Length: o.long})
}

// store replaces the stored place as a whole or not at all.
func (o *output) store(p place) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(o.path), filepath.Base(o.placePath())+".*")
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
		err = os.Rename(file.Name(), o.placePath())
	}
	if err == nil {
		o.saved = p
	}
	return err
}

func (o *output) close() error {
	if o.file == nil {
		return nil
	}
	return o.file.Close()
}
