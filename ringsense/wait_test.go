package ringsense_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// asked returns when each request for insights came.
func asked(server http.Handler, times *[]time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/insights") {
			*times = append(*times, time.Now())
		}
		server.ServeHTTP(w, r)
	})
}

// TestWaitUntilReady goes through both ways of saying "not yet".
func TestWaitUntilReady(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		server.SetReadyAfter(5*time.Minute, 3*time.Minute)
		want := recording(t, "phone_call.json")
		server.Add(want)
		var times []time.Time
		client := server.Client(through(asked(server, &times)))
		start := time.Now()
		got, err := client.WaitRecordingInsights(t.Context(), callID)
		if err != nil {
			t.Fatal(err)
		}
		if got.SourceRecordID != callID || len(got.Insights.Transcript) != 4 || len(got.SpeakerInfo) != 2 {
			t.Errorf("got %v, want the whole recording", got.LogValue())
		}
		if took := time.Since(start); took < 8*time.Minute || took > 8*time.Minute+90*time.Second {
			t.Errorf("took %v, want to notice within 90s that it is ready after 8m", took)
		}
		longest := 10 * time.Second
		for i := range len(times) - 1 {
			if gap := times[i+1].Sub(times[i]); gap > longest || gap < longest*8/10 {
				t.Errorf("request %d came %v after the one before, want %v to %v", i+2, gap, longest*8/10, longest)
			}
			longest = min(longest*16/10, 90*time.Second)
		}
		if len(times) < 9 {
			t.Errorf("%d requests, want more than that in 8 minutes", len(times))
		}
	})
}

func TestWaitForKinds(t *testing.T) {
	t.Parallel()
	none := []ringsense.InsightOption{}
	only := func(types ...ringsense.InsightType) []ringsense.InsightOption {
		return []ringsense.InsightOption{ringsense.OnlyTypes(types...)}
	}
	tests := map[string]struct {
		insights string
		opts     []ringsense.InsightOption
		ready    bool
	}{
		"any kind":                   {`{"Sentiment":[{"value":"Positive"}]}`, none, true},
		"any, transcript":            {`{"Transcript":[{"text":"a"}]}`, none, true},
		"any, QnA":                   {`{"QnA":[{"value":"a"}]}`, none, true},
		"any, Highlights misspelt":   {`{"HighLights":[{"value":"a"}]}`, none, true},
		"any, kind not known":        {`{"AICoach":{"tips":["a"]}}`, none, true},
		"nothing":                    {`{}`, none, false},
		"null":                       {`null`, none, false},
		"empty lists":                {`{"Transcript":[],"Summary":[]}`, none, false},
		"blank kinds not known":      {`{"A":[ ],"B":{ },"C":null,"D":""}`, none, false},
		"wanted kind":                {`{"Summary":[{"value":"a"}]}`, only(ringsense.TypeTranscript, ringsense.TypeSummary), true},
		"wanted transcript":          {`{"Transcript":[{"text":"a"}]}`, only(ringsense.TypeTranscript), true},
		"wanted kind not known":      {`{"AICoach":[1]}`, only("AICoach"), true},
		"another kind than wanted":   {`{"Summary":[{"value":"a"}]}`, only(ringsense.TypeTranscript), false},
		"another than the unknown":   {`{"Summary":[{"value":"a"}]}`, only("AICoach"), false},
		"wanted kind is still empty": {`{"Summary":[]}`, only(ringsense.TypeSummary), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				// The service may well answer with more than it was asked for.
				server.Fail(ringsensetest.Fault{
					Op: "RecordingInsights", N: -1, Status: http.StatusOK, Body: `{"sourceRecordId":"31","insights":` + test.insights + `}`,
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				got, err := server.Client().WaitRecordingInsights(ctx, "31", test.opts...)
				if test.ready {
					if err != nil || got.SourceRecordID != "31" || count(server, "RecordingInsights") != 1 {
						t.Errorf("got %v, %v after %d requests, want the recording at once", got, err, count(server, "RecordingInsights"))
					}
					return
				}
				if got != nil {
					t.Errorf("got %v; want to wait until the deadline", got.LogValue())
				}
				checkKinds(t, err, []error{context.DeadlineExceeded, ringsense.ErrInsightsNotFound}, []error{ringsense.ErrInvalidResponse})
				if !strings.Contains(err.Error(), "none of the wanted insights was there") {
					t.Errorf("the text %q does not say what was seen", err)
				}
			})
		})
	}
}

