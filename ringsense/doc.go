// Package ringsense reads what RingCentral RingSense made of recorded calls and
// meetings: transcript, summary, highlights, next steps, score, sentiment.
//
// RingSense, at first "RingSense for Sales", has been called AI Conversation
// Expert (ACE) since 2026. Addresses, scopes and field names still say
// RingSense, and so does this package. The vendor's guide is
// developers.ringcentral.com/guide/ai/ace.
//
//	auth, err := ringsense.JWTFromEnv() // RC_APP_CLIENT_ID, RC_APP_CLIENT_SECRET, RC_USER_JWT
//	client, err := ringsense.NewClient(auth)
//	recording, err := client.RecordingInsights(ctx, "3100000000017")
//	for turn := range recording.Turns() {
//		fmt.Println(turn.Speaker, turn.Text)
//	}
//
// To try it without credentials, use the fake in package
// [github.com/callinsights/callinsights-go/ringsense/ringsensetest].
//
// # What does what
//
//   - the insights of a recording or a session: [Client.RecordingInsights],
//     [Client.SessionInsights], and [Client.WaitRecordingInsights] until they are there
//   - the conversation with names: [RecordingInsights.Turns]; and written as text,
//     Markdown or captions: [callinsights.WriteTranscript]
//   - what is missing when nothing comes: [Client.CheckAccess]
//   - all recordings of a range of time: [Client.Backfill], or [Client.CallRecordings]
//     for the call log alone
//   - being told of new ones: [NewEventHandler], and [Client.KeepSubscribed] or
//     [Client.Subscribe]; behind another router, [ParseEvent]
//   - any other resource with the same login: [Client.Get]
//   - a log, metrics and traces, a proxy or transport of yours: [WithLogger],
//     [WithObserver], [WithHTTPClient]
//   - ending the login, which frees its place among the few: [Client.Close]
//   - tests of your own: package ringsensetest
//
// # What is needed
//
//   - A licence for AI Conversation Expert, assigned to the extension whose
//     calls are recorded. There are insights for recordings of licensed users
//     only, and for as long as the account's settings say, one year by default.
//   - An app in the developer console with the scope RingSense, and with a JWT
//     credential of a user. After adding the scope a new access token is needed
//     (make a new client), and by some reports a new JWT credential.
//   - For that user, a role with both permissions that the vendor's pages name,
//     "AI Conversation Expert - Access Insights" (ReadRingSenseInsights) and
//     ReadCompanyCallRecording. He may then read the insights of every licensed
//     user of the account.
//
// [Client.CheckAccess] finds out what of this is missing and says how it is
// mended, other than the licence, which no interface tells. AI Notes, the call
// notes of RingEX phones, is another product with an interface of its own, which
// is closed to most apps.
//
// There is no sandbox for this product. Partners have hosts of their own, for
// [WithBaseURL]. The paths of insights follow the host directly, without
// /restapi/v1.0.
//
// # Identifiers and domains
//
// A [Domain] and an id of that domain name a recording or a session:
//
//	Domain         Recording                  Session                      Where the ids are found
//	DomainPBX      id of the call recording   telephonySessionId, "s-..."  call log, event
//	DomainRCV      id of the meeting          the same                     history of meetings, event
//	DomainRCX      "p-v-..."                  "s-v-..."                    event
//	DomainNICE     as the event has it        as the event has it          event
//	DomainMSTeams  as the event has it        as the event has it          event
//
// The session of a phone call is the telephonySessionId of the call log, not its
// sessionId. Ids may be long and hold characters such as ! and @; pass them as
// they are, they are escaped where they need be. The history of meetings is read
// by [Client.Get].
//
// # Waiting, and being told
//
// Insights are made some minutes after a recording has ended, sometimes much
// later. [Client.WaitRecordingInsights] asks for those of one recording until
// they are there. A program that wants those of all recordings subscribes to
// events, whose payloads [ParseEvent] decodes: an [Event] holds the insights
// themselves, so there is nothing left to ask for.
//
// # All recordings of a range of time
//
// [Client.CallRecordings] lists the recordings of the call log, and
// [Client.Backfill] fetches the insights of each; it can be interrupted and
// resumed, and comes back to those that are not ready yet. Both are for phone
// calls, as the call log has no others. The app needs the scope ReadCallLog for
// them, and the user the permission FullCompanyCallLog, or ReadCallLog for the
// log of an extension.
//
// # Subscriptions
//
// [Client.Subscribe] has the service send events to an address of yours, and
// [Client.KeepSubscribed] sees to it that it goes on doing so: a subscription ends
// after a week unless it is renewed, and for good when the address fails for too
// long, and nobody tells. [InsightsFilters] makes the filters for the domains,
// [ReminderFilter] one for reminders of the end, and [NewVerificationToken] the
// token that comes with each event. The app needs the scope SubscriptionWebhook.
//
// An event may come twice, late or not at all, and the service promises no order
// and sends nothing again: fetch what was missed by [Client.Backfill].
//
// # Receiving
//
// A handler is mounted in a line, and must be up before [Client.Subscribe] is
// called, as it answers the service's handshake:
//
//	handler, err := ringsense.NewEventHandler(func(ctx context.Context, event *ringsense.Event) error {
//		return queue.Append(ctx, event.RawJSON())
//	}, ringsense.WithVerificationToken(token), ringsense.WithDeadLetter(queue.AppendUnusable))
//	http.Handle("/ringsense", handler)
//
// A request is acknowledged with 200 only if its event was handled: the function
// returned nil for it, now or at an earlier delivery, or the function of
// [WithDeadLetter] took it. So every event is handled at least once while the
// sender repeats it; and exactly once while the function returns within its lease
// and Commit of the [DeliveryLog] succeeds, across restarts with a log that outlives
// them ([WithDeliveryLog]).
//
// The service waits 3 seconds, documents no repeat, and gives an address up that
// fails for some minutes. So hand the event to something durable, such as a table
// or a queue, and return. A worker that takes it from there has the same promise from
// a handler of its own, by [EventHandler.Handle], with a delivery log of its own: in
// that of the handler that queued the event it is handled. What the service never
// sends again is recovered by [Client.Backfill]; what cannot be decoded, by
// [WithDeadLetter].
//
// The server itself needs limits too: set ReadHeaderTimeout, ReadTimeout, IdleTimeout
// and MaxHeaderBytes of [http.Server]. The handler bounds the time in which a body
// comes by [http.ResponseController], which finds the connection only through
// ResponseWriters that have a method Unwrap. Mount it outside of middleware whose
// ResponseWriter has none; there, only ReadTimeout ends a request that comes byte by
// byte. When the server ends, call Shutdown of it and then [EventHandler.Drain].
//
// # Errors
//
// Every error of a call is an [*Error], whose text says what to do, and which
// holds the service's code, its details and its RCRequestId:
//
//	errors.Is(err, ringsense.ErrInsightsNotFound)  // not ready, not licensed, not recorded, expired, or wrong id
//	errors.Is(err, ringsense.ErrScopeMissing)      // the app lacks a scope
//	errors.Is(err, ringsense.ErrPermissionMissing) // the user lacks a permission
//	errors.Is(err, ringsense.ErrNotFound)          // any 404
//	errors.Is(err, ringsense.ErrForbidden)         // any 403
//	errors.Is(err, ringsense.ErrUnauthorized)      // the login or its token was refused
//	errors.Is(err, ringsense.ErrRateLimited)       // too many requests, for longer than a call may wait
//	errors.Is(err, ringsense.ErrUnavailable)       // no answer, or the service failed
//	errors.Is(err, ringsense.ErrInvalidRequest)    // refused: by this package before sending, or by the service
//	errors.Is(err, ringsense.ErrInvalidResponse)   // an answer that cannot be used
//	errors.Is(err, context.DeadlineExceeded)       // the context of the call ended
//
// A failed login is the cause of the call's error: an [*Error] too, whose Op is
// "Token". Insights that are still being made are either an
// [ErrInsightsNotFound] or a success without a transcript.
//
// # Tokens and rate limits
//
// A [Client] logs in when a call needs it, renews its token ahead of time, and
// once more if a call is answered with 401. Any number of calls share one login.
//
// The service limits the requests of a user of an app, and begins its penalty of
// a minute anew for each request that is sent during it. It counts by group, such
// as that of the call log, and a Client holds back the calls of a group while a
// penalty lasts; all its calls if the service names no group. The service also
// lets only a handful of tokens of the same user and app live. Two clients with
// one login compete for both without knowing of each other: share one Client.
//
// # Retries
//
// What is repeated:
//
//   - every call after a 429, and if no connection was made: it was refused, its
//     handshake broke off, or the name server is out of order;
//   - calls that read, and those that change or end a subscription, also after
//     408, 425, 500, 502, 503 and 504, after an attempt that took too long, and
//     after a connection or an answer that broke off. [Client.Subscribe],
//     [Client.RenewSubscription] and [Client.Close] are not, as they may have been
//     done;
//   - a call that is answered with 401, once and with a new token;
//   - a login as a call that reads, unless a token may have been issued.
//
// Nothing is repeated after another answer, such as the refusal of a login, or
// after a fault that stays: a host that does not exist, a certificate that is not
// valid, TLS that fails, something other than HTTP, a redirect.
//
// When: at most 4 requests are sent, 3 for a login and 2 if that is answered with
// 429. The waits between them are drawn at random, from 0 to 0.5 s after the first
// request and to twice as much after each further one, up to 30 s; those of a
// login are 10 s. None is shorter than a Retry-After header asks for, in seconds
// or as a date; without one, a 429 means a minute. If the service asks for more
// than 90 s, or for more than the context allows, the call ends at once, with an
// error that says for how much. All calls of a client repeat at the expense of one
// budget, which allows about 100 repeats in a row; five successes earn another.
// Repeats after a 429 are free of it. A call that finds the budget used up is sent
// once.
//
// How long it takes: an attempt may take 60 s, that of a login 30 s, and may wait
// up to 90 s for its turn where the rate limit is used up. A service that fails at
// once is given up after 3.5 s at most; one that does not answer, after 4 minutes;
// one that answers as late as it may and asks for 90 s each time, after 8.5
// minutes, and a login before that after 4.5. Give calls a context with a deadline:
// it ends a call on time, whatever goes on.
//
// [WithRetry] and [WithAttemptTimeout] change the numbers. They, and all of this
// section, are not part of the compatibility promise.
//
// # Decoding
//
// Nothing that the service sends about a recording is lost: what this version
// does not know is in the Extra fields, and [RecordingInsights.RawJSON] returns
// the exact text. Of a session's answer, only the recordings and the paging are
// kept. An answer must be an object; in it, null counts as missing, but for the
// account of a [Speaker], and these are taken too:
//
//   - domains for domain if it is a text, and HighLights for Highlights; of several the last counts;
//   - an object where a list of insights belongs, for a list of one;
//   - an object or a list as the Value of an [Insight];
//   - a number in a text, a text in a number, and times without a zone (UTC);
//   - as an event, a record without an envelope.
//
// Any other value of another kind than documented makes the answer an
// [ErrInvalidResponse], whose [*DecodeError] names the place. Only the pages of a
// call log, where one call would hide all others, are read on, see
// [CallRecording.Fault]; and as an event is not sent again, its timestamp, the times
// of a recording and its duration are zero if they cannot be read, with their text
// in Extra. An event whose uuid, event, body or subscriptionId is there twice is
// refused, and so is a record without an envelope that has two sourceRecordIds.
//
// # Encoding
//
// The models can be stored as JSON and read back. They are written as the
// service writes them, with these differences:
//
//   - members that the vendor calls required are written even if they are
//     empty, other than times and lists; the rest only if it is not;
//   - null is not written but for the account of an outsider, so a null
//     extensionId is left out;
//   - the Start and End of an [Insight] are left out if both are 0;
//   - domains becomes domain, HighLights becomes Highlights;
//   - times are written with as many digits as they need, and Extra as compact
//     JSON after the other members.
//
// The models log ids and counts alone through log/slog. Printed by package fmt
// they show everything.
//
// # What was not tried
//
// This package was written from the vendor's pages, its API description and
// reports of its users. It was never run against the live service.
package ringsense
