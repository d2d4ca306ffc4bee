package export_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/export"
)

type place struct {
	ID    string
	Items int
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	want := place{"a/b ü", 7}
	text := export.Seal("thing-export-1", want)
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == '+' || r == '/' || r == '"' }) {
		t.Errorf("%s needs quoting", text)
	}
	for _, stored := range []string{text, " " + text + "\n"} {
		var got place
		if err := export.Open("thing-export-1", "an export", stored, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	good := export.Seal("thing-export-1", place{"a", 1})
	tests := map[string]struct{ text, says string }{
		"nothing":         {"", "no checkpoint of an export"},
		"another kind":    {export.Seal("other-export-1", place{}), "no checkpoint of an export"},
		"another version": {export.Seal("thing-export-10", place{}), "no checkpoint of an export"},
		"its name alone":  {"thing-export-1.", "cut short or changed"},
		"cut":             {good[:len(good)-1], "cut short or changed"},
		"changed":         {good[:len(good)-1] + "~", "cut short or changed"},
		"another shape":   {export.Seal("thing-export-1", []int{1}), "the checkpoint is damaged"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := export.Open("thing-export-1", "an export", test.text, new(place))
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want an error with %q", err, test.says)
			}
		})
	}
}

// TestDigest: the lengths are kept, as a longer digest gives phone numbers away
// and checkpoints that are stored hold these.
func TestDigest(t *testing.T) {
	t.Parallel()
	for length, want := range map[int]string{2: "ba78", 8: "ba7816bf8f01cfea"} {
		if got := export.Digest([]byte("abc"), length); got != want {
			t.Errorf("%d bytes: got %s, want %s", length, got, want)
		}
	}
}
