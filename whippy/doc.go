// Package whippy reads the webhook events that Whippy (whippy.ai) sends about
// telephone calls. [ParseEvent] turns the body of a request into a typed
// event:
//
//	event, err := whippy.ParseEvent(body)
//	if err != nil {
//		return err
//	}
//	switch data := event.Data.(type) {
//	case *whippy.Call:
//		// call.started, call.ended or call.analyzed
//	case *whippy.Unknown:
//		// any other event: data.Raw, data.Decode(&v)
//	}
//
// # Receiving
//
// Read the body of the request with a limit, such as [http.MaxBytesReader], and
// answer with a 2xx only when the event has been dealt with or stored: a sender
// that was told so will not send it again. An event that cannot be parsed will
// not be better the next time; keep its body. This version does not check who
// sent a request, so keep the address of the endpoint to yourself.
//
// # The three events of a call
//
// They have one shape, a [Call], and hold more each time
// (docs.whippy.ai/docs/calls):
//
//   - call.started: the call has begun. Who calls whom, the conversation, the
//     contact, the agent and its placeholders. No transcript, no duration, no
//     attachments, no analysis.
//   - call.ended: also the transcript, the duration, the reason of the end, the
//     recording and the transcript as attachments.
//   - call.analyzed: everything that call.ended has, and the [Analysis]:
//     summary, sentiment, success, voicemail, custom analysis, and its file
//     as an attachment.
//
// Decide on what a call holds, not on the name of the event: [Call.Analysis] is
// nil until there is one, and [Call.Duration] and [Call.Recording] say whether
// they have something.
//
// # Order and identity
//
// [Call.ID] names the call and is the same in its three events.
// [Event.RequestID] names the event: the three have three different ones.
// Whippy does not document whether an event that is sent again keeps its
// request id.
//
// call.ended and call.analyzed are made within a tenth of a second of each
// other, so either may arrive first, and each may be missing: a program that
// needs one of them only should take call.analyzed, and one that needs both
// should be ready for a call.ended that comes late. Of two events of one call
// the one with the later [Call.UpdatedAt] is the newer, as [Newer] tells; the
// time of arrival says nothing.
//
// # Transcripts
//
// [Call.Body] is the transcript as it was sent, lines of "Agent: ..." and
// "User: ...". [Call.Turns] takes it apart, and says which side spoke: in a
// call with an AI agent "User" is the caller, in a call between people it is
// the user of Whippy and "Contact" is the other side. There are no times in it.
//
// # Units
//
// All times have a zone; one that is sent without is UTC. [Metadata.DurationMs]
// counts milliseconds, [Call.Duration] is the same as a [time.Duration].
//
// # What is accepted
//
// An event type that this package does not know is a value, [*Unknown], and
// not an error; a new member of an object is kept in its Extra. Any API version
// is taken. A missing member and null are the same as the zero value; metadata
// may be absent. Ids may be strings or numbers. Times may have a fraction, a
// zone, or neither; "" is no time. Durations may be fractions or numbers in a
// string. The custom analysis may be called custom_analysis_data or, as on
// Whippy's page, custom_analysis_dat. An attachment may be a plain URL. Keys
// may come in any order, and names of members match exactly. One byte order
// mark before the document is skipped.
//
// An event must be one JSON object with one "event", a string that is not
// empty, and one "data", an object in the events of a call. Anything else is
// refused with an error that says what is wrong and where, and that never
// quotes the document.
//
// # Storing events
//
// [Event], [Call] and their parts implement [json.Marshaler] and
// [json.Unmarshaler], and what was written reads back the same, but for
// RawJSON. The JSON written is the one that came with these differences: it is
// compact; members that are null, "", or an absent time are left out, apart
// from "data", "event", "request_id", and the "id" of a call and "url" of an
// attachment; numbers and bools sent for texts are written as strings; texts
// sent for numbers or bools as numbers and bools; times lose the zeros at the
// end of their fraction and have a zone; the custom analysis is called
// custom_analysis_data, and an empty second spelling beside it is left out;
// an attachment that was a plain URL is an object; of a repeated member the
// last counts. [Event.RawJSON] is the exact text.
//
// # What this rests on
//
// The package was written from Whippy's public pages and was never run against
// the live service. Where the pages are silent and something was seen
// elsewhere, or is a guess, the documentation of the symbol says so.
//
// Package whippytest makes payloads for your tests.
package whippy
