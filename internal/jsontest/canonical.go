package jsontest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// number is a decimal number in its one canonical form: a sign, digits without
// zeros at either end, and an exponent.
type number string

// Canonical returns doc, which may begin with a byte order mark, in a form in
// which two documents are equal if a model may read one and write the other:
//
//   - null, "", 0, false and objects without members are nil, and members that
//     are nil are left out, at any depth; lists keep all elements, and an empty
//     one stays what it is;
//   - numbers are compared by their value, exactly;
//   - strings that hold a time are that time in UTC.
//
// drop names members that are left out too: "title" those of that name
// anywhere, "insights.Summary" those at that path, which has no part for lists.
func Canonical(t testing.TB, doc []byte, drop ...string) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(doc, []byte(byteOrderMark))))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("not valid JSON: %v", err)
	}
	return canonical(v, "", drop)
}

func canonical(v any, path string, drop []string) any {
	switch v := v.(type) {
	case map[string]any:
		kept := make(map[string]any, len(v))
		for key, member := range v {
			at := strings.TrimPrefix(path+"."+key, ".")
			if slices.Contains(drop, key) || slices.Contains(drop, at) {
				continue
			}
			if member = canonical(member, at, drop); member != nil {
				kept[key] = member
			}
		}
		if len(kept) > 0 {
			return kept
		}
	case []any:
		list := make([]any, len(v))
		for i, elem := range v {
			list[i] = canonical(elem, path, drop)
		}
		return list
	case string:
		return canonicalString(v)
	case json.Number:
		if n := canonicalNumber(v.String()); n != "0" {
			return n
		}
	case bool:
		if v {
			return true
		}
	}
	return nil
}

func canonicalString(s string) any {
	if s == "" {
		return nil
	}
	if at, ok := jsonpull.ParseTime(s); ok {
		return at.UTC().Format(time.RFC3339Nano)
	}
	return s
}

// canonicalNumber returns a number's text unchanged if its exponent is beyond
// all measure.
func canonicalNumber(text string) number {
	digits, sign := strings.CutPrefix(text, "-")
	exponent := 0
	if i := strings.IndexAny(digits, "eE"); i >= 0 {
		n, err := strconv.ParseInt(digits[i+1:], 10, 32)
		if err != nil {
			return number(text)
		}
		exponent, digits = int(n), digits[:i]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	digits = strings.TrimLeft(whole+fraction, "0")
	exponent -= len(fraction)
	trimmed := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(trimmed)
	if trimmed == "" {
		return "0"
	}
	if sign {
		trimmed = "-" + trimmed
	}
	return number(trimmed + "e" + strconv.Itoa(exponent))
}

// SameDocument fails the test unless the two documents are equal in the form
// of [Canonical].
func SameDocument(t testing.TB, want, got []byte, drop ...string) {
	t.Helper()
	if diff := cmp.Diff(Canonical(t, want, drop...), Canonical(t, got, drop...)); diff != "" {
		t.Errorf("the documents differ (-want +got):\n%s", diff)
	}
}
