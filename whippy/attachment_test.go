package whippy_test

import (
	"testing"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/whippy"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	const (
		wav        = `{"content_type":"audio/x-wav","url":"https://example/organization_1/calls/2/recording.wav"}`
		transcript = `{"content_type":"application/json","url":"https://example/organization_1/calls/3/transcript.json"}`
		analysis   = `{"content_type":"application/json","url":"https://example/organization_1/calls/4/analysis.json"}`
	)
	const (
		wavURL        = "https://example/organization_1/calls/2/recording.wav"
		transcriptURL = "https://example/organization_1/calls/3/transcript.json"
		analysisURL   = "https://example/organization_1/calls/4/analysis.json"
	)
	tests := map[string]struct {
		attachments                     string
		recording, transcript, analysis string // URLs, empty for none
	}{
		"missing":                 {`null`, "", "", ""},
		"none yet":                {`[]`, "", "", ""},
		"ended":                   {`[` + wav + `,` + transcript + `]`, wavURL, transcriptURL, ""},
		"another order":           {`[` + analysis + `,` + transcript + `,` + wav + `]`, wavURL, transcriptURL, analysisURL},
		"plain URLs":              {`["` + analysisURL + `","` + wavURL + `","` + transcriptURL + `"]`, wavURL, transcriptURL, analysisURL},
		"with query and fragment": {`["https://x/recording.wav?X-Sig=a/b#c","https://x/analysis.json#transcript.json"]`, "https://x/recording.wav?X-Sig=a/b#c", "", "https://x/analysis.json#transcript.json"},
		"name in the query alone": {`["https://x/get?file=/recording.wav"]`, "", "", ""},
		"other case":              {`["https://x/Recording.WAV"]`, "https://x/Recording.WAV", "", ""},
		"mp3":                     {`["https://x/recording.mp3"]`, "https://x/recording.mp3", "", ""},
		"by its type":             {`[` + transcript + `,{"content_type":"Audio/MPEG","url":"https://x/1"},{"content_type":"audio/wav","url":"https://x/2"}]`, "https://x/1", transcriptURL, ""},
		"name before type":        {`[{"content_type":"audio/wav","url":"https://x/hold-music.wav"},` + wav + `]`, wavURL, "", ""},
		"no name, no audio":       {`[{"content_type":"application/json","url":"https://x/1"},{"url":"https://x/recording.wav/"},null]`, "", "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call := parseCall(t, `{"attachments":`+test.attachments+`}`)
			for _, file := range []struct {
				name string
				find func() (whippy.Attachment, bool)
				want string
			}{
				{"Recording", call.Recording, test.recording},
				{"TranscriptFile", call.TranscriptFile, test.transcript},
				{"AnalysisFile", call.AnalysisFile, test.analysis},
			} {
				if got, ok := file.find(); got.URL != file.want || ok != (file.want != "") {
					t.Errorf("%s: got %q, %v; want %q", file.name, got.URL, ok, file.want)
				}
			}
			jsontest.RoundTrip(t, call)
		})
	}
}
