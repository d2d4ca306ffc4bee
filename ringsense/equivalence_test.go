package ringsense_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/ringsense"
)

func decodeRecording(t testing.TB, doc []byte) *ringsense.RecordingInsights {
	t.Helper()
	return jsontest.Decodes[ringsense.RecordingInsights](t, doc, aliased(doc)...)
}

func TestRecordingVariants(t *testing.T) {
	t.Parallel()
	for _, name := range recordings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := document(t, name)
			jsontest.Equivalent(t, doc, decodeRecording, nil, nil)
			jsontest.RefusesCuts[ringsense.RecordingInsights](t, doc)
		})
	}
}

func TestSessionVariants(t *testing.T) {
	t.Parallel()
	doc := document(t, session)
	jsontest.Equivalent(t, doc, func(t testing.TB, doc []byte) *ringsense.SessionInsights {
		t.Helper()
		return jsontest.Decodes[ringsense.SessionInsights](t, doc, aliased(doc)...)
	}, nil, nil)
	jsontest.RefusesCuts[ringsense.SessionInsights](t, doc)
}

// TestEventVariants: an event in which a member that decides what becomes of it
// is there twice is refused.
func TestEventVariants(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"event.json", "event_reminder.json", "meeting.json"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := document(t, name)
			unlike := []string{"event", "body", "uuid", "subscriptionId", "sourceRecordId"}
			jsontest.Equivalent(t, doc, func(_ testing.TB, doc []byte) *ringsense.Event {
				checkEvent(t, doc)
				event, err := ringsense.ParseEvent(doc)
				if err == nil && event.Filter == "" {
					jsontest.Oracle(t, doc, event.Insights, aliased(doc)...)
				}
				return event
			}, unlike, nil)
			jsontest.RefusesCuts[ringsense.Event](t, doc)
		})
	}
}

func TestSubscriptionVariants(t *testing.T) {
	t.Parallel()
	doc := document(t, subscriptionDocument)
	jsontest.Equivalent(t, doc, func(t testing.TB, doc []byte) *ringsense.Subscription {
		t.Helper()
		return jsontest.Decodes[ringsense.Subscription](t, doc)
	}, nil, nil)
	jsontest.RefusesCuts[ringsense.Subscription](t, doc)
}

func TestCallRecordVariants(t *testing.T) {
	t.Parallel()
	doc := document(t, callDocument)
	jsontest.Equivalent(t, doc, func(t testing.TB, doc []byte) *ringsense.CallRecord {
		t.Helper()
		return jsontest.Decodes[ringsense.CallRecord](t, doc)
	}, nil, nil)
	jsontest.RefusesCuts[ringsense.CallRecord](t, doc)
}

func TestPermissionVariants(t *testing.T) {
	t.Parallel()
	doc := document(t, "permission_check.json")
	jsontest.Equivalent(t, doc, func(t testing.TB, doc []byte) *ringsense.PermissionCheck {
		t.Helper()
		return jsontest.Decodes[ringsense.PermissionCheck](t, doc)
	}, nil, nil)
	jsontest.RefusesCuts[ringsense.PermissionCheck](t, doc)
}

// forAll checks all variants of a document, and what is left of it when it is
// cut anywhere.
func forAll(t *testing.T, doc string, check func(*testing.T, []byte)) {
	t.Helper()
	for v := range jsontest.Variants([]byte(doc)) {
		if check(t, v.Doc); t.Failed() {
			t.Fatalf("%s: %q, in the document\n%s", v.Change, v.Path, v.Doc)
		}
	}
	for cut := range len(doc) {
		if check(t, []byte(doc[:cut])); t.Failed() {
			t.Fatalf("cut at %d", cut)
		}
	}
}

// members returns what encoding/json finds in doc, after a byte order mark, and
// false if that is no object.
func members(doc []byte) (map[string]json.RawMessage, bool) {
	var all map[string]json.RawMessage
	err := json.Unmarshal(bytes.TrimPrefix(doc, []byte("\ufeff")), &all)
	return all, err == nil && all != nil
}

// elements returns those of a list, and false if raw is none.
func elements(raw json.RawMessage) ([]json.RawMessage, bool) {
	var list []json.RawMessage
	err := json.Unmarshal(raw, &list)
	return list, err == nil && list != nil
}

