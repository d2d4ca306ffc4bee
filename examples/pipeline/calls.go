package main

import (
	"strconv"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/whippy"
)

// recordingOf is a recording of RingSense. Its insights change, and say when.
func recordingOf(r *ringsense.RecordingInsights) call {
	return call{
		service: "ringsense", id: string(r.Domain) + "/" + r.SourceRecordID, session: r.SourceSessionID,
		startedAt: r.RecordingStartTime, version: stamp(r.LastModifiedTime), document: r.RawJSON(),
	}
}

// callOf is what an event of Whippy is about, and false for an event that is about
// something else. Its version orders states as [whippy.Newer] does.
func callOf(e *whippy.Event) (call, bool) {
	var c *whippy.Call
	document := ""
	switch data := e.Data.(type) {
	case *whippy.Call:
		c, document = data, data.RawJSON()
	case *whippy.Message:
		c, document = (*whippy.Call)(data), data.RawJSON()
	}
	if c == nil || c.ID == "" {
		return call{}, false
	}
	return call{
		service: "whippy", id: c.ID, session: c.ConversationID, startedAt: c.CreatedAt,
		version: stamp(c.UpdatedAt) + " " + strconv.Itoa(stage(e.Type)), document: document,
	}, true
}

// stage is where an event stands in the course of a call.
func stage(t whippy.EventType) int {
	switch t {
	case whippy.EventCallStarted:
		return 1
	case whippy.EventCallEnded:
		return 2
	case whippy.EventCallAnalyzed:
		return 3
	default:
		return 0
	}
}

// sessionOf is a session of AI Studio. It does not say when it changed; that one
// which has ended is newer than one in progress is sure.
func sessionOf(s *vonageinsights.Session) call {
	version := "1 over"
	if s.Status == vonageinsights.StatusInProgress {
		version = "0 in progress"
	}
	return call{service: "vonage", id: s.ID, session: s.ID, startedAt: s.SessionStartTime, version: version, document: s.RawJSON()}
}
