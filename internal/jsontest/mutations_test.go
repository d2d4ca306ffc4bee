package jsontest_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/callinsights/callinsights-go/internal/jsontest"
)

var (
	caseChanged = regexp.MustCompile(`"(ID|STARTED_AT|DIRECTION|MISSED|LENGTH|SPEAKERS|NAME|TAGS|PARAMS|ANALYSIS)"`)
	kindChanged = regexp.MustCompile(`"(tags|params|speakers)":(true|false|"|[0-9])`)
)

func TestMutations(t *testing.T) {
	t.Parallel()
	doc := []byte(callDocument)
	first := slices.Collect(jsontest.Mutations(doc, 1, 2000))
	if !slices.EqualFunc(first, slices.Collect(jsontest.Mutations(doc, 1, 2000)), bytes.Equal) {
		t.Error("the same seed gives other documents")
	}
	if slices.EqualFunc(first, slices.Collect(jsontest.Mutations(doc, 2, 2000)), bytes.Equal) {
		t.Error("another seed gives the same documents")
	}
	if string(doc) != callDocument {
		t.Error("the document given was changed")
	}
	kinds := map[string]func(string) bool{
		"valid":          func(s string) bool { return json.Valid([]byte(s)) },
		"invalid":        func(s string) bool { return !json.Valid([]byte(s)) },
		"missing member": func(s string) bool { return json.Valid([]byte(s)) && !strings.Contains(s, `"direction"`) },
		"null member":    func(s string) bool { return strings.Count(s, `":null`) > strings.Count(callDocument, `":null`) },
		"repeated key":   func(s string) bool { return strings.Count(s, `"direction":`) == 2 },
		"other order": func(s string) bool {
			id, tags := strings.Index(s, `"id":`), strings.Index(s, `"tags":`)
			return 0 <= tags && tags < id
		},
		"other case":        func(s string) bool { return caseChanged.MatchString(s) },
		"escaped key":       func(s string) bool { return strings.Contains(s, `"\u0069d"`) },
		"added key":         func(s string) bool { return strings.Contains(s, `"added_`) },
		"other kind":        func(s string) bool { return kindChanged.MatchString(s) },
		"number in string":  func(s string) bool { return strings.Contains(s, `"length":"12.5"`) },
		"huge number":       func(s string) bool { return strings.Contains(s, `e400`) },
		"integer too large": func(s string) bool { return strings.Contains(s, `9223372036854775808`) },
		"half a surrogate":  func(s string) bool { return strings.Contains(s, `\ud800"`) },
		"invalid UTF-8":     func(s string) bool { return !utf8.ValidString(s) },
		"deep nesting":      func(s string) bool { return strings.Count(s, "[")+strings.Count(s, "{") > 120 },
		"truncated":         func(s string) bool { return len(s) < len(callDocument) && strings.HasPrefix(callDocument, s) },
		"trailing data": func(s string) bool {
			return len(s) > len(callDocument) && strings.Contains(s, "}null") || strings.HasSuffix(s, "}{}")
		},
		"byte order mark": func(s string) bool { return strings.HasPrefix(s, "\ufeff{") },
		"two of them":     func(s string) bool { return strings.HasPrefix(s, "\ufeff\ufeff") },
		"white space":     func(s string) bool { return strings.Contains(s, "\r\n") },
	}
	for name, has := range kinds {
		n := 0
		for _, doc := range first {
			if has(string(doc)) {
				n++
			}
		}
		if n == 0 || n == len(first) {
			t.Errorf("%s: %d of %d documents", name, n, len(first))
		}
	}
}

func TestMutationsOfWhatIsNotJSON(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{"", "{", "\xff\xfe"} {
		n := 0
		for mutant := range jsontest.Mutations([]byte(doc), 3, 500) {
			n++
			if len(mutant) > len(doc)+8 {
				t.Errorf("got %d bytes from %d", len(mutant), len(doc))
			}
		}
		if n != 500 {
			t.Errorf("got %d documents, want 500", n)
		}
	}
}

func TestMutationsOfAScalar(t *testing.T) {
	t.Parallel()
	seen := false
	for mutant := range jsontest.Mutations([]byte(`5`), 3, 500) {
		seen = seen || bytes.Equal(mutant, []byte(`"5"`))
		if seen {
			break
		}
	}
	if !seen {
		t.Error("the number was never put into a string")
	}
}

// The property of Decodes holds for whatever Mutations make of a document.
func TestDecodesMutations(t *testing.T) {
	t.Parallel()
	accepted := 0
	for doc := range jsontest.Mutations([]byte(callDocument), 4, 1500) {
		if jsontest.Decodes[Call](t, doc) != nil {
			accepted++
		}
	}
	if accepted < 150 || accepted > 1350 {
		t.Errorf("%d of 1500 documents were accepted: the rest of the test says little", accepted)
	}
}
