package whippytest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// TestNoFieldForgotten fails for a field that an edit can set and a payload lacks.
func TestNoFieldForgotten(t *testing.T) {
	t.Parallel()
	want := jsontest.Filled[whippy.Call]()
	event, err := whippy.ParseEvent(whippytest.CallAnalyzed(func(_ *whippy.Event, c *whippy.Call) { *c = *want }))
	if err != nil {
		t.Fatal(err)
	}
	unexported := cmpopts.IgnoreUnexported(whippy.Call{}, whippy.Metadata{}, whippy.Analysis{}, whippy.Attachment{}, whippy.Placeholder{})
	if diff := cmp.Diff(want, event.Data, unexported); diff != "" {
		t.Errorf("a payload differs from the call that it was made of (-want +got):\n%s", diff)
	}
}
