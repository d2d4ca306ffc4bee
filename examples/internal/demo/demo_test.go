package demo_test

import (
	"errors"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/ringsense"
)

// TestRingSense: the call log and the insights are about the same calls, and the
// names say what is there.
func TestRingSense(t *testing.T) {
	t.Parallel()
	server, err := demo.RingSense()
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	found := make(map[string]bool)
	october := ringsense.CallLogQuery{
		From: time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC),
		To:   time.Date(2026, time.October, 31, 0, 0, 0, 0, time.UTC),
	}
	for recording, err := range client.CallRecordings(t.Context(), october) {
		if err != nil {
			t.Fatal(err)
		}
		found[recording.ID] = true
		record, err := client.RecordingInsights(t.Context(), recording.ID)
		switch {
		case recording.ID == demo.PendingID:
			if !errors.Is(err, ringsense.ErrInsightsNotFound) {
				t.Errorf("the recording that is pending: got %v", err)
			}
		case err != nil:
			t.Errorf("recording %s: %v", recording.ID, err)
		case record.SourceSessionID != recording.TelephonySessionID || record.CallDirection != recording.Call.Direction:
			t.Errorf("recording %s is of another call than the log says", recording.ID)
		case record.RecordingStartTime.Before(recording.Call.StartTime):
			t.Errorf("recording %s began before its call", recording.ID)
		}
	}
	if !found[demo.RecordingID] || !found[demo.PendingID] || len(found) != 5 {
		t.Errorf("the call log has the recordings %v", found)
	}
	session, err := client.SessionInsights(t.Context(), demo.SessionID)
	if err != nil || len(session.Records) != 2 {
		t.Errorf("the session: got %v, %v, want two recordings", session, err)
	}
	meeting, err := client.RecordingInsights(t.Context(), demo.MeetingID, ringsense.InDomain(ringsense.DomainRCV))
	if err != nil || len(meeting.Insights.Transcript) == 0 {
		t.Errorf("the meeting: got %v, %v", meeting, err)
	}
}

func TestStudio(t *testing.T) {
	t.Parallel()
	server, err := demo.Studio()
	if err != nil {
		t.Fatal(err)
	}
	session, err := server.Client().FindSession(t.Context(), demo.StudioSessionID)
	if err != nil {
		t.Fatal(err)
	}
	if got := session.SessionStartTime.Format("2006-01-02T15:04:05"); got != demo.StudioSessionStart {
		t.Errorf("the session began at %s, want %s", got, demo.StudioSessionStart)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	payloads, err := demo.Events()
	if err != nil || len(payloads) != 5 {
		t.Fatalf("got %d events, %v, want 5", len(payloads), err)
	}
	for _, payload := range payloads {
		event, err := ringsense.ParseEvent(payload)
		if err != nil || event.Insights == nil {
			t.Errorf("got %v, %v", event, err)
		}
	}
}
