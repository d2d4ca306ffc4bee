package whippy

import "strings"

// DeliveryStatus is the state of a call or message as "<state>" or
// "<state>.<reason>", such as "call_completed.agent_hangup" and "delivered"; see
// docs.whippy.ai/docs/calls. The set is open.
type DeliveryStatus string

// State returns the part before the first dot.
func (s DeliveryStatus) State() DeliveryState {
	state, _, _ := strings.Cut(string(s), ".")
	return DeliveryState(state)
}

// Reason returns the part after the first dot, empty if there is none.
func (s DeliveryStatus) Reason() EndReason {
	_, reason, _ := strings.Cut(string(s), ".")
	return EndReason(reason)
}

// DeliveryState is the first part of a [DeliveryStatus]. The set is open.
type DeliveryState string

// The states of a call, see docs.whippy.ai/docs/calls.
const (
	CallInProgress DeliveryState = "call_in_progress"
	CallCompleted  DeliveryState = "call_completed"
)

// The states of other messages. Whippy's pages (docs.whippy.ai/docs/introduction),
// its connectors and public samples show them, none of them all.
const (
	MessagePending          DeliveryState = "pending"
	MessageQueued           DeliveryState = "queued"
	MessageDelivered        DeliveryState = "delivered"
	MessageUnconfirmed      DeliveryState = "delivery_unconfirmed"
	MessageWebhookDelivered DeliveryState = "webhook_delivered" // of a message that came in
	MessageFailed           DeliveryState = "failed"
	MessageDeliveryFailed   DeliveryState = "delivery_failed"
	MessageSendingFailed    DeliveryState = "sending_failed"
)

// EndReason is the second part of a [DeliveryStatus]: why a call ended. The set
// is open.
type EndReason string

// ReasonAgentHangup is the one reason that Whippy's page shows, see
// docs.whippy.ai/docs/calls.
const ReasonAgentHangup EndReason = "agent_hangup"

// Reasons that are probable and not documented by Whippy: they are those of
// Retell (docs.retellai.com), whose agents have the same settings as Whippy's.
const (
	// Calls that took place and ended.
	ReasonUserHangup         EndReason = "user_hangup"
	ReasonCallTransfer       EndReason = "call_transfer"
	ReasonVoicemailReached   EndReason = "voicemail_reached"
	ReasonIVRReached         EndReason = "ivr_reached"
	ReasonInactivity         EndReason = "inactivity"
	ReasonMachineDetected    EndReason = "machine_detected"
	ReasonMaxDurationReached EndReason = "max_duration_reached"
	ReasonTransferBridged    EndReason = "transfer_bridged"
	ReasonTransferCancelled  EndReason = "transfer_cancelled"
	ReasonManualStopped      EndReason = "manual_stopped"
	ReasonCallTakeOver       EndReason = "call_take_over"

	// Calls that were not connected.
	ReasonDialBusy                          EndReason = "dial_busy"
	ReasonDialFailed                        EndReason = "dial_failed"
	ReasonDialNoAnswer                      EndReason = "dial_no_answer"
	ReasonInvalidDestination                EndReason = "invalid_destination"
	ReasonTelephonyProviderPermissionDenied EndReason = "telephony_provider_permission_denied"
	ReasonTelephonyProviderUnavailable      EndReason = "telephony_provider_unavailable"
	ReasonSIPRoutingError                   EndReason = "sip_routing_error"
	ReasonMarkedAsSpam                      EndReason = "marked_as_spam"
	ReasonUserDeclined                      EndReason = "user_declined"
	ReasonConcurrencyLimitReached           EndReason = "concurrency_limit_reached"
	ReasonNoConcurrencyFallback             EndReason = "no_concurrency_fallback"
	ReasonNoValidPayment                    EndReason = "no_valid_payment"
	ReasonScamDetected                      EndReason = "scam_detected"
	ReasonRegisteredCallTimeout             EndReason = "registered_call_timeout"

	// Calls that failed.
	ReasonErrorInboundWebhook           EndReason = "error_inbound_webhook"
	ReasonErrorLLMWebsocketOpen         EndReason = "error_llm_websocket_open"
	ReasonErrorLLMWebsocketLost         EndReason = "error_llm_websocket_lost_connection"
	ReasonErrorLLMWebsocketRuntime      EndReason = "error_llm_websocket_runtime"
	ReasonErrorLLMWebsocketCorrupt      EndReason = "error_llm_websocket_corrupt_payload"
	ReasonErrorFrontendCorruptedPayload EndReason = "error_frontend_corrupted_payload"
	ReasonErrorTwilio                   EndReason = "error_twilio"
	ReasonErrorNoAudioReceived          EndReason = "error_no_audio_received"
	ReasonErrorASR                      EndReason = "error_asr"
	ReasonErrorRetell                   EndReason = "error_retell"
	ReasonErrorUserNotJoined            EndReason = "error_user_not_joined"
	ReasonErrorUnknown                  EndReason = "error_unknown"
)

// Direction is the way of a call or message. The set is open.
type Direction string

// The directions. Whippy's page shows the first one, the connectors that
// Whippy publishes the others.
const (
	DirectionInbound  Direction = "INBOUND"
	DirectionOutbound Direction = "OUTBOUND"
	DirectionNote     Direction = "NOTE"
)

// Is reports whether d and other are the same but for the case of letters,
// which differs between the members of an event.
func (d Direction) Is(other Direction) bool { return strings.EqualFold(string(d), string(other)) }

// MessageType is the kind of a message. The set is open.
type MessageType string

// MessageTypeCall is a telephone call, see docs.whippy.ai/docs/calls.
const MessageTypeCall MessageType = "call"

// The types of other messages, from the connectors that Whippy publishes and
// public samples.
const (
	MessageTypeSMS      MessageType = "sms"
	MessageTypeMMS      MessageType = "mms"
	MessageTypeEmail    MessageType = "email"
	MessageTypeWhatsApp MessageType = "whatsapp"
	MessageTypeNote     MessageType = "note"
	MessageTypeFax      MessageType = "fax"
)

// Is reports whether t and other are the same but for the case of letters.
func (t MessageType) Is(other MessageType) bool { return strings.EqualFold(string(t), string(other)) }

// Mode says who handles a call for the account. The set is open.
type Mode string

// ModeAI is an AI agent, the only mode that Whippy's page shows, see
// docs.whippy.ai/docs/calls.
const ModeAI Mode = "ai"

// Is reports whether m and other are the same but for the case of letters.
func (m Mode) Is(other Mode) bool { return strings.EqualFold(string(m), string(other)) }
