package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares an output with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestOutput(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"recording.txt": nil,
		"recording.md":  {"-format", "markdown"},
		"session.txt":   {"-session", demo.SessionID, "-format", "text"},
		"session.md":    {"-session", demo.SessionID, "-format", "markdown"},
		"session.json":  {"-session", demo.SessionID, "-format", "json"},
		"meeting.txt":   {"-recording", demo.MeetingID, "-domain", "rcv"},
		"recording.vtt": {"-format", "vtt"},
		"recording.srt": {"-format", "srt"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if err := run(t.Context(), args, &stdout, &stderr); err != nil {
				t.Fatal(err)
			}
			golden(t, name, stdout.String())
			if stderr.Len() > 0 {
				t.Errorf("complains: %s", stderr.String())
			}
		})
	}
}

// TestJSON: the answer of the service as it is, in a file.
func TestJSON(t *testing.T) {
	t.Parallel()
	client, err := connect(settings{})
	if err != nil {
		t.Fatal(err)
	}
	record, err := client.RecordingInsights(t.Context(), demo.RecordingID)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "call.json")
	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"-format", "json", "-out", path, "-recording", demo.RecordingID}, &stdout, io.Discard); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(record.RawJSON()+"\n", string(got)); diff != "" || stdout.Len() > 0 {
		t.Errorf("(-want +got):\n%s\nand on standard output %q", diff, stdout.String())
	}
}

