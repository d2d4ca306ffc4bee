package whippy

// EventType names an event as "<resource>.<action>". The set is open: Whippy
// may send types that are not listed here.
type EventType string

// The events of a call, see docs.whippy.ai/docs/calls. Their data is a [*Call].
const (
	EventCallStarted  EventType = "call.started"
	EventCallEnded    EventType = "call.ended"
	EventCallAnalyzed EventType = "call.analyzed"
)

// The events of a message, see docs.whippy.ai/docs/introduction. Their data is a
// [*Message].
const (
	EventMessageCreated EventType = "message.created"
	EventMessageUpdated EventType = "message.updated"
)

// The other events known. Their data is an [*Unknown]. Those of message templates
// and campaign.updated are on Whippy's pages (docs.whippy.ai/docs/introduction),
// the others in the connectors that Whippy publishes.
const (
	EventConversationCreated    EventType = "conversation.created"
	EventConversationUpdated    EventType = "conversation.updated"
	EventContactCreated         EventType = "contact.created"
	EventContactUpdated         EventType = "contact.updated"
	EventCampaignCreated        EventType = "campaign.created"
	EventCampaignUpdated        EventType = "campaign.updated"
	EventLeadNew                EventType = "lead.new"
	EventMessageTemplateCreated EventType = "message_template.created"
	EventMessageTemplateUpdated EventType = "message_template.updated"
	EventMessageTemplateDeleted EventType = "message_template.deleted"
	EventSequenceCreated        EventType = "sequence.created"
	EventSequenceUpdated        EventType = "sequence.updated"
	EventStepCreated            EventType = "step.created"
	EventStepUpdated            EventType = "step.updated"
	EventStepContactCreated     EventType = "step_contact.created"
	EventStepContactUpdated     EventType = "step_contact.updated"
	EventSequenceRunCreated     EventType = "sequence_run.created"
	EventSequenceRunUpdated     EventType = "sequence_run.updated"
)
