package whippy

import (
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Call is a telephone call, the data of the call events; see
// docs.whippy.ai/docs/calls. To Whippy a call is a message of type "call". All
// of it but the id may be empty, and more of it is filled with each event.
type Call struct {
	// ID names the call and is the same in all its events.
	ID string `json:"id"`
	// DeliveryStatus says whether the call goes on, and why it ended.
	DeliveryStatus DeliveryStatus `json:"delivery_status"`
	// Direction is the way of the call, as seen from the account.
	Direction Direction `json:"direction"`
	// Type is "call"; older samples lack it.
	Type MessageType `json:"type"`
	// Mode is "ai" for a call with an AI agent; older samples lack it.
	Mode Mode `json:"mode"`
	// Body is the transcript, empty until the call has ended; see [Call.Turns].
	Body string `json:"body"`
	// TranslatedBody, Language and TranslationLanguage are null in all samples,
	// so what they hold is not known. What is no text is kept as its JSON.
	TranslatedBody      string `json:"translated_body"`
	Language            string `json:"language"`
	TranslationLanguage string `json:"translation_language"`
	// From and To are the telephone numbers, in the samples with + and country.
	From string `json:"from"`
	To   string `json:"to"`
	// CreatedAt is when the call began. UpdatedAt grows with each event of the
	// call and says which one is the newest.
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	// ConversationID, ContactID and ChannelID say where the call belongs: the
	// thread, the person on the other side, the account's number.
	ConversationID string `json:"conversation_id"`
	ContactID      string `json:"contact_id"`
	ChannelID      string `json:"channel_id"`
	// CampaignID to StepID name the campaign or the sequence that made the
	// call, and are empty for others.
	CampaignID        string `json:"campaign_id"`
	CampaignContactID string `json:"campaign_contact_id"`
	SequenceID        string `json:"sequence_id"`
	StepContactID     string `json:"step_contact_id"`
	StepID            string `json:"step_id"`
	// UserID is the user of Whippy in the call, empty in a call of an AI agent.
	// Whippy sends it as a number.
	UserID string `json:"user_id"`
	// Metadata is what concerns calls alone; nil where it was not sent, as may
	// be for calls between people.
	Metadata *Metadata `json:"metadata"`
	// Attachments are the files of the call in no certain order. More of them
	// come with each event; see [Call.Recording].
	Attachments []Attachment `json:"attachments"`
	// Extra holds the members that this version does not know or cannot read.
	Extra map[string]json.RawMessage `json:"-"`

	raw string
}

// RawJSON returns the exact text of the call as it came, with its line breaks, ""
// for one that was made by hand.
func (c *Call) RawJSON() string { return c.raw }

// Duration returns how long the call took, and false while that is not known,
// which it is from call.ended on. Whippy does not name the unit of what it
// sends; that these are milliseconds follows from the times of its sample.
func (c *Call) Duration() (time.Duration, bool) {
	if c.Metadata == nil || c.Metadata.DurationMs == nil {
		return 0, false
	}
	return callinsights.Seconds(*c.Metadata.DurationMs / 1000).Duration(), true
}

// Analysis returns the analysis of the call, nil as long as there is none. It
// comes with call.analyzed.
func (c *Call) Analysis() *Analysis {
	if c.Metadata == nil {
		return nil
	}
	return c.Metadata.Analysis
}

// Recording returns the sound of the call: the attachment named recording.wav
// or recording.mp3, or else the first one of an audio type. It comes with
// call.ended. Nothing is fetched, and whether the link expires is not known.
func (c *Call) Recording() (Attachment, bool) {
	if a, ok := c.fileNamed("recording.wav", "recording.mp3"); ok {
		return a, true
	}
	return c.file(func(a Attachment) bool {
		return strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.ContentType)), "audio/")
	})
}

// TranscriptFile returns the attachment named transcript.json, which comes with
// call.ended. The transcript itself is in [Call.Body].
func (c *Call) TranscriptFile() (Attachment, bool) { return c.fileNamed("transcript.json") }

// AnalysisFile returns the attachment named analysis.json, which comes with
// call.analyzed. The analysis itself is what [Call.Analysis] returns.
func (c *Call) AnalysisFile() (Attachment, bool) { return c.fileNamed("analysis.json") }

func (c *Call) fileNamed(names ...string) (Attachment, bool) {
	return c.file(func(a Attachment) bool {
		for _, name := range names {
			if strings.EqualFold(a.fileName(), name) {
				return true
			}
		}
		return false
	})
}

func (c *Call) file(wanted func(Attachment) bool) (Attachment, bool) {
	for _, a := range c.Attachments {
		if wanted(a) {
			return a, true
		}
	}
	return Attachment{}, false
}

