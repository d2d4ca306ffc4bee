package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// TestFetched: with an event comes what belongs to it, and a message that is taken
// twice fetches nothing.
func TestFetched(t *testing.T) {
	t.Parallel()
	r := newRig(t, openStream(t, nil))
	r.calls.Add(recordingNo(1, 0), recordingNo(1, 1), recordingNo(2, 0))
	r.studio.Add(sessionNo(1, time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)))
	alone := recordingNo(3, 0)
	alone.SourceSessionID = ""
	id := sessionNo(1, time.Time{}).ID
	for range 2 {
		for key, m := range map[string]message{
			"a": {subject: subjectRingSense, data: ringsensetest.EventPayload(recordingNo(1, 1))},
			"b": {subject: subjectRingSense, data: ringsensetest.EventPayload(alone)},
			"c": {subject: subjectRingSense, data: []byte(`{"uuid":"u-1","event":"/restapi/v1.0/subscription/~","body":{"expiresIn":59}}`)},
			"d": {subject: subjectVonage, data: notice{id}.encode()},
			"e": {subject: subjectWhippy, data: whippytest.MessageCreated()},
			"f": {subject: subjectWhippy, data: []byte(`{"event":"lead.new","data":{"name":"Ida"},"request_id":"r-1"}`)},
		} {
			// A new id each time: the stream does not know them again.
			put(t, r.stream, m.subject, key+time.Now().String(), m.data)
		}
		r.untilDone(t)
	}
	want := counts{events: 6, ringSense: 3, whippy: 1, vonage: 1}
	if got := r.count(t); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	var asked []string
	for _, request := range r.calls.Requests() {
		asked = append(asked, request.Op)
	}
	for _, request := range r.studio.Requests() {
		asked = append(asked, request.Op)
	}
	if diff := cmp.Diff([]string{"Token", "SessionInsights", "FindSession"}, asked); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// TestPoison: what cannot be dealt with is given up, kept with the reason, and holds
