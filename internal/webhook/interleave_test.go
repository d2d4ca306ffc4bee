package webhook_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/webhook"
)

// move is a step of one of the two deliveries.
type move struct {
	who  int
	what string
}

func (m move) String() string { return fmt.Sprintf("%c %s", 'A'+m.who, m.what) }

// The steps that a delivery may take: its request arrives; the time for its
// answer is over; its lease is over; its function returns.
const (
	arrives   = "arrives"
	late      = "is late"
	leaseOver = "loses its lease"
	back      = "returns"
)

// lives are the steps of a delivery, in their order.
var lives = [][]string{{arrives, back}, {arrives, late, back}, {arrives, late, leaseOver, back}}

// fate is what a function returns, and whether the delivery log is down then.
type fate struct {
	outcome string
	logDown bool
}

func fates() []fate {
	var all []fate
	for _, outcome := range []string{"ok", "error", "panic", "dead letter"} {
		all = append(all, fate{outcome, false}, fate{outcome, true})
	}
	return all
}

func (f fate) good() bool { return f.outcome == "ok" || f.outcome == "dead letter" }

// schedules are all ways in which two deliveries may take their steps.
func schedules() [][]move {
	var all [][]move
	for _, a := range lives {
		for _, b := range lives {
			all = append(all, merges(moves(0, a), moves(1, b))...)
		}
	}
	return all
}

func moves(who int, steps []string) []move {
	all := make([]move, len(steps))
	for i, what := range steps {
		all[i] = move{who, what}
	}
	return all
}

// merges are all orders of both lists that keep the order of each.
func merges(a, b []move) [][]move {
	if len(a) == 0 || len(b) == 0 {
		return [][]move{append(slices.Clone(a), b...)}
	}
	var all [][]move
	for _, rest := range merges(a[1:], b) {
		all = append(all, append([]move{a[0]}, rest...))
	}
	for _, rest := range merges(a, b[1:]) {
		all = append(all, append([]move{b[0]}, rest...))
	}
	return all
}

// Two deliveries of one event take their steps in every order, with every end
// that their functions and the notes in the delivery log may have. What is seen
// after each step is what the model says; the promises are checked apart from it.
func TestInterleavings(t *testing.T) {
	t.Parallel()
	var played atomic.Int64
	t.Run("all", func(t *testing.T) {
		t.Parallel()
		for _, a := range fates() {
			for _, b := range fates() {
				t.Run(fmt.Sprint(a, b), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						for _, schedule := range schedules() {
							newStage(t, schedule, [2]fate{a, b}).play()
							played.Add(1)
						}
					})
				})
			}
		}
	})
	t.Cleanup(func() {
		// Two lists of m and n steps have (m+n)!/(m!n!) merges.
		const orders = 6 + 20 + 70 + 2*(10+15+35)
		if got := played.Load(); got != 64*orders {
			t.Errorf("%d schedules were played, want %d", got, 64*orders)
		}
	})
}

// actor is one of the two deliveries, on a machine of its own.
type actor struct {
	fate

	receiver *webhook.Receiver[note]
	lease    time.Duration
	leaseEnd time.Time
	goOn     chan struct{}
	running  atomic.Bool
	status   atomic.Int64 // 0 until it is answered
}

// stage is where a schedule is played: two machines with one delivery log. Each
// step takes a second, and the machine's time-outs are such that it has its turn.
type stage struct {
	t        *testing.T
	schedule []move
	at       int // the step
	actors   [2]*actor
	log      *callinsights.MemoryDeliveryLog
	model    model
	goods    atomic.Int64 // functions that returned nil, or whose event the dead letter function took
	excused  bool         // from handling the event once: a lease was over, or the log was down
}

func newStage(t *testing.T, schedule []move, ends [2]fate) *stage {
	t.Helper()
	s := &stage{t: t, schedule: schedule, log: callinsights.NewMemoryDeliveryLog(0, 0), model: model{holder: nobody}}
	for who := range s.actors {
		arrival := slices.Index(schedule, move{who, arrives})
		after := func(what string, otherwise time.Duration) time.Duration {
			if i := slices.Index(schedule, move{who, what}); i >= 0 {
				return time.Duration(i-arrival) * time.Second
			}
			return otherwise
		}
		cfg := webhook.Config{Timeout: after(late, time.Hour), Lease: after(leaseOver, 2*time.Hour), DeadLetter: takes(nil)}
		s.actors[who] = &actor{fate: ends[who], lease: cfg.Lease, goOn: make(chan struct{})}
		if cfg.Log = s.log; who == 0 || ends[who].logDown { // the other asks the log in memory itself
			cfg.Log = &frail{s.log, ends[who].logDown}
		}
		s.actors[who].receiver = s.machine(cfg, func(context.Context, *note) error { return s.handle(who) })
	}
	return s
}

func (s *stage) machine(cfg webhook.Config, handle func(context.Context, *note) error) *webhook.Receiver[note] {
	receiver, err := webhook.New(cfg, (&trace{}).service(), handle)
	if err != nil {
		s.t.Fatal(err)
	}
	return receiver
}

