package ringsense

import (
	"encoding/json"
	"log/slog"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Speaker is a participant of a conversation. Utterances and insights refer to
// it by SpeakerID. Its fields are described on
// developers.ringcentral.com/guide/ai/ace; PhoneNumber is not on that page and
// was seen in answers for contact centre calls.
type Speaker struct {
	// SpeakerID is the service's id of the speaker: for phone calls that of the
	// party to the call, otherwise digits or a UUID.
	SpeakerID string `json:"speakerId"`
	// Name is the full name of a user of the account, or the name under which
	// an outsider is saved as a contact. It may be empty.
	Name string `json:"name"`
	// AccountID is the account of the speaker. It is empty for outsiders and
	// where the service does not say; External tells the two apart.
	AccountID string `json:"accountId"`
	// AccountNull is true where the service sent null as the account, its mark
	// of an outsider. AccountID is then empty.
	AccountNull bool `json:"-"`
	// ExtensionID is the extension of a user of the account, otherwise empty.
	ExtensionID string `json:"extensionId"`
	// PhoneNumber is in E.164, such as "+12125550123". It may be empty.
	PhoneNumber string `json:"phoneNumber"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

// External reports whether the service says that the speaker is outside of the
// account. It is false for users of the account, and where nothing is known.
func (s *Speaker) External() bool { return s.AccountNull && s.AccountID == "" }

func (s *Speaker) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "speakerId":
			s.SpeakerID = d.String()
		case "name":
			s.Name = d.String()
		case "accountId":
			s.AccountNull = d.Kind() == 'n'
			s.AccountID = d.String()
		case "extensionId":
			s.ExtensionID = d.String()
		case "phoneNumber":
			s.PhoneNumber = d.String()
		default:
			s.Extra = obj.Keep(s.Extra)
		}
	}
}

func (s *Speaker) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("speakerId", s.SpeakerID)
		w.String("name", s.Name)
		if s.External() {
			w.Null("accountId")
		} else {
			w.String("accountId", s.AccountID)
		}
		w.String("extensionId", s.ExtensionID)
		w.String("phoneNumber", s.PhoneNumber)
		w.Extra(s.Extra)
	})
}

// MarshalJSON writes the speaker as the service does. A null extension and
// empty texts are left out; a null account is written, as it means something.
func (s Speaker) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(s.encode) }

// UnmarshalJSON replaces the speaker by the one that data holds.
func (s *Speaker) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(s, data, (*Speaker).decode)
}

// LogValue returns the ids alone.
func (s Speaker) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("speaker_id", s.SpeakerID),
		slog.String("extension_id", s.ExtensionID),
	)
}
