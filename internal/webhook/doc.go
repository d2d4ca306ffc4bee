// Package webhook is what every receiver of events shares: which requests are
// refused and how, that an event is handled once, and that it is acknowledged
// only when it was.
//
// The order of work is that of receive: a deadline for reading, the method, the
// headers, the secret where it is a header, the limit, the body, the signature
// over its exact bytes, the envelope, the delivery log, the function, the answer.
//
// A request is answered with 2xx only if the function returned nil for its
// event, now or earlier, or if the dead letter function took it, as it takes also
// what cannot be decoded: once, by the same log. From this follows the promise:
// every event is handled at least once while the sender repeats it, and exactly
// once while the function returns within its lease and Commit succeeds, across
// restarts if the delivery log outlives them.
package webhook
