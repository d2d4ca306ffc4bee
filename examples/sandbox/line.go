package main

import (
	"strings"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// line is what a program needs to use the sandbox.
type line struct {
	RingSense ringsenseLine `json:"ringsense"`
	Vonage    vonageLine    `json:"vonage"`
}

type ringsenseLine struct {
	URL          string `json:"url"`
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	JWT          string `json:"jwt"`
	RecordingID  string `json:"recordingId"`
	SessionID    string `json:"sessionId"`
}

type vonageLine struct {
	URL          string `json:"url"`
	APIKey       string `json:"apiKey"`
	SessionID    string `json:"sessionId"`
	SessionStart string `json:"sessionStart"` // UTC, without a zone, as the service has it
}

func newLine(ringsenseURL, vonageURL string) line {
	return line{
		RingSense: ringsenseLine{
			URL: ringsenseURL, ClientID: ringsensetest.ClientID, ClientSecret: ringsensetest.ClientSecret,
			JWT: ringsensetest.UserJWT, RecordingID: demo.RecordingID, SessionID: demo.SessionID,
		},
		Vonage: vonageLine{
			URL: vonageURL, APIKey: vonageinsightstest.APIKey,
			SessionID: demo.StudioSessionID, SessionStart: demo.StudioSessionStart,
		},
	}
}

// recipes are lines for a shell, each of them on its own but for the variables:
// a login, the insights of a recording and of a session, a page of the call log,
// a search and a session.
func (l line) recipes() string {
	return strings.NewReplacer(
		"{ringsense}", l.RingSense.URL, "{client}", l.RingSense.ClientID+":"+l.RingSense.ClientSecret,
		"{jwt}", l.RingSense.JWT, "{recording}", l.RingSense.RecordingID, "{call}", l.RingSense.SessionID,
		"{vonage}", l.Vonage.URL, "{key}", l.Vonage.APIKey, "{session}", l.Vonage.SessionID, "{start}", l.Vonage.SessionStart,
	).Replace(`ringsense={ringsense} vonage={vonage}
token=$(curl -s -u {client} -d grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer -d assertion={jwt} \
  $ringsense/restapi/oauth/token | sed 's/.*"access_token":"//; s/".*//')
curl -s -H "Authorization: Bearer $token" $ringsense/ai/ringsense/v1/public/accounts/~/domains/pbx/records/{recording}/insights
curl -s -H "Authorization: Bearer $token" $ringsense/ai/ringsense/v1/public/accounts/~/domains/pbx/sessions/{call}/insights
curl -s -H "Authorization: Bearer $token" "$ringsense/restapi/v1.0/account/~/call-log?view=Detailed&dateFrom=2026-10-01T00:00:00Z"
curl -s -H 'X-Vgai-Key: {key}' "$vonage/insights/sessions?from_date=2026-10-01&to_date=2026-10-31"
curl -s -H 'X-Vgai-Key: {key}' "$vonage/insights/sessions/{session}/parameters?session_start_time={start}"
`)
}
