package vonageinsights_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
)

func TestFilterAppendText(t *testing.T) {
	t.Parallel()
	ended, spam, refund := field.Status.Is("ended"), field.FlowDataCollectedTagsTag.Is("spam"), field.TranscriptionClient.Matches("refund")
	tests := map[string]struct {
		filter vonageinsights.Filter
		want   string
	}{
		"none":     {vonageinsights.Filter{}, `{}`},
		"empty":    {vonageinsights.Filter{Must: []field.Clause{}}, `{}`},
		"must":     {vonageinsights.Where(ended), `{"must":[{"term":{"status":"ended"}}]}`},
		"must not": {vonageinsights.Where().Not(spam), `{"must_not":[{"term":{"flow_data.collected_tags.tag":"spam"}}]}`},
		"should": {
			vonageinsights.Where().Any(ended, refund),
			`{"should":[{"term":{"status":"ended"}},{"match":{"transcription.client":"refund"}}]}`,
		},
		"all": {
			vonageinsights.Where(ended).Not(spam).Any(refund),
			`{"must":[{"term":{"status":"ended"}}],"must_not":[{"term":{"flow_data.collected_tags.tag":"spam"}}],` +
				`"should":[{"match":{"transcription.client":"refund"}}]}`,
		},
		"one after the other": {
			vonageinsights.Where().Any(refund).Not(spam).Any(ended),
			`{"must_not":[{"term":{"flow_data.collected_tags.tag":"spam"}}],` +
				`"should":[{"match":{"transcription.client":"refund"}},{"term":{"status":"ended"}}]}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.filter.AppendText([]byte("before "))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("before "+test.want, string(got)); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFilterAppendTextRefuses(t *testing.T) {
	t.Parallel()
	filter := vonageinsights.Where(field.ID.Is("7")).Any(field.ID.Is("8"), field.Clause{})
	const want = "the filter's should[1]: the clause is empty; make one with a field's Is or Matches, or with Raw"
	if _, err := filter.AppendText(nil); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
