package whippy

import (
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Metadata is what a [Call] has beyond other messages; see
// docs.whippy.ai/docs/calls. All of it may be empty.
type Metadata struct {
	// Type is "phone" in all samples.
	Type string `json:"type"`
	// DurationMs is how long the call took in milliseconds, nil until it has
	// ended; see [Call.Duration].
	DurationMs *float64 `json:"duration"`
	// PlaceholdersData is what was put in for the placeholders of the agent's
	// text. A key is the name of a variable, or name and default as in
	// "last_name||sir"; see [Call.Placeholder].
	PlaceholdersData map[string]string `json:"placeholders_data"`
	// Analysis is nil until the call has been analysed.
	Analysis *Analysis `json:"analysis"`
	// AgentID to LLMVersionID name the AI agent and the language model behind it.
	AgentID        string `json:"agent_id"`
	AgentVersionID string `json:"agent_version_id"`
	LLMID          string `json:"llm_id"`
	LLMVersionID   string `json:"llm_version_id"`
	// Extra holds the members that this version does not know or cannot read.
	Extra map[string]json.RawMessage `json:"-"`
}

// Placeholder is a variable of the agent's text and what was put in for it.
type Placeholder struct {
	// Variable is the name, such as "last_name".
	Variable string
	// Default is what the text has for want of a value, such as "sir"; empty
	// where it has none.
	Default string
	// Value is what was put in.
	Value string
}

// LogValue returns the name of the variable, not its value.
func (p Placeholder) LogValue() slog.Value {
	return slog.GroupValue(slog.String("variable", p.Variable))
}

// Placeholder returns the placeholder of the given variable, and false if the
// call has none. Where a variable is there with several defaults, the first one
// in the order of the defaults is returned.
func (c *Call) Placeholder(variable string) (Placeholder, bool) {
	if c.Metadata == nil {
		return Placeholder{}, false
	}
	data := c.Metadata.PlaceholdersData
	for _, key := range slices.Sorted(maps.Keys(data)) {
		name, fallback, _ := strings.Cut(key, "||")
		if name = strings.TrimSpace(name); name == variable {
			return Placeholder{Variable: name, Default: strings.TrimSpace(fallback), Value: data[key]}, true
		}
	}
	return Placeholder{}, false
}

func (m *Metadata) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "type":
			m.Type = d.Text()
		case "duration":
			m.DurationMs = jsonpull.TakeOrKeep(&obj, &m.Extra, func() *float64 { return optional(d, d.Float64) })
		case "placeholders_data":
			m.PlaceholdersData = jsonpull.Map(d, func(value *string, d *jsonpull.Decoder) { *value = d.Text() })
		case "analysis":
			m.Analysis = nil
			if !d.Nothing() {
				m.Analysis = jsonpull.Pointer(d, (*Analysis).decode)
			}
		case "agent_id":
			m.AgentID = d.String()
		case "agent_version_id":
			m.AgentVersionID = d.String()
		case "llm_id":
			m.LLMID = d.String()
		case "llm_version_id":
			m.LLMVersionID = d.String()
		default:
			m.Extra = obj.Keep(m.Extra)
		}
	}
}

// optional takes a value for which null and a blank string mean that there is
// none.
func optional[T any](d *jsonpull.Decoder, take func() T) *T {
	if d.Null() {
		return nil
	}
	mark := d.Mark()
	v := take()
	if strings.Trim(d.From(mark), `" `) == "" {
		return nil
	}
	return &v
}

func (m *Metadata) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.String("type", m.Type)
		if m.DurationMs != nil {
			w.FloatAlways("duration", *m.DurationMs)
		}
		if m.PlaceholdersData != nil {
			w.Key("placeholders_data")
			w.Object(func() {
				for _, key := range slices.Sorted(maps.Keys(m.PlaceholdersData)) {
					w.StringAlways(key, m.PlaceholdersData[key])
				}
			})
		}
		if m.Analysis != nil {
			w.Key("analysis")
			m.Analysis.encode(w)
		}
		w.String("agent_id", m.AgentID)
		w.String("agent_version_id", m.AgentVersionID)
		w.String("llm_id", m.LLMID)
		w.String("llm_version_id", m.LLMVersionID)
		w.Extra(m.Extra)
	})
}

// MarshalJSON writes the metadata in the form that Whippy sends, see
// "Encoding" in the documentation of the package.
func (m Metadata) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(m.encode) }

// UnmarshalJSON reads the metadata of a call; null changes nothing. It fails
// with a [*DecodeError].
func (m *Metadata) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(m, data, (*Metadata).decode)
}

// LogValue returns the ids and how much the metadata holds.
func (m Metadata) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("agent_id", m.AgentID),
		slog.Int("placeholders", len(m.PlaceholdersData)),
		slog.Bool("analyzed", m.Analysis != nil),
	)
}
