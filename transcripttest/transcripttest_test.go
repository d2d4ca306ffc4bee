package transcripttest_test

import (
	"bytes"
	"html"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asticode/go-astisub"
	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	nethtml "golang.org/x/net/html"

	"github.com/callinsights/callinsights-go"
)

// words are what a stranger may say, and be called. Each is one line without
// colons, so that it is expected back as it is.
func words() []string {
	return []string{
		"hello", "שלום\u200f!", "日本語 👩‍🚀", "# x", "## x ##", "<script>alert(1)</script>", "<b>bold", "</v><v Mallory>", "<00 01>", "<!-- x", "<![CDATA[x",
		"&lt;b & &amp; AT&T; &#60;", "`code` ``` x", "a | b", "--> a --> b", "<-- a", "WEBVTT", "NOTE x", "STYLE", "12", "[click](x)", "![x](y)",
		"//x www.example.com a@example.com", "*a* **b** _c_ ~~d~~ ~e~", "> quote", "- item", "1. item", "===",
		"$x$ {{ y }}", `\# ends with \`, `x="y`, `x='y' /`, "a/b/", `{\an8}top`, "{y;i}", "[x] task", "[^1] note", "a\u2060b\ufeff", "''\"quotes\"",
	}
}

// turns have the words as names and as texts, of another turn each.
func turns() []callinsights.Turn {
	words := words()
	var all []callinsights.Turn
	for i, text := range words {
		start := callinsights.Seconds(i*70) + 0.25
		all = append(all, callinsights.Turn{Speaker: words[len(words)-1-i], Text: text, Start: start, End: start + 1.5})
	}
	for _, text := range []string{"https://example.com/x", "see ftp://x.", "[x]: https://example.com", "A: B", ": term", "mailto:a@b.com"} {
		all = append(all, callinsights.Turn{Speaker: "A", Text: text, Start: 3000, End: 3001})
	}
	return all
}

func write(t *testing.T, format callinsights.TranscriptFormat, all []callinsights.Turn) *bytes.Buffer {
	t.Helper()
	b := new(bytes.Buffer)
	if err := callinsights.WriteTranscript(b, format, slices.Values(all)); err != nil {
		t.Fatal(err)
	}
	return b
}

// said is a turn as a reader sees it.
type said struct {
	Start, End    time.Duration
	Speaker, Text string
}

func want(all []callinsights.Turn, shown func(string) string) []said {
	var list []said
	for _, turn := range all {
		list = append(list, said{turn.Start.Duration(), turn.End.Duration(), shown(turn.Speaker), shown(turn.Text)})
	}
	return list
}

func TestWebVTT(t *testing.T) {
	t.Parallel()
	all := turns()
	read, err := astisub.ReadFromWebVTT(write(t, callinsights.TranscriptWebVTT, all))
	if err != nil {
		t.Fatal(err)
	}
	var got []said
	for _, item := range read.Items {
		if len(item.Lines) != 1 {
			t.Fatalf("%q: %d lines, want 1", item, len(item.Lines))
		}
		// The library leaves the references of a name to its caller, and &gt; anywhere.
		name := html.UnescapeString(item.Lines[0].VoiceName)
		got = append(got, said{item.StartAt, item.EndAt, name, strings.ReplaceAll(text(item), "&gt;", ">")})
	}
	same := func(text string) string { return text }
	if diff := cmp.Diff(want(all, same), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSRT(t *testing.T) {
	t.Parallel()
	all := turns()
	read, err := astisub.ReadFromSRT(write(t, callinsights.TranscriptSRT, all))
	if err != nil {
		t.Fatal(err)
	}
	var got []said
	for i, item := range read.Items {
		if item.Index != i+1 || item.Lines[0].Items[0].InlineStyle != nil {
			t.Errorf("caption %d: index %d, %q with a style", i+1, item.Index, item)
		}
		speaker, rest, _ := strings.Cut(text(item), ": ")
		got = append(got, said{item.StartAt, item.EndAt, speaker, rest})
	}
	// SRT has no references, and yet the library reads some.
	shown := strings.NewReplacer("<", "‹", ">", "›", "{", "(", "}", ")", "&lt;", "<", "&amp;", "&")
	if diff := cmp.Diff(want(all, shown.Replace), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// text is that of all lines of a caption.
func text(item *astisub.Item) string {
	var lines []string
	for _, line := range item.Lines {
		for _, part := range line.Items {
			lines = append(lines, part.Text)
		}
	}
	return strings.TrimSuffix(strings.Join(lines, "\n"), "\n")
}

// TestEmpty: a call in which nothing was said is a file without captions.
func TestEmpty(t *testing.T) {
	t.Parallel()
	vtt, err := astisub.ReadFromWebVTT(write(t, callinsights.TranscriptWebVTT, nil))
	if err != nil || len(vtt.Items) > 0 {
		t.Errorf("WebVTT: got %v, %v", vtt, err)
	}
	srt, err := astisub.ReadFromSRT(write(t, callinsights.TranscriptSRT, nil))
	if err != nil || len(srt.Items) > 0 {
		t.Errorf("SRT: got %v, %v", srt, err)
	}
}

// TestMarkdown: as GitHub's dialect renders it, there is one list, in which each
// turn is its time, its name in bold and its text.
func TestMarkdown(t *testing.T) {
	t.Parallel()
	all := turns()
	var page bytes.Buffer
	renderer := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList))
	if err := renderer.Convert(write(t, callinsights.TranscriptMarkdown, all).Bytes(), &page); err != nil {
		t.Fatal(err)
	}
	var tags, got []string
	tokens := nethtml.NewTokenizer(&page)
	for kind := tokens.Next(); kind != nethtml.ErrorToken; kind = tokens.Next() {
		switch token := tokens.Token(); {
		case kind == nethtml.StartTagToken:
			tags = append(tags, token.Data)
			if token.Data == "li" {
				got = append(got, "")
			}
		case kind == nethtml.TextToken && len(got) > 0:
			got[len(got)-1] += strings.Trim(token.Data, "\n")
		case kind != nethtml.TextToken && kind != nethtml.EndTagToken:
			t.Errorf("%s is in the page", token)
		}
	}
	wantTags, wantLines := []string{"ul"}, []string(nil)
	for _, turn := range all {
		at := turn.Start.Duration().Truncate(time.Second)
		wantTags = append(wantTags, "li", "code", "strong")
		wantLines = append(wantLines, time.Time{}.Add(at).Format("4:05")+" "+turn.Speaker+": "+turn.Text)
	}
	if diff := cmp.Diff(wantTags, tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantLines, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
