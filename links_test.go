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
	"strings"
	"testing"
	"unicode"
)

// TestMarkdownLinks follows what the Markdown files refer to in this repository:
// the files, and the headings in them.
func TestMarkdownLinks(t *testing.T) {
	t.Parallel()
	files := markdownFiles(t)
	for _, file := range files {
		text := withoutCode(readFile(t, file))
		for _, match := range markdownLink.FindAllStringSubmatch(text, -1) {
			if problem := follow(t, file, match[1]); problem != "" {
				t.Errorf("%s: %s: %s", file, match[1], problem)
			}
		}
	}
	if len(files) < 4 {
		t.Errorf("found only %v", files)
	}
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

// brokenDocLinks are the references in a text that were left as they are.
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
	return broken
}
