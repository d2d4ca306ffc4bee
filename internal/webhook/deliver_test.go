package webhook_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/webhook"
)

var errFailed = errors.New("no room in the database")

func returns(err error) func(context.Context, *note) error {
	return func(context.Context, *note) error { return err }
}

func panics(v any) func(context.Context, *note) error {
	return func(context.Context, *note) error { panic(v) }
}

func takes(err error) func(context.Context, []byte, error) error {
	return func(context.Context, []byte, error) error { return err }
}

// What the function does decides the answer, and whether the event may come
// again; it is the same for Handle.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handle  func(context.Context, *note) error
		dead    func(context.Context, []byte, error) error
		status  int
		settled string
		text    string // of the error of Handle
	}{
		"nil":                     {nil, nil, 200, "commit", ""},
		"nil with a dead letter":  {nil, takes(errFailed), 200, "commit", ""},
		"error":                   {returns(errFailed), takes(nil), 500, "release", "no room in the database"},
		"panic":                   {panics("private"), takes(nil), 500, "release", "a panic: a value of the type string"},
		"panic with an error":     {panics(callinsights.Permanent(errFailed)), takes(nil), 500, "release", "a panic: a value of the type callinsights.permanentError"},
		"panic of the runtime":    {func(_ context.Context, n *note) error { return fmt.Errorf("%d", n.raw[1<<20]) }, nil, 500, "release", "a panic: runtime error: index out of range [1048576] with length 10"},
		"abort":                   {panics(http.ErrAbortHandler), nil, 500, "release", "a panic: a value of the type *errors.errorString"},
		"permanent, nobody takes": {returns(callinsights.Permanent(errFailed)), nil, 500, "release", "no room in the database"},
		"permanent":               {returns(callinsights.Permanent(errFailed)), takes(nil), 200, "commit", ""},
		"permanent within":        {returns(fmt.Errorf("it: %w", callinsights.Permanent(errFailed))), takes(nil), 200, "commit", ""},
		"error that panics":       {returns(brittleError{}), takes(nil), 500, "release", "a panic: a value of the type string"},
		"marked by others":        {returns(fmt.Errorf("it: %w", lastingError{errFailed})), takes(nil), 500, "release", "it: no room in the database"},
		"dead letter fails":       {returns(callinsights.Permanent(errFailed)), takes(errors.ErrUnsupported), 500, "release", "the dead letter function: unsupported operation"},
		"dead letter panics":      {returns(callinsights.Permanent(errFailed)), func(context.Context, []byte, error) error { panic("private") }, 500, "release", "the dead letter function: a panic: a value of the type string"},
		"dead letter's panics":    {returns(callinsights.Permanent(errFailed)), takes(brittleError{}), 500, "release", "the dead letter function: a panic: a value of the type string"},
		"error is nil within":     {returns((*pointerError)(nil)), nil, 500, "release", "a panic: runtime error: invalid memory address or nil pointer dereference"},
		"panics, nobody takes":    {returns(brittleError{}), nil, 500, "release", "a panic: a value of the type string"},
	} {
		change := func(s *setup) { s.DeadLetter = test.dead }
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, test.handle, change)
			if w := r.send(noteOf("1")); w.Code != test.status || w.Body.Len() != 0 {
				t.Errorf("status %d with a body of %d bytes, want %d and none", w.Code, w.Body.Len(), test.status)
			}
			if diff := cmp.Diff(then(called, test.settled), r.trace.take()); diff != "" {
				t.Errorf("trace (-want +got):\n%s", diff)
			}
			if strings.Contains(r.lines.String(), "private") || !strings.Contains(r.lines.String(), test.text) {
				t.Errorf("logged: %s", r.lines)
			}
			again(t, r, test.status)
		})
		t.Run(name+", handle", func(t *testing.T) {
			t.Parallel()
			r := newRig(t, test.handle, change)
			if err := r.Handle(t.Context(), &note{ID: "1", raw: noteOf("1")}); text(err) != test.text {
				t.Errorf("error %q, want %q", text(err), test.text)
			}
			if diff := cmp.Diff([]string{"begin notes:1", "call 1", test.settled}, r.trace.take()); diff != "" {
				t.Errorf("trace (-want +got):\n%s", diff)
			}
			again(t, r, test.status)
		})
	}
}

