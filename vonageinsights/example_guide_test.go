package vonageinsights_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// The examples of studio.docs.ai.vonage.com/api-integration/vai-integration-guide.
// Where that page uses a name that is not in its own model, the right one stands
// here: agent_information.id for agent_id, and agent_information.name for the
// object around it.

// arrived sends a query to a fake and returns what arrived there, a line for
// each parameter. Without a range, it is that of May.
func arrived(q vonageinsights.Query) string {
	if q.From.IsZero() {
		q.From, q.To = vonageinsights.Days(time.Date(2031, time.May, 1, 0, 0, 0, 0, time.UTC), time.Date(2031, time.May, 31, 0, 0, 0, 0, time.UTC))
	}
	server := vonageinsightstest.NewServer()
	if _, err := server.Client().SearchPage(context.Background(), q); err != nil {
		return err.Error()
	}
	var lines []string
	query := server.Requests()[0].Query
	for _, name := range []string{"from_date", "to_date", "page_number", "page_size", "sort_by", "project_fields", "filter_by"} {
		if query.Has(name) {
			lines = append(lines, name+"="+query.Get(name))
		}
	}
	return strings.Join(lines, "\n")
}

// filterOf returns what arrives of a filter.
func filterOf(filter vonageinsights.Filter) string {
	_, text, _ := strings.Cut(arrived(vonageinsights.Query{Filter: filter}), "filter_by=")
	return text
}

// Calls of an agent in which the caller said something.
func ExampleWhere() {
	fmt.Println(filterOf(vonageinsights.Where(
		field.AgentInformationID.Is("1234567"),
		field.TranscriptionClient.Matches("shut up"),
	)))
	// Output:
	// {"must":[{"term":{"agent_information.id":"1234567"}},{"match":{"transcription.client":"shut up"}}]}
}

// Calls with all of three tags.
func ExampleWhere_allTags() {
	fmt.Println(filterOf(vonageinsights.Where(
		field.FlowDataCollectedTagsTag.Is("cat"),
		field.FlowDataCollectedTagsTag.Is("dog"),
		field.FlowDataCollectedTagsTag.Is("rat"),
	)))
	// Output:
	// {"must":[{"term":{"flow_data.collected_tags.tag":"cat"}},{"term":{"flow_data.collected_tags.tag":"dog"}},{"term":{"flow_data.collected_tags.tag":"rat"}}]}
}

// Calls from a number with one of two request ids.
func ExampleFilter_Any() {
	fmt.Println(filterOf(vonageinsights.Where(field.Source.Is("9726666666")).
		Any(field.RequestIDs.Is("22"), field.RequestIDs.Is("44"))))
	// Output:
	// {"must":[{"term":{"source":"9726666666"}}],"should":[{"term":{"request_ids":"22"}},{"term":{"request_ids":"44"}}]}
}

// All calls but those with a tag.
func ExampleFilter_Not() {
	fmt.Println(filterOf(vonageinsights.Filter{}.Not(field.FlowDataCollectedTagsTag.Is("invalid"))))
	// Output:
	// {"must_not":[{"term":{"flow_data.collected_tags.tag":"invalid"}}]}
}

// The newest calls first.
func ExampleQuery_sortByTime() {
	fmt.Println(arrived(vonageinsights.Query{SortBy: []field.Order{field.SessionStartTime.Desc()}}))
	// Output:
	// from_date=2031-05-01T00:00:00.000000
	// to_date=2031-05-31T23:59:59.999999
	// page_number=0
	// sort_by=session_start_time:desc
}

// By the agent's name, then by status backwards.
func ExampleQuery_sortByName() {
	fmt.Println(arrived(vonageinsights.Query{SortBy: []field.Order{field.AgentInformationName.Asc(), field.Status.Desc()}}))
	// Output:
	// from_date=2031-05-01T00:00:00.000000
	// to_date=2031-05-31T23:59:59.999999
	// page_number=0
	// sort_by=agent_information.name:asc,status:desc
}

// All that there is in two objects.
func ExampleQuery_objects() {
	fmt.Println(arrived(vonageinsights.Query{Fields: []field.Path{field.AgentInformation, field.FlowData}}))
	// Output:
	// from_date=2031-05-01T00:00:00.000000
	// to_date=2031-05-31T23:59:59.999999
	// page_number=0
	// project_fields=["agent_information","flow_data"]
}

