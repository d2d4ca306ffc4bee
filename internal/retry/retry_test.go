package retry_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/textproto"
	"net/url"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// step is what one attempt brings.
type step struct {
	status int
	header http.Header
	err    error
	takes  time.Duration
}

func status(code int) step { return step{status: code} }

func fails(err error) step { return step{err: err} }

// after is a status with a Retry-After.
func after(code int, value string) step {
	return step{status: code, header: http.Header{"Retry-After": {value}}}
}

// script plays steps, the last of them for ever, and notes when each was sent.
type script struct {
	steps []step
	sent  []time.Duration
	start time.Time
}

func (s *script) attempt(req *http.Request, _ *retry.Call) (*retry.Answer, error) {
	s.sent = append(s.sent, time.Since(s.start))
	next := s.steps[min(len(s.sent), len(s.steps))-1]
	select {
	case <-time.After(next.takes):
	case <-req.Context().Done():
		return nil, errors.New("the connection noticed that the caller has gone")
	}
	if next.status == 0 {
		return nil, next.err
	}
	return &retry.Answer{Status: next.status, Header: next.header}, next.err
}

// half draws the middle of every wait.
func half() float64 { return 0.5 }

func call(row retry.Row) retry.Call {
	return retry.Call{
		Op: "Thing", Row: row, Method: http.MethodGet,
		URL: &url.URL{Scheme: "https", Host: "service.test", Path: "/thing"}, Header: http.Header{},
	}
}

func refusedConnection() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

func reset() error { return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET} }

type vector struct {
	row      retry.Row
	policy   callinsights.RetryPolicy
	deadline time.Duration
	cancel   time.Duration
	steps    []step
	want     result
}

type result struct {
	Sent       []time.Duration // when the requests went out
	Took       time.Duration
	Status     int
	RetryAfter time.Duration
	Spent      int  // from the budget
	Failed     bool // there is an error beside the answer
	Is         error
}

