package vonageinsights

import (
	"encoding/json"
	"log/slog"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// AgentInformation says which agent it was.
type AgentInformation struct {
	// ID is the agent's id.
	ID string `json:"id"`
	// VersionID is the id of its published version, and as a rule the agent's
	// key in the transcription.
	VersionID string `json:"version_id"`
	// Name is the agent's name.
	Name string `json:"name"`
	// Voice is the name of its voice.
	Voice string `json:"voice"`
	// Language is its language, such as "en-US".
	Language string `json:"language"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (a *AgentInformation) isZero() bool {
	return a.ID == "" && a.VersionID == "" && a.Name == "" && a.Voice == "" && a.Language == "" && len(a.Extra) == 0
}

func (a *AgentInformation) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "id":
			a.ID = d.String()
		case "version_id":
			a.VersionID = d.String()
		case "name":
			a.Name = d.String()
		case "voice":
			a.Voice = d.String()
		case "language":
			a.Language = d.String()
		default:
			a.Extra = obj.Keep(a.Extra)
		}
	}
}

func (a *AgentInformation) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.String("id", a.ID)
		w.String("version_id", a.VersionID)
		w.String("name", a.Name)
		w.String("voice", a.Voice)
		w.String("language", a.Language)
		w.Extra(a.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does.
func (a AgentInformation) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(a.encode) }

// UnmarshalJSON replaces the information by the one that data holds.
func (a *AgentInformation) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(a, data, (*AgentInformation).decode)
}

// LogValue returns the ids.
func (a AgentInformation) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", a.ID),
		slog.String("version_id", a.VersionID),
	)
}
