package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// memory is telemetry that can be looked at.
func memory() (*telemetry, *tracetest.InMemoryExporter, *sdkmetric.ManualReader) {
	spans, readings := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()
	return connect(spans, readings), spans, readings
}

// secrets are parts of what is in credentials, query strings and bodies, and in the
// URLs of files.
func secrets() []string {
	return []string{
		ringsensetest.ClientSecret, ringsensetest.UserJWT, vonageinsightstest.APIKey, "Bearer", "Basic ", "access_token", "fake-access",
		caller, "from_date", "session_start_time", "sessions?", "token=", ".fake", "audio", "recording.wav", "organization_", "sound", "Priya", "assertion",
	}
}

func found(text string) (list []string) {
	for _, secret := range secrets() {
		if strings.Contains(text, secret) {
			list = append(list, secret)
		}
	}
	return list
}

func checkNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, secret := range found(text) {
		t.Errorf("%q is in %s", secret, text)
	}
}

// seenSpan is a span as far as it can be told beforehand.
type seenSpan struct {
	Name, Parent string
	Status       codes.Code
	Attributes   string
	Events       []string
}

func seen(spans tracetest.SpanStubs) []seenSpan {
	var all []seenSpan
	names := make(map[string]string)
	for _, span := range spans {
		names[span.SpanContext.SpanID().String()] = span.Name
	}
	for _, span := range spans {
		one := seenSpan{span.Name, names[span.Parent.SpanID().String()], span.Status.Code, list(span.Attributes), nil}
		for _, event := range span.Events {
			one.Events = append(one.Events, event.Name+" "+list(event.Attributes))
		}
		all = append(all, one)
	}
	return all
}

// TestSpans: each request is a span below that of its job, which has an event for
// each call. The waits are exact on the clock of synctest.
func TestSpans(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tel, spans, _ := memory()
		if err := errors.Join(callAll(t.Context(), tel), tel.traces.ForceFlush(t.Context())); err != nil {
			t.Fatal(err)
		}
		got := spans.GetSpans()
		_ = tel.finish(t.Context())
		const (
			ringCentral = " network.protocol.version=1.1 server.address=platform.ringcentral.com url.full=https://platform.ringcentral.com"
			studio      = " network.protocol.version=1.1 server.address=studio-api-eu.ai.vonage.com url.full=https://studio-api-eu.ai.vonage.com/insights/sessions"
			record      = "/ai/ringsense/v1/public/accounts/~/domains/pbx/records/3104417225019/insights"
			limits      = ` http.response.header.x-rate-limit-window=["60"]`
			light       = `http.response.header.x-rate-limit-group=["light"] http.response.header.x-rate-limit-limit=["50"] http.response.header.x-rate-limit-remaining=`
			call        = "callinsights.call callinsights.attempts="
		)
		want := []seenSpan{
			{"POST", "", codes.Unset, `http.request.method=POST http.response.header.x-rate-limit-group=["auth"]` +
				` http.response.header.x-rate-limit-limit=["5"] http.response.header.x-rate-limit-remaining=["4"]` + limits +
				" http.response.status_code=200" + ringCentral + "/restapi/oauth/token", nil},
			{"GET", "read a call", codes.Error, `error.type=429 http.request.method=GET http.response.header.retry-after=["1"] ` +
				light + `["49"]` + limits + " http.response.status_code=429" + ringCentral + record, nil},
			{"GET", "read a call", codes.Unset, "http.request.method=GET " + light + `["48"]` + limits +
				" http.response.status_code=200" + ringCentral + record, nil},
			{"read a call", "", codes.Unset, "", []string{call + "2 callinsights.duration=1 callinsights.operation=RecordingInsights" +
				" callinsights.request_id=fake-request-3 callinsights.vendor=ringsense http.response.status_code=200"}},
			{"GET", "search sessions", codes.Unset, "http.request.method=GET http.response.status_code=200" + studio, nil},
			{"GET", "search sessions", codes.Unset, "http.request.method=GET http.response.status_code=200" +
				" network.protocol.version=1.1 server.address=vonage.test url.full=https://vonage.test", nil},
			{"search sessions", "", codes.Unset, "", []string{
				call + "1 callinsights.duration=0 callinsights.operation=Search callinsights.vendor=vonageinsights http.response.status_code=200",
				call + "1 callinsights.duration=0 callinsights.operation=DownloadRecording callinsights.vendor=vonageinsights http.response.status_code=200",
			}},
			{"GET", "look for a session that is gone", codes.Error, "error.type=404 http.request.method=GET http.response.status_code=404" +
				studio + "/3f9a1c52-7d0e-4b8a-9a51-000000000000/parameters", nil},
			{"look for a session that is gone", "", codes.Unset, "", []string{call + "1 callinsights.duration=0 callinsights.operation=Session" +
				" callinsights.vendor=vonageinsights error.type=not_found http.response.status_code=404"}},
			{"GET", "fetch a recording", codes.Unset, "http.request.method=GET http.response.status_code=200" +
				" network.protocol.version=1.1 server.address=files.whippy.test url.full=https://files.whippy.test", nil},
			{"fetch a recording", "", codes.Unset, "", []string{call + "1 callinsights.duration=0 callinsights.operation=Download" +
				" callinsights.vendor=whippy http.response.status_code=200"}},
		}
		if diff := cmp.Diff(want, seen(got)); diff != "" {
			t.Errorf("spans (-want +got):\n%s", diff)
		}
		checkNoSecret(t, asText(t, got))
	})
}

