package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// network has the fakes of the services by host. It takes the place of what a real
// program gives to newHTTPClient: http.DefaultTransport, as a rule.
type network map[string]http.Handler

// newFakes has trouble in store, as that is what one watches for: the first request
// for a recording of RingSense comes too soon for its rate limit.
func newFakes() (network, error) {
	rc, err := demo.RingSense()
	if err != nil {
		return nil, err
	}
	rc.SetRateLimits(true)
	rc.Fail(ringsensetest.Fault{
		Op: "RecordingInsights", Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}},
	})
	studio, err := demo.Studio()
	if err != nil {
		return nil, err
	}
	studio.AddRecording(demo.StudioSessionID, vonageinsightstest.Recording{Kind: vonageinsights.RecordingTokenURL, Data: []byte("sound")})
	return network{
		"platform.ringcentral.com":    rc,
		"studio-api-eu.ai.vonage.com": studio,
		"vonage.test":                 studio, // the host of its recordings
		"files.whippy.test":           http.HandlerFunc(serveSound),
	}, nil
}

func serveSound(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "audio/x-wav")
	_, _ = w.Write([]byte("sound"))
}

func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	handler := n[r.URL.Host]
	if handler == nil {
		return nil, fmt.Errorf("there is no fake of %s", r.URL.Host)
	}
	received := r.Clone(r.Context())
	if received.Body == nil { // a client may, a server may not
		received.Body = http.NoBody
	}
	defer func() { _ = received.Body.Close() }()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, received)
	answer := recorder.Result()
	answer.Request = r
	return answer, nil
}
