package vonageinsights_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// sound is larger than one piece.
var sound = bytes.Repeat([]byte("ID3 sound "), 20_000)

func TestDownloadRecording(t *testing.T) {
	t.Parallel()
	relative := vonageinsights.RelativeTo(vonageinsightstest.RecordingBase)
	most := vonageinsights.MaxRecordingBytes(int64(len(sound)))
	for name, tt := range map[string]struct {
		kind vonageinsights.RecordingKind
		opts []vonageinsights.DownloadOption
	}{
		"a path":                {vonageinsights.RecordingPath, []vonageinsights.DownloadOption{relative}},
		"a URL":                 {vonageinsights.RecordingURL, nil},
		"a token URL":           {vonageinsights.RecordingTokenURL, []vonageinsights.DownloadOption{most}},
		"a URL despite options": {vonageinsights.RecordingURL, []vonageinsights.DownloadOption{relative, most}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := withCall(vonageinsightstest.Recording{Kind: tt.kind, Data: sound})
			client := server.Client()
			session, err := client.Session(t.Context(), "s-1", afterCall)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			n, err := client.DownloadRecording(t.Context(), session.Recording(), &got, tt.opts...)
			if err != nil || n != int64(len(sound)) || !bytes.Equal(got.Bytes(), sound) {
				t.Errorf("%d bytes, %v; want the recording", n, err)
			}
		})
	}
}

// Over sockets, where a client of another make would be.
func TestDownloadRecordingOverHTTP(t *testing.T) {
	t.Parallel()
	server := vonageinsightstest.NewServer()
	service := httptest.NewServer(server)
	defer service.Close()
	server.Add(&vonageinsights.Session{ID: "s-1", SessionStartTime: afterCall})
	server.AddRecording("s-1", vonageinsightstest.Recording{Kind: vonageinsights.RecordingTokenURL, Data: sound, Base: service.URL + "/recordings/"})
	client, err := vonageinsights.NewClient(vonageinsightstest.APIKey, vonageinsights.EU, vonageinsights.WithBaseURL(service.URL))
	if err != nil {
		t.Fatal(err)
	}
	session, err := client.FindSession(t.Context(), "s-1")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if n, err := client.DownloadRecording(t.Context(), session.Recording(), &got); err != nil || n != int64(len(sound)) || !bytes.Equal(got.Bytes(), sound) {
		t.Errorf("%d bytes, %v; want the recording", n, err)
	}
}

func TestDownloadRecordingRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		recording string
		opts      []vonageinsights.DownloadOption
		text      string
	}{
		"none":             {"", nil, "WaitRecording"},
		"no base":          {"a/personal.mp3", nil, "RelativeTo"},
		"an empty base":    {"a/personal.mp3", []vonageinsights.DownloadOption{vonageinsights.RelativeTo("")}, "RelativeTo"},
		"a base in clear":  {"a/personal.mp3", []vonageinsights.DownloadOption{vonageinsights.RelativeTo("http://files.test")}, "https://"},
		"in clear":         {"http://files.test/personal.mp3?token=personal", nil, "https://"},
		"with a password":  {"https://u:personal@files.test/a.mp3", nil, "password"},
		"unknown":          {"ftp://files.test/personal.mp3", nil, "neither a path nor a URL"},
		"a limit of zero":  {"https://files.test/a.mp3", []vonageinsights.DownloadOption{vonageinsights.MaxRecordingBytes(0)}, "MaxRecordingBytes: 0"},
		"a negative limit": {"https://files.test/a.mp3", []vonageinsights.DownloadOption{vonageinsights.MaxRecordingBytes(-1)}, "MaxRecordingBytes: -1"},
		"a nil option":     {"https://files.test/a.mp3", []vonageinsights.DownloadOption{nil}, "option 1 is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := onWire(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				t.Errorf("sent to %s", r.URL.Host)
				return nil, io.EOF
			}))
			n, err := client.DownloadRecording(t.Context(), recorded(tt.recording).Recording(), io.Discard, tt.opts...)
			if n != 0 || !errors.Is(err, vonageinsights.ErrInvalidRequest) || !strings.Contains(err.Error(), tt.text) || strings.Contains(err.Error(), "personal") {
				t.Errorf("%d, %v; want an ErrInvalidRequest with %q", n, err, tt.text)
			}
			if e, ok := errors.AsType[*vonageinsights.Error](err); !ok || e.Op != "DownloadRecording" {
				t.Errorf("err = %v, want an *Error of the call", err)
			}
		})
	}
}

