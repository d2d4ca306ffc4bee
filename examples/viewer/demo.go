package main

import (
	"bytes"
	"context"
	_ "embed"
	"slices"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// demoCalls are calls of the made-up company of package demo, as the services
// would have sent them.
//
//go:embed demo/calls.jsonl
var demoCalls []byte

// addDemo adds what there is to see without a file: the calls above, and those
// that the fakes and kits of the three services have.
func addDemo(calls *library) error {
	if err := read(bytes.NewReader(demoCalls), "demo/calls.jsonl", calls); err != nil {
		return err
	}
	documents, err := demo.Events()
	if err != nil {
		return err
	}
	sessions, err := demoSessions()
	if err != nil {
		return err
	}
	documents = slices.Concat(documents, sessions, whippytest.CallEvents(1), whippytest.CallEvents(2))
	for _, document := range documents {
		if err := addDocument(calls, document); err != nil {
			return err
		}
	}
	calls.sort()
	return nil
}

// demoSessions are what a search of the fake of AI Studio finds.
func demoSessions() ([][]byte, error) {
	studio, err := demo.Studio()
	if err != nil {
		return nil, err
	}
	first := time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC)
	query := vonageinsights.Query{From: first, To: first.AddDate(0, 1, 0)}
	var documents [][]byte
	for session, err := range studio.Client().Search(context.Background(), query) {
		if err != nil {
			return nil, err
		}
		documents = append(documents, []byte(session.RawJSON()))
	}
	return documents, nil
}
