package vonageinsightstest

import "strings"

const startTime = "session_start_time"

func isTime(path string) bool { return path == startTime || path == "session_end_time" }

// isText reports whether a field is split into words, as the example on the
// vendor's page shows for transcription.client.
func isText(path string) bool { return strings.HasPrefix(path, "transcription.") }

// isID reports whether a field is in the list of ID fields on the vendor's page.
func isID(path string) bool {
	switch path {
	case "api_key", "id", "source", "destination", "account_id", "channel", "status", "session_end_time",

		"agent_information.id", "agent_information.version_id", "agent_information.name",
		"agent_information.voice", "agent_information.language",

		"flow_data.collected_tags.tag", "flow_data.collected_tags.category",
		"flow_data.collected_parameters.name", "flow_data.collected_parameters.type",
		"flow_data.collected_parameters.audio_url",

		"flow_path.node_id", "flow_path.request_id", "flow_path.type", "flow_path.tags.tag", "flow_path.tags.category",
		"flow_path.request.payload", "flow_path.request.url", "flow_path.request.headers", "flow_path.request.verb",
		"flow_path.response.payload",
		"flow_path.context.url",
		"flow_path.context.execution_parameters.name", "flow_path.context.execution_parameters.type",
		"flow_path.context.execution_parameters.audio_url",
		"flow_path.context.altered_parameters.alteration_source", "flow_path.context.altered_parameters.audio_duration",
		"flow_path.context.altered_parameters.audio_url", "flow_path.context.altered_parameters.entity",
		"flow_path.context.altered_parameters.name", "flow_path.context.altered_parameters.value",
		"flow_path.context.altered_parameters.value_text",

		"tags_list.tag", "tags_list.category", "tags_list.count",
		"params_list.name", "params_list.type", "params_list.value", "params_list.audio_url",

		"channel_data.audio_url", "channel_data.call_status", "channel_data.duration", "channel_data.status_code":
		return true
	}
	return strings.HasPrefix(path, "parameters.") || strings.HasPrefix(path, "tags.")
}

// isSortable reports whether the vendor's page has a field that can be sorted
// by: any but the transcription.
func isSortable(path string) bool { return isID(path) || path == startTime || path == "request_ids" }