func TestVectors(t *testing.T) {
	t.Parallel()
	const s, ms = time.Second, time.Millisecond
	fourTimes := []time.Duration{0, 250 * ms, 750 * ms, 1750 * ms}
	lateFile := []time.Duration{0, 5 * s, 10 * s, 20 * s, 40 * s, 80 * s}
	deadServer := result{Sent: fourTimes, Took: 1750 * ms, Spent: 15}
	dead := func(code int) result { r := deadServer; r.Status = code; return r }
	deadErr := func(is error) result { r := deadServer; r.Failed, r.Is = true, is; return r }
	at0 := []time.Duration{0}
	once := func(code int) result { return result{Sent: at0, Status: code} }
	onceErr := func(is error) result { return result{Sent: at0, Failed: true, Is: is} }
	date := func(layout string, d time.Duration) string {
		// The clock of a bubble starts at midnight UTC of 2000-01-01.
		return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(d).Format(layout)
	}
	alert := &net.OpError{Op: "remote error", Err: errors.New("tls: protocol version not supported")}
	notFound := &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "service.test", IsNotFound: true}}
	dnsFlaky := &net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", Name: "service.test", IsTemporary: true}}
	untrusted := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}

	for name, v := range map[string]vector{
		"success":               {steps: []step{status(200)}, want: once(200)},
		"created":               {row: retry.NotIdempotent, steps: []step{status(201)}, want: once(201)},
		"400":                   {steps: []step{status(400)}, want: once(400)},
		"401":                   {steps: []step{status(401)}, want: once(401)},
		"403":                   {steps: []step{status(403)}, want: once(403)},
		"404":                   {steps: []step{status(404)}, want: once(404)},
		"409":                   {steps: []step{status(409)}, want: once(409)},
		"501 will not change":   {steps: []step{status(501)}, want: once(501)},
		"505 will not change":   {steps: []step{status(505)}, want: once(505)},
		"511 will not change":   {steps: []step{status(511)}, want: once(511)},
		"599 will not change":   {steps: []step{status(599)}, want: once(599)},
		"408 for ever":          {steps: []step{status(408)}, want: dead(408)},
		"425 for ever":          {steps: []step{status(425)}, want: dead(425)},
		"500 for ever":          {steps: []step{status(500)}, want: dead(500)},
		"502 for ever":          {steps: []step{status(502)}, want: dead(502)},
		"503 for ever":          {steps: []step{status(503)}, want: dead(503)},
		"504 for ever":          {steps: []step{status(504)}, want: dead(504)},
		"429 costs no budget":   {steps: []step{status(429)}, want: result{Sent: fourTimes, Took: 1750 * ms, Status: 429}},
		"503 twice, then good":  {steps: []step{status(503), status(503), status(200)}, want: result{Sent: fourTimes[:3], Took: 750 * ms, Status: 200, Spent: 9}},
		"the last answer stays": {steps: []step{status(500), status(503), status(502)}, want: dead(502)},
		"a final answer ends":   {steps: []step{status(503), status(404)}, want: result{Sent: fourTimes[:2], Took: 250 * ms, Status: 404, Spent: 5}},
		"an answer outlives an error": {steps: []step{status(503), fails(reset())}, want: result{
			Sent: fourTimes, Took: 1750 * ms, Status: 503, Spent: 15, Failed: true, Is: syscall.ECONNRESET,
		}},
		"a success that broke does not": {steps: []step{{status: 200, err: io.ErrUnexpectedEOF}, fails(reset())}, want: deadErr(syscall.ECONNRESET)},

		"refused":                       {steps: []step{fails(refusedConnection())}, want: deadErr(syscall.ECONNREFUSED)},
		"reset":                         {steps: []step{fails(reset())}, want: deadErr(syscall.ECONNRESET)},
		"EOF":                           {steps: []step{fails(io.EOF)}, want: deadErr(io.EOF)},
		"reset, then good":              {steps: []step{fails(reset()), status(200)}, want: result{Sent: fourTimes[:2], Took: 250 * ms, Status: 200, Spent: 4}},
		"temporary DNS":                 {steps: []step{fails(dnsFlaky)}, want: deadErr(dnsFlaky)},
		"broken body":                   {steps: []step{{status: 200, err: io.ErrUnexpectedEOF}}, want: result{Sent: fourTimes, Took: 1750 * ms, Status: 200, Spent: 15, Failed: true, Is: io.ErrUnexpectedEOF}},
		"broken body, then good":        {steps: []step{{status: 200, err: io.ErrUnexpectedEOF}, status(200)}, want: result{Sent: fourTimes[:2], Took: 250 * ms, Status: 200, Spent: 4}},
		"NXDOMAIN":                      {steps: []step{fails(notFound)}, want: onceErr(notFound)},
		"certificate":                   {steps: []step{fails(untrusted)}, want: onceErr(untrusted)},
		"certificate, wrapped":          {steps: []step{fails(fmt.Errorf("tracing: %w", untrusted))}, want: onceErr(untrusted)},
		"TLS alert":                     {steps: []step{fails(alert)}, want: onceErr(alert)},
		"TLS of another version":        {steps: []step{fails(errors.New("tls: server selected unsupported protocol version 301"))}, want: onceErr(nil)},
		"HTTP on a TLS port":            {steps: []step{fails(tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"})}, want: onceErr(nil)},
		"scheme mismatch":               {steps: []step{fails(http.ErrSchemeMismatch)}, want: onceErr(http.ErrSchemeMismatch)},
		"malformed answer":              {steps: []step{fails(fmt.Errorf("net/http: HTTP/1.x transport connection broken: %w", errors.New(`malformed HTTP response "x"`)))}, want: onceErr(nil)},
		"malformed header, perhaps cut": {steps: []step{fails(textproto.ProtocolError("malformed MIME header line"))}, want: deadErr(nil)},
		"header flood":                  {steps: []step{fails(errors.New("net/http: server response headers exceeded 65536 bytes; aborted"))}, want: onceErr(nil)},
		"final by the attempt":          {steps: []step{{status: 302, err: retry.Final(io.ErrNoProgress)}}, want: result{Sent: at0, Status: 302, Failed: true, Is: io.ErrNoProgress}},
		"a transport's own timeout":     {steps: []step{fails(context.DeadlineExceeded)}, want: deadErr(context.DeadlineExceeded)},

		"seconds":                        {steps: []step{after(503, "7"), status(200)}, want: result{Sent: []time.Duration{0, 7 * s}, Took: 7 * s, Status: 200, Spent: 4}},
		"seconds on 429":                 {steps: []step{after(429, "7"), status(200)}, want: result{Sent: []time.Duration{0, 7 * s}, Took: 7 * s, Status: 200}},
		"seconds on 500":                 {steps: []step{after(500, "7"), status(200)}, want: result{Sent: []time.Duration{0, 7 * s}, Took: 7 * s, Status: 200, Spent: 4}},
		"seconds on 408":                 {steps: []step{after(408, " 7 "), status(200)}, want: result{Sent: []time.Duration{0, 7 * s}, Took: 7 * s, Status: 200, Spent: 4}},
		"a fraction counts whole":        {steps: []step{after(503, "1.5"), status(200)}, want: result{Sent: []time.Duration{0, 2 * s}, Took: 2 * s, Status: 200, Spent: 4}},
		"IMF date":                       {steps: []step{after(503, date(http.TimeFormat, 9*s)), status(200)}, want: result{Sent: []time.Duration{0, 9 * s}, Took: 9 * s, Status: 200, Spent: 4}},
		"RFC 850 date":                   {steps: []step{after(503, date("Monday, 02-Jan-06 15:04:05 GMT", 9*s)), status(200)}, want: result{Sent: []time.Duration{0, 9 * s}, Took: 9 * s, Status: 200, Spent: 4}},
		"asctime date":                   {steps: []step{after(503, date(time.ANSIC, 9*s)), status(200)}, want: result{Sent: []time.Duration{0, 9 * s}, Took: 9 * s, Status: 200, Spent: 4}},
		"a past date is our own backoff": {steps: []step{after(503, date(http.TimeFormat, -9*s)), status(200)}, want: result{Sent: fourTimes[:2], Took: 250 * ms, Status: 200, Spent: 4}},
		"zero is our own backoff":        {steps: []step{after(503, "0"), status(200)}, want: result{Sent: fourTimes[:2], Took: 250 * ms, Status: 200, Spent: 4}},
		"garbage is our own backoff":     {steps: []step{after(503, "soon"), status(200)}, want: result{Sent: fourTimes[:2], Took: 250 * ms, Status: 200, Spent: 4}},
		"negative is our own backoff":    {steps: []step{after(503, "-5"), status(200)}, want: result{Sent: fourTimes[:2], Took: 250 * ms, Status: 200, Spent: 4}},
		"overflow is too long":           {steps: []step{after(503, "9223372037")}, want: result{Sent: at0, Status: 503, RetryAfter: 1<<63 - 1}},
		"as long as allowed":             {steps: []step{after(429, "90"), status(200)}, want: result{Sent: []time.Duration{0, 90 * s}, Took: 90 * s, Status: 200}},
		"longer than allowed":            {steps: []step{after(429, "91")}, want: result{Sent: at0, Status: 429, RetryAfter: 91 * s}},
		"longer than a set limit": {
			policy: callinsights.RetryPolicy{MaxWait: 5 * s}, steps: []step{after(503, "6")},
			want: result{Sent: at0, Status: 503, RetryAfter: 6 * s},
		},
		"asked for again": {steps: []step{after(429, "60"), after(429, "60"), status(200)}, want: result{Sent: []time.Duration{0, 60 * s, 120 * s}, Took: 120 * s, Status: 200}},
		"the last refusal says when": {steps: []step{after(503, "3")}, want: result{
			Sent: []time.Duration{0, 3 * s, 6 * s, 9 * s}, Took: 9 * s, Status: 503, RetryAfter: 3 * s, Spent: 15,
		}},

		"deadline before the wait ends": {deadline: 6 * s, steps: []step{after(503, "7")}, want: result{
			Sent: at0, Status: 503, RetryAfter: 7 * s, Failed: true, Is: context.DeadlineExceeded,
		}},
		"deadline at the end of the wait": {deadline: 7 * s, steps: []step{after(429, "7")}, want: result{
			Sent: at0, Status: 429, RetryAfter: 7 * s, Failed: true, Is: context.DeadlineExceeded,
		}},
		"deadline within our backoff": {deadline: 500 * ms, steps: []step{fails(reset())}, want: result{
			Sent: fourTimes[:2], Took: 250 * ms, Spent: 5, Failed: true, Is: context.DeadlineExceeded,
		}},
		"the error before the deadline stays": {deadline: 500 * ms, steps: []step{fails(reset())}, want: result{
			Sent: fourTimes[:2], Took: 250 * ms, Spent: 5, Failed: true, Is: syscall.ECONNRESET,
		}},
		"deadline within an attempt": {deadline: s, steps: []step{{status: 200, takes: 5 * s}}, want: result{
			Sent: at0, Took: s, Failed: true, Is: context.DeadlineExceeded,
		}},
		"cancelled within the wait": {cancel: 100 * ms, steps: []step{status(503)}, want: result{
			Sent: at0, Took: 100 * ms, Status: 503, Spent: 5, Failed: true, Is: context.Canceled,
		}},
		"cancelled within an attempt": {cancel: 100 * ms, steps: []step{{status: 200, takes: s}}, want: result{
			Sent: at0, Took: 100 * ms, Failed: true, Is: context.Canceled,
		}},
		"an error after the caller has gone": {cancel: 100 * ms, steps: []step{{err: io.EOF, takes: s}}, want: result{
			Sent: at0, Took: 100 * ms, Failed: true, Is: context.Canceled,
		}},

		"retries turned off":      {policy: callinsights.RetryPolicy{MaxAttempts: 1}, steps: []step{status(503)}, want: once(503)},
		"retries turned off, 429": {policy: callinsights.RetryPolicy{MaxAttempts: 1}, steps: []step{after(429, "5")}, want: result{Sent: at0, Status: 429, RetryAfter: 5 * s}},
		"bounded backoff": {policy: callinsights.RetryPolicy{MaxAttempts: 5, MinBackoff: s, MaxBackoff: 3 * s}, steps: []step{status(500)}, want: result{
			Sent: []time.Duration{0, 500 * ms, 1500 * ms, 3 * s, 4500 * ms}, Took: 4500 * ms, Status: 500, Spent: 20,
		}},
		"a high lower bound": {policy: callinsights.RetryPolicy{MaxAttempts: 2, MinBackoff: 60 * s}, steps: []step{status(500)}, want: result{
			Sent: []time.Duration{0, 30 * s}, Took: 30 * s, Status: 500, Spent: 5,
		}},
		"a low upper bound": {policy: callinsights.RetryPolicy{MaxAttempts: 3, MaxBackoff: 10 * ms}, steps: []step{status(500)}, want: result{
			Sent: []time.Duration{0, 5 * ms, 10 * ms}, Took: 10 * ms, Status: 500, Spent: 10,
		}},

		"POST 429":                {row: retry.NotIdempotent, steps: []step{after(429, "2"), status(200)}, want: result{Sent: []time.Duration{0, 2 * s}, Took: 2 * s, Status: 200}},
		"POST 500":                {row: retry.NotIdempotent, steps: []step{status(500)}, want: once(500)},
		"POST 503":                {row: retry.NotIdempotent, steps: []step{after(503, "1")}, want: result{Sent: at0, Status: 503, RetryAfter: s}},
		"POST 408":                {row: retry.NotIdempotent, steps: []step{status(408)}, want: once(408)},
		"POST reset":              {row: retry.NotIdempotent, steps: []step{fails(reset())}, want: onceErr(syscall.ECONNRESET)},
		"POST broken body":        {row: retry.NotIdempotent, steps: []step{{status: 200, err: io.ErrUnexpectedEOF}}, want: result{Sent: at0, Status: 200, Failed: true, Is: io.ErrUnexpectedEOF}},
		"POST refused":            {row: retry.NotIdempotent, steps: []step{fails(refusedConnection())}, want: deadErr(syscall.ECONNREFUSED)},
		"POST proxy refused":      {row: retry.NotIdempotent, steps: []step{fails(&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED})}, want: deadErr(syscall.ECONNREFUSED)},
		"POST temporary DNS":      {row: retry.NotIdempotent, steps: []step{fails(dnsFlaky)}, want: deadErr(dnsFlaky)},
		"POST handshake cut":      {row: retry.NotIdempotent, steps: []step{fails(retry.Unsent(io.EOF))}, want: deadErr(io.EOF)},
		"POST to an unknown host": {row: retry.NotIdempotent, steps: []step{fails(notFound)}, want: onceErr(notFound)},

		"token 500": {row: retry.TokenRequest, steps: []step{status(500)}, want: result{
			Sent: []time.Duration{0, 10 * s, 20 * s}, Took: 20 * s, Status: 500, Spent: 10,
		}},
		"token 503 asks for more": {row: retry.TokenRequest, steps: []step{after(503, "15"), status(200)}, want: result{
			Sent: []time.Duration{0, 15 * s}, Took: 15 * s, Status: 200, Spent: 4,
		}},
		"token 429":         {row: retry.TokenRequest, steps: []step{after(429, "20")}, want: result{Sent: []time.Duration{0, 20 * s}, Took: 20 * s, Status: 429, RetryAfter: 20 * s}},
		"token 429 bare":    {row: retry.TokenRequest, steps: []step{status(429)}, want: result{Sent: []time.Duration{0, 30 * s}, Took: 30 * s, Status: 429, RetryAfter: 30 * s}},
		"token 400":         {row: retry.TokenRequest, steps: []step{status(400)}, want: once(400)},
		"token 401":         {row: retry.TokenRequest, steps: []step{status(401)}, want: once(401)},
		"token reset":       {row: retry.TokenRequest, steps: []step{fails(reset())}, want: result{Sent: []time.Duration{0, 10 * s, 20 * s}, Took: 20 * s, Spent: 10, Failed: true, Is: syscall.ECONNRESET}},
		"token broken body": {row: retry.TokenRequest, steps: []step{{status: 200, err: io.ErrUnexpectedEOF}}, want: result{Sent: at0, Status: 200, Failed: true, Is: io.ErrUnexpectedEOF}},
		"late file 404":     {row: retry.LateFile, steps: []step{status(404)}, want: result{Sent: lateFile, Took: 80 * s, Status: 404, Spent: 25}},
		"late file 500":     {row: retry.LateFile, steps: []step{status(500)}, want: result{Sent: lateFile, Took: 80 * s, Status: 500, Spent: 25}},
		"late file comes": {row: retry.LateFile, steps: []step{status(404), status(404), status(200)}, want: result{
			Sent: lateFile[:3], Took: 10 * s, Status: 200, Spent: 9,
		}},
		"late file asks for more": {row: retry.LateFile, steps: []step{after(503, "7"), status(200)}, want: result{
			Sent: []time.Duration{0, 7 * s}, Took: 7 * s, Status: 200, Spent: 4,
		}},
		"late file broken before it begins": {row: retry.LateFile, steps: []step{{status: 200, err: io.ErrUnexpectedEOF}, status(200)}, want: result{
			Sent: lateFile[:2], Took: 5 * s, Status: 200, Spent: 4,
		}},
		"late file reset": {row: retry.LateFile, steps: []step{fails(reset())}, want: result{Sent: lateFile, Took: 80 * s, Spent: 25, Failed: true, Is: syscall.ECONNRESET}},
		"late file 403":   {row: retry.LateFile, steps: []step{status(403)}, want: once(403)},
		"late file 410":   {row: retry.LateFile, steps: []step{status(410)}, want: once(410)},
		"late file, retries turned off": {
			row: retry.LateFile, policy: callinsights.RetryPolicy{MaxAttempts: 1}, steps: []step{status(404)}, want: once(404),
		},
		"late file, deadline": {row: retry.LateFile, deadline: 12 * s, steps: []step{status(404)}, want: result{
			Sent: lateFile[:3], Took: 10 * s, Status: 404, Spent: 10, Failed: true, Is: context.DeadlineExceeded,
		}},
		"token, retries turned off": {
			row: retry.TokenRequest, policy: callinsights.RetryPolicy{MaxAttempts: 1}, steps: []step{status(500)}, want: once(500),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { run(t, v) })
		})
	}
}