// lastingError is an error of another library, which has a word for it too.
type lastingError struct{ error }

func (lastingError) Permanent() bool { return true }

// brittleError panics when it is looked into.
type brittleError struct{}

func (brittleError) Error() string { panic("private") }
func (brittleError) Unwrap() error { panic("private") }

// pointerError has no text where it is nil.
type pointerError struct{ text string }

func (e *pointerError) Error() string { return e.text }

// again sends an event again: it is handled if it failed, and only then.
func again(t *testing.T, r *rig, status int) {
	t.Helper()
	w, calls := r.send(noteOf("1")), r.trace.count("call 1")
	if status == http.StatusOK && (w.Code != http.StatusOK || calls != 0) {
		t.Errorf("the next time: status %d after %d calls, want 200 without", w.Code, calls)
	}
	if status != http.StatusOK && calls != 1 {
		t.Errorf("the next time: status %d after %d calls, want one", w.Code, calls)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A function that ends its goroutine, as one does that fails a test, has failed.
func TestGoexit(t *testing.T) {
	t.Parallel()
	exit := func() error {
		runtime.Goexit()
		return nil
	}
	for name, handle := range map[string]func(context.Context, *note) error{
		"function":    func(context.Context, *note) error { return exit() },
		"dead letter": returns(callinsights.Permanent(errFailed)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, handle, func(s *setup) {
					s.DeadLetter = func(context.Context, []byte, error) error { return exit() }
				})
				start := time.Now()
				if w := r.send(noteOf("1")); w.Code != http.StatusInternalServerError || time.Since(start) != 0 {
					t.Errorf("status %d after %v, want 500 at once", w.Code, time.Since(start))
				}
				if diff := cmp.Diff(then(called, "release"), r.trace.take()); diff != "" {
					t.Errorf("trace (-want +got):\n%s", diff)
				}
				go func() { _ = r.Handle(t.Context(), &note{ID: "1"}) }()
				synctest.Wait()
				if diff := cmp.Diff([]string{"begin notes:1", "call 1", "release"}, r.trace.take()); diff != "" {
					t.Errorf("trace of Handle (-want +got):\n%s", diff)
				}
				if err := r.Drain(t.Context()); err != nil {
					t.Errorf("drain: %v", err)
				}
			})
		})
	}
}

