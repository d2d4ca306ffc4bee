package main

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRoom: of a text as much is shown as there is room for, and what is not is
// counted.
func TestRoom(t *testing.T) {
	t.Parallel()
	type taken struct {
		Shown, More int
		Left        room
	}
	for name, test := range map[string]struct {
		left room
		text string
		want taken
	}{
		"nothing":              {50, "", taken{0, 0, 50}},
		"fits":                 {maxTexts, strings.Repeat("é", maxText), taken{maxText, 0, maxTexts - maxText}},
		"a character too many": {maxTexts, strings.Repeat("é", maxText+1), taken{maxText, 2, maxTexts - maxText}},
		"a byte too many":      {maxTexts, strings.Repeat("e", maxText+1), taken{maxText, 2, maxTexts - maxText}},
		"far too long":         {maxTexts, strings.Repeat("é", 5*maxText), taken{maxText, 4*maxText + 1, maxTexts - maxText}},
		"fits what is left":    {2 * leastText, strings.Repeat("é", 2*leastText), taken{2 * leastText, 0, 0}},
		"too long for that":    {2 * leastText, strings.Repeat("é", 2*leastText+1), taken{2 * leastText, 2, 0}},
		"little is left":       {1, strings.Repeat("é", 300), taken{leastText, 300 - leastText + 1, 1 - leastText}},
		"nothing is left":      {-7, strings.Repeat("é", 300), taken{leastText, 300 - leastText + 1, -7 - leastText}},
		"at a space":           {leastText, strings.Repeat("é", 150) + " " + strings.Repeat("é", 150), taken{151, 151, leastText - 151}},
	} {
		left := test.left
		shown, more := left.take(test.text)
		if diff := cmp.Diff(test.want, taken{len([]rune(shown)), more, left}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestPart: of a text that is cut the page says how much more there is, where, and
// whether what was searched for is in it.
func TestPart(t *testing.T) {
	t.Parallel()
	long := "First " + strings.Repeat("É", leastText-8) + "cut" + strings.Repeat("é", 30) + " Last" // cut in the middle of its word
	for name, test := range map[string]struct {
		text, place, query string
		want               string
	}{
		"not cut":          {"First", "calls.jsonl:1", "first", ""},
		"no search":        {long, "calls.jsonl:1", "", "37 more characters are in calls.jsonl:1."},
		"no file":          {long, "", "", "37 more characters are not shown."},
		"behind":           {long, "calls.jsonl:1", "last", "37 more characters are in calls.jsonl:1, with what was searched for."},
		"behind, no file":  {long, "", "last", "37 more characters are not shown, with what was searched for."},
		"cut itself":       {long, "calls.jsonl:1", "écut", "37 more characters are in calls.jsonl:1, with what was searched for."},
		"shown":            {long, "calls.jsonl:1", "first", "37 more characters are in calls.jsonl:1."},
		"shown and behind": {long, "calls.jsonl:1", "é", "37 more characters are in calls.jsonl:1, with what was searched for."},
		"one word of two":  {long, "calls.jsonl:1", "first last", "37 more characters are in calls.jsonl:1, with what was searched for."},
		"nowhere":          {long, "calls.jsonl:1", "elsewhere", "37 more characters are in calls.jsonl:1."},
	} {
		left := room(1)
		c := conversation{place: test.place}
		if got := c.part(&left, test.text, newWords(test.query)); got.Rest != test.want {
			t.Errorf("%s: got %q, want %q", name, got.Rest, test.want)
		}
	}
}

// longRecording is a line with a text of so many characters in each place that has
// one, each with a word of its own at its end.
func longRecording(t *testing.T, characters int) string {
	t.Helper()
	long := func(end string) string { return strings.Repeat("blah ", characters/5) + end }
	one := func(end string) []any {
		return []any{map[string]any{"value": long(end), "section": long("section"), "speakerId": "a", "start": 1, "end": 2}}
	}
	return string(toJSON(t, map[string]any{
		"sourceRecordId": "1", "title": long("titleend"), "rsRecordUri": "https://example.com/" + strings.Repeat("x", characters),
		"domain": long("domain"), "callDirection": long("direction"), "ownerExtensionId": long("ownerend"),
		"speakerInfo": []any{map[string]any{"speakerId": "a", "name": "Ada", "extensionId": long("extensionend")}},
		"insights": map[string]any{
			"Transcript": []any{map[string]any{"speakerId": "a", "text": long("utteranceend"), "start": 0, "end": 2}},
			"Summary":    one("summaryend"), "NextSteps": one("stepend"), "Highlights": one("highlightend"), "AIScore": one("scoreend"),
			"Sentiment": one("sentiment"),
		},
	}))
}

// TestLongTexts: a page says of each text that is cut how much more there is of it and
// where, and a search finds all of it.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		characters, cut int
	}{"short": {100, 0}, "long": {1_000_000, 6}} { // an utterance, a summary, two notes and two facts
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := newLibrary(1 << 30)
			if err := read(strings.NewReader("\n"+longRecording(t, test.characters)), "calls.jsonl", calls); err != nil {
				t.Fatal(err)
			}
			calls.sort()
			site, path := newSite(calls, nil), "/calls/"+calls.all[0].key()
			for _, path := range []string{path, path + "?q=utteranceend", "/", "/?q=utteranceend"} {
				if size := get(site, path).Body.Len(); size > 100<<10 {
					t.Errorf("%s has %d bytes", path, size)
				}
			}
			page := html.UnescapeString(get(site, path).Body.String())
			if got := strings.Count(page, " more characters are in calls.jsonl:2."); got != test.cut {
				t.Errorf("%d texts are cut, want %d", got, test.cut)
			}
			const utterance = "990018 more characters are in calls.jsonl:2." // of 1,000,012, as a space comes before the 10,000th
			if test.cut > 0 && !strings.Contains(page, utterance) {
				t.Errorf("the page lacks %q", utterance)
			}
			for _, end := range []string{"titleend", "utteranceend", "summaryend", "stepend", "highlightend", "scoreend", "ownerend", "extensionend"} {
				if shown := strings.Contains(page, end); shown != (test.cut == 0) {
					t.Errorf("the page shows %q: %t", end, shown)
				}
				if found := listed(t, site, "/?q="+end); len(found) != 1 {
					t.Errorf("a search for %q finds %d calls", end, len(found))
				}
				said := 0
				if test.cut > 0 && end != "titleend" && end != "extensionend" { // below those is no such line
					said = 1
				}
				if got := strings.Count(get(site, path+"?q="+end).Body.String(), ", with what was searched for."); got != said {
					t.Errorf("%d texts say that %q is in the rest, want %d", got, end, said)
				}
			}
		})
	}
}

