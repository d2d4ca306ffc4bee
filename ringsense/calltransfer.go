package ringsense

import (
	"encoding/json"
	"log/slog"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// CallTransfer is the other session of a call that was transferred after the
// two colleagues had spoken (a warm transfer).
type CallTransfer struct {
	// TelephonySessionID is what [Client.SessionInsights] takes. It may be empty.
	TelephonySessionID string `json:"telephonySessionId"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (t *CallTransfer) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "telephonySessionId":
			t.TelephonySessionID = d.String()
		default:
			t.Extra = obj.Keep(t.Extra)
		}
	}
}

func (t *CallTransfer) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.String("telephonySessionId", t.TelephonySessionID)
		w.Extra(t.Extra)
	})
}

// MarshalJSON writes the id if it is not empty, and Extra.
func (t CallTransfer) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(t.encode) }

// UnmarshalJSON replaces the transfer by the one that data holds.
func (t *CallTransfer) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(t, data, (*CallTransfer).decode)
}

// LogValue returns the id alone.
func (t CallTransfer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("telephony_session_id", t.TelephonySessionID))
}
