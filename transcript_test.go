package callinsights_test

import (
	"errors"
	"html"
	"iter"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
)

var transcriptFormats = [...]callinsights.TranscriptFormat{
	callinsights.TranscriptText, callinsights.TranscriptMarkdown, callinsights.TranscriptWebVTT, callinsights.TranscriptSRT,
}

// transcript is what is written of turns.
func transcript(t *testing.T, format callinsights.TranscriptFormat, turns ...callinsights.Turn) string {
	t.Helper()
	var b strings.Builder
	if err := callinsights.WriteTranscript(&b, format, slices.Values(turns)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// delivery is a call with all that is usual.
func delivery() []callinsights.Turn {
	priya := callinsights.Turn{SpeakerID: "p-1", Speaker: "Priya Raman", Role: callinsights.RoleAgent}
	tomas := callinsights.Turn{SpeakerID: "p-2", Speaker: "Tomás Oliveira", Role: callinsights.RoleCustomer}
	says := func(turn callinsights.Turn, text string, start, end callinsights.Seconds) callinsights.Turn {
		turn.Text, turn.Start, turn.End = text, start, end
		return turn
	}
	return []callinsights.Turn{
		says(priya, "Good morning, this is Priya from Northwind.", 0, 3.4),
		says(tomas, "Perfect timing!\nI was about to call.", 3.35, 5.8),
		says(priya, "Would Monday suit you, at 8-10?", 6.1, 8.25),
		says(tomas, "", 8.3, 8.9),
		says(tomas, "It would.", 3725.5, 3727),
	}
}

// hostileTurns have texts that would do something if they were not kept from it,
// as names too.
func hostileTurns() []callinsights.Turn {
	var turns []callinsights.Turn
	for i, text := range []string{
		" \n\t", "# x", "<script>alert(1)</script>", "<b>", "</v><v Mallory>", "&lt;b&gt; &amp; &#60;", "`code` ``` x", "a | b",
		"one\n\ntwo\r\n\r\nthree\u2028four\u0085five\vsix", "1\n00:00:01,000 --> 00:00:02,000\nhello", "--> a --> b", "WEBVTT", "NOTE x",
		"[click](javascript:alert(1))", "![x](https://example.com/x.png)", "https://example.com www.example.com a@example.com",
		"*a* **b** _c_ ~~d~~", "> quote", "- item", "1. item", "$x$ {{ y }}", `\# ends with \`, "A: B", ":", `x="y`, "a/b/", `{\an8}top`,
		"\x1b[2J\x1b]0;title\x07 red", "a\u009b31mb", "a\u202eb\u2066c", "שלום\u200f!", "ok \xff\x9b31m", "nul\x00 del\x7f",
	} {
		start := callinsights.Seconds(i)
		turns = append(turns, callinsights.Turn{Speaker: text, Text: text, Start: start, End: start + 0.5})
	}
	return turns
}

// TestTranscriptFiles compares whole transcripts with files.
func TestTranscriptFiles(t *testing.T) {
	t.Parallel()
	for name, turns := range map[string][]callinsights.Turn{"delivery": delivery(), "hostile": hostileTurns()} {
		for _, format := range transcriptFormats {
			path := filepath.Join("testdata", "transcripts", name+"."+string(format))
			t.Run(name+"."+string(format), func(t *testing.T) {
				t.Parallel()
				got := transcript(t, format, turns...)
				if *update {
					if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				if diff := cmp.Diff(readFile(t, path), got); diff != "" {
					t.Errorf("transcript (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestTranscriptTimes: captions have sound times in order whatever was sent.
func TestTranscriptTimes(t *testing.T) {
	t.Parallel()
	nan, inf := callinsights.Seconds(math.NaN()), callinsights.Seconds(math.Inf(1))
	long := strings.Repeat("é", 45)
	turn := func(text string, start, end callinsights.Seconds) callinsights.Turn {
		return callinsights.Turn{Speaker: "A", Text: text, Start: start, End: end}
	}
	tests := map[string]struct {
		turns      []callinsights.Turn
		text, want string // the lines of text, the captions as START-END TEXT
	}{
		"usual":             {[]callinsights.Turn{turn("x", 1.2, 3.4)}, "[0:01] A: x", "00:00:01.200-00:00:03.400 x"},
		"end missing":       {[]callinsights.Turn{turn("x", 1.2, 0)}, "[0:01] A: x", "00:00:01.200-00:00:02.200 x"},
		"end equal":         {[]callinsights.Turn{turn(long, 1, 1)}, "[0:01] A: " + long, "00:00:01.000-00:00:04.000 " + long},
		"end before start":  {[]callinsights.Turn{turn("x", 5, 4)}, "[0:05] A: x", "00:00:05.000-00:00:06.000 x"},
		"start missing":     {[]callinsights.Turn{turn("x", 0, 4)}, "[0:00] A: x", "00:00:00.000-00:00:04.000 x"},
		"negative":          {[]callinsights.Turn{turn("x", -3, -1)}, "[0:00] A: x", "00:00:00.000-00:00:01.000 x"},
		"negative start":    {[]callinsights.Turn{turn("x", -3, 2)}, "[0:00] A: x", "00:00:00.000-00:00:02.000 x"},
		"no number":         {[]callinsights.Turn{turn("x", nan, 2)}, "[0:00] A: x", "00:00:00.000-00:00:02.000 x"},
		"infinite end":      {[]callinsights.Turn{turn("x", 1, inf)}, "[0:01] A: x", "00:00:01.000-1000:00:00.000 x"},
		"infinite":          {[]callinsights.Turn{turn("x", inf, inf)}, "[1000:00:00] A: x", "1000:00:00.000-1000:00:01.000 x"},
		"minus infinite":    {[]callinsights.Turn{turn("x", -inf, 1)}, "[0:00] A: x", "00:00:00.000-00:00:01.000 x"},
		"less than a ms":    {[]callinsights.Turn{turn("x", 1.0001, 1.0004)}, "[0:01] A: x", "00:00:01.000-00:00:02.000 x"},
		"an hour":           {[]callinsights.Turn{turn("x", 3599.9996, 3600)}, "[59:59] A: x", "00:59:59.999-01:00:00.000 x"},
		"overlapping":       {[]callinsights.Turn{turn("x", 1, 5), turn("y", 2, 3)}, "[0:01] A: x\n[0:02] A: y", "00:00:01.000-00:00:05.000 x\n00:00:02.000-00:00:03.000 y"},
		"out of order":      {[]callinsights.Turn{turn("x", 3, 5), turn("y", 2, 3), turn("z", 3, 4)}, "[0:03] A: x\n[0:02] A: y\n[0:03] A: z", "00:00:02.000-00:00:03.000 y\n00:00:03.000-00:00:05.000 x\n00:00:03.000-00:00:04.000 z"},
		"one without":       {[]callinsights.Turn{turn("x", 3, 5), turn("y", 0, 0), turn("z", 7, 8)}, "[0:03] A: x\nA: y\n[0:07] A: z", "00:00:03.000-00:00:05.000 x\n00:00:05.000-00:00:06.000 y\n00:00:07.000-00:00:08.000 z"},
		"first without":     {[]callinsights.Turn{turn("x", 0, nan), turn("y", 2, 3)}, "A: x\n[0:02] A: y", "00:00:00.000-00:00:01.000 x\n00:00:02.000-00:00:03.000 y"},
		"nothing said":      {[]callinsights.Turn{turn("", 1, 2), turn(" \n", 3, 4)}, "[0:01] A:\n[0:03] A:", ""},
		"nothing, no times": {[]callinsights.Turn{turn("", 0, 0)}, "A:", ""},
		"nobody":            {nil, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.text, strings.TrimSuffix(transcript(t, callinsights.TranscriptText, test.turns...), "\n")); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			for _, format := range []callinsights.TranscriptFormat{callinsights.TranscriptWebVTT, callinsights.TranscriptSRT} {
				var got []string
				for _, c := range parseCaptions(t, format, transcript(t, format, test.turns...)) {
					got = append(got, c.start+"-"+c.end+" "+c.text)
				}
				if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
					t.Errorf("%s (-want +got):\n%s", format, diff)
				}
			}
		})
	}
}

func TestTranscriptNames(t *testing.T) {
	t.Parallel()
	turns := []callinsights.Turn{
		{Speaker: "Dr. No:\nagent", Role: callinsights.RoleAgent, Text: "a"},
		{SpeakerID: "p-1", Role: callinsights.RoleAgent, Text: "b"},
		{SpeakerID: "p-2", Role: callinsights.RoleCustomer, Text: "c"},
		{SpeakerID: "p-3", Text: "d"},
		{SpeakerID: "p-4", Speaker: " : ", Text: "e"},
		{SpeakerID: "p-3", Text: "f"},
		{Text: "g"},
	}
	want := "Dr. No agent: a\nAgent: b\nCustomer: c\nSpeaker 1: d\nSpeaker 2: e\nSpeaker 1: f\nUnknown: g\n"
	if diff := cmp.Diff(want, transcript(t, callinsights.TranscriptText, turns...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTranscriptRefused: nothing is written of what cannot be written.
func TestTranscriptRefused(t *testing.T) {
	t.Parallel()
	untimed := slices.Values([]callinsights.Turn{{Text: ""}, {Speaker: "A", Text: "a"}, {Speaker: "B", Text: "b"}})
	tests := map[string]struct {
		format callinsights.TranscriptFormat
		turns  iter.Seq[callinsights.Turn]
		want   []string
	}{
		"no times in WebVTT": {callinsights.TranscriptWebVTT, untimed, []string{"2 turns", "Start and End", "Markdown"}},
		"no times in SRT":    {callinsights.TranscriptSRT, untimed, []string{"2 turns", "Start and End", "Markdown"}},
		"unknown format":     {"html", untimed, []string{`"html"`, "text, markdown, vtt or srt"}},
		"no format":          {"", untimed, []string{`""`, "text, markdown, vtt or srt"}},
		"no turns":           {callinsights.TranscriptText, nil, []string{"turns", "nil"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			err := callinsights.WriteTranscript(&b, test.format, test.turns)
			if !errors.Is(err, callinsights.ErrInvalidRequest) || b.Len() > 0 {
				t.Fatalf("got %v after %q", err, b.String())
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
		})
	}
}

func TestTranscriptWithoutWriter(t *testing.T) {
	t.Parallel()
	err := callinsights.WriteTranscript(nil, callinsights.TranscriptText, slices.Values(delivery()))
	if !errors.Is(err, callinsights.ErrInvalidRequest) || !strings.Contains(err.Error(), "writer") {
		t.Errorf("got %v", err)
	}
}

// fullDisk takes so many bytes.
type fullDisk struct{ left int }

var errFull = errors.New("the disk is full")

func (f *fullDisk) Write(p []byte) (int, error) {
	n := min(len(p), f.left)
	f.left -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

// TestTranscriptWriteError: the error of the writer comes back, wherever it
// happens, and text is not read to its end.
func TestTranscriptWriteError(t *testing.T) {
	t.Parallel()
	for _, format := range transcriptFormats {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			const most = 100_000
			var taken int
			turns := func(yield func(callinsights.Turn) bool) {
				for taken = 0; taken < most && yield(callinsights.Turn{Text: "word", Start: 1, End: 2}); taken++ {
				}
			}
			for _, left := range []int{0, 1, 10_000} {
				if err := callinsights.WriteTranscript(&fullDisk{left}, format, turns); err != errFull { //nolint:errorlint // as it is
					t.Errorf("after %d bytes: got %v", left, err)
				}
				isText := format == callinsights.TranscriptText || format == callinsights.TranscriptMarkdown
				if stopped := taken < most; stopped != isText {
					t.Errorf("after %d bytes: %d turns were read", left, taken)
				}
			}
		})
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, plain, markdown, vtt, srt string }{
		"empty":        {"", "", "", "", ""},
		"blank":        {" \r\n\u2028\u00a0", "", "", "", ""},
		"words":        {" two\n\n words\t", "two words", "two words", "two words", "two words"},
		"HTML":         {"<b> & &amp;", "<b> & &amp;", "&lt;b&gt; &amp; &amp;amp;", "&lt;b&gt; &amp; &amp;amp;", "‹b› & &amp;"},
		"arrow":        {"a --> b", "a --> b", "a --&gt; b", "a --&gt; b", "a --› b"},
		"styles":       {`{\an8}`, `{\an8}`, `\{\\an8\}`, `{\an8}`, `(\an8)`},
		"emphasis":     {"*a* _b_", "*a* _b_", `\*a\* \_b\_`, "*a* _b_", "*a* _b_"},
		"links":        {"http://x WWW.x a@b", "http://x WWW.x a@b", `http:\//x WWW\.x a\@b`, "http://x WWW.x a@b", "http://x WWW.x a@b"},
		"list":         {"12. x", "12. x", `12\. x`, "12. x", "12. x"},
		"rule":         {"- - -", "- - -", `\- - -`, "- - -", "- - -"},
		"number":       {"12 x 1.5", "12 x 1.5", "12 x 1.5", "12 x 1.5", "12 x 1.5"},
		"terminal":     {"\x1b[1m", "�[1m", `�\[1m`, "�[1m", "�[1m"},
		"direction":    {"\u202ea\u2067b\u200fc", "�a�b\u200fc", "�a�b\u200fc", "�a�b\u200fc", "�a�b\u200fc"},
		"not UTF-8":    {"a\xffb", "a�b", "a�b", "a�b", "a�b"},
		"other script": {"日本語 👩‍🚀", "日本語 👩‍🚀", "日本語 👩‍🚀", "日本語 👩‍🚀", "日本語 👩‍🚀"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, format := range transcriptFormats {
				got = append(got, format.Escape(test.text))
			}
			if diff := cmp.Diff([]string{test.plain, test.markdown, test.vtt, test.srt}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzWriteTranscript: whatever is said, each turn is one line or one caption, with
// the text that was said, in the order of sound times, and no terminal obeys it.
func FuzzWriteTranscript(f *testing.F) {
	for _, turn := range append(hostileTurns(), delivery()...) {
		f.Add(turn.Speaker, turn.Text, float64(turn.Start), float64(turn.End), 2.0, 1.0)
	}
	f.Add("", "-->", 0.0, 0.0, 0.0, 0.0)
	f.Add("A", "a", math.Inf(1), math.NaN(), -1.0, 1e300)
	f.Fuzz(func(t *testing.T, name, text string, start1, end1, start2, end2 float64) {
		turns := []callinsights.Turn{
			{Speaker: name, Text: text, Start: callinsights.Seconds(start1), End: callinsights.Seconds(end1)},
			{Speaker: text, Text: name, Start: callinsights.Seconds(start2), End: callinsights.Seconds(end2)},
		}
		for _, format := range transcriptFormats {
			var b strings.Builder
			err := callinsights.WriteTranscript(&b, format, slices.Values(turns))
			isCaptions := format == callinsights.TranscriptWebVTT || format == callinsights.TranscriptSRT
			if err != nil {
				if !isCaptions || hasTimes(turns) || b.Len() > 0 {
					t.Errorf("%s: got %v after %q", format, err, b.String())
				}
				continue
			}
			if isUnsafe(b.String()) {
				t.Errorf("%s: a terminal may obey %q", format, b.String())
			}
			if isCaptions {
				checkCaptions(t, format, turns, b.String())
			} else if got := strings.Count(b.String(), "\n"); got != len(turns) {
				t.Errorf("%s: %d lines, want %d:\n%s", format, got, len(turns), b.String())
			}
		}
		if left := unescaped.FindString(escaped.ReplaceAllString(callinsights.TranscriptMarkdown.Escape(text), "x")); left != "" {
			t.Errorf("Markdown may interpret %q of %q", left, text)
		}
	})
}

// escaped is what Markdown takes for the character after the backslash, and
// unescaped what it would interpret.
var (
	escaped   = regexp.MustCompile(`\\[[:punct:]]`)
	unescaped = regexp.MustCompile("[][<>`*_{}#|~$^@\\\\]|//|(?i:www)\\.|&([^aglt]|$)|^[0-9]*[-+=.):]")
)

func hasTimes(turns []callinsights.Turn) bool {
	return slices.ContainsFunc(turns, func(turn callinsights.Turn) bool {
		return spoken(turn.Text) != "" && (turn.Start.Duration() != 0 || turn.End.Duration() != 0)
	})
}

// isUnsafe reports whether text holds what a terminal obeys, or is not UTF-8.
func isUnsafe(text string) bool {
	return !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
		marks := strings.ContainsRune("\u061c\u200e\u200f", r) // they do no more than a letter does
		return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) && !marks
	})
}

// spoken is what a reader should see of a text.
func spoken(text string) string {
	var b strings.Builder
	for i, word := range strings.Fields(text) {
		if i > 0 {
			b.WriteByte(' ')
		}
		for _, r := range word {
			if isUnsafe(string(r)) {
				r = unicode.ReplacementChar
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// parsedCaption is a caption as a reader sees it, with the times as in WebVTT.
type parsedCaption struct{ start, end, speaker, text string }

// parseCaptions reads a file as its format has it, and takes nothing else.
func parseCaptions(t *testing.T, format callinsights.TranscriptFormat, file string) []parsedCaption {
	t.Helper()
	times := regexp.MustCompile(`^(\d\d+:\d\d:\d\d[.]\d{3}) --> (\d\d+:\d\d:\d\d[.]\d{3})$`)
	payload := regexp.MustCompile(`^<v ([^<>]+)>([^<>]+)$`)
	if format == callinsights.TranscriptSRT {
		payload = regexp.MustCompile(`^([^:<>{}]+): ([^<>{}]+)$`)
	} else {
		rest, ok := strings.CutPrefix(file, "WEBVTT\n")
		if !ok {
			t.Fatalf("no WebVTT: %q", file)
		}
		file = strings.TrimPrefix(rest, "\n") + "\n"
	}
	var all []parsedCaption
	for block := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSuffix(file, "\n"), "\n"), "\n\n") {
		if block == "" {
			continue
		}
		lines := strings.Split(block, "\n")
		if format == callinsights.TranscriptSRT {
			if lines[0] != strconv.Itoa(len(all)+1) {
				t.Fatalf("%s: %q is not caption %d", format, block, len(all)+1)
			}
			lines = lines[1:]
			lines[0] = strings.ReplaceAll(lines[0], ",", ".")
		}
		if len(lines) != 2 || !times.MatchString(lines[0]) || !payload.MatchString(lines[1]) {
			t.Fatalf("%s: %q is no caption", format, block)
		}
		at, said := times.FindStringSubmatch(lines[0]), payload.FindStringSubmatch(lines[1])
		c := parsedCaption{at[1], at[2], said[1], said[2]}
		if format == callinsights.TranscriptWebVTT {
			c.speaker, c.text = html.UnescapeString(c.speaker), html.UnescapeString(c.text)
		}
		all = append(all, c)
	}
	return all
}

// checkCaptions compares a file with the turns that it is made of.
func checkCaptions(t *testing.T, format callinsights.TranscriptFormat, turns []callinsights.Turn, file string) {
	t.Helper()
	var want, got []string
	for _, turn := range turns {
		text := spoken(turn.Text)
		if format == callinsights.TranscriptSRT {
			text = strings.NewReplacer("<", "‹", ">", "›", "{", "(", "}", ")").Replace(text)
		}
		if text != "" {
			want = append(want, text)
		}
	}
	var last string
	for _, c := range parseCaptions(t, format, file) {
		if !before(c.start, c.end) || before(c.start, last) {
			t.Errorf("%s: times are out of order:\n%s", format, file)
		}
		got, last = append(got, c.text), c.start
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", format, diff)
	}
}

// before compares two times of captions, whose hours differ in length.
func before(a, b string) bool {
	return len(a) < len(b) || len(a) == len(b) && a < b
}
