package ringsense

import (
	"net/http"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// ListedCall is a call of a page of the call log, and what of it was odd.
type ListedCall struct {
	Record *CallRecord
	Fault  *DecodeError
}

// DecodeCallLogPage decodes a page of the call log, and returns the address of
// the next one too.
func DecodeCallLogPage(body []byte) (calls []ListedCall, nextPage string, err error) {
	page, err := decodeCallLogPage(body)
	if err != nil {
		return nil, "", err
	}
	for _, listed := range page.records {
		calls = append(calls, ListedCall{listed.record, listed.fault})
	}
	return calls, page.nextPage, nil
}

// DecodeSubscriptions decodes a list of subscriptions.
func DecodeSubscriptions(body []byte) ([]*Subscription, error) {
	var list subscriptionList
	err := jsonpull.ParseObject(string(body), list.decode)
	return list.records, err
}

// Explain returns what the body of an error says.
func Explain(body []byte) *Error {
	e := &Error{StatusCode: http.StatusBadRequest}
	explain(e, body)
	return e
}
