package callinsights_test

import (
	"go/doc"
	"go/doc/comment"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// TestMarkdownLinks follows what the Markdown files refer to in this repository:
// the files, and the headings in them.
func TestMarkdownLinks(t *testing.T) {
	t.Parallel()
	files := markdownFiles(t)
	for _, file := range files {
		for _, problem := range brokenLinks(t, file) {
			t.Errorf("%s: %s", file, problem)
		}
	}
	if len(files) < 4 {
		t.Errorf("found only %v", files)
	}
}

// TestBrokenLinks: what is wrong with a link is found, and nothing else is.
func TestBrokenLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.go"), "package main\n")
	write(t, filepath.Join(dir, "docs", "other.md"), "# Other\n\n## What `Get` does, and _why_: step 2\n\n```sh\n# no heading\n```\n\n#none\n")
	const noFile, noHeading = ": there is no such file", ": there is no such heading"
	tests := map[string]struct {
		text string
		want []string
	}{
		"a file":                    {"[it](main.go)", nil},
		"a folder":                  {"[it](docs/)", nil},
		"no such file":              {"[it](mian.go)", []string{"mian.go" + noFile}},
		"a file of another folder":  {"[it](../main.go)", []string{"../main.go" + noFile}},
		"a file with a title":       {`[it](main.go "Title") and [it](mian.go "Title")`, []string{"mian.go" + noFile}},
		"an image":                  {"![it](image.png)", []string{"image.png" + noFile}},
		"in brackets":               {"[it](<main.go>) and [it](<mian.go>)", []string{"mian.go" + noFile}},
		"an escaped name":           {"[it](docs%2Fother.md)", nil},
		"no URL":                    {"[it](%zz)", []string{`%zz: parse "%zz": invalid URL escape "%zz"`}},
		"a heading":                 {"[it](docs/other.md#other)", nil},
		"a heading with signs":      {"[it](docs/other.md#what-get-does-and-_why_-step-2)", nil},
		"a heading in capitals":     {"[it](docs/other.md#Other)", []string{"docs/other.md#Other" + noHeading}},
		"no such heading":           {"[it](docs/other.md#others)", []string{"docs/other.md#others" + noHeading}},
		"a comment in code":         {"[it](docs/other.md#no-heading)", []string{"docs/other.md#no-heading" + noHeading}},
		"a heading without a space": {"[it](docs/other.md#none)", []string{"docs/other.md#none" + noHeading}},
		"a heading of no text":      {"[it](main.go#other)", []string{"main.go#other" + noHeading}},
		"a heading of the file":     {"# Here\n\n[it](#here), [it](#there)", []string{"#there" + noHeading}},
		"elsewhere":                 {"[it](https://example.com/none#none) and [it](mailto:a@example.com)", nil},
		"in code":                   {"```go\nlist[i](none.md)\n```", nil},
		"after code":                {"```go\nx()\n```\n\n[it](none.md)\n\n```go\nx()\n```", []string{"none.md" + noFile}},
		"several":                   {"[a](a.md), [b](main.go)\n[c](c.md)", []string{"a.md" + noFile, "c.md" + noFile}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".md")
			write(t, file, test.text)
			if diff := cmp.Diff(test.want, brokenLinks(t, file)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// write makes a file, and the folder that it is in.
func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// brokenLinks are the links of a file with what is wrong with each.
func brokenLinks(t *testing.T, file string) []string {
	t.Helper()
	var broken []string
	for _, match := range markdownLink.FindAllStringSubmatch(withoutCode(readFile(t, file)), -1) {
		if problem := follow(t, file, match[1]); problem != "" {
			broken = append(broken, match[1]+": "+problem)
		}
	}
	return broken
}

// markdownLink takes the target of [text](target), and of ![text](target).
var markdownLink = regexp.MustCompile(`\]\(<?([^)>\s]+)>?[^)]*\)`)

func markdownFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && slices.Contains([]string{".git", "node_modules", "testdata"}, entry.Name()) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".md") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// follow says what is wrong with a link of a file, if anything is. Only what is in
// this repository is looked at.
func follow(t *testing.T, file, link string) (problem string) {
	t.Helper()
	target, err := url.Parse(link)
	if err != nil {
		return err.Error()
	}
	if target.Scheme != "" || target.Host != "" {
		return ""
	}
	name := file
	if target.Path != "" {
		name = filepath.Join(filepath.Dir(file), filepath.FromSlash(target.Path))
		if _, err := os.Stat(name); err != nil {
			return "there is no such file"
		}
	}
	if target.Fragment == "" {
		return ""
	}
	if !strings.HasSuffix(name, ".md") || !slices.Contains(anchors(readFile(t, name)), target.Fragment) {
		return "there is no such heading"
	}
	return ""
}

// withoutCode leaves out the blocks of code, whose brackets are no links and whose
// comments are no headings.
func withoutCode(markdown string) string {
	return regexp.MustCompile("(?ms)^ *```.*?^ *```").ReplaceAllString(markdown, "")
}

// anchors are the headings of a Markdown file as hosts of repositories name them.
func anchors(markdown string) []string {
	var all []string
	for _, match := range regexp.MustCompile(`(?m)^#+ +(.*)$`).FindAllStringSubmatch(withoutCode(markdown), -1) {
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, match[1]))
	}
	return all
}

