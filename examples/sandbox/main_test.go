package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/examples/internal/programtest"
)

func TestMain(m *testing.M) { os.Exit(programtest.Main(m, main)) }

// start runs the sandbox until the test ends, and returns its line.
func start(t *testing.T, args ...string) line {
	t.Helper()
	reader, writer := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, args, writer, io.Discard)
		_ = writer.Close()
		ended <- err
	}()
	stdout := bufio.NewReader(reader)
	text, err := stdout.ReadString('\n')
	if err != nil {
		t.Fatalf("the sandbox has printed no line: %v", errors.Join(err, <-ended))
	}
	var l line
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if rest, err := io.ReadAll(stdout); len(rest) > 0 || err != nil {
			t.Errorf("after its line the sandbox printed %q, %v", rest, err)
		}
		if err := <-ended; err != nil {
			t.Errorf("the sandbox ended with %v", err)
		}
	})
	return l
}

// The ports are closed when the sandbox has ended.
func TestPortsAreClosed(t *testing.T) { //nolint:paralleltest // others may be given the same ports
	var l line
	t.Run("open", func(t *testing.T) {
		l = start(t, "-ringsense", "127.0.0.1:0", "-vonage", "127.0.0.1:0")
	})
	for _, address := range []string{l.RingSense.URL, l.Vonage.URL} {
		if connection, err := net.Dial("tcp", strings.TrimPrefix(address, "http://")); err == nil {
			_ = connection.Close()
			t.Errorf("%s is still open", address)
		}
	}
}

// ask sends what curl would send, and returns status and body.
func ask(t *testing.T, method, address string, header http.Header, body string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(req.Header, header)
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, data
}

// mustGet decodes an answer that has to be 200.
func mustGet(t *testing.T, address string, header http.Header, into any) {
	t.Helper()
	status, body := ask(t, http.MethodGet, address, header, "")
	if status != http.StatusOK {
		t.Fatalf("%s: got %d: %s", address, status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
}

// login does the token grant, and returns the header of all other requests.
func login(t *testing.T, l line) http.Header {
	t.Helper()
	basic := &http.Request{Header: make(http.Header)}
	basic.SetBasicAuth(l.RingSense.ClientID, l.RingSense.ClientSecret)
	basic.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	grant := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {l.RingSense.JWT}}
	status, body := ask(t, http.MethodPost, l.RingSense.URL+"/restapi/oauth/token", basic.Header, grant.Encode())
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &token); err != nil || status != http.StatusOK || token.AccessToken == "" {
		t.Fatalf("no token: %d, %v", status, err)
	}
	return http.Header{"Authorization": {"Bearer " + token.AccessToken}}
}

func TestRingSense(t *testing.T) {
	t.Parallel()
	l := start(t)
	header := login(t, l)
	const insights = "/ai/ringsense/v1/public/accounts/~/domains/pbx/"
	var record struct{ Title, SourceRecordID string }
	mustGet(t, l.RingSense.URL+insights+"records/"+l.RingSense.RecordingID+"/insights", header, &record)
	if record.SourceRecordID != l.RingSense.RecordingID || record.Title == "" {
		t.Errorf("the recording: got %+v", record)
	}
	var session struct {
		Records []struct{ SourceSessionID string }
	}
	mustGet(t, l.RingSense.URL+insights+"sessions/"+l.RingSense.SessionID+"/insights", header, &session)
	if len(session.Records) != 2 || session.Records[0].SourceSessionID != l.RingSense.SessionID {
		t.Errorf("the session: got %+v", session)
	}
	if status, _ := ask(t, http.MethodGet, l.RingSense.URL+insights+"records/1/insights", nil, ""); status != http.StatusUnauthorized {
		t.Errorf("without a token: got %d", status)
	}
}

// TestCallLog reads a page, and follows it to the next.
func TestCallLog(t *testing.T) {
	t.Parallel()
	l := start(t)
	header := login(t, l)
	type page struct {
		Records    []struct{ ID string }
		Navigation struct{ NextPage struct{ URI string } }
	}
	var first, second page
	mustGet(t, l.RingSense.URL+"/restapi/v1.0/account/~/call-log?dateFrom=2026-10-01T00:00:00Z&recordingType=All&perPage=3", header, &first)
	if len(first.Records) != 3 {
		t.Fatalf("the first page: got %+v", first)
	}
	mustGet(t, first.Navigation.NextPage.URI, header, &second)
	if len(second.Records) != 1 || second.Records[0] == first.Records[0] {
		t.Errorf("the second page: got %+v", second)
	}
}

func TestVonage(t *testing.T) {
	t.Parallel()
	l := start(t)
	key := http.Header{"X-Vgai-Key": {l.Vonage.APIKey}}
	query := url.Values{
		"from_date": {"2026-10-01"}, "to_date": {"2026-10-31"},
		"filter_by": {`{"must":[{"match":{"transcription.client":"boiler"}}]}`},
	}
	search := l.Vonage.URL + "/insights/sessions?" + query.Encode()
	var found struct{ Hits []struct{ ID string } }
	mustGet(t, search, key, &found)
	if len(found.Hits) != 1 || found.Hits[0].ID != l.Vonage.SessionID {
		t.Errorf("the search: got %+v", found)
	}
	var session struct{ ID string }
	mustGet(t, l.Vonage.URL+"/insights/sessions/"+l.Vonage.SessionID+"/parameters?session_start_time="+l.Vonage.SessionStart, key, &session)
	if session.ID != l.Vonage.SessionID {
		t.Errorf("the session: got %+v", session)
	}
	if status, _ := ask(t, http.MethodGet, search, nil, ""); status != http.StatusUnauthorized {
		t.Errorf("without the key: got %d", status)
	}
}

