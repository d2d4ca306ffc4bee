package jsonpull_test

import (
	"encoding/json"
	"errors"
	"strings"
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

// TestOddValuesAreCheap: where a value that is kept would have been at fault is not
// worked out, as that takes longer for each one that comes later.
func TestOddValuesAreCheap(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts those of all goroutines
	const n, most = 1000, 6
	doc := `{"a":{"b":{"c":{"n":0` + strings.Repeat(`,"n":"x"`, n) + `}}}}`
	var extra map[string]json.RawMessage
	got := testing.AllocsPerRun(5, func() {
		err := jsonpull.Parse(doc, func(d *jsonpull.Decoder) {
			for a := d.Object(); a.Next(); {
				for b := d.Object(); b.Next(); {
					for c := d.Object(); c.Next(); {
						for obj := d.Object(); obj.Next(); {
							_ = jsonpull.TakeOrKeep(&obj, &extra, d.Int64)
						}
					}
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	if string(extra["n"]) != `"x"` {
		t.Errorf("got %s", extra["n"])
	}
	if got > n*most {
		t.Errorf("%v allocations for %d odd values, want at most %d", got, n, n*most)
	}
}

// TestLimitInATrial: what is over a limit ends decoding, and says where.
func TestLimitInATrial(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", jsonpull.MaxDepth) + strings.Repeat("]", jsonpull.MaxDepth)
	err := jsonpull.Parse(`{"n":`+deep+`}`, func(d *jsonpull.Decoder) {
		for obj := d.Object(); obj.Next(); {
			_ = jsonpull.TakeOrKeep(&obj, new(map[string]json.RawMessage), func() int { d.Skip(); return 1 })
		}
	})
	fault, _ := errors.AsType[*callinsights.DecodeError](err)
	if fault == nil || !errors.Is(err, jsonpull.ErrLimit) || fault.Path != "n" {
		t.Errorf("got %v, want a limit at n", err)
	}
}
