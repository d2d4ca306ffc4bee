package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// The secrets of the tests.
const (
	testToken  = "a-token-for-tests-of-26-ch"
	testKey    = "an-API-key-of-the-tests"
	testNotice = "a-token-of-a-flow-at-AI-Studio"
)

func testSecrets() receiverSettings {
	return receiverSettings{"127.0.0.1:0", []string{testToken}, []string{testKey}, []string{testNotice}}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// openStream opens a stream in this process, as a demonstration does.
func openStream(t *testing.T, edit func(*streamSettings)) *stream {
	t.Helper()
	e := engineFlags{store: filepath.Join(t.TempDir(), "stream"), settings: defaultSettings()}
	if edit != nil {
		edit(&e.settings)
	}
	s, err := e.open(t.Context(), quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

// openFile opens a database of its own.
func openFile(t *testing.T) *store {
	t.Helper()
	s, err := openStore(t.Context(), filepath.Join(t.TempDir(), "calls.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() })
	return s
}

// rig is a worker, with fakes, and what it works with.
type rig struct {
	*worker

	calls  *ringsensetest.Server
	studio *vonageinsightstest.Server
	said   *bytes.Buffer // by the worker; to be read when it has stopped
}

func newRig(t *testing.T, s *stream) *rig {
	t.Helper()
	r := &rig{calls: ringsensetest.NewServer(), studio: vonageinsightstest.NewServer(), said: new(bytes.Buffer)}
	r.worker = &worker{
		settings: workerSettings{parallel: 1, every: 10, maxDeliver: 60}, stream: s, store: openFile(t),
		ringSense: r.calls.Client(), vonage: r.studio.Client(), log: slog.New(slog.NewTextHandler(r.said, nil)),
	}
	return r
}

// workUntil lets the worker run until it is so, or for too long.
func (r *rig) workUntil(t *testing.T, so func(ctx context.Context) bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 40*time.Second)
	defer stop()
	working, enough := context.WithCancel(ctx)
	defer enough()
	ended := make(chan error, 1)
	go func() { ended <- r.work(working) }()
	for !so(ctx) {
		if !pause(ctx, 10*time.Millisecond) {
			t.Error("the worker does not get there")
			break
		}
	}
	enough()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// untilDone lets the worker run until the stream is empty.
func (r *rig) untilDone(t *testing.T) {
	t.Helper()
	r.workUntil(t, func(ctx context.Context) bool {
		left, err := r.stream.waiting(ctx)
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		return left == 0
	})
}

func (r *rig) count(t *testing.T) counts {
	t.Helper()
	n, err := r.store.count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// withSession is a recording of a session with that id.
func withSession(id string) *ringsense.RecordingInsights {
	record := recordingNo(9, 0)
	record.SourceSessionID = id
	return record
}

// encoded is a job as it is in the stream.
func encoded(tb testing.TB, j job) []byte {
	tb.Helper()
	data, err := j.encode()
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// put puts a message into the stream.
func put(t *testing.T, s *stream, subject, key string, data []byte) {
	t.Helper()
	if added, err := s.put(t.Context(), subject, key, data, nil); err != nil || !added {
		t.Fatalf("%s: added %t, %v", key, added, err)
	}
}
