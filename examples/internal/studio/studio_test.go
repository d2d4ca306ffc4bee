package studio_test

import (
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/examples/internal/studio"
)

func TestAdvice(t *testing.T) {
	t.Parallel()
	const days = ", from 2024-01-01T00:00:00Z to 2024-01-31T23:59:59Z."
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"fake":            {[]string{"-sessions", "7"}, "Looked at: fake of 7 sessions" + days},
		"region":          {[]string{"-live", "-region", "eu"}, "Looked at: region eu" + days + " The other region has sessions of its own."},
		"another address": {[]string{"-live", "-url", "http://127.0.0.1:1"}, "Looked at: http://127.0.0.1:1" + days},
		"number":          {[]string{"-source", "12025550143"}, "Looked at: fake of 600 sessions" + days},
		"with a plus":     {[]string{"-source", "+12025550143"}, "Looked at: fake of 600 sessions" + days + " Numbers have no plus as a rule: try -source without it."},
	} {
		request := parsed(t, append(test.args, "-from", "2024-01-01", "-to", "2024-01-31")...)
		if got := request.Advice(); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// TestRange: both days are included.
func TestRange(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from, to string
		want     []string
	}{
		"days":    {"2024-01-01", "2024-01-31", []string{"2024-01-01T00:00:00Z", "2024-01-31T23:59:59.999999Z"}},
		"a day":   {"2024-01-01", "2024-01-01", []string{"2024-01-01T00:00:00Z", "2024-01-01T23:59:59.999999Z"}},
		"moments": {"2024-01-01T09:30:00Z", "2024-01-01T10:00:00+01:00", []string{"2024-01-01T09:30:00Z", "2024-01-01T09:00:00Z"}},
	} {
		request := parsed(t, "-from", test.from, "-to", test.to)
		got := []string{request.From.Format(time.RFC3339Nano), request.To.Format(time.RFC3339Nano)}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestRefused: ranges and flags that mean nothing, or that the programs must not take.
func TestRefused(t *testing.T) {
	t.Setenv("VONAGE_AI_STUDIO_KEY", "key")
	t.Setenv("VONAGE_AI_STUDIO_REGION", "eu")
	for name, test := range map[string]struct {
		args []string
		want string // the error; "" for none
	}{
		"nothing":                 {nil, ""},
		"region without -live":    {[]string{"-region", "eu"}, "-region needs -live"},
		"after the fake":          {[]string{"-from", "2026-01-01"}, "-from 2026-01-01T00:00:00Z is after the end of the range, 2025-06-30T23:59:59Z; without -live the fake has sessions from 2024-01-08 until then"},
		"the last day":            {[]string{"-from", "2025-06-30"}, ""},
		"after the fake, with to": {[]string{"-from", "2026-01-01", "-to", "2026-01-02"}, ""},
		"live, to come":           {[]string{"-live", "-from", "9000-01-01T09:30:00Z"}, "-from 9000-01-01T09:30:00Z is in the future, and without -to the range ends now"},
		"live":                    {[]string{"-live", "-from", "2026-01-01"}, ""},
		"not over":                {[]string{"-to", "9000-01-01"}, "-to must be a day or a moment that is over in UTC, as some would be missed; leave it out to mean until now"},
	} {
		request := parsed(t, test.args...)
		got := ""
		if err := errors.Join(request.CheckOver("some would be missed"), request.Complete()); err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func parsed(t *testing.T, args ...string) *studio.Request {
	t.Helper()
	var request studio.Request
	flags := flag.NewFlagSet("studio", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	request.Flags(flags, "now")
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return &request
}

// TestMissing: whoever has not said what the service needs is told how to, and what
// it may be.
func TestMissing(t *testing.T) {
	for name, test := range map[string]struct {
		key, region string
		args        []string
		want        []string // words of the error; none if there is no error
	}{
		"all there":        {"key", "eu", []string{"-from", "2024-01-01"}, nil},
		"region of a flag": {"key", "", []string{"-from", "2024-01-01", "-region", "us"}, nil},
		"no first day":     {"key", "eu", nil, []string{"-from"}},
		"no key":           {"", "eu", []string{"-from", "2024-01-01"}, []string{"VONAGE_AI_STUDIO_KEY in the environment"}},
		"no region":        {"key", "", []string{"-from", "2024-01-01"}, []string{"-region", "VONAGE_AI_STUDIO_REGION in the environment", "to eu or us"}},
		"no such region":   {"key", "mars", []string{"-from", "2024-01-01"}, []string{"EU or US", "-region", "VONAGE_AI_STUDIO_REGION"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("VONAGE_AI_STUDIO_KEY", test.key)
			t.Setenv("VONAGE_AI_STUDIO_REGION", test.region)
			request := parsed(t, append([]string{"-live"}, test.args...)...)
			err := request.Complete()
			if err == nil {
				_, err = request.Client("test")
			}
			if (err != nil) != (test.want != nil) {
				t.Fatalf("got %v, want an error with %q", err, test.want)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want an error with %q", err, want)
				}
			}
		})
	}
}
