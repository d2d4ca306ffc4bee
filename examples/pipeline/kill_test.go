package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
	"github.com/callinsights/callinsights-go/whippy"
)

// TestKilled: whatever is killed, and whenever, in the end every event and every
// session is in the database once, as the services have them.
func TestKilled(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		seed       uint64
		duplicates time.Duration
		also       []string // to be killed besides receivers and workers
	}{
		// The stream forgets at once what it had, so that nothing but the keys of the
		// database tell what comes twice.
		"receivers and workers": {seed: 1, duplicates: 100 * time.Millisecond},
		"and the stream":        {seed: 2, duplicates: time.Hour, also: []string{"nats"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlant(t, test.duplicates)
			r := rand.New(rand.NewPCG(test.seed, 2026))
			sent := make(chan error, 1)
			go func() {
				// The senders take their time, so that there are some at every kill.
				_, err := p.world.sendAll(t.Context(), rand.New(rand.NewPCG(test.seed, 11)), twice, func() string {
					pause(t.Context(), rand.N(100*time.Millisecond))
					return p.receiver()
				})
				sent <- err
			}()
			kills := p.havoc(r, append([]string{"receiver 1", "receiver 2", "worker 1", "worker 2"}, test.also...))
			if err := <-sent; err != nil {
				t.Fatal(err)
			}
			p.drain()
			t.Logf("killed: %v", kills)
			p.stop()
			p.check()
		})
	}
}

// plant is the pipeline in processes of its own, on fakes in this one.
type plant struct {
	*testing.T

	world   *world
	db, url string
	roles   map[string][]string // the arguments of each process
	env     []string

	mu        sync.Mutex
	processes map[string]*running
}

func newPlant(t *testing.T, duplicates time.Duration) *plant {
	t.Helper()
	w := newWorld(size{meetings: 60, calls: 30, notices: 30, sessions: 800}, testSecrets())
	// Answers take a little, so that there is something to be killed in the middle of.
	w.ringSense.Fail(ringsensetest.Fault{Op: "SessionInsights", N: -1, Delay: 50 * time.Millisecond})
	w.studio.Fail(vonageinsightstest.Fault{N: -1, Delay: 100 * time.Millisecond})
	serve := func(handler *httptest.Server) string { t.Cleanup(handler.Close); return handler.URL }
	folder := t.TempDir()
	p := &plant{
		T: t, world: w, db: filepath.Join(folder, "calls.db"), url: "nats://" + freeAddress(t), processes: make(map[string]*running),
		env: append(os.Environ(),
			ringSenseVariable+"="+testToken, whippyVariable+"="+testKey, noticeVariable+"="+testNotice,
			"RC_APP_CLIENT_ID="+ringsensetest.ClientID, "RC_APP_CLIENT_SECRET="+ringsensetest.ClientSecret, "RC_USER_JWT="+ringsensetest.UserJWT,
			"VONAGE_AI_STUDIO_KEY="+vonageinsightstest.APIKey, "VONAGE_AI_STUDIO_REGION=eu"),
	}
	receive := []string{"receive", "-nats", p.url, "-listen", "127.0.0.1:0"}
	work := []string{"work", "-nats", p.url, "-db", p.db, "-every", "10", "-ringsense", serve(httptest.NewServer(w.ringSense)), "-vonage", serve(httptest.NewServer(w.studio))}
	p.roles = map[string][]string{
		"nats": {
			"nats", "-store", filepath.Join(folder, "stream"), "-nats-listen", strings.TrimPrefix(p.url, "nats://"),
			"-duplicates", duplicates.String(), "-ack-wait", "2s",
		},
		"receiver 1": receive, "receiver 2": receive, "worker 1": work, "worker 2": work,
	}
	t.Cleanup(p.killAll)
	p.start("nats")
	if got, want := p.processes["nats"].line, "listening on "+p.url+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for role := range p.roles {
		if role != "nats" {
			p.start(role)
		}
	}
	from, to := w.exports[0], w.exports[1]
	for _, query := range []vonageinsights.Query{from, to} {
		p.queue(query)
	}
	return p
}

