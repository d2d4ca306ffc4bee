package callinsights_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/faultserver"
)

// outcome is how a call ends.
type outcome struct {
	attempts int
	took     time.Duration
	is       []error // empty for a success
	followed int     // redirects to the same path
}

func good(attempts int, took time.Duration) outcome { return outcome{attempts: attempts, took: took} }

func bad(attempts int, took time.Duration, is ...error) outcome {
	return outcome{attempts: attempts, took: took, is: is}
}

// expect is the outcome of an operation that meets a fault. The waits of our
// own are none in the matrix, so that what takes time does so exactly.
type expect func(o operation) outcome

// final: no repeat would mend it.
func final(is ...error) expect {
	return func(operation) outcome { return bad(1, 0, is...) }
}

// refused: the request is, as the next one of the operation would be.
func refused(is ...error) expect {
	return func(o operation) outcome { return bad(1+o.more, 0, is...) }
}

// passing: it may be over the next time.
func passing(is error) expect { return slow(0, is) }

// slow is passing, and takes that long or as long as an attempt may take.
func slow(each time.Duration, is error) expect {
	return func(o operation) outcome {
		each := min(each, o.timeout)
		switch o.row {
		case exchange:
			return bad(3, 3*each+20*time.Second, is)
		case once:
			return bad(1, each, is)
		case late:
			return bad(6, 6*each+80*time.Second, is)
		default:
			return bad(4, 4*each, is)
		}
	}
}

// unsent: nothing was sent, so that any operation is repeated.
func unsent(is error) expect {
	return func(o operation) outcome {
		if o.row == once {
			return bad(4, 0, is)
		}
		return passing(is)(o)
	}
}

// broken is the body of a success that breaks off, each time after so long.
func broken(each time.Duration, is error) expect {
	return func(o operation) outcome {
		switch {
		case o.use == ignored:
			return good(1, min(each, o.timeout))
		case o.use == copied: // a part of it is written already
			return bad(1, min(each, o.timeout), is)
		case o.row == reads: // of a stream, from where it broke off
			return slow(each, is)(o)
		default: // a token may have been issued, a POST may have been processed
			return bad(1, min(each, o.timeout), is)
		}
	}
}

// unusable is the body of a success that cannot be read or holds something
// else.
func unusable(o operation) outcome {
	if o.use == ignored {
		return good(1, 0)
	}
	return bad(1, 0, callinsights.ErrInvalidResponse)
}

// noDocument is the body of a success that is no document, as a file need not be.
func noDocument(o operation) outcome {
	if o.use == copied {
		return good(1, 0)
	}
	return unusable(o)
}

// tolerated is odd and does no harm.
func tolerated(operation) outcome { return good(1, 0) }

// limited: all requests are refused with a request to wait so long.
func limited(wait time.Duration) expect {
	return func(o operation) outcome {
		if o.row == exchange {
			return bad(2, max(wait, 10*time.Second), callinsights.ErrRateLimited)
		}
		if o.row == late {
			return bad(6, lateWaits(wait), callinsights.ErrRateLimited)
		}
		return bad(4, 3*wait, callinsights.ErrRateLimited)
	}
}

// lateWaits is how long a late file is waited for if the host asks for that much
// each time.
func lateWaits(wait time.Duration) (sum time.Duration) {
	const s = time.Second
	for _, own := range []time.Duration{5 * s, 5 * s, 10 * s, 20 * s, 40 * s} {
		sum += max(own, wait)
	}
	return sum
}

// limitedVaguely: nothing usable is said of how long.
func limitedVaguely(o operation) outcome {
	if o.gated {
		return limited(60 * time.Second)(o) // the window of the limits
	}
	return limited(0)(o)
}

// but has other outcomes for those operations that a function says.
func (e expect) but(special func(o operation) (outcome, bool)) expect {
	return func(o operation) outcome {
		if out, ok := special(o); ok {
			return out
		}
		return e(o)
	}
}

func ofToken(out outcome) func(operation) (outcome, bool) {
	return func(o operation) (outcome, bool) { return out, o.row == exchange }
}

func ofStream(out outcome) func(operation) (outcome, bool) {
	return func(o operation) (outcome, bool) { return out, o.use == streamed || o.use == copied }
}

