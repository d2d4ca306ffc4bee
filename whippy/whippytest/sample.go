package whippytest

import (
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/whippy"
)

// Sample returns a payload of the given type: that of [CallStarted] and the other
// functions for calls and messages; for the other types that package whippy has a
// constant of, data with the members that the connectors published by Whippy show,
// ids of users as numbers and times without a zone where they have them so; and for
// a type that is not known, data that is nothing but an id.
func Sample(t whippy.EventType) []byte {
	switch t {
	case whippy.EventCallStarted:
		return CallStarted()
	case whippy.EventCallEnded:
		return CallEnded()
	case whippy.EventCallAnalyzed:
		return CallAnalyzed()
	case whippy.EventMessageCreated:
		return MessageCreated()
	case whippy.EventMessageUpdated:
		return MessageUpdated()
	default:
		resource, _, _ := strings.Cut(string(t), ".")
		text, ok := samples()[resource]
		if !ok {
			text = `{"id":"0190c9b1-5f3e-4d2a-9c77-1be0a4d6f201"}`
		}
		at := time.Date(2026, time.March, 9, 15, 4, 7, 0, time.UTC)
		return Payload(envelope(t, 1, &whippy.Unknown{Raw: []byte(text)}, at))
	}
}

// samples are data by the resource that an event is about.
func samples() map[string]string {
	return map[string]string{
		"conversation": `{"id":"3e0c7a51-8d42-4f96-b1a0-6c5d2e9f7301","status":"open","language":"en","contact_language":"en",` +
			`"channel_id":"5b8f1d20-94c7-4e3a-8a6d-0f2c7b4e9105","channel_type":"phone","contact_id":"9a4d6c83-2e1b-4705-9f38-b7c0e5d2a609",` +
			`"unread_count":1,"assigned_team_id":null,"assigned_user_id":42,"last_message_date":"2026-03-09T15:04:07.318402Z",` +
			`"created_at":"2026-03-02T10:00:00.000000Z","updated_at":"2026-03-09T15:04:07.318402Z"}`,
		"contact": `{"id":"9a4d6c83-2e1b-4705-9f38-b7c0e5d2a609","name":"Noor Vance","first_name":"Noor","last_name":"Vance",` +
			`"email":"noor@example.com","phone":"+12025550101","state":"open","blocked":false,"notes":[],"contact_tags":[],` +
			`"communication_preferences":[{"id":"c1f07e94-6b2d-4835-a9e1-3d8c5f0b7213","opt_in":true,` +
			`"channel_id":"5b8f1d20-94c7-4e3a-8a6d-0f2c7b4e9105","contact_id":"9a4d6c83-2e1b-4705-9f38-b7c0e5d2a609",` +
			`"opt_in_date":"2026-03-02T10:00:00Z","opt_out_date":"","last_campaign_date":null,` +
			`"created_at":"2026-03-02T10:00:00Z","updated_at":"2026-03-02T10:00:00Z"}]}`,
		"campaign": `{"id":"7d2b9e40-1c6f-4a83-92d5-8e0f3a7c6b17","body":"Spring check for your bicycle: reply YES to book.","title":"Spring check",` +
			`"status":"draft","attachments":[],"schedule_at":null,"created_at":"2026-03-09T15:04:07Z","updated_at":"2026-03-09T15:04:07Z"}`,
		"lead": `{"contact":{"id":"9a4d6c83-2e1b-4705-9f38-b7c0e5d2a609","name":"Noor Vance","phone":"+12025550101"},` +
			`"conversation":{"id":"3e0c7a51-8d42-4f96-b1a0-6c5d2e9f7301","status":"open"},` +
			`"inbound_message":{"id":"e60b3f18-7a95-4c2d-8f04-d1b9c7e3a521","body":"Is my bicycle ready on Thursday?","delivery_status":"webhook_delivered"}}`,
		"message_template": `{"id":"b83e5d07-4f19-4a6c-9e2b-70c1d8f6a425","title":"Opening hours","message":"We are open from 9 to 17.",` +
			`"attachments":[{"url":"https://files.whippy.test/hours.png","content_type":"image/png"}],` +
			`"channel_ids":["5b8f1d20-94c7-4e3a-8a6d-0f2c7b4e9105"],"access_level":"public","created_by_id":42,"updated_by_id":null,` +
			`"organization_id":"fd4a0c96-3b7e-4d51-8c28-e9f5b2a17629"}`,
		"sequence": `{"id":"2c9f7b14-0e8d-4a35-b6c3-5d1e8f0a9733","type":"custom","title":"After a repair","status":"active","industry":null,` +
			`"steps":[],"settings":{"stop_on_reply":true},"description":null,"access_level":"public",` +
			`"created_at":"2026-03-02T10:00:00","updated_at":"2026-03-09T15:04:07"}`,
		"step": `{"id":"84d1e6a9-5c30-4b72-9d0f-a3e7c2b81f37","sequence_id":"2c9f7b14-0e8d-4a35-b6c3-5d1e8f0a9733",` +
			`"schedule_options":{"days":"3","hours":"0","minutes":"30","timezone":"America/New_York"},` +
			`"analytics":{"sent":4,"replied":1},"created_at":"2026-03-02T10:00:00","updated_at":"2026-03-09T15:04:07"}`,
		"step_contact": `{"id":"f27c8b53-9e06-4d1a-84b7-6a0d3e5c9241","status":"active","added_by_id":42,` +
			`"contact":{"id":"9a4d6c83-2e1b-4705-9f38-b7c0e5d2a609","name":"Noor Vance","email":"noor@example.com","phone":"+12025550101"},` +
			`"contact_messages":[],"created_at":"2026-03-09T15:04:07","updated_at":"2026-03-09T15:04:07.318402Z"}`,
		"sequence_run": `{"id":"61a5f0d8-3c7b-4e92-a1d4-0b8e6f2c7945","status":"active","added_by_id":42,` +
			`"contact":{"id":"9a4d6c83-2e1b-4705-9f38-b7c0e5d2a609","name":"Noor Vance","email":"noor@example.com","phone":"+12025550101"},` +
			`"step_contacts":[],"contact_messages":[{"id":"e60b3f18-7a95-4c2d-8f04-d1b9c7e3a521","delivery_status":"delivered",` +
			`"contact_id":"9a4d6c83-2e1b-4705-9f38-b7c0e5d2a609","conversation_id":"3e0c7a51-8d42-4f96-b1a0-6c5d2e9f7301",` +
			`"body":"How are the brakes?","attachments":[]}],"created_at":"2026-03-09T15:04:07","updated_at":"2026-03-09T15:04:07"}`,
	}
}
