// Package whippytest makes the payloads that Whippy sends to a webhook, for
// your tests:
//
//	event, err := whippy.ParseEvent(whippytest.CallAnalyzed())
//
// [CallStarted], [CallEnded] and [CallAnalyzed] make the three events of one
// call, as docs.whippy.ai/docs/calls shows them: the same members, in the same
// order, with an explicit null where there is no value yet. [CallEvents] makes
// the events of as many different calls as you like. Edits change what is sent:
//
//	payload := whippytest.CallEnded(func(e *whippy.Event, c *whippy.Call) {
//		c.DeliveryStatus = "call_completed.user_hangup"
//		e.APIVersion = "v2"
//	})
//
// Nothing is random: the same call gives the same bytes. The people, numbers
// and texts are made up.
//
// # Where the payloads may differ from the service
//
// They were made from Whippy's pages, not from live deliveries. They are
// compact JSON, while the pages show indented text; that is a guess. The custom
// analysis has the name of the page, custom_analysis_dat. Calls are with an AI
// agent, as on the page; what Whippy sends for calls between people is not
// documented.
package whippytest
