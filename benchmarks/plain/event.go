package plain

import "time"

// Event is what Whippy sends to a webhook about a call.
//
//easyjson:json
type Event struct { //nolint:recvcheck // easyjson generates the methods
	Data       Call      `json:"data"`
	APIVersion string    `json:"api_version"`
	Event      string    `json:"event"`
	CreatedAt  time.Time `json:"created_at"`
	RequestID  string    `json:"request_id"`
}

// Call is a telephone call.
type Call struct {
	ID                  string       `json:"id"`
	DeliveryStatus      string       `json:"delivery_status"`
	Direction           string       `json:"direction"`
	Type                string       `json:"type"`
	Mode                string       `json:"mode"`
	Body                string       `json:"body"`
	TranslatedBody      *string      `json:"translated_body"`
	Language            *string      `json:"language"`
	TranslationLanguage *string      `json:"translation_language"`
	From                string       `json:"from"`
	To                  string       `json:"to"`
	CreatedAt           time.Time    `json:"created_at"`
	UpdatedAt           time.Time    `json:"updated_at"`
	ConversationID      string       `json:"conversation_id"`
	ContactID           string       `json:"contact_id"`
	ChannelID           string       `json:"channel_id"`
	CampaignID          *string      `json:"campaign_id"`
	CampaignContactID   *string      `json:"campaign_contact_id"`
	SequenceID          *string      `json:"sequence_id"`
	StepContactID       *string      `json:"step_contact_id"`
	StepID              *string      `json:"step_id"`
	UserID              *int         `json:"user_id"`
	Metadata            Metadata     `json:"metadata"`
	Attachments         []Attachment `json:"attachments"`
}

// Metadata is what a call has beyond other messages.
type Metadata struct {
	Type             string            `json:"type"`
	Duration         float64           `json:"duration"`
	PlaceholdersData map[string]string `json:"placeholders_data"`
	Analysis         Analysis          `json:"analysis"`
	AgentID          string            `json:"agent_id"`
	AgentVersionID   string            `json:"agent_version_id"`
	LLMID            string            `json:"llm_id"`
	LLMVersionID     string            `json:"llm_version_id"`
}

// Analysis is what Whippy made of a call.
type Analysis struct {
	AgentTaskCompletionRating string         `json:"agent_task_completion_rating"`
	CallCompletionRating      string         `json:"call_completion_rating"`
	CallSuccessful            bool           `json:"call_successful"`
	CallSummary               string         `json:"call_summary"`
	CustomAnalysisData        CustomAnalysis `json:"custom_analysis_data"`
	InVoicemail               bool           `json:"in_voicemail"`
	UserSentiment             string         `json:"user_sentiment"`
}

// CustomAnalysis holds the answers to questions of the account.
type CustomAnalysis struct {
	Companions int  `json:"companions"`
	Moved      bool `json:"moved"`
}

// Attachment is a file of a call.
type Attachment struct {
	AgentID     string `json:"agent_id"`
	ContentType string `json:"content_type"`
	URL         string `json:"url"`
}
