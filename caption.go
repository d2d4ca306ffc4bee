package callinsights

import (
	"bufio"
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// caption is a turn as a player shows it.
type caption struct {
	start, end    time.Duration // the end is after the start
	speaker, text string        // in one line each, not escaped yet, not empty
}

func writeCaptions(b *bufio.Writer, format TranscriptFormat, turns iter.Seq[Turn]) error {
	captions, err := captionsOf(turns)
	if err != nil {
		return err
	}
	if format == TranscriptWebVTT {
		_, err = b.WriteString("WEBVTT\n")
	}
	for i, c := range captions {
		if err != nil {
			return err
		}
		speaker, text := format.Escape(c.speaker), format.Escape(c.text)
		if format == TranscriptWebVTT {
			_, err = fmt.Fprintf(b, "\n%s --> %s\n<v %s>%s\n", timestamp(c.start, '.'), timestamp(c.end, '.'), voice(speaker), text)
		} else {
			_, err = fmt.Fprintf(b, "%d\n%s --> %s\n%s: %s\n\n", i+1, timestamp(c.start, ','), timestamp(c.end, ','), speaker, text)
		}
	}
	return err
}

// voice is an escaped name as the annotation of a tag. Readers that take the tag
// for one of HTML see an attribute behind = and its end at a slash.
func voice(speaker string) string {
	return strings.ReplaceAll(strings.ReplaceAll(speaker, "=", "&#61;"), "/", "&#47;")
}

// captionsOf returns the captions in the order of their start.
func captionsOf(turns iter.Seq[Turn]) ([]caption, error) {
	var all []caption
	var timed bool
	var before caption
	names := make(speakerNames)
	for turn := range turns {
		c := caption{speaker: names.of(turn), text: oneLine(turn.Text)}
		if c.text == "" {
			continue
		}
		if start, end := turn.Start.Duration(), turn.End.Duration(); start != 0 || end != 0 {
			timed = true
			c.start, c.end = inRecording(start), inRecording(end)
		} else {
			c.start = before.end
		}
		if c.end <= c.start {
			c.end = c.start + readingTime(c.text)
		}
		all = append(all, c)
		before = c
	}
	if len(all) > 0 && !timed {
		return nil, fmt.Errorf("%w: captions need times, and none of the %d turns has any: set their Start and End, or write text or Markdown",
			ErrInvalidRequest, len(all))
	}
	slices.SortStableFunc(all, func(a, b caption) int { return cmp.Compare(a.start, b.start) })
	return all, nil
}

// readingTime is how long a text has to be shown to be read.
func readingTime(text string) time.Duration {
	const charactersPerSecond = 15
	return max(time.Second, time.Duration(utf8.RuneCountInString(text))*time.Second/charactersPerSecond)
}

// timestamp writes an offset with the sign that divides seconds and milliseconds.
func timestamp(offset time.Duration, decimal rune) string {
	ms := offset.Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d%c%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, decimal, ms%1000)
}
