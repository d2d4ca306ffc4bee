package vonageinsights

import (
	"cmp"
	"net/http"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// What the packages of this module share, under the names of this one.
type (
	// Error is a call that failed.
	Error = callinsights.Error
	// ErrorDetail is one of several errors in an answer. This service sends none.
	ErrorDetail = callinsights.ErrorDetail
	// DecodeError says where an answer could not be decoded.
	DecodeError = callinsights.DecodeError
	// RetryPolicy says how a client repeats a call that failed in passing.
	RetryPolicy = callinsights.RetryPolicy
	// Observation is what an observer learns about a call that ended.
	Observation = callinsights.Observation
	// Turn is one utterance of a conversation.
	Turn = callinsights.Turn
	// Role is the side that a speaker is on.
	Role = callinsights.Role
	// Checkpoint is a place in an export, from which another one goes on.
	Checkpoint = callinsights.Checkpoint
	// Progress is how far an export has come.
	Progress = callinsights.Progress
)

// The roles of a [Turn].
const (
	RoleAgent    = callinsights.RoleAgent    // the virtual agent
	RoleCustomer = callinsights.RoleCustomer // the caller
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
)

// explain fills in what the body of an error says, in whatever member it says
// so: no page shows one. The service answers 401 to invalid parameters and
// 404 only to calls for one session, says
// studio.docs.ai.vonage.com/api-integration/vai-integration-guide.
func (c *Client) explain(e *Error, body []byte) {
	var doc errorBody
	if jsonpull.ParseObject(string(body), doc.decode) == nil {
		e.Message = doc.text()
	}
	switch e.StatusCode {
	case http.StatusUnauthorized:
		if c.keys.proven() {
			e.Err = fault.New(
				"this key was accepted before: the dates or the filter may be invalid, or the key has been replaced since",
				ErrUnauthorized, ErrInvalidRequest,
			)
		} else {
			e.Err = fault.New(
				"the API key may be wrong, replaced or of another account; the service also answers so to invalid dates and filters",
				ErrUnauthorized,
			)
		}
	case http.StatusNotFound:
		e.Err = fault.New(c.absent(e.Op), ErrNotFound)
	}
}

// absent says what a 404 may come from.
func (c *Client) absent(op string) string {
	switch op {
	case opSession, opDeleteSession, opWait:
		return "no session of this id that began on this date (in UTC) in region " + string(c.region) +
			": the id, the date or the region may be wrong"
	case opFindSession:
		return "no session of this id in region " + string(c.region) + ": the id or the region may be wrong"
	default:
		return "the service does not know the path: the base URL may be wrong"
	}
}

type errorBody struct{ message, err, detail, msg string }

func (b *errorBody) text() string { return cmp.Or(b.message, b.err, b.detail, b.msg) }

func (b *errorBody) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "message":
			b.message = errorText(d)
		case "error":
			b.err = errorText(d)
		case "detail":
			b.detail = errorText(d)
		case "msg":
			b.msg = errorText(d)
		}
	}
}

// errorText takes a text, or that of an error inside of the error.
func errorText(d *jsonpull.Decoder) string {
	switch d.Kind() {
	case '{':
		var inner errorBody
		inner.decode(d)
		return inner.text()
	case '[':
		d.Skip()
		return ""
	default:
		return d.String()
	}
}
