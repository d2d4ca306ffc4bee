package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/whippy"
)

// document is what tells documents apart: members that only one service has, or a
// file of the example receiver.
type document struct {
	Records          json.RawMessage `json:"records"` // of RingSense's sessions
	Hits             json.RawMessage `json:"hits"`    // of pages of AI Studio
	Key              json.RawMessage `json:"key"`     // of a line of the receiver
	Error            json.RawMessage `json:"error"`   // of such a line
	Event            json.RawMessage `json:"event"`   // of such a line, and of all events
	Data             json.RawMessage `json:"data"`    // of an event of Whippy
	SourceRecordID   json.RawMessage `json:"sourceRecordId"`
	SessionStartTime json.RawMessage `json:"session_start_time"`
	AgentInformation json.RawMessage `json:"agent_information"`
	Transcription    json.RawMessage `json:"transcription"`
	DeliveryStatus   json.RawMessage `json:"delivery_status"`
}

var (
	errNotJSON = errors.New("not a JSON object")
	errUnknown = errors.New("neither a RingSense recording, a Vonage session, an event of Whippy or RingSense, nor a line of examples/receiver")
)

// addDocument adds the calls of a document to the library, whatever service it is
// of. Events that are about something else are passed over.
func addDocument(calls *library, text []byte) error {
	var d document
	if json.Unmarshal(text, &d) != nil {
		return errNotJSON
	}
	switch {
	case d.Key != nil && d.Error != nil:
		return errors.New("the receiver could not decode what came: " + plainJSON(d.Error))
	case d.Key != nil && d.Event != nil:
		return addOne(calls, d.Event)
	case d.Records != nil:
		return addEach(calls, d.Records)
	case d.Hits != nil:
		return addEach(calls, d.Hits)
	}
	return d.add(calls, text)
}

// addOne adds the call of a document that is a part of another one, and no list.
func addOne(calls *library, text []byte) error {
	if !bytes.HasPrefix(text, []byte("{")) {
		return errNotJSON // at once, as a list may have millions of those
	}
	var d document
	if json.Unmarshal(text, &d) != nil {
		return errNotJSON
	}
	return d.add(calls, text)
}

func (d *document) add(calls *library, text []byte) error {
	switch {
	case d.Event != nil && d.Data != nil:
		return addWhippyEvent(calls, text)
	case d.Event != nil || d.SourceRecordID != nil:
		return addRingSense(calls, text)
	case d.DeliveryStatus != nil:
		call := new(whippy.Call)
		return addDecoded(calls, text, call, func() *conversation { return fromWhippy(call) })
	case d.SessionStartTime != nil, d.AgentInformation != nil, d.Transcription != nil:
		session := new(vonageinsights.Session)
		return addDecoded(calls, text, session, func() *conversation { return fromVonage(session) })
	}
	return errUnknown
}

// addEach adds the calls of each document. Those that cannot be read do not hide
// the others, and the first of them stands for all.
func addEach(calls *library, list json.RawMessage) error {
	decoder := json.NewDecoder(bytes.NewReader(list))
	start, _ := decoder.Token() // the list is JSON
	if start != json.Delim('[') && start != nil {
		return errUnknown
	}
	var first error
	var document json.RawMessage // one at a time, as there may be millions
	all, failed := 0, 0
	for ; start != nil && decoder.More(); all++ {
		if err := decoder.Decode(&document); err != nil {
			return errUnknown
		}
		err := addOne(calls, document)
		if errors.Is(err, errFull) {
			return err
		}
		if err != nil {
			failed++
			first = cmp.Or(first, err)
		}
	}
	if failed > 1 {
		return fmt.Errorf("%w (and %d more of the %d in the list)", first, failed-1, all)
	}
	return first
}

func addDecoded(calls *library, text []byte, model any, made func() *conversation) error {
	if err := json.Unmarshal(text, model); err != nil {
		return err
	}
	return calls.add(made(), len(text))
}

func addRingSense(calls *library, text []byte) error {
	event, err := ringsense.ParseEvent(text)
	if err != nil || event.Insights == nil {
		return err
	}
	return calls.add(fromRingSense(event.Insights), len(text))
}

func addWhippyEvent(calls *library, text []byte) error {
	event, err := whippy.ParseEvent(text)
	if err != nil {
		return err
	}
	call, ok := event.Data.(*whippy.Call)
	if message, isMessage := event.Data.(*whippy.Message); isMessage {
		call, ok = message.Call()
	}
	if !ok {
		return nil
	}
	return calls.add(fromWhippy(call), len(text))
}
