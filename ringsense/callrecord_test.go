package ringsense_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/ringsense"
)

const callDocument = "call_record.json"

func callRecord(t testing.TB) *ringsense.CallRecord {
	t.Helper()
	r := new(ringsense.CallRecord)
	if err := json.Unmarshal(document(t, callDocument), r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCallRecordDocument(t *testing.T) {
	t.Parallel()
	doc := document(t, callDocument)
	r := jsontest.Decodes[ringsense.CallRecord](t, doc)
	if r == nil {
		t.Fatal("the document is refused")
	}
	if got, want := r.RawJSON(), strings.TrimSpace(string(doc)); strings.TrimSpace(got) != want {
		t.Errorf("RawJSON (-want +got):\n%s", cmp.Diff(want, got))
	}
	got, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "call_record.golden", append(got, '\n'))
	var again ringsense.CallRecord
	if err := json.Unmarshal(got, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, &again, exportedOnly(), rawEqual()); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

// rawEqual compares members that are not known as compact JSON.
func rawEqual() cmp.Option {
	return cmp.Transformer("compact", func(raw json.RawMessage) string {
		return strings.Join(strings.Fields(string(raw)), "")
	})
}

func TestCallRecordFields(t *testing.T) {
	t.Parallel()
	jsontest.NoFieldForgotten[ringsense.CallRecord](t)
	jsontest.NoFieldForgotten[ringsense.CallLeg](t)
	jsontest.NoFieldForgotten[ringsense.CallParty](t)
	jsontest.NoFieldForgotten[ringsense.CallExtension](t)
	jsontest.NoFieldForgotten[ringsense.CallLogRecording](t)
	jsontest.NoFieldForgotten[ringsense.CallBilling](t)
	jsontest.NoFieldForgotten[ringsense.CallTransfer](t)
}

func TestCallRecordMutations(t *testing.T) {
	t.Parallel()
	for doc := range jsontest.Mutations(document(t, callDocument), 1, 400) {
		jsontest.Decodes[ringsense.CallRecord](t, doc)
	}
}

func FuzzCallRecord(f *testing.F) {
	f.Add(document(f, callDocument))
	f.Add([]byte(`{"id":7,"legs":[null,{"recording":null}],"duration":"12","extension":{"id":4}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if r := jsontest.Decodes[ringsense.CallRecord](t, doc); r != nil {
			_ = r.LogValue()
		}
	})
}

// TestCallRecordLog: nobody logs by accident who called whom.
func TestCallRecordLog(t *testing.T) {
	t.Parallel()
	r := callRecord(t)
	var log strings.Builder
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{} // it may hold any digits
			}
			return a
		},
	}))
	logger.Info("call", slog.Any("call", r), slog.Any("value", *r), slog.Any("leg", &r.Legs[0]), slog.Any("party", *r.To))
	for _, private := range []string{"Piet", "Amara", "555", "Springfield", "media"} {
		if strings.Contains(log.String(), private) {
			t.Errorf("the log holds %q", private)
		}
	}
	for _, id := range []string{r.ID, r.TelephonySessionID, r.To.ExtensionID, `"legs":2`} {
		if !strings.Contains(log.String(), id) {
			t.Errorf("the log does not hold %q", id)
		}
	}
}

func TestCallRecordByHand(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(ringsense.CallRecord{ID: "a"})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"a","uri":"","sessionId":"","duration":0,"type":"","direction":"","action":""}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if raw := (&ringsense.CallRecord{ID: "a"}).RawJSON(); raw != "" {
		t.Errorf("got RawJSON %q", raw)
	}
	if got, _ := json.Marshal(ringsense.CallLeg{}); string(got) != "{}" {
		t.Errorf("an empty leg is %s", got)
	}
}
