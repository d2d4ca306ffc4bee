package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/examples/internal/programtest"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// The secrets of the tests.
const (
	token        = "a-token-for-tests-of-26-ch"
	whippySecret = "an-API-key-of-the-tests"
)

// TestMain lets the tests run the program itself, to end it by force.
func TestMain(m *testing.M) { os.Exit(programtest.Main(m, main)) }

func noEnv(string) string { return "" }

// lines are those of a file, by their events without white space; each may be
// there once.
func lines(t *testing.T, path string) map[string]string {
	t.Helper()
	keys, byEvent := make(map[string]bool), make(map[string]string)
	for text := range strings.Lines(text(t, path)) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil || !strings.HasSuffix(text, "\n") {
			t.Fatalf("line %d: %v", len(keys)+1, err)
		}
		if _, twice := byEvent[string(l.Event)]; twice || keys[l.Key] {
			t.Errorf("%s is there twice", l.Key)
		}
		keys[l.Key], byEvent[string(l.Event)] = true, l.Key
	}
	return byEvent
}

// demoEvents are the events of the demonstration, as a file has them: those of
// RingSense name their subscription.
func demoEvents(t *testing.T, subscription string) map[string]string {
	t.Helper()
	want := make(map[string]string)
	insights, err := demo.Events()
	if err != nil {
		t.Fatal(err)
	}
	for _, payload := range insights {
		event, err := ringsense.ParseEvent(payload)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(payload), ringsensetest.EventSubscriptionID, subscription, 1)
		want[canonical(t, text)] = "ringsense:event:" + event.UUID
	}
	for _, payload := range slices.Concat(whippytest.CallEvents(1), whippytest.CallEvents(2), [][]byte{whippytest.MessageCreated(), whippytest.MessageUpdated()}) {
		want[canonical(t, string(payload))] = "whippy:"
	}
	return want
}

// canonical is a document with its members in order.
func canonical(t *testing.T, document string) string {
	t.Helper()
	var value any
	decoder := json.NewDecoder(strings.NewReader(document))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestDemo: the file holds what was sent, each event once, also when all of it is
// sent again to another run.
func TestDemo(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "events.jsonl")
	demonstrate := func() (stdout, stderr string) {
		var o, e bytes.Buffer
		if err := run(t.Context(), []string{"-for", "10ms", "-out", out}, noEnv, &o, &e); err != nil {
			t.Fatalf("%v\n%s", err, e.String())
		}
		return o.String(), e.String()
	}
	stdout, stderr := demonstrate()
	got, subscription := make(map[string]string), ""
	for event, key := range lines(t, out) {
		if rest, ok := strings.CutPrefix(key, "ringsense:"); ok {
			e, err := ringsense.ParseEvent([]byte(event))
			if err != nil || rest != "event:"+e.UUID {
				t.Fatalf("%s: %v", key, err)
			}
			subscription = e.SubscriptionID
		} else if strings.HasPrefix(key, "whippy:") {
			key = "whippy:"
		}
		got[canonical(t, event)] = key
	}
	want := demoEvents(t, subscription)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.HasSuffix(stdout, "\n13 events were sent, each twice: 13 new lines; a forged one was refused\n") || strings.Count(stdout, "\n") != len(want)+1 ||
		!strings.Contains(stdout, `3104417225019  "Call from Priya Raman to Tomás Oliveira"`) || strings.Contains(stdout, "Good morning") {
		t.Errorf("printed:\n%s", stdout)
	}
	for outcome, times := range map[string]int{"handshake": 1, "handled": 13, "duplicate": 13, "refused": 1} {
		if got := strings.Count(stderr, "outcome="+outcome+" "); got != times {
			t.Errorf("%d requests were %s, want %d", got, outcome, times)
		}
	}

	before := text(t, out)
	if stdout, _ = demonstrate(); stdout != "13 events were sent, each twice: 0 new lines; a forged one was refused\n" {
		t.Errorf("the second time, printed:\n%s", stdout)
	}
	if diff := cmp.Diff(before, text(t, out)); diff != "" {
		t.Errorf("the second time, the file has changed (-want +got):\n%s", diff)
	}
}

// process is the receiver in a process of its own, as it can be killed.
type process struct {
	*exec.Cmd

	url   string
	ended chan error // with how it has ended
}

