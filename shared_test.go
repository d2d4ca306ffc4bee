package callinsights_test

import (
	"testing"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/whippy"
)

// TestSharedErrors: the packages have the module's errors, not their own.
func TestSharedErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		want   error
		shared []error
	}{
		"ErrInvalidRequest":  {callinsights.ErrInvalidRequest, []error{ringsense.ErrInvalidRequest, vonageinsights.ErrInvalidRequest, whippy.ErrInvalidRequest}},
		"ErrUnauthorized":    {callinsights.ErrUnauthorized, []error{ringsense.ErrUnauthorized, vonageinsights.ErrUnauthorized, whippy.ErrUnauthorized}},
		"ErrForbidden":       {callinsights.ErrForbidden, []error{ringsense.ErrForbidden, vonageinsights.ErrForbidden, whippy.ErrForbidden}},
		"ErrNotFound":        {callinsights.ErrNotFound, []error{ringsense.ErrNotFound, vonageinsights.ErrNotFound, whippy.ErrNotFound}},
		"ErrRateLimited":     {callinsights.ErrRateLimited, []error{ringsense.ErrRateLimited, vonageinsights.ErrRateLimited, whippy.ErrRateLimited}},
		"ErrUnavailable":     {callinsights.ErrUnavailable, []error{ringsense.ErrUnavailable, vonageinsights.ErrUnavailable, whippy.ErrUnavailable}},
		"ErrInvalidResponse": {callinsights.ErrInvalidResponse, []error{ringsense.ErrInvalidResponse, vonageinsights.ErrInvalidResponse, whippy.ErrInvalidResponse}},
		"ErrBusy":            {callinsights.ErrBusy, []error{ringsense.ErrBusy, whippy.ErrBusy}},
		"ErrClaimLost":       {callinsights.ErrClaimLost, []error{ringsense.ErrClaimLost, whippy.ErrClaimLost}},
	} {
		for i, err := range test.shared {
			if err != test.want { //nolint:errorlint // the same value is the point
				t.Errorf("%s: the package at place %d has another value than the module", name, i)
			}
		}
	}
}
