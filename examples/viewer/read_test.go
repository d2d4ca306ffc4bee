package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

const (
	recordA  = `{"sourceRecordId":"A","title":"Record A","lastModifiedTime":"2026-10-01T10:00:00Z"}`
	recordA2 = `{"sourceRecordId":"A","title":"Record A, later","lastModifiedTime":"2026-10-01T11:00:00Z"}`
	recordB  = `{"sourceRecordId":"B","title":"Record B"}`
	sessionC = `{"id":"C","session_start_time":"2026-10-01T10:00:00","agent_information":{"name":"Bot"},"source":"C"}`
)

// TestRead reads files of all forms, whole and broken.
func TestRead(t *testing.T) {
	t.Parallel()
	whippyEvents := func(n int) string {
		var lines []string
		for _, payload := range whippytest.CallEvents(n) {
			lines = append(lines, string(payload))
		}
		return strings.Join(lines, "\n")
	}
	tests := map[string]struct {
		text     string
		want     []string // titles
		problems []string
	}{
		"nothing":              {"", nil, nil},
		"empty lines":          {"\n\r\n  \n" + recordA + "\n\n", []string{"Record A"}, nil},
		"lines":                {recordA + "\n" + sessionC + "\n", []string{"Bot and C", "Record A"}, nil},
		"no last end of line":  {recordA + "\r\n" + recordB, []string{"Record A", "Record B"}, nil},
		"byte order mark":      {"\uFEFF" + recordA, []string{"Record A"}, nil},
		"one document":         {"{\n  \"sourceRecordId\": \"A\",\n  \"title\": \"Record A\"\n}\n", []string{"Record A"}, nil},
		"documents on lines":   {"{\n\"sourceRecordId\": \"A\", \"title\":\n\"Record A\"}\n" + recordB, []string{"Record A", "Record B"}, nil},
		"list":                 {"[" + recordA + ",\n" + recordB + "]\n", []string{"Record A", "Record B"}, nil},
		"list on lines":        {"[\n  " + recordA + ",\n  " + recordB + "\n]\n", []string{"Record A", "Record B"}, nil},
		"records of a session": {`{"records":[` + recordA + `,` + recordB + `],"paging":{}}`, []string{"Record A", "Record B"}, nil},
		"records apart":        {`{ "records" : [ ` + recordA + " ,\n" + recordB + ` ] }`, []string{"Record A", "Record B"}, nil},
		"no records":           {`{"records":[]}` + "\n" + `{"hits":null}`, nil, nil},
		"page of sessions":     {`{"total":1,"hits":[` + sessionC + `]}`, []string{"Bot and C"}, nil},
		"event of RingSense":   {string(ringsensetest.EventPayload(&ringsense.RecordingInsights{SourceRecordID: "A", Title: "Record A"})), []string{"Record A"}, nil},
		"events of Whippy":     {whippyEvents(1) + "\n" + whippyEvents(2), []string{"Call from +12025550101", "Call from +12025550102"}, nil},
		"other events":         {string(whippytest.MessageCreated()) + "\n" + `{"event":"contact.created","data":{"id":"1"},"request_id":"r"}`, nil, nil},
		"call of Whippy":       {`{"id":"1","delivery_status":"call_completed","from":"+1","direction":"INBOUND"}`, []string{"Call from +1"}, nil},
		"receiver":             {`{"key":"k","event":` + recordA + `}` + "\n" + `{"key":"l","event":` + whippyEvents(1)[:strings.Index(whippyEvents(1), "\n")] + `}`, []string{"Call from +12025550101", "Record A"}, nil},
		"receiver, undecodable": {
			`{"key":"k","error":"no event","payload":"e30="}` + "\n" + recordA,
			[]string{"Record A"},
			[]string{"f:1: the receiver could not decode what came: no event"},
		},
		"versions":            {recordA + "\n" + recordA2, []string{"Record A, later"}, nil},
		"versions, overtaken": {recordA2 + "\n" + recordA, []string{"Record A, later"}, nil},
		"without ids":         {`{"sourceRecordId":"","title":"x"}` + "\n" + `{"sourceRecordId":"","title":"y"}`, []string{"x", "y"}, nil},
		"bad lines": {"nonsense\n" + recordA + "\n[1]\n\"text\"\n{\"a\":1}\n" + recordB[:20], []string{"Record A"}, []string{
			"f:1: not a JSON object", "f:3: not a JSON object", "f:4: not a JSON object", "f:5: " + errUnknown.Error(), "f:6: not a JSON object",
		}},
		"bad value":          {recordB + "\n" + `{"sourceRecordId":{"a":1}}`, []string{"Record B"}, []string{"f:2: "}},
		"bad list":           {"[\n" + recordA + ",\n7,\n" + recordB + "\n", []string{"Record A", "Record B"}, []string{"f:3: not a JSON object", "f:5: the file ends"}},
		"list far apart":     {"[" + strings.Repeat("\n", 100_000) + "7,\n" + recordA + strings.Repeat("\n", 100_000) + ",{\n}]", []string{"Record A"}, []string{"f:100001: not a JSON object", "f:200003: neither"}},
		"list breaks":        {"[\n" + recordA + ",\n{\"a\" 1}]", []string{"Record A"}, []string{"f:3: not JSON; what follows"}},
		"document breaks":    {"{\n\"sourceRecordId\":\n", nil, []string{"f:1: the file ends in the middle"}},
		"bad record":         {`{"records":[` + recordA + `,8]}`, []string{"Record A"}, []string{"f:1: not a JSON object"}},
		"records, no list":   {`{"records":8}`, nil, []string{"f:1: neither"}},
		"line too long":      {strings.Repeat("x", maxDocument+1) + "\n" + recordA + "\n", []string{"Record A"}, []string{"f:1: longer than 32 MiB"}},
		"last line too long": {recordA + "\n" + strings.Repeat("x", maxDocument+1), []string{"Record A"}, []string{"f:2: longer than 32 MiB"}},
		"element too long":   {"[" + recordA + ",\n\"" + strings.Repeat("x", 2*maxDocument) + `"]`, []string{"Record A"}, []string{"f:2: longer than 32 MiB"}},
		"long first line":    {`{"sourceRecordId":"A","title":"` + strings.Repeat("{", 100<<10) + `"}` + "\nnonsense\n" + recordB, []string{"Record B", strings.Repeat("{", maxTitle-1) + "…"}, []string{"f:2: not a JSON object"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for form, r := range map[string]io.Reader{"whole": strings.NewReader(test.text), "bytes": bytewise(test.text)} {
				calls := newLibrary(1 << 30)
				if err := read(r, "f", calls); err != nil {
					t.Fatal(err)
				}
				calls.sort()
				got := titles(calls.all)
				slices.Sort(got)
				if diff := cmp.Diff(test.want, got, cmp.Comparer(slices.Equal[[]string])); diff != "" {
					t.Errorf("%s (-want +got):\n%s", form, diff)
				}
				checkProblems(t, test.problems, calls.problems)
			}
		})
	}
}

