package ringsense

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// What the packages of this module share, under the names of this one.
type (
	// Error is a call that failed.
	Error = callinsights.Error
	// ErrorDetail is one of several errors in an answer. Its Parameter is the
	// name of the parameter, or of the scope or permission, at fault.
	ErrorDetail = callinsights.ErrorDetail
	// DecodeError says where an answer could not be decoded.
	DecodeError = callinsights.DecodeError
	// RetryPolicy says how a client repeats a call that failed in passing.
	RetryPolicy = callinsights.RetryPolicy
	// Observation is what an observer learns about a call that ended.
	Observation = callinsights.Observation
	// RateLimit is the state of a rate limit, part of an [Observation].
	RateLimit = callinsights.RateLimit
	// Turn is one utterance of a conversation.
	Turn = callinsights.Turn
	// Role is the side that a speaker is on.
	Role = callinsights.Role
	// Checkpoint is a place in a backfill, from which another one goes on.
	Checkpoint = callinsights.Checkpoint
	// Progress is how far a backfill has come.
	Progress = callinsights.Progress
	// Seconds is an offset inside a recording.
	Seconds = callinsights.Seconds
	// DeliveryLog is the memory of the events that a handler has handled.
	DeliveryLog = callinsights.DeliveryLog
	// Claim is the answer of [callinsights.DeliveryLog.Begin].
	Claim = callinsights.Claim
	// ClaimState is what a [DeliveryLog] knows of an event.
	ClaimState = callinsights.ClaimState
	// MemoryDeliveryLog is a [DeliveryLog] in memory.
	MemoryDeliveryLog = callinsights.MemoryDeliveryLog
)

// The roles of a [Turn].
const (
	RoleAgent    = callinsights.RoleAgent    // a user of the account
	RoleCustomer = callinsights.RoleCustomer // somebody outside of it
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

// The states of a [Claim].
const (
	ClaimNew  = callinsights.ClaimNew
	ClaimBusy = callinsights.ClaimBusy
	ClaimDone = callinsights.ClaimDone
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

// The failures that this service tells apart within a kind. The codes are on
// developers.ringcentral.com/guide/basics/errors, but for those that begin with
// RAH, which no page lists.
var (
	// ErrScopeMissing: the app has not the scope that the call needs (403 with
	// code CMN-401). It also matches [ErrForbidden].
	ErrScopeMissing = fault.New("the app lacks a scope, RingSense for insights: "+
		"add it in the developer console, then use a new access token, and if that does not help a new JWT credential", fault.ErrForbidden)
	// ErrPermissionMissing: the user has not the permission that the call
	// needs (403 with code CMN-408 or RAH-3005). It also matches [ErrForbidden].
	ErrPermissionMissing = fault.New("the user lacks a permission: for insights the user's role needs both "+
		`"AI Conversation Expert - Access Insights" (ReadRingSenseInsights) and ReadCompanyCallRecording`, fault.ErrForbidden)
	// ErrInsightsNotFound: there are no insights under this id in this domain
	// (404 with code RAH-3001). The service does not say why: they may not be
	// ready yet, the owner of the recording may have no licence, the call may
	// not have been recorded, they may be past their retention time, the id or
	// the domain may be wrong, or the id may be one of another account. A wait
	// that ended while a recording was without the wanted insights matches it
	// too. It also matches [ErrNotFound].
	ErrInsightsNotFound = fault.New("no insights: they "+absentInsights, fault.ErrNotFound)
)

// The texts of causes that have no sentinel of their own.
const (
	absentInsights = "may not be ready yet, the owner may have no licence, the call may not have been recorded, " +
		"they may be past their retention time (one year by default), or the id or the domain is wrong, or the id is one of another account"
	unknownThing = "the service knows nothing under an id of the request, which the details name, if any: " +
		"it is misspelt, or of another account than that of the login (see WithAccount)"
	unknownPath = "the gateway does not know the path: the base URL may hold more than the host, " +
		"or AI Conversation Expert (RingSense) is not provisioned for the account"
	refusedToken = "the access token was refused: it may be expired, revoked or of another environment, " +
		"or pushed out by too many parallel logins of the same user and app"
)

// explain fills in what the body of an error says. A body that is not an error
// of the service, such as the page of a proxy, leaves all but the cause empty.
func explain(e *Error, body []byte) {
	var doc errorBody
	if jsonpull.ParseObject(string(body), doc.decode) == nil {
		doc.fill(e)
	}
	e.Err = causeOf(e)
}

// causeOf decides by codes, as texts are translated and change. What it advises
// depends on the operation.
func causeOf(e *Error) error {
	has := func(codes ...string) bool {
		return slices.Contains(codes, e.Code) || slices.ContainsFunc(e.Details, func(d ErrorDetail) bool {
			return slices.Contains(codes, d.Code)
		})
	}
	switch e.StatusCode {
	case http.StatusUnauthorized:
		return fault.New(refusedToken, ErrUnauthorized)
	case http.StatusForbidden:
		switch {
		case has("CMN-401"):
			return scopeMissing(e.Op)
		case has("RAH-3005"):
			return ErrPermissionMissing
		case has("CMN-408"):
			return permissionMissing(e.Op)
		}
	case http.StatusNotFound:
		switch {
		case has("RAH-3001"):
			return fault.New(absence(e), ErrInsightsNotFound)
		case has(codeUnknownPath):
			return fault.New(pathHint(e.Op), ErrNotFound)
		case has("CMN-102") && namesSubscription(e.Op):
			return fault.New("the subscription does not exist, or has ended: make it anew", ErrNotFound)
		case has("CMN-102"):
			return fault.New(unknownThing, ErrNotFound)
		case readsInsights(e.Op):
			return fault.New(absence(e, unknownPath), ErrNotFound)
		}
	}
	return subscriptionHint(has)
}

// absence says why there may be no insights, after what the service says of that,
// and where they were looked for.
func absence(e *Error, others ...string) string {
	text := "the insights " + absentInsights
	if !readsInsights(e.Op) {
		return text
	}
	segments := strings.Split(e.Path, "/") // .../domains/{domain}/{kind}/{id}/insights
	domain, kind, id := segments[len(segments)-4], segments[len(segments)-3], segments[len(segments)-2]
	if domain == string(DomainPBX) && kind == "sessions" && !strings.HasPrefix(id, "s-") {
		others = append(others, "for phone calls it is the telephonySessionId, s-..., not the sessionId")
	}
	for _, other := range others {
		text += "; or " + other
	}
	return text + " (asked for in domain " + domain + ")"
}

// namesSubscription reports whether an operation is about one subscription, which
// is there already.
func namesSubscription(op string) bool {
	switch op {
	case opSubscription, opUpdateSubscription, opRenewSubscription, opUnsubscribe:
		return true
	}
	return false
}

// readsInsights reports whether an operation asks for insights, so that advice
// about them fits.
func readsInsights(op string) bool {
	switch op {
	case opRecordingInsights, opSessionInsights, opWait:
		return true
	}
	return false
}

func scopeMissing(op string) error {
	if readsInsights(op) {
		return ErrScopeMissing
	}
	return fault.New("the app lacks a scope, which the details name: "+
		"add it in the developer console, then use a new access token", ErrScopeMissing)
}

func permissionMissing(op string) error {
	switch {
	case readsInsights(op):
		return ErrPermissionMissing
	case op == opCallRecordings:
		return fault.New(callLogPermission, ErrPermissionMissing)
	}
	return fault.New("the user lacks a permission, which the details name: give him a role that has it", ErrPermissionMissing)
}

func pathHint(op string) string {
	if readsInsights(op) {
		return unknownPath
	}
	return "the gateway does not know the path: it may be misspelt or incomplete, or the base URL may hold more than the host"
}

// subscriptionHint is what a code for subscriptions advises, nil for another.
// The codes are listed on developers.ringcentral.com/guide/basics/errors.
func subscriptionHint(has func(codes ...string) bool) error {
	switch {
	case has("SUB-505"):
		return errors.New("the user has too many subscriptions with this app, 30 at most: end some of those that Subscriptions lists")
	case has("SUB-507"):
		return errors.New("the subscription has ended: make a new one")
	case has("SUB-508"):
		return errors.New("the service does not know an event filter, or the app may not use it")
	case has("SUB-523"):
		return errors.New("the service sends events to https addresses only")
	case has("SUB-524"):
		return errors.New("the certificate of the address is not valid, or comes without those that it was issued by")
	case has("SUB-525"):
		return errors.New("the address did not answer the empty POST as it must: within 3 seconds, with status 200, " +
			"the header Validation-Token as it came, Content-Type application/json, and at most 1024 bytes in all; " +
			"with status 401 the handler may not know this VerificationToken")
	}
	return nil
}

// errorBody is the union of the shapes of error that the service has. Those of
// its gateway and REST interface have ErrorCode and Message, often with Errors;
// those of RingSense may have Errors alone; those of its OAuth endpoints have
// OAuth, Description and Errors.
type errorBody struct {
	ErrorCode, Message string
	OAuth, Description string
	Permission         string
	Errors             []ErrorDetail
}

func (b *errorBody) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "errorCode":
			b.ErrorCode = scalar(d)
		case "message":
			b.Message = scalar(d)
		case "error":
			b.OAuth = scalar(d)
		case "error_description":
			b.Description = scalar(d)
		case "permissionName":
			b.Permission = scalar(d)
		case "errors":
			if d.Kind() == '[' {
				b.Errors = jsonpull.List(d, decodeDetail)
			}
		}
	}
}