// TestWaitForTranscript: what else is there before does not end the wait.
func TestWaitForTranscript(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		if err := server.AddJSON([]byte(`{"sourceRecordId":"31","domain":"rcv","insights":{"Summary":[{"value":"a"}]}}`)); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Hour, func() {
			_ = server.AddJSON([]byte(`{"sourceRecordId":"31","domain":"rcv","insights":{"Transcript":[{"text":"b"}],"Summary":[{"value":"a"}]}}`))
		})
		got, err := server.Client().WaitRecordingInsights(t.Context(), "31",
			ringsense.InDomain(ringsense.DomainRCV), ringsense.OnlyTypes(ringsense.TypeTranscript))
		if err != nil || len(got.Insights.Transcript) != 1 || got.Insights.Summary != nil {
			t.Errorf("got %v, %v; want the transcript alone", got, err)
		}
	})
}

// TestWaitEnds: what no waiting will mend.
func TestWaitEnds(t *testing.T) {
	t.Parallel()
	fault := func(status int, body string) func(*ringsensetest.Server) {
		return func(s *ringsensetest.Server) {
			s.Fail(ringsensetest.Fault{Op: "RecordingInsights", N: -1, Status: status, Body: body})
		}
	}
	tests := map[string]struct {
		set   func(*ringsensetest.Server)
		is    error
		sent  int
		isNot error
		text  string
	}{
		"scope missing":      {func(s *ringsensetest.Server) { s.SetScope(false) }, ringsense.ErrScopeMissing, 1, ringsense.ErrNotFound, "lacks a scope"},
		"permission missing": {func(s *ringsensetest.Server) { s.SetPermission(false) }, ringsense.ErrPermissionMissing, 1, ringsense.ErrNotFound, "ReadRingSenseInsights"},
		"CMN-408":            {fault(403, `{"errorCode":"CMN-408"}`), ringsense.ErrPermissionMissing, 1, ringsense.ErrScopeMissing, "ReadCompanyCallRecording"},
		"refused for ever":   {fault(401, `{"errorCode":"TokenInvalid","errors":[{"errorCode":"OAU-213"}]}`), ringsense.ErrUnauthorized, 2, ringsense.ErrForbidden, "OAU-213"},
		"path unknown":       {fault(404, `{"errorCode":"AGW-404"}`), ringsense.ErrNotFound, 1, ringsense.ErrInsightsNotFound, "not provisioned"},
		"not found, no JSON": {fault(404, `<html>`), ringsense.ErrNotFound, 1, ringsense.ErrInsightsNotFound, "not provisioned"},
		"not found, nothing": {fault(404, ``), ringsense.ErrNotFound, 1, ringsense.ErrInsightsNotFound, "may not be ready yet"},
		"another account":    {fault(404, `{"errors":[{"errorCode":"CMN-102"}]}`), ringsense.ErrNotFound, 1, ringsense.ErrInsightsNotFound, "of another account"},
		"bad request":        {fault(400, `{"errorCode":"CMN-101"}`), ringsense.ErrInvalidRequest, 1, ringsense.ErrNotFound, "CMN-101"},
		"HTML":               {fault(200, `<html>`), ringsense.ErrInvalidResponse, 1, ringsense.ErrNotFound, "HTML"},
		"refused grant": {
			func(s *ringsensetest.Server) {
				s.Fail(ringsensetest.Fault{Op: "Token", N: -1, Status: 400, Body: `{"error":"invalid_grant"}`})
			}, ringsense.ErrUnauthorized, 0, ringsense.ErrNotFound, "the JWT was refused",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := newServer(t)
				test.set(server)
				start := time.Now()
				got, err := server.Client().WaitRecordingInsights(t.Context(), callID)
				if got != nil || !errors.Is(err, test.is) || errors.Is(err, test.isNot) || errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, %v; want %v", got, err, test.is)
				}
				if failed, ok := errors.AsType[*ringsense.Error](err); !ok || failed.Op != "WaitRecordingInsights" || !strings.Contains(err.Error(), test.text) {
					t.Errorf("got %v, want an *Error of the call with %q", err, test.text)
				}
				if n := count(server, "RecordingInsights"); n != test.sent || time.Since(start) != 0 {
					t.Errorf("%d requests in %v, want %d at once", n, time.Since(start), test.sent)
				}
			})
		})
	}
}