func run(t *testing.T, v vector) {
	t.Helper()
	played := &script{steps: v.steps, start: time.Now()}
	r := retry.New(retry.Options{Attempt: played.attempt, Policy: v.policy, Random: half})
	// A budget that is full hides what a success gives back.
	full := r.Budget()
	ctx := t.Context()
	if v.deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, v.deadline)
		defer cancel()
	}
	if v.cancel > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer time.AfterFunc(v.cancel, cancel).Stop()
		defer cancel()
	}
	out := r.Do(ctx, call(v.row))
	got := result{
		Sent: played.sent, Took: time.Since(played.start), RetryAfter: out.RetryAfter,
		Spent: full - r.Budget(), Failed: out.Err != nil,
	}
	if out.Answer != nil {
		got.Status = out.Answer.Status
	}
	if v.want.Is != nil && !errors.Is(out.Err, v.want.Is) {
		t.Errorf("the error %v is not %v", out.Err, v.want.Is)
	}
	v.want.Is = nil
	if diff := cmp.Diff(v.want, got); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	if out.Attempts != len(played.sent) {
		t.Errorf("counted %d attempts of %d", out.Attempts, len(played.sent))
	}
}

// While a service is down, a library that repeats each call multiplies its
// load. One client sends about a hundred requests more in all.
func TestBudgetBoundsTheLoadOfADeadServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		played := &script{steps: []step{status(500)}, start: time.Now()}
		r := retry.New(retry.Options{Attempt: played.attempt, Random: half})
		const calls = 1000
		var last retry.Outcome
		for range calls {
			last = r.Do(t.Context(), call(retry.Idempotent))
		}
		if extra := len(played.sent) - calls; extra != 100 {
			t.Errorf("%d requests more than calls, want 100", extra)
		}
		if last.Answer.Status != 500 || last.Err == nil || last.Attempts != 1 {
			t.Errorf("outcome = %+v, want the 500 and why it was not repeated", last)
		}
		played.steps = []step{fails(reset())}
		if out := r.Do(t.Context(), call(retry.Idempotent)); !errors.Is(out.Err, syscall.ECONNRESET) || out.Attempts != 1 {
			t.Errorf("outcome = %+v, want the reset after one attempt", out)
		}
		// Five successes pay for one repeat.
		played.steps = []step{status(200)}
		for range 5 {
			r.Do(t.Context(), call(retry.Idempotent))
		}
		played.steps = []step{status(500)}
		if out := r.Do(t.Context(), call(retry.Idempotent)); out.Attempts != 2 {
			t.Errorf("%d attempts after five successes, want 2", out.Attempts)
		}
	})
}

