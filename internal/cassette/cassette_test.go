package cassette_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/internal/cassette"
	"github.com/callinsights/callinsights-go/internal/fakekit"
)

// fakeT stands in for the test that uses a cassette, so that its failures can
// be looked at.
type fakeT struct {
	testing.TB
	failures []string
	cleanups []func()
}

func (f *fakeT) Helper()                {}
func (f *fakeT) Cleanup(cleanup func()) { f.cleanups = append(f.cleanups, cleanup) }
func (f *fakeT) Errorf(format string, args ...any) {
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}

func (f *fakeT) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	panic(f)
}

func (f *fakeT) Fatal(args ...any) { f.Fatalf("%s", fmt.Sprint(args...)) }

func (f *fakeT) finish() {
	for _, cleanup := range f.cleanups {
		cleanup()
	}
}

const (
	secret = "key-5f1c0b7e93"
	one    = "testdata/cassettes/one"
)

// service answers with a document that holds what must not be saved.
func service() http.RoundTripper {
	return fakekit.Transport{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Set-Cookie", "session="+secret)
		w.Header().Set("RCRequestId", "req-77")
		_, _ = io.WriteString(w, `{"id":"live-1","name":"Ada Byrne","again":"Ada Byrne","echo":"`+
			r.Header.Get("X-Vgai-Key")+`","source":155501001,"short":15550100,"ok":true,"none":null,"a made up name":"Ada","page_size":"10","at":"2026-05-04T10:00:00Z"}`)
	})}
}

func source(secrets ...string) cassette.Source {
	return cassette.Source{
		Vendor: "vendor", Fake: service(), Secrets: secrets,
		IDs: map[string]string{"call-1": "live-1"},
	}
}

func ask(t *testing.T, rt http.RoundTripper, method, url, body string, key bool) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if key {
		r.Header.Set("X-Vgai-Key", secret)
	}
	resp, err := rt.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

// recordOne records one dialogue into the current folder.
func recordOne(t *testing.T, src cassette.Source) *fakeT {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("CI", "")
	cassette.SetRecording(t, true)
	ft := &fakeT{TB: t}
	rt := cassette.Open(ft, one, src)
	ask(t, rt, http.MethodPost, "https://live.example/a/live-1?b=2&a=1", "grant_type=x&assertion="+secret, true)
	ft.finish()
	cassette.SetRecording(t, false)
	return ft
}

func TestRecordedCassette(t *testing.T) {
	if ft := recordOne(t, source(secret)); len(ft.failures) > 0 {
		t.Fatalf("recording failed: %q", ft.failures)
	}
	data, err := os.ReadFile(one + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if !strings.HasPrefix(text, cassette.FakeMarker) {
		t.Error("the first line does not say that the fake was recorded")
	}
	for _, lost := range []string{secret, "Ada", "live-1", "live.example", "155501001", "Cookie", "req-77"} {
		if strings.Contains(text, lost) {
			t.Errorf("the cassette holds %q", lost)
		}
	}
	for _, kept := range []string{
		"https://vendor.test/a/call-1?b=2&a=1", `"id":"call-1"`, `"page_size":"10"`, "2026-05-04T10:00:00Z", "PRESENT",
		`"a made up name":"text-`, `"source":0`, `"short":15550100`, `"ok":true`, `"none":null`,
	} {
		if !strings.Contains(text, kept) {
			t.Errorf("the cassette lacks %q", kept)
		}
	}
}

func TestReplayIsStrict(t *testing.T) {
	const url, body = "https://vendor.test/a/call-1?a=1&b=2", "assertion=other&grant_type=x"
	tests := map[string]struct {
		method, url, body string
		key               bool
		failures          int
	}{
		"same request, query and form in another order": {http.MethodPost, url, body, true, 0},
		"other method":       {http.MethodPut, url, body, true, 2},
		"other path":         {http.MethodPost, "https://vendor.test/a/call-2?a=1&b=2", body, true, 2},
		"other query":        {http.MethodPost, "https://vendor.test/a/call-1?a=1", body, true, 2},
		"other body":         {http.MethodPost, url, "grant_type=y", true, 2},
		"no body":            {http.MethodPost, url, "", true, 2},
		"without credential": {http.MethodPost, url, body, false, 2},
	}
	recordOne(t, source(secret))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ft := &fakeT{TB: t}
			rt := cassette.Open(ft, one, source(secret))
			status, answer := ask(t, rt, test.method, test.url, test.body, test.key)
			ft.finish()
			if len(ft.failures) != test.failures {
				t.Errorf("failures: %q, want %d of them", ft.failures, test.failures)
			}
			if test.failures == 0 && (status != http.StatusOK || !strings.Contains(answer, "call-1")) {
				t.Errorf("got %d %s", status, answer)
			}
			if test.failures > 0 && status != http.StatusMisdirectedRequest {
				t.Errorf("status %d, want one that no client asks for again", status)
			}
			if text := strings.Join(ft.failures, " "); strings.Contains(text, secret) {
				t.Error("a failure shows the secret")
			}
		})
	}
}

// go-vcr serves an interaction once; asking twice must not pass unnoticed.
func TestReplayServesAnInteractionOnce(t *testing.T) {
	recordOne(t, source(secret))
	ft := &fakeT{TB: t}
	rt := cassette.Open(ft, one, source(secret))
	for range 2 {
		ask(t, rt, http.MethodPost, "https://vendor.test/a/call-1?a=1&b=2", "grant_type=x&assertion=1", true)
	}
	ft.finish()
	if len(ft.failures) != 1 {
		t.Errorf("failures: %q, want one", ft.failures)
	}
}

// go-vcr records once by default when a cassette is missing or misnamed.
func TestMissingCassetteFails(t *testing.T) {
	t.Chdir(t.TempDir())
	ft := &fakeT{TB: t}
	defer func() {
		if recover() == nil || len(ft.failures) != 1 || !strings.Contains(ft.failures[0], "-record") {
			t.Errorf("failures: %q, want one that names -record", ft.failures)
		}
		if entries, _ := os.ReadDir("."); len(entries) > 0 {
			t.Errorf("%d files were written", len(entries))
		}
	}()
	cassette.Open(ft, "testdata/cassettes/missing", source())
}

func TestRecordingIsRefusedInCI(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("CI", "true")
	cassette.SetRecording(t, true)
	ft := &fakeT{TB: t}
	defer func() {
		if recover() == nil || len(ft.failures) != 1 {
			t.Errorf("failures: %q, want one", ft.failures)
		}
	}()
	cassette.Open(ft, one, source())
}

func TestSecretOnACassetteRemovesIt(t *testing.T) {
	ft := recordOne(t, source("grant_type"))
	if len(ft.failures) != 1 || !strings.Contains(ft.failures[0], "secret number 0") {
		t.Errorf("failures: %q, want one about the secret", ft.failures)
	}
	if strings.Contains(strings.Join(ft.failures, ""), "grant_type") {
		t.Error("the failure shows the secret")
	}
	if _, err := os.Stat(one + ".yaml"); !os.IsNotExist(err) {
		t.Error("the cassette is still there")
	}
}

func TestUnrecordableAnswer(t *testing.T) {
	src := source(secret)
	src.Fake = fakekit.Transport{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html>")
	})}
	if ft := recordOne(t, src); len(ft.failures) != 1 || !strings.Contains(ft.failures[0], "JSON") {
		t.Errorf("failures: %q, want one about JSON", ft.failures)
	}
}
