package field_test

import (
	"encoding/json"
	"fmt"

	"github.com/callinsights/callinsights-go/vonageinsights/field"
)

func Example() {
	for _, clause := range []field.Clause{
		field.AgentInformationID.Is("1234567"),
		field.TranscriptionClient.Matches("refund"),
		field.ChannelDataDuration.Is(27000),
		field.Parameter("colour").Is("blue"),
		field.String("params_list.value_text").Is("blue"),
		field.Raw(json.RawMessage(`{"match": {"transcription.user": "refund"}}`)),
	} {
		text, err := clause.AppendText(nil)
		fmt.Println(string(text), err)
	}
	// Output:
	// {"term":{"agent_information.id":"1234567"}} <nil>
	// {"match":{"transcription.client":"refund"}} <nil>
	// {"term":{"channel_data.duration":27000}} <nil>
	// {"term":{"parameters.colour":"blue"}} <nil>
	// {"term":{"params_list.value_text":"blue"}} <nil>
	// {"match":{"transcription.user":"refund"}} <nil>
}
