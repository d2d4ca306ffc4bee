package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/examples/internal/program"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

func TestMain(m *testing.M) {
	if err := os.Setenv("VONAGE_AI_STUDIO_KEY", vonageinsightstest.APIKey); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// erased runs the program and returns what it says at the end, and the lines
// before that.
func erased(ctx context.Context, t *testing.T, args ...string) (lines []string, last string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err = run(ctx, args, &stdout, &stderr)
	lines = strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
	return lines[:len(lines)-1], lines[len(lines)-1], err
}

// TestWithoutFlags shows the sessions of one caller, by ids and times alone.
func TestWithoutFlags(t *testing.T) {
	t.Parallel()
	lines, last, err := erased(t.Context(), t)
	if err != nil {
		t.Fatal(err)
	}
	if want := "12 sessions match, none was deleted: run it again with -delete to delete what matches"; last != want {
		t.Errorf("got %q, want %q", last, want)
	}
	if len(lines) != 12 {
		t.Errorf("got %d lines", len(lines))
	}
	for _, line := range lines {
		if !regexp.MustCompile(`^matches  [0-9a-f-]{36}  202[45]-\d\d-\d\d \d\d:\d\d:\d\d$`).MatchString(line) {
			t.Errorf("got the line %q", line)
		}
	}
}

// service serves a fake on an address of this machine, as flags of the program.
func service(t *testing.T) (*vonageinsightstest.Server, []string) {
	t.Helper()
	fake := demo.StudioYears(300)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	return fake, []string{"-live", "-url", server.URL, "-region", "eu", "-from", "2024-01-01", "-to", "2025-12-31"}
}

// count is how many sessions the fake has.
func count(t *testing.T, fake *vonageinsightstest.Server) int {
	t.Helper()
	from, to := demo.Years()
	n := 0
	for _, err := range fake.Client().Search(t.Context(), vonageinsights.Query{From: from, To: to}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestErase(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args    []string
		matches int
	}{
		"caller":           {[]string{"-source", demo.Caller}, 6},
		"caller of a year": {[]string{"-source", demo.Caller, "-to", "2024-12-31"}, 4},
		"status":           {[]string{"-status", "in_progress"}, 5},
		"all":              {[]string{"-all"}, 300},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, flags := service(t)
			args := append(flags, test.args...)
			shown, last, err := erased(t.Context(), t, args...)
			if want := fmt.Sprintf("%d sessions match, none was deleted", test.matches); err != nil || !strings.HasPrefix(last, want) {
				t.Errorf("dry run: got %q, %v, want %q", last, err, want)
			}
			if n := count(t, fake); n != 300 {
				t.Errorf("%d sessions are left after the dry run", n)
			}
			deleted, last, err := erased(t.Context(), t, append(args, "-delete")...)
			if want := fmt.Sprintf("%[1]d sessions matched, %[1]d were deleted, 0 were gone already, 0 were refused", test.matches); err != nil || last != want {
				t.Errorf("got %q, %v, want %q", last, err, want)
			}
			for i := range shown {
				shown[i] = strings.Replace(shown[i], "matches ", "deleted ", 1)
			}
			if diff := cmp.Diff(shown, deleted); diff != "" {
				t.Errorf("the dry run and what was deleted (-want +got):\n%s", diff)
			}
			if n := count(t, fake); n != 300-test.matches {
				t.Errorf("%d sessions are left", n)
			}
			if _, last, err := erased(t.Context(), t, args...); err != nil || !strings.HasPrefix(last, "no session matches. Looked at: http://") {
				t.Errorf("afterwards: got %q, %v", last, err)
			}
		})
	}
}

// TestNothing: where nothing matches, the program says where it has looked and what
// may be the matter, with -delete and without.
func TestNothing(t *testing.T) {
	t.Parallel()
	_, flags := service(t)
	looked := "no session matches. Looked at: " + flags[2] + ", from 2024-01-01T00:00:00Z to 2025-12-31T23:59:59Z."
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"two filters":                {[]string{"-source", demo.Caller, "-status", "in_progress"}, looked},
		"two filters, to be deleted": {[]string{"-source", demo.Caller, "-status", "in_progress", "-delete"}, looked},
		"with a plus":                {[]string{"-source", "+" + demo.Caller}, looked + " Numbers have no plus as a rule: try -source without it."},
	} {
		lines, last, err := erased(t.Context(), t, append(flags, test.args...)...)
		if err != nil || last != test.want || len(lines) > 0 {
			t.Errorf("%s: got %q after %d lines, %v; want %q", name, last, len(lines), err, test.want)
		}
	}
}

