package vonageinsights

import (
	"encoding/json"
	"log/slog"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Parameter is one of the values that a session collected or worked with.
type Parameter struct {
	// Name is the parameter's name.
	Name string `json:"name"`
	// Value is its value; numbers, bools, lists and objects as their JSON text.
	Value string `json:"value"`
	// ValueText is its value in words; it may be empty.
	ValueText string `json:"value_text"`
	// Completed says whether the parameter has got its value.
	Completed bool `json:"completed"`
	// Type is the entity type, such as "sys.names". The service calls it type or
	// entity; both are read, and it is written as type.
	Type string `json:"type"`
	// AudioURL is where the recording of the value is; it may be empty.
	AudioURL string `json:"audio_url"`
	// AlterationSource says what changed the parameter, in
	// [StepContext.AlteredParameters] alone.
	AlterationSource AlterationSource `json:"alteration_source"`
	// AudioDuration is the length of the recording in
	// [StepContext.AlteredParameters], in a unit that the service does not state.
	AudioDuration float64 `json:"audio_duration"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

// AlterationSource is what changed the value of a parameter.
type AlterationSource string

// The sources that the service documents.
const (
	AlterationInjected   AlterationSource = "injected"
	AlterationCompleted  AlterationSource = "completed"
	AlterationClassified AlterationSource = "classified"
)

func (p *Parameter) decode(d *jsonpull.Decoder) {
	var entity string
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "name":
			p.Name = d.String()
		case "value":
			p.Value = d.Text()
		case "value_text":
			p.ValueText = d.Text()
		case "completed":
			p.Completed = d.Bool()
		case "type":
			p.Type = d.Text()
		case "entity":
			entity = d.Text()
		case "audio_url":
			p.AudioURL = d.String()
		case "alteration_source":
			p.AlterationSource = AlterationSource(d.String())
		case "audio_duration":
			p.AudioDuration = d.Float64()
		default:
			p.Extra = obj.Keep(p.Extra)
		}
	}
	if p.Type == "" {
		p.Type = entity
	}
}

func (p *Parameter) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("name", p.Name)
		w.StringAlways("value", p.Value)
		w.StringAlways("value_text", p.ValueText)
		w.BoolAlways("completed", p.Completed)
		w.String("type", p.Type)
		w.String("audio_url", p.AudioURL)
		w.String("alteration_source", string(p.AlterationSource))
		w.Float("audio_duration", p.AudioDuration)
		w.Extra(p.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does.
func (p Parameter) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(p.encode) }

// UnmarshalJSON replaces the parameter by the one that data holds.
func (p *Parameter) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(p, data, (*Parameter).decode)
}

// LogValue returns the name and the type, not the value.
func (p Parameter) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("name", p.Name),
		slog.String("type", p.Type),
		slog.Bool("completed", p.Completed),
	)
}

// Param is the value of a parameter as the session's params have it.
type Param struct {
	// Value is the last value; what is no text is its JSON text.
	Value string `json:"value"`
	// Completed says whether the parameter has got its value.
	Completed bool `json:"completed"`
}

// LogValue returns whether there is a value, not the value.
func (p Param) LogValue() slog.Value {
	return slog.GroupValue(slog.Bool("completed", p.Completed))
}

// decodeParam takes an object with a value, or a value alone. It refuses
// nothing.
func decodeParam(p *Param, d *jsonpull.Decoder) {
	if d.Kind() != '{' {
		p.Value = d.Text()
		return
	}
	mark := d.Mark()
	found := false
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "value":
			p.Value, found = d.Text(), true
		case "completed":
			p.Completed = d.Text() == "true"
		}
	}
	if !found {
		p.Value = d.From(mark)
	}
}

// Params returns the session's parameters by name. It builds the map anew on
// each call. It is empty where the service sent no params, and where they would take
// more memory than a text of their size may; the same parameters may be in Parameters
// and in ParamsList.
func (s *Session) Params() map[string]Param {
	return members(s.params, decodeParam)
}

// Parameters returns the last values of the session's parameters by name. It
// builds the map anew on each call. It is empty where the service sent no
// parameters, and where they would take more memory than a text of their size may;
// the same ones may be in Params and in ParamsList.
func (s *Session) Parameters() map[string]string {
	return members(s.parameters, func(value *string, d *jsonpull.Decoder) {
		var p Param
		decodeParam(&p, d)
		*value = p.Value
	})
}

// Parameter returns the last value of the parameter with the given name, which
// may hold dots, and reports whether the session has it. The service keeps
// parameters in three places, not all of them in every session: params is looked
// at first, then parameters, then params_list.
func (s *Session) Parameter(name string) (string, bool) {
	if p, ok := s.Params()[name]; ok {
		return p.Value, true
	}
	if value, ok := s.Parameters()[name]; ok {
		return value, true
	}
	for i := range s.ParamsList {
		if s.ParamsList[i].Name == name {
			return s.ParamsList[i].Value, true
		}
	}
	return "", false
}

// members decodes the members of the object that raw holds. Anything else has
// none, such as the empty list that stands for an empty object now and then; and
// so has an object that would take more memory than its text may.
func members[T any](raw string, decode func(*T, *jsonpull.Decoder)) map[string]T {
	var all map[string]T
	err := jsonpull.ParseObject(raw, func(d *jsonpull.Decoder) { all = jsonpull.Map(d, decode) })
	if err != nil {
		return map[string]T{}
	}
	return all
}
