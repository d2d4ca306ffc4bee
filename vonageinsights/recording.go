package vonageinsights

import (
	"cmp"
	"encoding/base64"
	"log/slog"
	"net/url"
	"strings"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// Recording is where the recording of a call is, in one of the forms that
// [RecordingKind] lists. It shows nothing of that when it is printed, logged or
// encoded: a URL may hold a token that opens the recording to everybody. Its zero
// value is a recording that is not there.
type Recording struct {
	kind RecordingKind
	text opaque.Secret
}

// RecordingKind is the form in which the service says where a recording is.
type RecordingKind int

// The forms. The first and the second are on
// studio.docs.ai.vonage.com/api-integration/vai-integration-guide, the others
// were seen by programs in public use.
const (
	// RecordingNone: there is none, or none yet; see [Client.WaitRecording].
	RecordingNone RecordingKind = iota
	// RecordingPath: a path below a URL that the service does not name. It takes
	// [RelativeTo] to download it.
	RecordingPath
	// RecordingURL: a URL that holds nothing secret.
	RecordingURL
	// RecordingTokenURL: a URL with a query or the like, as a rule a token with
	// which anybody can fetch the recording for a while.
	RecordingTokenURL
	// RecordingUnknown: something that is neither a path nor a URL of http or
	// https, and cannot be downloaded.
	RecordingUnknown
)

// String returns the name of the form, such as "path".
func (k RecordingKind) String() string {
	switch k {
	case RecordingNone:
		return "none"
	case RecordingPath:
		return "path"
	case RecordingURL:
		return "URL"
	case RecordingTokenURL:
		return "token URL"
	default:
		return "unknown"
	}
}

// Recording returns where the recording of the call is. It is of the kind
// [RecordingNone] where ChannelData.AudioURL is nil, as it is for a while after
// the call, or empty.
func (s *Session) Recording() Recording {
	if s.ChannelData.AudioURL == nil {
		return Recording{}
	}
	text := *s.ChannelData.AudioURL
	return Recording{kindOf(text), opaque.NewSecret(text)}
}

func kindOf(text string) RecordingKind {
	if text == "" {
		return RecordingNone
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Opaque != "":
		return RecordingUnknown
	case u.Scheme == "" && u.Host == "" && u.User == nil && u.Path != "":
		return RecordingPath
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return RecordingUnknown
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return RecordingTokenURL
	default:
		return RecordingURL
	}
}

// Kind returns the form.
func (r Recording) Kind() RecordingKind { return r.kind }

// URL returns the path or URL as the service sent it, "" for none. It may open
// the recording to whoever sees it: keep it out of logs.
func (r Recording) URL() string { return r.text.Reveal() }

// Resolve returns the URL of the recording: that of a path is below base, which
// begins with https:// (or http:// on this machine) and may have a path; for a
// URL, base is not used and may be empty. Like [Recording.URL], it is to be kept
// out of logs. The error matches [ErrInvalidRequest], for a recording that is not
// there, cannot be downloaded or needs another base.
func (r Recording) Resolve(base string) (string, error) {
	switch r.kind {
	case RecordingURL, RecordingTokenURL:
		return r.URL(), nil
	case RecordingNone:
		return "", fault.Invalid("the session has no recording, or not yet; WaitRecording waits for one")
	case RecordingUnknown:
		return "", fault.Invalid("the recording is neither a path nor a URL of http or https")
	case RecordingPath:
	}
	if base == "" {
		return "", fault.Invalid("the recording is a path; say with RelativeTo which URL it is below")
	}
	text, err := transport.Below(base, r.URL())
	if err != nil {
		return "", fault.Invalid("%v", err)
	}
	return text, nil
}

// VoiceURL returns where the recording is in Vonage's Voice API, if the token of
// its URL says so. AI Studio's own host fails to deliver a recording, with 500
// for ever, where its region is not that of the Voice API; from this URL it can
// be fetched with the JWT of a Vonage Application, which is a credential of the
// Voice API and not of this package. The token is read and not verified: look at
// the host before you send it a credential. So do programs in public use; the
// service documents none of it.
func (r Recording) VoiceURL() (string, bool) {
	u, err := url.Parse(r.URL())
	if err != nil || r.kind != RecordingTokenURL {
		return "", false
	}
	found := ""
	for _, values := range u.Query() {
		for _, value := range values {
			found = cmp.Or(found, voiceURL(value))
		}
	}
	return found, found != ""
}

// voiceURL is the URL in the payload of a JWT, "" if there is none.
func voiceURL(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return ""
	}
	text := ""
	err = jsonpull.ParseObject(string(payload), func(d *jsonpull.Decoder) {
		for obj := d.Object(); obj.Next(); {
			if obj.Key == "recordingUrl" {
				text = d.String()
			}
		}
	})
	if u, fault := url.Parse(text); err != nil || fault != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ""
	}
	return text
}

// String returns the form alone.
func (r Recording) String() string { return "recording (" + r.kind.String() + ")" }

// LogValue returns the form alone.
func (r Recording) LogValue() slog.Value {
	return slog.GroupValue(slog.String("kind", r.kind.String()))
}
