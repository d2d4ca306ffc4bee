package jsontest_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/callinsights/callinsights-go/internal/jsontest"
)

const variedDocument = `{"name":"a/é","size":-7,"list":[{"on":true},null],"none":{}}`

func TestVariants(t *testing.T) {
	t.Parallel()
	found := make(map[string]bool) // change, path and document
	for v := range jsontest.Variants([]byte(variedDocument)) {
		found[v.Change+" "+v.Path+" "+string(v.Doc)] = v.Same
	}
	tests := map[string]bool{ // whether they mean the same
		"compact  " + variedDocument:                                                                                                 true,
		"byte order mark  \ufeff" + variedDocument:                                                                                   true,
		"two byte order marks  \ufeff\ufeff" + variedDocument:                                                                        false,
		"data after the end  " + variedDocument + "}":                                                                                false,
		"missing size " + `{"name":"a/é","list":[{"on":true},null],"none":{}}`:                                                       false,
		"missing list[0].on " + `{"name":"a/é","size":-7,"list":[{},null],"none":{}}`:                                                false,
		"missing list[1] " + `{"name":"a/é","size":-7,"list":[{"on":true}],"none":{}}`:                                               false,
		"null list " + `{"name":"a/é","size":-7,"list":null,"none":{}}`:                                                              false,
		"null at the end name " + `{"name":"a/é","size":-7,"list":[{"on":true},null],"none":{},"name":null}`:                         false,
		"repeated none " + `{"name":"a/é","size":-7,"list":[{"on":true},null],"none":{},"none":{}}`:                                  true,
		"repeated none " + `{"name":"a/é","size":-7,"list":[{"on":true},null],"none":{"former":1},"none":{}}`:                        true,
		"repeated list " + `{"name":"a/é","size":-7,"list":[{"on":true},null,{"on":true},null],"list":[{"on":true},null],"none":{}}`: true,
		"repeated size " + `{"name":"a/é","size":7,"size":-7,"list":[{"on":true},null],"none":{}}`:                                   true,
		"another order  " + `{"none":{},"list":[{"on":true},null],"size":-7,"name":"a/é"}`:                                           true,
		"key in escapes list[0].on " + `{"name":"a/é","size":-7,"list":[{"\u006f\u006e":true},null],"none":{}}`:                      true,
		"key in upper case size " + `{"name":"a/é","SIZE":-7,"list":[{"on":true},null],"none":{}}`:                                   false,
		"in escapes name " + `{"name":"\u0061\u002F\u00E9","size":-7,"list":[{"on":true},null],"none":{}}`:                           true,
		"slashes escaped name " + `{"name":"a\/é","size":-7,"list":[{"on":true},null],"none":{}}`:                                    true,
		"other form size " + `{"name":"a/é","size":-7.0,"list":[{"on":true},null],"none":{}}`:                                        false,
	}
	for want, same := range tests {
		if got, ok := found[want]; !ok || got != same {
			t.Errorf("%s: found %v, which means the same %v; want %v", want, ok, got, same)
		}
	}
}

func TestKindsOfVariants(t *testing.T) {
	t.Parallel()
	var docs []string
	for v := range jsontest.Variants([]byte(callDocument)) {
		docs = append(docs, string(v.Doc))
	}
	kinds := map[string]func(string) bool{
		"invalid":       func(s string) bool { return !json.Valid([]byte(s)) },
		"invalid UTF-8": func(s string) bool { return !utf8.ValidString(s) },
		"white space":   func(s string) bool { return strings.Contains(s, "\r\n:\r\n") },
		"128 levels":    func(s string) bool { return depth(s) == 128 },
		"129 levels":    func(s string) bool { return depth(s) == 129 },
		"surrogate":     func(s string) bool { return strings.Contains(s, `\ud8`) || strings.Contains(s, `\ude`) },
		"huge number":   func(s string) bool { return strings.Contains(s, `e400`) || strings.Contains(s, "9223372036854775808") },
		"another kind":  func(s string) bool { return strings.Contains(s, `"length":"`) || strings.Contains(s, `"length":[`) },
		"odd key":       func(s string) bool { return strings.Contains(s, `{"":`) || strings.Contains(s, `,1:`) },
	}
	for name, has := range kinds {
		if !slices.ContainsFunc(docs, has) {
			t.Errorf("%s: found none", name)
		}
	}
}

// depth counts brackets, none of which are in strings.
func depth(doc string) int {
	most, now := 0, 0
	for _, c := range doc {
		switch c {
		case '{', '[':
			now++
			most = max(most, now)
		case '}', ']':
			now--
		}
	}
	return most
}

// TestVariantsMeanTheSame holds what is said to mean the same against
// encoding/json.
func TestVariantsMeanTheSame(t *testing.T) {
	t.Parallel()
	n := 0
	for v := range jsontest.Variants([]byte(callDocument)) {
		if !v.Same {
			continue
		}
		n++
		if jsontest.SameDocument(t, []byte(callDocument), v.Doc); t.Failed() {
			t.Fatalf("%s %s: %s", v.Change, v.Path, v.Doc)
		}
	}
	if n < 50 {
		t.Errorf("%d variants mean the same, want more", n)
	}
}

func TestVariantsStayTheSame(t *testing.T) {
	t.Parallel()
	doc := []byte(callDocument)
	var before [][]byte
	for v := range jsontest.Variants(doc) {
		before = append(before, v.Doc)
	}
	i := 0
	for v := range jsontest.Variants(doc) {
		if !bytes.Equal(v.Doc, before[i]) {
			t.Fatalf("variant %d is %q, and was %q", i, v.Doc, before[i])
		}
		if i++; i == 50 {
			break // which ends it
		}
	}
	if string(doc) != callDocument {
		t.Error("the document was changed")
	}
	defer func() {
		if recover() == nil {
			t.Error("variants of what is not JSON")
		}
	}()
	for range jsontest.Variants([]byte(`{`)) {
		break
	}
}