// decodeAlone decodes an element of a list, and returns nil if it is refused. What
// is empty there stands for an empty object.
func decodeAlone[T any, PT interface {
	*T
	json.Unmarshaler
}](t *testing.T, text json.RawMessage,
) *T {
	t.Helper()
	if inner := strings.Join(strings.Fields(string(text)), ""); inner == "null" || inner == `""` || inner == "[]" {
		return new(T)
	}
	return jsontest.Decodes[T, PT](t, text)
}

const smallLog = `{"uri":"x","records":[{"id":"a","startTime":"1999-03-01T09:10:00Z","recording":{"id":4}},null,{"id":7,"duration":"long","legs":[{"recording":{"id":"2"}},null]}],` +
	`"navigation":{"firstPage":{"uri":7},"nextPage":{"uri":"?page\u003d2"}},"paging":{"totalPages":9}}`

func TestCallLogPageVariants(t *testing.T) {
	t.Parallel()
	forAll(t, smallLog, checkCallLogPage)
}

// FuzzCallLogDocument: the calls of a page are what each of them is alone.
func FuzzCallLogDocument(f *testing.F) {
	f.Add([]byte(smallLog))
	f.Add([]byte(`{"navigation":null,"records":[{"id":"b","billing":{"costIncluded":"free"},"recording":{"id":2}}]}`))
	f.Fuzz(checkCallLogPage)
}

func checkCallLogPage(t *testing.T, doc []byte) {
	t.Helper()
	calls, nextPage, err := ringsense.DecodeCallLogPage(doc)
	page, ok := members(doc)
	if err != nil {
		return
	}
	if !ok {
		t.Fatal("accepted what is no object")
	}
	records, _ := elements(page["records"])
	if len(calls) != len(records) {
		t.Fatalf("got %d calls, want %d", len(calls), len(records))
	}
	for i, call := range calls {
		checkListedCall(t, call, records[i])
	}
	navigation, _ := members(page["navigation"])
	next, _ := members(navigation["nextPage"])
	var uri string
	if text := next["uri"]; text != nil && json.Unmarshal(text, &uri) != nil {
		return // a number, whose text it is
	}
	if uri != nextPage {
		t.Errorf("got the next page %q, want %q", nextPage, uri)
	}
}

// checkListedCall compares a call of a page with the same call alone.
func checkListedCall(t *testing.T, call ringsense.ListedCall, text json.RawMessage) {
	t.Helper()
	if call.Record.RawJSON() != string(text) && string(text) != "null" {
		t.Errorf("got the text %q, want %q", call.Record.RawJSON(), text)
	}
	alone := decodeAlone[ringsense.CallRecord](t, text)
	if (alone == nil) != (call.Fault != nil) {
		t.Errorf("got the fault %v; alone the call is refused: %v", call.Fault, alone == nil)
	}
	if alone == nil {
		return
	}
	if diff := gocmp.Diff(alone, call.Record, exportedOnly()); diff != "" {
		t.Errorf("the call differs from itself alone (-want +got):\n%s", diff)
	}
}

const smallList = `{"uri":"x","records":[{"id":"a","eventFilters":["/x\/y"],"expiresIn":"60"},null,{"id":7,"deliveryMode":{"address":"https://a.test/"},"new":[1]}]}`

func TestSubscriptionListVariants(t *testing.T) {
	t.Parallel()
	forAll(t, smallList, checkSubscriptions)
}

// FuzzSubscriptions: the subscriptions of a list are what each of them is alone.
func FuzzSubscriptions(f *testing.F) {
	f.Add([]byte(smallList))
	f.Add([]byte(`{"records":[],"records":[{}]}`))
	f.Fuzz(checkSubscriptions)
}

func checkSubscriptions(t *testing.T, doc []byte) {
	t.Helper()
	list, err := ringsense.DecodeSubscriptions(doc)
	all, ok := members(doc)
	if err != nil {
		return
	}
	records, isList := elements(all["records"])
	if !ok {
		t.Fatal("accepted what is no object")
	}
	if !isList { // the list was there before, under the same name
		return
	}
	if len(list) != len(records) {
		t.Fatalf("got %d subscriptions, want %d", len(list), len(records))
	}
	for i, got := range list {
		want := decodeAlone[ringsense.Subscription](t, records[i])
		if diff := gocmp.Diff(want, got, exportedOnly()); diff != "" {
			t.Errorf("subscription %d differs from itself alone (-want +got):\n%s", i, diff)
		}
	}
}

