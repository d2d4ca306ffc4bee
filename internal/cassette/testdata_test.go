package cassette_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/internal/cassette"
)

// secretShapes are what credentials look like, whatever their value.
var secretShapes = map[string]*regexp.Regexp{
	"a JWT":             regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.`),
	"a bearer token":    regexp.MustCompile(`(?i)\bbearer\s+[A-Za-z0-9._~+/-]{8,}`),
	"Basic credentials": regexp.MustCompile(`(?i)\bbasic\s+[A-Za-z0-9+/]{8,}`),
	"an API key":        regexp.MustCompile(`(?i)x-(vgai|whippy)-key:\s*\[?\s*"?[A-Za-z0-9]{12,}`),
	"a private key":     regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY`),
	"a form credential": regexp.MustCompile(`(?i)\b(assertion|client_secret|access_token|refresh_token)=[A-Za-z0-9._-]{12,}`),
}

// TestTestdataHoldsNoSecrets reads every file under a testdata folder of the
// repository.
func TestTestdataHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".git") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.Contains(filepath.ToSlash(path), "/testdata/") {
			return nil
		}
		files++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for what, shape := range secretShapes {
			if shape.Match(text) {
				t.Errorf("%s holds %s", path, what)
			}
		}
		if filepath.Base(filepath.Dir(path)) == "cassettes" {
			checkCassette(t, path, string(text))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Error("no file found: does the test look in the right place?")
	}
}

func checkCassette(t *testing.T, path, text string) {
	t.Helper()
	if !strings.HasPrefix(text, cassette.FakeMarker) && !strings.HasPrefix(text, cassette.LiveMarker) {
		t.Errorf("%s: the first line does not say what was recorded", path)
	}
	for _, host := range regexp.MustCompile(`https?://([^/\s"]+)`).FindAllStringSubmatch(text, -1) {
		if !strings.HasSuffix(host[1], ".test") {
			t.Errorf("%s names the host %s", path, host[1])
		}
	}
}
