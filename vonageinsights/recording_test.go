package vonageinsights_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/vonageinsights"
)

// recorded is a session whose recording is there.
func recorded(audioURL string) *vonageinsights.Session {
	return &vonageinsights.Session{ID: "s-1", ChannelData: vonageinsights.ChannelData{AudioURL: &audioURL}}
}

// jwt is a token with that payload.
func jwt(payload string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`)) + "." +
		base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2lnbmF0dXJl"
}

func TestRecordingKinds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]vonageinsights.RecordingKind{
		"": vonageinsights.RecordingNone,

		"account/version/session.mp3":  vonageinsights.RecordingPath,
		"/account/session.mp3":         vonageinsights.RecordingPath,
		"session.mp3?token=1":          vonageinsights.RecordingPath,
		"a session.mp3":                vonageinsights.RecordingPath,
		"https://files.test/s.mp3":     vonageinsights.RecordingURL,
		"HTTPS://FILES.TEST/s.mp3":     vonageinsights.RecordingURL,
		"http://files.test/s.mp3":      vonageinsights.RecordingURL,
		"https://files.test?token=1":   vonageinsights.RecordingTokenURL,
		"https://files.test/s?x":       vonageinsights.RecordingTokenURL,
		"https://files.test/s#token=1": vonageinsights.RecordingTokenURL,
		"https://u:p@files.test/s.mp3": vonageinsights.RecordingTokenURL,

		"//files.test/s.mp3":       vonageinsights.RecordingUnknown,
		"ftp://files.test/s.mp3":   vonageinsights.RecordingUnknown,
		"javascript:alert(1)":      vonageinsights.RecordingUnknown,
		"https:s.mp3":              vonageinsights.RecordingUnknown,
		"https:///s.mp3":           vonageinsights.RecordingUnknown,
		"?token=1":                 vonageinsights.RecordingUnknown,
		"#s":                       vonageinsights.RecordingUnknown,
		"a\nb.mp3":                 vonageinsights.RecordingUnknown,
		" https://files.test/s":    vonageinsights.RecordingUnknown,
		"https://files.test/%zz":   vonageinsights.RecordingUnknown,
		"account:1/version/s.mp3":  vonageinsights.RecordingUnknown,
		"https://files.test:x/s":   vonageinsights.RecordingUnknown,
		"https://files.test /s.m4": vonageinsights.RecordingUnknown,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got := recorded(text).Recording()
			if got.Kind() != want || got.URL() != text {
				t.Errorf("%v of %q, want %v", got.Kind(), got.URL(), want)
			}
		})
	}
	for name, session := range map[string]string{
		"null": `{"id":"s-1","channel_data":{"audio_url":null}}`, "absent": `{"id":"s-1","channel_data":{}}`, "no channel data": `{"id":"s-1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := new(vonageinsights.Session)
			if err := json.Unmarshal([]byte(session), s); err != nil {
				t.Fatal(err)
			}
			if got := s.Recording(); got.Kind() != vonageinsights.RecordingNone || got != (vonageinsights.Recording{}) || got.URL() != "" {
				t.Errorf("%v, want none", got.Kind())
			}
		})
	}
}

// printed is everything that printing, logging and encoding make of a
// recording, also within another struct.
func printed(t testing.TB, r vonageinsights.Recording) string {
	t.Helper()
	type holder struct {
		recording vonageinsights.Recording
		Recording vonageinsights.Recording `json:"recording"`
	}
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p"} {
		for _, value := range []any{r, &r, holder{r, r}, &holder{r, r}, []vonageinsights.Recording{r}, map[string]any{"r": r}} {
			_, _ = fmt.Fprintf(&b, verb+"\n", value)
		}
	}
	text, err := json.Marshal(holder{r, r})
	if err != nil {
		t.Fatal(err)
	}
	b.Write(text)
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&b, nil), slog.NewTextHandler(&b, nil)} {
		slog.New(handler).Info("a", slog.Any("r", r), slog.Any("p", &r), slog.Any("h", holder{r, r}))
	}
	return b.String()
}

func TestRecordingShowsNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"https://files.test/personal.mp3?token=SENTINEL", "https://u:SENTINEL@files.test/personal", "personal/SENTINEL.mp3", "SENTINEL:personal", "https://SENTINEL%zz/personal",
	} {
		r := recorded(text).Recording()
		if got := printed(t, r); strings.Contains(got, "SENTINEL") || strings.Contains(got, "personal") || !strings.Contains(got, r.Kind().String()) {
			t.Errorf("%q shows as %s", text, got)
		}
	}
	for text, want := range map[string]string{
		"": "recording (none)", "a/b.mp3": "recording (path)", "https://a.test": "recording (URL)",
		"https://a.test?b=1": "recording (token URL)", "a:b": "recording (unknown)",
	} {
		if got := fmt.Sprint(recorded(text).Recording()); got != want {
			t.Errorf("%q prints as %q, want %q", text, got, want)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ recording, base, want, text string }{
		"a path":              {recording: "a/b/s.mp3", base: "https://files.test/public/", want: "https://files.test/public/a/b/s.mp3"},
		"a path, on loopback": {recording: "/s.mp3", base: "http://127.0.0.1:8080", want: "http://127.0.0.1:8080/s.mp3"},
		"a URL":               {recording: "https://files.test/s.mp3", want: "https://files.test/s.mp3"},
		"a URL and a base":    {recording: "https://files.test/s.mp3", base: "https://other.test", want: "https://files.test/s.mp3"},
		"a token URL":         {recording: "https://files.test/s?t=1", want: "https://files.test/s?t=1"},
		"no base":             {recording: "a/s.mp3", text: "RelativeTo"},
		"a base in clear":     {recording: "a/s.mp3", base: "http://files.test", text: "https://"},
		"a base of nothing":   {recording: "a/s.mp3", base: "files.test", text: "https://"},
		"a path that climbs":  {recording: "a/../../s.mp3", base: "https://files.test/public", text: "dot segment"},
		"none":                {recording: "", base: "https://files.test", text: "WaitRecording"},
		"unknown":             {recording: "ftp://files.test/personal", base: "https://files.test", text: "neither a path nor a URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := recorded(tt.recording).Recording().Resolve(tt.base)
			if got != tt.want || (err == nil) != (tt.text == "") {
				t.Fatalf("%q, %v; want %q", got, err, tt.want)
			}
			if err != nil && (!errors.Is(err, vonageinsights.ErrInvalidRequest) || !strings.Contains(err.Error(), tt.text) || strings.Contains(err.Error(), "personal")) {
				t.Errorf("err = %v, want an ErrInvalidRequest with %q", err, tt.text)
			}
		})
	}
}