// TestEvents subscribes a program on this machine, which gets events of its
// domain, and one that is not on this machine.
func TestEvents(t *testing.T) {
	t.Parallel()
	events := make(chan string)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if token := r.Header.Get("Validation-Token"); token != "" {
			w.Header().Set("Validation-Token", token)
			return
		}
		var event struct {
			Body struct {
				Domain string `json:"domain"`
			} `json:"body"`
		}
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			t.Error(err)
		}
		select {
		case events <- r.Header.Get("Verification-Token") + " " + event.Body.Domain:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(receiver.Close) // after the sandbox has ended
	l := start(t, "-event-every", "1ms")
	header := login(t, l)
	header.Set("Content-Type", "application/json")
	subscribe := func(address string) (int, []byte) {
		return ask(t, http.MethodPost, l.RingSense.URL+"/restapi/v1.0/subscription", header, `{
			"eventFilters": ["/ai/ringsense/v1/public/accounts/~/domains/pbx/insights"],
			"deliveryMode": {"transportType": "WebHook", "address": "`+address+`", "verificationToken": "a-token-of-ours"}
		}`)
	}
	if status, body := subscribe(receiver.URL); status != http.StatusOK {
		t.Fatalf("no subscription: %d: %s", status, body)
	}
	for range 6 {
		if got := <-events; got != "a-token-of-ours pbx" {
			t.Errorf("got an event of %q", got)
		}
	}
	if status, body := subscribe("https://192.0.2.1/"); status != http.StatusBadRequest || !strings.Contains(string(body), "SUB-525") {
		t.Errorf("an address that is not of this machine: got %d: %s", status, body)
	}
}

// TestTelling: an address that cannot be reached is named, with the reason, when it
// is to be subscribed.
func TestTelling(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header http.Header
		want   string
	}{
		"handshake": {http.Header{"Validation-Token": {"x"}}, `no handshake with "192.0.2.1": "dial tcp 192.0.2.1:443: the sandbox sends events to this machine alone"` + "\n"},
		"event":     {nil, ""}, // of which the fake tells itself
	} {
		var stderr bytes.Buffer
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://192.0.2.1/?key=secret", http.NoBody)
		req.Header = test.header
		if answer, err := localTransport(&stderr).RoundTrip(req); err == nil {
			_ = answer.Body.Close()
			t.Errorf("%s: it has left this machine", name)
		}
		if diff := cmp.Diff(test.want, stderr.String()); diff != "" {
			t.Errorf("%s: standard error (-want +got):\n%s", name, diff)
		}
	}
}

// TestRecipes lets a shell do what the sandbox says can be tried.
func TestRecipes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"sh", "sed", "curl"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip(err)
		}
	}
	l := start(t)
	recipes := l.recipes()
	output, err := exec.CommandContext(t.Context(), "sh", "-ec", recipes).Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := json.NewDecoder(bytes.NewReader(output))
	for _, want := range []string{
		`"sourceRecordId":"` + l.RingSense.RecordingID, `"sourceSessionId":"` + l.RingSense.SessionID,
		demo.PendingID, `"total":5`, l.Vonage.SessionID,
	} {
		var answer json.RawMessage
		if err := answers.Decode(&answer); err != nil {
			t.Fatalf("an answer with %s: %v", want, err)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, answer); err != nil || !strings.Contains(compact.String(), want) {
			t.Errorf("want an answer with %s, got %s", want, answer)
		}
	}
	if answers.More() || strings.Count(recipes, "curl") != 6 {
		t.Error("there are more recipes than this test knows")
	}
}

// TestReadme compares the recipes with those of the README.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "<!-- recipes of examples/sandbox -->\n```sh\n")
	got, _, ended := strings.Cut(rest, "```")
	if !found || !ended {
		t.Fatal("the README has no recipes")
	}
	want := newLine("http://127.0.0.1:8801", "http://127.0.0.1:8802").recipes()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("README.md (-want +got):\n%s", diff)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	programtest.Refuses(t, run, programtest.Refusals{
		"port taken":             {[]string{"-vonage", taken.Addr().String()}, "-vonage " + taken.Addr().String()},
		"every network":          {[]string{"-ringsense", "0.0.0.0:0"}, "known to everybody"},
		"every network, unnamed": {[]string{"-ringsense", ":0"}, "known to everybody"},
		"another machine":        {[]string{"-vonage", "192.0.2.1:80"}, "known to everybody"},
		"a name":                 {[]string{"-vonage", "localhost.example.com:80"}, "known to everybody"},
		"no port":                {[]string{"-ringsense", "127.0.0.1"}, "missing port"},
		"no such port":           {[]string{"-ringsense", "127.0.0.1:99999"}, "invalid port"},
		"an argument too many":   {[]string{"x"}, `"x"`},
		"unknown flag":           {[]string{"-port", "1"}, "-port"},
		"time backwards":         {[]string{"-event-every", "-1s"}, "-event-every"},
	})
}

// TestBroken: a server that cannot go on ends the sandbox, with its error.
func TestBroken(t *testing.T) {
	t.Parallel()
	b, err := open(t.Context(), settings{ringsense: "127.0.0.1:0", vonage: "localhost:0"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	b.close()
	if err := b.serve(t.Context(), 0, io.Discard); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// TestInterrupted ends the program by each of the two signals.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	programtest.Interrupted(t, nil,
		func(t *testing.T, printed string) {
			t.Helper()
			var l line
			if err := json.Unmarshal([]byte(printed), &l); err != nil {
				t.Error(err)
			}
		},
		func(t *testing.T, stderr string) {
			t.Helper()
			if !strings.Contains(stderr, "To try it with curl:") {
				t.Errorf("standard error is %q", stderr)
			}
		})
}
