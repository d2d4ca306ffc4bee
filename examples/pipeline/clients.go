package main

import (
	"cmp"
	"fmt"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// ringSenseClient makes a client with the credentials in the environment, nil
// without any.
func ringSenseClient(getenv func(string) string, base string) (*ringsense.Client, error) {
	assertion := getenv("RC_USER_JWT")
	if assertion == "" {
		return nil, nil
	}
	options := []ringsense.Option{ringsense.WithUserAgent(programName)}
	if base != "" {
		options = append(options, ringsense.WithBaseURL(base))
	}
	client, err := ringsense.NewClient(ringsense.JWT(getenv("RC_APP_CLIENT_ID"), getenv("RC_APP_CLIENT_SECRET"), assertion), options...)
	if err != nil {
		return nil, fmt.Errorf("%w (see RC_APP_CLIENT_ID, RC_APP_CLIENT_SECRET, RC_USER_JWT and -ringsense)", err)
	}
	return client, nil
}

// vonageClient makes a client with the key in the environment, nil without one.
func vonageClient(getenv func(string) string, base, region string) (*vonageinsights.Client, error) {
	key := getenv("VONAGE_AI_STUDIO_KEY")
	if key == "" {
		return nil, nil
	}
	options := []vonageinsights.Option{vonageinsights.WithUserAgent(programName)}
	if base != "" {
		options = append(options, vonageinsights.WithBaseURL(base))
	}
	client, err := vonageinsights.NewClient(key, vonageinsights.Region(cmp.Or(region, getenv("VONAGE_AI_STUDIO_REGION"))), options...)
	if err != nil {
		return nil, fmt.Errorf("%w (see VONAGE_AI_STUDIO_KEY, VONAGE_AI_STUDIO_REGION, -region and -vonage)", err)
	}
	return client, nil
}
