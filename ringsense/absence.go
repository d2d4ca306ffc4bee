package ringsense

import (
	"encoding/json"
	"errors"
	"net/http"
)

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
	return redirected || e.Code == "AGW-404"
}