// The agent's name, the tags and the status.
func ExampleQuery_fields() {
	fmt.Println(arrived(vonageinsights.Query{Fields: []field.Path{field.AgentInformationName, field.FlowDataCollectedTags, field.Status}}))
	// Output:
	// from_date=2031-05-01T00:00:00.000000
	// to_date=2031-05-31T23:59:59.999999
	// page_number=0
	// project_fields=["agent_information.name","flow_data.collected_tags","status"]
}

// The last hundred ended calls from the 15th to the 17th of September, with
// their agents.
func ExampleQuery_lastHundred() {
	from, to := vonageinsights.Days(
		time.Date(2020, time.September, 15, 0, 0, 0, 0, time.UTC), time.Date(2020, time.September, 17, 0, 0, 0, 0, time.UTC))
	fmt.Println(arrived(vonageinsights.Query{
		From: from, To: to,
		PageSize: 100,
		SortBy:   []field.Order{field.SessionStartTime.Desc()},
		Filter:   vonageinsights.Where(field.Status.Is("ended")),
		Fields:   []field.Path{field.AgentInformation},
	}))
	// Output:
	// from_date=2020-09-15T00:00:00.000000
	// to_date=2020-09-17T23:59:59.999999
	// page_number=0
	// page_size=100
	// sort_by=session_start_time:desc
	// project_fields=["agent_information"]
	// filter_by={"must":[{"term":{"status":"ended"}}]}
}

// The calls 30 to 39 of the 20th of August.
func ExampleQuery_fourthPage() {
	day := time.Date(2020, time.August, 20, 0, 0, 0, 0, time.UTC)
	from, to := vonageinsights.Days(day, day)
	fmt.Println(arrived(vonageinsights.Query{From: from, To: to, PageNumber: 3, PageSize: 10}))
	// Output:
	// from_date=2020-08-20T00:00:00.000000
	// to_date=2020-08-20T23:59:59.999999
	// page_number=3
	// page_size=10
}

// callLog are the fields of a call log.
func callLog() []field.Path {
	return []field.Path{field.SessionStartTime, field.AgentInformationID, field.Source, field.ChannelDataDuration}
}

// A log of all calls.
func ExampleQuery_callLog() {
	fmt.Println(arrived(vonageinsights.Query{Fields: callLog(), PageSize: 50}))
	// Output:
	// from_date=2031-05-01T00:00:00.000000
	// to_date=2031-05-31T23:59:59.999999
	// page_number=0
	// page_size=50
	// project_fields=["session_start_time","agent_information.id","source","channel_data.duration"]
}

// A log of the calls of some agents.
func ExampleQuery_callLogOfAgents() {
	fmt.Println(arrived(vonageinsights.Query{
		Fields: callLog(), PageSize: 50,
		Filter: vonageinsights.Filter{}.Any(field.AgentInformationID.Is("a-1"), field.AgentInformationID.Is("a-2")),
	}))
	// Output:
	// from_date=2031-05-01T00:00:00.000000
	// to_date=2031-05-31T23:59:59.999999
	// page_number=0
	// page_size=50
	// project_fields=["session_start_time","agent_information.id","source","channel_data.duration"]
	// filter_by={"should":[{"term":{"agent_information.id":"a-1"}},{"term":{"agent_information.id":"a-2"}}]}
}

// A log of the calls of some agents, the longest first.
func ExampleQuery_longestCalls() {
	fmt.Println(arrived(vonageinsights.Query{
		Fields: callLog(), PageSize: 50,
		Filter: vonageinsights.Filter{}.Any(field.AgentInformationID.Is("a-1"), field.AgentInformationID.Is("a-2")),
		SortBy: []field.Order{field.ChannelDataDuration.Desc()},
	}))
	// Output:
	// from_date=2031-05-01T00:00:00.000000
	// to_date=2031-05-31T23:59:59.999999
	// page_number=0
	// page_size=50
	// sort_by=channel_data.duration:desc
	// project_fields=["session_start_time","agent_information.id","source","channel_data.duration"]
	// filter_by={"should":[{"term":{"agent_information.id":"a-1"}},{"term":{"agent_information.id":"a-2"}}]}
}
