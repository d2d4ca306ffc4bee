package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// TestSubscribe: what RingSense sends to the subscription gets into the stream, and
// the subscription stays when the program ends.
func TestSubscribe(t *testing.T) {
	t.Parallel()
	s := openStream(t, nil)
	address := serve(t, s) + "/ringsense"
	fake := ringsensetest.NewServer()
	fake.SetDelivery(&http.Transport{DisableKeepAlives: true})
	service := httptest.NewServer(fake)
	t.Cleanup(service.Close)
	env := map[string]string{
		"RC_APP_CLIENT_ID": ringsensetest.ClientID, "RC_APP_CLIENT_SECRET": ringsensetest.ClientSecret, "RC_USER_JWT": ringsensetest.UserJWT,
		ringSenseVariable: testToken + " another-token-of-26-letters",
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var stdout, stderr bytes.Buffer
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"subscribe", "-address", address, "-ringsense", service.URL}, func(name string) string { return env[name] }, &stdout, &stderr)
	}()
	for len(fake.Subscriptions()) == 0 {
		select {
		case err := <-ended:
			t.Fatalf("%v\n%s", err, stderr.String())
		default:
			pause(t.Context(), 1)
		}
	}
	deliveries, err := fake.Deliver(t.Context(), ringsensetest.EventPayload(recordingNo(1, 0)))
	if err != nil || len(deliveries) != 1 || deliveries[0].Err != nil {
		t.Fatalf("got %+v, %v", deliveries, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := len(fake.Subscriptions()); n != 1 {
		t.Errorf("%d subscriptions are left", n)
	}
	if got := messages(t, s); len(got) != 1 {
		t.Errorf("%d messages are in the stream", len(got))
	}
	for _, secret := range env {
		if strings.Contains(stdout.String()+stderr.String(), secret) {
			t.Error("a secret is shown")
		}
	}
}
