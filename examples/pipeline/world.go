package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// world is what there is without the real services: fakes of them, and what these
// send.
type world struct {
	ringSense *ringsensetest.Server
	studio    *vonageinsightstest.Server
	sends     []delivery
	exports   []vonageinsights.Query // together, all sessions but those of notices
}

// delivery is something that a service sends to a path of a receiver.
type delivery struct {
	path, payload string
	sign          func(payload string) http.Header
}

// size says how much there is of what.
type size struct{ meetings, calls, notices, sessions int }

// newWorld makes fakes, the same ones each time. Of each meeting of RingSense there
// are two recordings, and of every third one an event for the first of them alone:
// the other one has to be fetched.
func newWorld(s size, secrets receiverSettings) *world {
	w := &world{ringSense: ringsensetest.NewServer(), studio: demo.StudioYears(s.sessions)}
	from, to := demo.Years()
	w.exports = vonageinsights.Query{From: from, To: to}.Split(2)
	for i := range s.meetings {
		for part := range 2 {
			record := recordingNo(i, part)
			w.ringSense.Add(record)
			if part == 0 || i%3 > 0 {
				w.send("/ringsense", ringsensetest.EventPayload(record), func(string) http.Header {
					return http.Header{"Verification-Token": {secrets.ringSense[0]}}
				})
			}
		}
	}
	for i := range s.calls {
		for _, payload := range whippytest.CallEvents(i + 1) {
			w.send("/whippy", payload, func(payload string) http.Header {
				return whippytest.NewRequest(secrets.whippy[0], []byte(payload)).Header // with the time of sending
			})
		}
	}
	for i := range s.notices {
		session := sessionNo(i, to)
		w.studio.Add(session)
		w.send("/vonage", notice{session.ID}.encode(), func(string) http.Header {
			return http.Header{"Authorization": {"Bearer " + secrets.notices[0]}}
		})
	}
	return w
}

func (w *world) send(path string, payload []byte, sign func(string) http.Header) {
	w.sends = append(w.sends, delivery{path, string(payload), sign})
}

func recordingNo(i, part int) *ringsense.RecordingInsights {
	start := time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC).Add(time.Duration(i) * 20 * time.Minute)
	return &ringsense.RecordingInsights{
		Title: fmt.Sprintf("Call %d, part %d", i+1, part+1), Domain: ringsense.DomainPBX,
		SourceRecordID: fmt.Sprintf("31%08d%d", i, part), SourceSessionID: fmt.Sprintf("s-%08d", i),
		CallDirection: ringsense.DirectionInbound, OwnerExtensionID: "1000000101", RecordingDurationMs: 240_000,
		RecordingStartTime: start.Add(time.Duration(part) * 4 * time.Minute),
		CreationTime:       start.Add(15 * time.Minute), LastModifiedTime: start.Add(16 * time.Minute),
		Insights: ringsense.Insights{Summary: []ringsense.Insight{{Value: "The caller asked about an order, and was told when it comes."}}},
	}
}

// sessionNo is a session that began after all that an export is about.
func sessionNo(i int, after time.Time) *vonageinsights.Session {
	return &vonageinsights.Session{
		ID: fmt.Sprintf("5c0ffee0-0000-4a7d-9c51-%012x", i), Source: "12025550177", Destination: "12025550100",
		Channel: vonageinsights.ChannelTelephony, Status: vonageinsights.StatusEnded,
		SessionStartTime: after.Add(time.Duration(i+1) * time.Hour),
		Transcription:    []vonageinsights.Utterance{{SpeakerKey: "user", Text: "Thank you."}},
	}
}

// sendAll sends everything, in some order, some of it twice as services do, and all
// of it again until a receiver says that it has it. It returns how often it had one
// say so.
func (w *world) sendAll(ctx context.Context, r *rand.Rand, twice float64, url func() string) (int, error) {
	queue := slices.Clone(w.sends)
	for _, d := range w.sends {
		if r.Float64() < twice {
			queue = append(queue, d)
		}
	}
	r.Shuffle(len(queue), func(i, j int) { queue[i], queue[j] = queue[j], queue[i] })
	const senders = 4
	next, errs := make(chan delivery), make([]error, senders)
	var group sync.WaitGroup
	for i := range senders {
		group.Go(func() {
			for d := range next {
				errs[i] = cmp.Or(errs[i], d.deliver(ctx, url))
			}
		})
	}
	for _, d := range queue {
		next <- d
	}
	close(next)
	group.Wait()
	return len(queue), cmp.Or(errs...)
}

// deliver sends until a receiver has it, or ctx ends.
func (d *delivery) deliver(ctx context.Context, url func() string) error {
	client := http.Client{Timeout: 3 * time.Second} // as long as RingSense waits
	for {
		status, err := d.post(ctx, &client, url())
		switch {
		case err == nil && status == http.StatusOK:
			return nil
		case err == nil && status < http.StatusInternalServerError:
			return fmt.Errorf("%s was refused with status %d", d.path, status)
		case !pause(ctx, 50*time.Millisecond):
			return ctx.Err()
		}
	}
}

func (d *delivery) post(ctx context.Context, client *http.Client, url string) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+d.path, bytes.NewReader([]byte(d.payload)))
	if err != nil {
		return 0, err
	}
	request.Header = d.sign(d.payload)
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}