// TestWaitOver: the error at the end tells what was seen last.
func TestWaitOver(t *testing.T) {
	t.Parallel()
	fault := func(f ringsensetest.Fault) func(*ringsensetest.Server) {
		return func(s *ringsensetest.Server) { s.Fail(f) }
	}
	const op = "RecordingInsights"
	tests := map[string]struct {
		set    func(*ringsensetest.Server)
		is     []error
		isNot  []error
		status int
		text   string
	}{
		"never there": {
			func(*ringsensetest.Server) {},
			[]error{ringsense.ErrInsightsNotFound, ringsense.ErrNotFound},
			[]error{ringsense.ErrUnavailable},
			404, "the id or the domain is wrong",
		},
		"empty for ever": {
			fault(ringsensetest.Fault{Op: op, N: -1, Status: 200, Body: `{"insights":{}}`}),
			[]error{ringsense.ErrInsightsNotFound, ringsense.ErrNotFound},
			[]error{ringsense.ErrInvalidResponse, ringsense.ErrUnavailable},
			0, "recording is known",
		},
		"not found without a code": {
			fault(ringsensetest.Fault{Op: op, N: -1, Status: 404, Body: `{"message":"x"}`}),
			[]error{ringsense.ErrNotFound},
			[]error{ringsense.ErrUnavailable},
			404, "may not be ready yet",
		},
		"down for ever": {
			fault(ringsensetest.Fault{Op: op, N: -1, Status: 503}),
			[]error{ringsense.ErrUnavailable},
			[]error{ringsense.ErrNotFound},
			503, "503",
		},
		"down for the login": {
			fault(ringsensetest.Fault{Op: "Token", N: -1, Status: 503}),
			[]error{ringsense.ErrUnavailable},
			[]error{ringsense.ErrNotFound},
			0, "Token",
		},
		"limited for ever": {
			fault(ringsensetest.Fault{Op: op, N: -1, Status: 429, Header: http.Header{"Retry-After": {"40"}}}),
			[]error{ringsense.ErrRateLimited},
			[]error{ringsense.ErrUnavailable},
			429, "429",
		},
		"limited for longer": {
			fault(ringsensetest.Fault{Op: op, N: -1, Status: 429, Header: http.Header{"Retry-After": {"7200"}}}),
			[]error{ringsense.ErrRateLimited},
			[]error{ringsense.ErrUnavailable},
			429, "retry after 2h",
		},
		"silent for ever": {
			fault(ringsensetest.Fault{Op: op, N: -1, Delay: 24 * time.Hour}),
			nil,
			[]error{ringsense.ErrNotFound, ringsense.ErrUnavailable},
			0, "has not answered",
		},
		"empty, then silent": {
			func(s *ringsensetest.Server) {
				s.Fail(ringsensetest.Fault{Op: op, N: 3, Status: 200, Body: `{"insights":{}}`})
				s.Fail(ringsensetest.Fault{Op: op, N: -1, Delay: 24 * time.Hour})
			},
			[]error{ringsense.ErrInsightsNotFound},
			[]error{ringsense.ErrUnavailable},
			0, "recording is known",
		},
		"silent in the end": {
			func(s *ringsensetest.Server) {
				s.Fail(ringsensetest.Fault{Op: op, N: 3, Status: 404, Body: `{"errors":[{"errorCode":"RAH-3001"}]}`})
				s.Fail(ringsensetest.Fault{Op: op, N: -1, Delay: 24 * time.Hour})
			},
			[]error{ringsense.ErrInsightsNotFound},
			[]error{ringsense.ErrUnavailable},
			404, "RAH-3001",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				test.set(server)
				// An attempt that outlasts the context is cut by nothing else.
				client := server.Client(ringsense.WithAttemptTimeout(48 * time.Hour))
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				got, err := client.WaitRecordingInsights(ctx, callID)
				if got != nil {
					t.Fatalf("got %v", got)
				}
				checkKinds(t, err, append(test.is, context.DeadlineExceeded), append(test.isNot, context.Canceled))
				failed, ok := errors.AsType[*ringsense.Error](err)
				if !ok || failed.StatusCode != test.status || failed.Op != "WaitRecordingInsights" {
					t.Errorf("got %#v, want an *Error with status %d", err, test.status)
				}
				for _, want := range []string{test.text, "the wait is over: context deadline exceeded"} {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("the text %q lacks %q", err, want)
					}
				}
				if took := time.Since(start); took != 10*time.Minute {
					t.Errorf("took %v, want the time until the deadline", took)
				}
				time.Sleep(time.Hour) // a login is for everybody and outlasts its caller
			})
		})
	}
}

// TestWaitForMistypedHost: it may be one that is out of order, so the wait goes
// on, and the error at its end names the fault.
func TestWaitForMistypedHost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		client := ringsensetest.NewServer().Client(ringsense.WithBaseURL("https://platfrom.ringcentral.test"),
			ringsense.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				return nil, &net.DNSError{Err: "no such host", Name: r.URL.Host, IsNotFound: true}
			})}))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		_, err := client.WaitRecordingInsights(ctx, callID)
		checkKinds(t, err, []error{context.DeadlineExceeded, ringsense.ErrUnavailable}, []error{ringsense.ErrNotFound})
		for _, want := range []string{"platfrom.ringcentral.test", "no such host", "the wait is over"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the text %q lacks %q", err, want)
			}
		}
		if took := time.Since(start); took != 10*time.Minute {
			t.Errorf("took %v, want to wait until the deadline", took)
		}
	})
}

