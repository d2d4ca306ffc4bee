package jsonpull_test

import (
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	second := time.Date(2031, time.March, 5, 7, 11, 13, 0, time.UTC)
	minute, day := second.Truncate(time.Minute), time.Date(2031, time.March, 5, 0, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		text string
		want time.Time // zero: refused
	}{
		"RFC 3339":           {"2031-03-05T07:11:13Z", second},
		"offset":             {"2031-03-05T09:11:13+02:00", second},
		"negative offset":    {"2031-03-05T03:41:13-03:30", second},
		"milliseconds":       {"2031-03-05T07:11:13.125Z", second.Add(125 * time.Millisecond)},
		"nanoseconds":        {"2031-03-05T07:11:13.123456789+00:00", second.Add(123456789)},
		"more digits":        {"2031-03-05T07:11:13.1234567899Z", second.Add(123456789)},
		"no zone":            {"2031-03-05T07:11:13", second},
		"no zone, fraction":  {"2031-03-05T07:11:13.5", second.Add(time.Second / 2)},
		"lower-case letters": {"2031-03-05t07:11:13z", second},
		"space":              {"2031-03-05 07:11:13", second},
		"space and offset":   {"2031-03-05 08:11:13+01:00", second},
		"no colon":           {"2031-03-05T08:11:13.000+0100", second},
		"hours alone":        {"2031-03-05T08:11:13+01", second},
		"no seconds":         {"2031-03-05T07:11Z", minute},
		"no seconds, offset": {"2031-03-05T08:11+01:00", minute},
		"no seconds or zone": {"2031-03-05T07:11", minute},
		"date alone":         {"2031-03-05", day},
		"midnight":           {"2031-03-05T00:00:00Z", day},
		"very many digits":   {"2031-03-05T07:11:13." + strings.Repeat("5", 2000) + "Z", second.Add(555555555)},

		"empty":          {"", time.Time{}},
		"too short":      {"2031-3-5", time.Time{}},
		"hour 24":        {"2031-03-05T24:00:00Z", time.Time{}},
		"second 60":      {"2031-03-05T07:11:60Z", time.Time{}},
		"30 February":    {"2031-02-30", time.Time{}},
		"month 13":       {"2031-13-01T00:00:00Z", time.Time{}},
		"another order":  {"05-03-2031T07:11:13Z", time.Time{}},
		"slashes":        {"2031/03/05 07:11:13", time.Time{}},
		"name of a zone": {"2031-03-05T07:11:13 UTC", time.Time{}},
		"data after":     {"2031-03-05T07:11:13Z and on", time.Time{}},
		"date and a T":   {"2031-03-05T", time.Time{}},
		"seconds count":  {"1930000000", time.Time{}},
		"other text":     {"yesterday at noon", time.Time{}},
		"very long":      {"2031-03-05 07:11:13." + strings.Repeat("5", 2000), time.Time{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := jsonpull.ParseTime(test.text)
			if !got.Equal(test.want) || ok != !test.want.IsZero() {
				t.Errorf("%q: got %v, %v; want %v", test.text, got, ok, test.want)
			}
		})
	}
}

func TestMilliseconds(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]time.Duration{
		0:             0,
		1:             time.Millisecond,
		-1:            -time.Millisecond,
		math.MaxInt64: math.MaxInt64 / 1_000_000 * 1_000_000,
		math.MinInt64: -math.MaxInt64 / 1_000_000 * 1_000_000,
	} {
		if got := jsonpull.Milliseconds(n); got != want {
			t.Errorf("%d: got %v, want %v", n, got, want)
		}
	}
}

// TestLongTimesAreCheap: a text that is no time takes no many times its memory.
func TestLongTimesAreCheap(t *testing.T) { //nolint:paralleltest // counts what all goroutines allocate
	const size, most = 8 << 20, 5
	text := strings.Repeat("2", size)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, ok := jsonpull.ParseTime(text)
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / size; ok || got > most {
		t.Errorf("got %v, and %d times the text allocated, want at most %d", ok, got, most)
	}
}