func start(t *testing.T, out string) *process {
	t.Helper()
	p := &process{Cmd: programtest.Command(t, "-listen", "127.0.0.1:0", "-out", out), ended: make(chan error, 1)}
	p.Env = append(p.Env, tokensVariable+"=another-token-for-tests "+token, secretsVariable+"="+whippySecret)
	var complaint bytes.Buffer
	p.Stderr = &complaint
	stdout, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(stdout)
	first, err := reader.ReadString('\n')
	if p.url, _ = strings.CutPrefix(strings.TrimSpace(first), "listening on "); err != nil {
		t.Fatalf("the program has not begun: %v, %v: %s", err, p.Wait(), complaint.String())
	}
	go func() {
		_, _ = io.Copy(io.Discard, reader)
		p.ended <- p.Wait()
	}()
	return p
}

// kill ends it by force.
func (p *process) kill(t *testing.T) {
	t.Helper()
	_ = p.Process.Kill()
	if err := <-p.ended; err == nil {
		t.Error("the program has ended by itself")
	}
}

// envelope is an event on its way, to any program.
type envelope struct {
	service string
	payload []byte
}

// post sends it, and returns the status, or 0 if nobody answers.
func (e envelope) post(ctx context.Context, url string) int {
	req := whippytest.NewRequest(whippySecret, e.payload, whippytest.To(url+"/"+e.service))
	if e.service == "ringsense" {
		req.Header = http.Header{"Content-Type": {"application/json"}, "Verification-Token": {token}}
	}
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := transport.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// many makes n events of each service.
func many(n int) (events []envelope) {
	for i := range n {
		record := &ringsense.RecordingInsights{SourceRecordID: fmt.Sprintf("31%06d", i), Title: fmt.Sprintf("Call %d", i)}
		events = append(events,
			envelope{"ringsense", ringsensetest.EventPayload(record)},
			envelope{"whippy", whippytest.CallEvents(i)[i%3]})
	}
	return events
}

// TestKilled ends the program by force, whenever the file has reached a random
// length, and starts it again, while eight senders repeat each event until it is
// acknowledged, and send it twice: each is in the file once.
func TestKilled(t *testing.T) {
	t.Parallel()
	const wantKills = 8
	random := rand.New(rand.NewPCG(6, 9))
	out := filepath.Join(t.TempDir(), "events.jsonl")
	events := many(400)
	var url atomic.Pointer[string]
	now := start(t, out)
	url.Store(&now.url)

	queue, done := make(chan envelope), make(chan struct{})
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for e := range queue {
				for status := 0; status != http.StatusOK; {
					if status = e.post(t.Context(), *url.Load()); status != http.StatusOK {
						time.Sleep(5 * time.Millisecond) // a busy one, or a program that is no more
					}
				}
			}
		})
	}
	go func() {
		for _, n := range rand.New(rand.NewPCG(3, 4)).Perm(2 * len(events)) {
			queue <- events[n/2]
		}
		close(queue)
		senders.Wait()
		close(done)
	}()

	kills := 0
	for limit, running := random.Int64N(100_000), true; running; {
		select {
		case <-done:
			running = false
		case err := <-now.ended:
			t.Fatalf("the program has ended by itself: %v", err)
		case <-time.After(time.Millisecond):
			if info, err := os.Stat(out); err == nil && info.Size() > limit && kills < wantKills {
				kills++
				now.kill(t)
				now = start(t, out)
				url.Store(&now.url)
				limit = info.Size() + random.Int64N(100_000)
			}
		}
	}
	now.kill(t)
	if kills < wantKills {
		t.Errorf("it was killed %d times, want %d", kills, wantKills)
	}
	want, got := make(map[string]bool), make(map[string]bool)
	for _, e := range events {
		want[string(e.payload)] = true
	}
	for event := range lines(t, out) {
		got[event] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestInterrupted ends the program by each of the two signals: it takes its time
// to answer what it has begun, and is not in trouble.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "events.jsonl")
			p := start(t, out)
			for _, e := range many(3) {
				if status := e.post(t.Context(), p.url); status != http.StatusOK {
					t.Errorf("status %d", status)
				}
			}
			// A request whose body is still to come.
			connection, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = connection.Close() }()
			const body = `{"sourceRecordId":"7"}`
			fmt.Fprintf(connection, "POST /ringsense HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nVerification-Token: %s\r\n"+
				"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", token, len(body))
			reader := bufio.NewReader(connection)
			if first, err := reader.ReadString('\n'); err != nil || !strings.Contains(first, " 100 ") {
				t.Fatalf("got %q, %v", first, err)
			}
			if err := p.Process.Signal(signal); err != nil {
				t.Error(err)
			}
			for err := error(nil); err == nil; {
				var probe net.Conn
				if probe, err = net.Dial("tcp", strings.TrimPrefix(p.url, "http://")); err == nil {
					_ = probe.Close()
					time.Sleep(time.Millisecond)
				}
			}
			fmt.Fprint(connection, body)
			if rest, err := io.ReadAll(reader); err != nil || !strings.Contains(string(rest), "HTTP/1.1 200 OK\r\n") {
				t.Errorf("the request that was begun: got %q, %v", rest, err)
			}
			if err := <-p.ended; err != nil {
				t.Errorf("the program ended with %v", err)
			}
			if got := lines(t, out); len(got) != 7 || got[body] == "" {
				t.Errorf("got %d lines, want 7", len(got))
			}
		})
	}
}

