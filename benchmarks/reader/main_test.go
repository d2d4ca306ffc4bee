package main

import (
	"strings"
	"testing"
)

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"no job":           {nil, "0 arguments"},
		"two jobs":         {[]string{"{}", "{}"}, "2 arguments"},
		"no JSON":          {[]string{"everything"}, "a job: "},
		"an unknown way":   {[]string{`{"way": "by heart"}`}, `no way to read is named "by heart"`},
		"a job that fails": {[]string{`{"way": "` + "`io.Discard`" + `", "url": "http://127.0.0.1:0", "times": 1}`}, "127.0.0.1:0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout strings.Builder
			err := run(t.Context(), test.args, &stdout)
			if err == nil || !strings.Contains(err.Error(), test.want) || stdout.Len() > 0 {
				t.Errorf("got %v, printed %q; want %q in the error", err, stdout.String(), test.want)
			}
		})
	}
}

func TestResidentPeak(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status string
		want   int // 0 for an error
	}{
		"of a process":   {"Name:\treader\nVmPeak:\t 1628204 kB\nVmHWM:\t    8360 kB\nVmRSS:\t    7000 kB\n", 8360 << 10},
		"no such line":   {"Name:\treader\nVmRSS:\t    7000 kB\n", 0},
		"another unit":   {"Name:\treader\nVmHWM:\t    8360 MB\n", 0},
		"no unit":        {"Name:\treader\nVmHWM:\t    8360\n", 0},
		"no number":      {"Name:\treader\nVmHWM:\t    many kB\n", 0},
		"another name":   {"Name:\tVmHWM: 5 kB\n", 0},
		"nothing at all": {"", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := residentPeak(test.status)
			if got != test.want || (err == nil) != (test.want > 0) {
				t.Errorf("got %d, %v; want %d", got, err, test.want)
			}
		})
	}
}
