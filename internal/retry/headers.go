package retry

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
)

// RetryAfter returns how long an answer that arrived at now asks to wait: in
// seconds, a fraction of which counts as a whole one, or until a date in one of
// the three forms of RFC 9110. Several values, of which a proxy may make one with
// commas, count as the longest. It is never negative, and false where the
// header is missing or means nothing.
func RetryAfter(h http.Header, now time.Time) (wait time.Duration, ok bool) {
	values := h.Values("Retry-After")
	if len(values) == 0 {
		return 0, false
	}
	// The date is one on the clock of the service.
	if date, err := http.ParseTime(strings.TrimSpace(h.Get("Date"))); err == nil {
		now = date
	}
	take := func(value string) bool {
		d, valid := parseRetryAfter(strings.TrimSpace(value), now)
		wait, ok = max(wait, d), ok || valid
		return valid
	}
	for _, value := range values {
		if take(value) {
			continue // a date holds a comma itself
		}
		for part := range strings.SplitSeq(value, ",") {
			take(part)
		}
	}
	return wait, ok
}

func parseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	if date, err := http.ParseTime(value); err == nil {
		// A zone other than these would be read as UTC, hours too early.
		if zone := strings.TrimRight(value, "0123456789"); zone == value && !strings.HasSuffix(zone, "GMT") && !strings.HasSuffix(zone, "UTC") {
			return 0, false
		}
		return max(date.Sub(now), 0), true
	}
	whole, fraction, _ := strings.Cut(value, ".")
	if !digits(whole) || !digits("0"+fraction) {
		return 0, false
	}
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if strings.Trim(fraction, "0") != "" && err == nil && seconds < math.MaxInt64 {
		seconds++
	}
	// What is out of range is more than a Duration holds.
	if err != nil || seconds > int64(math.MaxInt64/time.Second) {
		return math.MaxInt64, true
	}
	return time.Duration(seconds) * time.Second, true
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

const (
	maxGroupName = 64
	maxWindow    = 24 * time.Hour
	maxQuota     = 1_000_000_000
)

// ParseRateLimit reads the headers X-Rate-Limit-Group, -Limit, -Remaining and
// -Window (seconds) of developers.ringcentral.com/guide/basics/rate-limits. A
// value that means nothing counts as missing. counted reports whether the
// remaining requests are known.
func ParseRateLimit(h http.Header) (limit callinsights.RateLimit, counted bool) {
	limit.Group = strings.TrimSpace(h.Get("X-Rate-Limit-Group"))
	if len(limit.Group) > maxGroupName || strings.ContainsFunc(limit.Group, unprintable) {
		limit.Group = ""
	}
	limit.Limit, _ = quota(h, "X-Rate-Limit-Limit")
	limit.Remaining, counted = quota(h, "X-Rate-Limit-Remaining")
	seconds, _ := quota(h, "X-Rate-Limit-Window")
	limit.Window = min(time.Duration(seconds)*time.Second, maxWindow)
	return limit, counted
}

func unprintable(r rune) bool { return r < ' ' || r > '~' }

func quota(h http.Header, name string) (int, bool) {
	value := strings.TrimSpace(h.Get(name))
	if !digits(value) {
		return 0, false
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n > maxQuota {
		return maxQuota, true
	}
	return int(n), true
}
