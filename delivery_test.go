package callinsights_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
)

func ExampleMemoryDeliveryLog() {
	ctx := context.Background()
	log := callinsights.NewMemoryDeliveryLog(1000, time.Hour)
	receive := func(key string, handle func() error) {
		claim, err := log.Begin(ctx, key, time.Minute)
		if err != nil || claim.State != callinsights.ClaimNew {
			fmt.Println(key, "is", claim.State)
			return
		}
		if err := handle(); err != nil {
			fmt.Println(key, "failed:", err)
			_ = log.Release(ctx, key, claim.Token)
			return
		}
		fmt.Println(key, "was handled")
		_ = log.Commit(ctx, key, claim.Token)
	}
	receive("call-1", func() error { return io.ErrUnexpectedEOF })
	receive("call-1", func() error {
		receive("call-1", nil) // meanwhile it is sent again
		return nil
	})
	receive("call-1", nil)
	// Output:
	// call-1 failed: unexpected EOF
	// call-1 is busy
	// call-1 was handled
	// call-1 is done
}

// ledger is a memory delivery log of which a test speaks in short: tokens have
// the names that it gives them.
type ledger struct {
	*callinsights.MemoryDeliveryLog

	tokens map[string]string
}

func newLedger(capacity int, ttl time.Duration) *ledger {
	return &ledger{callinsights.NewMemoryDeliveryLog(capacity, ttl), map[string]string{}}
}

// begin claims key and calls the token by that name.
func (l *ledger) begin(ctx context.Context, key, name string, lease time.Duration) string {
	claim, err := l.Begin(ctx, key, lease)
	switch {
	case errors.Is(err, callinsights.ErrUnavailable):
		return "full"
	case err != nil:
		return err.Error()
	case claim.State == callinsights.ClaimBusy:
		return "busy " + claim.RetryAfter.String()
	case claim.State == callinsights.ClaimNew:
		l.tokens[name] = claim.Token
	}
	return claim.State.String()
}

func (l *ledger) commit(ctx context.Context, key, name string) string {
	return lost(l.Commit(ctx, key, l.tokens[name]))
}

func (l *ledger) release(ctx context.Context, key, name string) string {
	return lost(l.Release(ctx, key, l.tokens[name]))
}

func lost(err error) string {
	switch {
	case err == nil:
		return "noted"
	case errors.Is(err, callinsights.ErrClaimLost):
		return "lost"
	default:
		return err.Error()
	}
}

