package whippy

import (
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
)

// What the packages of this module share, under the names of this one.
type (
	// Error is an operation that failed: which one, and the cause.
	Error = callinsights.Error
	// ErrorDetail is one of several errors in an answer.
	ErrorDetail = callinsights.ErrorDetail
	// DecodeError says where a document could not be decoded.
	DecodeError = callinsights.DecodeError
	// RetryPolicy says how a client repeats a call that failed in passing.
	RetryPolicy = callinsights.RetryPolicy
	// Observation is what an observer learns about a call that ended.
	Observation = callinsights.Observation
	// DeliveryLog is the memory of the events that a handler has handled.
	DeliveryLog = callinsights.DeliveryLog
	// Claim is the answer of [callinsights.DeliveryLog.Begin].
	Claim = callinsights.Claim
	// ClaimState is what a [DeliveryLog] knows of an event.
	ClaimState = callinsights.ClaimState
	// MemoryDeliveryLog is a [DeliveryLog] in memory.
	MemoryDeliveryLog = callinsights.MemoryDeliveryLog
	// Turn is one utterance of a call.
	Turn = callinsights.Turn
	// Role is the side that a speaker is on.
	Role = callinsights.Role
	// Seconds is an offset inside a recording.
	Seconds = callinsights.Seconds
)

// The roles of a [Turn].
const (
	RoleAgent    = callinsights.RoleAgent    // a user or an AI agent of the account
	RoleCustomer = callinsights.RoleCustomer // the other side
)

// The states of a [Claim].
const (
	ClaimNew  = callinsights.ClaimNew
	ClaimBusy = callinsights.ClaimBusy
	ClaimDone = callinsights.ClaimDone
)

// The kinds of failure, for [errors.Is]. They are the values of package
// callinsights, which describes them.
var (
	ErrInvalidRequest  error = fault.ErrInvalidRequest
	ErrUnauthorized    error = fault.ErrUnauthorized
	ErrForbidden       error = fault.ErrForbidden
	ErrNotFound        error = fault.ErrNotFound
	ErrRateLimited     error = fault.ErrRateLimited
	ErrUnavailable     error = fault.ErrUnavailable
	ErrInvalidResponse error = fault.ErrInvalidResponse

	// ErrBusy says that an event is being handled by somebody else.
	ErrBusy error = fault.ErrBusy
	// ErrClaimLost says that a token of a [DeliveryLog] does not hold its claim.
	ErrClaimLost error = fault.ErrClaimLost
)

// NewMemoryDeliveryLog is [callinsights.NewMemoryDeliveryLog].
func NewMemoryDeliveryLog(capacity int, ttl time.Duration) *MemoryDeliveryLog {
	return callinsights.NewMemoryDeliveryLog(capacity, ttl)
}

// Permanent marks an error of the function of a handler as one that no repetition
// will mend; see [callinsights.Permanent] and [WithDeadLetter].
func Permanent(err error) error { return callinsights.Permanent(err) }

// IsPermanent reports whether err was marked with [Permanent].
func IsPermanent(err error) bool { return callinsights.IsPermanent(err) }

const vendor = "whippy"