func TestDownloadRecordingMeets(t *testing.T) {
	t.Parallel()
	header := func(name, value string) http.Header { return http.Header{name: {value}} }
	const s = time.Second
	for name, tt := range map[string]struct {
		fault vonageinsightstest.Fault
		kind  vonageinsights.RecordingKind // RecordingTokenURL unless set
		opts  []vonageinsights.DownloadOption
		n     int
		is    error // nil for a success
		text  string
		sent  int
		took  time.Duration
	}{
		"a file that lags": {fault: vonageinsightstest.Fault{N: 3, Status: 404}, n: len(sound), sent: 4, took: 20 * s},
		"a host that lags": {fault: vonageinsightstest.Fault{N: 5, Status: 502}, n: len(sound), sent: 6, took: 80 * s},
		"a file that never comes": {
			fault: vonageinsightstest.Fault{N: -1, Status: 404}, is: vonageinsights.ErrNotFound, text: "vonage.test does not have it: it may not be ready", sent: 6, took: 80 * s,
		},
		"two regions": {
			fault: vonageinsightstest.Fault{N: -1, Status: 500}, is: vonageinsights.ErrUnavailable, text: "Recording.VoiceURL, with the JWT of a Vonage Application", sent: 6, took: 80 * s,
		},
		"500 of another URL": {
			fault: vonageinsightstest.Fault{N: -1, Status: 500}, kind: vonageinsights.RecordingURL, is: vonageinsights.ErrUnavailable, text: "GET: 500 Internal Server Error (6 attempts)", sent: 6, took: 80 * s,
		},
		"a file that is gone": {fault: vonageinsightstest.Fault{N: -1, Status: 410}, is: vonageinsights.ErrNotFound, text: "may be deleted", sent: 1},
		"an old token":        {fault: vonageinsightstest.Fault{N: -1, Status: 401}, is: vonageinsights.ErrUnauthorized, text: "token of the URL may be too old", sent: 1},
		"a refusal":           {fault: vonageinsightstest.Fault{N: -1, Status: 403}, is: vonageinsights.ErrForbidden, text: "Public Recordings", sent: 1},
		"a login": {
			fault: vonageinsightstest.Fault{Status: 200, Header: header("Content-Type", "text/html"), Body: "<html>Sign in"},
			is:    vonageinsights.ErrInvalidResponse, text: `"Public Recordings" may be off in AI Studio`, sent: 1,
		},
		"a break": {
			fault: vonageinsightstest.Fault{CutAfter: 5000}, n: 5000, is: vonageinsights.ErrInvalidResponse, text: "broke off: unexpected EOF, after 5000 bytes were written", sent: 1,
		},
		"a break before it begins": {fault: vonageinsightstest.Fault{CutAfter: -1}, n: len(sound), sent: 2, took: 5 * s},
		"too large": {
			opts: []vonageinsights.DownloadOption{vonageinsights.MaxRecordingBytes(7)}, n: 7, is: vonageinsights.ErrInvalidResponse, text: "larger than 7 bytes", sent: 1,
		},
		"another host": {
			fault: vonageinsightstest.Fault{Status: 307, Header: header("Location", "https://storage.test/recordings/s-1.mp3")}, kind: vonageinsights.RecordingURL, n: len(sound), sent: 2,
		},
		"another host in clear": {
			fault: vonageinsightstest.Fault{Status: 307, Header: header("Location", "http://storage.test/recordings/s-1.mp3")},
			is:    vonageinsights.ErrInvalidResponse, text: "a redirect that is not followed", sent: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if tt.kind == vonageinsights.RecordingNone {
					tt.kind = vonageinsights.RecordingTokenURL
				}
				server := withCall(vonageinsightstest.Recording{Kind: tt.kind, Data: sound})
				session, err := server.Client().Session(t.Context(), "s-1", afterCall)
				if err != nil {
					t.Fatal(err)
				}
				tt.fault.Op = "DownloadRecording"
				server.Fail(tt.fault)
				var log bytes.Buffer
				start := time.Now()
				n, err := server.Client(vonageinsights.WithLogger(slog.New(slog.NewTextHandler(&log, nil)))).DownloadRecording(t.Context(), session.Recording(), io.Discard, tt.opts...)
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if n != int64(tt.n) || !errors.Is(err, tt.is) || err != nil && !strings.Contains(err.Error(), tt.text) {
					t.Errorf("%d bytes, %v; want %d and %v with %q", n, err, tt.n, tt.is, tt.text)
				}
				if sent := len(server.Requests()) - 1; sent != tt.sent {
					t.Errorf("%d requests, want %d", sent, tt.sent)
				}
				if text := log.String(); strings.Contains(text, "s-1") || strings.Contains(text, "token=") || !strings.Contains(text, "op=DownloadRecording") {
					t.Errorf("logged %s", text)
				}
				if err != nil && (strings.Contains(err.Error(), "s-1") || strings.Contains(err.Error(), "token=")) {
					t.Errorf("err = %v, which shows the URL", err)
				}
			})
		})
	}
}

// The context bounds the wait for a file that lags.
func TestDownloadRecordingInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := withCall(vonageinsightstest.Recording{Kind: vonageinsights.RecordingURL})
		server.Fail(vonageinsightstest.Fault{Op: "DownloadRecording", N: -1, Status: http.StatusNotFound})
		session, err := server.Client().Session(t.Context(), "s-1", afterCall)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_, err = server.Client().DownloadRecording(ctx, session.Recording(), io.Discard)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, vonageinsights.ErrNotFound) {
			t.Errorf("err = %v, want the deadline and what was seen", err)
		}
	})
}