func TestMemoryDeliveryLog(t *testing.T) {
	t.Parallel()
	const minute = time.Minute
	for name, test := range map[string]struct {
		capacity int
		run      func(ctx context.Context, l *ledger) []string
		want     []string
	}{
		"done": {2, func(ctx context.Context, l *ledger) []string {
			return []string{l.begin(ctx, "k", "a", minute), l.commit(ctx, "k", "a"), l.begin(ctx, "k", "b", minute)}
		}, []string{"new", "noted", "done"}},
		"done until its time is over": {2, func(ctx context.Context, l *ledger) []string {
			l.begin(ctx, "k", "a", minute)
			l.commit(ctx, "k", "a")
			time.Sleep(time.Hour - 1)
			before := l.begin(ctx, "k", "b", minute)
			time.Sleep(1 * time.Nanosecond)
			return []string{before, l.begin(ctx, "k", "b", minute)}
		}, []string{"done", "new"}},
		"busy until its lease is over": {2, func(ctx context.Context, l *ledger) []string {
			l.begin(ctx, "k", "a", minute)
			time.Sleep(minute - 1)
			before := l.begin(ctx, "k", "b", minute)
			time.Sleep(1 * time.Nanosecond)
			return []string{before, l.begin(ctx, "k", "b", minute)}
		}, []string{"busy 1ns", "new"}},
		"no lease at all": {2, func(ctx context.Context, l *ledger) []string {
			return []string{l.begin(ctx, "k", "a", 0), l.begin(ctx, "k", "b", -minute), l.begin(ctx, "k", "c", minute)}
		}, []string{"new", "new", "new"}},
		"released": {2, func(ctx context.Context, l *ledger) []string {
			return []string{l.begin(ctx, "k", "a", minute), l.release(ctx, "k", "a"), l.begin(ctx, "k", "b", minute)}
		}, []string{"new", "noted", "new"}},
		"settled twice": {2, func(ctx context.Context, l *ledger) []string {
			l.begin(ctx, "k", "a", minute)
			return []string{l.commit(ctx, "k", "a"), l.commit(ctx, "k", "a"), l.release(ctx, "k", "a"), l.begin(ctx, "k", "b", minute)}
		}, []string{"noted", "lost", "lost", "done"}},
		"released, then committed": {2, func(ctx context.Context, l *ledger) []string {
			l.begin(ctx, "k", "a", minute)
			return []string{l.release(ctx, "k", "a"), l.commit(ctx, "k", "a"), l.begin(ctx, "k", "b", minute)}
		}, []string{"noted", "lost", "new"}},
		"late, with nobody else": {2, func(ctx context.Context, l *ledger) []string {
			l.begin(ctx, "k", "a", minute)
			time.Sleep(time.Hour)
			return []string{l.commit(ctx, "k", "a"), l.begin(ctx, "k", "b", minute)}
		}, []string{"noted", "done"}},
		"late, with a next holder": {2, func(ctx context.Context, l *ledger) []string {
			l.begin(ctx, "k", "a", minute)
			time.Sleep(minute)
			next := l.begin(ctx, "k", "b", minute)
			return []string{next, l.release(ctx, "k", "a"), l.commit(ctx, "k", "a"), l.begin(ctx, "k", "c", minute), l.commit(ctx, "k", "b")}
		}, []string{"new", "lost", "lost", "busy 1m0s", "noted"}},
		"tokens of nobody": {2, func(ctx context.Context, l *ledger) []string {
			l.begin(ctx, "k", "a", minute)
			l.begin(ctx, "other", "other", minute)
			before := []string{l.commit(ctx, "k", "none"), l.release(ctx, "k", "other"), l.commit(ctx, "unknown", "a")}
			l.commit(ctx, "k", "a")
			return append(before, l.release(ctx, "k", "none"), l.begin(ctx, "k", "b", minute))
		}, []string{"lost", "lost", "lost", "lost", "done"}},
		"full of what was handled": {2, func(ctx context.Context, l *ledger) []string {
			for _, key := range []string{"2", "1", "3"} { // claimed in one order, handled in another
				l.begin(ctx, key, key, minute)
				if key == "1" {
					l.commit(ctx, "1", "1")
					l.commit(ctx, "2", "2")
				}
			}
			return []string{l.begin(ctx, "2", "", minute), l.begin(ctx, "3", "", minute), l.begin(ctx, "1", "", minute), l.begin(ctx, "2", "", minute)}
		}, []string{"done", "busy 1m0s", "new", "full"}},
		"full of live claims": {2, func(ctx context.Context, l *ledger) []string {
			l.begin(ctx, "1", "1", minute)
			l.begin(ctx, "2", "2", minute)
			full := l.begin(ctx, "3", "3", minute)
			l.release(ctx, "1", "1")
			return []string{full, l.begin(ctx, "3", "3", minute)}
		}, []string{"full", "new"}},
		"full, a lease is over": {2, func(ctx context.Context, l *ledger) []string {
			l.begin(ctx, "long", "long", time.Hour)
			l.begin(ctx, "short", "short", minute)
			time.Sleep(minute)
			return []string{l.begin(ctx, "new", "new", minute), l.begin(ctx, "long", "", minute), l.commit(ctx, "short", "short")}
		}, []string{"new", "busy 59m0s", "lost"}},
		"full, a lease is over before what was handled": {2, func(ctx context.Context, l *ledger) []string {
			l.begin(ctx, "done", "done", minute)
			l.commit(ctx, "done", "done")
			l.begin(ctx, "dead", "dead", minute)
			time.Sleep(minute)
			return []string{l.begin(ctx, "new", "new", minute), l.begin(ctx, "done", "", minute)}
		}, []string{"new", "done"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if diff := cmp.Diff(test.want, test.run(t.Context(), newLedger(test.capacity, time.Hour))); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// The defaults: 10,000 events, 24 hours.
func TestMemoryDeliveryLogDefaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLedger(0, -1)
		for i := range 10_000 {
			key := strconv.Itoa(i)
			l.begin(t.Context(), key, "", time.Minute)
			l.commit(t.Context(), key, "")
		}
		time.Sleep(24*time.Hour - 1)
		if got := l.begin(t.Context(), "0", "", 1); got != "done" {
			t.Errorf("the first after a day: %s", got)
		}
		l.begin(t.Context(), "one more", "", time.Minute)
		if got := l.begin(t.Context(), "0", "", 1); got != "new" {
			t.Errorf("the first of 10,001: %s", got)
		}
		time.Sleep(1 * time.Nanosecond)
		if got := l.begin(t.Context(), "9999", "", 1); got != "new" {
			t.Errorf("the last after a day: %s", got)
		}
	})
}

// plainLog is what MemoryDeliveryLog should do, by looking at everything each time.
type plainLog struct {
	capacity int
	ttl      time.Duration
	entries  []plainEntry // in the order of their Begin or Commit
}

type plainEntry struct {
	key, name string // the name of the token; empty once it is done
	until     time.Time
}

func (p *plainLog) remove(match func(plainEntry) bool) bool {
	for i, e := range p.entries {
		if match(e) {
			p.entries = append(p.entries[:i:i], p.entries[i+1:]...)
			return true
		}
	}
	return false
}

func (p *plainLog) begin(key, name string, lease time.Duration) string {
	now := time.Now()
	over := func(e plainEntry) bool { return !e.until.After(now) }
	p.remove(func(e plainEntry) bool { return e.key == key && over(e) })
	for _, e := range p.entries {
		if e.key == key && e.name == "" {
			return "done"
		}
		if e.key == key {
			return "busy " + e.until.Sub(now).String()
		}
	}
	for p.remove(func(e plainEntry) bool { return e.name == "" && over(e) }) {
	}
	if len(p.entries) == p.capacity && !p.evict(now) {
		return "full"
	}
	p.entries = append(p.entries, plainEntry{key, name, now.Add(lease)})
	return "new"
}

// evict forgets the claim whose lease has been over for the longest time, or else
// what was handled first.
func (p *plainLog) evict(now time.Time) bool {
	first := plainEntry{until: now.Add(1)}
	for _, e := range p.entries {
		if e.name != "" && e.until.Before(first.until) {
			first = e
		}
	}
	return p.remove(func(e plainEntry) bool { return first.name != "" && e == first || first.name == "" && e.name == "" })
}

func (p *plainLog) settle(key, name string, done bool) string {
	if !p.remove(func(e plainEntry) bool { return e.key == key && e.name == name && name != "" }) {
		return "lost"
	}
	if done {
		p.entries = append(p.entries, plainEntry{key, "", time.Now().Add(p.ttl)})
	}
	return "noted"
}

// Random steps give what the plain log gives: claims and notes with tokens of now
// and of earlier, few keys and much time.
func TestMemoryDeliveryLogIsPlain(t *testing.T) {
	t.Parallel()
	seen := make(map[string]int)
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			ttl := time.Duration(1+random.IntN(20)) * time.Second
			capacity := 1 + random.IntN(6)
			log, plain := newLedger(capacity, ttl), &plainLog{capacity: capacity, ttl: ttl}
			var claims []plainEntry // that were asked for
			for step := range 300 {
				key, name := strconv.Itoa(random.IntN(8)), "of nobody"
				if len(claims) > 0 { // most often one of the last that were asked for
					claim := claims[max(0, len(claims)-1-random.IntN(8))]
					name = claim.name
					if random.IntN(4) > 0 {
						key = claim.key
					}
				}
				lease := time.Duration(random.IntN(8)) * time.Second
				var got, want string
				switch what := random.IntN(10); {
				case what < 4:
					name = fmt.Sprint("token ", step)
					claims = append(claims, plainEntry{key: key, name: name})
					got, want = log.begin(t.Context(), key, name, lease), plain.begin(key, name, lease)
				case what < 7:
					got, want = log.commit(t.Context(), key, name), plain.settle(key, name, true)
				case what < 9:
					got, want = log.release(t.Context(), key, name), plain.settle(key, name, false)
				default:
					time.Sleep(time.Duration(random.IntN(4)) * time.Second)
				}
				if got != want {
					t.Fatalf("seed %d, step %d, key %s, %s: %q, want %q", seed, step, key, name, got, want)
				}
				seen[got[:min(4, len(got))]]++
			}
		})
	}
	for _, answer := range []string{"new", "done", "busy", "full", "note", "lost"} {
		if seen[answer] < 500 {
			t.Errorf("%q was seen %d times of %d: the steps do not reach it", answer, seen[answer], 200*300)
		}
	}
}