func ofFile(out outcome) func(operation) (outcome, bool) {
	return func(o operation) (outcome, bool) { return out, o.use == copied }
}

func ofLate(out outcome) func(operation) (outcome, bool) {
	return func(o operation) (outcome, bool) { return out, o.row == late }
}

func ofBearer(out outcome) func(operation) (outcome, bool) {
	return func(o operation) (outcome, bool) { return out, o.bearer }
}

func ofOnce(out outcome) func(operation) (outcome, bool) {
	return func(o operation) (outcome, bool) { return out, o.row == once }
}

// acceptedKey: after a key was accepted, Vonage's 401 may mean the parameters.
func acceptedKey(o operation) (outcome, bool) {
	return bad(1, 0, callinsights.ErrUnauthorized, callinsights.ErrInvalidRequest), !o.gated && o.use != copied
}

// patience is how long a call of the matrix may take.
const patience = 10 * time.Minute

// limitOf is the deadline of a call that meets the fault.
func limitOf(fault faultserver.Fault) time.Duration {
	if fault.Name == "429 beyond the deadline" {
		return 30 * time.Second
	}
	return patience
}

// expectations are by the names of the faults.
func expectations() map[string]expect {
	const s = time.Second
	const forEver = time.Hour
	refusedToken := ofToken(bad(1, 0, callinsights.ErrUnauthorized))
	invalid, unavailable := callinsights.ErrInvalidResponse, callinsights.ErrUnavailable
	return map[string]expect{
		"refused":                  unsent(unavailable),
		"an unknown host":          final(unavailable),
		"DNS out of order":         unsent(unavailable),
		"reset before the answer":  passing(unavailable),
		"reset in the headers":     passing(unavailable),
		"reset in the body":        broken(0, invalid),
		"closed before the answer": passing(unavailable),
		"closed in the headers":    passing(unavailable),
		// net/http itself takes another connection for a GET.
		"closed on an idle connection": expect(tolerated).but(ofOnce(bad(1, 0, unavailable))).but(func(o operation) (outcome, bool) {
			return good(2, 0), o.method != ""
		}).but(ofToken(good(2, 10*s))),
		"another protocol":   final(unavailable),
		"a malformed header": passing(unavailable),
		"11 MiB of headers":  final(unavailable),
		"a flood of 103":     final(unavailable),

		"an untrusted certificate":      final(unavailable),
		"a certificate of another name": final(unavailable),
		"TLS that is too old":           final(unavailable),
		"HTTP on a TLS port":            final(unavailable),
		"a handshake that breaks off":   unsent(unavailable),

		"silence":                    slow(forEver, unavailable),
		"headers that drip":          slow(forEver, unavailable),
		"a 103 now and then":         slow(forEver, unavailable),
		"a body that drips":          broken(forEver, unavailable).but(ofStream(bad(1, patience, context.DeadlineExceeded))),
		"a body that stalls":         broken(forEver, unavailable),
		"an error whose body stalls": slow(forEver, unavailable),

		"429 with seconds":         limited(7 * s),
		"429 with a date":          limited(7 * s),
		"429 with an RFC 850 date": limited(7 * s),
		"429 with an asctime date": limited(7 * s),
		"429 bare":                 limitedVaguely,
		"429 with garbage":         limitedVaguely,
		"429 with a negative wait": limitedVaguely,
		"429 with an overflow":     final(callinsights.ErrRateLimited),
		"429 for an hour":          final(callinsights.ErrRateLimited),
		// The exchange of a token goes on without the caller, for the others.
		"429 beyond the deadline": final(callinsights.ErrRateLimited, context.DeadlineExceeded).
			but(ofToken(bad(2, 30*s, context.DeadlineExceeded))),
		"429 with a penalty that restarts": func(operation) outcome { return good(2, 60*s) },

		"500 for ever":    passing(unavailable),
		"502 with a page": passing(unavailable),
		"503 twice": expect(func(operation) outcome { return good(3, 0) }).but(ofLate(good(3, 10*s))).
			but(ofToken(good(3, 20*s))).but(ofOnce(bad(1, 0, unavailable))),
		"503 with seconds": expect(func(operation) outcome { return bad(4, 45*s, unavailable) }).
			but(ofLate(bad(6, lateWaits(15*s), unavailable))).
			but(ofToken(bad(3, 30*s, unavailable))).but(ofOnce(bad(1, 0, unavailable))),
		"504 for ever":                    passing(unavailable),
		"408 for ever":                    passing(unavailable),
		"401 once":                        final(callinsights.ErrUnauthorized).but(ofBearer(good(2, 0))).but(acceptedKey),
		"401 for ever":                    final(callinsights.ErrUnauthorized).but(ofBearer(bad(2, 0, callinsights.ErrUnauthorized))).but(acceptedKey),
		"403":                             refused(callinsights.ErrForbidden),
		"404":                             refused(callinsights.ErrNotFound).but(ofLate(bad(6, 80*s, callinsights.ErrNotFound))),
		"501":                             final(unavailable),
		"an echo of the request":          refused(callinsights.ErrInvalidRequest).but(refusedToken),
		"an echo of the request, failing": passing(unavailable),
		"a redirect to another host":      final(invalid).but(ofFile(good(1, 0))),
		"a redirect to another port":      final(invalid).but(ofFile(good(1, 0))),
		"a redirect in clear":             final(invalid),
		"a redirect to a subdomain":       final(invalid).but(ofFile(good(1, 0))),
		"a redirect loop":                 final(invalid).but(ofFile(outcome{attempts: 1, followed: 10, is: []error{invalid}})),
		"status 099":                      final(invalid),
		"status 999":                      final(invalid),
		"a megabyte of error":             passing(unavailable),
		"a short body":                    broken(0, invalid),
		"a chunk cut":                     broken(0, invalid),
		"chunks without an end":           broken(0, invalid),
		"gzip cut":                        broken(0, invalid),
		"cut with its connection":         broken(0, invalid).but(ofFile(good(1, 0))), // a file ends where it ends
		"a gzip bomb":                     unusable,
		"64 MiB":                          unusable,
		"64 MiB in chunks":                unusable,
		"brotli":                          unusable,
		"gzip twice":                      unusable,
		"an empty 200":                    unusable,
		"a 204":                           unusable,
		"a page":                          unusable,
		"another media type":              tolerated,
		"invalid JSON":                    noDocument,
		"another shape":                   noDocument,
		// What Get decodes into is the caller's, and takes null as encoding/json does.
		"null":               expect(noDocument).but(func(o operation) (outcome, bool) { return good(1, 0), o.name == "Get" }),
		"trailing data":      noDocument,
		"a byte order mark":  tolerated,
		"invalid UTF-8":      tolerated,
		"duplicate keys":     tolerated,
		"10,001 levels":      noDocument,
		"a million elements": tolerated,
	}
}

