package whippy_test

import (
	"testing"

	"github.com/callinsights/callinsights-go/whippy"
)

func TestDeliveryStatus(t *testing.T) {
	t.Parallel()
	tests := map[whippy.DeliveryStatus]struct {
		state  whippy.DeliveryState
		reason whippy.EndReason
	}{
		"":                                   {"", ""},
		"call_in_progress":                   {whippy.CallInProgress, ""},
		"call_completed":                     {whippy.CallCompleted, ""},
		"call_completed.agent_hangup":        {whippy.CallCompleted, whippy.ReasonAgentHangup},
		"call_completed.dial_no_answer":      {whippy.CallCompleted, whippy.ReasonDialNoAnswer},
		"call_completed.something_new":       {whippy.CallCompleted, "something_new"},
		"call_completed.error.asr.timed_out": {whippy.CallCompleted, "error.asr.timed_out"},
		"call_completed.":                    {whippy.CallCompleted, ""},
		".user_hangup":                       {"", whippy.ReasonUserHangup},
		"call_ringing":                       {"call_ringing", ""},
	}
	for status, test := range tests {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			if state, reason := status.State(), status.Reason(); state != test.state || reason != test.reason {
				t.Errorf("got %q and %q; want %q and %q", state, reason, test.state, test.reason)
			}
		})
	}
}

// Whippy writes the direction in upper case, and type and mode in lower case.
func TestIs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ got, want bool }{
		"direction as documented": {whippy.Direction("INBOUND").Is(whippy.DirectionInbound), true},
		"direction in lower case": {whippy.Direction("outbound").Is(whippy.DirectionOutbound), true},
		"another direction":       {whippy.Direction("INBOUND").Is(whippy.DirectionOutbound), false},
		"no direction":            {whippy.Direction("").Is(whippy.DirectionInbound), false},
		"type in upper case":      {whippy.MessageType("CALL").Is(whippy.MessageTypeCall), true},
		"another type":            {whippy.MessageType("sms").Is(whippy.MessageTypeCall), false},
		"mode in upper case":      {whippy.Mode("AI").Is(whippy.ModeAI), true},
		"another mode":            {whippy.Mode("human").Is(whippy.ModeAI), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.got != test.want {
				t.Errorf("got %v; want %v", test.got, test.want)
			}
		})
	}
}
