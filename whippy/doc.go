// Package whippy receives the webhook events that Whippy (whippy.ai) sends about
// telephone calls and messages. A handler is mounted in a line:
//
//	verifier, err := whippy.NewVerifier([]string{apiKey})
//	handler, err := whippy.NewEventHandler(func(ctx context.Context, event *whippy.Event) error {
//		switch data := event.Data.(type) {
//		case *whippy.Call: // call.started, call.ended or call.analyzed
//			return store.Call(ctx, event, data)
//		case *whippy.Message: // message.created or message.updated
//			return store.Message(ctx, event, data)
//		default: // *whippy.Unknown, any other event: data.Raw, data.Decode(&v)
//			return nil
//		}
//	}, whippy.WithVerifier(verifier), whippy.WithDeadLetter(store.Unusable))
//	http.Handle("/whippy", handler)
//
// # What does what
//
//   - receive events over HTTP: [NewEventHandler]; from a queue: [EventHandler.Handle]
//   - behind another router, decode one: [ParseEvent]; check a signature: [NewVerifier], [Verifier.Verify]
//   - what was said in a call, and what was made of it: [Call.Turns], [Call.Analysis]
//   - a conversation as text or Markdown: [callinsights.WriteTranscript]
//   - its files: [Call.Recording], [Call.TranscriptFile], [Call.AnalysisFile], [Client.Download]
//   - which of two events of a call is the newer: [Newer]
//   - a log, metrics and traces: [WithHandlerLogger] of a handler, [WithLogger] and
//     [WithObserver] of a client
//   - tests of your own: package whippytest
//
// # Receiving
//
// A request is acknowledged with 2xx only if its event was handled: your function
// returned nil for it, now or at an earlier delivery, or the function of
// [WithDeadLetter] took it. On any other answer Whippy sends the event again, up to
// three times in all, as others report. So every event is handled at least once
// while the sender repeats it; and exactly once while the function returns within
// its lease and Commit of the [DeliveryLog] succeeds, across restarts with a log
// that outlives them. [WithDeliveryLog] takes a log of yours; the one in memory is
// for programs that may forget.
//
// Hand the event to something durable, such as a table or a queue, and return: the
// function has 10 seconds. A worker that takes events from a queue has the same
// promise from a handler of its own, by [EventHandler.Handle], with a delivery log of
// its own: in that of the handler that queued them they are handled. What Whippy
// never sends again, after an outage longer than its repeats, is not recovered by
// this package; nor is a body that cannot be decoded, unless [WithDeadLetter] keeps
// it.
//
// The server itself needs limits too: set ReadHeaderTimeout, ReadTimeout, IdleTimeout
// and MaxHeaderBytes of [http.Server]. The handler bounds the time in which a body
// comes by [http.ResponseController], which finds the connection only through
// ResponseWriters that have a method Unwrap. Mount it outside of middleware whose
// ResponseWriter has none; there, only ReadTimeout ends a request that comes byte by
// byte. When the server ends, call Shutdown of it and then [EventHandler.Drain].
//
// # Signatures
//
// Whippy signs its requests with the API key that the application of the endpoint
// was given. A [Verifier] checks that; what it rests on, which is less than one
// would like, is said there. Its secrets are those keys, several while one
// replaces another.
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
// Decide on what a call holds, not on the name of the event: [Call.Analysis]
// returns nil until there is one, and [Call.Duration] and [Call.Recording] say
// whether they have something.
//
// # Order and identity
//
// [Call.ID] names the call and is the same in its three events.
// [Event.RequestID] names the event: the three have three different ones.
// Whippy does not document whether an event that is sent again keeps its
// request id, so [EventHandler] knows an event by its type and data.
//
// call.ended and call.analyzed are made within a tenth of a second of each
// other, so either may arrive first, and each may be missing: a program that
// needs one of them only should take call.analyzed, and one that needs both
// should be ready for a call.ended that comes late. Of two events of one call
// the one with the later [Call.UpdatedAt] is the newer, as [Newer] tells; the
// time of arrival says nothing.
//
// To Whippy a call is a message of the type call, so a [Message] may be a call too;
// see [Message.Call].
//
// # Files
//
// [Call.Recording] and its kin find the attachment of a call, and
// [Client.Download] fetches it: without credentials, with a limit, over https.
// Nothing is ever fetched unasked.
//
// # Transcripts
//
// [Call.Body] is the transcript as it was sent, lines of "Agent: ..." and
// "User: ...". [Call.Turns] takes it apart, and says which side spoke: in a
// call with an AI agent "User" is the caller, in a call between people it is
// the user of Whippy and "Contact" is the other side. There are no times in it.
//
// # Errors
//
// What fails returns an [*Error], which matches one of the sentinels:
//
//   - [ErrInvalidRequest]: an argument or an option is wrong, such as an attachment
//     without a URL of https.
//   - [ErrInvalidResponse]: a body that is no event, with a [*DecodeError] that says
//     where; a file that is too large, broke off, or is a page of HTML.
//   - [ErrUnauthorized]: the signature is not good, and [ErrSignatureMissing],
//     [ErrSignatureMalformed], [ErrSignatureStale] and [ErrSignatureMismatch] say
//     why; or the host of a file wants a login.
//   - [ErrForbidden], [ErrNotFound]: the host does not give the file. Its link may be
//     too old.
//   - [ErrRateLimited], [ErrUnavailable]: the host fails, or no answer arrives, as
//     often as [WithRetry] says.
//
// [EventHandler.Handle] returns [ErrBusy] while somebody else handles the event,
// and otherwise the error of your function or of the [DeliveryLog].
//
// # Time
//
// All times have a zone; one that is sent without is UTC. [Metadata.DurationMs]
// counts milliseconds, [Call.Duration] is the same as a [time.Duration].
//
// # Decoding
//
// An event type that this package does not know is a value, [*Unknown], and
// not an error; a new member of an object is kept in its Extra. Any API version
// is taken. A missing member and null are the same as the zero value; metadata
// may be absent. Ids may be strings or numbers. Times may have a fraction, a
// zone, or neither; "" is no time. Durations may be fractions or numbers in a
// string. As an event may not be sent again, a time, a duration or a bool that
// cannot be read is zero, with its text in the Extra of what holds it, and an
// object or a list where a text belongs, other than an id, is that text. The custom
// analysis may be called custom_analysis_data or, as on Whippy's page,
// custom_analysis_dat. An attachment may be a plain URL. Keys may come in any
// order, and names of members match exactly. One byte order mark before the
// document is skipped.
//
// An event must be one JSON object with one "event", a string that is not
// empty, and one "data", an object in the events of a call or message. Anything else is
// refused with an error that says what is wrong and where, and that never
// quotes the document.
//
// # Encoding
//
// [Event], [Call], [Message] and their parts implement [json.Marshaler] and
// [json.Unmarshaler], and what was written reads back the same, but for
// RawJSON. The JSON written is the one that came with these differences: it is
// compact; members that are null, "", or an absent time are left out, apart
// from "data", "event", "request_id", and the "id" of a call or message and "url" of an
// attachment; numbers and bools sent for texts are written as strings; texts
// sent for numbers or bools as numbers and bools; times lose the zeros at the
// end of their fraction and have a zone; the custom analysis is called
// custom_analysis_data, and an empty second spelling beside it is left out;
// an attachment that was a plain URL is an object; of a repeated member the
// last counts. [Event.RawJSON] is the exact text.
//
// # What was not tried
//
// The package was written from Whippy's public pages and was never run against
// the live service. Where the pages are silent and something was seen
// elsewhere, or is a guess, the documentation of the symbol says so.
//
// Package whippytest makes payloads and signed requests for your tests.
package whippy
