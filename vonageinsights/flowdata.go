package vonageinsights

import (
	"encoding/json"
	"log/slog"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// FlowData is what a session collected, with repetitions.
type FlowData struct {
	// InjectedParameters are those that the session began with. They are empty
	// in every public sample.
	InjectedParameters []Parameter `json:"injected_parameters"`
	// CollectedTags are the tags, each as often as it was collected.
	CollectedTags []Tag `json:"collected_tags"`
	// CollectedParameters are the parameters, each as often as it was collected.
	CollectedParameters []Parameter `json:"collected_parameters"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (f *FlowData) isZero() bool {
	return f.InjectedParameters == nil && f.CollectedTags == nil && f.CollectedParameters == nil && len(f.Extra) == 0
}

func (f *FlowData) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "injected_parameters":
			f.InjectedParameters = jsonpull.List(d, (*Parameter).decode)
		case "collected_tags":
			f.CollectedTags = jsonpull.List(d, (*Tag).decode)
		case "collected_parameters":
			f.CollectedParameters = jsonpull.List(d, (*Parameter).decode)
		default:
			f.Extra = obj.Keep(f.Extra)
		}
	}
}

func (f *FlowData) encode(w *jsonpull.Writer) {
	w.Object(func() {
		jsonpull.WriteList(w, "injected_parameters", f.InjectedParameters, (*Parameter).encode)
		jsonpull.WriteList(w, "collected_tags", f.CollectedTags, (*Tag).encode)
		jsonpull.WriteList(w, "collected_parameters", f.CollectedParameters, (*Parameter).encode)
		w.Extra(f.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does.
func (f FlowData) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(f.encode) }

// UnmarshalJSON replaces the data by the ones that data holds.
func (f *FlowData) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(f, data, (*FlowData).decode)
}

// LogValue returns counts.
func (f FlowData) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("injected_parameters", len(f.InjectedParameters)),
		slog.Int("collected_tags", len(f.CollectedTags)),
		slog.Int("collected_parameters", len(f.CollectedParameters)),
	)
}
