// Package demo is what the example programs show to those who have no
// credentials: a small company, as fakes of the services hold it, for a few days or years.
// Several programs use it, so that an id means the same in all of them.
package demo

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// What there is to ask for. All of it is of October 2026.
const (
	// RecordingID is a phone call with all insights.
	RecordingID = "3104417225019"
	// SessionID is a phone call that was transferred, with two recordings.
	SessionID = "s-7e02c4a91b38fz19d1f6c0d52z18c20000"
	// MeetingID is a video meeting, of the domain rcv.
	MeetingID = "6b0e9d14-3c52-4f7a-8e91-a7d05c48b2f0!us-05-iad@us-05"
	// PendingID is a recording in the call log that has no insights yet.
	PendingID = "3104430042007"
	// StudioSessionID is a session at AI Studio, which began, in UTC, at
	// StudioSessionStart.
	StudioSessionID    = "3f9a1c52-7d0e-4b8a-9a51-0d6b1e4f7a01"
	StudioSessionStart = "2026-10-02T08:14:05"
)

var (
	//go:embed data/recordings.json
	recordingsJSON []byte
	//go:embed data/calls.json
	callsJSON []byte
	//go:embed data/sessions.json
	sessionsJSON []byte
)

// RingSense returns a fake with recordings and a call log.
func RingSense() (*ringsensetest.Server, error) {
	server := ringsensetest.NewServer()
	if err := addAll(recordingsJSON, server.AddJSON); err != nil {
		return nil, err
	}
	return server, addAll(callsJSON, server.AddCallJSON)
}

// Studio returns a fake with sessions at AI Studio.
func Studio() (*vonageinsightstest.Server, error) {
	server := vonageinsightstest.NewServer()
	return server, addAll(sessionsJSON, server.AddJSON)
}

// Events returns what RingSense sends when the insights of the recordings of the
// fake are made, one event for each.
func Events() ([][]byte, error) {
	var payloads [][]byte
	err := addAll(recordingsJSON, func(document []byte) error {
		record := new(ringsense.RecordingInsights)
		if err := json.Unmarshal(document, record); err != nil {
			return err
		}
		payloads = append(payloads, ringsensetest.EventPayload(record))
		return nil
	})
	return payloads, err
}

// addAll calls add with each document of a list.
func addAll(list []byte, add func(document []byte) error) error {
	var documents []json.RawMessage
	if err := json.Unmarshal(list, &documents); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	for i, document := range documents {
		if err := add(document); err != nil {
			return fmt.Errorf("demo: document %d: %w", i+1, err)
		}
	}
	return nil
}
