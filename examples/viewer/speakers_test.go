package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
)

// TestLongName: of a name as much is shown as there is room for, wherever it stands,
// and a search finds all of it.
func TestLongName(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ name, want string }{
		"fits":       {strings.Repeat("W", maxName), strings.Repeat("W", maxName)},
		"too long":   {strings.Repeat("W", maxName) + "tail", strings.Repeat("W", maxName-1) + "…"},
		"two bytes":  {strings.Repeat("É", 2*maxName) + "tail", strings.Repeat("É", maxName-1) + "…"},
		"first name": {strings.Repeat("W", maxName-50) + " " + strings.Repeat("W", 1000) + "tail", strings.Repeat("W", maxName-50) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := newLibrary(1 << 20)
			err := addDocument(calls, toJSON(t, map[string]any{
				"sourceRecordId": "1", "title": "x", "speakerInfo": []any{map[string]any{"speakerId": "a", "name": test.name}},
				"insights": map[string]any{
					"Transcript": []any{map[string]any{"speakerId": "a", "text": "hi", "start": 1, "end": 2}},
					"NextSteps":  []any{map[string]any{"speakerId": "a", "value": "call back"}},
				},
			}))
			if err != nil {
				t.Fatal(err)
			}
			calls.sort()
			c, site := calls.all[0], newSite(calls, nil)
			if diff := cmp.Diff([]string{test.want, test.want}, []string{c.Speakers[0].Name, c.Lists[0].Items[0].Who}); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			page := get(site, "/calls/"+c.key()).Body.String()
			if strings.Count(page, "<bdi>"+test.want+"</bdi>") != 3 { // talk, next step, transcript
				t.Error("the page lacks the name")
			}
			end := test.name[len(test.name)-10:]
			if got := listed(t, site, "/?q="+end); !slices.Equal(got, []string{"x"}) {
				t.Errorf("a search for the end of the name finds %q", got)
			}
			if strings.Contains(page, "tail") {
				t.Error("the page has the end of the name")
			}
		})
	}
}

// TestSpeakersOf: the speakers by their ids are those that the SDK finds.
func TestSpeakersOf(t *testing.T) {
	t.Parallel()
	r := &ringsense.RecordingInsights{SpeakerInfo: []ringsense.Speaker{
		{SpeakerID: "a", Name: "Ada"}, {Name: "Nobody"}, {SpeakerID: "b", Name: "Bob"}, {SpeakerID: "a", Name: "Another"}, {SpeakerID: "b"},
	}}
	got := speakersOf(r)
	for _, id := range []string{"a", "b", "", "c"} {
		want, isThere := r.Speaker(id)
		s, found := got[id]
		if diff := cmp.Diff(want.Name, s.Name); diff != "" || found != isThere {
			t.Errorf("speaker %q, %t (-want +got):\n%s", id, found, diff)
		}
	}
}

// TestSpeakerNames: who says something, and whom a note is about, is looked up by
// their id.
func TestSpeakerNames(t *testing.T) {
	t.Parallel()
	calls := newLibrary(1 << 20)
	err := addDocument(calls, []byte(`{"sourceRecordId":"1","title":"x",
		"speakerInfo":[{"speakerId":"a","name":"Ada"},{"speakerId":"b","phoneNumber":"+1"},{"speakerId":"a","name":"Another"},{"name":"Nobody"}],
		"insights":{
			"Transcript":[{"speakerId":"b","text":"1"},{"speakerId":"a","text":"2"},{"text":"3"},{"speakerId":"c","text":"4"}],
			"NextSteps":[{"value":"1","speakerId":"a"},{"value":"2","speakerId":"b"},{"value":"3"},{"value":"4","speakerId":"c"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	calls.sort()
	c := calls.all[0]
	var got []string
	for _, turn := range c.Turns {
		got = append(got, turn.Text+" "+c.Speakers[turn.Speaker].Name)
	}
	for _, step := range c.Lists[0].Items {
		got = append(got, fmt.Sprintf("%s of %q", step.Text, step.Who))
	}
	want := []string{"1 +1", "2 Ada", "3 Speaker 3", "4 Speaker 4", `1 of "Ada"`, `2 of "+1"`, `3 of ""`, `4 of ""`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
