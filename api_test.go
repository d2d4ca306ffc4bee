package callinsights_test

import (
	"flag"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/api.txt")

// savedNames is where the exported names are kept, so that each change of them is
// seen in a review.
const savedNames = "testdata/api.txt"

// mostNames is how many top-level names the module may have, constants left out:
// beyond that nobody finds what he looks for.
const mostNames = 350

// TestExportedNames compares the public API with the saved list of its names.
func TestExportedNames(t *testing.T) {
	t.Parallel()
	var names []string
	count := 0
	for _, dir := range publicPackages(t) {
		pkg := readPackage(t, dir)
		names = append(names, exportedNames(pkg)...)
		count += len(topLevel(pkg))
	}
	if count > mostNames {
		t.Errorf("%d exported top-level names, want at most %d", count, mostNames)
	}
	got := strings.Join(names, "\n") + "\n"
	if *update {
		if err := os.WriteFile(savedNames, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(readFile(t, savedNames), got); diff != "" {
		t.Errorf("other exported names than in %s; if that is meant, run go test -run TestExportedNames . -update (-want +got):\n%s", savedNames, diff)
	}
}

// publicPackages are the folders of all packages that users can import.
func publicPackages(t *testing.T) []string {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		switch {
		case path != "." && (isModule(path) || slices.Contains([]string{".git", "examples", "internal", "testdata"}, entry.Name())):
			return filepath.SkipDir
		case len(sources(path)) > 0:
			dirs = append(dirs, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) < 8 {
		t.Fatalf("found only %v", dirs)
	}
	return dirs
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// sources are the files of a package but for its tests.
func sources(dir string) []string {
	all, _ := filepath.Glob(filepath.Join(dir, "*.go")) // the pattern is sound
	return slices.DeleteFunc(all, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

func readPackage(t *testing.T, dir string) *doc.Package {
	t.Helper()
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range sources(dir) {
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(set, files, importPath(dir))
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

func importPath(dir string) string {
	const module = "github.com/callinsights/callinsights-go"
	if dir == "." {
		return module
	}
	return module + "/" + filepath.ToSlash(dir)
}

// topLevel are the functions, types and variables of a package.
func topLevel(pkg *doc.Package) []string {
	var names []string
	function := func(f *doc.Func) { names = append(names, "func "+f.Name) }
	values := func(kind string, v *doc.Value) {
		for _, name := range v.Names {
			if token.IsExported(name) {
				names = append(names, kind+" "+name)
			}
		}
	}
	for _, f := range pkg.Funcs {
		function(f)
	}
	for _, v := range pkg.Vars {
		values("var", v)
	}
	for _, typ := range pkg.Types {
		names = append(names, "type "+typ.Name)
		for _, f := range typ.Funcs {
			function(f)
		}
		for _, v := range typ.Vars {
			values("var", v)
		}
	}
	return names
}

// exportedNames are those of the top level, and the methods and constants.
func exportedNames(pkg *doc.Package) []string {
	names := topLevel(pkg)
	constants := pkg.Consts
	for _, typ := range pkg.Types {
		constants = append(constants, typ.Consts...)
		for _, method := range typ.Methods {
			names = append(names, "method "+typ.Name+"."+method.Name)
		}
	}
	for _, group := range constants {
		for _, name := range group.Names {
			if token.IsExported(name) {
				names = append(names, "const "+name)
			}
		}
	}
	slices.Sort(names)
	for i := range names {
		names[i] = pkg.Name + ": " + names[i]
	}
	return names
}