// bytewise reads a short text byte by byte.
func bytewise(text string) io.Reader {
	if len(text) > 100<<10 {
		return strings.NewReader(text)
	}
	return iotest.OneByteReader(strings.NewReader(text))
}

// checkProblems compares problems with how they should begin.
func checkProblems(t *testing.T, want []string, got []problem) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("problems: got %q, want %q", got, want)
	}
	for i, p := range got {
		if text := p.Place + ": " + p.What; !strings.HasPrefix(text, want[i]) {
			t.Errorf("problem: got %q, want %q", text, want[i])
		}
	}
}

// TestReadFails: what ends the program, as nothing may be left out in silence.
func TestReadFails(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(strings.Repeat(recordA+"\n", 3)) // one call, whose versions replace each other
	for i := range 20 {
		fmt.Fprintf(&text, `{"sourceRecordId":"%d","title":"x"}`+"\n", i)
	}
	lines := text.String()
	if err := read(strings.NewReader(lines), "f", newLibrary(1<<20)); err != nil {
		t.Errorf("with room for all: %v", err)
	}
	err := read(strings.NewReader(lines), "f", newLibrary(10<<10))
	if !errors.Is(err, errFull) || !strings.HasPrefix(err.Error(), "f:12: ") {
		t.Errorf("with room for some: got %v", err)
	}
	broken := errors.New("the disk is broken")
	for _, start := range []string{recordA + "\n", "[" + recordA + ","} {
		err := read(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken)), "f", newLibrary(1<<20))
		if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("after %.10q: got %v", start, err)
		}
	}
	if err := openFile(filepath.Join(t.TempDir(), "none"), newLibrary(1)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
}

