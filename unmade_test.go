package callinsights_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/whippy"
)

// isUnmade reports whether err is that of a call of a client that NewClient did
// not make.
func isUnmade(err error) bool {
	failed, ok := errors.AsType[*callinsights.Error](err)
	return ok && failed.Vendor != "" && failed.Attempts == 0 && errors.Is(err, callinsights.ErrInvalidRequest) &&
		strings.HasSuffix(err.Error(), ": the Client was not made by NewClient")
}

// TestUnmadeMethods: whatever it is given, no method of a client that is nil or
// zero panics. Each is refused, and an iterator is once.
func TestUnmadeMethods(t *testing.T) {
	t.Parallel()
	clients := map[string]any{
		"nil ringsense": (*ringsense.Client)(nil), "zero ringsense": new(ringsense.Client),
		"nil vonageinsights": (*vonageinsights.Client)(nil), "zero vonageinsights": new(vonageinsights.Client),
		"nil whippy": (*whippy.Client)(nil), "zero whippy": new(whippy.Client),
	}
	for name, client := range clients {
		value := reflect.ValueOf(client)
		for method := range value.Type().Methods() {
			if method.Name == "String" || method.Name == "LogValue" {
				continue // they have no error
			}
			t.Run(name+" "+method.Name, func(t *testing.T) {
				t.Parallel()
				got := outcomes(t.Context(), value.MethodByName(method.Name))
				if len(got) != 1 || !isUnmade(got[0]) {
					t.Errorf("got %v, want one refusal", got)
				}
			})
		}
		t.Run(name+" shown", func(t *testing.T) {
			t.Parallel()
			want := strings.Fields(name)[1] + " client"
			if text := fmt.Sprint(client); !strings.HasPrefix(text, want) {
				t.Errorf("it is shown as %q", text)
			}
			if valuer, ok := client.(slog.LogValuer); ok {
				if text := valuer.LogValue().String(); !strings.Contains(text, "not made by NewClient") {
					t.Errorf("it is logged as %q", text)
				}
			}
		})
	}
}

// outcomes calls a method with nothing but a context, and returns its errors.
func outcomes(ctx context.Context, method reflect.Value) (errs []error) {
	var args []reflect.Value
	for i := range method.Type().NumIn() {
		switch in := method.Type().In(i); {
		case in == reflect.TypeFor[context.Context]():
			args = append(args, reflect.ValueOf(ctx))
		case !method.Type().IsVariadic() || i < method.Type().NumIn()-1:
			args = append(args, reflect.Zero(in))
		}
	}
	results := method.Call(args)
	last := results[len(results)-1]
	if all := last.MethodByName("All"); all.IsValid() { // of an export
		last = all.Call([]reflect.Value{reflect.ValueOf(ctx)})[0]
	}
	if last.Kind() != reflect.Func {
		err, _ := reflect.TypeAssert[error](last)
		return []error{err}
	}
	for _, fault := range last.Seq2() {
		err, _ := reflect.TypeAssert[error](fault)
		errs = append(errs, err)
	}
	return errs
}

// TestUnmadeOperations: so are calls that nothing else is wrong with.
func TestUnmadeOperations(t *testing.T) {
	t.Parallel()
	calls := map[string]func(context.Context, *rig) error{
		"WaitRecordingInsights": func(ctx context.Context, r *rig) error {
			_, err := r.ringsense.WaitRecordingInsights(ctx, "31")
			return err
		},
		"KeepSubscribed": func(ctx context.Context, r *rig) error {
			return r.ringsense.KeepSubscribed(ctx, ringsense.SubscriptionRequest{
				EventFilters: ringsense.InsightsFilters(ringsense.DomainPBX), Address: "https://hooks.test/events",
				VerificationToken: ringsense.NewVerificationToken(),
			})
		},
		"DeleteMatching": func(ctx context.Context, r *rig) error {
			q := october()
			q.Filter = vonageinsights.Where(field.Status.Is("ended"))
			_, err := r.vonage.DeleteMatching(ctx, q)
			return err
		},
		"Backfill": func(ctx context.Context, r *rig) error {
			for _, err := range r.ringsense.Backfill(ringsense.CallLogQuery{From: time.Now().Add(-time.Hour)}).All(ctx) {
				return err
			}
			return nil
		},
	}
	for _, o := range append(operations(), composites()...) {
		calls[o.name] = o.run
	}
	rigs := map[string]*rig{
		"nil":  {base: "https://service.test"},
		"zero": {base: "https://service.test", ringsense: new(ringsense.Client), vonage: new(vonageinsights.Client), whippy: new(whippy.Client)},
	}
	for kind, rig := range rigs {
		for name, call := range calls {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				if err := call(t.Context(), rig); !isUnmade(err) {
					t.Errorf("got %v, want a refusal", err)
				}
			})
		}
	}
}