// TestOne: of one session the program says that it is one.
func TestOne(t *testing.T) {
	t.Parallel()
	_, flags := service(t)
	args := append(flags, "-source", demo.Caller, "-to", "2024-02-15")
	for _, test := range []struct {
		more []string
		want string
	}{
		{nil, "1 session matches, none was deleted: run it again with -delete to delete what matches"},
		{[]string{"-delete"}, "1 session matched, 1 was deleted, 0 were gone already, 0 were refused"},
	} {
		if _, last, err := erased(t.Context(), t, append(args, test.more...)...); err != nil || last != test.want {
			t.Errorf("%q: got %q, %v, want %q", test.more, last, err, test.want)
		}
	}
}

// TestUntilNow: the flags that a dry run prints reach what it has shown and nothing
// newer, though it is of the same day.
func TestUntilNow(t *testing.T) {
	t.Parallel()
	fake, flags := service(t)
	args := append(flags[:len(flags)-2], "-source", demo.Caller)
	_, last, err := erased(t.Context(), t, args...)
	again := regexp.MustCompile(`^6 sessions match, none was deleted: run it again with (-to \S+Z -delete) to delete what matches$`).FindStringSubmatch(last)
	if err != nil || again == nil {
		t.Fatalf("dry run: got %q, %v", last, err)
	}
	fake.Add(&vonageinsights.Session{ID: "newer", SessionStartTime: time.Now().UTC(), Source: demo.Caller})
	_, last, err = erased(t.Context(), t, append(args, strings.Fields(again[1])...)...)
	if err != nil || !strings.HasPrefix(last, "6 sessions matched, 6 were deleted") {
		t.Errorf("got %q, %v", last, err)
	}
	if _, err := fake.Client().FindSession(t.Context(), "newer"); err != nil {
		t.Errorf("the newer session: %v", err)
	}
}

// TestGoesOn: what was deleted before a fault is counted and said, and the same
// command deletes the rest.
func TestGoesOn(t *testing.T) {
	t.Parallel()
	fake, flags := service(t)
	args := append(flags, "-source", demo.Caller, "-delete")
	lines, _, err := erased(t.Context(), t, append(flags, "-source", demo.Caller)...)
	if err != nil {
		t.Fatal(err)
	}
	fake.Remove(strings.Fields(lines[0])[1])
	fake.Fail(vonageinsightstest.Fault{Op: "DeleteSession", Status: 403})
	if _, last, err := erased(t.Context(), t, args...); !errors.Is(err, vonageinsights.ErrForbidden) || last != "5 sessions matched, 0 were deleted, 0 were gone already, 0 were refused" {
		t.Errorf("got %q, %v", last, err)
	}
	fake.Fail(vonageinsightstest.Fault{Op: "DeleteSession", Status: 404})
	lines, last, err := erased(t.Context(), t, args...)
	if err != nil || last != "5 sessions matched, 4 were deleted, 1 was gone already, 0 were refused" || !strings.HasPrefix(lines[0], "gone ") {
		t.Errorf("got %q, %v", last, err)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := erased(ctx, t)
	var stderr bytes.Buffer
	if code := program.Code(programName, err, &stderr); code != 130 || !strings.Contains(stderr.String(), "run it again with the same flags") {
		t.Errorf("got %v, which ends with %d: %s", err, code, stderr.String())
	}
}

// TestRefused: nothing is asked for, and nothing deleted.
func TestRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"no filter":          {[]string{"-delete"}, "-all for every session of the range"},
		"no filter, dry run": {nil, "-all for every session of the range"},
		"empty filter":       {[]string{"-source", "", "-status", "ended", "-delete"}, "an empty text"},
		"no day":             {[]string{"-all", "-from", "yesterday"}, "want a day"},
		"upside down":        {[]string{"-all", "-from", "2024-03-05", "-to", "2024-03-03"}, "From is after its To"},
		"an argument":        {[]string{"-all", "x"}, `"x"`},
		"a day to come":      {[]string{"-all", "-to", "9000-01-01"}, "-to must be a day or a moment that is over in UTC, as sessions that nobody has seen would be deleted"},
		"a moment to come":   {[]string{"-all", "-delete", "-to", time.Now().Add(time.Hour).Format(time.RFC3339)}, "-to must be a day or a moment that is over"},
		"unknown region":     {[]string{"-all", "-region", "mars"}, "region"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, flags := service(t)
			var out bytes.Buffer
			err := run(t.Context(), append(flags, test.args...), &out, &out)
			var stderr bytes.Buffer
			if code := program.Code(programName, err, &stderr); code != 1 || !strings.Contains(stderr.String(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if sent := fake.Requests(); len(sent) > 0 {
				t.Errorf("%d requests were sent", len(sent))
			}
		})
	}
}

func TestLiveNeedsAKey(t *testing.T) {
	t.Setenv("VONAGE_AI_STUDIO_KEY", "")
	err := run(t.Context(), []string{"-live", "-region", "eu", "-from", "2024-01-01", "-all"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "VONAGE_AI_STUDIO_KEY") {
		t.Errorf("got %v", err)
	}
}
