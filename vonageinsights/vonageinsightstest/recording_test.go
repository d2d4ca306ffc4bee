package vonageinsightstest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

const recordedSession = `{"id":"a/1","session_start_time":"2031-05-01T08:00:00","tags":{"x":{"a":1},"x":{"b":2}},"channel_data":{"duration":7,"audio_url":"old"}}`

func withRecording(t *testing.T, document string, r vonageinsightstest.Recording) *vonageinsightstest.Server {
	t.Helper()
	server := vonageinsightstest.NewServer()
	if err := server.AddJSON([]byte(document)); err != nil {
		t.Fatal(err)
	}
	server.AddRecording("a/1", r)
	return server
}

// channelData is what the session says of its recording, after so long.
func channelData(t *testing.T, server *vonageinsightstest.Server) string {
	t.Helper()
	_, body := call{target: root + "/a%2F1"}.send(t, server)
	var session struct {
		ChannelData json.RawMessage `json:"channel_data"`
		Tags        json.RawMessage `json:"tags"`
	}
	if err := json.Unmarshal([]byte(body), &session); err != nil {
		t.Fatal(err)
	}
	return string(session.ChannelData) + string(session.Tags)
}

// A recording is null first and set later; the rest of the session stays.
func TestRecordingComesLater(t *testing.T) {
	t.Parallel()
	const path = "fake-account/fake-agent/a%2F1.mp3"
	const tags = `{"x":{"a":1},"x":{"b":2}}`
	for name, tt := range map[string]struct {
		recording vonageinsightstest.Recording
		document  string
		want      string
	}{
		"a path": {
			vonageinsightstest.Recording{Kind: vonageinsights.RecordingPath}, recordedSession, `{"audio_url":"` + path + `","duration":7}` + tags,
		},
		"a URL": {
			vonageinsightstest.Recording{Kind: vonageinsights.RecordingURL}, recordedSession, `{"audio_url":"https://vonage.test/recordings/` + path + `","duration":7}` + tags,
		},
		"a URL of one's own": {
			vonageinsightstest.Recording{Kind: vonageinsights.RecordingURL, Base: "http://localhost:1/x/"}, recordedSession, `{"audio_url":"http://localhost:1/x/` + path + `","duration":7}` + tags,
		},
		"without channel data": {
			vonageinsightstest.Recording{Kind: vonageinsights.RecordingPath}, `{"id":"a/1","session_start_time":"2031-05-01","channel_data":null}`, `{"audio_url":"` + path + `"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tt.recording.After = time.Minute
				server := withRecording(t, tt.document, tt.recording)
				if got := channelData(t, server); !strings.HasPrefix(got, `{"audio_url":null`) {
					t.Errorf("at first: %s", got)
				}
				time.Sleep(time.Minute)
				if diff := cmp.Diff(tt.want, channelData(t, server)); diff != "" {
					t.Errorf("later (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Of several recordings the last one counts, and a recording that waits keeps what
// happens to its session meanwhile.
func TestRecordingThatWaits(t *testing.T) {
	t.Parallel()
	const again = `{"id":"a/1","session_start_time":"2031-05-01T08:00:00","tags":{"added":"again"}}`
	recording := func(base string, after time.Duration) vonageinsightstest.Recording {
		return vonageinsightstest.Recording{Kind: vonageinsights.RecordingURL, Base: base, After: after}
	}
	const path = "/fake-account/fake-agent/a%2F1.mp3"
	for name, tt := range map[string]struct {
		meanwhile   func(t *testing.T, server *vonageinsightstest.Server)
		soon, later string // after half of the time, and when it is over
	}{
		"nothing happens": {
			func(*testing.T, *vonageinsightstest.Server) {},
			`"audio_url":null`, `"audio_url":"http://first` + path + `"`,
		},
		"a recording that is there at once": {
			func(_ *testing.T, server *vonageinsightstest.Server) {
				server.AddRecording("a/1", recording("http://second", 0))
			},
			`"audio_url":"http://second` + path + `"`, `"audio_url":"http://second` + path + `"`,
		},
		"a recording that comes later still": {
			func(_ *testing.T, server *vonageinsightstest.Server) {
				server.AddRecording("a/1", recording("http://second", time.Hour))
			},
			`"audio_url":null`, `"audio_url":null`,
		},
		"the session is added again": {
			func(t *testing.T, server *vonageinsightstest.Server) {
				t.Helper()
				if err := server.AddJSON([]byte(again)); err != nil {
					t.Error(err)
				}
			},
			`{"added":"again"}`, `{"audio_url":"http://first` + path + `"}{"added":"again"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := withRecording(t, recordedSession, recording("http://first", time.Minute))
				time.Sleep(30 * time.Second)
				tt.meanwhile(t, server)
				if got := channelData(t, server); !strings.Contains(got, tt.soon) {
					t.Errorf("soon: got %s, want %s", got, tt.soon)
				}
				time.Sleep(30 * time.Second)
				if got := channelData(t, server); !strings.Contains(got, tt.later) {
					t.Errorf("later: got %s, want %s", got, tt.later)
				}
			})
		})
	}
}

