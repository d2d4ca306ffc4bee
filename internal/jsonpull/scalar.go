package jsonpull

import (
	"cmp"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// String takes a string, or the text of a number or a bool; null is empty.
// What is not UTF-8 becomes U+FFFD.
func (d *Decoder) String() string {
	if d.peek() == '"' {
		return d.quoted()
	}
	switch d.Kind() {
	case '0':
		return d.number()
	case 't':
		return strconv.FormatBool(d.Bool())
	case 'n':
		d.literal("null")
	default:
		d.mismatch("a string")
	}
	return ""
}

// Text is String that also takes an object or a list, as its exact text.
func (d *Decoder) Text() string {
	switch d.peek() {
	case '"':
		return d.quoted()
	case '{', '[':
		return strings.ToValidUTF8(d.Raw(), "\ufffd")
	}
	return d.String()
}

// Bool takes a bool, a string that holds one, 0 or 1; null and "" are false.
func (d *Decoder) Bool() bool {
	mark := d.Mark()
	switch d.Kind() {
	case 't':
		if d.doc[d.pos] == 't' {
			return d.literal("true")
		}
		d.literal("false")
		return false
	case '0', '"':
		switch strings.TrimSpace(d.String()) {
		case "true", "1":
			return true
		case "false", "0", "":
			return false
		}
		d.failAt(mark, errors.New("want a bool"))
	case 'n':
		d.literal("null")
	default:
		d.mismatch("a bool")
	}
	return false
}

// Int64 takes a whole number, or a string that holds one; null and "" are 0.
func (d *Decoder) Int64() int64 {
	mark := d.Mark()
	if n, fraction, end := shortNumber(d.doc, mark); end > 0 && fraction == 0 {
		d.pos = end
		return n
	}
	text := d.numeric("a whole number")
	if text == "" || d.fault != nil {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		n, err = strconv.ParseInt(withoutPoint(text), 10, 64)
	}
	if err != nil {
		d.failAt(mark, errors.New("want a whole number of at most 64 bits"))
		return 0
	}
	return n
}

// withoutPoint returns the digits of a whole number that is written with a
// fraction or an exponent, such as 1.0 or 1.5e3, and nothing for a number that
// is not whole or too long. A float would round what has more than 53 bits.
func withoutPoint(text string) string {
	digits, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(digits, ".")
	digits = strings.TrimRight(whole+fraction, "0")
	if digits == "" || digits == "-" {
		return "0"
	}
	zeros, err := strconv.Atoi(cmp.Or(exponent, "0"))
	if zeros += len(whole) - len(digits); err != nil || zeros < 0 || zeros > 18 {
		return ""
	}
	return digits + strings.Repeat("0", zeros)
}

// Int is Int64 for an int.
func (d *Decoder) Int() int {
	mark := d.Mark()
	n := d.Int64()
	if int64(int(n)) != n {
		d.failAt(mark, errors.New("want a whole number that an int can hold"))
		return 0
	}
	return int(n)
}

// Float64 takes a number, or a string that holds one; null and "" are 0.
func (d *Decoder) Float64() float64 {
	mark := d.Mark()
	if n, fraction, end := shortNumber(d.doc, mark); end > 0 {
		d.pos = end
		return float64(n) / powersOfTen[fraction] // both exact, so the quotient is rounded once
	}
	text := d.numeric("a number")
	if text == "" || d.fault != nil {
		return 0
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		d.failAt(mark, errors.New("want a number that 64 bits can hold"))
		return 0
	}
	return f
}

// maxShort is how many digits a number may have for [shortNumber]: as many as a
// float64 holds whatever they are.
const maxShort = 15

//nolint:gochecknoglobals // a table
var powersOfTen = [maxShort + 1]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// shortNumber reads the number that begins at start, if it is like nearly all: short
// and neither negative nor with an exponent. It returns its digits as one number,
// how many of them come after the point, and where it ends, 0 for other numbers.
func shortNumber(s string, start int) (n int64, fraction, end int) {
	n, end = digits(s, start, 0)
	size := end - start
	if end < len(s) && s[end] == '.' {
		point := end
		n, end = digits(s, point+1, n)
		fraction = end - point - 1
		if size == 0 || fraction == 0 {
			return 0, 0, 0
		}
	}
	switch {
	case size == 0, size+fraction > maxShort, size > 1 && s[start] == '0', end < len(s) && s[end]|' ' == 'e':
		return 0, 0, 0
	}
	return n, fraction, end
}

// digits appends the digits that begin at i to those of n, and returns where they end.
func digits(s string, i int, n int64) (all int64, end int) {
	for ; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
		n = 10*n + int64(s[i]-'0')
	}
	return n, i
}

