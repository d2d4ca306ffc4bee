package ringsense

import (
	"encoding/json"
	"iter"
	"log/slog"
	"slices"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Domain is the medium of a conversation. It is part of the address of its
// insights: the same id in another domain is another recording, or none.
type Domain string

// The domains that developers.ringcentral.com/guide/ai/ace lists. Others may be
// added by the service; any text can be used.
const (
	DomainPBX     Domain = "pbx"            // RingEX phone calls
	DomainRCV     Domain = "rcv"            // RingEX video meetings
	DomainRCX     Domain = "rcx"            // RingCX contact centre calls
	DomainNICE    Domain = "nice-incontact" // NICE CXone contact centre calls
	DomainMSTeams Domain = "ms-teams"       // Microsoft Teams video meetings
)

// Direction says who called whom. It is empty for meetings.
type Direction string

// The directions of a call.
const (
	DirectionInbound  Direction = "Inbound"
	DirectionOutbound Direction = "Outbound"
)

// RecordingInsights is one recording and what the service made of it, as
// described on developers.ringcentral.com/guide/ai/ace. That page calls most
// fields required, and its own sample of a video meeting lacks several: rely on
// the two ids and the domain only.
type RecordingInsights struct {
	// Title is made of the caller's and the callee's names for phone calls.
	Title string `json:"title"`
	// RSRecordURI is the page that shows the recording to a person. It may be
	// empty.
	RSRecordURI string `json:"rsRecordUri"`
	// Domain is the medium.
	Domain Domain `json:"domain"`
	// SourceRecordID is what [Client.RecordingInsights] takes: the id of the
	// recording for phone calls, that of the meeting for video.
	SourceRecordID string `json:"sourceRecordId"`
	// SourceSessionID is what [Client.SessionInsights] takes: the id of the
	// telephony session for phone calls, that of the meeting for video.
	SourceSessionID string `json:"sourceSessionId"`
	// CallDirection is empty for meetings.
	CallDirection Direction `json:"callDirection"`
	// OwnerExtensionID is the extension of the user with the licence.
	OwnerExtensionID string `json:"ownerExtensionId"`
	// RecordingDurationMs is the length in milliseconds; see Duration. It and the
	// times are zero where they cannot be read, and Extra holds their text then.
	RecordingDurationMs int64 `json:"recordingDurationMs"`
	// RecordingStartTime is when the recording began; zero where not sent.
	RecordingStartTime time.Time `json:"recordingStartTime"`
	// CreationTime is when the insights were made; zero where not sent.
	CreationTime time.Time `json:"creationTime"`
	// LastModifiedTime is when the insights last changed; zero where not sent.
	// It may be some milliseconds before CreationTime.
	LastModifiedTime time.Time `json:"lastModifiedTime"`
	// SpeakerInfo are the participants. It may be empty while the insights are
	// being made.
	SpeakerInfo []Speaker `json:"speakerInfo"`
	// Insights are empty while they are being made.
	Insights Insights `json:"insights"`
	// Extra holds the members that this version does not know, such as the
	// eventType of a record that was sent as an event, or cannot read.
	Extra map[string]json.RawMessage `json:"-"`

	raw string
}

// Duration returns the length of the recording. What a Duration cannot hold
// becomes the longest one in that direction.
func (r *RecordingInsights) Duration() time.Duration {
	return jsonpull.Milliseconds(r.RecordingDurationMs)
}

// RawJSON returns the exact text that the value was decoded from, "" for a value made
// by hand. It may have line breaks; json.Marshal writes the value in one line.
func (r *RecordingInsights) RawJSON() string { return r.raw }

// Speaker returns the participant with the given id and reports whether there
// is one. No participant has an empty id.
func (r *RecordingInsights) Speaker(id string) (Speaker, bool) {
	if id == "" {
		return Speaker{}, false
	}
	for i := range r.SpeakerInfo {
		if r.SpeakerInfo[i].SpeakerID == id {
			return r.SpeakerInfo[i], true
		}
	}
	return Speaker{}, false
}

// Turns returns the transcript with the speakers' names joined in, in the order
// in which the service sent it; consecutive utterances of one speaker are not
// merged. Role is [RoleAgent] for a speaker with an account or an extension,
// [RoleCustomer] for an outsider (see [Speaker.External]), otherwise empty.
func (r *RecordingInsights) Turns() iter.Seq[Turn] {
	return func(yield func(Turn) bool) {
		speakers := make(map[string]Speaker, len(r.SpeakerInfo))
		for _, speaker := range slices.Backward(r.SpeakerInfo) { // of an id that is repeated the first counts
			speakers[speaker.SpeakerID] = speaker
		}
		delete(speakers, "")
		for _, utterance := range r.Insights.Transcript {
			speaker := speakers[utterance.SpeakerID]
			if !yield(Turn{
				SpeakerID: utterance.SpeakerID, Speaker: speaker.Name, Role: speaker.role(),
				Text: utterance.Text, Start: utterance.Start, End: utterance.End,
			}) {
				return
			}
		}
	}
}

func (s *Speaker) role() Role {
	switch {
	case s.AccountID != "" || s.ExtensionID != "":
		return callinsights.RoleAgent
	case s.External():
		return callinsights.RoleCustomer
	}
	return ""
}

func (r *RecordingInsights) decode(d *jsonpull.Decoder) {
	mark := d.Mark()
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "title":
			r.Title = d.String()
		case "rsRecordUri":
			r.RSRecordURI = d.String()
		case "domain":
			r.Domain = Domain(d.String())
		case "domains": // so called in the table of the first guide, if it is a text
			if d.Kind() == '"' {
				r.Domain = Domain(d.String())
			} else {
				r.Extra = obj.Keep(r.Extra)
			}
		case "sourceRecordId":
			r.SourceRecordID = d.String()
		case "sourceSessionId":
			r.SourceSessionID = d.String()
		case "callDirection":
			r.CallDirection = Direction(d.String())
		case "ownerExtensionId":
			r.OwnerExtensionID = d.String()
		case "recordingDurationMs":
			r.RecordingDurationMs = jsonpull.TakeOrKeep(&obj, &r.Extra, d.Int64)
		case "recordingStartTime":
			r.RecordingStartTime = jsonpull.TakeOrKeep(&obj, &r.Extra, d.Time)
		case "creationTime":
			r.CreationTime = jsonpull.TakeOrKeep(&obj, &r.Extra, d.Time)
		case "lastModifiedTime":
			r.LastModifiedTime = jsonpull.TakeOrKeep(&obj, &r.Extra, d.Time)
		case "speakerInfo":
			r.SpeakerInfo = jsonpull.List(d, (*Speaker).decode)
		case "insights":
			r.Insights = Insights{}
			r.Insights.decode(d)
		default:
			r.Extra = obj.Keep(r.Extra)
		}
	}
	r.raw = d.From(mark)
}

