package ringsense_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/ringsense"
)

// TestRepeatedObject: of an object that is repeated the last counts. One that is
// repeated so often that it would take more memory than its document may is refused,
// also if there is nothing in it.
func TestRepeatedObject(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, key, after string
		read               func(document []byte) (string, error) // what is in the object
	}{
		"of a call": {`{`, "to", `}`, func(document []byte) (string, error) {
			var call ringsense.CallRecord
			if err := call.UnmarshalJSON(document); err != nil {
				return "", err
			}
			return call.To.Name, nil
		}},
		"of a leg": {`{"legs":[{"to":{"name":"of another leg"}},{`, "to", `}]}`, func(document []byte) (string, error) {
			var call ringsense.CallRecord
			if err := call.UnmarshalJSON(document); err != nil {
				return "", err
			}
			return call.Legs[1].To.Name, nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repeated := func(times int) (string, error) {
				member := `"` + test.key + `":`
				return test.read([]byte(test.before + strings.Repeat(member+`{},`, times) + member + `{"name":"last"}` + test.after))
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
