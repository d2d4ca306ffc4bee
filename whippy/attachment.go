package whippy

import (
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Attachment is a file of a call; see docs.whippy.ai/docs/calls. Which file it
// is shows in the last element of its URL; the ids in the URL name neither the
// call nor each other.
type Attachment struct {
	// AgentID is the AI agent of the call; it may be empty.
	AgentID string `json:"agent_id"`
	// ContentType is the media type, such as "audio/x-wav"; it may be empty.
	ContentType string `json:"content_type"`
	// URL is where the file is. Whoever has it may be able to fetch the file:
	// treat it like a secret, and check it before fetching what a webhook names.
	URL string `json:"url"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

// fileName returns the last element of the URL's path.
func (a *Attachment) fileName() string {
	path := a.URL
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}

func (a *Attachment) decode(d *jsonpull.Decoder) {
	if d.Kind() == '"' {
		a.URL = d.String()
		return
	}
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "agent_id":
			a.AgentID = d.String()
		case "content_type":
			a.ContentType = d.String()
		case "url":
			a.URL = d.String()
		default:
			a.Extra = obj.Keep(a.Extra)
		}
	}
}

func (a *Attachment) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.String("agent_id", a.AgentID)
		w.String("content_type", a.ContentType)
		w.StringAlways("url", a.URL)
		w.Extra(a.Extra)
	})
}

// MarshalJSON writes the attachment in the form that Whippy sends, see
// "Encoding" in the documentation of the package.
func (a Attachment) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(a.encode) }

// UnmarshalJSON reads an attachment, an object or a plain URL; null changes
// nothing. It fails with a [*DecodeError].
func (a *Attachment) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(a, data, (*Attachment).decode)
}

// LogValue returns the agent's id. The URL is not logged.
func (a Attachment) LogValue() slog.Value {
	return slog.GroupValue(slog.String("agent_id", a.AgentID))
}
