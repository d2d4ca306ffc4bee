package whippy_test

import (
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/whippy"
)

func TestNewer(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.June, 1, 9, 0, 0, 0, time.UTC)
	event := func(kind whippy.EventType, id string, updated time.Time) *whippy.Event {
		return &whippy.Event{Type: kind, Data: &whippy.Call{ID: id, UpdatedAt: updated}}
	}
	started, ended := event(whippy.EventCallStarted, "c", at), event(whippy.EventCallEnded, "c", at.Add(time.Second))
	message := func(id string, updated time.Time) *whippy.Event {
		return &whippy.Event{Type: whippy.EventMessageUpdated, Data: &whippy.Message{ID: id, UpdatedAt: updated}}
	}
	tests := map[string]struct {
		a, b *whippy.Event
		want bool
	}{
		"later update":                         {ended, started, true},
		"earlier update":                       {started, ended, false},
		"the same event":                       {ended, ended, false},
		"equal times, analyzed after ended":    {event(whippy.EventCallAnalyzed, "c", at), event(whippy.EventCallEnded, "c", at), true},
		"equal times, ended after started":     {event(whippy.EventCallEnded, "c", at), event(whippy.EventCallStarted, "c", at), true},
		"equal times, started before analyzed": {event(whippy.EventCallStarted, "c", at), event(whippy.EventCallAnalyzed, "c", at), false},
		"the time counts before the name":      {event(whippy.EventCallEnded, "c", at.Add(1)), event(whippy.EventCallAnalyzed, "c", at), true},
		"another zone, the same time":          {event(whippy.EventCallEnded, "c", at.In(time.FixedZone("", 3600))), event(whippy.EventCallEnded, "c", at), false},
		"another call":                         {ended, event(whippy.EventCallStarted, "d", at), false},
		"a message of the call, later":         {message("c", at.Add(time.Minute)), ended, true},
		"a message of the call, earlier":       {ended, message("c", at), true},
		"a message at the time of a call":      {message("c", at), started, false},
		"another message":                      {message("d", at.Add(time.Minute)), ended, false},
		"no call":                              {ended, &whippy.Event{Type: "note.created", Data: &whippy.Unknown{}}, false},
		"no data":                              {&whippy.Event{}, &whippy.Event{}, false},
		"no events":                            {nil, nil, false},
		"nothing newer than an event":          {nil, ended, false},
		"an event newer than nothing":          {ended, nil, false},
		"no call in it":                        {&whippy.Event{Data: (*whippy.Call)(nil)}, &whippy.Event{Data: (*whippy.Message)(nil)}, false},
		"calls without ids":                    {event(whippy.EventCallEnded, "", at.Add(1)), event(whippy.EventCallEnded, "", at), false},
		"an unknown stage":                     {event("call.transcribed", "c", at), event(whippy.EventCallStarted, "c", at), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := whippy.Newer(test.a, test.b); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
