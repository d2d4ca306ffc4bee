package jsonpull_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// TestTakeOrKeep: what cannot be read is kept, what is no JSON ends decoding, and of
// two members of one name the last counts.
func TestTakeOrKeep(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		doc   string
		n     int64
		extra string // null where there is nothing
		path  string // of the fault that ends decoding
	}{
		"as wanted":           {doc: `{"n":7}`, n: 7, extra: "null"},
		"nothing":             {doc: `{"n":null}`, extra: "null"},
		"odd":                 {doc: `{"n":"x"}`, extra: `{"n":"x"}`},
		"odd, with another":   {doc: `{"a":1,"n":[1]}`, extra: `{"a":1,"n":[1]}`},
		"odd, then as wanted": {doc: `{"n":"x","n":7}`, n: 7, extra: "null"},
		"as wanted, then odd": {doc: `{"n":7,"n":"x"}`, extra: `{"n":"x"}`},
		"odd twice":           {doc: `{"n":"x","n":"y"}`, extra: `{"n":"y"}`},
		"not JSON":            {doc: `{"n":01}`, extra: "null", path: "n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n int64
			var extra map[string]json.RawMessage
			err := jsonpull.Parse(test.doc, func(d *jsonpull.Decoder) {
				for obj := d.Object(); obj.Next(); {
					if obj.Key == "n" {
						n = jsonpull.TakeOrKeep(&obj, &extra, d.Int64)
					} else {
						extra = obj.Keep(extra)
					}
				}
			})
			fault, failed := errors.AsType[*callinsights.DecodeError](err)
			if failed != (test.path != "") {
				t.Fatalf("got %v", err)
			}
			if failed {
				if fault.Path != test.path {
					t.Errorf("the fault is at %q, want %q", fault.Path, test.path)
				}
				return
			}
			kept, err := json.Marshal(extra)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.extra, string(kept)); diff != "" || n != test.n {
				t.Errorf("n is %d, want %d; kept (-want +got):\n%s", n, test.n, diff)
			}
		})
	}
}