// TestWaitUsesAllItsTime: the last request comes shortly before the deadline,
// however long the interval is by then.
func TestWaitUsesAllItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		var times []time.Time
		client := server.Client(through(asked(server, &times)))
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := client.WaitRecordingInsights(ctx, callID)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		left := start.Add(time.Hour).Sub(times[len(times)-1])
		if left <= 0 || left > 20*time.Second {
			t.Errorf("the last request came %v before the deadline, want at most 20s", left)
		}
	})
}

func TestWaitCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour+time.Second, cancel)
		start := time.Now()
		_, err := server.Client().WaitRecordingInsights(ctx, callID)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, ringsense.ErrInsightsNotFound) || time.Since(start) != time.Hour+time.Second {
			t.Errorf("got %v after %v, want the cancellation at once, with what was seen", err, time.Since(start))
		}
	})
}

func TestWaitRefusesArguments(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := server.Client()
	var none context.Context
	_, err := client.WaitRecordingInsights(none, callID)
	checkLocal(t, err, "WaitRecordingInsights", "context is nil")
	_, err = client.WaitRecordingInsights(t.Context(), " ")
	checkLocal(t, err, "WaitRecordingInsights", "sourceRecordID")
	_, err = client.WaitRecordingInsights(t.Context(), callID, ringsense.OnlyTypes())
	checkLocal(t, err, "WaitRecordingInsights", "OnlyTypes")
	if n := len(server.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestWaitOverAWeek: insights that come after six days, with two hours of outage
// a day in which connections break or the gateway fails, single failures in
// between, and a token that lives for an hour.
func TestWaitOverAWeek(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const week, hour = 7 * 24 * time.Hour, time.Hour
		server := ringsensetest.NewServer()
		server.SetRateLimits(true)
		server.SetReadyAfter(6*24*hour-30*time.Minute, hour)
		server.Add(recording(t, "phone_call.json"))
		start := time.Now()
		var requests, during atomic.Int64
		flaky := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			since := time.Since(start)
			switch n := requests.Add(1); {
			case since%(24*hour) < 23*hour && since%(24*hour) >= 21*hour:
				during.Add(1)
				if n%2 == 0 {
					panic(http.ErrAbortHandler)
				}
				w.WriteHeader(http.StatusBadGateway)
			case n%50 == 0:
				w.WriteHeader(http.StatusServiceUnavailable)
			default:
				server.ServeHTTP(w, r)
			}
		})
		for range 20 {
			server.Fail(ringsensetest.Fault{Op: "RecordingInsights", Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"61"}}})
			server.Fail(ringsensetest.Fault{Op: "RecordingInsights", Delay: 50 * time.Second})
		}
		ctx, cancel := context.WithTimeout(t.Context(), week)
		defer cancel()
		got, err := server.Client(through(flaky)).WaitRecordingInsights(ctx, callID)
		if err != nil {
			t.Fatal(err)
		}
		ready := 6*24*hour + 30*time.Minute
		if took := time.Since(start); len(got.Insights.Transcript) == 0 || took < ready || took > ready+3*time.Minute {
			t.Errorf("got %v after %v, want all of it within minutes of %v", got.LogValue(), took, ready)
		}
		if n := requests.Load(); n > int64(week/(60*time.Second)) || during.Load() < 100 {
			t.Errorf("%d requests, %d of them during outages; want at most one a minute, and the outages to be noticed", n, during.Load())
		}
	})
}

// TestManyWaits: what waits keeps within the rate limit that it shares.
func TestManyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		server.SetRateLimits(true)
		server.SetReadyAfter(10*time.Minute, 0)
		server.Add(recording(t, "phone_call.json"))
		var refused atomic.Int64
		counting := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			server.ServeHTTP(&statusWriter{w, func(status int) {
				if status == http.StatusTooManyRequests {
					refused.Add(1)
				}
			}}, r)
		})
		client := server.Client(through(counting))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var waits sync.WaitGroup
		for range 60 {
			waits.Go(func() {
				if _, err := client.WaitRecordingInsights(ctx, callID); err != nil {
					t.Error(err)
				}
			})
		}
		waits.Wait()
		if n := refused.Load(); n > 1 {
			t.Errorf("%d requests were too many, want at most one", n)
		}
	})
}

type statusWriter struct {
	http.ResponseWriter

	seen func(int)
}

func (w *statusWriter) WriteHeader(status int) {
	w.seen(status)
	w.ResponseWriter.WriteHeader(status)
}