// Of many goroutines one at a time holds a claim.
func TestMemoryDeliveryLogIsConcurrent(t *testing.T) {
	t.Parallel()
	log := callinsights.NewMemoryDeliveryLog(64, time.Hour)
	const keys, workers, rounds = 8, 16, 500
	var holders, handled [keys]atomic.Int32
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range rounds {
				i := rand.IntN(keys)
				claim, err := log.Begin(t.Context(), strconv.Itoa(i), time.Hour)
				if err != nil {
					t.Error(err)
				}
				if claim.State != callinsights.ClaimNew {
					continue
				}
				if n := holders[i].Add(1); n != 1 {
					t.Errorf("key %d has %d holders", i, n)
				}
				holders[i].Add(-1)
				note := log.Release
				if rand.IntN(10) == 0 {
					handled[i].Add(1)
					note = log.Commit
				}
				if err := note(t.Context(), strconv.Itoa(i), claim.Token); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for i := range handled {
		claim, err := log.Begin(t.Context(), strconv.Itoa(i), time.Hour)
		if n := handled[i].Load(); n > 1 || err != nil || (claim.State == callinsights.ClaimDone) != (n == 1) {
			t.Errorf("key %d was handled %d times and is %v (%v)", i, n, claim.State, err)
		}
	}
}

func TestClaimState(t *testing.T) {
	t.Parallel()
	for state, want := range map[callinsights.ClaimState]string{
		0: "ClaimState(0)", callinsights.ClaimNew: "new", callinsights.ClaimBusy: "busy", callinsights.ClaimDone: "done", 4: "ClaimState(4)",
	} {
		if got := state.String(); got != want {
			t.Errorf("%d is %q, want %q", int(state), got, want)
		}
	}
}

func TestPermanent(t *testing.T) {
	t.Parallel()
	if err := callinsights.Permanent(nil); err != nil {
		t.Errorf("Permanent(nil) is %v", err)
	}
	cause := &callinsights.Error{Vendor: "whippy", Err: io.ErrUnexpectedEOF}
	err := fmt.Errorf("store: %w", callinsights.Permanent(cause))
	if got, want := err.Error(), "store: "+cause.Error(); got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if found, ok := errors.AsType[*callinsights.Error](err); !ok || found != cause || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("it does not match what was marked: %v", found)
	}
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"marked":                       {callinsights.Permanent(cause), true},
		"marked within":                {err, true},
		"marked among others":          {errors.Join(io.EOF, err), true},
		"not marked":                   {cause, false},
		"nil":                          {nil, false},
		"what another library says so": {lastingError{io.EOF}, false},
	} {
		if got := callinsights.IsPermanent(test.err); got != test.want {
			t.Errorf("%s: IsPermanent is %t, want %t", name, got, test.want)
		}
	}
}

// lastingError is an error of another library, which has a word for it too.
type lastingError struct{ error }

func (lastingError) Permanent() bool { return true }
