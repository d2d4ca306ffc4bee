package interop_test

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
)

// TestDefinitions decodes a document with every member that a definition of
// @rc-ex/core has. The models read all of them, and write them again under the
// same names, but for those listed here, which they keep in Extra: the telephone
// of a party, the colleague on whose behalf it spoke, and a fax or voicemail
// lead to no insight. Speakers have no definition to be held against.
func TestDefinitions(t *testing.T) {
	t.Parallel()
	needModules(t)
	tests := map[string]struct {
		model any
		extra []string
	}{
		"RecordingInsights":        {model: new(ringsense.RecordingInsights)},
		"SessionsInsightsResource": {model: new(ringsense.SessionInsights)},
		"CallLogRecord": {new(ringsense.CallRecord), []string{
			"delegate", "from.device", "legs.delegate", "legs.from.device", "legs.message", "legs.to.device", "message", "to.device",
		}},
		"SubscriptionInfo":         {model: new(ringsense.Subscription)},
		"AuthProfileCheckResource": {model: new(ringsense.PermissionCheck)},
	}
	for definition, test := range tests {
		t.Run(definition, func(t *testing.T) {
			t.Parallel()
			document := filled(t, definition)
			text, err := json.Marshal(document)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, test.model); err != nil {
				t.Fatal(err)
			}
			extra := unknown(reflect.ValueOf(test.model), "")
			slices.Sort(extra)
			if diff := cmp.Diff(test.extra, extra); diff != "" {
				t.Errorf("members that the model does not read (-listed +found):\n%s", diff)
			}
			written := names(plain(t, test.model), "")
			for _, name := range names(document, "") {
				if !slices.Contains(written, name) {
					t.Errorf("%s is not written", name)
				}
			}
		})
	}
}

// member is a line of a definition, such as "  domain?: "pbx" | "rcv";".
var member = regexp.MustCompile(`^  (\w+)\?: (.+);$`)

// filled is a document with a value for each member of a definition.
func filled(t *testing.T, definition string) map[string]any {
	t.Helper()
	text, err := os.ReadFile("node_modules/@rc-ex/core/dist/definitions/" + definition + ".d.mts")
	if err != nil {
		t.Fatal(err)
	}
	document, isTime := make(map[string]any), false
	for line := range strings.Lines(string(text)) {
		isTime = isTime || strings.Contains(line, "Format: date-time")
		if found := member.FindStringSubmatch(strings.TrimRight(line, "\n")); found != nil {
			document[found[1]] = value(t, found[2], isTime)
			isTime = false
		}
	}
	if len(document) == 0 {
		t.Fatalf("no members found in the definition %s", definition)
	}
	return document
}

// value is one of a type, which is written in TypeScript.
func value(t *testing.T, kind string, isTime bool) any {
	t.Helper()
	elem, isList := strings.CutSuffix(kind, "[]")
	switch {
	case isList:
		return []any{value(t, strings.Trim(elem, "()"), isTime)}
	case isTime:
		return "2026-06-01T08:30:00.125Z"
	case strings.HasPrefix(kind, `"`):
		return strings.Split(kind, `"`)[1] // the first of several texts
	}
	simple, ok := map[string]any{"string": "text", "number": 7, "boolean": true, "object": map[string]any{}}[kind]
	if ok {
		return simple
	}
	return filled(t, kind)
}

// unknown returns what stands in Extra, at any depth.
func unknown(v reflect.Value, path string) []string {
	var paths []string
	switch v.Kind() {
	case reflect.Pointer:
		return unknown(v.Elem(), path)
	case reflect.Slice:
		for i := range v.Len() {
			paths = append(paths, unknown(v.Index(i), path)...)
		}
	case reflect.Struct:
		for field, value := range v.Fields() {
			switch {
			case field.Name == "Extra":
				for _, key := range value.MapKeys() {
					paths = append(paths, path+key.String())
				}
			case field.IsExported():
				paths = append(paths, unknown(value, path+field.Tag.Get("json")+".")...)
			}
		}
	}
	return paths
}

// names returns the paths of all members of a document.
func names(document any, path string) []string {
	var paths []string
	switch v := document.(type) {
	case []any:
		for _, elem := range v {
			paths = append(paths, names(elem, path)...)
		}
	case map[string]any:
		for key, elem := range v {
			paths = append(append(paths, path+key), names(elem, path+key+".")...)
		}
	}
	return paths
}