// TestLongEverywhere: a call of each service whose texts are all too long has pages
// that are not. What was not read from a file does not name one.
func TestLongEverywhere(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("blah ", 100_000)
	for name, document := range map[string][]byte{
		"ringsense": hostileRecording(t, 0, long), "vonage": hostileSession(t, 0, long), "whippy": hostileCall(0, long),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := newLibrary(1 << 30)
			if err := read(strings.NewReader(recordA), "calls.jsonl", calls); err != nil {
				t.Fatal(err)
			}
			if err := addDocument(calls, document); err != nil {
				t.Fatal(err)
			}
			calls.sort()
			site := newSite(calls, nil)
			for _, c := range calls.all {
				for _, path := range []string{c.address("", 1), c.address("blah", 1), "/?service=" + name, "/?q=blah"} {
					page := get(site, path).Body.String()
					if len(page) > 250<<10 {
						t.Errorf("%s has %d bytes", path, len(page))
					}
					if strings.Contains(page, "calls.jsonl") {
						t.Errorf("%s says that its call is in a file", path)
					}
				}
			}
		})
	}
}

// TestManyLongTexts: many texts that are too long share the room of a page. Each is
// there with its beginning.
func TestManyLongTexts(t *testing.T) {
	t.Parallel()
	c := noted(maxListed)
	c.Turns = slices.Repeat(c.Turns, turnsPerPage/2)
	long := strings.Repeat("blah ", 10_000)
	for i := range c.Turns {
		c.Turns[i].Text = fmt.Sprintf("utterance %d %s", i+1, long)
	}
	for i := range c.Facts {
		c.Facts[i].Value += long
		c.Summary[i] += long
		for _, list := range c.Lists {
			list.Items[i].Text += long
		}
	}
	page := get(newSite(libraryOf(t, c), nil), "/calls/"+c.key()).Body.String()
	if len(page) > 2<<20 {
		t.Errorf("the page has %d bytes", len(page))
	}
	if got, want := strings.Count(page, " more characters are not shown."), turnsPerPage+5*maxListed; got != want {
		t.Errorf("%d texts are cut, want %d", got, want)
	}
	for i := range c.Turns {
		if want := fmt.Sprintf(">utterance %d blah", i+1); !strings.Contains(page, want) {
			t.Fatalf("the page lacks %q", want)
		}
	}
}

