package ringsense

import (
	"encoding/json"
	"log/slog"
	"time"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// RecordingType says why a call was recorded.
type RecordingType string

// The types of a recording.
const (
	RecordingAutomatic RecordingType = "Automatic" // by the account's rules
	RecordingOnDemand  RecordingType = "OnDemand"  // because somebody pressed the key
)

// CallRecord is a call as the call log has it, in its detailed view. The fields
// are described on developers.ringcentral.com/guide/voice/call-log/details and
// in the vendor's API description. All but the ids, StartTime, Type, Direction
// and Action may be empty.
type CallRecord struct {
	// ID is that of the record, and URI its address.
	ID  string `json:"id"`
	URI string `json:"uri"`
	// SessionID is an older id of the call. Insights go by TelephonySessionID,
	// which is what [Client.SessionInsights] takes.
	SessionID          string `json:"sessionId"`
	TelephonySessionID string `json:"telephonySessionId"`
	// PartyID is the part that the owner of the log has in the session.
	PartyID string `json:"partyId"`
	// SIPUUIDInfo is the id of the session for the vendor's telephony API.
	SIPUUIDInfo string `json:"sipUuidInfo"`
	// TransferTarget and Transferee are the other sessions of a call that was
	// announced before it was transferred, which may have insights of their own.
	TransferTarget *CallTransfer `json:"transferTarget"`
	Transferee     *CallTransfer `json:"transferee"`
	// StartTime is when the call began. The log is searched by it.
	StartTime time.Time `json:"startTime"`
	// Duration is the length of the call in seconds, and DurationMs in
	// milliseconds, 0 where it is not sent.
	Duration   int64 `json:"duration"`
	DurationMs int64 `json:"durationMs"`
	// Type is "Voice" or "Fax".
	Type      string    `json:"type"`
	Direction Direction `json:"direction"`
	// Action, Result, Reason and ReasonDescription say what became of the call.
	Action            string `json:"action"`
	Result            string `json:"result"`
	Reason            string `json:"reason"`
	ReasonDescription string `json:"reasonDescription"`
	// DelegationType is "Coworker" or "QueueForwarding", for a call that was made
	// or taken for somebody else.
	DelegationType string `json:"delegationType"`
	// Finished says that the call has ended. It may be false because it was not
	// sent.
	Finished bool `json:"finished"`
	// From and To are the two sides.
	From *CallParty `json:"from"`
	To   *CallParty `json:"to"`
	// Extension is the one that the record belongs to.
	Extension *CallExtension `json:"extension"`
	// Recording is nil for a call that was not recorded, and for one of which
	// only legs were.
	Recording *CallLogRecording `json:"recording"`
	// ShortRecording says that the recording was too short to be kept.
	ShortRecording bool `json:"shortRecording"`
	// MetadataCategories may hold "AiNotes", for a call with AI Notes.
	MetadataCategories []string `json:"metadataCategories"`
	// Transport is "PSTN" or "VoIP".
	Transport    string       `json:"transport"`
	InternalType string       `json:"internalType"`
	Billing      *CallBilling `json:"billing"`
	// Deleted says that the record was deleted; such are not listed as a rule.
	Deleted bool `json:"deleted"`
	// Legs are the parts of the call, in the service's order.
	Legs []CallLeg `json:"legs"`
	// LastModifiedTime is when the record last changed.
	LastModifiedTime time.Time `json:"lastModifiedTime"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`

	raw string
}

// RawJSON returns the exact text that the value was decoded from, with its line
// breaks, "" for a value made by hand.
func (r *CallRecord) RawJSON() string { return r.raw }

func (r *CallRecord) decode(d *jsonpull.Decoder) {
	mark := d.Mark()
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "id":
			r.ID = d.String()
		case "uri":
			r.URI = d.String()
		case "sessionId":
			r.SessionID = d.String()
		case "telephonySessionId":
			r.TelephonySessionID = d.String()
		case "partyId":
			r.PartyID = d.String()
		case "sipUuidInfo":
			r.SIPUUIDInfo = d.String()
		case "transferTarget":
			r.TransferTarget = jsonpull.Pointer(d, (*CallTransfer).decode)
		case "transferee":
			r.Transferee = jsonpull.Pointer(d, (*CallTransfer).decode)
		case "startTime":
			r.StartTime = d.Time()
		case "duration":
			r.Duration = d.Int64()
		case "durationMs":
			r.DurationMs = d.Int64()
		case "type":
			r.Type = d.String()
		case "direction":
			r.Direction = Direction(d.String())
		case "action":
			r.Action = d.String()
		case "result":
			r.Result = d.String()
		case "reason":
			r.Reason = d.String()
		case "reasonDescription":
			r.ReasonDescription = d.String()
		case "delegationType":
			r.DelegationType = d.String()
		case "finished":
			r.Finished = d.Bool()
		case "from":
			r.From = jsonpull.Pointer(d, (*CallParty).decode)
		case "to":
			r.To = jsonpull.Pointer(d, (*CallParty).decode)
		case "extension":
			r.Extension = jsonpull.Pointer(d, (*CallExtension).decode)
		case "recording":
			r.Recording = jsonpull.Pointer(d, (*CallLogRecording).decode)
		case "shortRecording":
			r.ShortRecording = d.Bool()
		case "metadataCategories":
			r.MetadataCategories = d.Strings()
		case "transport":
			r.Transport = d.String()
		case "internalType":
			r.InternalType = d.String()
		case "billing":
			r.Billing = jsonpull.Pointer(d, (*CallBilling).decode)
		case "deleted":
			r.Deleted = d.Bool()
		case "legs":
			r.Legs = jsonpull.List(d, (*CallLeg).decode)
		case "lastModifiedTime":
			r.LastModifiedTime = d.Time()
		default:
			r.Extra = obj.Keep(r.Extra)
		}
	}
	r.raw = d.From(mark)
}