// numeric takes a number or a string with one, and returns its text, which is
// empty for null and for a blank string.
func (d *Decoder) numeric(want string) string {
	mark := d.Mark()
	switch d.Kind() {
	case '0':
		return d.number()
	case '"':
		text := strings.TrimSpace(d.quoted())
		if d.fault == nil && text != "" && numberEnd(text, 0) != len(text) {
			d.failAt(mark, errors.New("want "+want+", found a string that holds none"))
		}
		return text
	case 'n':
		d.literal("null")
	default:
		d.mismatch(want)
	}
	return ""
}

// number takes a number and returns its text.
func (d *Decoder) number() string {
	start := d.pos
	end := numberEnd(d.doc, start)
	if end < 0 {
		if rest := d.doc[start:]; strings.Trim(rest, "+-0123456789.eE") == "" && !d.part {
			d.pos = len(d.doc)
		}
		d.unexpected("a number")
		return ""
	}
	d.pos = end
	return d.doc[start:end]
}

// numberEnd returns where the number that begins at i ends, -1 if none does.
func numberEnd(s string, i int) int {
	digits := func() bool {
		start := i
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	if i < len(s) && s[i] == '0' {
		i++
	} else if !digits() {
		return -1
	}
	if i < len(s) && s[i] == '.' {
		i++
		if !digits() {
			return -1
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return -1
		}
	}
	return i
}

// Time takes a time as described in the package documentation; null and ""
// are the zero time. Digits beyond the nanosecond are dropped.
func (d *Decoder) Time() time.Time {
	mark := d.Mark()
	switch d.Kind() {
	case '"':
		text := strings.TrimSpace(d.quoted())
		if d.fault != nil || text == "" {
			return time.Time{}
		}
		t, ok := ParseTime(text)
		if !ok {
			d.failAt(mark, errors.New("want a time such as 2006-01-02T15:04:05.999999Z"))
		}
		return t
	case 'n':
		d.literal("null")
	default:
		d.mismatch("a time")
	}
	return time.Time{}
}

// Milliseconds converts a number of them, as services send lengths. What a
// Duration cannot hold becomes the longest one in that direction.
func Milliseconds(n int64) time.Duration {
	const longest = math.MaxInt64 / int64(time.Millisecond)
	return time.Duration(min(max(n, -longest), longest)) * time.Millisecond
}

// timeLayouts in the order of how often they are met. Parsing takes a
// fraction after the seconds with any of them.
var timeLayouts = [...]string{
	time.RFC3339,
	"2006-01-02T15:04:05",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05Z07",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	time.DateOnly,
}

// maxTime is how long a text may be that is tried with all layouts: each that does not
// fit makes copies of it.
const maxTime = 1 << 10

// ParseTime parses a time in any of the forms that the services use; one
// without a zone is UTC.
func ParseTime(text string) (time.Time, bool) {
	if len(text) < len(time.DateOnly) {
		return time.Time{}, false
	}
	if len(text) > maxTime { // which encoding/json takes if it is a very long fraction
		t, err := time.Parse(time.RFC3339, text)
		return t, err == nil
	}
	if text[len(text)-1] == 'z' {
		text = text[:len(text)-1] + "Z"
	}
	if len(text) > len(time.DateOnly) && (text[10] == ' ' || text[10] == 't') {
		text = text[:10] + "T" + text[11:]
	}
	if zone := strings.IndexAny(text[len(time.DateOnly):], "Z+-"); zone < 0 {
		if t, err := time.Parse(time.RFC3339, text+"Z"); err == nil {
			return t, true
		}
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