// frail is a delivery log that may be down when an event ends.
type frail struct {
	callinsights.DeliveryLog

	down bool
}

func (f *frail) Commit(ctx context.Context, key, token string) error {
	if f.down {
		return errFailed
	}
	return f.DeliveryLog.Commit(ctx, key, token)
}

func (f *frail) Release(ctx context.Context, key, token string) error {
	if f.down {
		return errFailed
	}
	return f.DeliveryLog.Release(ctx, key, token)
}

// handle is the function of an actor, which must not run beside the other's.
func (s *stage) handle(who int) error {
	me, other := s.actors[who], s.actors[1-who]
	me.leaseEnd = time.Now().Add(me.lease)
	if other.running.Load() && time.Now().Before(other.leaseEnd) {
		s.errorf("two functions run, and no lease is over")
	}
	me.running.Store(true)
	defer me.running.Store(false)
	<-me.goOn
	if me.good() {
		s.goods.Add(1)
	}
	switch me.outcome {
	case "error":
		return errFailed
	case "panic":
		panic("a bug")
	case "dead letter":
		return callinsights.Permanent(errFailed)
	default:
		return nil
	}
}

func (s *stage) errorf(format string, args ...any) {
	s.t.Helper()
	s.t.Errorf("%v, after %d steps: %s", s.schedule, s.at, fmt.Sprintf(format, args...))
}

func (s *stage) play() {
	for i, m := range s.schedule {
		me := s.actors[m.who]
		s.at = i + 1
		switch m.what {
		case arrives:
			go s.send(me)
		case back:
			s.excused = s.excused || me.running.Load() && (me.logDown || !time.Now().Before(me.leaseEnd))
			close(me.goOn)
		}
		s.model.step(m, me)
		synctest.Wait()
		s.check()
		time.Sleep(time.Second)
	}
	if n := s.goods.Load(); n > 1 && !s.excused {
		s.errorf("handled %d times", n)
	}
	s.epilogue()
}

func (s *stage) send(a *actor) {
	w := httptest.NewRecorder()
	a.receiver.ServeHTTP(w, request(noteOf("1")))
	if w.Code == 200 && s.goods.Load() == 0 {
		s.errorf("acknowledged, but not handled")
	}
	a.status.Store(int64(w.Code))
}

// seen is what can be seen of a stage.
type seen struct {
	Status  [2]int64
	Running [2]bool
	State   callinsights.ClaimState
}

// check compares what is seen with the model.
func (s *stage) check() {
	var got seen
	for who, a := range s.actors {
		got.Status[who], got.Running[who] = a.status.Load(), a.running.Load()
	}
	want := s.model.seen()
	// Another one finds the event as it is to be. To ask for one that nobody has
	// would be to claim it.
	got.State = callinsights.ClaimNew
	if want.State != callinsights.ClaimNew {
		claim, err := s.log.Begin(s.t.Context(), "notes:1", time.Hour)
		if err != nil {
			s.errorf("%v", err)
		}
		got.State = claim.State
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.errorf("(-want +got):\n%s", diff)
	}
}

// epilogue sends the event once more when every lease is over: it is handled
// unless it was, and acknowledged in any case.
func (s *stage) epilogue() {
	time.Sleep(3 * time.Hour)
	called := false
	last := s.machine(webhook.Config{Log: s.log}, func(context.Context, *note) error {
		called = true
		return nil
	})
	w := httptest.NewRecorder()
	last.ServeHTTP(w, request(noteOf("1")))
	if w.Code != 200 || called == s.model.done {
		s.errorf("sent once more: status %d, handled %t, although it was done %t", w.Code, called, s.model.done)
	}
}

// nobody holds no claim.
const nobody = -1

// model is what should happen, in the fewest words.
type model struct {
	holder   int // of the claim
	leaseEnd time.Time
	done     bool
	running  [2]bool
	status   [2]int64
}

func (m *model) seen() seen {
	state := callinsights.ClaimNew
	switch {
	case m.done:
		state = callinsights.ClaimDone
	case m.holder != nobody && time.Now().Before(m.leaseEnd):
		state = callinsights.ClaimBusy
	}
	return seen{m.status, m.running, state}
}

func (m *model) step(step move, a *actor) {
	who := step.who
	switch step.what {
	case arrives:
		m.arrive(who, a)
	case late:
		m.answer(who, 503)
	case back:
		if !m.running[who] {
			return
		}
		m.running[who] = false
		if a.good() {
			m.answer(who, 200)
		} else {
			m.answer(who, 500)
		}
		if m.holder == who && !a.logDown {
			m.holder, m.done = nobody, a.good()
		}
	}
}

func (m *model) arrive(who int, a *actor) {
	switch m.seen().State {
	case callinsights.ClaimDone:
		m.answer(who, 200)
	case callinsights.ClaimBusy:
		m.answer(who, 503)
	default:
		m.holder, m.leaseEnd, m.running[who] = who, time.Now().Add(a.lease), true
	}
}

// answer sets the status of a delivery that has none yet.
func (m *model) answer(who int, status int64) {
	if m.status[who] == 0 {
		m.status[who] = status
	}
}
