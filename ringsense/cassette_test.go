package ringsense_test

import (
	"errors"
	"net/http"
	"os"
	"testing"

	"github.com/callinsights/callinsights-go/internal/cassette"
	"github.com/callinsights/callinsights-go/internal/fakekit"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// The names that ids have on the cassettes. To record anew, run
//
//	go test ./ringsense -run TestCassettes -record
//
// which asks the fake, or the live service if the variables of JWTFromEnv and
// RC_RECORD_ID and RC_SESSION_ID, two ids of phone calls, are set.
const (
	cassetteRecord  = "3104417225019"
	cassetteSession = "s-b51d09f2c7e4az19d2f03b6a41z4be010000"
	cassetteUnknown = "9999999999999"
)

// replay returns a client whose dialogue is on the cassette, and the ids to
// ask for.
func replay(t *testing.T, name string) (client *ringsense.Client, record, session string) {
	t.Helper()
	server := ringsensetest.NewServer()
	if err := server.AddJSON(document(t, "cassette_record.json")); err != nil {
		t.Fatal(err)
	}
	record, session = cassetteRecord, cassetteSession
	auth := ringsense.JWT(ringsensetest.ClientID, ringsensetest.ClientSecret, ringsensetest.UserJWT)
	secrets := []string{ringsensetest.ClientID, ringsensetest.ClientSecret, ringsensetest.UserJWT}
	var opts []ringsense.Option
	live, err := ringsense.JWTFromEnv()
	isLive := cassette.Recording() && err == nil
	if isLive {
		auth = live
		record, session = os.Getenv("RC_RECORD_ID"), os.Getenv("RC_SESSION_ID")
		secrets = []string{os.Getenv("RC_APP_CLIENT_ID"), os.Getenv("RC_APP_CLIENT_SECRET"), os.Getenv("RC_USER_JWT")}
	} else {
		opts = append(opts, ringsense.WithBaseURL("https://ringcentral.test"))
	}
	rt := cassette.Open(t, "../testdata/ringsense/cassettes/"+name, cassette.Source{
		Vendor: "ringcentral", Fake: fakekit.Transport{Handler: server}, Live: isLive, Secrets: secrets,
		IDs: map[string]string{cassetteRecord: record, cassetteSession: session, cassetteUnknown: cassetteUnknown},
	})
	client, err = ringsense.NewClient(auth, append(opts, ringsense.WithHTTPClient(&http.Client{Transport: rt}))...)
	if err != nil {
		t.Fatal(err)
	}
	return client, record, session
}

// TestCassettes replays whole dialogues, login included. What is said in them
// is scrubbed, so the tests look at what a scrubber leaves.
func TestCassettes(t *testing.T) {
	t.Parallel()
	t.Run("a recording and its session with one login", func(t *testing.T) {
		t.Parallel()
		client, record, session := replay(t, "recording_and_session")
		got, err := client.RecordingInsights(t.Context(), record)
		if err != nil {
			t.Fatal(err)
		}
		if got.SourceRecordID != record || got.Domain != ringsense.DomainPBX || got.Duration() == 0 {
			t.Errorf("got record %s of domain %s that took %v", got.SourceRecordID, got.Domain, got.Duration())
		}
		turns := 0
		for turn := range got.Turns() {
			if turns++; turn.Speaker == "" || turn.Text == "" || turn.End <= turn.Start {
				t.Errorf("turn %d has no name, no text or no times", turns)
			}
		}
		if turns == 0 {
			t.Error("there are no turns")
		}
		whole, err := client.SessionInsights(t.Context(), session)
		if err != nil {
			t.Fatal(err)
		}
		if len(whole.Records) == 0 || whole.Records[0].SourceSessionID != session {
			t.Errorf("got %d records of the session", len(whole.Records))
		}
	})
	t.Run("chosen types", func(t *testing.T) {
		t.Parallel()
		client, record, _ := replay(t, "only_types")
		got, err := client.RecordingInsights(t.Context(), record, ringsense.OnlyTypes(ringsense.TypeSummary, ringsense.TypeNextSteps))
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Insights.Summary) == 0 || len(got.Insights.Transcript) > 0 {
			t.Errorf("got %d summaries and %d utterances", len(got.Insights.Summary), len(got.Insights.Transcript))
		}
	})
	t.Run("no insights", func(t *testing.T) {
		t.Parallel()
		client, _, _ := replay(t, "not_found")
		_, err := client.RecordingInsights(t.Context(), cassetteUnknown)
		var e *ringsense.Error
		if !errors.Is(err, ringsense.ErrNotFound) || !errors.As(err, &e) || e.RequestID == "" || e.Attempts != 1 {
			t.Errorf("got %v", err)
		}
	})
}
