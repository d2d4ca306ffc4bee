package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// services are the two that are called; Whippy calls us.
type services struct {
	ringsense *ringsense.Client
	record    string // id of the recording to fetch
	vonage    *vonageinsights.Client
	from, to  time.Time // the month to search
	mayDelete bool      // never in a real account
}

// startFakes takes fakes of both services, with a few believable calls.
func startFakes() (services, error) {
	rc, err := demo.RingSense()
	if err != nil {
		return services{}, err
	}
	studio, err := demo.Studio()
	if err != nil {
		return services{}, err
	}
	from, to := vonageinsights.Days(
		time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, time.October, 31, 0, 0, 0, 0, time.UTC),
	)
	return services{
		ringsense: rc.Client(), record: demo.RecordingID,
		vonage: studio.Client(), from: from, to: to, mayDelete: true,
	}, nil
}

// dialServices makes clients for the real services. No request is sent yet.
func dialServices(record string) (services, error) {
	if record == "" {
		return services{}, errors.New("-live needs -recording ID, the id of a recording from your call log")
	}
	auth, err := ringsense.JWTFromEnv()
	if err != nil {
		return services{}, err
	}
	rc, err := ringsense.NewClient(auth)
	if err != nil {
		return services{}, err
	}
	key, region := os.Getenv("VONAGE_AI_STUDIO_KEY"), os.Getenv("VONAGE_AI_STUDIO_REGION")
	if key == "" || region == "" {
		return services{}, errors.New("set VONAGE_AI_STUDIO_KEY and VONAGE_AI_STUDIO_REGION (eu or us)")
	}
	studio, err := vonageinsights.NewClient(key, vonageinsights.Region(region))
	if err != nil {
		return services{}, fmt.Errorf("%w (see VONAGE_AI_STUDIO_KEY and VONAGE_AI_STUDIO_REGION)", err)
	}
	now := time.Now()
	return services{ringsense: rc, record: record, vonage: studio, from: now.AddDate(0, 0, -30), to: now}, nil
}