// Two attempts of a client with a cookie jar: http.Client adds the cookies to
// the header of the request that it is given, so a repeated request would
// carry them twice.
func TestCookiesAreSentOncePerAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		attempt := func(req *http.Request, _ *retry.Call) (*retry.Answer, error) {
			got = append(got, req.Header.Get("Cookie"))
			return &retry.Answer{Status: 503, Header: http.Header{"Set-Cookie": {"route=b7"}}}, nil
		}
		sent := call(retry.Idempotent)
		retry.New(retry.Options{Attempt: attempt, Jar: jar}).Do(t.Context(), sent)
		if diff := cmp.Diff([]string{"", "route=b7", "route=b7", "route=b7"}, got); diff != "" {
			t.Errorf("Cookie headers (-want +got):\n%s", diff)
		}
		if len(sent.Header) > 0 {
			t.Errorf("the caller's header was changed: %v", sent.Header)
		}
	})
}

// The loop of the library hands its answer to http.Client, which acts on a
// Location, also on one that cannot be parsed.
func TestLocationIsNotActedOn(t *testing.T) {
	t.Parallel()
	for name, location := range map[string]string{"elsewhere": "https://elsewhere.test/", "unparsable": "https://%zz"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := 0
			attempt := func(*http.Request, *retry.Call) (*retry.Answer, error) {
				sent++
				return &retry.Answer{Status: 307, Header: http.Header{"Location": {location}}}, nil
			}
			out := retry.New(retry.Options{Attempt: attempt}).Do(t.Context(), call(retry.Idempotent))
			if out.Err != nil || out.Answer.Status != 307 || sent != 1 {
				t.Errorf("outcome = %+v after %d requests, want the 307 after one", out, sent)
			}
		})
	}
}