// The dead letter function gets the exact text and the error, marks and all.
func TestDeadLetter(t *testing.T) {
	t.Parallel()
	undecodable, permanent := `{"id":7, "é"`, ` { "id" : "1" } `
	sum := sha256.Sum256([]byte(undecodable))
	begun := then(parsed, "begin notes:undecodable:"+hex.EncodeToString(sum[:]))
	cause := fmt.Errorf("it: %w", callinsights.Permanent(errFailed))
	for name, test := range map[string]struct {
		body    string
		fails   error
		cause   error
		status  int
		want    []string
		outcome string
	}{
		"undecodable":           {undecodable, nil, errBroken, 200, then(begun, "dead", "commit"), "dead letter"},
		"undecodable, not kept": {undecodable, errFailed, errBroken, 500, then(begun, "dead", "release"), "failed"},
		"permanent":             {permanent, nil, cause, 200, then(called, "dead", "commit"), "dead letter"},
		"permanent, not kept":   {permanent, errFailed, cause, 500, then(called, "dead", "release"), "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r *rig
			r = newRig(t, returns(cause), func(s *setup) {
				s.DeadLetter = func(ctx context.Context, payload []byte, err error) error {
					r.trace.add("dead")
					if _, bounded := ctx.Deadline(); !bounded || ctx.Err() != nil {
						t.Errorf("context bounded %t, error %v", bounded, ctx.Err())
					}
					if string(payload) != test.body || !errors.Is(err, test.cause) {
						t.Errorf("got %q and %v, want %q and %v", payload, err, test.body, test.cause)
					}
					return test.fails
				}
			})
			if w := r.send(test.body); w.Code != test.status || w.Body.Len() != 0 {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			if diff := cmp.Diff(test.want, r.trace.take()); diff != "" {
				t.Errorf("trace (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{test.outcome}, r.lines.outcomes(t)); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

// What is taken as a dead letter is taken once, as an event is handled once, and
// the reason is in the log of the program.
func TestDeadLetterTwice(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"undecodable": `{"id":`, "permanent": noteOf("1")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				taken := 0
				r := newRig(t, returns(callinsights.Permanent(errBroken)), func(s *setup) {
					s.DeadLetter = func(context.Context, []byte, error) error {
						taken++
						time.Sleep(timeout / 2)
						return nil
					}
				})
				first := make(chan int)
				go func() { first <- r.send(body).Code }()
				synctest.Wait()
				if w := r.send(body); w.Code != 503 {
					t.Errorf("while it is taken: status %d, want 503", w.Code)
				}
				if status := <-first; status != 200 {
					t.Errorf("status %d, want 200", status)
				}
				if w := r.send(body); w.Code != 200 || taken != 1 {
					t.Errorf("afterwards: status %d, taken %d times; want 200, and once in all", w.Code, taken)
				}
				if diff := cmp.Diff([]string{"busy", "dead letter", "duplicate"}, r.lines.outcomes(t)); diff != "" {
					t.Errorf("outcomes (-want +got):\n%s", diff)
				}
				if !strings.Contains(r.lines.String(), errBroken.Error()) {
					t.Errorf("the log does not say why: %s", r.lines)
				}
			})
		})
	}
}

// A body that cannot be decoded and whose dead letter function panics or hangs is
// as any other.
func TestDeadLetterMisbehaves(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dead   func(context.Context, []byte, error) error
		status int
		after  time.Duration
	}{
		"panic": {func(context.Context, []byte, error) error { panic("private") }, 500, 0},
		"hang":  {func(context.Context, []byte, error) error { time.Sleep(time.Hour); return nil }, 503, timeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, nil, func(s *setup) { s.DeadLetter = test.dead })
				start := time.Now()
				if w := r.send(`{`); w.Code != test.status || time.Since(start) != test.after {
					t.Errorf("status %d after %v, want %d after %v", w.Code, time.Since(start), test.status, test.after)
				}
				if err := r.Drain(t.Context()); err != nil {
					t.Errorf("drain: %v", err)
				}
			})
		})
	}
}

// The buffer of a body serves the next request. A dead letter that is still being
// taken when its own was answered does not change.
func TestDeadLetterOutlivesItsRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const body = `{"id":"the first, which cannot be decoded`
		var got string
		r := newRig(t, nil, func(s *setup) {
			s.DeadLetter = func(_ context.Context, payload []byte, _ error) error {
				time.Sleep(2 * timeout)
				got = string(payload)
				return nil
			}
		})
		if w := r.send(body); w.Code != 503 {
			t.Errorf("status %d, want 503", w.Code)
		}
		for id := range 10 {
			if w := r.send(noteOf(strconv.Itoa(id))); w.Code != 200 {
				t.Errorf("meanwhile: status %d, want 200", w.Code)
			}
		}
		if err := r.Drain(t.Context()); err != nil {
			t.Errorf("drain: %v", err)
		}
		if diff := cmp.Diff(body, got); diff != "" {
			t.Errorf("payload (-want +got):\n%s", diff)
		}
	})
}

