package main

// session is a session of Vonage AI Studio Insights as a program without this
// module would declare it, for encoding/json: the documented members, and nothing
// that is kept besides. The corpus is made of it too.
type session struct {
	ID               string                    `json:"id"`
	AccountID        string                    `json:"account_id"`
	APIKey           string                    `json:"api_key"`
	Source           string                    `json:"source"`
	Destination      string                    `json:"destination"`
	Channel          string                    `json:"channel"`
	Language         string                    `json:"language"`
	Status           string                    `json:"status"`
	SessionStartTime string                    `json:"session_start_time"`
	AgentInformation agent                     `json:"agent_information"`
	ChannelData      channelData               `json:"channel_data"`
	RequestIDs       []string                  `json:"request_ids"`
	Transcription    []map[string]string       `json:"transcription"`
	Tags             map[string]map[string]int `json:"tags"`
	TagsList         []tagCount                `json:"tags_list"`
	Params           map[string]param          `json:"params"`
	ParamsList       []parameter               `json:"params_list"`
	FlowData         flowData                  `json:"flow_data"`
	FlowPath         []step                    `json:"flow_path"`
}

type agent struct {
	ID        string `json:"id"`
	VersionID string `json:"version_id"`
	Name      string `json:"name"`
	Voice     string `json:"voice"`
	Language  string `json:"language"`
}

type channelData struct {
	Duration   int64   `json:"duration"`
	AudioURL   *string `json:"audio_url"`
	CallStatus string  `json:"call_status"`
	StatusCode *int    `json:"status_code"`
}

type tag struct {
	Tag      string `json:"tag"`
	Category string `json:"category"`
}

type tagCount struct {
	Count    int    `json:"count"`
	Tag      string `json:"tag"`
	Category string `json:"category"`
}

type param struct {
	Completed bool   `json:"completed"`
	Value     string `json:"value"`
}

type parameter struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Value     string `json:"value"`
	ValueText string `json:"value_text"`
	Completed bool   `json:"completed"`
}

type flowData struct {
	CollectedTags       []tag       `json:"collected_tags"`
	CollectedParameters []parameter `json:"collected_parameters"`
	InjectedParameters  []parameter `json:"injected_parameters"`
}

type step struct {
	NodeID        string       `json:"node_id"`
	Type          string       `json:"type"`
	Context       stepContext  `json:"context"`
	Tags          []tag        `json:"tags"`
	ExecutionTime int64        `json:"execution_time"`
	Synchronized  bool         `json:"synchronized"`
	RequestID     string       `json:"request_id"`
	Request       stepRequest  `json:"request"`
	Response      stepResponse `json:"response"`
}

type stepContext struct {
	ExecutionParameters []parameter `json:"execution_parameters"`
	Status              stepStatus  `json:"status"`
	Output              any         `json:"output"`
	UserInput           string      `json:"user_input"`
	URL                 string      `json:"url"`
}

type stepStatus struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

type stepRequest struct {
	Payload string `json:"payload"`
	Headers string `json:"headers"`
	Verb    string `json:"verb"`
	URL     string `json:"url"`
}

type stepResponse struct {
	Payload string `json:"payload"`
	Code    int    `json:"code"`
}

// page is the answer to a search.
type page struct {
	Total      int       `json:"total"`
	Hits       []session `json:"hits"`
	PageSize   string    `json:"page_size"`
	PageNumber string    `json:"page_number"`
}
