// Package whippytest makes the payloads that Whippy sends to a webhook, and the
// signed requests that they come with, for your tests:
//
//	handler.ServeHTTP(recorder, whippytest.NewRequest(apiKey, whippytest.CallAnalyzed()))
//	event, err := whippy.ParseEvent(whippytest.CallAnalyzed())
//
// The key is any text, the one that the handler's [whippy.NewVerifier] got.
//
// [CallStarted], [CallEnded] and [CallAnalyzed] make the three events of one
// call, as docs.whippy.ai/docs/calls shows them: the same members, in the same
// order, with an explicit null where there is no value yet. [CallEvents] makes
// the events of as many different calls as you like, [MessageCreated] and
// [MessageUpdated] make those of messages, and [Sample] one of any type. Edits
// change what is sent:
//
//	payload := whippytest.CallEnded(func(e *whippy.Event, c *whippy.Call) {
//		c.DeliveryStatus = "call_completed.user_hangup"
//		e.APIVersion = "v2"
//	})
//
// Nothing is random: the same call gives the same bytes. The people, numbers
// and texts are made up.
//
// # Requests
//
// The options of [NewRequest] make what a receiver must bear or refuse: several
// secrets, signatures in other forms, stale ones and those of the future
// ([SignedAt]), compressed bodies and bodies that break off. For a duplicate, make
// the request again; for one with another request id, edit RequestID; for events
// out of order, take those of [CallEvents] in another one. [Deliver] sends an event
// again if it is not acknowledged. A refusal has an empty body: to see why in a test,
// give the handler [whippy.WithHandlerLogger].
//
// # Where the payloads may differ from the service
//
// They were made from Whippy's pages, not from live deliveries. They are
// compact JSON, while the pages show indented text; that is a guess. The custom
// analysis has the name of the page, custom_analysis_dat. Calls are with an AI
// agent, as on the page; what Whippy sends for calls between people is not
// documented. The form of the signature is what [whippy.Verifier] says of it, and
// when and how often an event is sent again is not documented.
package whippytest