// A delivery log that fails never has an event taken for handled, nor handled
// without a claim.
func TestLogFails(t *testing.T) {
	t.Parallel()
	claims := func(claim callinsights.Claim, err error) func(*spy) {
		return func(s *spy) {
			s.begin = func(context.Context, time.Duration) (callinsights.Claim, error) { return claim, err }
		}
	}
	for name, test := range map[string]struct {
		change  func(*spy)
		handle  func(context.Context, *note) error
		status  int
		want    []string
		outcome []string
	}{
		"begin fails":     {claims(callinsights.Claim{}, errFailed), nil, 503, claimed, []string{"no delivery log"}},
		"begin fails new": {claims(callinsights.Claim{State: callinsights.ClaimNew}, errFailed), nil, 503, claimed, []string{"no delivery log"}},
		"zero claim":      {claims(callinsights.Claim{}, nil), nil, 503, claimed, []string{"no delivery log"}},
		"unknown state":   {claims(callinsights.Claim{State: 7}, nil), nil, 503, claimed, []string{"no delivery log"}},
		"begin panics": {func(s *spy) {
			s.begin = func(context.Context, time.Duration) (callinsights.Claim, error) { panic("private") }
		}, nil, 503, claimed, []string{"no delivery log"}},
		"begin's error panics": {claims(callinsights.Claim{}, brittleError{}), nil, 503, claimed, []string{"no delivery log"}},
		"begin exits": {func(s *spy) {
			s.begin = func(context.Context, time.Duration) (callinsights.Claim, error) { runtime.Goexit(); panic("not here") }
		}, nil, 500, claimed, []string{"failed"}},
		"commit fails":   {func(s *spy) { s.commit = fails }, nil, 200, then(called, "commit"), []string{"Commit failed", "handled"}},
		"commit panics":  {func(s *spy) { s.commit = func(context.Context) error { panic("private") } }, nil, 200, then(called, "commit"), []string{"Commit failed", "handled"}},
		"release fails":  {func(s *spy) { s.release = fails }, returns(errFailed), 500, then(called, "release"), []string{"Release failed", "failed"}},
		"release panics": {func(s *spy) { s.release = func(context.Context) error { panic("private") } }, returns(errFailed), 500, then(called, "release"), []string{"Release failed", "failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, test.handle)
			test.change(r.log)
			w := r.send(noteOf("1"))
			if w.Code != test.status || w.Body.Len() != 0 {
				t.Errorf("status %d with a body of %d bytes, want %d and none", w.Code, w.Body.Len(), test.status)
			}
			if retry := w.Header().Get("Retry-After"); (retry == "1") != (test.status == 503) {
				t.Errorf("Retry-After %q", retry)
			}
			if diff := cmp.Diff(test.want, r.trace.take()); diff != "" {
				t.Errorf("trace (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.outcome, r.lines.outcomes(t)); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
			if strings.Contains(r.lines.String(), "private") {
				t.Errorf("logged: %s", r.lines)
			}
		})
	}
}

func fails(context.Context) error { return errFailed }

// Whatever the delivery log does, the answer comes in time.
func TestLogHangs(t *testing.T) {
	t.Parallel()
	fresh := callinsights.Claim{State: callinsights.ClaimNew, Token: "t"}
	for name, test := range map[string]struct {
		change func(*spy)
		status int
		after  time.Duration
		want   []string // in the end
	}{
		"begin until its time is over": {func(s *spy) {
			s.begin = func(ctx context.Context, _ time.Duration) (callinsights.Claim, error) {
				<-ctx.Done()
				return callinsights.Claim{}, ctx.Err()
			}
		}, 503, timeout, claimed},
		"begin for longer": {func(s *spy) {
			s.begin = func(context.Context, time.Duration) (callinsights.Claim, error) {
				time.Sleep(time.Hour)
				return fresh, nil
			}
			s.release = func(context.Context) error { return nil }
		}, 503, timeout, then(claimed, "release")}, // without a call: nobody waits for it
		"commit until its time is over": {func(s *spy) {
			s.commit = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		}, 200, 5 * time.Second, then(called, "commit")},
		"commit for longer": {func(s *spy) {
			s.commit = func(context.Context) error { time.Sleep(time.Hour); return nil }
		}, 503, timeout, then(called, "commit")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, nil)
				test.change(r.log)
				start := time.Now()
				if w := r.send(noteOf("1")); w.Code != test.status || time.Since(start) != test.after {
					t.Errorf("status %d after %v, want %d after %v", w.Code, time.Since(start), test.status, test.after)
				}
				if err := r.Drain(t.Context()); err != nil {
					t.Errorf("drain: %v", err)
				}
				if diff := cmp.Diff(test.want, r.trace.take()); diff != "" {
					t.Errorf("trace (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A broken logger breaks neither an answer, nor the program, nor the delivery log.
func TestLoggerPanics(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, func(s *setup) { s.Logger = slogPanics() })
	r.log.commit = fails
	if err := r.Handle(t.Context(), &note{ID: "1"}); err != nil {
		t.Errorf("error %v", err)
	}
	if w := r.send(noteOf("2")); w.Code != 200 {
		t.Errorf("status %d, want 200", w.Code)
	}
	if err := r.Drain(t.Context()); err != nil {
		t.Errorf("drain: %v", err)
	}
}

// Nor does an error that panics when it is looked into, whenever it comes.
func TestErrorPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(_ context.Context, n *note) error {
			if n.ID == "late" {
				time.Sleep(2 * timeout)
			}
			return brittleError{}
		})
		r.log.release = func(context.Context) error { return brittleError{} }
		for id, want := range map[string]int{"1": 500, "late": 503} {
			if w := r.send(noteOf(id)); w.Code != want {
				t.Errorf("%s: status %d, want %d", id, w.Code, want)
			}
		}
		if err := r.Drain(t.Context()); err != nil || r.trace.count("release") != 2 {
			t.Errorf("drain: %v; trace %v", err, r.trace.take())
		}
		count := map[string]int{}
		for _, outcome := range r.lines.outcomes(t) {
			count[outcome]++
		}
		want := map[string]int{"Release failed": 2, "failed": 1, "timeout": 1, "late failed": 1}
		if diff := cmp.Diff(want, count); diff != "" || strings.Contains(r.lines.String(), "private") {
			t.Errorf("lines (-want +got):\n%s\n%s", diff, r.lines)
		}
	})
}

// A late line may take its time, or end its goroutine: there is room for the next
// event, and no function runs for ever.
func TestLateLine(t *testing.T) {
	t.Parallel()
	const long = time.Hour
	for name, test := range map[string]struct {
		write func()
		ends  time.Duration // after it was begun
	}{
		"slow":  {func() { time.Sleep(long) }, long},
		"exits": {runtime.Goexit, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				late := func(context.Context, *note) error { time.Sleep(timeout + time.Second); return nil }
				r := newRig(t, late, func(s *setup) {
					s.MaxConcurrent, s.Logger = 1, slog.New(lateHandler{slog.DiscardHandler, test.write})
				})
				for id := range 2 {
					if w := r.send(noteOf(strconv.Itoa(id))); w.Code != 503 || w.Header().Get("Retry-After") != "10" {
						t.Errorf("event %d: status %d, Retry-After %q, want 503 for want of time", id, w.Code, w.Header().Get("Retry-After"))
					}
					time.Sleep(time.Second)
					synctest.Wait()
				}
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 2*long)
				defer cancel()
				if err := r.Drain(ctx); err != nil || time.Since(start) != test.ends {
					t.Errorf("drained after %v: %v, want nil after %v", time.Since(start), err, test.ends)
				}
			})
		})
	}
}

