package vonageinsights

import (
	"encoding/json"
	"log/slog"
	"maps"
	"strconv"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Tag is a tag that was collected.
type Tag struct {
	// Tag is the tag's name.
	Tag string `json:"tag"`
	// Category is the id of its category.
	Category string `json:"category"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (t *Tag) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "tag":
			t.Tag = d.String()
		case "category":
			t.Category = d.String()
		default:
			t.Extra = obj.Keep(t.Extra)
		}
	}
}

func (t *Tag) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("tag", t.Tag)
		w.StringAlways("category", t.Category)
		w.Extra(t.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does.
func (t Tag) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(t.encode) }

// UnmarshalJSON replaces the tag by the one that data holds.
func (t *Tag) UnmarshalJSON(data []byte) error { return jsonpull.Unmarshal(t, data, (*Tag).decode) }

// LogValue returns the id of the category, not the tag.
func (t Tag) LogValue() slog.Value {
	return slog.GroupValue(slog.String("category", t.Category))
}

// TagCount is a tag and how often the session collected it.
type TagCount struct {
	// Count is how often the tag was collected.
	Count int `json:"count"`
	// Tag is the tag's name.
	Tag string `json:"tag"`
	// Category is the id of its category.
	Category string `json:"category"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (t *TagCount) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "count":
			t.Count = d.Int()
		case "tag":
			t.Tag = d.String()
		case "category":
			t.Category = d.String()
		default:
			t.Extra = obj.Keep(t.Extra)
		}
	}
}

func (t *TagCount) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.IntAlways("count", int64(t.Count))
		w.StringAlways("tag", t.Tag)
		w.StringAlways("category", t.Category)
		w.Extra(t.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does.
func (t TagCount) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(t.encode) }

// UnmarshalJSON replaces the tag by the one that data holds.
func (t *TagCount) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(t, data, (*TagCount).decode)
}

// LogValue returns the id of the category and the count, not the tag.
func (t TagCount) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("category", t.Category),
		slog.Int("count", t.Count),
	)
}

// Tags returns how often each tag was collected, by category and tag. It builds
// the maps anew on each call: from TagsList, or else from the session's tags, in
// which the service's page repeats a category. The map is empty where there are
// neither, and where the session's tags would take more memory than a text of their
// size may.
func (s *Session) Tags() map[string]map[string]int {
	if len(s.TagsList) == 0 {
		return members(s.tags, decodeCategory)
	}
	all := map[string]map[string]int{}
	for i := range s.TagsList {
		t := &s.TagsList[i]
		if all[t.Category] == nil {
			all[t.Category] = map[string]int{}
		}
		all[t.Category][t.Tag] = t.Count
	}
	return all
}

// decodeCategory adds the tags of a category to those that are known of it. It
// refuses nothing but what is over a limit.
func decodeCategory(counts *map[string]int, d *jsonpull.Decoder) {
	if *counts == nil {
		*counts = map[string]int{}
	}
	if d.Kind() != '{' {
		return
	}
	found := jsonpull.Map(d, decodeCount)
	if len(*counts) == 0 {
		*counts = found
		return
	}
	maps.Copy(*counts, found) // the category was there before
}

// decodeCount takes a count, and anything else as 0.
func decodeCount(count *int, d *jsonpull.Decoder) {
	n, err := strconv.Atoi(d.Text())
	if err != nil {
		n = 0 // also for what is out of range, of which Atoi returns the nearest
	}
	*count = n
}