// TestDocLinks looks for references in the documentation of the public packages,
// such as [Client.Search], that lead nowhere: those stay plain text.
func TestDocLinks(t *testing.T) {
	t.Parallel()
	for _, dir := range publicPackages(t) {
		pkg := readPackage(t, dir)
		for name, text := range documentation(pkg) {
			for _, broken := range brokenDocLinks(pkg, text) {
				t.Errorf("%s: the documentation of %s refers to %s, which there is not", dir, name, broken)
			}
		}
	}
}

// TestBrokenDocLinks: references that lead nowhere are found, and no others.
func TestBrokenDocLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "shop.go"), `// Package shop sells.
//
// # Opening hours
//
// All day.
package shop

import "io"

type Client struct{ Name string }

func (c *Client) Search(w io.Writer) {}

func New() *Client { return nil }

const Limit = 1
`)
	pkg := readPackage(t, dir)
	tests := map[string]struct {
		text string
		want []string
	}{
		"a type":                  {"See [Client] and [*Client].", nil},
		"a method":                {"See [Client.Search].", nil},
		"a field":                 {"See [Client.Name].", nil},
		"a function, a constant":  {"See [New] and [Limit].", nil},
		"an imported package":     {"See [io.Writer] and [io].", nil},
		"no such type":            {"See [Customer] and [*Customer].", []string{"[Customer]", "[*Customer]"}},
		"no such method":          {"See [Client.Find].", []string{"[Client.Find]"}},
		"no such package":         {"See [store.Client].", []string{"[store.Client]"}},
		"in a list":               {"All:\n  - [New]\n  - [Old]\n", []string{"[Old]"}},
		"in a heading":            {"All.\n\n# About [Old] things\n\nMore.", []string{"[Old]"}},
		"in a second paragraph":   {"See [New].\n\nSee [Old].", []string{"[Old]"}},
		"a name with an address":  {"See [Old].\n\n[Old]: https://example.com/", nil},
		"in code":                 {"So:\n\n\tlist[Old]\n", nil},
		"a section":               {"See \"Opening\nhours\" in the documentation\nof the package.", nil},
		"no such section":         {"See \"Opening\" in the\ndocumentation of the package.", []string{`"Opening"`}},
		"an index, or a footnote": {"The list[i] of [1] and [some words].", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, brokenDocLinks(pkg, test.text)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// documentation is the text for each name of a package, "package" for its own.
func documentation(pkg *doc.Package) map[string]string {
	all := map[string]string{"package": pkg.Doc}
	function := func(f *doc.Func) { all[strings.TrimPrefix(f.Recv+"."+f.Name, ".")] = f.Doc }
	values := func(v *doc.Value) { all[strings.Join(v.Names, ", ")] = v.Doc }
	each(pkg.Funcs, function)
	each(pkg.Vars, values)
	each(pkg.Consts, values)
	for _, typ := range pkg.Types {
		all[typ.Name] = typ.Doc
		each(typ.Funcs, function)
		each(typ.Methods, function)
		each(typ.Vars, values)
		each(typ.Consts, values)
	}
	return all
}

func each[T any](list []T, do func(T)) {
	for _, v := range list {
		do(v)
	}
}

// wouldLink is what looks like a reference.
var wouldLink = regexp.MustCompile(`\[\*?(?:[a-z]\w*\.)?[A-Z]\w*(?:\.[A-Z]\w*)?\]`)

// brokenDocLinks are the references in a text that were left as they are, and the
// sections that it names and the package's documentation does not have.
func brokenDocLinks(pkg *doc.Package, text string) []string {
	var broken []string
	var look func(texts []comment.Text)
	look = func(texts []comment.Text) {
		for _, part := range texts {
			switch part := part.(type) {
			case comment.Plain:
				broken = append(broken, wouldLink.FindAllString(string(part), -1)...)
			case *comment.Link:
				look(part.Text)
			}
		}
	}
	var blocks func(content []comment.Block)
	blocks = func(content []comment.Block) {
		for _, block := range content {
			switch block := block.(type) {
			case *comment.Paragraph:
				look(block.Text)
			case *comment.Heading:
				look(block.Text)
			case *comment.List:
				each(block.Items, func(item *comment.ListItem) { blocks(item.Content) })
			}
		}
	}
	blocks(pkg.Parser().Parse(text).Content)
	for _, found := range ofSection.FindAllStringSubmatch(strings.Join(strings.Fields(text), " "), -1) {
		if !strings.Contains("\n"+pkg.Doc, "\n# "+found[1]+"\n") {
			broken = append(broken, strconv.Quote(found[1]))
		}
	}
	return broken
}

// ofSection is what refers to a section of the package's documentation.
var ofSection = regexp.MustCompile(`"([^"]+)" in the documentation of the package`)
