package callinsights

import (
	"log/slog"
	"math"
	"time"
)

// Turn is one utterance of a conversation as the service sent it: consecutive
// turns of one speaker are not merged. A conversation reads the same from all
// three services.
type Turn struct {
	// SpeakerID is the service's id of the speaker; empty where it has none.
	SpeakerID string
	// Speaker is the speaker's name, empty where it is not known.
	Speaker string
	// Role tells the account's side from the other one, empty where unknown.
	Role Role
	// Text is what was said; it may be empty.
	Text string
	// Start and End count from the start of the recording. Both are zero where
	// the service sends no times.
	Start, End Seconds
}

// LogValue returns who spoke when, not what was said.
func (t Turn) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("speaker_id", t.SpeakerID),
		slog.String("role", string(t.Role)),
		slog.Float64("start", float64(t.Start)),
		slog.Float64("end", float64(t.End)),
	)
}

// Role is the side that a speaker is on. It is empty where that is not known.
type Role string

// The roles.
const (
	RoleAgent    Role = "agent"    // a user or a bot of the account
	RoleCustomer Role = "customer" // the other side
)

// Seconds is an offset inside a recording, in seconds.
type Seconds float64

// Duration converts s, rounded to the nearest nanosecond. What a Duration
// cannot hold becomes the longest one in that direction; NaN becomes 0.
func (s Seconds) Duration() time.Duration {
	ns := math.Round(float64(s) * float64(time.Second))
	switch {
	case math.IsNaN(ns):
		return 0
	case ns >= math.MaxInt64:
		return math.MaxInt64
	case ns <= math.MinInt64:
		return math.MinInt64
	}
	return time.Duration(ns)
}
