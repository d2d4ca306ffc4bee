package callinsights_test

import (
	"context"
	"net/http"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fakekit"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// What the examples of the README take for granted: credentials, a payload,
// and the service, which is a fake here.
const (
	clientID     = ringsensetest.ClientID
	clientSecret = ringsensetest.ClientSecret
	userJWT      = ringsensetest.UserJWT
	apiKey       = vonageinsightstest.APIKey
)

var payload = []byte(`{"data":{"id":"c-1","type":"call","mode":"ai","delivery_status":"call_completed.user_hangup",` +
	`"body":"Agent: Which day suits you?\nUser: Tuesday.\n"},"event":"call.ended","request_id":"r-1"}`)

func store(context.Context, string) error { return nil }

func storeUnusable(context.Context, []byte, error) error { return nil }

func keep(callinsights.Checkpoint) {}

func offlineRingSense() []ringsense.Option {
	server := ringsensetest.NewServer()
	must(server.AddJSON([]byte(`{
		"sourceRecordId": "3104417225019", "domain": "pbx",
		"speakerInfo": [{"speakerId": "p-1", "name": "Priya Raman"}, {"speakerId": "p-2", "name": "Tomás Oliveira"}],
		"insights": {"Transcript": [
			{"speakerId": "p-1", "text": "Your delivery moves to Monday.", "start": 1.2, "end": 3.4},
			{"speakerId": "p-2", "text": "Monday is good, thank you.", "start": 3.9, "end": 5.8}
		]}
	}`)))
	return []ringsense.Option{ringsense.WithHTTPClient(inMemory(server))}
}

func offlineClient() *ringsense.Client {
	server := ringsensetest.NewServer()
	yesterday := time.Now().AddDate(0, 0, -1)
	server.AddCall(&ringsense.CallRecord{
		ID: "call-1", StartTime: yesterday, Recording: &ringsense.CallLogRecording{ID: "31", Type: "Automatic"},
	})
	server.Add(&ringsense.RecordingInsights{
		SourceRecordID: "31", Title: "Call from Ada", RecordingStartTime: yesterday,
		Insights: ringsense.Insights{Transcript: []ringsense.Utterance{{Text: "Good morning."}}},
	})
	return server.Client()
}

func offlineVonage() []vonageinsights.Option {
	server := vonageinsightstest.NewServer()
	for id, start := range map[string]time.Time{ // in the ranges that the examples ask for
		"5b7c2e90-1a44-4f6d-8e0c-6f2d93b1c802": time.Now().UTC().AddDate(0, 0, -7),
		"0c41f8d2-93be-4d17-a6a5-2e7b80c95f13": time.Date(2024, time.May, 13, 9, 30, 0, 0, time.UTC),
	} {
		must(server.AddJSON([]byte(`{
			"id": "` + id + `", "source": "12025550177", "channel": "telephony",
			"session_start_time": "` + start.Format("2006-01-02T15:04:05") + `",
			"agent_information": {"id": "1234567"}, "channel_data": {"duration": 22000},
			"transcription": [{"user": "I want a refund."}]
		}`)))
	}
	return []vonageinsights.Option{vonageinsights.WithHTTPClient(inMemory(server))}
}

func inMemory(h http.Handler) *http.Client {
	return &http.Client{Transport: fakekit.Transport{Handler: h}}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