// Every fault befalls every operation.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	authority := faultserver.NewAuthority()
	faults, wanted := faultserver.Faults(authority), expectations()
	if len(faults) != len(wanted) {
		t.Errorf("%d faults and %d expectations", len(faults), len(wanted))
	}
	if cells := len(faults) * len(operations()); cells < 630 {
		t.Errorf("%d cells, want 630 at least", cells)
	}
	for i, fault := range faults {
		for _, o := range operations() {
			t.Run(fault.Name+"/"+o.name, func(t *testing.T) {
				t.Parallel()
				want := wanted[fault.Name]
				if want == nil {
					t.Fatal("nothing is expected of this fault")
				}
				synctest.Test(t, func(t *testing.T) {
					meet(t, o, faultserver.Faults(authority)[i], authority, want(o))
				})
			})
		}
	}
}

// Every fault befalls every composite: what stops its requests stops it as well,
// with the same kinds or with its context. WaitRecording waits for what may pass.
func TestFaultsOfComposites(t *testing.T) {
	t.Parallel()
	authority := faultserver.NewAuthority()
	for i, fault := range faultserver.Faults(authority) {
		for _, o := range composites() {
			t.Run(fault.Name+"/"+o.name, func(t *testing.T) {
				t.Parallel()
				want := expectations()[fault.Name](o)
				synctest.Test(t, func(t *testing.T) {
					r := rigFor(t, faultserver.Faults(authority)[i], authority)
					if err := o.before(t.Context(), r); err != nil {
						t.Fatal(err)
					}
					r.befall(o, faultserver.Faults(authority)[i])
					ctx, cancel := context.WithTimeout(t.Context(), limitOf(fault))
					defer cancel()
					start := time.Now()
					err := o.run(ctx, r)
					if took := time.Since(start); took > limitOf(fault) {
						t.Errorf("took %v, want %v at most", took, limitOf(fault))
					}
					time.Sleep(patience) // until nothing goes on any more
					r.checkComposite(t, err, want)
				})
			})
		}
	}
}

