package vonageinsights

import (
	"encoding/json"
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
	return unmarshal(u, data, func(u *Utterance, d *jsonpull.Decoder) {
		if more := u.decode(d); len(more) > 0 {
			d.Fail(errors.New("want an object with one member, found several"))
		}
	})
}

// LogValue returns the key of the speaker, not what was said.
func (u Utterance) LogValue() slog.Value {
	return slog.GroupValue(slog.String("speaker_key", u.SpeakerKey))
}

// decode takes one element of a transcription. As a rule it has one member;
// those after the first are returned, in their order. A text alone, whose
// speaker is unknown, is taken too.
func (u *Utterance) decode(d *jsonpull.Decoder) (more []Utterance) {
	if kind := d.Kind(); kind != '{' && kind != 'n' {
		u.Text = text(d)
		return nil
	}
	mark := d.Mark()
	count := 0
	var charged map[string]json.RawMessage
	for obj := d.Object(); obj.Next(); count++ {
		if count == 0 {
			u.SpeakerKey, u.Text = obj.Key, text(d)
		} else {
			charged = obj.Keep(charged) // accounts for the memory of what follows
		}
	}
	if count < 2 || d.Err() != nil {
		return nil
	}
	more = make([]Utterance, 0, count-1)
	_ = jsonpull.Parse(d.From(mark), func(d *jsonpull.Decoder) {
		obj := d.Object()
		obj.Next()
		for obj.Next() {
			more = append(more, Utterance{SpeakerKey: obj.Key, Text: text(d)})
		}
	})
	return more
}

// decodeTranscription takes the list of utterances, or a single one; null is nil.
func decodeTranscription(d *jsonpull.Decoder) []Utterance {
	if kind := d.Kind(); kind != '[' && kind != 'n' {
		var u Utterance
		more := u.decode(d)
		return append([]Utterance{u}, more...)
	}
	type insertion struct {
		before     int
		utterances []Utterance
	}
	var insertions []insertion
	count := 0
	all := jsonpull.List(d, func(u *Utterance, d *jsonpull.Decoder) {
		count++
		if more := u.decode(d); len(more) > 0 {
			insertions = append(insertions, insertion{count, more})
		}
	})
	if len(insertions) == 0 {
		return all
	}
	size := len(all)
	for _, i := range insertions {
		size += len(i.utterances)
	}
	merged := make([]Utterance, 0, size)
	done := 0
	for _, i := range insertions {
		merged = append(append(merged, all[done:i.before]...), i.utterances...)
		done = i.before
	}
	return append(merged, all[done:]...)
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