func (r *CallRecord) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("id", r.ID)
		w.StringAlways("uri", r.URI)
		w.StringAlways("sessionId", r.SessionID)
		w.String("telephonySessionId", r.TelephonySessionID)
		w.String("partyId", r.PartyID)
		w.String("sipUuidInfo", r.SIPUUIDInfo)
		writeObject(w, "transferTarget", r.TransferTarget, (*CallTransfer).encode)
		writeObject(w, "transferee", r.Transferee, (*CallTransfer).encode)
		w.Time("startTime", r.StartTime, time.RFC3339Nano)
		w.IntAlways("duration", r.Duration)
		w.Int("durationMs", r.DurationMs)
		w.StringAlways("type", r.Type)
		w.StringAlways("direction", string(r.Direction))
		w.StringAlways("action", r.Action)
		w.String("result", r.Result)
		w.String("reason", r.Reason)
		w.String("reasonDescription", r.ReasonDescription)
		w.String("delegationType", r.DelegationType)
		w.Bool("finished", r.Finished)
		writeObject(w, "from", r.From, (*CallParty).encode)
		writeObject(w, "to", r.To, (*CallParty).encode)
		writeObject(w, "extension", r.Extension, (*CallExtension).encode)
		writeObject(w, "recording", r.Recording, (*CallLogRecording).encode)
		w.Bool("shortRecording", r.ShortRecording)
		w.Strings("metadataCategories", r.MetadataCategories)
		w.String("transport", r.Transport)
		w.String("internalType", r.InternalType)
		writeObject(w, "billing", r.Billing, (*CallBilling).encode)
		w.Bool("deleted", r.Deleted)
		jsonpull.WriteList(w, "legs", r.Legs, (*CallLeg).encode)
		w.Time("lastModifiedTime", r.LastModifiedTime, time.RFC3339Nano)
		w.Extra(r.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does. The members that
// the vendor calls required are written even if they are empty, other than
// times; the rest only if it is not. null and false are left out.
func (r CallRecord) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(r.encode) }

// UnmarshalJSON replaces the record by the one that data holds; RawJSON returns
// data from then on. The fault is a [*DecodeError].
func (r *CallRecord) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(r, data, (*CallRecord).decode)
}

// LogValue returns ids and counts, not who called whom.
func (r CallRecord) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", r.ID),
		slog.String("telephony_session_id", r.TelephonySessionID),
		slog.Int("legs", len(r.Legs)),
	)
}