// freeAddress is one that programs do not get by themselves, so that it stays free
// while the one who has it is dead.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))
		if listener, err := net.Listen("tcp", address); err == nil {
			_ = listener.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// queue runs the program that exports, as its user does.
func (p *plant) queue(query vonageinsights.Query) {
	p.Helper()
	s := p.connect()
	defer s.close()
	jobs, err := split(query, 3, 0)
	if err != nil {
		p.Fatal(err)
	}
	if added, err := s.putJobs(p.Context(), jobs); err != nil || added != len(jobs) {
		p.Fatalf("%d of %d jobs were added: %v", added, len(jobs), err)
	}
}

func (p *plant) connect() *stream {
	p.Helper()
	e := engineFlags{url: p.url}
	s, err := e.open(p.Context(), quiet())
	if err != nil {
		p.Fatal(err)
	}
	return s
}

// running is a process.
type running struct {
	command *exec.Cmd
	line    string // the first one that it printed
	stderr  *bytes.Buffer
	ended   chan struct{}
	err     error // of its end
}

// start runs a role and returns when it says that it is ready.
func (p *plant) start(role string) {
	arguments, err := json.Marshal(append([]string{programName}, p.roles[role]...))
	if err != nil {
		p.Error(err)
		return
	}
	// One that starts while the stream is dead ends, as the one who supervises it is
	// to start it again.
	for range 100 {
		process, err := launch(append(p.env, "PIPELINE_ARGUMENTS="+string(arguments)))
		if err == nil {
			p.mu.Lock()
			p.processes[role] = process
			p.mu.Unlock()
			return
		}
		p.Logf("%s: %v", role, err)
		pause(p.Context(), 50*time.Millisecond)
	}
	p.Errorf("%s does not start", role)
}

func launch(env []string) (*running, error) {
	r := &running{command: exec.Command(os.Args[0]), stderr: new(bytes.Buffer), ended: make(chan struct{})}
	r.command.Env, r.command.Stderr = env, r.stderr
	stdout, err := r.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := r.command.Start(); err != nil {
		return nil, err
	}
	r.line, err = bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		ended := r.command.Wait()
		return nil, fmt.Errorf("%w: %s", ended, r.stderr)
	}
	go func() {
		r.err = r.command.Wait()
		close(r.ended)
	}()
	return r, nil
}

// receiver returns the address of one that was alive a moment ago, as a load
// balancer does.
func (p *plant) receiver() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for role, process := range p.processes { // in any order
		if url, ok := strings.CutPrefix(process.line, "listening on http"); ok && strings.HasPrefix(role, "receiver") {
			return "http" + strings.TrimSpace(url)
		}
	}
	return ""
}

// havoc kills processes at odd moments, and starts them again.
func (p *plant) havoc(r *rand.Rand, victims []string) map[string]int {
	p.Helper()
	kills := make(map[string]int)
	for i := range 4 * len(victims) {
		pause(p.Context(), time.Duration(r.Int64N(int64(300*time.Millisecond))))
		role := victims[i%len(victims)]
		p.kill(role)
		kills[role]++
		p.start(role)
	}
	return kills
}

func (p *plant) kill(role string) {
	if process := p.remove(role); process != nil {
		_ = process.command.Process.Kill()
		p.await(role, process)
	}
}

// remove takes a process off the list, so that nothing is sent to it any more.
func (p *plant) remove(role string) *running {
	p.mu.Lock()
	defer p.mu.Unlock()
	process := p.processes[role]
	delete(p.processes, role)
	return process
}

// await waits for the end of a process, and reads what it had to say.
func (p *plant) await(role string, process *running) {
	p.Helper()
	<-process.ended
	for _, secret := range []string{testToken, testKey, testNotice, ringsensetest.ClientSecret, ringsensetest.UserJWT, vonageinsightstest.APIKey} {
		if strings.Contains(process.stderr.String(), secret) {
			p.Errorf("the log of %s has a secret", role)
		}
	}
}

func (p *plant) killAll() {
	for role := range p.roles {
		p.kill(role)
	}
}

// drain waits until the stream is empty.
func (p *plant) drain() {
	p.Helper()
	s := p.connect()
	defer s.close()
	ctx, cancel := context.WithTimeout(p.Context(), 45*time.Second)
	defer cancel()
	left, _ := s.waiting(ctx)
	err := s.drained(ctx)
	calls, streamErr := s.js.Stream(p.Context(), streamName)
	if streamErr != nil {
		p.Fatal(streamErr)
	}
	var deliveries uint64
	for consumer := range calls.ListConsumers(p.Context()).Info() {
		p.Logf("%-11s %d wait, %d under way, %d delivered", consumer.Name, consumer.NumPending, consumer.NumAckPending, consumer.Delivered.Consumer)
		deliveries += consumer.Delivered.Consumer
	}
	if err != nil {
		p.Fatal("the stream does not get empty: ", err)
	}
	messages := calls.CachedInfo().State.LastSeq
	p.Logf("%d messages, of which %d were left when the killing ended, in %d deliveries", messages, left, deliveries)
	if deliveries <= messages {
		p.Error("no worker was killed at work, so nothing was shown")
	}
}