// hostile are texts that would do something if they were not kept from it.
func hostile() []string {
	return []string{
		"", " \n", "# x", "## x ##", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;b&gt; &amp; &#60;",
		"`code` ``` x", "a | b | c", "--- | ---", "one\ntwo\r\n\r\n# three\u2028four\u0085five", "\n\n    code",
		"[click](javascript:alert(1))", "![x](https://example.com/x.png)", "[x]: https://example.com", "[^1]: note",
		"https://example.com/x www.example.com WWW.example.com", "*a* **b** _c_ ~~d~~ ~e~", "> quote", "- item", "+ item",
		"* item", "1. item", "12) item", "===", "---", "***", "___", "~~~", "+++", ": term", "$x$ $$y$$", "{: .red} {{ x }}",
		`\# \`, `ends with \`, "\x1b[2J\x1b]0;title\x07 red", "a\u009b31mb", "a\u202eb\u2066c", "a\u200eb\u061cc\u200bd\ufeff", "back\b\b\bspace\x00\x7f", "ok \xff\x9b31m",
	}
}

// hostileRecord has the same text everywhere.
func hostileRecord(text string) *ringsense.RecordingInsights {
	return &ringsense.RecordingInsights{
		Title: text, SourceRecordID: "1",
		SpeakerInfo: []ringsense.Speaker{{SpeakerID: "a", Name: text, PhoneNumber: text}},
		Insights: ringsense.Insights{
			Summary:    []ringsense.Insight{{Value: text}, {Value: text}},
			NextSteps:  []ringsense.Insight{{Value: text, SpeakerID: "a"}},
			Transcript: []ringsense.Utterance{{Text: text, SpeakerID: "a", Start: 1}, {Text: text, Start: 3723}},
		},
	}
}

func written(t *testing.T, f format, records ...*ringsense.RecordingInsights) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.write(&b, records, true); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestHostile shows what becomes of texts that mean harm.
func TestHostile(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]format{"hostile.txt": formatText, "hostile.md": formatMarkdown} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var records []*ringsense.RecordingInsights
			for _, text := range hostile() {
				records = append(records, hostileRecord(text))
			}
			golden(t, name, written(t, f, records...))
		})
	}
}

// FuzzHostile: no text adds a line or a character that a terminal obeys to any
// format; and JSON stays the same value.
func FuzzHostile(f *testing.F) {
	for _, text := range hostile() {
		f.Add(text)
	}
	harmless := hostileRecord("x")
	f.Fuzz(func(t *testing.T, text string) {
		record := hostileRecord(text)
		for _, form := range []format{formatText, formatMarkdown, formatWebVTT, formatSRT} {
			got := written(t, form, record)
			if strings.Count(got, "\n") > strings.Count(written(t, form, harmless), "\n") {
				t.Errorf("%s: more lines:\n%s", form, got)
			}
			if strings.ContainsFunc(strings.ReplaceAll(got, "\n", ""), isObeyed) {
				t.Errorf("%s: a terminal may obey %q", form, got)
			}
		}
		checkJSON(t, text)
	})
}

// isObeyed reports whether a terminal may obey r, which can be a control character
// or override the direction of text.
func isObeyed(r rune) bool {
	return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

func checkJSON(t *testing.T, text string) {
	t.Helper()
	var raw bytes.Buffer
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(map[string]string{"title": text}); err != nil {
		t.Fatal(err)
	}
	got := safeJSON(raw.String())
	var before, after map[string]string
	if err := errors.Join(json.Unmarshal(raw.Bytes(), &before), json.Unmarshal([]byte(got), &after)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" || strings.ContainsFunc(got, isObeyed) {
		t.Errorf("JSON became %q (-want +got):\n%s", got, diff)
	}
}

// TestNotReady: what is missing is said, and waited for if that is wanted.
func TestNotReady(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		missing, empty, wait time.Duration
		stdout, stderr       string
		err                  error
	}{
		"none yet":             {missing: time.Hour, err: ringsense.ErrInsightsNotFound},
		"empty":                {empty: time.Hour, stdout: "There is no transcript", stderr: "-wait 10m"},
		"waited for":           {missing: 2 * time.Minute, empty: 3 * time.Minute, wait: 10 * time.Minute, stdout: "Good morning"},
		"waited not long":      {missing: time.Hour, wait: time.Minute, err: ringsense.ErrInsightsNotFound},
		"waited not long, too": {empty: time.Hour, wait: time.Minute, err: context.DeadlineExceeded},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				server.SetReadyAfter(test.missing, test.empty)
				server.Add(&ringsense.RecordingInsights{SourceRecordID: "1", Insights: ringsense.Insights{
					Transcript: []ringsense.Utterance{{Text: "Good morning"}},
				}})
				var stdout, stderr bytes.Buffer
				s := settings{live: true, recording: "1", domain: ringsense.DomainPBX, format: formatText, wait: test.wait}
				err := show(t.Context(), server.Client(), s, &stdout, &stderr)
				if !errors.Is(err, test.err) || !strings.Contains(stdout.String(), test.stdout) || !strings.Contains(stderr.String(), test.stderr) {
					t.Errorf("got %v, %q and %q", err, stdout.String(), stderr.String())
				}
				if test.err != nil && (stdout.Len() > 0 || (test.wait == 0) != strings.Contains(err.Error(), "-wait 10m")) {
					t.Errorf("got %v after %q", err, stdout.String())
				}
			})
		})
	}
}

// TestNoRecordings: a session of nothing is not a document of nothing.
func TestNoRecordings(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	server.Fail(ringsensetest.Fault{Op: "SessionInsights", Status: 200, Body: `{"records": []}`})
	var stdout bytes.Buffer
	err := show(t.Context(), server.Client(), settings{session: "s-1", domain: ringsense.DomainPBX}, &stdout, io.Discard)
	if err == nil || !strings.Contains(err.Error(), `"s-1"`) || stdout.Len() > 0 {
		t.Errorf("got %v after %q", err, stdout.String())
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want []string
	}{
		"no such recording":    {[]string{"-recording", "1"}, []string{"RAH-3001", "not be ready", "licen", "the fake has the recordings " + demo.RecordingID, "-domain rcv, " + demo.MeetingID, "-live asks"}},
		"no such session":      {[]string{"-session", "s-1"}, []string{"RAH-3001", "licen", "the session " + demo.SessionID}},
		"pending":              {[]string{"-recording", demo.PendingID}, []string{"RAH-3001"}},
		"another domain":       {[]string{"-recording", demo.RecordingID, "-domain", "rcv"}, []string{"domain"}},
		"no domain":            {[]string{"-domain", ""}, []string{"-domain: want pbx"}},
		"no such domain":       {[]string{"-domain", "foo"}, []string{"-domain: want pbx, rcv, rcx, ms-teams or nice-incontact"}},
		"unknown format":       {[]string{"-format", "html"}, []string{`"html"`, "markdown"}},
		"both":                 {[]string{"-recording", "1", "-session", "2"}, []string{"exclude"}},
		"neither":              {[]string{"-live"}, []string{"-recording", "-session"}},
		"waiting backwards":    {[]string{"-wait", "-1s"}, []string{"-wait"}},
		"waiting for sessions": {[]string{"-session", "s-1", "-wait", "1s"}, []string{"-wait"}},
		"captions of sessions": {[]string{"-session", "s-1", "-format", "vtt"}, []string{"captions", "-recording"}},
		"address of a fake":    {[]string{"-url", "http://127.0.0.1:1"}, []string{"-url needs -live"}},
		"an argument too many": {[]string{"x"}, []string{`"x"`}},
		"no such folder":       {[]string{"-out", filepath.Join(t.TempDir(), "x", "y")}, []string{"no such file"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout bytes.Buffer
			err := run(t.Context(), test.args, &stdout, io.Discard)
			if err == nil || stdout.Len() > 0 {
				t.Fatalf("got %v after %q", err, stdout.String())
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
		})
	}
}

// TestLiveNeedsCredentials names what is missing, and sends nothing.
func TestLiveNeedsCredentials(t *testing.T) {
	t.Setenv("RC_APP_CLIENT_ID", "")
	err := run(t.Context(), []string{"-live", "-recording", "1"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "RC_APP_CLIENT_ID") {
		t.Errorf("got %v", err)
	}
}

// TestURL: with -url it is another service that is asked.
func TestURL(t *testing.T) {
	fake, err := demo.RingSense()
	if err != nil {
		t.Fatal(err)
	}
	sandbox := httptest.NewServer(fake)
	defer sandbox.Close()
	t.Setenv("RC_APP_CLIENT_ID", ringsensetest.ClientID)
	t.Setenv("RC_APP_CLIENT_SECRET", ringsensetest.ClientSecret)
	t.Setenv("RC_USER_JWT", ringsensetest.UserJWT)
	var stdout bytes.Buffer
	args := []string{"-live", "-url", sandbox.URL, "-recording", demo.RecordingID, "-format", "vtt"}
	if err := run(t.Context(), args, &stdout, io.Discard); err != nil {
		t.Fatal(err)
	}
	golden(t, "recording.vtt", stdout.String())
	args[2] = "127.0.0.1:1"
	if err := run(t.Context(), args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "it must look like https://host") {
		t.Errorf("got %v", err)
	}
}
