package main

import (
	"context"
	"net/http"
	"net/url"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// newHTTPClient returns a client for WithHTTPClient that makes a span and metrics of
// each request: attempts, logins, redirects. It sends no header of its own, as the
// services and the hosts of files have no business with your traces.
//
// Query strings hold what is asked for and sometimes tokens, and otelhttp would put
// them into url.full. So it is shown a request without: see masked.
func newHTTPClient(base http.RoundTripper, traces trace.TracerProvider, metrics metric.MeterProvider) *http.Client {
	return &http.Client{Transport: masked{otelhttp.NewTransport(unmasked{base},
		otelhttp.WithTracerProvider(traces),
		otelhttp.WithMeterProvider(metrics),
		otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator()),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method }),
	)}}
}

// realURL is the key of the URL in the context of a masked request.
type realURL struct{}

// masked hands requests on with the part of their URL that may be seen.
type masked struct{ next http.RoundTripper }

func (m masked) RoundTrip(r *http.Request) (*http.Response, error) {
	shown := r.WithContext(context.WithValue(r.Context(), realURL{}, r.URL))
	shown.URL = visible(r)
	return m.next.RoundTrip(shown)
}

// visible is the URL of a request without its query. That of a file, which is asked
// for without a credential, may open it for anybody: nothing but its host is left.
func visible(r *http.Request) *url.URL {
	u := &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host}
	if r.Header.Get("Authorization") != "" || r.Header.Get("X-Vgai-Key") != "" {
		u.Path, u.RawPath = r.URL.Path, r.URL.RawPath
	}
	return u
}

// unmasked sends masked requests to their real URL.
type unmasked struct{ next http.RoundTripper }

func (u unmasked) RoundTrip(r *http.Request) (*http.Response, error) {
	request := r.WithContext(r.Context())
	request.URL, _ = r.Context().Value(realURL{}).(*url.URL)
	answer, err := u.next.RoundTrip(request)
	if err == nil {
		showLimits(trace.SpanFromContext(r.Context()), answer.Header)
	}
	return answer, err
}

// showLimits adds what an answer says about when to ask again.
func showLimits(span trace.Span, header http.Header) {
	for name, key := range map[string]string{
		"Retry-After":            "retry-after",
		"X-Rate-Limit-Group":     "x-rate-limit-group",
		"X-Rate-Limit-Limit":     "x-rate-limit-limit",
		"X-Rate-Limit-Remaining": "x-rate-limit-remaining",
		"X-Rate-Limit-Window":    "x-rate-limit-window",
	} {
		if values := header.Values(name); len(values) > 0 {
			span.SetAttributes(semconv.HTTPResponseHeader(key, values...))
		}
	}
}