// stop ends all processes as a supervisor does, the stream last.
func (p *plant) stop() {
	p.Helper()
	for _, role := range []string{"receiver 1", "receiver 2", "worker 1", "worker 2", "nats"} {
		process := p.remove(role)
		if err := process.command.Process.Signal(syscall.SIGTERM); err != nil {
			p.Errorf("%s: %v", role, err)
		}
		p.await(role, process)
		if process.err != nil {
			p.Errorf("%s ended with %v: %s", role, process.err, process.stderr)
		}
	}
}

// check compares the database with what the services have.
func (p *plant) check() {
	p.Helper()
	database, err := openStore(p.Context(), p.db)
	if err != nil {
		p.Fatal(err)
	}
	defer func() { _ = database.close() }()
	if diff := cmp.Diff(p.world.wantEvents(p.T), p.table(database, `SELECT key, payload FROM events`)); diff != "" {
		p.Errorf("events (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(p.world.wantCalls(p.T), p.table(database, `SELECT service || ' ' || id, document FROM calls`)); diff != "" {
		p.Errorf("calls (-want +got):\n%s", diff)
	}
	n, err := database.count(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	want := counts{events: 220, ringSense: 120, whippy: 30, vonage: 830, jobs: 6, exported: 800}
	if n != want {
		p.Errorf("got %+v, want %+v", n, want)
	}
}

// table reads two columns.
func (p *plant) table(s *store, query string) map[string]string {
	p.Helper()
	rows, err := s.db.QueryContext(p.Context(), query)
	if err != nil {
		p.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	got := make(map[string]string)
	for rows.Next() {
		var key, value string
		if err := rows.Scan(&key, &value); err != nil {
			p.Fatal(err)
		}
		if _, twice := got[key]; twice {
			p.Errorf("%s is there twice", key)
		}
		got[key] = value
	}
	if err := rows.Err(); err != nil {
		p.Fatal(err)
	}
	return got
}

// wantEvents are the events as they were sent, by key.
func (w *world) wantEvents(t *testing.T) map[string]string {
	t.Helper()
	want := make(map[string]string)
	for _, d := range w.sends {
		want[d.key(t)] = d.payload
	}
	return want
}

func (d *delivery) key(t *testing.T) string {
	t.Helper()
	switch d.path {
	case "/ringsense":
		e, err := ringsense.ParseEvent([]byte(d.payload))
		if err != nil {
			t.Fatal(err)
		}
		return e.DeliveryKey()
	case "/whippy":
		e, err := whippy.ParseEvent([]byte(d.payload))
		if err != nil {
			t.Fatal(err)
		}
		return e.DeliveryKey()
	default:
		n, err := parseNotice([]byte(d.payload))
		if err != nil {
			t.Fatal(err)
		}
		return n.key()
	}
}

// wantCalls are the calls as the services have them: recordings and sessions as the
// fakes answer, calls of Whippy as the last of their events has them.
func (w *world) wantCalls(t *testing.T) map[string]string {
	t.Helper()
	want := make(map[string]string)
	for i := range 60 {
		session, err := w.ringSense.Client().SessionInsights(t.Context(), fmt.Sprintf("s-%08d", i))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range session.Records {
			want["ringsense pbx/"+r.SourceRecordID] = r.RawJSON()
		}
	}
	last := make(map[string]*whippy.Event)
	for _, d := range w.sends {
		if d.path != "/whippy" {
			continue
		}
		e, err := whippy.ParseEvent([]byte(d.payload))
		if err != nil {
			t.Fatal(err)
		}
		c, ok := e.Data.(*whippy.Call)
		if !ok {
			t.Fatalf("an event of type %s", e.Type)
		}
		if was := last[c.ID]; was == nil || whippy.Newer(e, was) {
			last[c.ID] = e
			want["whippy "+c.ID] = c.RawJSON()
		}
	}
	_, to := w.exports[0].From, w.exports[1].To
	for session, err := range w.studio.Client().Search(t.Context(), vonageinsights.Query{From: w.exports[0].From, To: to.AddDate(0, 1, 0)}) {
		if err != nil {
			t.Fatal(err)
		}
		want["vonage "+session.ID] = session.RawJSON()
	}
	return want
}