func (r *rig) checkComposite(t *testing.T, err error, want outcome) {
	t.Helper()
	switch {
	case len(want.is) == 0:
		checkKinds(t, err, nil)
	case errors.Is(err, context.DeadlineExceeded) && !slices.Contains(want.is, context.DeadlineExceeded):
		checkKinds(t, err, append(want.is, context.DeadlineExceeded))
	default:
		checkKinds(t, err, want.is)
	}
	if open := r.open.Load(); open != 0 {
		t.Errorf("%d bodies are still open", open)
	}
	if len(r.leaks) > 0 {
		t.Errorf("%v went elsewhere", r.leaks)
	}
	r.checkSecrets(t, err)
}

// rigFor is a rig whose clients lose no time of their own.
func rigFor(t *testing.T, fault faultserver.Fault, authority *faultserver.Authority) *rig {
	t.Helper()
	options := []any{callinsights.RetryPolicy{MinBackoff: 1, MaxBackoff: 1}, maxBytes(4 << 20)}
	if fault.TLS {
		return newRig(t, "https://"+faultserver.TLSHost, append(options, authority)...)
	}
	return newRig(t, "http://localhost:8080", options...)
}

func meet(t *testing.T, o operation, fault faultserver.Fault, authority *faultserver.Authority, want outcome) {
	t.Helper()
	r := rigFor(t, fault, authority)
	if o.before != nil {
		if err := o.before(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	r.befall(o, fault)
	if len(want.is) == 0 {
		want.attempts += o.more
	}
	ctx, cancel := context.WithTimeout(t.Context(), limitOf(fault))
	defer cancel()
	start := time.Now()
	err := o.run(ctx, r)
	took := time.Since(start)
	time.Sleep(patience) // until nothing goes on any more

	checkKinds(t, err, want.is)
	seen := r.observed(o.name)
	if n := len(seen); n == 0 || n > 1+o.more && o.use != streamed {
		t.Errorf("observed %d times, want once", n)
	}
	attempts := 0
	for _, o := range seen {
		attempts += o.Attempts
	}
	if sent := r.sentTo(o.path); attempts != want.attempts || sent != want.attempts+want.followed {
		t.Errorf("%d attempts observed and %d sent, want %d and %d redirects followed", attempts, sent, want.attempts, want.followed)
	}
	if took != want.took {
		t.Errorf("took %v, want %v", took, want.took)
	}
	if open := r.open.Load(); open != 0 {
		t.Errorf("%d bodies are still open", open)
	}
	if o.use != copied && (len(r.hosts) != 1 || !r.hosts[r.base]) {
		t.Errorf("requests went to %v, want %s alone", r.hosts, r.base)
	}
	if len(r.leaks) > 0 {
		t.Errorf("%v went with a request for a file", r.leaks)
	}
	r.checkSecrets(t, err)
}

// checkKinds fails unless err is all of those kinds, and none other.
func checkKinds(t *testing.T, err error, want []error) {
	t.Helper()
	if len(want) == 0 {
		if err != nil {
			t.Errorf("err = %v, want a success", err)
		}
		return
	}
	if _, ok := errors.AsType[*callinsights.Error](err); !ok {
		t.Errorf("err = %v, want a *callinsights.Error", err)
	}
	for _, kind := range []error{
		callinsights.ErrInvalidRequest, callinsights.ErrUnauthorized, callinsights.ErrForbidden, callinsights.ErrNotFound,
		callinsights.ErrRateLimited, callinsights.ErrUnavailable, callinsights.ErrInvalidResponse,
		context.DeadlineExceeded, context.Canceled,
	} {
		if is := errors.Is(err, kind); is != slices.Contains(want, kind) {
			t.Errorf("err = %v\nis it %q? %v, want %v", err, kind, is, !is)
		}
	}
	if text := fmt.Sprint(err); len(text) > 4096 {
		t.Errorf("the error's text has %d bytes", len(text))
	}
}
