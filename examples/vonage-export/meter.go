package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/examples/internal/program"
)

// meter shows how far the export has come: as a bar on a terminal, and with a
// line now and then elsewhere.
type meter struct {
	w        io.Writer
	bar      bool
	from, to time.Time
	every    time.Duration
	said     time.Time
	width    int // of the bar that is on the screen
}

func newMeter(w io.Writer, from, to time.Time) *meter {
	m := &meter{w: w, bar: isTerminal(w), from: from, to: to, every: 10 * time.Second, said: time.Now()}
	if m.bar {
		m.every = 100 * time.Millisecond
	}
	return m
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// show says something if it is time.
func (m *meter) show(p callinsights.Progress) {
	if time.Since(m.said) >= m.every {
		m.say(p)
	}
}

// end says the last word.
func (m *meter) end(p callinsights.Progress) {
	m.say(p)
	if m.bar {
		fmt.Fprintln(m.w)
	}
}

func (m *meter) say(p callinsights.Progress) {
	m.said = time.Now()
	text := describe(p)
	if !m.bar {
		fmt.Fprintln(m.w, text)
		return
	}
	const width = 30
	full := int(m.share(p) * width)
	line := "[" + strings.Repeat("#", full) + strings.Repeat(".", width-full) + "] " + text
	fmt.Fprintf(m.w, "\r%-*s", m.width, line)
	m.width = len(line)
}

// share is the part of the work that is done, from 0 to 1: of the sessions, if
// their number is known, or of the range.
func (m *meter) share(p callinsights.Progress) float64 {
	done, all := float64(p.Items), float64(p.Total)
	if p.Total < 0 {
		done, all = float64(p.At.Sub(m.from)), float64(m.to.Sub(m.from))
	}
	if all <= 0 {
		return 1
	}
	return min(max(done/all, 0), 1)
}

func describe(p callinsights.Progress) string {
	text := program.Counted(p.Items, "session", "sessions")
	if p.Total >= 0 {
		text = fmt.Sprintf("%d of %s", p.Items, program.Counted(p.Total, "session", "sessions"))
	}
	if !p.At.IsZero() {
		text += ", at " + p.At.UTC().Format("2006-01-02 15:04")
	}
	return text
}
