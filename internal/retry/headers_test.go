package retry_test

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/retry"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const none = -1
	for name, tt := range map[string]struct {
		values []string
		date   string
		want   time.Duration
	}{
		"missing":                {want: none},
		"empty":                  {values: []string{""}, want: none},
		"seconds":                {values: []string{"12"}, want: 12 * time.Second},
		"zero":                   {values: []string{"0"}},
		"leading zeros":          {values: []string{"0012"}, want: 12 * time.Second},
		"space":                  {values: []string{"\t12 "}, want: 12 * time.Second},
		"fraction":               {values: []string{"12.01"}, want: 13 * time.Second},
		"no real fraction":       {values: []string{"12.0"}, want: 12 * time.Second},
		"point":                  {values: []string{"."}, want: none},
		"plus":                   {values: []string{"+12"}, want: none},
		"negative":               {values: []string{"-12"}, want: none},
		"exponent":               {values: []string{"1e3"}, want: none},
		"hex":                    {values: []string{"0x10"}, want: none},
		"text":                   {values: []string{"later"}, want: none},
		"unit":                   {values: []string{"12s"}, want: none},
		"list":                   {values: []string{"12, 13, x"}, want: 13 * time.Second},
		"list of nothing":        {values: []string{"soon, later"}, want: none},
		"several":                {values: []string{"12", "x", "15", "3"}, want: 15 * time.Second},
		"just too long":          {values: []string{"9223372037"}, want: math.MaxInt64},
		"just short enough":      {values: []string{"9223372036"}, want: 9223372036 * time.Second},
		"as long as an int":      {values: []string{"9223372036854775807.5"}, want: math.MaxInt64},
		"longer than an int":     {values: []string{strings.Repeat("9", 400)}, want: math.MaxInt64},
		"IMF date":               {values: []string{"Sat, 14 Mar 2026 12:00:30 GMT"}, want: 30 * time.Second},
		"RFC 850 date":           {values: []string{"Saturday, 14-Mar-26 12:00:30 GMT"}, want: 30 * time.Second},
		"asctime date":           {values: []string{"Sat Mar 14 12:00:30 2026"}, want: 30 * time.Second},
		"past date":              {values: []string{"Sat, 14 Mar 2026 11:00:30 GMT"}},
		"date of another zone":   {values: []string{"Saturday, 14-Mar-26 12:00:30 EST"}, want: none},
		"far date":               {values: []string{"Fri, 31 Dec 9999 23:59:59 GMT"}, want: math.MaxInt64},
		"the service's own time": {values: []string{"Sat, 14 Mar 2026 13:00:30 GMT"}, date: "Sat, 14 Mar 2026 13:00:00 GMT", want: 30 * time.Second},
		"unreadable time":        {values: []string{"Sat, 14 Mar 2026 12:00:30 GMT"}, date: "today", want: 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{"Retry-After": tt.values, "Date": {tt.date}}
			got, ok := retry.RetryAfter(h, noon)
			if !ok {
				got = none
			}
			if got != tt.want {
				t.Errorf("RetryAfter = %v, want %v", got, tt.want)
			}
		})
	}
}

// A value that overflows would be a negative wait, which a timer takes for
// none at all: a thousand requests in no time.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "5", "1.5", "9223372037", "-1", "Sat, 14 Mar 2026 12:00:30 GMT", "Sat Mar 14 12:00:30 2026"} {
		f.Add(seed, "")
		f.Add(seed, "Sat, 14 Mar 2026 12:00:00 GMT")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		got, ok := retry.RetryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, noon)
		if got < 0 || !ok && got != 0 {
			t.Errorf("RetryAfter(%q) = %v, %v", value, got, ok)
		}
		again, _ := retry.RetryAfter(http.Header{"Retry-After": {" " + value + "\t", value}, "Date": {date}}, noon)
		if got != again {
			t.Errorf("RetryAfter(%q) = %v, with space and twice %v", value, got, again)
		}
	})
}

func TestParseRateLimit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		headers map[string]string
		want    callinsights.RateLimit
		counted bool
	}{
		"missing": {},
		"all": {
			headers: map[string]string{"Group": "heavy", "Limit": "10", "Remaining": "0", "Window": "60"},
			want:    callinsights.RateLimit{Group: "heavy", Limit: 10, Window: time.Minute}, counted: true,
		},
		"space":          {headers: map[string]string{"Group": " heavy ", "Remaining": " 3 "}, want: callinsights.RateLimit{Group: "heavy", Remaining: 3}, counted: true},
		"group alone":    {headers: map[string]string{"Group": "auth"}, want: callinsights.RateLimit{Group: "auth"}},
		"garbage":        {headers: map[string]string{"Group": "a\nb", "Limit": "x", "Remaining": "-1", "Window": "1.5"}},
		"not ASCII":      {headers: map[string]string{"Group": "gr\u00fcn"}},
		"long name":      {headers: map[string]string{"Group": strings.Repeat("g", 65)}},
		"long enough":    {headers: map[string]string{"Group": strings.Repeat("g", 64)}, want: callinsights.RateLimit{Group: strings.Repeat("g", 64)}},
		"huge quota":     {headers: map[string]string{"Remaining": strings.Repeat("9", 30)}, want: callinsights.RateLimit{Remaining: 1_000_000_000}, counted: true},
		"endless window": {headers: map[string]string{"Window": "99999999999"}, want: callinsights.RateLimit{Window: 24 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			for key, value := range tt.headers {
				h["X-Rate-Limit-"+key] = []string{value}
			}
			got, counted := retry.ParseRateLimit(h)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("rate limit (-want +got):\n%s", diff)
			}
			if counted != tt.counted {
				t.Errorf("counted = %v, want %v", counted, tt.counted)
			}
		})
	}
}

func FuzzParseRateLimit(f *testing.F) {
	f.Add("light", "50", "49", "60")
	f.Add("", "-1", "1e9", "99999999999999999999")
	f.Fuzz(func(t *testing.T, group, limit, remaining, window string) {
		h := http.Header{
			"X-Rate-Limit-Group": {group}, "X-Rate-Limit-Limit": {limit},
			"X-Rate-Limit-Remaining": {remaining}, "X-Rate-Limit-Window": {window},
		}
		got, counted := retry.ParseRateLimit(h)
		if len(got.Group) > 64 || strings.ContainsAny(got.Group, "\r\n\x00") {
			t.Errorf("group %q", got.Group)
		}
		if got.Limit < 0 || got.Remaining < 0 || !counted && got.Remaining != 0 {
			t.Errorf("rate limit %+v, counted %v", got, counted)
		}
		if got.Window < 0 || got.Window > 24*time.Hour {
			t.Errorf("window %v", got.Window)
		}
	})
}
