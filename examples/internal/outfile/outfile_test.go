package outfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/examples/internal/outfile"
)

// TestDamaged: a stored place that says nothing is damaged and no new beginning,
// and the file is left alone.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]string{
		"empty":           "",
		"cut short":       `{"checkpoint":"x","len`,
		"null":            `null`,
		"nothing":         `{}`,
		"no checkpoint":   `{"length":3}`,
		"negative length": `{"checkpoint":"x","length":-1}`,
		"another kind":    `{"checkpoint":["x"],"length":3}`,
	} {
		path := filepath.Join(t.TempDir(), "calls.jsonl")
		for file, text := range map[string]string{path: "{}\n", path + ".checkpoint": place} {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := outfile.Open(path)
		if err == nil || !strings.Contains(err.Error(), ".checkpoint is damaged: move it and ") {
			t.Errorf("%s: got %v", name, err)
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != "{}\n" {
			t.Errorf("%s: the file holds %q afterwards, %v", name, data, err)
		}
	}
}
