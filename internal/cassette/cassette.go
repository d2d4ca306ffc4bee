// Package cassette replays recorded dialogues between a client and a service.
// It is imported by tests alone.
//
// A cassette is replayed, never silently recorded: a request that is not on
// it, and an interaction that nobody asked for, fail the test. With the flag
// -record the tests that use one record it anew, which is refused where CI is
// set. What is saved went through a scrubber, whose comment lists what it lets
// through, and the first line of the file says what was recorded: the fakes of
// this module unless credentials for the live service were given.
package cassette

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
	"gopkg.in/dnaeon/go-vcr.v3/recorder"
)

var record = flag.Bool("record", false, "record the cassettes anew instead of replaying them")

// The first lines of a cassette, which say what was recorded.
const (
	FakeMarker = "# Recorded against the fake of this module; the live service sent none of this.\n"
	LiveMarker = "# Recorded against the live service, then scrubbed.\n"
)

// Source is what a cassette is recorded from.
type Source struct {
	// Vendor names the host on the cassette: https://<Vendor>.test.
	Vendor string
	// Fake answers when there are no credentials for the live service.
	Fake http.RoundTripper
	// Live is true where the client under test has credentials and the address
	// of the live service.
	Live bool
	// IDs are the ids that the test asks for, by the name that each has on the
	// cassette. They survive the scrubber under that name.
	IDs map[string]string
	// Secrets must not be found on the cassette.
	Secrets []string
}

// Recording reports whether cassettes are recorded in this run.
func Recording() bool { return *record }

// Open returns the transport that replays the cassette file.yaml, which stands
// in a folder named cassettes, or records it from src. What went wrong fails
// the test when it ends.
func Open(t testing.TB, file string, src Source) http.RoundTripper {
	t.Helper()
	if *record && os.Getenv("CI") != "" {
		t.Fatal("cassettes are not recorded in CI: run the test without -record")
	}
	name := filepath.Base(file)
	scrub := newScrubber(src)
	opts := &recorder.Options{CassetteName: file, Mode: recorder.ModeReplayOnly, SkipRequestLatency: true}
	if *record {
		opts.Mode, opts.RealTransport = recorder.ModeRecordOnly, src.Fake
		if src.Live {
			opts.RealTransport = http.DefaultTransport
		}
	}
	rec, err := recorder.NewWithOptions(opts)
	if err != nil {
		t.Fatalf("cassette %s: %v; to record it, run the test with -record", name, err)
	}
	rec.SetMatcher(matches)
	rec.AddHook(scrub.interaction, recorder.BeforeSaveHook)
	rec.AddHook(func(i *cassette.Interaction) error {
		if !*record && !i.WasReplayed() {
			t.Errorf("cassette %s: nobody asked for interaction %d, %s %s", name, i.ID, i.Request.Method, i.Request.URL)
		}
		return nil
	}, recorder.OnRecorderStopHook)
	t.Cleanup(func() {
		if err := rec.Stop(); err != nil {
			t.Errorf("cassette %s: %v", name, err)
			return
		}
		if *record {
			if err := finish(file+".yaml", src); err != nil {
				t.Errorf("cassette %s: %v", name, err)
			}
		}
	})
	return &strict{t: t, name: name, next: rec}
}

// finish writes the marker and checks once more that no secret was saved.
func finish(file string, src Source) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := checkSecrets(text, src.Secrets); err != nil {
		_ = os.Remove(file)
		return err
	}
	marker := FakeMarker
	if src.Live {
		marker = LiveMarker
	}
	return os.WriteFile(file, append([]byte(marker), text...), 0o600)
}

func checkSecrets(text []byte, secrets []string) error {
	for i, secret := range secrets {
		if secret != "" && bytes.Contains(text, []byte(secret)) {
			return fmt.Errorf("secret number %d was on the cassette, which has been removed", i)
		}
	}
	return nil
}

// strict turns an error of the recorder into a failed test and an answer that
// no client asks for again, where an error would be tried with backoff.
type strict struct {
	t    testing.TB
	name string
	next http.RoundTripper
}

func (s *strict) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(r)
	if err == nil {
		return resp, nil
	}
	if r.Context().Err() != nil {
		return nil, err
	}
	s.t.Errorf("cassette %s: %s %s: %v", s.name, r.Method, r.URL.EscapedPath(), err)
	return &http.Response{
		Status: "421 Misdirected Request", StatusCode: http.StatusMisdirectedRequest,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header), Body: http.NoBody, Request: r,
	}, nil
}

// credentialHeaders are compared, and recorded, by their presence alone.
var credentialHeaders = []string{"Authorization", "X-Vgai-Key"}

const present = "PRESENT"

// matches compares everything that makes a request: method, path, query in any
// order, body, media types and whether it carries a credential.
func matches(r *http.Request, recorded cassette.Request) bool {
	u, err := url.Parse(recorded.URL)
	if err != nil || r.Method != recorded.Method || r.URL.EscapedPath() != u.EscapedPath() {
		return false
	}
	if r.URL.Query().Encode() != u.Query().Encode() {
		return false
	}
	for _, name := range []string{"Accept", "Content-Type"} {
		if r.Header.Get(name) != recorded.Headers.Get(name) {
			return false
		}
	}
	for _, name := range credentialHeaders {
		if (r.Header.Get(name) != "") != (recorded.Headers.Get(name) != "") {
			return false
		}
	}
	body, err := requestBody(r)
	return err == nil && normalBody(r.Header.Get("Content-Type"), body) == recorded.Body
}

// requestBody reads the body and puts it back.
func requestBody(r *http.Request) (string, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return "", nil
	}
	data, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(data))
	return string(data), err
}

// formFields are kept of a form; the values of all others are credentials.
var formFields = []string{"grant_type", "token_type_hint"}

// normalBody is a body in the form in which it is recorded and compared.
func normalBody(mediaType, body string) string {
	switch {
	case strings.HasPrefix(mediaType, "application/x-www-form-urlencoded"):
		form, err := url.ParseQuery(body)
		if err != nil {
			return "unreadable form"
		}
		for name := range form {
			if !slices.Contains(formFields, name) {
				form.Set(name, present)
			}
		}
		return form.Encode()
	case strings.HasPrefix(mediaType, "application/json"):
		var compact bytes.Buffer
		if json.Compact(&compact, []byte(body)) != nil {
			return "unreadable JSON"
		}
		return compact.String()
	}
	return body
}
