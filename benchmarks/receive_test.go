package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/benchmarks/plain"
)

// TestReceive measures small versions of the tables, whose numbers mean nothing:
// each way has to understand each event.
func TestReceive(t *testing.T) {
	t.Parallel()
	var report strings.Builder
	chosen := []table{
		receiveSpeed(3, time.Millisecond), receiveAllocations(3), receiveHTTP(2*senders + 1), receiveHTTPAllocations(2*senders + 1),
	}
	if err := runReport(t, chosen, &report); err != nil {
		t.Fatal(err)
	}
	for _, table := range chosen {
		r, err := table.measure(t.Context(), 1, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range table.variants {
			if row := "\n| " + v.name + " | "; !strings.Contains(report.String(), row) {
				t.Errorf("%s: no row of %s in:\n%s", table.name, v.name, report.String())
			}
			if r.median(v.name) <= 0 {
				t.Errorf("%s: %s took %v", table.name, v.name, r.median(v.name))
			}
		}
	}
}

// TestReceiveRefusesWrongReads: who understands something else, refuses an event
// or does not take it has no time.
func TestReceiveRefusesWrongReads(t *testing.T) {
	t.Parallel()
	const n = 10
	unreadable := func(*plain.Event) (*delivery, error) { return nil, errors.New("no signature") }
	changed := func(event *plain.Event) (*delivery, error) {
		d, err := signedAsWhippy(event)
		d.body = strings.Replace(d.body, "recording.wav", "recording.mp3", 1)
		return d, err
	}
	for name, test := range map[string]struct {
		way  serving
		want string
	}{
		"no request":       {serving{name: eventHandler, sign: unreadable}, "no signature"},
		"a bad signature":  {serving{name: eventHandler, sign: changed}, "an event was not acknowledged"},
		"the wrong sender": {serving{name: stripeStyle, sign: signedAsWhippy}, "an event was not acknowledged"},
		"no receiver":      {serving{name: "nobody", sign: unsigned}, "the fake did not start"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, _, err := test.way.measure(t.Context(), n); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
	for name, got := range map[string]gist{
		"no id": {}, "the id of none": {id: "00000002-"}, "another text": {id: callAnalyzed(1).Data.ID, body: 1},
	} {
		in := &inbox{gists: gistsOf(2)}
		if err := in.put(got, nil); err == nil || in.understood.Load() != 0 {
			t.Errorf("%s: taken for an event", name)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := bombard(ended, "127.0.0.1:0", [][]byte{nil}); err == nil {
		t.Error("requests were sent after the end")
	}
}

// TestCallAnalyzed: the same events each time, about as long as the vendor's
// sample, no two alike.
func TestCallAnalyzed(t *testing.T) {
	t.Parallel()
	const n = 100
	seen, size := map[string]bool{}, 0
	for i := range n {
		text := string(encode(callAnalyzed(i)))
		if again := string(encode(callAnalyzed(i))); text != again {
			t.Fatalf("event %d is another one the second time", i)
		}
		seen[text] = true
		size += len(text)
	}
	if len(seen) != n {
		t.Errorf("%d events of %d", len(seen), n)
	}
	if mean := size / n; mean < 3100 || mean > 3300 {
		t.Errorf("%d bytes an event, want about 3200", mean)
	}
}
