package vonageinsights

import (
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// timeLayout is how times without a zone are written: in UTC, the fraction as
// short as it is.
const timeLayout = "2006-01-02T15:04:05.999999999"

// Session is one conversation with a virtual agent, as described on
// studio.docs.ai.vonage.com/api-integration/vai-integration-guide. Any part of
// it may be missing: a query may have asked for some fields only, and the
// service leaves some out until the conversation has ended.
type Session struct {
	// ID is the session's id, a UUID.
	ID string `json:"id"`
	// AccountID is the id of the account.
	AccountID string `json:"account_id"`
	// APIKey is "N/A" in every public sample; see NexmoAPIKey.
	APIKey string `json:"api_key"`
	// Source is the caller's phone number, as a rule without a plus. It may be
	// something else, of any length.
	Source string `json:"source"`
	// Destination is the agent's phone number, likewise.
	Destination string `json:"destination"`
	// Channel is the medium.
	Channel Channel `json:"channel"`
	// Language is that of the conversation, such as "en-US".
	Language string `json:"language"`
	// Status says whether the session has ended.
	Status Status `json:"status"`
	// SessionStartTime is when the session began, in UTC; zero where not sent.
	SessionStartTime time.Time `json:"session_start_time"`
	// SessionEndTime is when the session ended, in UTC. The service lists it as
	// searchable and sends it in no sample; see End.
	SessionEndTime time.Time `json:"session_end_time"`
	// AgentInformation says which agent it was.
	AgentInformation AgentInformation `json:"agent_information"`
	// ChannelData are the facts of the call.
	ChannelData ChannelData `json:"channel_data"`
	// RequestIDs are the ids of the session's requests.
	RequestIDs []string `json:"request_ids"`
	// Transcription is what was said, in the order of speech; see Turns.
	Transcription []Utterance `json:"transcription"`
	// TagsList are the tags that were collected, one entry for each; see Tags.
	TagsList []TagCount `json:"tags_list"`
	// ParamsList are the parameters with their last value, one entry for each;
	// see Parameter.
	ParamsList []Parameter `json:"params_list"`
	// FlowData is what was collected, with repetitions.
	FlowData FlowData `json:"flow_data"`
	// FlowPath are the steps that the session took.
	FlowPath []Step `json:"flow_path"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`

	// The JSON text of three objects whose keys are the customer's names, ""
	// where they were not sent. They are decoded when asked for.
	tags, params, parameters string

	raw string
}

// Status is the state of a session or a call. There may be more than those with
// a constant.
type Status string

// The documented states.
const (
	StatusInProgress Status = "in_progress"
	StatusEnded      Status = "ended"
)

// Duration returns the length of the call, 0 where it was not sent. What a
// Duration cannot hold becomes the longest one in that direction.
func (s *Session) Duration() time.Duration { return s.ChannelData.Duration() }

// End returns when the session ended, and whether that was computed from its
// start and its duration because the service did not say. It is zero where that
// is not possible.
func (s *Session) End() (end time.Time, computed bool) {
	switch {
	case !s.SessionEndTime.IsZero():
		return s.SessionEndTime, false
	case s.SessionStartTime.IsZero() || s.ChannelData.DurationMs <= 0:
		return time.Time{}, false
	}
	return s.SessionStartTime.Add(s.Duration()), true
}

// AgentID returns the id of the agent: AgentInformation.ID, or else a member
// agent_id of the session itself, as the service's examples have it. It may be
// empty.
func (s *Session) AgentID() string {
	if s.AgentInformation.ID != "" {
		return s.AgentInformation.ID
	}
	var id string
	if err := jsonpull.Parse(string(s.Extra["agent_id"]), func(d *jsonpull.Decoder) { id = d.String() }); err != nil {
		return ""
	}
	return id
}

// NexmoAPIKey returns APIKey, and reports whether it is one: the service does
// not fill it in yet and sends "N/A".
func (s *Session) NexmoAPIKey() (string, bool) {
	if s.APIKey == "" || strings.EqualFold(s.APIKey, "N/A") {
		return "", false
	}
	return s.APIKey, true
}

// RawJSON returns the exact text that the session was decoded from, "" for one made
// by hand. It may have line breaks; json.Marshal writes the session in one line.
func (s *Session) RawJSON() string { return s.raw }

func (s *Session) decode(d *jsonpull.Decoder) {
	mark := d.Mark()
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "id":
			s.ID = d.String()
		case "account_id":
			s.AccountID = d.String()
		case "api_key":
			s.APIKey = d.String()
		case "source":
			s.Source = d.String()
		case "destination":
			s.Destination = d.String()
		case "channel":
			s.Channel = Channel(d.String())
		case "language":
			s.Language = d.String()
		case "status":
			s.Status = Status(d.String())
		case "session_start_time":
			s.SessionStartTime = d.Time().UTC()
		case "session_end_time":
			s.SessionEndTime = d.Time().UTC()
		case "agent_information":
			s.AgentInformation = AgentInformation{}
			s.AgentInformation.decode(d)
		case "channel_data":
			s.ChannelData = ChannelData{}
			s.ChannelData.decode(d)
		case "request_ids":
			s.RequestIDs = d.Strings()
		case "transcription":
			s.Transcription = decodeTranscription(d)
		case "tags_list":
			s.TagsList = jsonpull.List(d, (*TagCount).decode)
		case "params_list":
			s.ParamsList = jsonpull.List(d, (*Parameter).decode)
		case "flow_data":
			s.FlowData = FlowData{}
			s.FlowData.decode(d)
		case "flow_path":
			s.FlowPath = jsonpull.List(d, (*Step).decode)
		case "tags":
			s.tags = rawUnlessNull(d)
		case "params":
			s.params = rawUnlessNull(d)
		case "parameters":
			s.parameters = rawUnlessNull(d)
		default:
			s.Extra = obj.Keep(s.Extra)
		}
	}
	s.raw = d.From(mark)
}

