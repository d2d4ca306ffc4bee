package callinsights_test

import (
	"math"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go"
)

func TestSecondsDuration(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		seconds callinsights.Seconds
		want    time.Duration
	}{
		"zero":             {0, 0},
		"whole":            {90, 90 * time.Second},
		"fraction":         {12.34, 12340 * time.Millisecond},
		"negative":         {-0.5, -500 * time.Millisecond},
		"rounded up":       {1.9999999996, 2 * time.Second},
		"rounded down":     {1.0000000004, time.Second},
		"nanosecond":       {1e-9, 1},
		"less than one":    {1e-10, 0},
		"largest":          {math.MaxFloat64, math.MaxInt64},
		"smallest":         {-math.MaxFloat64, math.MinInt64},
		"just too large":   {9223372036.854775807, math.MaxInt64},
		"still fits":       {9e9, 9_000_000_000 * time.Second},
		"infinite":         {callinsights.Seconds(math.Inf(1)), math.MaxInt64},
		"minus infinite":   {callinsights.Seconds(math.Inf(-1)), math.MinInt64},
		"no number at all": {callinsights.Seconds(math.NaN()), 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.seconds.Duration(); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
