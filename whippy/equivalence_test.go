package whippy_test

import (
	"testing"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/whippy"
)

// texts are what call.tolerated.json has that is JSON and becomes a text, with
// the white space that it has.
var texts = []string{"o", "translated_body", "translation_language"}

// TestEventVariants: an event of which the type or the data is there twice is
// refused.
func TestEventVariants(t *testing.T) {
	t.Parallel()
	for _, name := range append(callNames, "message.created.json") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := golden(t, name)
			jsontest.Equivalent(t, doc, func(_ testing.TB, doc []byte) *whippy.Event {
				checkEvent(t, doc)
				event, _ := whippy.ParseEvent(doc)
				return event
			}, []string{"event", "data"}, texts)
			jsontest.RefusesCuts[whippy.Event](t, doc)
		})
	}
}

// TestCallVariants covers what an event cannot: members that are repeated, in a
// call and a message alone.
func TestCallVariants(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"call.analyzed.json", "call.tolerated.json"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, doc, ok := readEnvelope(golden(t, name))
			if !ok {
				t.Fatal("the document is no event")
			}
			jsontest.Equivalent(t, doc, decodeCall, nil, texts)
			jsontest.RefusesCuts[whippy.Call](t, doc)
			jsontest.RefusesCuts[whippy.Message](t, doc)
		})
	}
}

func decodeCall(t testing.TB, doc []byte) *whippy.Call {
	t.Helper()
	return jsontest.Decodes[whippy.Call](t, doc, "CustomAnalysisData")
}

// FuzzCall: a call is what encoding/json finds in it, and a message is the same.
func FuzzCall(f *testing.F) {
	f.Add([]byte(`{"id":"c-1","created_at":"2026-05-04T13:20:11.60423Z","user_id":42,"from":null,"attachments":["u",{"url":"v"}]}`))
	f.Add([]byte(`{"metadata":{"duration":"5.5","placeholders_data":{"a||b":true,"c":1},"analysis":{"call_successful":"true","x":1}},"body":"\u0061"}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		call := decodeCall(t, doc)
		message := jsontest.Decodes[whippy.Message](t, doc, "CustomAnalysisData")
		if (call == nil) != (message == nil) {
			t.Error("taken for a call and not for a message, or the other way round")
		}
	})
}
