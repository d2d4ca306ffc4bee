package whippy_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/whippy"
)

// The samples of the introduction and of the page on calls have one shape, of
// which the older one lacks a part; ids and times come in all their forms.
func TestMessage(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		data string
		want whippy.Message
	}{
		"nothing but an id": {`{"id":"m-1"}`, whippy.Message{ID: "m-1"}},
		"nulls":             {`{"id":"m-1","body":null,"user_id":null,"type":null,"metadata":null,"attachments":null}`, whippy.Message{ID: "m-1"}},
		"numbers for ids": {
			`{"id":17,"user_id":42,"contact_id":9007199254740993}`,
			whippy.Message{ID: "17", UserID: "42", ContactID: "9007199254740993"},
		},
		"a time with microseconds": {`{"id":"m-1","updated_at":"2026-03-09T15:04:07.318402Z"}`, whippy.Message{ID: "m-1", UpdatedAt: at("2026-03-09T15:04:07.318402Z")}},
		"a time with seconds":      {`{"id":"m-1","updated_at":"2026-03-09T15:04:07Z"}`, whippy.Message{ID: "m-1", UpdatedAt: at("2026-03-09T15:04:07Z")}},
		"a time without zone":      {`{"id":"m-1","updated_at":"2026-03-09T15:04:07"}`, whippy.Message{ID: "m-1", UpdatedAt: at("2026-03-09T15:04:07Z")}},
		"no time":                  {`{"id":"m-1","updated_at":""}`, whippy.Message{ID: "m-1"}},
		"files": {
			`{"id":"m-1","attachments":["https://files.test/a.png",{"content_type":"image/png","url":"https://files.test/b.png"}]}`,
			whippy.Message{ID: "m-1", Attachments: []whippy.Attachment{
				{URL: "https://files.test/a.png"}, {ContentType: "image/png", URL: "https://files.test/b.png"},
			}},
		},
		"more than is known": {
			`{"id":"m-1","segments":2,"metadata":{"type":"sms","cost":0.01}}`,
			whippy.Message{
				ID: "m-1", Extra: map[string]json.RawMessage{"segments": json.RawMessage("2")},
				Metadata: &whippy.Metadata{Type: "sms", Extra: map[string]json.RawMessage{"cost": json.RawMessage("0.01")}},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := parse(t, `{"data":`+test.data+`,"event":"message.updated"}`)
			got, ok := event.Data.(*whippy.Message)
			if !ok {
				t.Fatalf("got data of type %T; want a *whippy.Message", event.Data)
			}
			if diff := diff(&test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.RawJSON() != test.data {
				t.Errorf("RawJSON: got %s", got.RawJSON())
			}
			jsontest.RoundTrip(t, event)
			jsontest.RoundTrip(t, got)
		})
	}
}

// A call is a message of type call, and may come as one.
func TestMessageCall(t *testing.T) {
	t.Parallel()
	const data = `{"id":"c-1","type":"CALL","body":"User: Hi.\n","mode":"ai","metadata":{"duration":1500}}`
	message, ok := parse(t, `{"data":`+data+`,"event":"message.updated"}`).Data.(*whippy.Message)
	if !ok {
		t.Fatal("no message")
	}
	call, ok := message.Call()
	if !ok {
		t.Fatal("the message is no call")
	}
	if diff := diff(parseCall(t, data), call); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if duration, ok := call.Duration(); !ok || duration.Seconds() != 1.5 {
		t.Errorf("got %v, %v", duration, ok)
	}
	for name, other := range map[string]whippy.Message{"sms": {Type: whippy.MessageTypeSMS}, "an older sample": {}} {
		if _, ok := other.Call(); ok {
			t.Errorf("%s is a call", name)
		}
	}
}

func TestMessageAsJSON(t *testing.T) {
	t.Parallel()
	m := whippy.Message{ID: "m-1", Type: whippy.MessageTypeEmail, From: "ida@example.com"}
	stored, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"id":"m-1","type":"email","from":"ida@example.com"}`, string(stored)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var again whippy.Message
	if err := json.Unmarshal(stored, &again); err != nil {
		t.Fatal(err)
	}
	if diff := diff(m, again); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := json.Unmarshal([]byte(`{"id":{}}`), &again); err == nil || again.ID != "m-1" {
		t.Errorf("got %v and %+v; want an error that leaves the message alone", err, again)
	}
}