// The *url.Error that net/http puts around what it says of such a request
// would quote the URL with its query.
func TestUnusableRequests(t *testing.T) {
	t.Parallel()
	attempt := func(*http.Request, *retry.Call) (*retry.Answer, error) {
		return nil, errors.New("it was sent")
	}
	badMethod, noURL := call(retry.Idempotent), call(retry.Idempotent)
	badMethod.Method = "GET IT"
	noURL.URL = nil
	for name, c := range map[string]retry.Call{"method": badMethod, "URL": noURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := retry.New(retry.Options{Attempt: attempt}).Do(t.Context(), c)
			if out.Err == nil || out.Attempts != 0 || out.Answer != nil {
				t.Errorf("outcome = %+v, want an error and nothing sent", out)
			}
			if around, ok := errors.AsType[*url.Error](out.Err); ok {
				t.Errorf("the chain holds %#v", around)
			}
		})
	}
}

// A transport that writes to the URL of its request must not change where the
// repeat goes.
func TestEveryAttemptHasItsOwnURL(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var urls []string
		r := retry.New(retry.Options{Attempt: func(req *http.Request, _ *retry.Call) (*retry.Answer, error) {
			urls = append(urls, req.URL.String())
			req.URL.Scheme, req.URL.Host, req.URL.RawQuery = "http", "127.0.0.1", ""
			return &retry.Answer{Status: 503}, nil
		}, Policy: callinsights.RetryPolicy{MaxAttempts: 2}})
		c := call(retry.Idempotent)
		r.Do(t.Context(), c)
		want := []string{"https://service.test/thing", "https://service.test/thing"}
		if diff := cmp.Diff(want, urls); diff != "" {
			t.Errorf("URLs (-want +got):\n%s", diff)
		}
		if got := c.URL.String(); got != want[0] {
			t.Errorf("the URL of the call is now %s", got)
		}
	})
}

