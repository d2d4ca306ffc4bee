package whippytest

import (
	"time"

	"github.com/callinsights/callinsights-go/whippy"
)

// MessageEdit changes an event before it is written: e is the envelope, and m the
// message, the same that e.Data holds.
type MessageEdit func(e *whippy.Event, m *whippy.Message)

// MessageCreated returns the payload of the message.created event of an SMS that
// came in.
func MessageCreated(edits ...MessageEdit) []byte {
	return message(whippy.EventMessageCreated, textMessage(), edits)
}

// MessageUpdated returns the payload of the message.updated event of the answer to
// it, which was delivered.
func MessageUpdated(edits ...MessageEdit) []byte {
	m := textMessage()
	m.ID = uuid("message", 2)
	m.Direction, m.DeliveryStatus = whippy.DirectionOutbound, whippy.DeliveryStatus(whippy.MessageDelivered)
	m.From, m.To = m.To, m.From
	m.Body = "Hi Noor, yes: your bicycle is ready from 9:30 on."
	m.CreatedAt = m.CreatedAt.Add(3 * time.Minute)
	m.UpdatedAt = m.CreatedAt.Add(2204117 * time.Microsecond)
	m.UserID = "42"
	return message(whippy.EventMessageUpdated, m, edits)
}

func message(t whippy.EventType, m *whippy.Message, edits []MessageEdit) []byte {
	event := envelope(t, 1, m, m.UpdatedAt)
	for _, edit := range edits {
		edit(event, m)
	}
	return Payload(event)
}

func textMessage() *whippy.Message {
	call := callAtStart(1)
	call.ID = uuid("message", 1)
	call.Type, call.Mode, call.Metadata = whippy.MessageTypeSMS, "", nil
	call.DeliveryStatus = whippy.DeliveryStatus(whippy.MessageWebhookDelivered)
	call.Body = "Is my bicycle ready on Thursday?"
	return (*whippy.Message)(call)
}
