package webhook_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/webhook"
)

// bare is an answer that costs nothing.
type bare struct{ header http.Header }

func (b bare) Header() http.Header              { return b.header }
func (bare) Write(p []byte) (int, error)        { return len(p), nil }
func (bare) WriteHeader(int)                    {}
func (bare) SetReadDeadline(_ time.Time) error  { return nil }
func (bare) SetWriteDeadline(_ time.Time) error { return nil }

// rewound is a body that is sent again and again.
type rewound struct{ strings.Reader }

func (*rewound) Close() error { return nil }

// lean is a service that costs nothing, so that what is measured is the receiver,
// and returns a function that sends it an event of 4 KB.
func lean(tb testing.TB, log callinsights.DeliveryLog) (send func()) {
	tb.Helper()
	event := &note{ID: "1"}
	service := webhook.Service[note]{
		Name: "notes", Timeout: timeout,
		Parse:   func([]byte) (*note, error) { return event, nil },
		Key:     func(*note) string { return "notes:1" },
		Payload: func(*note) string { return "" },
	}
	r, err := webhook.New(webhook.Config{Log: log}, service, func(context.Context, *note) error { return nil })
	if err != nil {
		tb.Fatal(err)
	}
	text := strings.Repeat("x", 4<<10)
	req, body, w := request(text), &rewound{}, bare{make(http.Header)}
	req.Body = body
	return func() {
		body.Reset(text)
		clear(w.header)
		r.ServeHTTP(w, req)
	}
}

// always claims every event.
type always struct{}

func (always) Begin(context.Context, string, time.Duration) (callinsights.Claim, error) {
	return callinsights.Claim{State: callinsights.ClaimNew, Token: "t"}, nil
}
func (always) Commit(context.Context, string, string) error  { return nil }
func (always) Release(context.Context, string, string) error { return nil }

// The allocations of a good event are what bounds and detaches the function:
// contexts, timers and a goroutine. The buffer of its body is used again.
func TestAllocations(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts those of all goroutines
	const most = 18 // 16, and the buffer, which the race detector drops now and then
	if got := testing.AllocsPerRun(100, lean(t, always{})); got > most {
		t.Errorf("%v allocations for an event, want at most %d", got, most)
	}
}

func BenchmarkReceiver(b *testing.B) {
	for name, log := range map[string]callinsights.DeliveryLog{
		"new":       always{},
		"duplicate": callinsights.NewMemoryDeliveryLog(0, 0),
	} {
		b.Run(name, func(b *testing.B) {
			send := lean(b, log)
			b.ReportAllocs()
			for b.Loop() {
				send()
			}
		})
	}
}