func rawUnlessNull(d *jsonpull.Decoder) string {
	if d.Null() {
		return ""
	}
	return d.Raw()
}

func (s *Session) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.String("id", s.ID)
		w.String("account_id", s.AccountID)
		w.String("api_key", s.APIKey)
		w.String("source", s.Source)
		w.String("destination", s.Destination)
		w.String("channel", string(s.Channel))
		w.String("language", s.Language)
		w.String("status", string(s.Status))
		w.Time("session_start_time", s.SessionStartTime.UTC(), timeLayout)
		w.Time("session_end_time", s.SessionEndTime.UTC(), timeLayout)
		if !s.AgentInformation.isZero() {
			w.Key("agent_information")
			s.AgentInformation.encode(w)
		}
		if !s.ChannelData.isZero() {
			w.Key("channel_data")
			s.ChannelData.encode(w)
		}
		w.Strings("request_ids", s.RequestIDs)
		jsonpull.WriteList(w, "transcription", s.Transcription, (*Utterance).encode)
		jsonpull.WriteList(w, "tags_list", s.TagsList, (*TagCount).encode)
		w.Raw("tags", json.RawMessage(s.tags))
		jsonpull.WriteList(w, "params_list", s.ParamsList, (*Parameter).encode)
		w.Raw("params", json.RawMessage(s.params))
		w.Raw("parameters", json.RawMessage(s.parameters))
		if !s.FlowData.isZero() {
			w.Key("flow_data")
			s.FlowData.encode(w)
		}
		jsonpull.WriteList(w, "flow_path", s.FlowPath, (*Step).encode)
		w.Extra(s.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does; RawJSON plays no
// part in it. What is normalised is listed in the package documentation.
func (s Session) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(s.encode) }

// UnmarshalJSON replaces the session by the one that data holds; RawJSON
// returns data from then on. The fault is a [*DecodeError].
func (s *Session) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(s, data, (*Session).decode)
}

// LogValue returns ids and counts, not what was said.
func (s Session) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", s.ID),
		slog.String("agent_id", s.AgentID()),
		slog.String("status", string(s.Status)),
		slog.Int("utterances", len(s.Transcription)),
		slog.Int("steps", len(s.FlowPath)),
	)
}