// serve runs a receiver inside the test until it ends, and returns its address and
// its output.
func serve(t *testing.T, s settings) (url string, stdout *bytes.Buffer) {
	t.Helper()
	stdout = new(bytes.Buffer)
	s.listen = "127.0.0.1:0"
	r, err := open(t.Context(), s, stdout, io.Discard)
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
	return r.url(), stdout
}

// TestRequests: what is refused leaves no trace, what cannot be decoded is kept,
// and what a caller chose does not reach a terminal as it is.
func TestRequests(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "events.jsonl")
	good := settings{tokens: []string{token}, secrets: []string{whippySecret}, out: out}
	url, stdout := serve(t, good)
	oddly := ringsensetest.EventPayload(&ringsense.RecordingInsights{SourceRecordID: "1", Title: "\x1b[2JAda"})
	reminder := []byte(`{"uuid":"u-1","event":"/restapi/v1.0/subscription/~","body":{"expiresIn":59}}`)
	other := []byte(`{"event":"lead.new","data":{"name":"Ida"},"request_id":"r-1"}`)
	for _, test := range []struct {
		name string
		envelope
		want int
	}{
		{"odd title", envelope{"ringsense", oddly}, 200},
		{"again", envelope{"ringsense", oddly}, 200},
		{"reminder", envelope{"ringsense", reminder}, 200},
		{"of another type", envelope{"whippy", other}, 200},
		{"no event", envelope{"whippy", []byte(`{"a": 1}`)}, 200},
		{"no event, again", envelope{"whippy", []byte(`{"a": 1}`)}, 200},
		{"no JSON", envelope{"ringsense", []byte("<html>")}, 200},
		{"elsewhere", envelope{"vonage", other}, 404},
	} {
		if got := test.post(t.Context(), url); got != test.want {
			t.Errorf("%s: status %d, want %d", test.name, got, test.want)
		}
	}
	keys := make([]string, 0, 5)
	for text := range strings.Lines(text(t, out)) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		service, _, _ := strings.Cut(l.Key, ":")
		keys = append(keys, service+" "+string(l.Event)+string(l.Payload))
		if (l.Error == "") != (l.Payload == nil) {
			t.Errorf("%s: the error is %q", l.Key, l.Error)
		}
		if strings.Contains(l.Key, ":undecodable:") != (l.Payload != nil) {
			t.Errorf("%s is the key of %q", l.Key, l.Payload)
		}
	}
	want := []string{"ringsense " + string(oddly), "ringsense " + string(reminder), "whippy " + string(other), `whippy {"a": 1}`, "ringsense <html>"}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantOut := "ringsense  1  \"\\x1b[2JAda\"\nringsense  /restapi/v1.0/subscription/~\nwhippy     lead.new  \"r-1\"\n"
	if diff := cmp.Diff(wantOut, stdout.String()); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}

// TestOneService: a service without a secret has no path, and one with other
// secrets takes nothing.
func TestOneService(t *testing.T) {
	t.Parallel()
	payload := ringsensetest.EventPayload(&ringsense.RecordingInsights{SourceRecordID: "1"})
	for name, test := range map[string]struct {
		settings
		ringsense, whippy int
	}{
		"ringsense alone": {settings{tokens: []string{token}}, 200, 404},
		"whippy alone":    {settings{secrets: []string{whippySecret}}, 404, 200},
		"other secrets":   {settings{tokens: []string{"a-token-of-somebody-else"}, secrets: []string{"x"}}, 401, 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.out = filepath.Join(t.TempDir(), "events.jsonl")
			url, _ := serve(t, test.settings)
			if got := (envelope{"ringsense", payload}).post(t.Context(), url); got != test.ringsense {
				t.Errorf("ringsense: status %d, want %d", got, test.ringsense)
			}
			if got := (envelope{"whippy", whippytest.CallEnded()}).post(t.Context(), url); got != test.whippy {
				t.Errorf("whippy: status %d, want %d", got, test.whippy)
			}
			wantLines := 1
			if test.ringsense != 200 && test.whippy != 200 {
				wantLines = 0
			}
			if got := lines(t, test.out); len(got) != wantLines {
				t.Errorf("got %d lines, want %d", len(got), wantLines)
			}
		})
	}
}

