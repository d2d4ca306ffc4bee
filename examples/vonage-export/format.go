package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
)

// format is how the file is written: what it begins with, and how a session is
// added.
type format struct {
	name   string
	header func() []byte
	put    func(io.Writer, *vonageinsights.Session) error
}

var formats = [...]format{
	{"jsonl", func() []byte { return nil }, putLine},
	{"csv", csvHeader, putRow},
}

func (s *settings) setFormat(name string) error {
	for _, known := range formats {
		if known.name == name {
			s.format = known
			return nil
		}
	}
	return errors.New("want jsonl or csv")
}

// putLine writes what the service sent, on one line.
func putLine(w io.Writer, session *vonageinsights.Session) error {
	var line bytes.Buffer
	if err := json.Compact(&line, []byte(session.RawJSON())); err != nil {
		return err
	}
	line.WriteByte('\n')
	_, err := w.Write(line.Bytes())
	return err
}

// column is one of the CSV. Add new ones at the end: programs count them.
type column struct {
	name string
	of   func(*vonageinsights.Session) string
}

var columns = [...]column{
	{"id", func(s *vonageinsights.Session) string { return s.ID }},
	{"start", func(s *vonageinsights.Session) string { return timestamp(s.SessionStartTime) }},
	{"duration_ms", func(s *vonageinsights.Session) string { return strconv.FormatInt(s.ChannelData.DurationMs, 10) }},
	{"channel", func(s *vonageinsights.Session) string { return string(s.Channel) }},
	{"agent_id", (*vonageinsights.Session).AgentID},
	{"agent", func(s *vonageinsights.Session) string { return s.AgentInformation.Name }},
	{"status", func(s *vonageinsights.Session) string { return string(s.Status) }},
	{"source", func(s *vonageinsights.Session) string { return s.Source }},
	{"destination", func(s *vonageinsights.Session) string { return s.Destination }},
	{"language", func(s *vonageinsights.Session) string { return s.Language }},
	{"tags", tags},
	{"transcript", transcript},
}

func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

func tags(s *vonageinsights.Session) string {
	var names []string
	for _, tag := range s.TagsList {
		names = append(names, tag.Tag)
	}
	return strings.Join(names, "; ")
}

func transcript(s *vonageinsights.Session) string {
	var lines []string
	for turn := range s.Turns() {
		lines = append(lines, cmp.Or(string(turn.Role), turn.SpeakerID)+": "+turn.Text)
	}
	return strings.Join(lines, "\n")
}

func csvHeader() []byte {
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	var b bytes.Buffer
	_ = writeRow(&b, names) // which cannot fail
	return b.Bytes()
}

func putRow(w io.Writer, session *vonageinsights.Session) error {
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = guarded(c.of(session))
	}
	return writeRow(w, cells)
}

func writeRow(w io.Writer, cells []string) error {
	rows := csv.NewWriter(w)
	rows.UseCRLF = true
	if err := rows.Write(cells); err != nil {
		return err
	}
	rows.Flush()
	return rows.Error()
}

// formula finds where a spreadsheet might see the beginning of a formula: also
// behind what it may take for the end of the cell before, and what it passes over.
var formula = regexp.MustCompile(`((?:^|[;\t\r\n])[\p{Z}\p{C}]*)([=+\-@＝＋－＠])`)

// guarded is the cell with an apostrophe before each such place.
func guarded(cell string) string { return formula.ReplaceAllString(cell, "$1'$2") }
