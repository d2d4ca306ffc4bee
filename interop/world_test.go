package interop_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

const (
	recordingID  = "3100000000001"
	sessionID    = "s-4f1c09a7e2b8!us-07@us-07"
	permissionID = "ReadRingSenseInsights"
	ownToken     = "the-token-of-the-client"
	sdkToken     = "the-token-of-the-program"
)

// world is a fake behind a URL, with an address for its events.
type world struct {
	fake       *ringsensetest.Server
	client     *ringsense.Client
	url        string
	receiver   string
	handshakes chan string // their verification tokens
	start      time.Time
	recordings []json.RawMessage // of the session, as the fake holds them
	calls      []json.RawMessage // newest first
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		fake: ringsensetest.NewServer(), handshakes: make(chan string, 2),
		start: time.Now().Add(-10 * time.Hour).Truncate(time.Second).UTC(),
	}
	for i := range 2 {
		w.recordings = append(w.recordings, recording(i))
		if err := w.fake.AddJSON(w.recordings[i]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 7 {
		w.calls = slices.Insert(w.calls, 0, call(i, w.start))
		if err := w.fake.AddCallJSON(w.calls[0]); err != nil {
			t.Fatal(err)
		}
	}
	api := httptest.NewServer(w.fake)
	t.Cleanup(api.Close)
	receiver := httptest.NewTLSServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		w.handshakes <- r.Header.Get("Verification-Token")
		answer.Header().Set("Validation-Token", r.Header.Get("Validation-Token"))
		answer.Header().Set("Content-Type", "application/json")
	}))
	t.Cleanup(receiver.Close)
	w.fake.SetDelivery(receiver.Client().Transport)
	w.url, w.receiver = api.URL, receiver.URL
	w.client = w.login(t, ringsensetest.UserJWT)
	return w
}

func (w *world) login(t *testing.T, jwt string) *ringsense.Client {
	t.Helper()
	client, err := ringsense.NewClient(
		ringsense.JWT(ringsensetest.ClientID, ringsensetest.ClientSecret, jwt), ringsense.WithBaseURL(w.url),
	)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func recording(i int) json.RawMessage {
	return fmt.Appendf(nil, `{"title":"Call %[1]d with Åsa","rsRecordUri":"https://example.com/calls/%[1]d","domain":"pbx",`+
		`"sourceRecordId":"310000000000%[2]d","sourceSessionId":%[3]q,"callDirection":"Outbound","ownerExtensionId":"1000000101",`+
		`"recordingDurationMs":61500,"recordingStartTime":"2026-06-01T08:30:00.125Z","creationTime":"2026-06-01T08:33:00Z",`+
		`"lastModifiedTime":"2026-06-01T08:34:00Z","speakerInfo":[{"speakerId":"p-1","name":"Åsa","accountId":null}],`+
		`"insights":{"Transcript":[{"speakerId":"p-1","text":"Good morning.","start":0.25,"end":1.5}],`+
		`"Summary":[{"value":"A short call.","start":0.25,"end":1.5}],"NextSteps":[{"speakerId":"p-1","value":"Call back.","start":1,"end":1.5}],`+
		`"Later":[{"value":"a kind that nobody knows yet"}]}}`, i, i+1, sessionID)
}

// call is an hour after the one before it.
func call(i int, start time.Time) json.RawMessage {
	return fmt.Appendf(nil, `{"uri":"https://example.com/call-log/c-%[1]d","id":"c-%[1]d","sessionId":"5200000%[1]d","telephonySessionId":"s-%[1]d",`+
		`"startTime":%[2]q,"duration":61,"type":"Voice","direction":"Inbound","action":"Phone Call","result":"Accepted",`+
		`"from":{"phoneNumber":"+1212555010%[1]d","name":"Åsa"},"to":{"extensionId":"1000000101"},"extension":{"id":1000000101},`+
		`"recording":{"id":"310000000010%[1]d","uri":"https://example.com/r/%[1]d","type":"Automatic","contentUri":"https://example.com/c/%[1]d"},`+
		`"legs":[{"startTime":%[2]q,"duration":61,"type":"Voice","direction":"Inbound","legType":"Accept","master":true}],`+
		`"lastModifiedTime":%[2]q}`, i, start.Add(time.Duration(i)*time.Hour).Format(time.RFC3339))
}

// subscribe makes a subscription with the client.
func (w *world) subscribe(t *testing.T) *ringsense.Subscription {
	t.Helper()
	s, err := w.client.Subscribe(t.Context(), ringsense.SubscriptionRequest{
		EventFilters: ringsense.InsightsFilters(ringsense.DomainRCX), Address: w.receiver, VerificationToken: ownToken,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// task is what a program does, in the environment variable TASK.
type task struct {
	Server       string         `json:"server"`
	ClientID     string         `json:"clientId"`
	ClientSecret string         `json:"clientSecret"`
	JWT          string         `json:"jwt"`
	WrongJWT     string         `json:"wrongJWT"`
	RecordingID  string         `json:"recordingID"`
	SessionID    string         `json:"sessionID"`
	InsightTypes []string       `json:"insightTypes"`
	PermissionID string         `json:"permissionID"`
	CallLog      map[string]any `json:"callLog"`
	Subscription map[string]any `json:"subscription"`
	Update       map[string]any `json:"update"`
}

func (w *world) task() task {
	return task{
		Server: w.url, ClientID: ringsensetest.ClientID, ClientSecret: ringsensetest.ClientSecret,
		JWT: ringsensetest.UserJWT, WrongJWT: "wrong-jwt",
		RecordingID: recordingID, SessionID: sessionID, InsightTypes: []string{"Summary", "NextSteps"}, PermissionID: permissionID,
		CallLog: map[string]any{"view": "Detailed", "recordingType": "All", "perPage": 3, "dateFrom": w.start.Format(time.RFC3339)},
		Subscription: map[string]any{
			"eventFilters": ringsense.InsightsFilters(ringsense.DomainPBX), "expiresIn": 600,
			"deliveryMode": map[string]any{"transportType": "WebHook", "address": w.receiver, "verificationToken": sdkToken},
		},
		Update: map[string]any{"eventFilters": ringsense.InsightsFilters(ringsense.DomainRCV), "expiresIn": 1200},
	}
}