// lateHandler does something when a late line comes.
type lateHandler struct {
	slog.Handler

	write func()
}

func (lateHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h lateHandler) Handle(_ context.Context, line slog.Record) error {
	line.Attrs(func(a slog.Attr) bool {
		if strings.HasPrefix(a.Value.String(), "late ") {
			h.write()
		}
		return true
	})
	return nil
}

// A sender that is told to wait is told whole seconds, of which there are enough.
func TestBusy(t *testing.T) {
	t.Parallel()
	for left, want := range map[time.Duration]string{
		0: "1", time.Nanosecond: "1", time.Second: "1", time.Second + 1: "2", time.Minute: "60",
	} {
		r := newRig(t, nil)
		r.log.begin = func(context.Context, time.Duration) (callinsights.Claim, error) {
			return callinsights.Claim{State: callinsights.ClaimBusy, RetryAfter: left}, nil
		}
		if w := r.send(noteOf("1")); w.Code != 503 || w.Header().Get("Retry-After") != want {
			t.Errorf("busy for %v: status %d, Retry-After %q, want 503 and %q", left, w.Code, w.Header().Get("Retry-After"), want)
		}
		if diff := cmp.Diff(claimed, r.trace.take()); diff != "" {
			t.Errorf("trace (-want +got):\n%s", diff)
		}
	}
}

