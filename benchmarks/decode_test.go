package main

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/benchmarks/plain"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// small are the tables of what is short, with as little work as there can be: each
// variant shows that it does what it is measured at.
func small() []table {
	page, call := pageOf(3), longRecord(5)
	return append(filterTables(1),
		decodeSpeed(page, pageDecoders(), 1),
		decodeSpeed(call, recordDecoders(), 1),
		decodeSpeed(analyzedCall(), eventDecoders(), 1),
		decodeAllocations(page, pageDecoders()),
		keepSpeed(page, 1.1, 1),
		keepSpeed(unknownEverywhere(page), 1.25, 1),
	)
}

func TestSmallTables(t *testing.T) {
	t.Parallel()
	var report strings.Builder
	if err := runReport(t, small(), &report); err != nil {
		t.Fatal(err)
	}
	checkRows(t, small(), report.String())
}

// TestDocuments: they are of the documented shape and of the size that the tables
// speak of, and the unknown members are where they should be.
func TestDocuments(t *testing.T) {
	t.Parallel()
	record := new(ringsense.RecordingInsights)
	text := longRecord(2000).text()
	if err := record.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	if len(record.Extra)+len(record.Insights.Extra) > 0 || len(record.Insights.Transcript) != 2000 || len(record.SpeakerInfo) != 2 {
		t.Errorf("the record has another shape: %.1000s", text)
	}
	if size := len(analyzedCall().text()); size < 2900 || size > 3500 {
		t.Errorf("the event has %d bytes, want about 3200", size)
	}
	page := new(vonageinsights.Page)
	if err := page.UnmarshalJSON(unknownEverywhere(pageOf(2)).text()); err != nil {
		t.Fatal(err)
	}
	for _, s := range page.Sessions {
		step, data := s.FlowPath[0], s.FlowData
		for name, extra := range map[string]int{
			"session": len(s.Extra), "agent": len(s.AgentInformation.Extra), "channel": len(s.ChannelData.Extra),
			"tag count": len(s.TagsList[0].Extra), "parameter": len(s.ParamsList[1].Extra), "flow data": len(data.Extra),
			"tag": len(data.CollectedTags[0].Extra), "step": len(step.Extra), "request": len(step.Request.Extra),
			"response": len(step.Response.Extra), "context": len(step.Context.Extra), "status": len(step.Context.Status.Extra),
		} {
			if extra != 1 {
				t.Errorf("%s: %d unknown members, want 1", name, extra)
			}
		}
	}
}

// TestReportRefusesWrongValues: a decoder that does not decode all of a document
// has no time.
func TestReportRefusesWrongValues(t *testing.T) {
	t.Parallel()
	doc := pageOf(2)
	tests := map[string]struct {
		decode func(text []byte) (any, error)
		want   string
	}{
		"nothing": {func([]byte) (any, error) { return new(plain.Page), nil }, "not what the document says"},
		"less": {func([]byte) (any, error) {
			page := new(vonageinsights.Page)
			err := page.UnmarshalJSON(doc.text())
			page.Sessions[1].FlowPath[5].Context.UserInput = ""
			return page, err
		}, "not what the document says"},
		"an error":    {func([]byte) (any, error) { return nil, io.ErrUnexpectedEOF }, "unexpected EOF"},
		"what cannot": {func([]byte) (any, error) { return func() {}, nil }, "unsupported type"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong := []decoder{{name: "wrong", decode: test.decode}}
			err := runReport(t, []table{decodeSpeed(doc, wrong, 1)}, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestEssence(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"in order":    {`{"b": "x", "a": "y"}`, `{"a":"y","b":"x"}`},
		"empty":       {`{"a": null, "b": "", "c": [], "d": {}, "e": {"f": 0}, "g": false}`, `null`},
		"texts":       {`{"a": 1.5, "b": "1.5", "c": true}`, `{"a":"1.5","b":"1.5","c":"true"}`},
		"lists":       {`[{"a": "x"}, {}, null]`, `[{"a":"x"},null,null]`},
		"large":       {`[12345678901234567890]`, `["12345678901234567890"]`},
		"as it is":    {`{"a": {"b": ["x"]}}`, `{"a":{"b":["x"]}}`},
		"zero as one": {`{"a": "0"}`, `null`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := essence([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("essence (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := essence([]byte(`{"a":`)); err == nil {
		t.Error("what is no JSON has an essence")
	}
}

// TestRetention is not parallel: it measures the memory of the process.
func TestRetention(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	doc := pageOf(20)
	few, err := retained(doc.text(), 4, losslessPage())
	if err != nil {
		t.Fatal(err)
	}
	all, err := retained(doc.text(), 4, decoder{decode: func(text []byte) (any, error) { return text, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if size := float64(len(doc.text())); few < size/40 || few > size/2 || all < size || all > 2*size {
		t.Errorf("one of 20 sessions keeps %.0f bytes, and the page %.0f, of %.0f", few, all, size)
	}
}

func TestAllocationsOf(t *testing.T) { //nolint:paralleltest // it counts the allocations of the process
	var kept []*[64]byte
	got, err := allocationsOf(func() error {
		kept = []*[64]byte{new([64]byte), new([64]byte)}
		return nil
	}, 100)
	if err != nil || got != 3 || len(kept) != 2 {
		t.Errorf("got %v, %v; want 3", got, err)
	}
	if _, err := allocationsOf(func() error { return io.EOF }, 1); err == nil {
		t.Error("work that fails is counted")
	}
}