func decodeDetail(detail *ErrorDetail, d *jsonpull.Decoder) {
	if d.Kind() != '{' {
		detail.Message = scalar(d)
		return
	}
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "errorCode":
			detail.Code = scalar(d)
		case "message":
			detail.Message = scalar(d)
		case "parameterName", "permissionName":
			detail.Parameter = scalar(d)
		case "parameters":
			detail.Parameter = firstParameter(d)
		}
	}
}

// scalar takes a text, a number or a bool, and skips what is neither.
func scalar(d *jsonpull.Decoder) string {
	if kind := d.Kind(); kind == '{' || kind == '[' {
		d.Skip()
		return ""
	}
	return d.String()
}

// firstParameter takes the list of parameters of an OAuth error and returns the
// name of the first.
func firstParameter(d *jsonpull.Decoder) string {
	if d.Kind() != '[' {
		d.Skip()
		return ""
	}
	names := jsonpull.List(d, func(name *string, d *jsonpull.Decoder) {
		var detail ErrorDetail
		decodeDetail(&detail, d)
		*name = detail.Parameter
	})
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// fill prefers the code of the first single error, which is the stable one
// where the code on top is an old word such as InsufficientPermissions.
func (b *errorBody) fill(e *Error) {
	e.Details = b.Errors
	if len(e.Details) == 0 && b.Permission != "" {
		e.Details = []ErrorDetail{{Code: b.ErrorCode, Message: b.Message, Parameter: b.Permission}}
	}
	var first ErrorDetail
	if len(b.Errors) > 0 {
		first = b.Errors[0]
	}
	e.Code = cmp.Or(first.Code, b.ErrorCode, b.OAuth)
	e.Message = cmp.Or(first.Message, b.Message, b.Description)
}
