package field

// The session.
const (
	// ID is the id of the session.
	ID String = "id"
	// AccountID is the id of the account.
	AccountID String = "account_id"
	// APIKey is documented and not implemented by the service: it is "N/A" in
	// every session, so filtering by it is of no use.
	APIKey String = "api_key"
	// Source is the caller's phone number: digits, as a rule without a plus.
	Source String = "source"
	// Destination is the agent's phone number.
	Destination String = "destination"
	// Channel is the medium, such as "telephony", "whatsapp", "http", "voice".
	Channel String = "channel"
	// Status is "in_progress" or "ended", and may be something else. It finds
	// sessions that began and in which no conversation took place.
	Status String = "status"
	// SessionStartTime is when the session began. The service's list of fields
	// lacks it; its examples sort by it and ask for it.
	SessionStartTime Time = "session_start_time"
	// SessionEndTime is when the session ended. The service lists it, and sends
	// it in none of its samples.
	SessionEndTime Time = "session_end_time"
	// RequestIDs are the ids of the requests of the session. The service's list
	// of fields lacks them; its examples filter by them.
	RequestIDs String = "request_ids"
)

// The virtual agent.
const (
	// AgentInformation is all that is known of the agent.
	AgentInformation Object = "agent_information"
	// AgentInformationID is the id of the agent. The page's examples also call
	// it agent_id, which is no field of a session.
	AgentInformationID String = "agent_information.id"
	// AgentInformationVersionID is the id of the published version.
	AgentInformationVersionID String = "agent_information.version_id"
	// AgentInformationName is the name of the agent, matched as a whole and
	// with its case.
	AgentInformationName String = "agent_information.name"
	// AgentInformationVoice is the name of the voice.
	AgentInformationVoice String = "agent_information.voice"
	// AgentInformationLanguage is the language of the agent, such as "en-US".
	AgentInformationLanguage String = "agent_information.language"
)

// The channel.
const (
	// ChannelData is all that is known of the call.
	ChannelData Object = "channel_data"
	// ChannelDataAudioURL is where the recording of the call is.
	ChannelDataAudioURL String = "channel_data.audio_url"
	// ChannelDataCallStatus is "in_progress" or "ended".
	ChannelDataCallStatus String = "channel_data.call_status"
	// ChannelDataDuration is the length of the call in milliseconds.
	ChannelDataDuration Number = "channel_data.duration"
	// ChannelDataStatusCode is documented as 0 for success, 100 for a warning
	// and 200 for an error; the page's own sample has 200 in a call without any.
	ChannelDataStatusCode Number = "channel_data.status_code"
)

// What was said.
const (
	// Transcription is all that was said.
	Transcription Object = "transcription"
	// TranscriptionClient is what the caller said. In the sessions that are
	// returned it is called "user".
	TranscriptionClient Text = "transcription.client"
)

// What was collected during the session, with repetitions.
const (
	// FlowData is all that was collected.
	FlowData Object = "flow_data"
	// FlowDataCollectedTags are the tags, each as often as it was collected.
	FlowDataCollectedTags Object = "flow_data.collected_tags"
	// FlowDataCollectedTagsTag is the tag.
	FlowDataCollectedTagsTag String = "flow_data.collected_tags.tag"
	// FlowDataCollectedTagsCategory is the category of the tag.
	FlowDataCollectedTagsCategory String = "flow_data.collected_tags.category"
	// FlowDataCollectedParameters are the parameters, each as often as it was
	// collected.
	FlowDataCollectedParameters Object = "flow_data.collected_parameters"
	// FlowDataCollectedParametersName is the name of the parameter.
	FlowDataCollectedParametersName String = "flow_data.collected_parameters.name"
	// FlowDataCollectedParametersType is the entity type of the parameter.
	FlowDataCollectedParametersType String = "flow_data.collected_parameters.type"
	// FlowDataCollectedParametersAudioURL is where the recording of the
	// parameter is.
	FlowDataCollectedParametersAudioURL String = "flow_data.collected_parameters.audio_url"
	// FlowDataCollectedParametersCompleted says whether the parameter has got
	// its value.
	FlowDataCollectedParametersCompleted Bool = "flow_data.collected_parameters.completed"
	// FlowDataInjectedParameters are the parameters that the session began with.
	FlowDataInjectedParameters Object = "flow_data.injected_parameters"
)

// The tags and parameters of the session, without repetitions. See [Tag] and
// [Parameter] too.
const (
	// Tags are the counts of the tags by category and tag.
	Tags Object = "tags"
	// TagsList are the tags, one entry for each.
	TagsList Object = "tags_list"
	// TagsListTag is the tag.
	TagsListTag String = "tags_list.tag"
	// TagsListCategory is the category of the tag.
	TagsListCategory String = "tags_list.category"
	// TagsListCount is how often the tag was collected.
	TagsListCount Number = "tags_list.count"
	// Params are the parameters by name, each with its value and whether it is
	// completed.
	Params Object = "params"
	// Parameters are the last values of the parameters by name.
	Parameters Object = "parameters"
	// ParamsList are the parameters with their last value, one entry for each.
	ParamsList Object = "params_list"
	// ParamsListName is the name of the parameter.
	ParamsListName String = "params_list.name"
	// ParamsListType is the entity type of the parameter.
	ParamsListType String = "params_list.type"
	// ParamsListValue is the last value of the parameter. To ask for one by its
	// name and value, use [Parameter].
	ParamsListValue String = "params_list.value"
	// ParamsListAudioURL is where the recording of the parameter is.
	ParamsListAudioURL String = "params_list.audio_url"
	// ParamsListCompleted says whether the parameter has got its value.
	ParamsListCompleted Bool = "params_list.completed"
)

