package webhook_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/webhook"
)

func TestOptions(t *testing.T) {
	t.Parallel()
	log := callinsights.NewMemoryDeliveryLog(0, 0)
	for name, test := range map[string]struct {
		set  func(*webhook.Config) error
		good bool
	}{
		"WithDeliveryLog":        {func(c *webhook.Config) error { return c.SetDeliveryLog(log) }, true},
		"WithDeliveryLog nil":    {func(c *webhook.Config) error { return c.SetDeliveryLog(nil) }, false},
		"WithMaxBodyBytes 1":     {func(c *webhook.Config) error { return c.SetMaxBodyBytes(1) }, true},
		"WithMaxBodyBytes 0":     {func(c *webhook.Config) error { return c.SetMaxBodyBytes(0) }, false},
		"WithMaxBodyBytes -1":    {func(c *webhook.Config) error { return c.SetMaxBodyBytes(-1) }, false},
		"WithHandlerTimeout 1ns": {func(c *webhook.Config) error { return c.SetTimeout(1) }, true},
		"WithHandlerTimeout 0":   {func(c *webhook.Config) error { return c.SetTimeout(0) }, false},
		"WithHandlerTimeout -1s": {func(c *webhook.Config) error { return c.SetTimeout(-time.Second) }, false},
		"WithLease 1ns":          {func(c *webhook.Config) error { return c.SetLease(1) }, true},
		"WithLease 0":            {func(c *webhook.Config) error { return c.SetLease(0) }, false},
		"WithMaxConcurrent 1":    {func(c *webhook.Config) error { return c.SetMaxConcurrent(1) }, true},
		"WithMaxConcurrent 0":    {func(c *webhook.Config) error { return c.SetMaxConcurrent(0) }, false},
		"WithDeadLetter":         {func(c *webhook.Config) error { return c.SetDeadLetter(takes(nil)) }, true},
		"WithDeadLetter nil":     {func(c *webhook.Config) error { return c.SetDeadLetter(nil) }, false},
		"WithHandlerLogger":      {func(c *webhook.Config) error { return c.SetLogger(slog.New(slog.DiscardHandler)) }, true},
		"WithHandlerLogger nil":  {func(c *webhook.Config) error { return c.SetLogger(nil) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.set(&webhook.Config{})
			option, _, _ := strings.Cut(name, " ")
			switch {
			case test.good && err != nil:
				t.Errorf("refused: %v", err)
			case !test.good && (!errors.Is(err, callinsights.ErrInvalidRequest) || !strings.HasPrefix(err.Error(), option+": ")):
				t.Errorf("error %v, want one of %s that matches ErrInvalidRequest", err, option)
			}
		})
	}
}

// What is set is what is used.
func TestOptionsAreUsed(t *testing.T) {
	t.Parallel()
	var lease time.Duration
	log := &spy{trace: &trace{}, begin: func(_ context.Context, l time.Duration) (callinsights.Claim, error) {
		lease = l
		return callinsights.Claim{State: callinsights.ClaimDone}, nil
	}}
	for name, test := range map[string]struct {
		set  func(*webhook.Config) error
		want time.Duration
	}{
		"default":          {func(*webhook.Config) error { return nil }, time.Minute},
		"set":              {func(c *webhook.Config) error { return c.SetLease(2 * time.Hour) }, 2 * time.Hour},
		"of a long time":   {func(c *webhook.Config) error { return c.SetTimeout(45 * time.Second) }, 90 * time.Second},
		"of a short time ": {func(c *webhook.Config) error { return c.SetTimeout(time.Second) }, time.Minute},
	} {
		cfg := webhook.Config{}
		if err := errors.Join(test.set(&cfg), cfg.SetDeliveryLog(log)); err != nil {
			t.Fatal(err)
		}
		r, err := webhook.New(cfg, (&trace{}).service(), returns(nil))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Handle(t.Context(), &note{ID: "1"}); err != nil || lease != test.want {
			t.Errorf("%s: lease %v (%v), want %v", name, lease, err, test.want)
		}
	}
}

// Without options: 4 MiB, a log in memory, silence.
func TestDefaults(t *testing.T) {
	t.Parallel()
	calls := 0
	r, err := webhook.New(webhook.Config{}, (&trace{}).service(), func(context.Context, *note) error {
		calls++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	send := func(body string) int {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, request(body))
		return w.Code
	}
	body := noteOf("1")
	most := body + strings.Repeat(" ", 4<<20-len(body))
	if got := []int{send(most), send(body), send(most + " ")}; got[0] != 200 || got[1] != 200 || got[2] != http.StatusRequestEntityTooLarge || calls != 1 {
		t.Errorf("statuses %v after %d calls, want 200, 200, 413 after one", got, calls)
	}
}

func slogPanics() *slog.Logger { return slog.New(panicHandler{slog.DiscardHandler}) }

type panicHandler struct{ slog.Handler }

func (panicHandler) Enabled(context.Context, slog.Level) bool { return true }

func (panicHandler) Handle(context.Context, slog.Record) error { panic("private") }