// A function that outlives its time keeps its claim until it returns.
func TestTimeout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err     error
		settled string
		late    string
		next    string
	}{
		"late nil":   {nil, "commit", "late handled", "duplicate"},
		"late error": {errFailed, "release", "late failed", "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start, wait := time.Now(), 30*time.Second
				r := newRig(t, func(context.Context, *note) error {
					time.Sleep(wait)
					return test.err
				})
				w := r.send(noteOf("1"))
				if w.Code != 503 || w.Header().Get("Retry-After") != "10" || time.Since(start) != timeout {
					t.Errorf("status %d, Retry-After %q after %v", w.Code, w.Header().Get("Retry-After"), time.Since(start))
				}
				w = r.send(noteOf("1")) // the lease of a minute has 50 seconds left
				if w.Code != 503 || w.Header().Get("Retry-After") != "50" {
					t.Errorf("meanwhile: status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
				}
				if err := r.Handle(t.Context(), &note{ID: "1"}); !errors.Is(err, callinsights.ErrBusy) {
					t.Errorf("meanwhile, handle: %v, want ErrBusy", err)
				}
				if err := r.Drain(t.Context()); err != nil || time.Since(start) != wait {
					t.Errorf("drained after %v: %v", time.Since(start), err)
				}
				want := then(called, then(claimed, "begin notes:1", test.settled)...)
				if diff := cmp.Diff(want, r.trace.take()); diff != "" {
					t.Errorf("trace (-want +got):\n%s", diff)
				}
				wait = 0
				_ = r.send(noteOf("1"))
				if diff := cmp.Diff([]string{"timeout", "busy", test.late, test.next}, r.lines.outcomes(t)); diff != "" {
					t.Errorf("outcomes (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// The place of a panic is nowhere but in the log: not in an answer that has gone,
// nor in an error.
func TestPlaceOfPanicIsLogged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		send    func(context.Context, *rig)
		outcome []string
	}{
		"request":      {func(_ context.Context, r *rig) { r.send(noteOf("1")) }, []string{"failed"}},
		"late request": {func(_ context.Context, r *rig) { r.send(noteOf("late")) }, []string{"timeout", "late failed"}},
		"handle":       {func(ctx context.Context, r *rig) { _ = r.Handle(ctx, &note{ID: "1"}) }, []string{"failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, func(_ context.Context, n *note) error {
					if n.ID == "late" {
						time.Sleep(2 * timeout)
					}
					return fmt.Errorf("%d", n.raw[1<<20])
				})
				test.send(t.Context(), r)
				if err := r.Drain(t.Context()); err != nil {
					t.Errorf("drain: %v", err)
				}
				if diff := cmp.Diff(test.outcome, r.lines.outcomes(t)); diff != "" {
					t.Errorf("outcomes (-want +got):\n%s", diff)
				}
				for _, want := range []string{"index out of range [1048576]", `"stack":`, "TestPlaceOfPanicIsLogged"} {
					if !strings.Contains(r.lines.String(), want) {
						t.Errorf("the log lacks %q: %s", want, r.lines)
					}
				}
			})
		})
	}
}