// TestLongQuery: what is too long to be in each link of a page is refused, with the
// reason.
func TestLongQuery(t *testing.T) {
	t.Parallel()
	c := longCall(20_000, true)
	site := newSite(libraryOf(t, c), nil)
	for name, test := range map[string]struct {
		query  string
		status int
		reason string
	}{
		"fits":                 {strings.Repeat("é", maxQuery), http.StatusOK, ""},
		"fits without blanks":  {strings.Repeat(" ", 50) + strings.Repeat("é", maxQuery) + " ", http.StatusOK, ""},
		"a character too many": {strings.Repeat("é", maxQuery+1), http.StatusBadRequest, "q: a search may have 200 characters, and this one has 201: leave out some words"},
		"many words":           {strings.Repeat("word ", 2000), http.StatusBadRequest, "this one has 9999"},
	} {
		for _, path := range []string{"/?q=", "/calls/" + c.key() + "?q="} {
			answer := get(site, path+url.QueryEscape(test.query))
			page := answer.Body.String()
			if answer.Code != test.status || !strings.Contains(page, test.reason) || len(page) > 2<<20 {
				t.Errorf("%s, %s: got %d and %d bytes, want %d and %q", name, path, answer.Code, len(page), test.status, test.reason)
			}
		}
	}
	if page, want := get(site, "/").Body.String(), fmt.Sprintf(`maxlength="%d"`, maxQuery); !strings.Contains(page, want) {
		t.Errorf("the form lacks %s", want)
	}
}

// TestLongExcerpts: the excerpt of a text takes little memory, however long that is.
func TestLongExcerpts(t *testing.T) { //nolint:paralleltest // what other tests allocate would count
	found, text := newWords("a"), strings.Repeat("a", 4<<20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	found.excerpt(text, 150)
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 1<<20 {
		t.Errorf("the excerpt of 4 MiB takes %d bytes", allocated)
	}
}

// TestLongProblem: of what is wrong with a place as much is shown as helps.
func TestLongProblem(t *testing.T) {
	t.Parallel()
	calls := newLibrary(1 << 30)
	line := toJSON(t, map[string]any{"key": "k", "error": strings.Repeat("W", 1<<20)})
	if err := read(strings.NewReader(string(line)), "events.jsonl", calls); err != nil {
		t.Fatal(err)
	}
	page := get(newSite(calls, nil), "/problems").Body.String()
	if !strings.Contains(page, "events.jsonl:1") || !strings.Contains(page, "WWWW…<") || len(page) > 10<<10 {
		t.Errorf("the page has %d bytes and lacks the place, or the sign that there is more", len(page))
	}
}
