package ringsensetest

import (
	"encoding/json"
	"net/http"
)

// errorAnswer is an error of the service. Its three shapes of body are those
// of developers.ringcentral.com/guide/basics/errors, and the one with errors
// alone, which is not documented and was seen from the insights endpoints.
type errorAnswer struct {
	status int
	body   errorBody
}

type errorBody struct {
	ErrorCode   string        `json:"errorCode,omitempty"`
	Message     string        `json:"message,omitempty"`
	OAuth       string        `json:"error,omitempty"`
	Description string        `json:"error_description,omitempty"`
	Errors      []errorDetail `json:"errors"`
	Permission  string        `json:"permissionName,omitempty"`
}

type errorDetail struct {
	ErrorCode  string `json:"errorCode"`
	Message    string `json:"message"`
	Parameter  string `json:"parameterName,omitempty"`
	Permission string `json:"permissionName,omitempty"`
}

func (e *errorAnswer) write(w http.ResponseWriter) { writeJSON(w, e.status, e.body) }

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(encode(v)) //nolint:gosec // JSON, not HTML; and a sender who has gone away is no concern of ours
}

func encode(v any) []byte {
	data, _ := json.Marshal(v) //nolint:errchkjson // of values that always encode
	return data
}

// restError has the same code on top and in the list.
func restError(status int, detail errorDetail) *errorAnswer {
	return &errorAnswer{status, errorBody{
		ErrorCode: detail.ErrorCode, Message: detail.Message, Errors: []errorDetail{detail}, Permission: detail.Permission,
	}}
}

// oauthError has an OAuth code on top and the service's own in the list. Which
// of those goes with which fault is a guess from the list of codes.
func oauthError(oauth, code, message string) *errorAnswer {
	return &errorAnswer{http.StatusBadRequest, errorBody{
		OAuth: oauth, Description: message, Errors: []errorDetail{{ErrorCode: code, Message: message}},
	}}
}

// Not documented but seen in the field: AGW-402 and AGW-404 from the gateway.
func noBearer() *errorAnswer {
	return restError(http.StatusUnauthorized, errorDetail{ErrorCode: "AGW-402", Message: "Invalid Authorization header"})
}

func unknownPath() *errorAnswer {
	return restError(http.StatusNotFound, errorDetail{ErrorCode: "AGW-404", Message: "Resource not found"})
}

// Seen in the field: OAU-210 for an expired token and OAU-213 for an unknown
// one, below an old word as the code on top.
func badToken(code, message string) *errorAnswer {
	return &errorAnswer{http.StatusUnauthorized, errorBody{
		ErrorCode: "TokenInvalid", Message: message, Errors: []errorDetail{{ErrorCode: code, Message: message}},
	}}
}

// The page on errors has an old word as the code on top here too.
func noScope(scope string) *errorAnswer {
	message := "The application needs the " + scope + " permission"
	return &errorAnswer{http.StatusForbidden, errorBody{
		ErrorCode: "InsufficientPermissions", Message: message, Permission: scope,
		Errors: []errorDetail{{ErrorCode: "CMN-401", Message: message, Permission: scope}},
	}}
}

// Seen in the field: errors alone.
func noPermission() *errorAnswer {
	return &errorAnswer{http.StatusForbidden, errorBody{Errors: []errorDetail{{
		ErrorCode: "RAH-3005", Message: "The user may not access insights", Permission: "ReadRingSenseInsights",
	}}}}
}

// Seen in the field: errors alone.
func noInsights() *errorAnswer {
	return &errorAnswer{http.StatusNotFound, errorBody{Errors: []errorDetail{{
		ErrorCode: "RAH-3001", Message: "Insights not found",
	}}}}
}

// A guess, from the meaning that the page on errors gives the code.
func otherAccount() *errorAnswer {
	return restError(http.StatusNotFound, errorDetail{
		ErrorCode: "CMN-102", Message: "Resource for parameter [accountId] is not found", Parameter: "accountId",
	})
}