// An error of Handle is for the caller to log.
func TestHandleLogsNoErrors(t *testing.T) {
	t.Parallel()
	r := newRig(t, returns(errFailed))
	if err := r.Handle(t.Context(), &note{ID: "1"}); !errors.Is(err, errFailed) || r.lines.String() != "" {
		t.Errorf("error %v, logged: %s", err, r.lines)
	}
}

// One that ends as its time does may be answered either way, and is noted.
func TestEndsWithItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(context.Context, *note) error { time.Sleep(timeout); return nil })
		for i := range 500 {
			body := noteOf(strconv.Itoa(i))
			if w := r.send(body); w.Code != 200 && w.Code != 503 {
				t.Errorf("event %d: status %d, want 200 or 503", i, w.Code)
			}
			synctest.Wait()
			if start := time.Now(); r.send(body).Code != 200 || time.Since(start) != 0 {
				t.Errorf("event %d is not noted as handled", i)
			}
		}
	})
}

// The time that a function has began with the arrival of its request.
func TestDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		arrived := time.Now()
		r := newRig(t, func(ctx context.Context, _ *note) error {
			if deadline, _ := ctx.Deadline(); !deadline.Equal(arrived.Add(timeout)) || time.Since(arrived) != 7*time.Second {
				t.Errorf("called after %v until %v, want after 7s until %v", time.Since(arrived), deadline.Sub(arrived), timeout)
			}
			return nil
		})
		body := noteOf("1")
		req := request(body)
		req.Body = io.NopCloser(&slowReader{rest: body, wait: 700 * time.Millisecond})
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if w.Code != 200 {
			t.Errorf("status %d, want 200", w.Code)
		}
	})
}

// slowReader waits before each byte.
type slowReader struct {
	rest string
	wait time.Duration
}

func (s *slowReader) Read(p []byte) (int, error) {
	if s.rest == "" {
		return 0, io.EOF
	}
	time.Sleep(s.wait)
	n := copy(p[:1], s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// More events at once than allowed are refused before they are claimed, and a
// slot is free again when the answer is there.
func TestOverload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		r := newRig(t, func(_ context.Context, n *note) error {
			if n.ID == "1" || n.ID == "queued" {
				<-hold
			}
			return nil
		}, func(s *setup) { s.MaxConcurrent = 1 })
		// The queue of the program has its own limits, and takes no room from requests.
		go func() { _ = r.Handle(t.Context(), &note{ID: "queued"}) }()
		synctest.Wait()
		first := make(chan int)
		go func() { first <- r.send(noteOf("1")).Code }()
		synctest.Wait()
		w := r.send(noteOf("2"))
		if w.Code != 503 || w.Header().Get("Retry-After") != "1" || r.trace.count("begin notes:2") != 0 {
			t.Errorf("status %d, Retry-After %q, trace %v", w.Code, w.Header().Get("Retry-After"), r.trace.take())
		}
		if err := r.Handle(t.Context(), &note{ID: "3"}); err != nil {
			t.Errorf("handle: %v", err)
		}
		close(hold)
		if status := <-first; status != 200 {
			t.Errorf("the first: status %d", status)
		}
		if diff := cmp.Diff([]string{"overloaded", "handled"}, r.lines.outcomes(t)); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
	})
	for name, change := range map[string]func(*setup){"a log that may wait": func(*setup) {}, "a log in memory": inMemory} {
		r := newRig(t, nil, change, func(s *setup) { s.MaxConcurrent = 1 })
		for i := range 1000 {
			if w := r.send(noteOf(strconv.Itoa(i / 2))); w.Code != 200 { // every other one is a duplicate
				t.Fatalf("%s: event %d after the answer to the one before: status %d", name, i, w.Code)
			}
		}
	}
}

