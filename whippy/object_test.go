package whippy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/whippy"
)

// TestRepeatedObject: of an object that is repeated the last counts. One that is
// repeated so often that it would take more memory than its document may is refused,
// also if there is nothing in it.
func TestRepeatedObject(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, member, last, after string
		read                        func(*whippy.Call) string // what is in the object
	}{
		"metadata": {`{`, `"metadata":`, `{"agent_id":"last"}`, `}`, func(c *whippy.Call) string { return c.Metadata.AgentID }},
		"analysis": {`{"metadata":{`, `"analysis":`, `{"call_summary":"last"}`, `}}`, func(c *whippy.Call) string { return c.Metadata.Analysis.CallSummary }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repeated := func(times int) (string, error) {
				var call whippy.Call
				document := test.before + strings.Repeat(test.member+`{},`, times) + test.member + test.last + test.after
				if err := call.UnmarshalJSON([]byte(document)); err != nil {
					return "", err
				}
				return test.read(&call), nil
			}
			for _, times := range []int{0, 1, 1000} {
				if got, err := repeated(times); err != nil || got != "last" {
					t.Errorf("%d times before: got %q, %v", times, got, err)
				}
			}
			if _, err := repeated(1_000_000); !errors.Is(err, jsonpull.ErrLimit) {
				t.Errorf("a million times before: got %v, want an error for the limit", err)
			}
		})
	}
}
