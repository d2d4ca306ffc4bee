package field_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

// TestWhatCompiles type-checks expressions as a user's program would have them:
// each wrong one, and the sound one beside it that shows that the wrong one
// fails for the reason meant.
func TestWhatCompiles(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "source", nil)
	check := func(expr string) error {
		const head = `package p
import (
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights/field"
)
var _ time.Time
var _ = `
		file, err := parser.ParseFile(fset, "p.go", head+expr+"\n", parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		config := types.Config{Importer: imports}
		_, err = config.Check("p", fset, []*ast.File{file}, nil)
		return err
	}
	tests := []struct{ name, wrong, says, sound string }{
		{"full-text match on an id", `field.ID.Matches("x")`, "no field or method Matches", `field.ID.Is("x")`},
		{"full-text match on a number", `field.ChannelDataDuration.Matches("x")`, "no field or method Matches", `field.ChannelDataDuration.Is(1)`},
		{"full-text match on a parameter", `field.Parameter("a").Matches("x")`, "no field or method Matches", `field.Parameter("a").Is("x")`},
		{"exact match on a text", `field.TranscriptionClient.Is("x")`, "no field or method Is", `field.TranscriptionClient.Matches("x")`},
		{"string for a number", `field.ChannelDataDuration.Is("27000")`, "cannot use", `field.ChannelDataDuration.Is(27000)`},
		{"fraction for a number", `field.TagsListCount.Is(1.5)`, "truncated", `field.TagsListCount.Is(1)`},
		{"string for a tag's count", `field.Tag("a").Is("1")`, "cannot use", `field.Tag("a").Is(1)`},
		{"number for an id", `field.AgentInformationID.Is(1234567)`, "cannot use", `field.AgentInformationID.Is("1234567")`},
		{"string for a bool", `field.FlowPathSynchronized.Is("true")`, "cannot use", `field.FlowPathSynchronized.Is(true)`},
		{"string for a time", `field.SessionStartTime.Is("2031-05-01")`, "cannot use", `field.SessionStartTime.Is(time.Now())`},
		{"sorting by an object", `field.AgentInformation.Asc()`, "no field or method Asc", `field.AgentInformationName.Asc()`},
		{"sorting by an object, descending", `field.ChannelData.Desc()`, "no field or method Desc", `field.ChannelDataDuration.Desc()`},
		{"sorting by a text", `field.TranscriptionClient.Asc()`, "no field or method Asc", `field.SessionStartTime.Asc()`},
		{"sorting by a bool", `field.FlowPathSynchronized.Desc()`, "no field or method Desc", `field.SessionStartTime.Desc()`},
		{"filtering by an object", `field.FlowData.Is("x")`, "no field or method Is", `field.FlowDataCollectedTagsTag.Is("x")`},
		{"matching an object", `field.Transcription.Matches("x")`, "no field or method Matches", `field.TranscriptionClient.Matches("x")`},
		{"a clause as an order", `[]field.Order{field.ID.Is("x")}`, "cannot use", `[]field.Order{field.ID.Asc()}`},
		{"an order as a clause", `[]field.Clause{field.ID.Asc()}`, "cannot use", `[]field.Clause{field.ID.Is("x")}`},
		{"a string as a path", `[]field.Path{"id"}`, "cannot use", `[]field.Path{field.ID, field.FlowData, field.String("a.b")}`},
		{"a clause made by hand", `field.Clause{"term", "id", "x"}`, "implicit assignment", `field.Clause{}`},
	}
	for _, test := range tests { //nolint:paralleltest // the importer is not for concurrent use
		t.Run(test.name, func(t *testing.T) {
			if err := check(test.sound); err != nil {
				t.Errorf("%s does not compile: %v", test.sound, err)
			}
			if err := check(test.wrong); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: got the error %v, want one with %q", test.wrong, err, test.says)
			}
		})
	}
}
