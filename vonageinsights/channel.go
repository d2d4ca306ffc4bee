package vonageinsights

import (
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Channel is the medium of a session. The service writes the same one in
// different ways; compare with Is.
type Channel string

// The channels that the service documents.
const (
	ChannelTelephony Channel = "telephony"
	ChannelVoice     Channel = "voice" // telephony, in the service's sample
	ChannelWhatsApp  Channel = "whatsapp"
	ChannelHTTP      Channel = "http"
)

// Is reports whether both are the same but for upper and lower case.
func (c Channel) Is(other Channel) bool { return strings.EqualFold(string(c), string(other)) }

// ChannelData are the facts of a call.
type ChannelData struct {
	// CallStatus says whether the call has ended.
	CallStatus Status `json:"call_status"`
	// DurationMs is the length of the call in milliseconds; see Duration.
	DurationMs int64 `json:"duration"`
	// AudioURL is where the recording is: a path, or a URL, which may hold a
	// token that opens it; see [Session.Recording]. It is nil until the recording
	// has been processed.
	AudioURL *string `json:"audio_url"`
	// StatusCode is nil where it was not sent. It is documented as one of the
	// StatusCode constants, but a call without any error has 200 in the service's
	// sample, as if it were an HTTP status: do not count errors by it.
	StatusCode *int `json:"status_code"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

// The documented values of [ChannelData.StatusCode], which is in doubt.
const (
	StatusCodeSuccess   = 0
	StatusCodeWarning   = 100
	StatusCodeErroneous = 200
)

// Duration returns the length of the call. What a Duration cannot hold becomes
// the longest one in that direction.
func (c *ChannelData) Duration() time.Duration { return jsonpull.Milliseconds(c.DurationMs) }

func (c *ChannelData) isZero() bool {
	return c.CallStatus == "" && c.DurationMs == 0 && c.AudioURL == nil && c.StatusCode == nil && len(c.Extra) == 0
}

func (c *ChannelData) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "call_status":
			c.CallStatus = Status(d.String())
		case "duration":
			c.DurationMs = d.Int64()
		case "audio_url":
			c.AudioURL = orNil(d, (*jsonpull.Decoder).String)
		case "status_code":
			c.StatusCode = orNil(d, (*jsonpull.Decoder).Int)
		default:
			c.Extra = obj.Keep(c.Extra)
		}
	}
}

// orNil takes a value, or nil for null.
func orNil[T any](d *jsonpull.Decoder, take func(*jsonpull.Decoder) T) *T {
	if d.Null() {
		return nil
	}
	return new(take(d))
}

func (c *ChannelData) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.String("call_status", string(c.CallStatus))
		w.Int("duration", c.DurationMs)
		if c.AudioURL != nil {
			w.StringAlways("audio_url", *c.AudioURL)
		}
		if c.StatusCode != nil {
			w.IntAlways("status_code", int64(*c.StatusCode))
		}
		w.Extra(c.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does.
func (c ChannelData) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(c.encode) }

// UnmarshalJSON replaces the data by the ones that data holds.
func (c *ChannelData) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(c, data, (*ChannelData).decode)
}

// LogValue returns the status and the length, not the recording, whose URL may open it.
func (c ChannelData) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("call_status", string(c.CallStatus)),
		slog.Duration("duration", c.Duration()),
	)
}
