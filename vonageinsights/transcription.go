package vonageinsights

import (
	"errors"
	"iter"
	"log/slog"
	"strings"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Utterance is one element of a session's transcription. The service writes it
// as an object with one member, {"user": "hello"}.
type Utterance struct {
	// SpeakerKey says who spoke, as the service wrote it: "user", "client" in
	// some places, for the caller, anything else for the agent, whose key is
	// as a rule the id of its published version.
	SpeakerKey string `json:"-"`
	// Text is what was said. It may be empty.
	Text string `json:"-"`
}

// caller reports whether the caller is the one who spoke.
func (u *Utterance) caller() bool {
	return strings.EqualFold(u.SpeakerKey, "user") || strings.EqualFold(u.SpeakerKey, "client")
}

func (u *Utterance) encode(w *jsonpull.Writer) {
	w.Object(func() { w.StringAlways(u.SpeakerKey, u.Text) })
}

// MarshalJSON writes an object with SpeakerKey as its only key.
func (u Utterance) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(u.encode) }

// UnmarshalJSON replaces the utterance by the one that data holds, an object
// with at most one member.
func (u *Utterance) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(u, data, func(u *Utterance, d *jsonpull.Decoder) {
		list := jsonpull.BeginList[Utterance](d)
		addUtterances(list, d)
		all := list.End()
		if len(all) > 1 {
			d.Fail(errors.New("want an object with one member, found several"))
		}
		*u = all[0]
	})
}

// LogValue returns the key of the speaker, not what was said.
func (u Utterance) LogValue() slog.Value {
	return slog.GroupValue(slog.String("speaker_key", u.SpeakerKey))
}

// decodeTranscription takes the list of utterances, or a single one; null is nil.
func decodeTranscription(d *jsonpull.Decoder) []Utterance {
	if d.Null() {
		return nil
	}
	list := jsonpull.BeginList[Utterance](d)
	if d.Kind() != '[' {
		addUtterances(list, d)
		return list.End()
	}
	for arr := d.Array(); arr.Next(); {
		addUtterances(list, d)
	}
	return list.End()
}

// addUtterances takes one element of a transcription. As a rule that is an
// object with one member; of several each is an utterance, in their order. A
// text alone, whose speaker is unknown, is taken too.
func addUtterances(list jsonpull.ListBuilder[Utterance], d *jsonpull.Decoder) {
	if kind := d.Kind(); kind != '{' && kind != 'n' {
		list.Add().Text = d.Text()
		return
	}
	obj := d.Object()
	if !obj.Next() {
		list.Add()
		return
	}
	for more := true; more; more = obj.Next() {
		u := list.Add()
		u.SpeakerKey, u.Text = obj.Key, d.Text()
	}
}

// Turns returns the transcription in the order of speech; consecutive
// utterances of one speaker are not merged, and the service sends no times.
// Role is [RoleCustomer] for the caller and [RoleAgent] for anybody else, whose
// name is the agent's. SpeakerID is the service's key of the speaker.
func (s *Session) Turns() iter.Seq[Turn] {
	return func(yield func(Turn) bool) {
		for i := range s.Transcription {
			u := &s.Transcription[i]
			turn := Turn{SpeakerID: u.SpeakerKey, Text: u.Text}
			switch {
			case u.caller():
				turn.Role = RoleCustomer
			case u.SpeakerKey != "":
				turn.Role, turn.Speaker = RoleAgent, s.AgentInformation.Name
			}
			if !yield(turn) {
				return
			}
		}
	}
}