// TestRefused: nothing is made, and nothing runs, unless all is well.
func TestRefused(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	tokens, secrets := map[string]string{tokensVariable: token}, map[string]string{secretsVariable: whippySecret}
	for name, test := range map[string]struct {
		env  map[string]string
		args []string
		want string
	}{
		"a file, but no secrets":    {nil, []string{"-out", "x"}, "set RC_VERIFICATION_TOKENS, WHIPPY_API_KEYS or both"},
		"an address, but no secret": {nil, []string{"-listen", "127.0.0.1:0"}, "set RC_VERIFICATION_TOKENS, WHIPPY_API_KEYS or both"},
		"secrets, but no file":      {secrets, nil, "-out"},
		"demonstration elsewhere":   {nil, []string{"-for", "1s", "-listen", "127.0.0.1:0"}, "-listen"},
		"time backwards":            {nil, []string{"-for", "-1s"}, "-for"},
		"an argument too many":      {nil, []string{"x"}, `"x"`},
		"unknown flag":              {nil, []string{"-port", "1"}, "-port"},
		"a port alone":              {tokens, []string{"-listen", "8091", "-out", "x"}, "missing port in address, want one such as 127.0.0.1:8080"},
		"port taken":                {tokens, []string{"-listen", taken.Addr().String(), "-out", "x"}, "-listen " + taken.Addr().String()},
		"no such folder":            {tokens, []string{"-listen", "127.0.0.1:0", "-out", "no/such/x"}, "-out: "},
		"a token that is too short": {map[string]string{tokensVariable: "short"}, []string{"-listen", "127.0.0.1:0", "-out", filepath.Join(t.TempDir(), "x")}, tokensVariable + ": "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(t.Context(), test.args, func(name string) string { return test.env[name] }, io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if _, err := os.Lstat("x"); err == nil {
				t.Error("a file was made")
			}
		})
	}
	if err := run(t.Context(), []string{"-help"}, noEnv, io.Discard, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help: got %v", err)
	}
}

// TestBroken: a server that cannot go on ends the program, with its error.
func TestBroken(t *testing.T) {
	t.Parallel()
	s := settings{listen: "127.0.0.1:0", out: filepath.Join(t.TempDir(), "x"), secrets: []string{whippySecret}}
	r, err := open(t.Context(), s, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.listener.Close()
	if err := r.serve(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// TestDrained: the file is closed once the functions that have outlived their
// requests have returned.
func TestDrained(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := settings{listen: "127.0.0.1:0", out: filepath.Join(t.TempDir(), "x"), secrets: []string{whippySecret}}
		stdout := make(stalled)
		r, err := open(t.Context(), s, stdout, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.listener.Close() // nothing comes over a network
		answer := httptest.NewRecorder()
		r.mux.ServeHTTP(answer, whippytest.NewRequest(whippySecret, whippytest.CallEnded(), whippytest.To("/whippy")))
		if answer.Code != http.StatusServiceUnavailable {
			t.Errorf("in time: status %d", answer.Code)
		}
		ended := make(chan error, 1)
		go func() { ended <- r.end(t.Context()) }()
		synctest.Wait()
		if len(ended) > 0 {
			t.Error("the file was closed under the function")
		}
		close(stdout)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// stalled is a standard output that takes nothing until it is closed.
type stalled chan struct{}

func (s stalled) Write(data []byte) (int, error) {
	<-s
	return len(data), nil
}

// TestDemoInterrupted: a demonstration that is interrupted has not failed.
func TestDemoInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout bytes.Buffer
	if err := run(ctx, []string{"-for", "1h"}, noEnv, io.MultiWriter(&stdout, cancelling{cancel}), io.Discard); err != nil {
		t.Errorf("got %v", err)
	}
	if want := " sent, each twice: 1 new line\n"; !strings.HasSuffix(stdout.String(), want) {
		t.Errorf("got %q, want %q at its end, as no forged event was sent", stdout.String(), want)
	}
}

// cancelling is a standard output that interrupts the program.
type cancelling struct{ cancel context.CancelFunc }

func (c cancelling) Write(data []byte) (int, error) {
	c.cancel()
	return len(data), nil
}
