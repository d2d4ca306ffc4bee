package ringsense

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/callinsights/callinsights-go/internal/fault"
)

// Why a recording has no insights, beside ErrInsightsNotFound. The texts are
// keys of Progress.Causes.
var (
	errNotFinished = errors.New("no insights: the service has the recording, and has not finished with it")
	errRefusedID   = errors.New("no insights: the id of the recording is none that can be asked for")
)

// absenceOf returns why a recording has no insights if err is about this
// recording, and else nil. What the service refuses with a code of its own is
// about this one if it has served another.
func absenceOf(err error, servedAnother bool) error {
	e, ok := errors.AsType[*Error](err)
	switch {
	case notYet(err):
		return ErrInsightsNotFound
	case !ok || concernsAll(err):
		return nil
	case e.Attempts == 0 && errors.Is(err, ErrInvalidRequest):
		return fault.New(errRefusedID.Error(), errRefusedID, err)
	case servedAnother && e.Code != "" && e.StatusCode/100 == 4 && !errors.Is(err, ErrUnavailable):
		return fault.New("no insights: the service refuses to give them, with "+strconv.Itoa(e.StatusCode)+" "+e.Code, err)
	}
	return nil
}

// notYet reports whether err says that there are no insights under an id, which
// may be so because they are still being made: by the service's code, or by an
// error of the service without any. A 404 that is no JSON comes from something
// else that does not know the path.
func notYet(err error) bool {
	if errors.Is(err, ErrInsightsNotFound) {
		return true
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || e.StatusCode != http.StatusNotFound || e.Code != "" {
		return false
	}
	var body map[string]json.RawMessage
	return json.Unmarshal(e.Body(), &body) == nil && body != nil
}

// codeUnknownPath is the code of the gateway for a path that it does not know.
const codeUnknownPath = "AGW-404"

// concernsAll reports whether the error of a call for the insights of one
// recording would meet all others too: it is about the caller's context, the
// login, its rights, the rate limit or the path. Any other may be a matter of
// that recording, such as an id that is refused, or no answer.
func concernsAll(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || isContextError(err) {
		return true
	}
	for _, kind := range []error{ErrUnauthorized, ErrScopeMissing, ErrPermissionMissing, ErrRateLimited} {
		if errors.Is(err, kind) {
			return true
		}
	}
	redirected := e.StatusCode >= 300 && e.StatusCode < 400
	return redirected || e.Code == codeUnknownPath
}
