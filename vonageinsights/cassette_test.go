package vonageinsights_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/internal/cassette"
	"github.com/callinsights/callinsights-go/internal/fakekit"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// The names that ids have on the cassettes. To record anew, run
//
//	go test ./vonageinsights -run TestCassettes -record
//
// which asks the fake, or the live service if VONAGE_AI_STUDIO_KEY,
// VONAGE_AI_STUDIO_REGION and VONAGE_SESSION_ID are set, the last one to a
// session of the 14th of October 2026. Deletions are recorded against the fake
// alone.
const (
	cassetteSession = "8d1e4f07-92b3-4c3e-b7aa-51c0de7f9b03"
	cassetteUnknown = "00000000-0000-4000-8000-000000000000"
)

func cassetteDay() time.Time { return time.Date(2026, time.October, 14, 0, 0, 0, 0, time.UTC) }

// replay returns a client whose dialogue is on the cassette, and the id of the
// session to ask for.
func replay(t *testing.T, name string, mayBeLive bool) (client *vonageinsights.Client, session string) {
	t.Helper()
	server := vonageinsightstest.NewServer()
	text, err := os.ReadFile("../testdata/vonageinsights/cassette_sessions.json")
	if err != nil {
		t.Fatal(err)
	}
	var documents []json.RawMessage
	if err := json.Unmarshal(text, &documents); err != nil {
		t.Fatal(err)
	}
	for _, document := range documents {
		if err := server.AddJSON(document); err != nil {
			t.Fatal(err)
		}
	}
	session = cassetteSession
	key, region := vonageinsightstest.APIKey, vonageinsights.EU
	opts := []vonageinsights.Option{vonageinsights.WithBaseURL("https://vonage.test")}
	liveKey := os.Getenv("VONAGE_AI_STUDIO_KEY")
	isLive := mayBeLive && cassette.Recording() && liveKey != ""
	if isLive {
		key, region = liveKey, vonageinsights.Region(os.Getenv("VONAGE_AI_STUDIO_REGION"))
		session, opts = os.Getenv("VONAGE_SESSION_ID"), nil
	}
	rt := cassette.Open(t, "../testdata/vonageinsights/cassettes/"+name, cassette.Source{
		Vendor: "vonage", Fake: fakekit.Transport{Handler: server}, Live: isLive, Secrets: []string{key},
		IDs: map[string]string{cassetteSession: session, cassetteUnknown: cassetteUnknown},
	})
	client, err = vonageinsights.NewClient(key, region, append(opts, vonageinsights.WithHTTPClient(&http.Client{Transport: rt}))...)
	if err != nil {
		t.Fatal(err)
	}
	return client, session
}

// TestCassettes replays whole dialogues. What people said in them is scrubbed,
// so the tests look at what a scrubber leaves.
func TestCassettes(t *testing.T) {
	t.Parallel()
	t.Run("search with a filter, over several pages", func(t *testing.T) {
		t.Parallel()
		client, _ := replay(t, "search", true)
		from, to := vonageinsights.Days(cassetteDay().AddDate(0, 0, -13), cassetteDay().AddDate(0, 0, 17))
		query := vonageinsights.Query{
			From: from, To: to, PageSize: 2,
			Filter: vonageinsights.Where(field.Status.Is(string(vonageinsights.StatusEnded))),
		}
		var last time.Time
		sessions := 0
		for session, err := range client.Search(t.Context(), query) {
			if err != nil {
				t.Fatal(err)
			}
			sessions++
			if session.ID == "" || session.SessionStartTime.Before(last) || session.Status != vonageinsights.StatusEnded {
				t.Errorf("session %d: id %q, start %v, status %q", sessions, session.ID, session.SessionStartTime, session.Status)
			}
			last = session.SessionStartTime
		}
		if sessions < 3 {
			t.Errorf("got %d sessions, want those of several pages", sessions)
		}
	})
	t.Run("get and find", func(t *testing.T) {
		t.Parallel()
		client, id := replay(t, "get_and_find", true)
		got, err := client.Session(t.Context(), id, cassetteDay())
		if err != nil {
			t.Fatal(err)
		}
		found, err := client.FindSession(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if got.ID != id || found.ID != id || !got.SessionStartTime.Equal(found.SessionStartTime) {
			t.Errorf("got %s of %v and found %s of %v", got.ID, got.SessionStartTime, found.ID, found.SessionStartTime)
		}
		turns := 0
		for range got.Turns() {
			turns++
		}
		if turns == 0 {
			t.Error("there are no turns")
		}
	})
	t.Run("not there", func(t *testing.T) {
		t.Parallel()
		client, _ := replay(t, "not_found", true)
		if _, err := client.Session(t.Context(), cassetteUnknown, cassetteDay()); !errors.Is(err, vonageinsights.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("delete, and once more", func(t *testing.T) {
		t.Parallel()
		client, id := replay(t, "delete", false)
		if err := client.DeleteSession(t.Context(), id, cassetteDay()); err != nil {
			t.Fatal(err)
		}
		if err := client.DeleteSession(t.Context(), id, cassetteDay()); !errors.Is(err, vonageinsights.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}
