package vonageinsightstest

import (
	"encoding/json"
	"net/http"
)

// errorBody is the shape that another service of the platform uses in public samples.
// That of Insights is not documented.
type errorBody struct {
	StatusCode int    `json:"statusCode"`
	Message    string `json:"message"`
}

func writeError(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(encode(errorBody{status, message})) // a sender who has gone away is no concern of ours
}

func encode(v any) []byte {
	data, _ := json.Marshal(v) //nolint:errchkjson // of values that always encode
	return data
}

// writeInvalid answers invalid parameters with 401, as documented.
func writeInvalid(w http.ResponseWriter, reason error) {
	writeError(w, http.StatusUnauthorized, reason.Error())
}
