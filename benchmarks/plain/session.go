package plain

// Session is a session of Vonage AI Studio Insights.
type Session struct {
	ID               string                    `json:"id"`
	AccountID        string                    `json:"account_id"`
	APIKey           string                    `json:"api_key"`
	Source           string                    `json:"source"`
	Destination      string                    `json:"destination"`
	Channel          string                    `json:"channel"`
	Language         string                    `json:"language"`
	Status           string                    `json:"status"`
	SessionStartTime string                    `json:"session_start_time"`
	AgentInformation Agent                     `json:"agent_information"`
	ChannelData      ChannelData               `json:"channel_data"`
	RequestIDs       []string                  `json:"request_ids"`
	Transcription    []map[string]string       `json:"transcription"`
	Tags             map[string]map[string]int `json:"tags"`
	TagsList         []TagCount                `json:"tags_list"`
	Params           map[string]Param          `json:"params"`
	ParamsList       []Parameter               `json:"params_list"`
	FlowData         FlowData                  `json:"flow_data"`
	FlowPath         []Step                    `json:"flow_path"`
}

// Agent says which agent a session was with.
type Agent struct {
	ID        string `json:"id"`
	VersionID string `json:"version_id"`
	Name      string `json:"name"`
	Voice     string `json:"voice"`
	Language  string `json:"language"`
}

// ChannelData are the facts of a call.
type ChannelData struct {
	Duration   int64   `json:"duration"`
	AudioURL   *string `json:"audio_url"`
	CallStatus string  `json:"call_status"`
	StatusCode *int    `json:"status_code"`
}

// Tag is a tag that was collected.
type Tag struct {
	Tag      string `json:"tag"`
	Category string `json:"category"`
}

// TagCount is a tag and how often it was collected.
type TagCount struct {
	Count    int    `json:"count"`
	Tag      string `json:"tag"`
	Category string `json:"category"`
}

// Param is the value of a parameter.
type Param struct {
	Completed bool   `json:"completed"`
	Value     string `json:"value"`
}

// Parameter is a parameter and its value.
type Parameter struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Value     string `json:"value"`
	ValueText string `json:"value_text"`
	Completed bool   `json:"completed"`
}

// FlowData is what a session collected.
type FlowData struct {
	CollectedTags       []Tag       `json:"collected_tags"`
	CollectedParameters []Parameter `json:"collected_parameters"`
	InjectedParameters  []Parameter `json:"injected_parameters"`
}

// Step is a step of a session.
type Step struct {
	NodeID        string       `json:"node_id"`
	Type          string       `json:"type"`
	Context       StepContext  `json:"context"`
	Tags          []Tag        `json:"tags"`
	ExecutionTime int64        `json:"execution_time"`
	Synchronized  bool         `json:"synchronized"`
	RequestID     string       `json:"request_id"`
	Request       StepRequest  `json:"request"`
	Response      StepResponse `json:"response"`
}

// StepContext is what a step worked with.
type StepContext struct {
	ExecutionParameters []Parameter `json:"execution_parameters"`
	Status              StepStatus  `json:"status"`
	Output              any         `json:"output"`
	UserInput           string      `json:"user_input"`
	URL                 string      `json:"url"`
}

// StepStatus is how a step ended.
type StepStatus struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// StepRequest is what a step sent.
type StepRequest struct {
	Payload string `json:"payload"`
	Headers string `json:"headers"`
	Verb    string `json:"verb"`
	URL     string `json:"url"`
}

// StepResponse is what a step got back.
type StepResponse struct {
	Payload string `json:"payload"`
	Code    int    `json:"code"`
}

// Page is the answer to a search.
//
//easyjson:json
type Page struct { //nolint:recvcheck // easyjson generates the methods
	Total      int       `json:"total"`
	Hits       []Session `json:"hits"`
	PageSize   string    `json:"page_size"`
	PageNumber string    `json:"page_number"`
}
