package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// serve runs a receiver until the test ends, and returns its address.
func serve(t *testing.T, s *stream) string {
	t.Helper()
	r, err := newReceiver(t.Context(), testSecrets(), s, quiet())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- r.serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the receiver ended with %v", err)
		}
	})
	return r.url()
}

// The headers of the three senders.
func fromRingSense(string) http.Header { return http.Header{"Verification-Token": {testToken}} }

func fromWhippy(payload string) http.Header {
	return whippytest.NewRequest(testKey, []byte(payload)).Header
}

func fromVonage(string) http.Header { return http.Header{"Authorization": {"Bearer " + testNotice}} }

func forged(string) http.Header {
	return http.Header{"Verification-Token": {"guess"}, "Authorization": {"Bearer guess"}}
}

// post sends once.
func post(t *testing.T, url, path, payload string, sign func(string) http.Header) int {
	t.Helper()
	d := delivery{path, payload, sign}
	status, err := d.post(t.Context(), new(http.Client), url)
	if err != nil {
		t.Fatal(err)
	}
	return status
}

// messages are what waits in a stream, by id.
func messages(t *testing.T, s *stream) map[string]string {
	t.Helper()
	calls, err := s.js.Stream(t.Context(), streamName)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	state := calls.CachedInfo().State
	for sequence := max(state.FirstSeq, 1); sequence <= state.LastSeq; sequence++ {
		m, err := calls.GetMsg(t.Context(), sequence)
		if err != nil {
			t.Fatal(err)
		}
		got[m.Header.Get(jetstream.MsgIDHeader)] = m.Subject + " " + string(m.Data)
	}
	if uint64(len(got)) != state.Msgs {
		t.Errorf("%d messages with %d ids", state.Msgs, len(got))
	}
	return got
}

