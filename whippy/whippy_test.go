package whippy_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callinsights/callinsights-go/whippy"
)

func golden(t testing.TB, name string) []byte {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join("..", "testdata", "whippy", name))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// callNames are the golden documents whose data is a call.
var callNames = []string{"call.started.json", "call.ended.json", "call.analyzed.json", "call.tolerated.json"}

func parse(t testing.TB, payload string) *whippy.Event {
	t.Helper()
	event, err := whippy.ParseEvent([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return event
}

// parseCall parses an event with the given data and returns its call.
func parseCall(t testing.TB, data string) *whippy.Call {
	t.Helper()
	return callOf(t, parse(t, `{"data":`+data+`,"event":"call.ended","request_id":"r-1"}`))
}

func callOf(t testing.TB, event *whippy.Event) *whippy.Call {
	t.Helper()
	call, ok := event.Data.(*whippy.Call)
	if !ok {
		t.Fatalf("got data of type %T; want a *whippy.Call", event.Data)
	}
	return call
}

// diff compares models by their exported fields.
func diff[T any](want, got T) string {
	return cmp.Diff(want, got, cmpopts.IgnoreUnexported(whippy.Event{}, whippy.Call{}, whippy.Message{}), cmpopts.EquateApproxTime(0))
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t
}
