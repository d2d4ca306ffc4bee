package fault

// KindError is one of the errors that package callinsights and the packages of the
// services export, each under the same name. As a constant it is the same value
// in all of them, and none has to copy it when a program starts.
type KindError string

// The kinds of failure, which package callinsights describes.
const (
	ErrInvalidRequest  KindError = "invalid request"
	ErrUnauthorized    KindError = "unauthorized"
	ErrForbidden       KindError = "forbidden"
	ErrNotFound        KindError = "not found"
	ErrRateLimited     KindError = "rate limited"
	ErrUnavailable     KindError = "service unavailable"
	ErrInvalidResponse KindError = "invalid response"
)

// The errors of a delivery log, which package callinsights describes.
const (
	ErrClaimLost KindError = "the claim is not held any more"
	ErrBusy      KindError = "the event is being handled"
)

// Error names the kind.
func (k KindError) Error() string { return string(k) }

// Kinds are the kinds of failure.
func Kinds() [7]error {
	return [...]error{ErrInvalidRequest, ErrUnauthorized, ErrForbidden, ErrNotFound, ErrRateLimited, ErrUnavailable, ErrInvalidResponse}
}
