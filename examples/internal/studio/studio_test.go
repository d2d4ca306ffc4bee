package studio_test

import (
	"flag"
	"testing"

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
		var request studio.Request
		flags := flag.NewFlagSet(name, flag.ContinueOnError)
		request.Flags(flags)
		if err := flags.Parse(append(test.args, "-from", "2024-01-01", "-to", "2024-01-31")); err != nil {
			t.Fatal(err)
		}
		if got := request.Advice(); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
