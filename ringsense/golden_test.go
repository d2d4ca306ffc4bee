package ringsense_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/ringsense"
)

var update = flag.Bool("update", false, "write the golden files anew")

const testdata = "../testdata/ringsense"

// recordings are the documents of one recording.
var recordings = [...]string{"phone_call.json", "meeting.json", "contact_centre_call.json"}

const session = "transferred_call.json"

func document(t testing.TB, name string) []byte {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(testdata, name))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func recording(t testing.TB, name string) *ringsense.RecordingInsights {
	t.Helper()
	r := new(ringsense.RecordingInsights)
	if err := json.Unmarshal(document(t, name), r); err != nil {
		t.Fatal(err)
	}
	return r
}

// golden compares got with the file of that name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join(testdata, name), got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(document(t, name)), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestRecordingDocuments holds each document against encoding/json, and what it
// encodes to against the document itself and a golden file.
func TestRecordingDocuments(t *testing.T) {
	t.Parallel()
	for _, name := range recordings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := document(t, name)
			r := jsontest.Decodes[ringsense.RecordingInsights](t, doc)
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
			jsontest.SameDocument(t, doc, got)
			golden(t, strings.Replace(name, ".json", ".golden", 1), append(got, '\n'))
		})
	}
}

func TestSessionDocument(t *testing.T) {
	t.Parallel()
	doc := document(t, session)
	s := jsontest.Decodes[ringsense.SessionInsights](t, doc)
	if s == nil {
		t.Fatal("the document is refused")
	}
	got, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	jsontest.SameDocument(t, doc, got)
	golden(t, "transferred_call.golden", append(got, '\n'))
	for i, r := range s.Records {
		if !bytes.Contains(doc, []byte(r.RawJSON())) || len(r.RawJSON()) < 100 {
			t.Errorf("RawJSON of record %d is not a part of the document", i)
		}
	}
}

func TestNoFieldForgotten(t *testing.T) {
	t.Parallel()
	jsontest.NoFieldForgotten[ringsense.RecordingInsights](t)
	jsontest.NoFieldForgotten[ringsense.SessionInsights](t)
	jsontest.NoFieldForgotten[ringsense.Speaker](t)
	jsontest.NoFieldForgotten[ringsense.Insights](t)
	jsontest.NoFieldForgotten[ringsense.Utterance](t)
	jsontest.NoFieldForgotten[ringsense.Insight](t)
	jsontest.NoFieldForgotten[ringsense.Paging](t)
}

// TestMutatedDocuments holds damaged and odd documents against encoding/json.
func TestMutatedDocuments(t *testing.T) {
	t.Parallel()
	for _, name := range recordings {
		for doc := range jsontest.Mutations(document(t, name), 1, 300) {
			jsontest.Decodes[ringsense.RecordingInsights](t, doc, aliased(doc)...)
		}
	}
	for doc := range jsontest.Mutations(document(t, session), 1, 300) {
		jsontest.Decodes[ringsense.SessionInsights](t, doc, aliased(doc)...)
	}
}

func FuzzRecordingInsights(f *testing.F) {
	for _, name := range recordings {
		f.Add(document(f, name))
	}
	f.Add([]byte(`{"domains":"pbx","insights":{"HighLights":{"value":7}},"recordingDurationMs":"1e3"}`))
	f.Add([]byte(`{"domain":"pbx","domains":{"a":[1]}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		r := jsontest.Decodes[ringsense.RecordingInsights](t, doc, aliased(doc)...)
		if r == nil {
			return
		}
		turns := 0
		for range r.Turns() {
			turns++
		}
		if turns != len(r.Insights.Transcript) {
			t.Errorf("got %d turns for %d utterances", turns, len(r.Insights.Transcript))
		}
		_ = r.Duration()
	})
}

func FuzzSessionInsights(f *testing.F) {
	f.Add(document(f, session))
	f.Add([]byte(`{"records":[null,{}],"paging":null}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		jsontest.Decodes[ringsense.SessionInsights](t, doc, aliased(doc)...)
	})
}

// aliased excepts from the comparison with encoding/json, which knows one name
// for each field, what doc may hold under a second one.
func aliased(doc []byte) []string {
	if bytes.Contains(doc, []byte("domains")) || bytes.Contains(doc, []byte(`\u`)) {
		return []string{"RecordingInsights.Domain"}
	}
	return nil
}
