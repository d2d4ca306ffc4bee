package vonageinsightstest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
)

// RecordingBase is the URL that a recording of the kind
// [vonageinsights.RecordingPath] is below, for a client of [Server.Client]. Over
// HTTP it is the URL of the server followed by /recordings.
const RecordingBase = baseURL + recordings

const recordings = "/recordings"

// Recording is the recording of a session.
type Recording struct {
	// Kind is the form in which the session says where it is: RecordingPath, RecordingURL or
	// RecordingTokenURL, whose token is then needed.
	Kind vonageinsights.RecordingKind
	// After is how long, from now, the session has none, on the clock of package
	// time, which testing/synctest replaces.
	After time.Duration
	// Data is what is recorded, served as audio/mpeg.
	Data []byte
	// Base is what its URL begins with; empty is [RecordingBase].
	Base string
}

// recordingFile is a file that the fake serves.
type recordingFile struct {
	data  []byte
	token string // "" for one that is open
}

// AddRecording gives a session that was added before a recording, or another
// one: its channel_data.audio_url is null, and after r.After says where the file
// is. The session is no longer served byte for byte as it was added. It panics if
// there is no such session, also if [Server.AddAfter] has yet to add it, or if r
// has another kind, as it is made for tests.
//
// Of several recordings of a session the last one counts: one that still waits
// does not come. A session that is added again meanwhile is as it was added, and
// gets the recording that waits when its time comes.
//
// A file that lags behind its URL, a host that fails for ever, as the service's
// does between its regions, a redirect and an HTML page are faults, see
// [Server.Fail], of the operation "DownloadRecording".
func (s *Server) AddRecording(id string, r Recording) {
	file := recordingFile{data: r.Data}
	path := "fake-account/fake-agent/" + url.PathEscape(id) + ".mp3"
	base := r.Base
	if base == "" {
		base = RecordingBase
	}
	where := strings.TrimRight(base, "/") + "/" + path
	switch r.Kind {
	case vonageinsights.RecordingPath:
		where = path
	case vonageinsights.RecordingURL:
	case vonageinsights.RecordingTokenURL:
		file.token = token(id)
		where += "?token=" + file.token
	default:
		panic("vonageinsightstest: AddRecording: the kind is none of RecordingPath, RecordingURL and RecordingTokenURL")
	}
	s.lock()
	defer s.mu.Unlock()
	session := s.store.byID[id]
	if session == nil {
		panic("vonageinsightstest: AddRecording: there is no session with that id")
	}
	if s.files == nil {
		s.files = make(map[string]recordingFile)
	}
	s.files[id] = file
	s.store.forgetRecording(id)
	s.store.put(session.withAudioURL(nil))
	s.store.postpone(waiting{until: time.Now().Add(r.After), id: id, audioURL: where})
}

// token is one like those in public code: a JWT that says where the file is in
// the Voice API.
func token(id string) string {
	part := func(claims map[string]string) string { return base64.RawURLEncoding.EncodeToString(encode(claims)) }
	return part(map[string]string{"alg": "none"}) + "." +
		part(map[string]string{"recordingUrl": "https://voice.vonage.test/v1/files/" + url.PathEscape(id)}) + ".fake"
}

// withAudioURL returns the document with that place of its recording.
func (d *document) withAudioURL(where any) *document {
	var session, channel map[string]json.RawMessage
	_ = json.Unmarshal(d.text, &session)                  // it is an object
	_ = json.Unmarshal(session["channel_data"], &channel) // what is none is replaced
	if channel == nil {
		channel = make(map[string]json.RawMessage)
	}
	channel["audio_url"] = encode(where)
	session["channel_data"] = encode(channel)
	return &document{id: d.id, start: d.start, text: encode(session)}
}

// serveRecording answers with a file, to whoever has its token. No credential
// belongs in such a request, which in life goes to another host: the fake refuses
// one, and a Referer.
func (s *Server) serveRecording(w http.ResponseWriter, r *http.Request, route route) {
	for _, name := range []string{keyHeader, "Authorization", "Cookie", "Referer"} {
		if r.Header.Get(name) != "" {
			writeError(w, http.StatusBadRequest, name+" does not belong in a request for a recording")
			return
		}
	}
	s.mu.Lock()
	file, found := s.files[route.id]
	s.mu.Unlock()
	switch {
	case !found:
		writeError(w, http.StatusNotFound, "Recording not found")
	case file.token != "" && r.URL.Query().Get("token") != file.token:
		writeError(w, http.StatusUnauthorized, "Invalid token")
	default:
		w.Header().Set("Content-Type", "audio/mpeg")
		_, _ = w.Write(file.data)
	}
}
