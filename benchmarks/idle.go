package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const importedAlone = "this module, imported"

// idleTables show what the module adds to a program that has it and does not call
// it yet. That it does nothing meanwhile is up to the tests of consumertest.
func idleTables() []table {
	const mostAdded = 600_000
	libraries := []string{"github.com/hashicorp/go-retryablehttp", "golang.org/x/oauth2"}
	packages := []string{
		"github.com/callinsights/callinsights-go/ringsense",
		"github.com/callinsights/callinsights-go/vonageinsights",
		"github.com/callinsights/callinsights-go/whippy",
	}
	return []table{{
		name:   "idle",
		title:  "The size of a program",
		about:  "What is added to a stripped program that gets a page over HTTPS with net/http.",
		rounds: 1, unit: megabytes(),
		variants: []variant{
			adding("retryablehttp, oauth2, imported", libraries, ""),
			adding(importedAlone, packages, ""),
			adding("retryablehttp, oauth2, a token and a request", append(libraries, "golang.org/x/oauth2/clientcredentials"), `
				config := clientcredentials.Config{AuthStyle: oauth2.AuthStyleInHeader}
				_, err1 := config.Token(ctx)
				_, err2 := retryablehttp.NewClient().Get(os.Args[0])
				fmt.Println(err1, err2)`),
			adding("this module, a client of each package", packages, `
				_, err1 := ringsense.NewClient(ringsense.JWT(os.Args[0], os.Args[0], os.Args[0]))
				_, err2 := vonageinsights.NewClient(os.Args[0], vonageinsights.EU)
				_, err3 := whippy.NewClient()
				fmt.Println(err1, err2, err3)`),
		},
		targets: []target{{importedAlone, "", mostAdded}},
	}}
}

// megabytes is the unit of files.
func megabytes() unit {
	return unit{compare: "as small as", cost: "the size of", format: func(v float64) string { return fmt.Sprintf("%.2f MB", v/1e6) }}
}

// adding measures what the packages add, with statements that use them, without
// which nothing but the imports keeps them.
func adding(name string, packages []string, statements string) variant {
	return variant{name, func(ctx context.Context, _ string) (float64, error) {
		with, err := programSize(ctx, packages, statements)
		if err != nil {
			return 0, err
		}
		without, err := programSize(ctx, nil, "")
		return with - without, err
	}}
}

// programSize builds a program and returns the size of its file.
func programSize(ctx context.Context, packages []string, statements string) (float64, error) {
	dir, err := os.MkdirTemp("", "benchmarks-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	if err := os.WriteFile(source, []byte(programText(packages, statements)), 0o600); err != nil {
		return 0, err
	}
	// The folder is this module's, which has all of the packages.
	out, err := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", program, source).CombinedOutput() //nolint:gosec // made above
	if err != nil {
		return 0, fmt.Errorf("go build, which must run in the folder of the benchmarks: %w\n%s", err, out)
	}
	info, err := os.Stat(program)
	if err != nil {
		return 0, err
	}
	return float64(info.Size()), nil
}

func programText(packages []string, statements string) string {
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\"context\"\n\"fmt\"\n\"io\"\n\"net/http\"\n\"os\"\n")
	for _, path := range packages {
		if statements == "" {
			b.WriteString("_ ")
		}
		fmt.Fprintf(&b, "%q\n", path)
	}
	fmt.Fprintf(&b, `)

func main() {
	ctx := context.Background()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://example.com", http.NoBody)
	if err != nil {
		return
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	_, _ = io.Copy(os.Stdout, response.Body)
%s
}
`, statements)
	return b.String()
}
