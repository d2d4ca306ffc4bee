package main

import (
	"fmt"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// demoCalls is how many calls the fake has unless -calls says otherwise.
const demoCalls = 250

// demoStart is when the first of them began.
func demoStart() time.Time { return time.Date(2024, time.March, 4, 8, 0, 0, 0, time.UTC) }

// connect makes a client for the real service, or for a fake.
func connect(s *settings) (*ringsense.Client, error) {
	if !s.live {
		if s.query.From.IsZero() {
			s.query.From = demoStart()
		}
		return fakeService(s.calls).Client(), nil
	}
	auth, err := ringsense.JWTFromEnv()
	if err != nil {
		return nil, err
	}
	opts := []ringsense.Option{ringsense.WithUserAgent(programName)}
	if s.url != "" {
		opts = append(opts, ringsense.WithBaseURL(s.url))
	}
	return ringsense.NewClient(auth, opts...)
}

// service names the service that is asked.
func (s *settings) service() string {
	switch {
	case !s.live:
		return fmt.Sprintf("fake of %d calls", s.calls)
	case s.url != "":
		return s.url
	default:
		return "live"
	}
}

// fakeService has calls of every kind: most have one recording, each twelfth
// was transferred and has two, and the insights of each fiftieth have not been
// made yet.
func fakeService(calls int) *ringsensetest.Server {
	server := ringsensetest.NewServer()
	for i := range calls {
		start := demoStart().Add(time.Duration(i) * 7 * time.Minute)
		call := &ringsense.CallRecord{
			ID: fmt.Sprintf("call-%06d", i), TelephonySessionID: fmt.Sprintf("s-%06d", i), StartTime: start,
			Duration: 180, Type: "Voice", Direction: ringsense.DirectionInbound, Action: "Phone Call",
			Recording: recordingOf(i, 0),
		}
		if i%12 == 11 {
			call.Legs = []ringsense.CallLeg{{Recording: recordingOf(i, 0)}, {Recording: recordingOf(i, 1)}}
		}
		server.AddCall(call)
		if i%50 == 49 {
			continue
		}
		for n := range max(1, len(call.Legs)) {
			server.Add(&ringsense.RecordingInsights{
				Title: fmt.Sprintf("Call %d", i+1), Domain: ringsense.DomainPBX,
				SourceRecordID: recordingOf(i, n).ID, SourceSessionID: call.TelephonySessionID,
				CallDirection: call.Direction, RecordingDurationMs: 180_000, RecordingStartTime: start,
				Insights: ringsense.Insights{Summary: []ringsense.Insight{{Value: "The caller asked about an order."}}},
			})
		}
	}
	return server
}

func recordingOf(call, n int) *ringsense.CallLogRecording {
	return &ringsense.CallLogRecording{ID: fmt.Sprintf("7%06d%d", call, n), Type: ringsense.RecordingAutomatic}
}