// TestManyProblems: there are as many listed as a page can have, and it says how many
// more there are.
func TestManyProblems(t *testing.T) {
	t.Parallel()
	for unlisted, want := range map[int]string{0: "</section>", 1: "<p>And 1 more place.</p>", 7: "<p>And 7 more places.</p>"} {
		calls := newLibrary(1 << 20)
		if err := read(strings.NewReader(strings.Repeat("x\n", maxProblems+unlisted)), "f", calls); err != nil {
			t.Fatal(err)
		}
		if len(calls.problems) != maxProblems || calls.unlisted != unlisted {
			t.Errorf("got %d listed and %d not, want %d not", len(calls.problems), calls.unlisted, unlisted)
		}
		_, end, _ := strings.Cut(get(newSite(calls, nil), "/problems").Body.String(), "</table>")
		if !strings.HasPrefix(strings.TrimSpace(end), want) {
			t.Errorf("with %d more the page ends with %.100q, want %q", unlisted, end, want)
		}
	}
}

// TestManyBadRecords: what cannot be read in a list is one problem, of a text that
// does not grow with it, and documents within documents are not unpacked without end.
func TestManyBadRecords(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a list":           `{"records":[` + strings.Repeat("1,", 50_000) + recordA + `,1]}`,
		"lines in lines":   strings.Repeat(`{"key":1,"event":`, 5000) + "1" + strings.Repeat("}", 5000),
		"lists in lists":   strings.Repeat(`{"records":[`, 5000) + "1" + strings.Repeat("]}", 5000),
		"lists of nothing": `{"hits":[` + strings.Repeat("{},", 50_000) + `{}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := newLibrary(1 << 30)
			if err := read(strings.NewReader(text), "f", calls); err != nil {
				t.Fatal(err)
			}
			if len(calls.problems) != 1 || len(calls.problems[0].What) > 300 {
				t.Errorf("got %d problems", len(calls.problems))
			}
			if want := strings.Count(text, recordA); len(calls.byKey) != want {
				t.Errorf("got %d calls, want %d", len(calls.byKey), want)
			}
		})
	}
}

// TestReadTakesLittle: what is read takes about as much memory as its text, also where
// that is millions of lines or of values that are no documents.
func TestReadTakesLittle(t *testing.T) { //nolint:paralleltest // as it counts what is allocated
	const n = 2 << 20
	for name, text := range map[string]string{
		"a list of nothing but lines": "[" + strings.Repeat("\n", n) + "]",
		"a page of empty lists":       `{"hits":[` + strings.Repeat("[],", n/3) + `[]]}`,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := read(strings.NewReader(text), "f", newLibrary(1<<30)); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		times := (after.TotalAlloc - before.TotalAlloc) / uint64(len(text))
		if times > 15 {
			t.Errorf("%s: %d times its text was allocated", name, times)
		}
	}
}

// FuzzRead reads anything. What was read can be shown whole, without a character
// that nobody sees, and its drawing is in its frame.
func FuzzRead(f *testing.F) {
	f.Add([]byte(recordA + "\n" + sessionC))
	f.Add([]byte("[" + recordA + ",\n" + recordB + "]"))
	f.Add([]byte("{\n\"sourceRecordId\": \"A\"}"))
	for _, payload := range whippytest.CallEvents(1) {
		f.Add(payload)
	}
	for line := range strings.Lines(string(demoCalls)) {
		f.Add([]byte(line))
	}
	calls := new(library)
	site := newSite(calls, nil)
	f.Fuzz(func(t *testing.T, text []byte) {
		*calls = *newLibrary(1 << 30)
		if err := read(bytes.NewReader(text), "f", calls); err != nil {
			t.Fatal(err)
		}
		calls.sort()
		for _, c := range calls.all {
			checkDrawing(t, c)
			page := get(site, "/calls/"+c.key())
			text := page.Body.String()
			if page.Code != http.StatusOK || strings.Count(text, `<li id="turn-`) != len(c.Turns) ||
				strings.Contains(text, "<script") || strings.ContainsFunc(text, isHidden) {
				t.Errorf("the page of %+v is not good:\n%s", c, text)
			}
		}
		if list := get(site, "/"); list.Code != http.StatusOK || strings.ContainsFunc(list.Body.String(), isHidden) {
			t.Errorf("the list is not good:\n%s", list.Body)
		}
	})
}
