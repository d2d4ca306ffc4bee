package callinsights

import "time"

// Observation is what a client tells its observer about a call that ended,
// well or not: enough for metrics and traces. Like errors, it holds neither
// credentials nor query strings nor bodies.
type Observation struct {
	// Vendor and Op name the call: the package, such as "ringsense", and the
	// method, such as "RecordingInsights".
	Vendor, Op string
	// Method and Path are those of the request, the path escaped and without
	// the query. It holds ids: do not use it as a label of a metric. It is empty
	// for a file that is downloaded, whose URL may open it.
	Method, Path string
	// Start is when the call began, and Duration how long it took with all
	// attempts and waits. For a streamed answer it ends when the caller has
	// taken the last value, so it includes the caller's own time.
	Start    time.Time
	Duration time.Duration
	// Attempts counts the requests sent, 0 if the call was refused before.
	Attempts int
	// StatusCode is the status of the last answer, 0 if none arrived.
	StatusCode int
	// RequestID is what the service calls the last request, if it said so.
	RequestID string
	// RateLimit is the state of the rate limit as the last answer gave it, the
	// zero value where it said nothing.
	RateLimit RateLimit
	// Err is the error that the call returned, nil after success.
	Err error
}

// RateLimit is what a service says about the rate limit of a call.
type RateLimit struct {
	// Group names the calls that share the limit, empty where there are no groups.
	Group string
	// Limit is the number of requests allowed within Window, and Remaining how
	// many of them are left.
	Limit, Remaining int
	// Window is the time that Limit applies to.
	Window time.Duration
}