// TestReceive: what was answered with 200 is in the stream, once for all receivers,
// and nothing else is.
func TestReceive(t *testing.T) {
	t.Parallel()
	s := openStream(t, nil)
	first, second := serve(t, s), serve(t, s)
	insights := string(ringsensetest.EventPayload(recordingNo(1, 0)))
	call := string(whippytest.CallEnded())
	const said = `{"session_id":"5c0ffee0-1","more":1}`
	for _, test := range []struct {
		name, url, path, payload string
		sign                     func(string) http.Header
		want                     int
	}{
		{"insights", first, "/ringsense", insights, fromRingSense, 200},
		{"insights, again", first, "/ringsense", insights, fromRingSense, 200},
		{"insights, elsewhere", second, "/ringsense", insights, fromRingSense, 200},
		{"call", second, "/whippy", call, fromWhippy, 200},
		{"call, elsewhere", first, "/whippy", call, fromWhippy, 200},
		{"notice", first, "/vonage", said, fromVonage, 200},
		{"notice, in other words", second, "/vonage", `{"session_id":"5c0ffee0-1"}`, fromVonage, 200},
		{"no event", first, "/whippy", `{"a":1}`, fromWhippy, 200},
		{"forged insights", first, "/ringsense", insights, forged, 401},
		{"forged call", first, "/whippy", call, forged, 401},
		{"forged notice", first, "/vonage", said, forged, 401},
		{"notice without a token", first, "/vonage", said, func(string) http.Header { return http.Header{} }, 401},
		{"notice with no session", first, "/vonage", `{"id":"1"}`, fromVonage, 400},
		{"notice with an odd session", first, "/vonage", `{"session_id":"a/../b"}`, fromVonage, 400},
		{"notice that is no JSON", first, "/vonage", `session_id=1`, fromVonage, 400},
		{"large notice", first, "/vonage", strings.Repeat(" ", maxNoticeBytes+1), fromVonage, 413},
		{"elsewhere", first, "/", said, fromVonage, 404},
	} {
		if got := post(t, test.url, test.path, test.payload, test.sign); got != test.want {
			t.Errorf("%s: status %d, want %d", test.name, got, test.want)
		}
	}
	want := map[string]bool{
		subjectRingSense + " " + insights: true, subjectWhippy + " " + call: true,
		subjectVonage + ` {"session_id":"5c0ffee0-1"}`: true, subjectUndecodable + `.whippy {"a":1}`: true,
	}
	got := make(map[string]bool)
	for _, m := range messages(t, s) {
		got[m] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNotConfirmed: a sender is told to come again as long as the stream does not
// say that it has the event, whatever the reason, and may then do so.
func TestNotConfirmed(t *testing.T) {
	t.Parallel()
	insights := string(ringsensetest.EventPayload(recordingNo(1, 0)))
	sends := []delivery{
		{"/ringsense", insights, fromRingSense},
		{"/whippy", string(whippytest.CallEnded()), fromWhippy},
		{"/vonage", `{"session_id":"5c0ffee0-1"}`, fromVonage},
		{"/ringsense", "<html>", fromRingSense},
	}
	for name, test := range map[string]struct {
		hamper func(*testing.T, *stream)
		mend   func(*testing.T, *stream)
	}{
		"full": {
			func(t *testing.T, s *stream) { t.Helper(); resize(t, s, 100) },
			func(t *testing.T, s *stream) { t.Helper(); resize(t, s, 1<<20) },
		},
		"not there": {
			func(t *testing.T, s *stream) {
				t.Helper()
				if err := s.js.DeleteStream(t.Context(), streamName); err != nil {
					t.Fatal(err)
				}
			},
			func(t *testing.T, s *stream) { t.Helper(); resize(t, s, 1<<20) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openStream(t, nil)
			url := serve(t, s)
			test.hamper(t, s)
			for _, d := range sends {
				if got := post(t, url, d.path, d.payload, d.sign); got != 500 && got != 503 {
					t.Errorf("%s: status %d", d.path, got)
				}
			}
			test.mend(t, s)
			if got := messages(t, s); len(got) != 0 {
				t.Errorf("the stream has %d messages", len(got))
			}
			for _, d := range sends {
				if got := post(t, url, d.path, d.payload, d.sign); got != 200 {
					t.Errorf("%s, when all is well: status %d", d.path, got)
				}
			}
			if got := messages(t, s); len(got) != len(sends) {
				t.Errorf("the stream has %d messages, want %d", len(got), len(sends))
			}
		})
	}
}

// resize changes how much may wait in a stream.
func resize(t *testing.T, s *stream, size int64) {
	t.Helper()
	settings := defaultSettings()
	settings.maxBytes = size
	if err := settings.apply(t.Context(), s.js); err != nil {
		t.Fatal(err)
	}
}

// TestGone: without a connection to the stream a receiver says so at once.
func TestGone(t *testing.T) {
	t.Parallel()
	s := openStream(t, nil)
	url := serve(t, s)
	s.engine.server.Shutdown()
	start := time.Now()
	if got := post(t, url, "/ringsense", string(ringsensetest.EventPayload(recordingNo(1, 0))), fromRingSense); got != 500 && got != 503 {
		t.Errorf("status %d", got)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("answered after %v, as if the stream might still say something", took)
	}
}

// TestLargeEvent: an event of a long meeting gets through.
func TestLargeEvent(t *testing.T) {
	t.Parallel()
	s := openStream(t, nil)
	record := recordingNo(1, 0)
	record.Insights.Transcript = make([]ringsense.Utterance, 30_000)
	for i := range record.Insights.Transcript {
		record.Insights.Transcript[i] = ringsense.Utterance{SpeakerID: "1", Text: strings.Repeat("word ", 12)}
	}
	payload := string(ringsensetest.EventPayload(record))
	if len(payload) < 3<<20 || len(payload) > maxEventBytes {
		t.Fatalf("the event has %d bytes", len(payload))
	}
	if got := post(t, serve(t, s), "/ringsense", payload, fromRingSense); got != 200 {
		t.Fatalf("status %d", got)
	}
	for _, m := range messages(t, s) {
		if m != subjectRingSense+" "+payload {
			t.Error("the event has changed on its way")
		}
	}
}

// TestStreamRefused: a stream that would refuse events later is refused at once.
func TestStreamRefused(t *testing.T) {
	t.Parallel()
	small, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	large := openStream(t, nil)
	if err := large.js.DeleteStream(t.Context(), streamName); err != nil {
		t.Fatal(err)
	}
	small.Start()
	t.Cleanup(small.Shutdown)
	for name, test := range map[string]struct {
		check func() error
		want  string
	}{
		"small messages": {func() error {
			e := engineFlags{url: small.ClientURL()}
			_, err := e.open(t.Context(), quiet())
			return err
		}, "max_payload"},
		"not set up": {func() error { return large.check(t.Context()) }, "setup"},
	} {
		if err := test.check(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, test.want)
		}
	}
}

// TestReceiverRefused: a receiver does not start with secrets that keep nobody out.
func TestReceiverRefused(t *testing.T) {
	t.Parallel()
	s := openStream(t, nil)
	for name, test := range map[string]struct {
		settings receiverSettings
		want     string
	}{
		"no secrets":      {receiverSettings{listen: "127.0.0.1:0"}, "set RC_VERIFICATION_TOKENS"},
		"short token":     {receiverSettings{listen: "127.0.0.1:0", ringSense: []string{"short"}}, ringSenseVariable},
		"short notice":    {receiverSettings{listen: "127.0.0.1:0", notices: []string{testNotice, "short"}}, noticeVariable + ": token 2"},
		"no such address": {receiverSettings{listen: "192.0.2.1:1", whippy: []string{testKey}}, "-listen 192.0.2.1:1"},
	} {
		if _, err := newReceiver(t.Context(), test.settings, s, quiet()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, test.want)
		} else if strings.Contains(err.Error(), "short") && test.settings.listen == "127.0.0.1:0" && !strings.Contains(err.Error(), "shorter") {
			t.Errorf("%s: the secret is shown", name)
		}
	}
}

// FuzzNotice: what is taken for a notice has a clean id, and is the same when it is
// read again.
func FuzzNotice(f *testing.F) {
	for _, seed := range []string{`{"session_id":"5c0ffee0-0000-4a7d-9c51-000000000001"}`, `{"session_id":""}`, `{"session_id":"a\nb"}`, `[]`, `{"Session_ID":"x","session_id":"y"}`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := parseNotice(data)
		if err != nil {
			return
		}
		if again, err := parseNotice(n.encode()); err != nil || again != n {
			t.Errorf("got %q, %v, want %q", again, err, n)
		}
		if n.SessionID == "" || strings.ContainsAny(n.key(), " \r\n\t/") || !json.Valid(n.encode()) || bytes.Contains(n.encode(), []byte(`\`)) {
			t.Errorf("the id is %q", n.SessionID)
		}
	})
}
