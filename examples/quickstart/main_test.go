package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestOutput(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), nil, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "output.golden")
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// TestRefused names what is missing, and sends nothing.
func TestRefused(t *testing.T) {
	tests := map[string]struct {
		args []string
		env  map[string]string
		want string
	}{
		"not live":       {[]string{"-recording", "1"}, nil, "-recording needs -live"},
		"no recording":   {[]string{"-live"}, nil, "-recording ID"},
		"no credentials": {[]string{"-live", "-recording", "1"}, nil, "RC_APP_CLIENT_ID"},
		"no API key": {
			[]string{"-live", "-recording", "1"},
			map[string]string{"RC_APP_CLIENT_ID": "a", "RC_APP_CLIENT_SECRET": "b", "RC_USER_JWT": "c"},
			"VONAGE_AI_STUDIO_KEY",
		},
		"unknown region": {
			[]string{"-live", "-recording", "1"},
			map[string]string{
				"RC_APP_CLIENT_ID": "a", "RC_APP_CLIENT_SECRET": "b", "RC_USER_JWT": "c",
				"VONAGE_AI_STUDIO_KEY": "d", "VONAGE_AI_STUDIO_REGION": "mars",
			},
			"the region is unknown; it is EU or US, that of the agent (see VONAGE_AI_STUDIO_KEY and VONAGE_AI_STUDIO_REGION)",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, key := range []string{
				"RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT",
				"VONAGE_AI_STUDIO_KEY", "VONAGE_AI_STUDIO_REGION",
			} {
				t.Setenv(key, test.env[key])
			}
			var out bytes.Buffer
			err := run(t.Context(), test.args, &out, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) || out.Len() > 0 {
				t.Errorf("got %v and %d bytes of output, want an error about %s", err, out.Len(), test.want)
			}
		})
	}
}