// A transport that writes to the header of its request must not change what the
// repeat, or another call of the client, sends.
func TestEveryAttemptHasItsOwnHeader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got []http.Header
		r := retry.New(retry.Options{Attempt: func(req *http.Request, _ *retry.Call) (*retry.Answer, error) {
			got = append(got, req.Header.Clone())
			req.Header.Set("X-Key", "another")
			req.Header.Add("Accept", "text/html")
			return &retry.Answer{Status: 503}, nil
		}, Policy: callinsights.RetryPolicy{MaxAttempts: 2}})
		c := call(retry.Idempotent)
		c.Header = http.Header{"Accept": {"application/json"}}
		c.Credential = retry.Credential{Name: "x-key", Value: "k"}
		r.Do(t.Context(), c)
		want := http.Header{"Accept": {"application/json"}, "X-Key": {"k"}}
		if diff := cmp.Diff([]http.Header{want, want}, got); diff != "" {
			t.Errorf("headers (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(http.Header{"Accept": {"application/json"}}, c.Header); diff != "" {
			t.Errorf("the header of the call (-want +got):\n%s", diff)
		}
	})
}

func TestDefaultRandomJitters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		waits := map[time.Duration]bool{}
		for range 20 {
			played := &script{steps: []step{status(503)}, start: time.Now()}
			r := retry.New(retry.Options{Attempt: played.attempt, Policy: callinsights.RetryPolicy{MaxAttempts: 2}})
			r.Do(t.Context(), call(retry.Idempotent))
			waits[played.sent[1]] = true
			if played.sent[1] > 500*time.Millisecond {
				t.Errorf("waited %v, want at most the lower bound", played.sent[1])
			}
		}
		if len(waits) < 10 {
			t.Errorf("%d different waits of 20", len(waits))
		}
	})
}

func TestAnswerReachesTheOutcomeWhole(t *testing.T) {
	t.Parallel()
	attempt := func(*http.Request, *retry.Call) (*retry.Answer, error) {
		return &retry.Answer{Status: 200, Body: []byte("{}"), Header: http.Header{
			"X-Rate-Limit-Group": {"light"}, "X-Rate-Limit-Limit": {"50"},
			"X-Rate-Limit-Remaining": {"49"}, "X-Rate-Limit-Window": {"60"},
		}}, nil
	}
	out := retry.New(retry.Options{Attempt: attempt}).Do(t.Context(), call(retry.Idempotent))
	want := callinsights.RateLimit{Group: "light", Limit: 50, Remaining: 49, Window: time.Minute}
	if diff := cmp.Diff(want, out.RateLimit); diff != "" {
		t.Errorf("rate limit (-want +got):\n%s", diff)
	}
	if string(out.Answer.Body) != "{}" {
		t.Errorf("body = %q", out.Answer.Body)
	}
}