// The steps that the session took through the nodes of the agent.
const (
	// FlowPath are the steps.
	FlowPath Object = "flow_path"
	// FlowPathNodeID is the id of the node.
	FlowPathNodeID String = "flow_path.node_id"
	// FlowPathRequestID is the id of the request that the node made.
	FlowPathRequestID String = "flow_path.request_id"
	// FlowPathType is the type of the node, such as "speak" or "webhook".
	FlowPathType String = "flow_path.type"
	// FlowPathSynchronized says whether the step was synchronised.
	FlowPathSynchronized Bool = "flow_path.synchronized"
	// FlowPathExecutionTime is how long the step took, in a unit that the
	// service does not state.
	FlowPathExecutionTime Number = "flow_path.execution_time"
	// FlowPathTags are the tags that the node collected.
	FlowPathTags Object = "flow_path.tags"
	// FlowPathTagsTag is the tag.
	FlowPathTagsTag String = "flow_path.tags.tag"
	// FlowPathTagsCategory is the category of the tag.
	FlowPathTagsCategory String = "flow_path.tags.category"
)

// The webhook requests of the steps.
const (
	// FlowPathRequest is what the node sent.
	FlowPathRequest Object = "flow_path.request"
	// FlowPathRequestPayload is the body that was sent, matched as a whole. Long
	// ones may not be findable.
	FlowPathRequestPayload String = "flow_path.request.payload"
	// FlowPathRequestURL is where it was sent to.
	FlowPathRequestURL String = "flow_path.request.url"
	// FlowPathRequestHeaders are the headers that were sent, matched as a whole.
	FlowPathRequestHeaders String = "flow_path.request.headers"
	// FlowPathRequestVerb is the method, such as "POST".
	FlowPathRequestVerb String = "flow_path.request.verb"
	// FlowPathResponse is what the node got back.
	FlowPathResponse Object = "flow_path.response"
	// FlowPathResponseCode is the status of the answer.
	FlowPathResponseCode Number = "flow_path.response.code"
	// FlowPathResponsePayload is the body of the answer, matched as a whole.
	// Long ones may not be findable.
	FlowPathResponsePayload String = "flow_path.response.payload"
)

// What the steps worked with.
const (
	// FlowPathContext is what the step worked with.
	FlowPathContext Object = "flow_path.context"
	// FlowPathContextURL is the URL of the node's webhook.
	FlowPathContextURL String = "flow_path.context.url"
	// FlowPathContextStatus is how the step ended.
	FlowPathContextStatus Object = "flow_path.context.status"
	// FlowPathContextStatusCode is the status that the step ended with.
	FlowPathContextStatusCode Number = "flow_path.context.status.code"
	// FlowPathContextExecutionParameters are the parameters during the step.
	FlowPathContextExecutionParameters Object = "flow_path.context.execution_parameters"
	// FlowPathContextExecutionParametersName is the name of the parameter.
	FlowPathContextExecutionParametersName String = "flow_path.context.execution_parameters.name"
	// FlowPathContextExecutionParametersType is the entity type of the parameter.
	FlowPathContextExecutionParametersType String = "flow_path.context.execution_parameters.type"
	// FlowPathContextExecutionParametersAudioURL is where the recording of the
	// parameter is.
	FlowPathContextExecutionParametersAudioURL String = "flow_path.context.execution_parameters.audio_url"
	// FlowPathContextExecutionParametersCompleted says whether the parameter has
	// got its value.
	FlowPathContextExecutionParametersCompleted Bool = "flow_path.context.execution_parameters.completed"
	// FlowPathContextAlteredParameters are the parameters that the step changed.
	FlowPathContextAlteredParameters Object = "flow_path.context.altered_parameters"
	// FlowPathContextAlteredParametersAlterationSource is what changed the
	// parameter: "injected", "completed" or "classified".
	FlowPathContextAlteredParametersAlterationSource String = "flow_path.context.altered_parameters.alteration_source"
	// FlowPathContextAlteredParametersAudioDuration is the length of the
	// recording, in a unit that the service does not state.
	FlowPathContextAlteredParametersAudioDuration Number = "flow_path.context.altered_parameters.audio_duration"
	// FlowPathContextAlteredParametersAudioURL is where the recording of the
	// parameter is.
	FlowPathContextAlteredParametersAudioURL String = "flow_path.context.altered_parameters.audio_url"
	// FlowPathContextAlteredParametersEntity is the entity type of the parameter.
	FlowPathContextAlteredParametersEntity String = "flow_path.context.altered_parameters.entity"
	// FlowPathContextAlteredParametersName is the name of the parameter.
	FlowPathContextAlteredParametersName String = "flow_path.context.altered_parameters.name"
	// FlowPathContextAlteredParametersValue is the value of the parameter.
	FlowPathContextAlteredParametersValue String = "flow_path.context.altered_parameters.value"
	// FlowPathContextAlteredParametersValueText is the value of the parameter as
	// a text.
	FlowPathContextAlteredParametersValueText String = "flow_path.context.altered_parameters.value_text"
)

// Parameter is the last value of the parameter with the given name, which may
// hold dots, such as "USER.RECORD_ID". It is the way to ask for "parameter a is
// b": clauses on [ParamsListName] and [ParamsListValue] may be met by two
// different parameters.
func Parameter(name string) String { return String("parameters." + name) }

// Tag is how often the tag with the given name was collected. The path is the
// documented one, tags.<name>, but in the sessions that are returned a category
// stands between the two, so it may find nothing: [TagsListTag] is safer.
func Tag(name string) Number { return Number("tags." + name) }