func (r *RecordingInsights) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("title", r.Title)
		w.String("rsRecordUri", r.RSRecordURI)
		w.StringAlways("domain", string(r.Domain))
		w.StringAlways("sourceRecordId", r.SourceRecordID)
		w.StringAlways("sourceSessionId", r.SourceSessionID)
		w.String("callDirection", string(r.CallDirection))
		w.StringAlways("ownerExtensionId", r.OwnerExtensionID)
		if r.Extra["recordingDurationMs"] == nil {
			w.IntAlways("recordingDurationMs", r.RecordingDurationMs)
		}
		w.Time("recordingStartTime", r.RecordingStartTime, time.RFC3339Nano)
		w.Time("creationTime", r.CreationTime, time.RFC3339Nano)
		w.Time("lastModifiedTime", r.LastModifiedTime, time.RFC3339Nano)
		jsonpull.WriteList(w, "speakerInfo", r.SpeakerInfo, (*Speaker).encode)
		w.Key("insights")
		r.Insights.encode(w)
		w.Extra(r.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does; RawJSON plays
// no part in it. What is normalised is listed in the package documentation.
func (r RecordingInsights) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(r.encode) }

// UnmarshalJSON replaces the recording by the one that data holds; RawJSON
// returns data from then on. The fault is a [*DecodeError].
func (r *RecordingInsights) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(r, data, (*RecordingInsights).decode)
}

// LogValue returns ids and counts, not what was said.
func (r RecordingInsights) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("domain", string(r.Domain)),
		slog.String("source_record_id", r.SourceRecordID),
		slog.String("source_session_id", r.SourceSessionID),
		slog.Int("speakers", len(r.SpeakerInfo)),
		slog.Any("insights", r.Insights.LogValue()),
	)
}
