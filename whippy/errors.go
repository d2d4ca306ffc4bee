package whippy

import "github.com/callinsights/callinsights-go"

// What the packages of this module share, under the names of this one.
type (
	// Error is an operation that failed: which one, and the cause.
	Error = callinsights.Error
	// ErrorDetail is one of several errors in an answer.
	ErrorDetail = callinsights.ErrorDetail
	// DecodeError says where a document could not be decoded.
	DecodeError = callinsights.DecodeError
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

// ErrInvalidResponse is the kind of failure of [ParseEvent], for [errors.Is]:
// what the service sent cannot be used.
var ErrInvalidResponse = callinsights.ErrInvalidResponse

const vendor = "whippy"
