package field_test

import (
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listed are the fields that the service's page lists as searchable by an exact
// match, in its order, but for the two that have a name of the user's in them.
var listed = strings.Fields(`
api_key id source destination account_id channel
agent_information.id agent_information.version_id agent_information.name
agent_information.voice agent_information.language
flow_data.collected_tags.tag flow_data.collected_tags.category
flow_data.collected_parameters.name flow_data.collected_parameters.type
flow_data.collected_parameters.audio_url
flow_path.node_id flow_path.request_id flow_path.type flow_path.tags.tag flow_path.tags.category
flow_path.context.execution_parameters.name flow_path.context.execution_parameters.type
flow_path.context.execution_parameters.audio_url
flow_path.context.url flow_path.request.payload flow_path.request.url
flow_path.request.headers flow_path.request.verb flow_path.response.payload
tags_list.tag tags_list.category tags_list.count
params_list.name params_list.type params_list.value params_list.audio_url
flow_path.context.altered_parameters.alteration_source
flow_path.context.altered_parameters.audio_duration
flow_path.context.altered_parameters.audio_url
flow_path.context.altered_parameters.entity
flow_path.context.altered_parameters.name
flow_path.context.altered_parameters.value
flow_path.context.altered_parameters.value_text
channel_data.audio_url channel_data.call_status channel_data.duration channel_data.status_code
status session_end_time`)

// numbers are those of the listed fields that are not texts, and times.
var (
	numbers = []string{
		"tags_list.count", "flow_path.context.altered_parameters.audio_duration",
		"channel_data.duration", "channel_data.status_code",
	}
	times = []string{"session_end_time"}
)

// TestEveryListedFieldHasAConstant checks the names, the paths and the kinds of
// all constants against the service's list.
func TestEveryListedFieldHasAConstant(t *testing.T) {
	t.Parallel()
	kinds := constants(t)
	for _, path := range listed {
		want := "String"
		switch {
		case slices.Contains(numbers, path):
			want = "Number"
		case slices.Contains(times, path):
			want = "Time"
		}
		if diff := cmp.Diff(want, kinds[path]); diff != "" {
			t.Errorf("kind of %s (-want +got):\n%s", path, diff)
		}
	}
	for path, want := range map[string]string{
		"session_start_time": "Time", "request_ids": "String", "transcription.client": "Text",
		"agent_information": "Object", "flow_data": "Object", "flow_data.collected_tags": "Object",
		"flow_path.synchronized": "Bool", "flow_path.execution_time": "Number",
	} {
		if diff := cmp.Diff(want, kinds[path]); diff != "" {
			t.Errorf("kind of %s (-want +got):\n%s", path, diff)
		}
	}
}

// constants returns the kind of each path, and fails the test for a constant
// whose name is not its path in Go spelling, or that shares its path.
func constants(t *testing.T) map[string]string {
	t.Helper()
	fset := token.NewFileSet()
	files := []*ast.File{}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	config := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	pkg, err := config.Check("field", fset, files, nil)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{}
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if !ok || !c.Exported() {
			continue
		}
		path := constant.StringVal(c.Val())
		if want := goSpelling(path); name != want {
			t.Errorf("the constant for %s is called %s, want %s", path, name, want)
		}
		if kinds[path] != "" {
			t.Errorf("%s has two constants", path)
		}
		named, ok := c.Type().(*types.Named)
		if !ok {
			t.Errorf("%s has no kind", name)
			continue
		}
		kinds[path] = named.Obj().Name()
	}
	return kinds
}

func goSpelling(path string) string {
	initialisms := map[string]string{"id": "ID", "ids": "IDs", "url": "URL", "api": "API"}
	var b strings.Builder
	for _, word := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '_' }) {
		if initialism, ok := initialisms[word]; ok {
			word = initialism
		}
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