// nothing else up.
func TestPoison(t *testing.T) {
	t.Parallel()
	r := newRig(t, openStream(t, nil))
	r.calls.Add(recordingNo(1, 0))
	for key, m := range map[string]message{
		"broken event":    {subject: subjectRingSense, data: []byte(`{"uuid":`)},
		"broken call":     {subject: subjectWhippy, data: []byte(`[]`)},
		"broken notice":   {subject: subjectVonage, data: []byte(`{"session_id":7}`)},
		"broken job":      {subject: subjectExport, data: []byte(`{"export":"x"}`)},
		"never an event":  {subject: subjectUndecodable + ".whippy", data: []byte("<html>")},
		"refused session": {subject: subjectRingSense, data: ringsensetest.EventPayload(withSession(".."))},
	} {
		put(t, r.stream, m.subject, key, m.data)
	}
	good := ringsensetest.EventPayload(recordingNo(1, 0))
	put(t, r.stream, subjectRingSense, "good", good)
	r.untilDone(t)
	if got, want := r.count(t), (counts{events: 1, ringSense: 1, letters: 6}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	letters, err := r.store.letters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range letters {
		if l.reason == "" || l.subject == "" || len(l.payload) == 0 {
			t.Errorf("%s: reason %q, subject %q, %d bytes", l.key, l.reason, l.subject, len(l.payload))
		}
		if strings.Contains(r.said.String(), string(l.payload)) {
			t.Errorf("%s: the log has the body", l.key)
		}
	}
}

// TestDeadly: a message that ends each worker that takes it is given up by the one
// that finds how often it came.
func TestDeadly(t *testing.T) {
	t.Parallel()
	r := newRig(t, openStream(t, func(s *streamSettings) { s.ackWait = 100 * time.Millisecond }))
	r.settings.maxDeliver = 2
	put(t, r.stream, subjectWhippy, "deadly", whippytest.CallEnded())
	consumer, err := r.stream.js.Consumer(t.Context(), streamName, "whippy")
	if err != nil {
		t.Fatal(err)
	}
	for range r.settings.maxDeliver {
		if _, err := consumer.Next(); err != nil { // and not a word more
			t.Fatal(err)
		}
	}
	r.untilDone(t)
	letters, err := r.store.letters(t.Context())
	if err != nil || len(letters) != 1 || letters[0].key != "deadly" || letters[0].reason != errPoison.Error() {
		t.Errorf("got %+v, %v", letters, err)
	}
}

// TestComesAgain: what fails in passing is done later.
func TestComesAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, openStream(t, nil))
	r.calls.Add(recordingNo(1, 0), recordingNo(1, 1))
	r.calls.Fail(ringsensetest.Fault{Op: "SessionInsights", Status: 404, Body: `{"errorCode":"RAH-3001"}`})
	progressing, over := sessionNo(1, time.Now()), sessionNo(1, time.Now())
	progressing.Status = vonageinsights.StatusInProgress
	r.studio.Add(progressing)
	put(t, r.stream, subjectRingSense, "event", ringsensetest.EventPayload(recordingNo(1, 0)))
	put(t, r.stream, subjectVonage, "notice", notice{over.ID}.encode())
	r.workUntil(t, func(ctx context.Context) bool {
		for _, request := range r.studio.Requests() {
			if request.Op == "FindSession" {
				r.studio.Add(over)
			}
		}
		left, err := r.stream.waiting(ctx)
		return err == nil && left == 0
	})
	if got, want := r.count(t), (counts{events: 2, ringSense: 2, vonage: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !strings.Contains(r.said.String(), errInProgress.Error()) || !strings.Contains(r.said.String(), "RAH-3001") {
		t.Errorf("the log does not say why:\n%s", r.said)
	}
}

// TestRetry: what was given up can be sent again, when it may go better.
func TestRetry(t *testing.T) {
	t.Parallel()
	r := newRig(t, openStream(t, nil))
	put(t, r.stream, subjectRingSense, "event", ringsensetest.EventPayload(recordingNo(1, 0)))
	put(t, r.stream, subjectUndecodable+".whippy", "page", []byte("<html>"))
	r.settings.maxDeliver = 1 // the service does not have the session
	r.untilDone(t)
	if got, want := r.count(t), (counts{letters: 2}); got != want {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	r.calls.Add(recordingNo(1, 0), recordingNo(1, 1))
	if sent, err := retryAll(t.Context(), r.stream, r.store, time.Now()); err != nil || sent != 1 {
		t.Fatalf("%d were sent again, %v", sent, err)
	}
	r.untilDone(t)
	if got, want := r.count(t), (counts{events: 1, ringSense: 2, letters: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestStaysAlive: a message that takes longer than the stream waits goes to nobody
// else, as long as the worker lives.
func TestStaysAlive(t *testing.T) {
	t.Parallel()
	const ackWait = 1500 * time.Millisecond
	r := newRig(t, openStream(t, func(s *streamSettings) { s.ackWait = ackWait }))
	put(t, r.stream, subjectWhippy, "slow", whippytest.CallEnded())
	consumer, err := r.stream.js.Consumer(t.Context(), streamName, "whippy")
	if err != nil {
		t.Fatal(err)
	}
	msg, err := consumer.Next()
	if err != nil {
		t.Fatal(err)
	}
	slow := lane{"whippy", func(context.Context, context.Context, message) error {
		if _, err := consumer.Next(jetstream.FetchMaxWait(2 * ackWait)); !errors.Is(err, nats.ErrTimeout) {
			t.Errorf("another worker gets the message, or %v", err)
		}
		return nil
	}}
	r.handle(t.Context(), slow, msg, ackWait)
	if left, err := r.stream.waiting(t.Context()); err != nil || left != 0 {
		t.Errorf("%d are left, %v", left, err)
	}
}

// TestExportResumed: a job that was interrupted goes on with another worker, which
// asks for no more than is left of it; one that is done asks for nothing.
func TestExportResumed(t *testing.T) {
	t.Parallel()
	s := openStream(t, nil)
	r := newRig(t, s)
	w := newWorld(size{sessions: 200}, testSecrets())
	r.studio, r.vonage = w.studio, w.studio.Client()
	jobs, err := split(w.exports[0], 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if added, err := s.putJobs(t.Context(), jobs); err != nil || added != 1 {
		t.Fatal(added, err)
	}
	if added, err := s.putJobs(t.Context(), jobs); err != nil || added != 0 {
		t.Errorf("put again: %d were added, %v", added, err)
	}
	w.studio.Fail(vonageinsightstest.Fault{Op: "Search", N: -1, Delay: 20 * time.Millisecond})
	r.workUntil(t, func(ctx context.Context) bool {
		at, err := r.store.progress(ctx, jobs[0].key())
		return err != nil || at.sessions > 20
	})
	at, err := r.store.progress(t.Context(), jobs[0].key())
	if err != nil || at.done || at.checkpoint == "" {
		t.Fatalf("interrupted, the job is at %+v, %v", at, err)
	}
	before := len(w.studio.Requests())
	r.untilDone(t)
	if resumed := w.studio.Requests()[before].Query.Get("from_date"); resumed <= jobs[0].From.Format(time.DateTime) {
		t.Errorf("the job began anew, at %s", resumed)
	}
	if at, err := r.store.progress(t.Context(), jobs[0].key()); err != nil || !at.done {
		t.Errorf("in the end, the job is at %+v, %v", at, err)
	}
	if got := r.count(t); got.exported != got.vonage || got.jobs != 1 || got.letters > 0 {
		t.Errorf("got %+v", got)
	}
	want := 0
	for _, err := range w.studio.Client().Search(t.Context(), w.exports[0]) {
		if err != nil {
			t.Fatal(err)
		}
		want++
	}
	if got := r.count(t).vonage; got != want {
		t.Errorf("got %d sessions, want %d", got, want)
	}
	before = len(w.studio.Requests())
	put(t, s, subjectExport, "the same once more", encoded(t, jobs[0]))
	r.untilDone(t)
	if after := len(w.studio.Requests()); after != before {
		t.Errorf("a job that was done made %d requests", after-before)
	}
}

// TestExportTakenOver: a worker that was taken for dead, and is not, leaves the job
// to the one who has it.
func TestExportTakenOver(t *testing.T) {
	t.Parallel()
	r := newRig(t, openStream(t, nil))
	w := newWorld(size{sessions: 100}, testSecrets())
	jobs, err := split(w.exports[0], 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	// The other one saves while this one is about to ask for its first page.
	taken := progress{"elsewhere", 7, false}
	takeOver := sync.OnceFunc(func() {
		if err := r.store.advance(t.Context(), jobs[0].key(), progress{}, taken, nil); err != nil {
			t.Error(err)
		}
	})
	r.vonage = w.studio.Client(vonageinsights.WithAPIKeyFunc(func(context.Context) (string, error) {
		takeOver()
		return vonageinsightstest.APIKey, nil
	}))
	err = r.dealExport(t.Context(), t.Context(), message{data: encoded(t, jobs[0])})
	if !errors.Is(err, errTakenOver) {
		t.Errorf("got %v", err)
	}
	if at, err := r.store.progress(t.Context(), jobs[0].key()); err != nil || at != taken {
		t.Errorf("the job is at %+v, %v", at, err)
	}
	if got := r.count(t); got.vonage != 0 {
		t.Errorf("%d sessions were written", got.vonage)
	}
}

// TestVerdict: what becomes of a message.
func TestVerdict(t *testing.T) {
	t.Parallel()
	failed := func(kind error, after time.Duration) error {
		return &callinsights.Error{Vendor: "v", Op: "o", Err: kind, RetryAfter: after}
	}
	passing := errors.New("passing")
	for name, test := range map[string]struct {
		err        error
		deliveries uint64
		stopping   bool
		fate       fate
		after      time.Duration
	}{
		"done":                       {nil, 1, false, done, 0},
		"done, and stopping":         {nil, 1, true, done, 0},
		"done, at last":              {nil, 60, false, done, 0},
		"first failure":              {passing, 1, false, again, time.Second},
		"third failure":              {passing, 3, false, again, 4 * time.Second},
		"many failures":              {passing, 59, false, again, time.Hour},
		"no number":                  {passing, 0, false, again, time.Second},
		"too many failures":          {passing, 60, false, givenUp, 0},
		"stopping":                   {passing, 3, true, again, 0},
		"stopping, the last time":    {passing, 60, true, again, 0},
		"permanent":                  {callinsights.Permanent(passing), 1, false, givenUp, 0},
		"permanent, and stopping":    {callinsights.Permanent(passing), 1, true, givenUp, 0},
		"poison":                     {errPoison, 61, false, givenUp, 0},
		"poison, and stopping":       {errPoison, 61, true, givenUp, 0},
		"refused":                    {failed(callinsights.ErrInvalidRequest, 0), 1, false, givenUp, 0},
		"refused, or a wrong key":    {failed(errors.Join(callinsights.ErrInvalidRequest, callinsights.ErrUnauthorized), 0), 1, false, again, time.Second},
		"wrong key":                  {failed(callinsights.ErrUnauthorized, 0), 2, false, again, 2 * time.Second},
		"not ready":                  {failed(callinsights.ErrNotFound, 0), 1, false, again, time.Second},
		"asked to wait":              {failed(callinsights.ErrRateLimited, time.Minute), 1, false, again, time.Minute},
		"asked to wait less":         {failed(callinsights.ErrRateLimited, time.Minute), 10, false, again, 512 * time.Second},
		"elsewhere":                  {errTakenOver, 2, false, elsewhere, 0},
		"elsewhere, with its reason": {errors.Join(passing, errTakenOver), 60, true, elsewhere, 0},
	} {
		v := verdictOn(test.err, test.deliveries, 60, test.stopping)
		if v.fate != test.fate || v.after != test.after || !errors.Is(v.reason, test.err) && v.reason != nil {
			t.Errorf("%s: got %+v, want %d after %v", name, v, test.fate, test.after)
		}
	}
}

// TestTwoDays: a message is tried for two days before it is given up, as the flag says.
func TestTwoDays(t *testing.T) {
	t.Parallel()
	var w workerFlags
	if err := (&process{stderr: nil}).parse("work", w.add); err != nil {
		t.Fatal(err)
	}
	var tried time.Duration
	for n := range w.maxDeliver - 1 {
		tried += delay(errors.New("passing"), n+1)
	}
	if tried < 47*time.Hour || tried > 49*time.Hour {
		t.Errorf("%d deliveries take %v", w.maxDeliver, tried)
	}
}

// TestOutlast: work that is under way has some more time when the worker is to end.
func TestOutlast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stopping, stop := context.WithCancel(t.Context())
		ctx, cancel := outlast(stopping, patience)
		defer cancel()
		time.Sleep(time.Hour)
		stop()
		start := time.Now()
		<-ctx.Done()
		if took := time.Since(start); took != patience {
			t.Errorf("it ended %v later, want %v", took, patience)
		}
		other, free := outlast(t.Context(), patience)
		free()
		if other.Err() == nil {
			t.Error("it goes on when it is not needed any more")
		}
	})
}
