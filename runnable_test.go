package callinsights_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// programs are the main tasks that the examples show as programs to copy: files that
// the documentation prints whole, with their imports and functions, as they have one
// Example and no test.
var programs = []string{
	"callinsights.DeliveryLog", "callinsights.WriteTranscript",
	"ringsense.Client_Backfill", "ringsense.Client_CallRecordings", "ringsense.Client_KeepSubscribed",
	"ringsense.Client_RecordingInsights", "ringsense.NewEventHandler",
	"vonageinsights.Client_DeleteMatching", "vonageinsights.Client_DownloadRecording",
	"vonageinsights.Client_Export", "vonageinsights.Client_Search",
	"whippy.Client_Download", "whippy.NewEventHandler",
}

// TestExamples looks for examples that are compiled and never run, as one without an
// output is, and for programs to copy that need something of another file.
func TestExamples(t *testing.T) {
	t.Parallel()
	var whole []string
	count := 0
	for _, dir := range publicPackages(t) {
		for _, example := range packageExamples(t, dir) {
			name := packageName(dir) + "." + example.Name
			if example.Output == "" && !example.EmptyOutput {
				t.Errorf("%s is not run: it says nothing of its output", name)
			}
			if file, ok := example.Code.(*ast.File); ok {
				whole = append(whole, name)
				if missing := undeclared(file); len(missing) > 0 {
					t.Errorf("%s cannot be copied: %v are declared in other files", name, missing)
				}
			}
			count++
		}
	}
	if count < 25 {
		t.Errorf("%d examples are run, want 25 or more", count)
	}
	slices.Sort(whole)
	if diff := cmp.Diff(programs, whole); diff != "" {
		t.Errorf("other examples are whole files (-want +got):\n%s", diff)
	}
}

func packageExamples(t *testing.T, dir string) []*doc.Example {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return doc.Examples(files...)
}

func packageName(dir string) string {
	if dir == "." {
		return "callinsights"
	}
	return path.Base(filepath.ToSlash(dir))
}

// undeclared are the names that a file uses and neither declares nor imports.
func undeclared(file *ast.File) []string {
	var imported, missing []string
	for _, spec := range file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value) // the parser has done so before
		if imported = append(imported, path.Base(name)); spec.Name != nil {
			imported = append(imported, spec.Name.Name)
		}
	}
	imported = append(imported, "callinsights") // the package of the module's path
	for _, used := range file.Unresolved {
		if types.Universe.Lookup(used.Name) == nil && !slices.Contains(imported, used.Name) {
			missing = append(missing, used.Name)
		}
	}
	return missing
}