// inMemory makes the receiver use the log in memory that is the default.
func inMemory(s *setup) { s.Log = nil }

func TestHandle(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if err := r.Handle(t.Context(), nil); !errors.Is(err, callinsights.ErrInvalidRequest) {
		t.Errorf("nil event: %v, want ErrInvalidRequest", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Handle(ended, &note{ID: "1"}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v, want Canceled", err)
	}
	for range 2 {
		if err := r.Handle(t.Context(), &note{ID: "1"}); err != nil {
			t.Errorf("handle: %v", err)
		}
	}
	if w := r.send(noteOf("1")); w.Code != 200 {
		t.Errorf("the same as a request: status %d", w.Code)
	}
	want := []string{
		"begin notes:1", "release", // before the ended context
		"begin notes:1", "call 1", "commit",
		"begin notes:1", // a duplicate
	}
	if diff := cmp.Diff(append(want, claimed...), r.trace.take()); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
	r.log.begin = func(context.Context, time.Duration) (callinsights.Claim, error) {
		return callinsights.Claim{}, errFailed
	}
	if err := r.Handle(t.Context(), &note{ID: "2"}); !errors.Is(err, errFailed) || text(err) != "the delivery log: no room in the database" {
		t.Errorf("no log: %v", err)
	}
}

func TestDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(context.Context, *note) error { time.Sleep(time.Minute); return nil })
		if err := r.Drain(t.Context()); err != nil {
			t.Errorf("with nothing to wait for: %v", err)
		}
		start := time.Now()
		go func() { _ = r.send(noteOf("1")) }()
		go func() { _ = r.Handle(t.Context(), &note{ID: "2"}) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("after %v: %v, want DeadlineExceeded after a second", time.Since(start), err)
		}
		drained := make(chan error)
		for range 2 {
			go func() { drained <- r.Drain(t.Context()) }()
		}
		for range 2 {
			if err := <-drained; err != nil || time.Since(start) != time.Minute {
				t.Errorf("after %v: %v, want nil after a minute", time.Since(start), err)
			}
		}
		if r.trace.count("commit") != 2 {
			t.Errorf("drained before both were noted: %v", r.trace.take())
		}
	})
}

// What Handle runs counts, though no request is there.
func TestDrainOfHandle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(context.Context, *note) error { time.Sleep(time.Minute); return nil })
		start := time.Now()
		go func() { _ = r.Handle(t.Context(), &note{ID: "1"}) }()
		synctest.Wait()
		if err := r.Drain(t.Context()); err != nil || time.Since(start) != time.Minute || r.trace.count("commit") != 1 {
			t.Errorf("after %v: %v, want nil after a minute, and a commit before", time.Since(start), err)
		}
	})
}

func TestNew(t *testing.T) {
	t.Parallel()
	service := (&trace{}).service()
	handle := returns(nil)
	for name, test := range map[string]struct {
		handle func(context.Context, *note) error
		cfg    webhook.Config
		want   string
	}{
		"no function":             {nil, webhook.Config{}, "the function that handles events is nil"},
		"lease under the default": {handle, webhook.Config{Lease: time.Second}, "WithLease: 1s is shorter than the handler's timeout of 10s, so an event could be handled twice at once"},
		"lease under the timeout": {handle, webhook.Config{Lease: time.Minute, Timeout: time.Hour}, "WithLease: 1m0s is shorter than the handler's timeout of 1h0m0s, so an event could be handled twice at once"},
		"lease as the timeout":    {handle, webhook.Config{Lease: timeout}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := webhook.New(test.cfg, service, test.handle)
			if text(err) != test.want || (err != nil) != errors.Is(err, callinsights.ErrInvalidRequest) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
