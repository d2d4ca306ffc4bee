package whippytest

import (
	"time"

	"github.com/callinsights/callinsights-go/whippy"
)

// Edit changes an event before it is written: e is the envelope, and c the
// call, the same that e.Data holds. Where an edit serves several events,
// e.Type tells them apart.
type Edit func(e *whippy.Event, c *whippy.Call)

// CallStarted returns the payload of the call.started event of a call.
func CallStarted(edits ...Edit) []byte { return started(1, edits) }

// CallEnded returns the payload of the call.ended event of the same call: with
// transcript, duration, recording and transcript file.
func CallEnded(edits ...Edit) []byte { return ended(1, edits) }

// CallAnalyzed returns the payload of the call.analyzed event of the same call:
// with all that call.ended has, the analysis and its file.
func CallAnalyzed(edits ...Edit) []byte { return analyzed(1, edits) }

// CallEvents returns the payloads of the three events of the n-th call in the
// order in which they are made: started, ended, analyzed. Each n has ids of its
// own and a start ten minutes after the one before; the call of n = 1 is that
// of [CallStarted]. The edits are applied to each of the three.
func CallEvents(n int, edits ...Edit) [][]byte {
	return [][]byte{started(n, edits), ended(n, edits), analyzed(n, edits)}
}

func started(n int, edits []Edit) []byte {
	return payload(whippy.EventCallStarted, n, callAtStart(n), edits)
}

func ended(n int, edits []Edit) []byte {
	return payload(whippy.EventCallEnded, n, callAtEnd(n), edits)
}

func analyzed(n int, edits []Edit) []byte {
	return payload(whippy.EventCallAnalyzed, n, callWhenAnalyzed(n), edits)
}

func payload(t whippy.EventType, n int, call *whippy.Call, edits []Edit) []byte {
	event := envelope(t, n, call, call.UpdatedAt)
	for _, edit := range edits {
		edit(event, call)
	}
	return Payload(event)
}

// envelope is the event that tells of what happened at that time.
func envelope(t whippy.EventType, n int, data whippy.Data, at time.Time) *whippy.Event {
	return &whippy.Event{
		Data:       data,
		APIVersion: "v1",
		Type:       t,
		CreatedAt:  at.Add(4812093 * time.Microsecond),
		RequestID:  uuid(string(t), n),
	}
}

// Payload returns the payload of any event: that of a call or message in the form
// of the other functions, any other one with its [whippy.Unknown] as it is. It
// panics on an event that cannot be written, such as one without data.
func Payload(e *whippy.Event) []byte {
	text, err := encode(e)
	if err != nil {
		panic("whippytest: " + err.Error())
	}
	return text
}
