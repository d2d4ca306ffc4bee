package jsontest_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/internal/jsontest"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		check func(*recorder)
		want  []string
	}{
		"zero": {roundTrip(Call{}), nil},
		"full": {roundTrip(Call{
			Base:     Base{ID: 7, StartedAt: time.Date(2031, time.March, 5, 7, 11, 13, 0, time.FixedZone("", 3600))},
			Speakers: []*Speaker{{Name: "Ada"}},
			Params:   map[string]json.RawMessage{},
			Extra:    map[string]json.RawMessage{"k": json.RawMessage(`1`)},
		}), nil},
		"raw text in another form": {roundTrip(Call{Analysis: json.RawMessage(`{ "x": "<" }`)}), nil},
		"raw text that is not JSON": {
			roundTrip(Call{Analysis: json.RawMessage(`{`)}), []string{"MarshalJSON: analysis"},
		},
		"extra key of a known member": {
			roundTrip(Call{Base: Base{ID: 7}, Extra: map[string]json.RawMessage{"id": json.RawMessage(`8`)}}),
			[]string{"changes when it is encoded and decoded"},
		},
		"interface": {func(t *recorder) {
			jsontest.RoundTrip(t, &envelope{Data: &Speaker{Name: "Ada", Extra: map[string]json.RawMessage{"k": json.RawMessage(`1`)}}})
		}, []string{"changes when it is encoded and decoded", `"Ada"`}},
		"nil interface": {func(t *recorder) { jsontest.RoundTrip(t, &envelope{}) }, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantFailure(t, failuresOf(t, test.check), test.want...)
		})
	}
}

func roundTrip(c Call) func(*recorder) {
	return func(t *recorder) { jsontest.RoundTrip(t, &c) }
}

// envelope forgets what its data holds when it is decoded.
type envelope struct {
	Data any
	Map  map[string]any
	Pair [1]any
}

func (e *envelope) UnmarshalJSON([]byte) error {
	e.Data = nil
	return nil
}

func (e *envelope) MarshalJSON() ([]byte, error) { return []byte(`{}`), nil }
