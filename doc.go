// Package callinsights is the vocabulary that the clients of this module
// share. The clients themselves are its sub-packages; import the one whose
// service you use:
//
//   - [github.com/callinsights/callinsights-go/ringsense]: RingCentral
//     RingSense, since 2026 called AI Conversation Expert (ACE);
//   - [github.com/callinsights/callinsights-go/vonageinsights]: Vonage AI
//     Studio Insights;
//   - [github.com/callinsights/callinsights-go/whippy]: Whippy webhook events.
//
// Each has a fake of its service for your tests in a sub-package of its own:
// ringsensetest, vonageinsightstest, whippytest.
//
// The packages re-export the names of this one that a user of theirs needs, so
// that most programs import one package only.
//
// # Errors
//
// Every failed call returns an [*Error], which says what was asked, what came
// back and how often it was tried, and which matches the sentinel of its kind:
//
//	if errors.Is(err, ringsense.ErrNotFound) { ... }
//
// A document that cannot be decoded has a [*DecodeError] as its cause, which
// names the place. No error text and no log line holds a credential, a query
// string or the body of an answer, and no value of this module shows a
// credential however it is printed.
//
// # Conversations
//
// What was said reads the same from all three services: as a sequence of
// [Turn] values, which [WriteTranscript] writes as text, Markdown or captions.
//
// # Long reads
//
// An [Export] reads what takes minutes or days: the Export of vonageinsights and
// the Backfill of ringsense make one. Its [Checkpoint], a short text that is stored
// together with what was read, lets another run go on from there, and its
// [Progress] tells how far it has come.
//
// # Events
//
// The handlers of ringsense and whippy hand each event to a function of yours, and
// acknowledge it when that returns nil. Which events were handled is in a
// [DeliveryLog]: [NewMemoryDeliveryLog] makes one that ends with the program, and a
// table of yours makes one that does not. [Permanent] marks the error of an event
// that no repetition will mend.
//
// # Retries
//
// Calls that failed in passing are repeated, as often and for as long as a
// [RetryPolicy] says, whose zero value is the default. Each package describes what
// is repeated, and when.
//
// # Watching
//
// An [Observation] is what a client tells, for metrics and traces, of every call
// that ended: which one it was, how long it took, with how many attempts, and what
// is left of a [RateLimit].
package callinsights