// TestMetrics: what the metrics say of the same calls.
func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tel, _, readings := memory()
		var all metricdata.ResourceMetrics
		if err := errors.Join(callAll(t.Context(), tel), readings.Collect(t.Context(), &all), tel.finish(t.Context())); err != nil {
			t.Fatal(err)
		}
		var printed strings.Builder
		if err := (metricPrinter{&printed}).Export(t.Context(), &all); err != nil {
			t.Fatal(err)
		}
		var got []string
		for line := range strings.Lines(printed.String()) {
			if strings.HasPrefix(line, "callinsights.") {
				got = append(got, strings.TrimSpace(line))
			}
		}
		const vonage = "callinsights.vendor=vonageinsights"
		want := []string{
			"callinsights.call.duration  1 of 0.000 s in all  callinsights.operation=Download callinsights.vendor=whippy http.response.status_code=200",
			"callinsights.call.duration  1 of 0.000 s in all  callinsights.operation=DownloadRecording " + vonage + " http.response.status_code=200",
			"callinsights.call.duration  1 of 0.000 s in all  callinsights.operation=Search " + vonage + " http.response.status_code=200",
			"callinsights.call.duration  1 of 0.000 s in all  callinsights.operation=Session " + vonage + " error.type=not_found http.response.status_code=404",
			"callinsights.call.duration  1 of 0.000 s in all  callinsights.operation=Token callinsights.vendor=ringsense http.response.status_code=200",
			"callinsights.call.duration  1 of 1.000 s in all  callinsights.operation=RecordingInsights callinsights.vendor=ringsense http.response.status_code=200",
			"callinsights.call.resends  0  callinsights.operation=Download callinsights.vendor=whippy",
			"callinsights.call.resends  0  callinsights.operation=DownloadRecording " + vonage,
			"callinsights.call.resends  0  callinsights.operation=Search " + vonage,
			"callinsights.call.resends  0  callinsights.operation=Session " + vonage,
			"callinsights.call.resends  0  callinsights.operation=Token callinsights.vendor=ringsense",
			"callinsights.call.resends  1  callinsights.operation=RecordingInsights callinsights.vendor=ringsense",
			"callinsights.rate_limit.remaining  4  callinsights.rate_limit.group=auth callinsights.vendor=ringsense",
			"callinsights.rate_limit.remaining  48  callinsights.rate_limit.group=light callinsights.vendor=ringsense",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("metrics (-want +got):\n%s", diff)
		}
		checkNoSecret(t, asText(t, all))
	})
}

// asText has everything there is to know of v.
func asText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), `\u0026`, "&")
}

// TestUnmasked: without the mask secrets are found, so that the search for them would
// find what the mask lets through.
func TestUnmasked(t *testing.T) {
	t.Parallel()
	fakes, err := newFakes()
	if err != nil {
		t.Fatal(err)
	}
	tel, spans, _ := memory()
	bare := &http.Client{Transport: otelhttp.NewTransport(fakes, otelhttp.WithTracerProvider(tel.traces))}
	for _, url := range []string{
		"https://studio-api-eu.ai.vonage.com/insights/sessions?from_date=2026-10-01&query=" + caller,
		"https://files.whippy.test/organization_1/recording.wav",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := bare.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
	}
	if err := tel.traces.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{caller, "from_date", "sessions?", "recording.wav", "organization_"}
	if diff := cmp.Diff(want, found(asText(t, spans.GetSpans()))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_ = tel.finish(t.Context())
}

// TestSentAsIs: the request that goes out has its URL and no header of ours, and its
// sender's is as it was.
func TestSentAsIs(t *testing.T) {
	t.Parallel()
	var got *http.Request
	refusal := errors.New("no network")
	tel, _, _ := memory()
	client := newHTTPClient(roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r
		return nil, refusal
	}), tel.traces, tel.metrics)
	const url = "https://example.com/a%2Fb?c=d"
	ctx, span := tel.traces.Tracer("test").Start(t.Context(), "job")
	defer span.End()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := client.Do(request); !errors.Is(err, refusal) {
		_ = answer.Body.Close()
		t.Fatalf("got %v", err)
	}
	if got.URL.String() != url || len(got.Header) > 0 || request.URL.String() != url {
		t.Errorf("sent %s with %v, for %s", got.URL, got.Header, request.URL)
	}
	_ = tel.finish(context.WithoutCancel(t.Context()))
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