func (c *Call) id() string {
	if c == nil {
		return ""
	}
	return c.ID
}

func (c *Call) text() string {
	if c == nil {
		return ""
	}
	if c.raw != "" {
		return c.raw
	}
	made, _ := c.MarshalJSON()
	return string(made)
}

// decodeObject is decode for what must be an object.
func (c *Call) decodeObject(d *jsonpull.Decoder) {
	if d.IsObject() {
		c.decode(d)
	}
}

func (c *Call) decode(d *jsonpull.Decoder) {
	mark := d.Mark()
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "id":
			c.ID = d.String()
		case "delivery_status":
			c.DeliveryStatus = DeliveryStatus(d.Text())
		case "direction":
			c.Direction = Direction(d.Text())
		case "type":
			c.Type = MessageType(d.Text())
		case "mode":
			c.Mode = Mode(d.Text())
		case "body":
			c.Body = d.Text()
		case "translated_body":
			c.TranslatedBody = d.Text()
		case "language":
			c.Language = d.Text()
		case "translation_language":
			c.TranslationLanguage = d.Text()
		case "from":
			c.From = d.Text()
		case "to":
			c.To = d.Text()
		case "created_at":
			c.CreatedAt = jsonpull.TakeOrKeep(&obj, &c.Extra, d.Time)
		case "updated_at":
			c.UpdatedAt = jsonpull.TakeOrKeep(&obj, &c.Extra, d.Time)
		case "metadata":
			c.Metadata = nil
			if !d.Nothing() {
				c.Metadata = jsonpull.Pointer(d, (*Metadata).decode)
			}
		case "attachments":
			c.Attachments = jsonpull.List(d, (*Attachment).decode)
		default:
			if id := c.linkedID(obj.Key); id != nil {
				*id = d.String()
			} else {
				c.Extra = obj.Keep(c.Extra)
			}
		}
	}
	c.raw = d.From(mark)
}

// linkedID returns the field for an id of something else, nil if key names none.
func (c *Call) linkedID(key string) *string {
	switch key {
	case "conversation_id":
		return &c.ConversationID
	case "contact_id":
		return &c.ContactID
	case "channel_id":
		return &c.ChannelID
	case "campaign_id":
		return &c.CampaignID
	case "campaign_contact_id":
		return &c.CampaignContactID
	case "sequence_id":
		return &c.SequenceID
	case "step_contact_id":
		return &c.StepContactID
	case "step_id":
		return &c.StepID
	case "user_id":
		return &c.UserID
	}
	return nil
}

func (c *Call) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("id", c.ID)
		w.String("delivery_status", string(c.DeliveryStatus))
		w.String("direction", string(c.Direction))
		w.String("type", string(c.Type))
		w.String("mode", string(c.Mode))
		w.String("body", c.Body)
		w.String("translated_body", c.TranslatedBody)
		w.String("language", c.Language)
		w.String("translation_language", c.TranslationLanguage)
		w.String("from", c.From)
		w.String("to", c.To)
		w.Time("created_at", c.CreatedAt, time.RFC3339Nano)
		w.Time("updated_at", c.UpdatedAt, time.RFC3339Nano)
		w.String("conversation_id", c.ConversationID)
		w.String("contact_id", c.ContactID)
		w.String("channel_id", c.ChannelID)
		w.String("campaign_id", c.CampaignID)
		w.String("campaign_contact_id", c.CampaignContactID)
		w.String("sequence_id", c.SequenceID)
		w.String("step_contact_id", c.StepContactID)
		w.String("step_id", c.StepID)
		w.String("user_id", c.UserID)
		if c.Metadata != nil {
			w.Key("metadata")
			c.Metadata.encode(w)
		}
		jsonpull.WriteList(w, "attachments", c.Attachments, (*Attachment).encode)
		w.Extra(c.Extra)
	})
}

func (c *Call) write(w *jsonpull.Writer, key string) {
	w.Key(key)
	c.encode(w)
}

// MarshalJSON writes the call in the form that Whippy sends, see
// "Encoding" in the documentation of the package.
func (c Call) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(c.encode) }

// UnmarshalJSON reads the data of a call event; null changes nothing. It fails
// with a [*DecodeError].
func (c *Call) UnmarshalJSON(data []byte) error { return jsonpull.Unmarshal(c, data, (*Call).decode) }

// LogValue returns the ids of the call and how much it holds.
func (c Call) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", c.ID),
		slog.String("conversation_id", c.ConversationID),
		slog.Int("body_bytes", len(c.Body)),
		slog.Int("attachments", len(c.Attachments)),
		slog.Bool("analyzed", c.Analysis() != nil),
	)
}
