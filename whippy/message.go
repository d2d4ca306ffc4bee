package whippy

import (
	"log/slog"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Message is the data of message.created and message.updated: an SMS, an e-mail,
// a note, or a call; see docs.whippy.ai/docs/introduction. To Whippy a call is a
// message, and the samples of both have one shape, so a Message has the fields of
// a [Call], of which all but the id may be empty: Body is the text, From and To are
// numbers or addresses, Metadata and the ids of campaigns and sequences are absent
// in the older samples.
//
// Whether Whippy sends these events for calls too, beside those of their own, is
// not documented; [Message.Call] tells.
type Message Call

// Call returns the message as the call that it is, which shares all that it
// holds, and false if its Type says that it is something else, or nothing.
func (m *Message) Call() (*Call, bool) { return (*Call)(m), m.Type.Is(MessageTypeCall) }

// RawJSON returns the exact text of the message as it came, with its line breaks,
// "" for one that was made by hand.
func (m *Message) RawJSON() string { return m.raw }

func (m *Message) id() string { return (*Call)(m).id() }

func (m *Message) text() string { return (*Call)(m).text() }

func (m *Message) write(w *jsonpull.Writer, key string) { (*Call)(m).write(w, key) }

// MarshalJSON writes the message in the form that Whippy sends, see
// "Encoding" in the documentation of the package.
func (m Message) MarshalJSON() ([]byte, error) { return Call(m).MarshalJSON() }

// UnmarshalJSON reads the data of a message event; null changes nothing. It fails
// with a [*DecodeError].
func (m *Message) UnmarshalJSON(data []byte) error { return (*Call)(m).UnmarshalJSON(data) }

// LogValue returns the ids of the message and how much it holds.
func (m Message) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", m.ID),
		slog.String("conversation_id", m.ConversationID),
		slog.String("type", string(m.Type)),
		slog.Int("body_bytes", len(m.Body)),
		slog.Int("attachments", len(m.Attachments)),
	)
}