const smallError = `{"errorCode":"CMN-101","message":"no \/ \u00e9","error":true,"error_description":7,"permissionName":null,` +
	`"errors":[{"errorCode":"OAU-213","message":["x"],"parameters":[{"parameterName":"a"},{}]},"b",{"permissionName":"c","parameterName":4},null]}`

func TestErrorVariants(t *testing.T) {
	t.Parallel()
	forAll(t, smallError, checkErrorBody)
}

// FuzzErrorDocument: code, message and details of an error are what
// encoding/json finds in its body.
func FuzzErrorDocument(f *testing.F) {
	f.Add([]byte(smallError))
	f.Add([]byte(`{"error":"invalid_grant","error_description":"x","errors":[{"errorCode":1.50}]}`))
	f.Add([]byte(`{"permissionName":"ReadAccounts","errors":{}}`))
	f.Fuzz(checkErrorBody)
}

func checkErrorBody(t *testing.T, doc []byte) {
	t.Helper()
	got := ringsense.Explain(doc)
	want := ringsense.Error{}
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(doc, []byte("\ufeff"))))
	dec.UseNumber()
	var body map[string]any
	if dec.Decode(&body) == nil && body != nil && errors.Is(dec.Decode(new(any)), io.EOF) && jsonpull.Parse(string(doc), (*jsonpull.Decoder).Skip) == nil {
		want.Details = detailsOf(body)
		first := ringsense.ErrorDetail{}
		if list, _ := body["errors"].([]any); len(list) > 0 {
			first = want.Details[0]
		}
		want.Code = cmp.Or(first.Code, textOf(body["errorCode"]), textOf(body["error"]))
		want.Message = cmp.Or(first.Message, textOf(body["message"]), textOf(body["error_description"]))
	}
	if isAmbiguous(body, doc) {
		return
	}
	if diff := gocmp.Diff(want, ringsense.Error{Code: got.Code, Message: got.Message, Details: got.Details}, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(want)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// isAmbiguous reports whether the order of members decides, which a map does not
// keep: an error has errors twice, or a single one names several parameters.
func isAmbiguous(body any, doc []byte) bool {
	switch value := body.(type) {
	case map[string]any:
		names := 0
		for name, member := range value {
			if name == "parameters" || name == "parameterName" || name == "permissionName" {
				names++
			}
			if isAmbiguous(member, nil) {
				return true
			}
		}
		if doc == nil && names > 1 {
			return true
		}
	case []any:
		for _, element := range value {
			if isAmbiguous(element, nil) {
				return true
			}
		}
	}
	return bytes.Count(doc, []byte("rrors")) > 1 || bytes.Contains(doc, []byte(`\u00`)) && bytes.Count(doc, []byte("[")) > 1
}

func detailsOf(body map[string]any) (details []ringsense.ErrorDetail) {
	list, _ := body["errors"].([]any)
	for _, single := range list {
		fields, ok := single.(map[string]any)
		if !ok {
			details = append(details, ringsense.ErrorDetail{Message: textOf(single)})
			continue
		}
		details = append(details, ringsense.ErrorDetail{
			Code: textOf(fields["errorCode"]), Message: textOf(fields["message"]), Parameter: parameterOf(fields),
		})
	}
	if name := textOf(body["permissionName"]); name != "" && len(details) == 0 {
		return []ringsense.ErrorDetail{{Code: textOf(body["errorCode"]), Message: textOf(body["message"]), Parameter: name}}
	}
	return details
}

// parameterOf returns the parameter that a single error names. Of several, of
// which the last counts, it cannot tell.
func parameterOf(fields map[string]any) string {
	if value, ok := fields["parameters"]; ok {
		list, _ := value.([]any)
		if len(list) == 0 {
			return ""
		}
		first, _ := list[0].(map[string]any)
		return parameterOf(first)
	}
	return cmp.Or(textOf(fields["parameterName"]), textOf(fields["permissionName"]))
}

func textOf(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	default:
		return ""
	}
}
