package jsonpull_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// tree has lists of its own type within lists of its own type.
type tree struct {
	Name string
	Kids []tree
}

func (n *tree) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "name":
			n.Name = d.String()
		case "kids":
			n.Kids = jsonpull.List(d, (*tree).decode)
		}
	}
}

// TestListsWithinLists: a list that is being collected is not used for another one.
func TestListsWithinLists(t *testing.T) {
	t.Parallel()
	doc := `{"name":"r","kids":[{"kids":[{"name":"x"},{"name":"y","kids":[{"name":"z"}]}],"name":"a"},{"name":"b"}]}`
	want := tree{"r", []tree{{"a", []tree{{Name: "x"}, {"y", []tree{{Name: "z"}}}}}, {Name: "b"}}}
	var got tree
	if err := jsonpull.Parse(doc, got.decode); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestExtraIsApart: what a user appends to one value that was kept does not run into
// the next one.
func TestExtraIsApart(t *testing.T) {
	t.Parallel()
	var extra map[string]json.RawMessage
	err := jsonpull.Parse(`{"a":1,"b":2}`, func(d *jsonpull.Decoder) {
		for obj := d.Object(); obj.Next(); {
			extra = obj.Keep(extra)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if longer := append(extra["a"], '9'); string(longer) != "19" || string(extra["b"]) != "2" {
		t.Errorf("got %s, and beside it %s", longer, extra["b"])
	}
}
