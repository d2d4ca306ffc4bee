package callinsights_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// offlineOption is the one thing in which an example differs from the README,
// with the client that it makes: the request goes to a fake.
var offlineOption = regexp.MustCompile(`, offline\w+\(\)\.\.\.`)

// TestReadmeSnippets compares the programs of the README with the bodies of
// the Example functions that they are named after.
func TestReadmeSnippets(t *testing.T) {
	t.Parallel()
	readme, source := readFile(t, "README.md"), readFile(t, "example_test.go")
	snippets := regexp.MustCompile("(?s)<!-- (Example\\w+) -->\n```go\n(.*?)```").FindAllStringSubmatch(readme, -1)
	if programs := strings.Count(readme, "```go\n"); len(snippets) != programs || programs < 4 {
		t.Fatalf("%d of the README's %d programs name their example, want all", len(snippets), programs)
	}
	for _, snippet := range snippets {
		name, got := snippet[1], snippet[2]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := exampleBody(t, source, name)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("README.md differs from the example (-want +got):\n%s", diff)
			}
			if lines := strings.Count(got, "\n"); lines >= 15 {
				t.Errorf("%d lines, want fewer than 15", lines)
			}
		})
	}
}

// exampleBody is the body of an Example function without its output comment,
// indented as a program of its own.
func exampleBody(t *testing.T, source, name string) string {
	t.Helper()
	_, rest, found := strings.Cut(source, "func "+name+"() {\n")
	body, _, ended := strings.Cut(rest, "\n}\n")
	if !found || !ended {
		t.Fatalf("there is no %s", name)
	}
	body, _, _ = strings.Cut(body, "\t// Output:")
	var b strings.Builder
	body = offlineOption.ReplaceAllString(strings.TrimRight(body, "\n")+"\n", "")
	body = strings.ReplaceAll(body, "offlineClient()", "client")
	for line := range strings.Lines(body) {
		b.WriteString(strings.TrimPrefix(line, "\t"))
	}
	return b.String()
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
