package main

import (
	"context"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/ringsense"
)

// connect makes a client for the real service, or for a fake.
func connect(s settings) (*ringsense.Client, error) {
	if !s.live {
		server, err := demo.RingSense()
		if err != nil {
			return nil, err
		}
		return server.Client(), nil
	}
	auth, err := ringsense.JWTFromEnv()
	if err != nil {
		return nil, err
	}
	opts := []ringsense.Option{ringsense.WithUserAgent("ringsense-transcript")}
	if s.url != "" {
		opts = append(opts, ringsense.WithBaseURL(s.url))
	}
	return ringsense.NewClient(auth, opts...)
}

// fetch returns the recording, or those of the session.
func fetch(ctx context.Context, client *ringsense.Client, s settings) ([]*ringsense.RecordingInsights, error) {
	domain := ringsense.InDomain(s.domain)
	if s.session != "" {
		session, err := client.SessionInsights(ctx, s.session, domain)
		if err != nil {
			return nil, err
		}
		return session.Records, nil
	}
	ask := client.RecordingInsights
	if s.wait > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.wait)
		defer cancel()
		ask = client.WaitRecordingInsights
	}
	record, err := ask(ctx, s.recording, domain)
	if err != nil {
		return nil, err
	}
	return []*ringsense.RecordingInsights{record}, nil
}
