package webhook_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/webhook"
)

// fileLog is a delivery log whose commits outlive the program: one key on each
// line of a file. The claims of a program end with it.
type fileLog struct {
	*callinsights.MemoryDeliveryLog

	mu   sync.Mutex
	file *os.File
	torn bool // the program was killed in the middle of a line
}

// openLog reads what was committed, and cuts off a line that was not finished.
func openLog(ctx context.Context, path string) (*fileLog, error) {
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err := file.Truncate(int64(len(whole))); err != nil {
		return nil, err
	}
	l := &fileLog{MemoryDeliveryLog: callinsights.NewMemoryDeliveryLog(0, 0), file: file}
	for key := range strings.Lines(string(whole)) {
		if err := l.remember(ctx, strings.TrimSuffix(key, "\n")); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *fileLog) remember(ctx context.Context, key string) error {
	claim, err := l.Begin(ctx, key, time.Minute)
	if err != nil {
		return err
	}
	return l.MemoryDeliveryLog.Commit(ctx, key, claim.Token)
}

// kill ends the program in the middle of a line.
func (l *fileLog) kill() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.file.WriteString("notes:")
	_ = l.file.Close()
	l.torn = true
}

func (l *fileLog) killed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.torn
}

func (l *fileLog) Commit(ctx context.Context, key, token string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.file.WriteString(key + "\n"); err != nil {
		return err
	}
	return l.MemoryDeliveryLog.Commit(ctx, key, token)
}

// program is a receiver and the log that it uses, until it is killed.
type program struct {
	*webhook.Receiver[note]

	log *fileLog
}

// world is all that outlives a program: what its functions did, and the senders.
type world struct {
	t    *testing.T
	path string

	mu      sync.Mutex
	effects map[string]int
	total   int
	killAt  int // the number of effects at which the program is killed
	now     atomic.Pointer[program]
}

func (w *world) start() {
	log, err := openLog(w.t.Context(), w.path)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &program{log: log}
	p.Receiver, err = webhook.New(webhook.Config{Log: log}, (&trace{}).service(), func(_ context.Context, n *note) error {
		return w.handle(p, n)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.now.Store(p)
}

// handle takes its time, fails now and then, and has one effect.
func (w *world) handle(p *program, n *note) error {
	time.Sleep(rand.N(100 * time.Millisecond))
	switch rand.N(20) {
	case 0:
		return errFailed
	case 1:
		panic("a bug")
	case 2:
		time.Sleep(timeout) // and good in the end
	}
	w.effect(p, n.ID)
	time.Sleep(rand.N(20 * time.Millisecond)) // here it may be killed before it is noted
	return nil
}

func (w *world) effect(p *program, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.log.killed() {
		return // nothing runs in a program that is no more
	}
	w.effects[id]++
	if w.total++; w.total == w.killAt {
		p.log.kill()
	}
}

// deliver repeats an event until it is acknowledged, as a sender does.
func (w *world) deliver(id string) {
	for {
		p := w.now.Load()
		answer := httptest.NewRecorder()
		p.ServeHTTP(answer, request(noteOf(id)))
		switch killed := p.log.killed(); {
		case !killed && answer.Code == 200:
			return
		case !killed && answer.Code != 500 && answer.Code != 503:
			w.t.Errorf("event %s: status %d", id, answer.Code)
			return
		}
		time.Sleep(time.Second + rand.N(time.Second)) // also if there is nobody to answer
	}
}

// 10,000 deliveries, of which 30 % are duplicates, to a program that fails at
// random and is killed in the middle and started again: no event is lost, and
// none is handled twice but for those that were killed between effect and Commit.
func TestRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const deliveries, events, senders = 10_000, 7_000, 32
		w := &world{t: t, path: filepath.Join(t.TempDir(), "deliveries"), effects: make(map[string]int), killAt: events / 2}
		w.start()
		queue := make(chan string)
		var working sync.WaitGroup
		for range senders {
			working.Go(func() {
				for id := range queue {
					w.deliver(id)
				}
			})
		}
		killed := make(chan map[string]bool)
		go func() { killed <- w.restart() }()
		for _, n := range rand.Perm(deliveries) {
			queue <- strconv.Itoa(n % events)
		}
		close(queue)
		working.Wait()
		w.verify(events, <-killed)
		_ = w.now.Load().Drain(t.Context())
		_ = w.now.Load().log.file.Close()
	})
}

// restart waits until the program is killed and starts it again. It returns the
// events that had an effect of which the file does not know.
func (w *world) restart() map[string]bool {
	for !w.now.Load().log.killed() {
		time.Sleep(100 * time.Millisecond)
	}
	text, err := os.ReadFile(w.path)
	if err != nil {
		w.t.Error(err)
	}
	noted := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		noted[strings.TrimSuffix(strings.TrimPrefix(line, "notes:"), "\n")] = true
	}
	between := make(map[string]bool)
	w.mu.Lock()
	for id := range w.effects {
		between[id] = !noted[id]
	}
	w.mu.Unlock()
	time.Sleep(5 * time.Second) // nobody answers
	w.start()
	return between
}

func (w *world) verify(events int, between map[string]bool) {
	twice := 0
	for i := range events {
		id := strconv.Itoa(i)
		want := 1
		if between[id] {
			want = 2
			twice++
		}
		if w.effects[id] != want {
			w.t.Errorf("event %s was handled %d times, want %d (killed before it was noted: %t)", id, w.effects[id], want, between[id])
		}
	}
	if twice == 0 || twice > 32 {
		w.t.Errorf("%d events were killed between effect and Commit, want some, but no more than there are senders", twice)
	}
}
