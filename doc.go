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
// # Errors
//
// Every failed call returns an [*Error], which says what was asked, what came
// back and how often it was tried, and which matches the sentinel of its kind:
//
//	if errors.Is(err, ringsense.ErrNotFound) { ... }
//
// The packages re-export [Error] and the sentinels, so that a program imports
// one package only. No error text and no log line holds a credential, a query
// string or the body of an answer, and no value of this module shows a
// credential however it is printed.
//
// # Conversations
//
// What was said reads the same from all three services: as a sequence of
// [Turn] values, which [WriteTranscript] writes as text, Markdown or captions.
package callinsights
