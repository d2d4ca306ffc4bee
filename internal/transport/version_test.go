package transport_test

import (
	"runtime/debug"
	"testing"

	"github.com/callinsights/callinsights-go/internal/transport"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	const path = "github.com/callinsights/callinsights-go"
	other := &debug.Module{Path: "example.com/other", Version: "v9.9.9"}
	for name, tt := range map[string]struct {
		info *debug.BuildInfo
		want string
	}{
		"unknown":          {want: "devel"},
		"in a program":     {info: &debug.BuildInfo{Main: *other, Deps: []*debug.Module{other, {Path: path, Version: "v0.3.1"}}}, want: "0.3.1"},
		"not among them":   {info: &debug.BuildInfo{Main: *other, Deps: []*debug.Module{other}}, want: "devel"},
		"of its own":       {info: &debug.BuildInfo{Main: debug.Module{Path: path, Version: "v0.3.2"}, Deps: []*debug.Module{other}}, want: "0.3.2"},
		"a work tree":      {info: &debug.BuildInfo{Main: debug.Module{Path: path, Version: "(devel)"}}, want: "devel"},
		"without versions": {info: &debug.BuildInfo{Main: debug.Module{Path: path}}, want: "devel"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := transport.Version(tt.info); got != tt.want {
				t.Errorf("version %q, want %q", got, tt.want)
			}
		})
	}
}