// A session that AddAfter replaces keeps what it is to become.
func TestRecordingLeavesWhatIsAddedLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := withRecording(t, recordedSession, vonageinsightstest.Recording{Kind: vonageinsights.RecordingURL, After: time.Minute})
		start := time.Date(2031, time.May, 1, 8, 0, 0, 0, time.UTC)
		server.AddAfter(2*time.Minute, &vonageinsights.Session{ID: "a/1", SessionStartTime: start, Status: vonageinsights.StatusEnded})
		server.AddRecording("a/1", vonageinsightstest.Recording{Kind: vonageinsights.RecordingURL, After: time.Minute})
		time.Sleep(2 * time.Minute)
		if _, body := (call{target: root + "/a%2F1"}).send(t, server); !strings.Contains(body, `"status":"ended"`) {
			t.Errorf("got %s, want the session that was added for later", body)
		}
	})
}

func TestRecordingFile(t *testing.T) {
	t.Parallel()
	server := withRecording(t, recordedSession, vonageinsightstest.Recording{Kind: vonageinsights.RecordingTokenURL, Data: []byte("ID3 sound")})
	_, document := call{target: root + "/a%2F1"}.send(t, server)
	session := new(vonageinsights.Session)
	if err := json.Unmarshal([]byte(document), session); err != nil {
		t.Fatal(err)
	}
	whole := session.Recording().URL()
	open, _, _ := strings.Cut(whole, "?")
	if voice, ok := session.Recording().VoiceURL(); !ok || voice != "https://voice.vonage.test/v1/files/a%2F1" {
		t.Errorf("the URL of the Voice API is %q, %v", voice, ok)
	}
	for name, tt := range map[string]struct {
		target string
		header string
		status int
		says   string
	}{
		"whole":              {whole, "", http.StatusOK, ""},
		"without its token":  {open, "", http.StatusUnauthorized, "Invalid token"},
		"with another token": {open + "?token=x", "", http.StatusUnauthorized, "Invalid token"},
		"unknown":            {"/recordings/x/y/z.mp3", "", http.StatusNotFound, "Recording not found"},
		"with the key":       {whole, "X-Vgai-Key", http.StatusBadRequest, "X-Vgai-Key does not belong"},
		"with a token":       {whole, "Authorization", http.StatusBadRequest, "Authorization does not belong"},
		"with a cookie":      {whole, "Cookie", http.StatusBadRequest, "Cookie does not belong"},
		"with a Referer":     {whole, "Referer", http.StatusBadRequest, "Referer does not belong"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := call{target: tt.target, key: "-"}
			answer, body := c.sendWith(t, server, tt.header)
			if tt.status != http.StatusOK {
				checkRefusal(t, answer, body, tt.status, tt.says)
				return
			}
			if answer.StatusCode != http.StatusOK || body != "ID3 sound" || answer.Header.Get("Content-Type") != "audio/mpeg" {
				t.Errorf("%d %q %v", answer.StatusCode, body, answer.Header)
			}
		})
	}
}

// sendWith sends the call with a header that it would not have.
func (c call) sendWith(t *testing.T, handler http.Handler, header string) (*http.Response, string) {
	t.Helper()
	return c.send(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if header != "" {
			r.Header.Set(header, "x")
		}
		handler.ServeHTTP(w, r)
	}))
}

// A recording may be replaced, and a file be refused by a fault of its own.
func TestRecordingOperation(t *testing.T) {
	t.Parallel()
	server := withRecording(t, recordedSession, vonageinsightstest.Recording{Kind: vonageinsights.RecordingURL, Data: []byte("one")})
	server.AddRecording("a/1", vonageinsightstest.Recording{Kind: vonageinsights.RecordingURL, Data: []byte("two")})
	server.Fail(vonageinsightstest.Fault{Op: "DownloadRecording", Status: http.StatusNotFound})
	c := call{target: "/recordings/fake-account/fake-agent/a%2F1.mp3", key: "-"}
	for _, want := range []int{http.StatusNotFound, http.StatusOK} {
		answer, body := c.send(t, server)
		if answer.StatusCode != want || want == http.StatusOK && body != "two" {
			t.Errorf("%d %q, want %d", answer.StatusCode, body, want)
		}
	}
	for _, r := range server.Requests() {
		if r.Op != "DownloadRecording" {
			t.Errorf("the operation of %s is %q", r.Path, r.Op)
		}
	}
	// Another method is no operation, and wants the key.
	c.method = http.MethodPost
	if answer, _ := c.send(t, server); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("POST: %d", answer.StatusCode)
	}
}

func TestAddRecordingPanics(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		id   string
		kind vonageinsights.RecordingKind
		want string
	}{
		"no session":   {"b", vonageinsights.RecordingURL, "no session"},
		"no kind":      {"a/1", vonageinsights.RecordingNone, "the kind is none of"},
		"unknown kind": {"a/1", vonageinsights.RecordingUnknown, "the kind is none of"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := withRecording(t, recordedSession, vonageinsightstest.Recording{Kind: vonageinsights.RecordingURL})
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, tt.want) {
					t.Errorf("panic with %q, want one about %q", text, tt.want)
				}
			}()
			server.AddRecording(tt.id, vonageinsightstest.Recording{Kind: tt.kind})
		})
	}
}