func TestVoiceURL(t *testing.T) {
	t.Parallel()
	const voice = "https://api-us.vonage.test/v1/files/1"
	at := func(token string) string { return "https://files.test/s.mp3?x=a.b&token=" + url.QueryEscape(token) }
	padded := base64.URLEncoding.EncodeToString([]byte(`{"recordingUrl":"` + voice + `"}`))
	for name, tt := range map[string]struct{ recording, want string }{
		"a token":             {at(jwt(`{"iat":1,"recordingUrl":"` + voice + `","x":{"recordingUrl":"https://b.test"}}`)), voice},
		"padded":              {at("e30." + padded + ".x"), voice},
		"another claim":       {at(jwt(`{"url":"` + voice + `"}`)), ""},
		"no text":             {at(jwt(`{"recordingUrl":["a"]}`)), ""},
		"no object":           {at(jwt(`"` + voice + `"`)), ""},
		"no JSON":             {at(jwt(`{"recordingUrl":"` + voice + `"`)), ""},
		"in clear":            {at(jwt(`{"recordingUrl":"http://api.vonage.test/1"}`)), ""},
		"with a password":     {at(jwt(`{"recordingUrl":"https://u:p@api.vonage.test/1"}`)), ""},
		"no URL":              {at(jwt(`{"recordingUrl":"https://%zz"}`)), ""},
		"empty":               {at(jwt(`{"recordingUrl":""}`)), ""},
		"no base64":           {at("a.*.c"), ""},
		"no token":            {at("abc"), ""},
		"no query":            {"https://files.test/s.mp3", ""},
		"a path with a token": {"s.mp3?token=" + jwt(`{"recordingUrl":"`+voice+`"}`), ""},
		"none":                {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := recorded(tt.recording).Recording().VoiceURL(); got != tt.want || ok != (tt.want != "") {
				t.Errorf("%q, %v; want %q", got, ok, tt.want)
			}
		})
	}
}

// Whatever the service sends as the place of a recording: it never prints, and
// leads nowhere but to http or https, for a path below the base alone; what is sent
// there is one request without a credential.
func FuzzRecording(f *testing.F) {
	for _, text := range []string{
		"", "a/b.mp3", "/a", "//host/x", "https://files.test/a?token=" + jwt(`{"recordingUrl":"https://v.test/1"}`), "http://localhost/1", "HTTP://[::1]:1/x#y",
		"https://u:p@files.test", "javascript:x", "a/../b", "?x", "a?b#c", "%2e%2e/x", "\x00", "a:b", "https://%zz", "/%2F../x",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := recorded(text).Recording()
		// Short texts are part of what is printed of every recording.
		if known := printed(t, recorded("a/b").Recording()); len(text) > 12 && !strings.Contains(known, text) && strings.Contains(printed(t, r), text) {
			t.Error("the recording prints what it is")
		}
		if _, ok := r.VoiceURL(); ok && r.Kind() != vonageinsights.RecordingTokenURL {
			t.Error("a URL of the Voice API without a token")
		}
		const base = "https://base.test/public"
		resolved, err := r.Resolve(base)
		if err != nil {
			resolved = ""
		} else if u, err := url.Parse(resolved); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			t.Errorf("%q leads to %q, %v", text, resolved, err)
		}
		if r.Kind() == vonageinsights.RecordingPath && err == nil && !strings.HasPrefix(resolved, base+"/") {
			t.Errorf("the path %q leads to %q", text, resolved)
		}
		requests := 0
		client := onWire(t, roundTrip(func(req *http.Request) (*http.Response, error) {
			requests++
			if req.Header.Get("X-Vgai-Key") != "" || req.Header.Get("Authorization") != "" || req.URL.Scheme == "http" && !isLocal(req.URL.Hostname()) {
				t.Errorf("%q sends %v to %s", text, req.Header, req.URL.Host)
			}
			return respond(http.StatusOK, "sound")(req)
		}))
		var got strings.Builder
		_, err = client.DownloadRecording(t.Context(), r, &got, vonageinsights.RelativeTo(base))
		if (err == nil) != (requests == 1) || err != nil && !errors.Is(err, vonageinsights.ErrInvalidRequest) {
			t.Errorf("%q: %v after %d requests", text, err, requests)
		}
	})
}

func isLocal(host string) bool {
	return strings.EqualFold(host, "localhost") || strings.HasPrefix(host, "127.") || strings.Contains(host, "::")
}
